"""A whole class that hands in at the same moment, over real connections."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from leaderboard.database import Database
from leaderboard.tables import Submission, Upload


@dataclass(frozen=True)
class Answer:
    """What one student was answered, and how long after sending."""

    status: int
    body: dict[str, Any]
    seconds: float


def burst(url: str, slug: str, tokens: list[str], files: list[bytes]) -> list[Answer]:
    """Return the answers to one file a student, all sent once every connection stands."""
    host, _, port = url.removeprefix("http://").partition(":")
    requests = [
        _request(host, slug, token, data) for token, data in zip(tokens, files, strict=True)
    ]
    return asyncio.run(_all_at_once(host, int(port), requests))


def missing_or_twice(db: Database, answers: list[Answer]) -> list[str]:
    """Return a sentence for everything that is wrong with what the database kept of a burst."""
    acknowledged = [answer.body["id"] for answer in answers if answer.status == 201]
    with db.read() as session:
        kept = session.execute(
            select(Submission.id, Submission.team_id, Submission.sha256, Submission.standing)
        ).all()
        uploads = set(session.scalars(select(Upload.submission_id)))
    there = {number for number, *_ in kept}
    wrong = [f"submission {number} is lost" for number in acknowledged if number not in there]
    wrong += [f"submission {number} has no file" for number in there - uploads]
    wrong += [f"submission {number} has no score" for number, *_, score in kept if score is None]
    if len({(team, digest) for _, team, digest, _ in kept}) < len(kept):
        wrong.append("a file was scored twice")
    if len(set(acknowledged)) < len(acknowledged):
        wrong.append("a number was given twice")
    return wrong


def _request(host: str, slug: str, token: str, data: bytes) -> bytes:
    body = (
        b'--burst\r\nContent-Disposition: form-data; name="file"; filename="p.txt"\r\n\r\n'
        + data
        + b"\r\n--burst--\r\n"
    )
    head = (
        f"POST /api/v1/competitions/{slug}/submissions HTTP/1.1\r\nHost: {host}\r\n"
        f"Authorization: Bearer {token}\r\nConnection: close\r\n"
        "Content-Type: multipart/form-data; boundary=burst\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _all_at_once(host: str, port: int, requests: list[bytes]) -> list[Answer]:
    opened = [await asyncio.open_connection(host, port) for _ in requests]
    begun = time.perf_counter()  # the same for all: who waits to be sent waits too

    async def one(pair: tuple[asyncio.StreamReader, asyncio.StreamWriter], data: bytes) -> Answer:
        reader, writer = pair
        writer.write(data)
        reply = await reader.read()
        seconds = time.perf_counter() - begun
        writer.close()
        head, _, body = reply.partition(b"\r\n\r\n")
        return Answer(int(head.split()[1]), json.loads(body), seconds)

    return await asyncio.gather(*map(one, opened, requests))
