"""Finals and names are one use case each: the API and the pages refuse the same."""

from __future__ import annotations

import pytest

from classroom.board import finals, names
from classroom.errors import Closed, Forbidden, NotFound
from classroom.people import roster
from classroom.storage.tables import Person
from tests.classroom.browsing import Browser
from tests.classroom.world import SLUG, World, assert_problem


def person(world: World, student: str) -> Person:
    with world.db.read() as session:
        return roster.find(session, student)


@pytest.mark.parametrize("ids", [[], [1]])
def test_an_instructor_has_no_finals_and_no_name_on_the_board(
    small_world: World, ids: list[int]
) -> None:
    small_world.competition()
    token = small_world.instructor()
    detail = "Only students are on the board."
    for path, body in (("/submissions/final", {"ids": ids}), ("/name", {"show_real_name": True})):
        assert assert_problem(small_world.put(path, token, body), 403)["detail"] == detail
    browser = Browser(small_world)
    browser.sign_in(token)
    chosen = [str(number) for number in ids]
    for page in (
        browser.send(f"/c/{SLUG}/finals", final=chosen),
        browser.send(f"/c/{SLUG}/name", show="yes"),
    ):
        assert page.status == 403
        assert detail in page.text


def test_what_refuses_a_use_case_is_told_without_http(small_world: World) -> None:
    world = small_world
    world.competition()
    world.student("ada")
    world.instructor()
    ada, teacher = person(world, "ada"), person(world, "teacher")
    db, keys = world.db, world.service.keys
    with pytest.raises(NotFound):
        finals.choose(db, world.now, ada, "nothing", [])
    with pytest.raises(NotFound):
        names.show_name(db, keys, world.now, ada, "nothing", True)
    with pytest.raises(Forbidden, match="no submission in this competition yet"):
        finals.choose(db, world.now, ada, SLUG, [7])
    with pytest.raises(Forbidden, match="Only students"):
        names.show_name(db, keys, world.now, teacher, SLUG, True)
    world.finalize()
    with pytest.raises(Closed):
        finals.choose(db, world.now, ada, SLUG, [])
    with pytest.raises(Closed):
        names.show_name(db, keys, world.now, ada, SLUG, True)
