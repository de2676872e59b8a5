"""A right token always works, however many wrong ones come from the same address."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy.orm import Session

from classroom.errors import Refused, TooMany
from classroom.people.tokens import is_token, new_token
from classroom.web.http.addresses import network_of
from classroom.web.http.errors import Unauthorized
from classroom.web.http.rates import MOST_KEYS, Limiter
from classroom.web.http.settings import Rate, Settings
from tests.classroom.browsing import Browser
from tests.classroom.world import FREE, PICTURES, SLUG, World, assert_problem, file_with

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


def test_the_limits_remember_a_bounded_number_of_addresses() -> None:
    limiter = Limiter(Rate(burst=1, per_second=0.001), lambda: 0.0)
    for number in range(MOST_KEYS + 500):
        limiter.take(network_of(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"))
    assert len(limiter._buckets) == MOST_KEYS
    assert limiter.take(network_of("10.0.0.0")) == 0, "the oldest is forgotten"
    for number in range(1000):
        limiter.take(network_of("x" * number))
    assert len(limiter._buckets) == MOST_KEYS
    assert max(map(len, limiter._buckets)) < 50


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::7", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("testclient", "unknown"),
        ("1.2.3.4, 5.6.7.8", "unknown"),
        ("", "unknown"),
    ],
)
def test_one_machine_is_counted_as_one(address: str, counted: str) -> None:
    assert network_of(address) == counted


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
