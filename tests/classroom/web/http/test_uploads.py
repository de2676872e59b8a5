"""Junk of every kind, bounded while it streams."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select

from classroom.storage.tables import Submission
from classroom.web.http.settings import Settings
from tests.classroom.world import (
    FREE,
    PICTURES,
    SLUG,
    World,
    assert_problem,
    bearer,
    file_with,
)

GOOD = file_with(np.ones(PICTURES, bool))
PATH = f"/api/v1/competitions/{SLUG}/submissions"
SMALL = Settings(
    max_upload_bytes=20_000, upload_timeout_s=0.05, token=FREE, address=FREE, failed_tokens=FREE
)


@pytest.fixture
def token(small_world: World) -> str:
    small_world.competition()
    return small_world.student()


def form(body: bytes, kind: str = "multipart/form-data; boundary=b") -> dict[str, Any]:
    return {"content": body, "headers": {"Content-Type": kind}}


def part(head: str, body: bytes) -> bytes:
    return b"--b\r\n" + head.encode() + b"\r\n\r\n" + body + b"\r\n"


FILE = 'Content-Disposition: form-data; name="file"; filename="p.txt"'
END = b"--b--\r\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (form(GOOD, "text/plain"), 415),
        (form(GOOD, ""), 415),
        (form(b'{"file": 1}', "application/json"), 415),
        (form(b"file=1", "application/x-www-form-urlencoded"), 415),
        (form(b"", "multipart/form-data"), 422),
        (form(b""), 422),
        (form(b"\x00" * 1000), 422),
        (form(END), 422),
        (form(part(FILE, GOOD)), 422),  # the end is missing: the connection may have broken
        (form(part(FILE, GOOD)[:-500]), 422),
        (form(part(FILE, GOOD) * 2 + END), 422),
        (form(part('Content-Disposition: form-data; name="file"', GOOD) + END), 422),
        (form(part('Content-Disposition: form-data; name="data"; filename="p"', GOOD) + END), 422),
        (form(part("Content-Disposition: form-data", GOOD) + END), 422),
        (form(part("X: y", GOOD) + END), 422),
        (form(part(FILE, b"") + END), 422),
        (form(part(FILE, b"PK\x03\x04" + bytes(2000)) + END), 422),
        (form(part(FILE, GOOD.decode().encode("utf-16")) + END), 422),
        (form(part(FILE, b"\xff\xfe" * 50) + END), 422),
        (form(part(FILE, b"," * 5000) + END), 422),
        (form(part(FILE, b"\x00" * 5000) + END), 422),
        (form(part(FILE, GOOD) + END, "multipart/form-data; boundary=b; charset=hex"), 201),
        (form(part(FILE.replace("p.txt", "\\x00\u202e\U0001f438"), GOOD) + END), 201),
        (form(part('Content-Disposition: form-data; name="note"', b"hi") + part(FILE, GOOD) + END),
         201),
    ],
)  # fmt: skip
def test_junk_is_refused_in_words_and_a_file_is_taken(
    small_world: World, token: str, request_: dict[str, Any], status: int
) -> None:
    request_["headers"] |= bearer(token)
    reply = small_world.client.post(PATH, **request_)
    if status == 201:
        assert reply.status_code == 201, reply.text
        return
    body = assert_problem(reply, status)
    if status == 422:
        assert body["errors"]
    assert small_world.board() == []


def test_a_file_name_is_kept_in_a_form_that_is_safe_to_show(small_world: World, token: str) -> None:
    small_world.submit(token, GOOD, name="\u202egood\x1b[31m" + "x" * 500)
    (one,) = small_world.get("/submissions/mine", token).json()["submissions"]
    assert one["file_name"].startswith("?good")
    assert one["file_name"].isprintable()
    assert len(one["file_name"]) == 200


def call(world: World, token: str, messages: list[dict[str, Any]], **headers: str) -> int:
    """Send a request message by message; return the status."""
    statuses: list[int] = []
    head = {"content-type": "multipart/form-data; boundary=b", **bearer(token), **headers}

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop(0)
        await asyncio.Event().wait()  # the sender sends nothing more, and does not go away
        raise AssertionError

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http", "method": "POST", "path": PATH, "raw_path": PATH.encode(),
        "query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1",
        "headers": [(k.lower().encode(), v.encode()) for k, v in head.items()],
        "client": ("127.0.0.1", 1), "server": ("testserver", 80),
    }  # fmt: skip
    asyncio.run(world.app(scope, receive, send))  # type: ignore[arg-type]
    (status,) = statuses
    return status


def test_a_large_body_is_refused_before_it_is_read(small_world: World) -> None:
    world = World(small_world.db, SMALL)
    world.competition()
    token = world.student()
    messages = [{"type": "http.request", "body": b"x" * 1000, "more_body": True}]
    assert call(world, token, messages, **{"content-length": "50000000"}) == 413
    assert len(messages) == 1, "nothing was read"


def test_a_large_body_without_a_stated_length_is_refused_while_it_streams(
    small_world: World,
) -> None:
    world = World(small_world.db, SMALL)
    world.competition()
    token = world.student()
    start = part(FILE, b"")[:-2]
    chunks = [start] + [b"x" * 1000] * 5000
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks
    ]
    assert call(world, token, messages) == 413
    assert len(messages) > 4900, "reading stopped soon after the limit"


def test_a_file_just_above_the_limit_is_refused(small_world: World) -> None:
    world = World(small_world.db, SMALL)
    world.competition()
    body = assert_problem(world.submit(world.student(), b"x" * 20_001), 413)
    assert body["detail"] == "A file of predictions has at most 20000 bytes."


def test_an_upload_that_does_not_end_is_given_up(small_world: World) -> None:
    world = World(small_world.db, SMALL)
    world.competition()
    token = world.student()
    messages = [{"type": "http.request", "body": part(FILE, GOOD)[:50], "more_body": True}]
    assert call(world, token, messages) == 408


def test_a_connection_that_ends_early_leaves_nothing(
    small_world: World, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        messages: list[dict[str, Any]] = [
            {"type": "http.request", "body": part(FILE, GOOD)[:900], "more_body": True},
            {"type": "http.disconnect"},
        ]
        assert call(small_world, token, messages) == 400
    assert caplog.text == ""
    with small_world.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Submission)) == 0
