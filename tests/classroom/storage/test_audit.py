"""The audit log has the actor of each action and no token."""

from __future__ import annotations

import numpy as np

from classroom.board.disqualification import disqualify
from classroom.people import roster
from classroom.storage import audit
from tests.classroom.world import (
    PICTURES,
    World,
    file_with,
)

GOOD = file_with(np.ones(PICTURES, bool))


def test_the_log_says_who_did_what_and_holds_no_token(world: World) -> None:
    world.competition()
    token = world.student("ada")
    number = world.taken(token, GOOD)["id"]
    world.put("/submissions/final", token, {"ids": [number]})
    world.put("/name", token, {"show_real_name": True})
    with world.db.write() as session:
        disqualify(session, world.now, world.service.keys, number, "why not", "teacher")
        fresh = roster.rotate(session, world.now, "ada")
    world.finalize()
    with world.db.read() as session:
        lines = [(one.actor, one.action, one.subject) for one in audit.latest(session)]
        details = [one.detail for one in audit.latest(session)]
    assert lines[::-1] == [
        ("operator", "competition created", "places"),
        ("ada", "finals chosen", "places"),
        ("ada", "name shown", "places"),
        ("teacher", "disqualified", "1"),
        ("operator", "token rotated", "ada"),
        ("operator", "finalized", "places"),
    ]
    assert fresh not in str(details)
