"""A right token always works, however many wrong ones come from the same address."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy.orm import Session

from classroom.errors import Refused, TooMany
from classroom.people.tokens import is_token, new_token
from classroom.web.http.errors import Unauthorized
from classroom.web.http.settings import Rate, Settings
from tests.classroom.browsing import Browser
from tests.classroom.world import (
    FREE,
    PICTURES,
    SLUG,
    World,
    assert_problem,
    file_with,
)

GOOD = file_with(np.ones(PICTURES, bool))
FEW = Rate(burst=3, per_second=0.1)
STRICT = {
    "requests": Settings(board_age_s=0, token=FREE, address=FEW, failed_tokens=FREE),
    "wrong tokens": Settings(board_age_s=0, token=FREE, address=FREE, failed_tokens=FEW),
    "both": Settings(board_age_s=0, token=FREE, address=FEW, failed_tokens=FEW),
}


@pytest.fixture(params=STRICT)
def shared(request: pytest.FixtureRequest, small_world: World) -> World:
    """A server that has had all it takes of wrong tokens and requests from the tests' address."""
    world = World(small_world.db, STRICT[request.param])
    world.competition()
    for number in range(10):
        world.get("/submissions/mine", new_token() if number % 2 else "wrong")
        world.get("/leaderboard")
        Browser(world).get()
        Browser(world).sign_in(new_token())
    assert_problem(world.get("/submissions/mine", new_token()), 429)
    if request.param != "wrong tokens":
        assert_problem(world.get("/leaderboard"), 429)
        assert Browser(world).get().status == 429
    return world


def test_a_right_token_works_on_the_whole_api(shared: World) -> None:
    token = shared.student()
    number = shared.taken(token, GOOD)["id"]
    assert shared.put("/submissions/final", token, {"ids": [number]}).status_code == 200
    assert shared.put("/name", token, {"show_real_name": False}).status_code == 200
    assert shared.get("/submissions/mine", token).status_code == 200
    assert shared.get("/standings", token).status_code == 403, "before the end"
    assert shared.get("/standings", shared.instructor()).status_code == 200


def test_a_right_token_signs_in_by_the_form_and_by_a_link(shared: World) -> None:
    browser = Browser(shared)
    page = browser.get(f"/sign-in?next=/c/{SLUG}")  # a link opens this; its token stays after "#"
    assert page.status == 200
    scripts = [value for tag, name, value in page.attributes if (tag, name) == ("script", "src")]
    assert scripts and all(browser.client.get(one).status_code == 200 for one in scripts)
    shown = browser.sign_in(shared.student("ada"))
    assert shown.status == 200 and "Name of ada" in shown.text
    assert "Hand in a file" in browser.get().text
    assert browser.upload(GOOD).status == 200
    browser.send("/sign-out")
    assert browser.sign_in(shared.student("alan")).status == 200


def test_a_wrong_token_still_waits_and_a_right_one_after_it_does_not(shared: World) -> None:
    browser = Browser(shared)
    for _ in range(3):
        shown = browser.sign_in(new_token())
        assert shown.status == 429 and "retry-after" in shown.reply.headers
        assert_problem(shared.get("/submissions/mine", new_token()), 429)
    assert browser.sign_in(shared.student("ada")).status == 200


def test_an_instructor_is_not_locked_out_either(shared: World) -> None:
    staff = Browser(shared)
    staff.sign_in(shared.instructor())
    assert staff.get(f"/c/{SLUG}/instructor").status == 200


def test_what_has_not_the_form_of_a_token_is_not_looked_up(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_world.competition()
    looked_up = 0
    reading = small_world.db.read

    @contextlib.contextmanager
    def counted() -> Iterator[Session]:
        nonlocal looked_up
        looked_up += 1
        with reading() as session:
            yield session

    monkeypatch.setattr(small_world.db, "read", counted)
    for token in ("", "x", "x" * 42, "x" * 44, "x" * 10_000, "é" * 43, "x" * 42 + "=", "' OR 1=1"):
        reply = small_world.client.get(
            f"/api/v1/competitions/{SLUG}/submissions/mine",
            headers={"authorization": f"Bearer {token}".encode()},
        )
        assert_problem(reply, 401)
    assert looked_up == 0
    assert_problem(small_world.get("/submissions/mine", new_token()), 401)
    assert looked_up == 1
    assert all(is_token(new_token()) for _ in range(100))


def test_somebody_with_a_whole_network_has_one_limit(small_world: World) -> None:
    settings = Settings(token=FREE, address=FREE, failed_tokens=Rate(burst=3, per_second=0.1))
    service = World(small_world.db, settings).service
    refused = []
    for number in range(6):
        try:
            service.person_of(new_token(), f"2001:db8::{number:x}:1")
        except Refused as error:
            refused.append(type(error))
    assert refused == [Unauthorized] * 3 + [TooMany] * 3


def test_a_student_has_one_limit_in_all_browsers_and_with_the_token(small_world: World) -> None:
    settings = Settings(token=Rate(burst=6, per_second=0.1), address=FREE, failed_tokens=FREE)
    world = World(small_world.db, settings)
    world.competition()
    token = world.student("ada")
    first, second = Browser(world), Browser(world)
    first.sign_in(token)  # two requests: the form, and the page after it
    second.sign_in(token)
    assert world.get("/submissions/mine", token).status_code == 200
    assert first.get().status == 200
    assert [first.get().status, second.get().status] == [429, 429]
    assert_problem(world.get("/submissions/mine", token), 429)
    other = Browser(world)
    other.sign_in(world.student("alan"))
    assert other.get().status == 200


def test_somebody_who_guesses_tokens_is_slowed_down(small_world: World) -> None:
    settings = Settings(token=FREE, address=FREE, failed_tokens=Rate(burst=3, per_second=0.1))
    world = World(small_world.db, settings)
    world.competition()
    token = world.student()
    for _ in range(3):
        assert_problem(world.get("/submissions/mine", "wrong"), 401)
    reply = world.get("/submissions/mine", "wrong")
    assert_problem(reply, 429)
    assert reply.headers["retry-after"] == "10"
    assert world.get("/submissions/mine", token).status_code == 200, "a right one always works"
    world.ticks += 10
    assert_problem(world.get("/submissions/mine", "wrong"), 401)


def test_a_token_and_an_address_have_limits_of_their_own(small_world: World) -> None:
    settings = Settings(
        token=Rate(burst=2, per_second=1), address=Rate(burst=1, per_second=1), failed_tokens=FREE
    )
    world = World(small_world.db, settings)
    world.competition()
    ada, alan = world.student(), world.student()
    statuses = [
        world.get("/submissions/mine", token).status_code for token in (ada, ada, ada, alan)
    ]
    assert statuses == [200, 200, 429, 200]
    assert world.get("/leaderboard").status_code == 200
    assert_problem(world.get("/leaderboard"), 429)
    world.ticks += 1
    assert world.get("/leaderboard").status_code == 200
