"""A refused request costs little: bytes, pieces and steps are counted."""

from __future__ import annotations

import asyncio
import re
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import chain
from types import FrameType
from typing import Any

import numpy as np
import pytest
import python_multipart.multipart as parser
from fastapi.routing import APIRoute
from sqlalchemy import func, select

from classroom.board.rules import predictions
from classroom.board.rules.form import Form
from classroom.board.rules.predictions import SPARE_WORK, read_predictions
from classroom.storage.tables import Submission
from classroom.web.http import uploads
from classroom.web.http.bodies import PIECE_BYTES, PIECES
from classroom.web.http.settings import Rate, Settings
from classroom.web.pages.visitors import cookie_of
from tests.classroom import hostile
from tests.classroom.asgi import Exchange, endless, exchange, exchanged, pieces_of
from tests.classroom.browsing import Browser
from tests.classroom.world import (
    FREE,
    PICTURES,
    SLUG,
    World,
    assert_problem,
    bearer,
    file_with,
    text_of,
)

GOOD = file_with(np.ones(PICTURES, bool))
API = f"/api/v1/competitions/{SLUG}"
KIND = "multipart/form-data; boundary=b"
FORM_KIND = "application/x-www-form-urlencoded"
NOBODYS = "x" * 43  # a token by its form
Step = Callable[[], object]


