"""Sessions of browsers end at sign-out, with the token, and after a while."""

from __future__ import annotations

import numpy as np
import pytest

from classroom.errors import NotFound
from classroom.people import roster, sessions
from tests.classroom.world import (
    PICTURES,
    World,
    assert_problem,
    file_with,
)

GOOD = file_with(np.ones(PICTURES, bool))


def test_a_rotated_token_and_its_browsers_are_out_at_once(world: World) -> None:
    world.competition()
    old = world.student("ada")
    with world.db.write() as session:
        cookie = sessions.sign_in(session, world.now, old)
        assert cookie
        new = roster.rotate(session, world.now, "ada")
    assert_problem(world.submit(old, GOOD), 401)
    world.taken(new, GOOD)
    with world.db.read() as session:
        assert sessions.signed_in(session, world.now, cookie) is None
    with pytest.raises(NotFound), world.db.write() as session:
        roster.rotate(session, world.now, "nobody")


def test_a_browser_is_signed_in_for_a_while_and_until_it_signs_out(world: World) -> None:
    token = world.student("ada")
    with world.db.write() as session:
        assert sessions.sign_in(session, world.now, "nobodys") is None
        first = sessions.sign_in(session, world.now, token)
        second = sessions.sign_in(session, world.now, token)
        assert first and second and first != second
        sessions.sign_out(session, first)
    with world.db.read() as session:
        assert sessions.signed_in(session, world.now, first) is None
        person = sessions.signed_in(session, world.now, second)
        assert person is not None and person.student == "ada"
        later = world.now + sessions.LASTS
        assert sessions.signed_in(session, later, second) is None
    assert sessions.form_token_matches(second, sessions.form_token(second))
    assert not sessions.form_token_matches(second, sessions.form_token(first))
    assert not sessions.form_token_matches(second, "é")
