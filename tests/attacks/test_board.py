"""Rows 34 to 36: attacks on the board, each beside an honest student who loses nothing by it.

The cost of refused requests is counted in ``tests/classroom/web/http/test_refusals.py`` and
``test_connections.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from classroom.people.tokens import new_token
from classroom.storage.database import Database
from classroom.web.http.settings import Rate, Settings
from tests.classroom import hostile
from tests.classroom.asgi import endless, exchange
from tests.classroom.browsing import Browser
from tests.classroom.world import FREE, PICTURES, SLUG, World, assert_problem, file_with

RIGHT = file_with(np.ones(PICTURES, bool))
BETTER = file_with(np.arange(PICTURES) < 30, variant=1)
API = f"/api/v1/competitions/{SLUG}/submissions"
FORM = "multipart/form-data; boundary=b"
FEW = Rate(burst=3, per_second=0.01)
FILES = hostile.files(RIGHT, size=1 << 18)
BODIES = hostile.multiparts(size=1 << 18)


@pytest.fixture
def board(tmp_path: Path) -> Iterator[World]:
    """A board that has little patience with wrong tokens and busy addresses."""
    settings = Settings(board_age_s=0, token=FREE, address=FEW, failed_tokens=FEW)
    with Database(f"sqlite:///{tmp_path / 'board.db'}") as database:
        world = World(database, settings)
        world.competition(daily_limit=10)
        yield world


@pytest.fixture
def honest(board: World) -> Iterator[str]:
    """The token of a student who hands in before the attack and, better, after it."""
    token = board.student("honest")
    first = board.taken(token, BETTER)
    yield token
    receipt = board.taken(token, RIGHT)
    assert (receipt["verdict"], receipt["status"]) == ("better", "scored"), receipt
    assert receipt["id"] > first["id"]


# -- row 34: refused requests ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "token", ["", "wrong", "x" * 43, "é; x"], ids=["none", "short", "long", "odd"]
)
@pytest.mark.parametrize("kind", [FORM, "application/json", "application/x-www-form-urlencoded"])
def test_a_body_without_a_right_token_is_not_read(
    board: World, honest: str, token: str, kind: str
) -> None:
    sent = {"authorization": f"Bearer {token}"} if token else {}
    done = exchange(
        board.app, "POST", API, endless(b"x" * 65_536),
        content_type=kind, content_length="1500000000", **sent,
    )  # fmt: skip
    assert (done.status, done.reads) == (401, 0)


@pytest.mark.parametrize("what", FILES)
def test_a_bad_file_costs_its_sender_no_attempt_and_nobody_else_anything(
    board: World, honest: str, what: str
) -> None:
    attacker = board.student("attacker")
    reply = board.submit(attacker, FILES[what])
    assert reply.status_code in (413, 415, 422), reply.text
    assert len(reply.content) < 40_000
    assert board.taken(attacker, RIGHT)["status"] == "scored"


@pytest.mark.parametrize("what", BODIES)
def test_a_bad_multipart_body_is_refused(board: World, honest: str, what: str) -> None:
    kind, body = BODIES[what]
    attacker = board.student("attacker")
    headers = {"authorization": f"Bearer {attacker}", "content-type": kind}
    reply = board.client.post(API, content=body, headers=headers)
    assert 400 <= reply.status_code < 500, reply.text
    assert len(reply.content) < 40_000


# -- row 35: wrong tokens from a shared address ----------------------------------------------------


def by_the_api(board: World) -> None:
    board.get("/submissions/mine", new_token())


def by_malformed_tokens(board: World) -> None:
    board.get("/submissions/mine", "wrong")


def by_uploads(board: World) -> None:
    board.submit(new_token(), RIGHT)


def by_the_form(board: World) -> None:
    Browser(board).sign_in(new_token())


def by_pages(board: World) -> None:
    Browser(board).get()
    board.get("/leaderboard")


@pytest.mark.parametrize(
    "attack", [by_the_api, by_malformed_tokens, by_uploads, by_the_form, by_pages]
)
def test_wrong_tokens_of_an_address_lock_out_no_right_one(
    board: World, honest: str, attack: Callable[[World], None]
) -> None:
    for _ in range(30):
        attack(board)
    assert board.get("/submissions/mine", honest).status_code == 200
    browser = Browser(board)
    assert "Name of honest" in browser.sign_in(honest).text
    newcomer = board.student("newcomer")
    assert board.taken(newcomer, RIGHT)["status"] == "scored"
    assert Browser(board).sign_in(newcomer).status == 200


# -- row 36: files that were not better ------------------------------------------------------------


@pytest.mark.parametrize("right", [0, 10, 29])
def test_a_file_that_was_not_better_has_no_score_and_is_no_final_in_silence(
    board: World, honest: str, right: int
) -> None:
    worse = board.taken(honest, file_with(np.arange(PICTURES) < right, variant=2))
    assert worse["verdict"] == "not better"
    mine = board.get("/submissions/mine", honest).json()["submissions"]
    (shown,) = [one for one in mine if one["id"] == worse["id"]]
    assert (shown["verdict"], shown["public_score"]) == ("not better", None)
    chosen = board.put("/submissions/final", honest, {"ids": [worse["id"]]}).json()
    assert f"Submission {worse['id']} was not better" in chosen["warnings"][0]
    assert_problem(board.put("/submissions/final", honest, {"ids": [10**9]}), 422)
    board.put("/submissions/final", honest, {"ids": []})