def steps(work: Step, *modules: Any) -> int:
    """How many lines of these modules run."""
    files = {module.__file__ for module in modules}
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        if frame.f_code.co_filename not in files:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def peak(work: Step) -> int:
    """How many bytes are held at once, at most."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# The file


MANY = tuple(f"test/{number:08d}.jpg" for number in range(1, 1001))
FORM = Form(MANY, 300)
LONG = text_of((np.arange(1000)[:, None] + np.arange(5)) % 10, MANY)
FILES = hostile.files(LONG)


@pytest.mark.parametrize("what", FILES)
def test_a_bad_file_is_read_in_bounded_steps_and_memory(what: str) -> None:
    data = FILES[what]
    read_predictions(LONG, FORM)  # fills the caches of a competition

    def read() -> None:
        reading = read_predictions(data, FORM)
        assert reading.guesses is None
        assert 1 <= len(reading.problems) <= 100
        assert all(len(one.detail) < 200 for one in reading.problems)

    assert steps(read, predictions) < 150 * (len(MANY) + SPARE_WORK)
    assert peak(read) < 6 * hostile.SIZE


def test_twice_the_line_costs_no_more_than_twice_the_steps() -> None:
    def cost(size: int) -> int:
        data = LONG + MANY[0].encode() + b" " + hostile.filled("1 2 3 ", size)
        return steps(lambda: read_predictions(data, FORM), predictions)

    assert cost(900) <= 2 * cost(450)
    assert cost(2**20) <= cost(900)


def test_a_right_file_in_odd_spellings_is_taken_however_large() -> None:
    random = np.random.default_rng(1)
    rows = (random.integers(0, 300, 1000)[:, None] + np.arange(5)) % 300
    widths = random.integers(1, 19, rows.shape)
    lines = [
        " ".join([name, *(f"{label:0{width}d}" for label, width in zip(row, wide, strict=True))])
        for name, row, wide in zip(MANY, rows.tolist(), widths.tolist(), strict=True)
    ]
    reading = read_predictions("\n".join(lines).encode(), FORM)
    assert reading.guesses is not None and (reading.guesses == rows).all()


def test_a_file_that_is_not_read_to_its_end_says_more_than(small_world: World) -> None:
    small_world.competition()
    token = small_world.student()
    body = assert_problem(small_world.submit(token, b"x\n" * 100_000), 422)
    assert body["detail"].startswith("The file has more than ")
    assert "the first 100 are listed" in body["detail"]


# The token comes first


def routes(world: World) -> list[APIRoute]:
    """Every route; newer versions of the framework keep included routers as they are."""
    found = []
    for route in world.app.routes:
        inner = getattr(getattr(route, "original_router", None), "routes", [route])
        found += [one for one in inner if isinstance(one, APIRoute)]
    return found


def test_the_framework_reads_no_body_of_any_route(small_world: World) -> None:
    found = routes(small_world)
    assert len(found) > 20
    assert [route.path for route in found if route.body_field is not None] == []


@pytest.mark.parametrize("who", ["nobody", "wrong", "malformed"])
def test_no_byte_of_a_body_is_read_for_who_is_not_known(small_world: World, who: str) -> None:
    small_world.competition()
    secret = {"nobody": "", "wrong": NOBODYS, "malformed": "é; x"}[who]
    headers = {"authorization": f"Bearer {secret}", "cookie": f"leaderboard={secret}"}
    tried = 0
    for route in routes(small_world):
        for method in route.methods or ():
            if route.path == "/sign-in" and method == "POST":
                continue
            for kind in (KIND, FORM_KIND, "application/json"):
                path = route.path.replace("{slug}", SLUG).replace("{number}", "1")
                sent = headers if who != "nobody" else {}
                done = exchange(
                    small_world.app, method, path, endless(b"x" * 65_536),
                    content_type=kind, content_length="1500000000", **sent,
                )  # fmt: skip
                assert done.reads == 0, (method, path)
                assert done.headers["connection"] == "close", (method, path)
                if method != "GET":
                    assert done.status == 401, (method, path)
                tried += 1
    assert tried > 60


def test_the_one_form_that_anybody_may_send_is_small(small_world: World) -> None:
    small_world.competition()
    most = small_world.service.settings.form_bytes
    done = exchange(
        small_world.app, "POST", "/sign-in", endless(b"token=x&" * 100), content_type=FORM_KIND
    )
    assert (done.status, done.size <= most + 800) == (413, True)
    done = exchange(
        small_world.app, "POST", "/sign-in", endless(b"x"),
        content_type=FORM_KIND, content_length=str(most + 1),
    )  # fmt: skip
    assert (done.status, done.reads) == (413, 0)
    world = World(small_world.db, Settings(form_timeout_s=0.01))
    one = iter([{"type": "http.request", "body": b"token=", "more_body": True}])
    assert exchange(world.app, "POST", "/sign-in", one, content_type=FORM_KIND).status == 408


def test_an_answer_to_a_request_that_was_read_keeps_the_connection(small_world: World) -> None:
    small_world.competition()
    token = small_world.student()
    reply = small_world.submit(token, GOOD)
    assert (reply.status_code, reply.headers.get("connection")) == (201, None)
    assert "connection" not in small_world.get("/leaderboard").headers


# Multipart


@pytest.fixture
def known(small_world: World) -> str:
    small_world.competition()
    return small_world.student()


def begun(body: bytes) -> Iterator[Any]:
    """The beginning of a body."""
    yield {"type": "http.request", "body": body, "more_body": True}


def upload(world: World, token: str, body: Iterator[Any], **headers: str) -> Exchange:
    named = {"content_type": KIND, "authorization": f"Bearer {token}"} | headers
    return exchange(world.app, "POST", f"{API}/submissions", body, **named)


@pytest.mark.parametrize("what", hostile.multiparts(100))
def test_a_bad_multipart_body_is_read_in_bounded_steps(
    small_world: World, known: str, what: str
) -> None:
    kind, body = hostile.multiparts()[what]
    done: list[Exchange] = []

    def send() -> None:
        done.append(upload(small_world, known, pieces_of(body), content_type=kind))

    assert steps(send, parser, uploads) < 80_000
    assert done[0].status in (400, 413, 415, 422)
    assert done[0].size <= small_world.service.settings.max_upload_bytes + 2 * 65_536


def test_a_body_in_tiny_pieces_is_given_up(small_world: World, known: str) -> None:
    start = hostile.part(hostile.FILE, b"")[:-2]
    done = upload(small_world, known, chain(begun(start), endless(b"x")))
    assert done.status == 422 and b"too many tiny pieces" in done.body
    assert done.reads == PIECES + 1 + (len(start) + PIECES) // PIECE_BYTES
    many = list(pieces_of(start + GOOD + b"\r\n--b--\r\n", PIECE_BYTES))
    assert upload(small_world, known, iter(many)).status == 201


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, gzip"])
def test_a_compressed_body_is_not_read(small_world: World, known: str, coding: str) -> None:
    done = upload(small_world, known, endless(b"x"), content_encoding=coding)
    assert (done.status, done.reads) == (415, 0)


# Documents


@pytest.mark.parametrize("at", range(len(hostile.DOCUMENTS)))
@pytest.mark.parametrize("path", ["/submissions/final", "/name"])
def test_odd_json_is_refused_in_words(small_world: World, known: str, at: int, path: str) -> None:
    reply = small_world.client.put(
        API + path, content=hostile.DOCUMENTS[at],
        headers={**bearer(known), "content-type": "application/json"},
    )  # fmt: skip
    body = assert_problem(reply, 422)
    assert 1 <= len(body["errors"]) <= 20
    assert len(reply.content) < 20_000


def test_json_is_bounded_and_nothing_else_is_read_as_json(small_world: World, known: str) -> None:
    headers = {"authorization": f"Bearer {known}"}
    for path in ("/submissions/final", "/name"):
        done = exchange(small_world.app, "PUT", API + path, endless(b" " * 9000), **headers)
        assert (done.status, done.reads) == (413, 2)
        for kind in ("text/plain", FORM_KIND, KIND, "application/jsonx"):
            done = exchange(
                small_world.app, "PUT", API + path, endless(b" "), content_type=kind, **headers
            )
            assert (done.status, done.reads) == (415, 0)


def test_a_cookie_is_found_among_thousands(small_world: World) -> None:
    small_world.competition()
    browser = Browser(small_world)
    browser.sign_in(small_world.student("ada"))
    cookie = browser.client.cookies["leaderboard"]
    for sent in (
        f"leaderboard={cookie}",
        "a=b; " * 5000 + f"leaderboard={cookie}; c=d",
        f"xleaderboard=1;leaderboard={cookie};",
    ):
        found = exchange(small_world.app, "GET", f"/c/{SLUG}", iter(()), cookie=sent)
        assert b"Name of ada" in found.body
    assert re.search("cookies", str(cookie_of.__code__.co_names)) is None


def test_a_part_of_an_asset_is_the_whole_asset(small_world: World) -> None:
    page = Browser(small_world).get("/sign-in")
    asset = next(value for _, _, value in page.attributes if "board.css" in value)
    whole = small_world.client.get(asset)
    ranges = ",".join(f"{at}-{at}" for at in range(0, 4000, 2))
    asked = small_world.client.get(asset, headers={"range": f"bytes={ranges}"})
    assert (asked.status_code, asked.content) == (200, whole.content)


def test_a_file_is_marked_as_expected_once_it_is_known_whose_it_is(small_world: World) -> None:
    small_world.competition()
    marks = []

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        await small_world.app(scope, receive, send)
        marks.append(scope.get("state", {}).get("expected", False))

    body = hostile.part(hostile.FILE, GOOD) + b"--b--\r\n"
    for token in (small_world.student(), NOBODYS):
        headers = {"content-type": KIND, "authorization": f"Bearer {token}"}
        asyncio.run(exchanged(watched, "POST", f"{API}/submissions", pieces_of(body), headers))
    assert marks == [True, False]


# Limits of their own


def test_refused_files_have_a_limit_of_their_own_and_the_quota_stays(small_world: World) -> None:
    settings = Settings(
        token=FREE, address=FREE, failed_tokens=FREE, refused_files=Rate(burst=3, per_second=0.1)
    )
    world = World(small_world.db, settings)
    world.competition()
    ada, alan = world.student(team="Duo"), world.student(team="Duo")
    browser = Browser(world)
    browser.sign_in(ada)
    assert_problem(world.submit(ada, b"junk"), 422)
    assert browser.upload(b"junk").status == 422
    assert upload(world, ada, endless(b"x")).status == 422
    for _ in range(2):
        done = upload(world, ada, endless(b"x"))
        assert (done.status, done.reads) == (429, 0), "before anything is read"
        assert done.headers["retry-after"] == "10"
        assert b"Your submissions of today are still there." in done.body
        assert browser.upload(GOOD).status == 429
    assert world.taken(alan, GOOD)["submissions_left_today"] == 2, "a team mate goes on"
    world.ticks += 10
    other = file_with(np.arange(PICTURES) < 30)
    assert world.taken(ada, other)["submissions_left_today"] == 1
    for _ in range(5):
        assert world.taken(ada, other)["status"] == "duplicate"


def test_a_client_that_goes_away_counts_as_refused(small_world: World) -> None:
    settings = Settings(address=FREE, refused_files=Rate(burst=1, per_second=0.1))
    world = World(small_world.db, settings)
    world.competition()
    token = world.student()
    gone = iter([*pieces_of(b"--b\r\n"), {"type": "http.disconnect"}])
    assert upload(world, token, gone).status == 422
    assert upload(world, token, endless(b"x")).status == 429


def test_only_two_files_of_a_student_are_on_their_way_at_once(small_world: World) -> None:
    world = small_world
    world.competition()
    ada, alan = world.student(), world.student()
    body = hostile.part(hostile.FILE, GOOD) + b"--b--\r\n"

    async def at_once() -> list[int]:
        gate = asyncio.Event()

        class Slow(Exchange):
            async def receive(self) -> dict[str, Any]:
                await gate.wait()
                return await super().receive()

        async def send(token: str) -> int:
            headers = {"content-type": KIND, "authorization": f"Bearer {token}"}
            mine = Slow(pieces_of(body))
            scope = {
                "type": "http", "method": "POST", "path": f"{API}/submissions", "raw_path": b"",
                "query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1",
                "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
                "client": ("127.0.0.1", 1), "server": ("testserver", 80),
            }  # fmt: skip
            await world.app(scope, mine.receive, mine.send)  # type: ignore[arg-type]
            return mine.status

        held = [asyncio.create_task(send(ada)) for _ in range(2)]
        while len(world.service.uploads._now) == 0 or sum(world.service.uploads._now.values()) < 2:
            await asyncio.sleep(0)
        third = await exchanged(
            world.app, "POST", f"{API}/submissions", endless(b"x"),
            {"content-type": KIND, "authorization": f"Bearer {ada}"},
        )  # fmt: skip
        other = asyncio.create_task(send(alan))
        gate.set()
        statuses = [await task for task in (*held, other)]
        return [third.status, third.reads, *statuses]

    assert asyncio.run(at_once()) == [429, 0, 201, 201, 201]
    assert not world.service.uploads._now
    assert world.taken(ada, GOOD)["status"] == "duplicate"


def test_a_client_that_leaves_takes_no_thread(small_world: World) -> None:
    world = small_world
    world.competition()
    token = world.student()
    body = hostile.part(hostile.FILE, GOOD) + b"--b--\r\n"

    async def leave() -> list[int]:
        limiter = world.service.scoring
        holders = [object() for _ in range(int(limiter.total_tokens))]
        for holder in holders:
            await limiter.acquire_on_behalf_of(holder)
        gone = [*pieces_of(body), {"type": "http.disconnect"}]
        headers = {"content-type": KIND, "authorization": f"Bearer {token}"}
        done = await exchanged(world.app, "POST", f"{API}/submissions", gone, headers)
        waiting = limiter.statistics().tasks_waiting
        for holder in holders:
            limiter.release_on_behalf_of(holder)
        return [done.status, waiting, limiter.statistics().borrowed_tokens]

    assert asyncio.run(leave()) == [400, 0, 0]
    with world.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Submission)) == 0
    assert world.taken(token, GOOD)["status"] == "scored"
