"""Tokens are random and stored as hashes only."""

from __future__ import annotations

import numpy as np
from sqlalchemy import inspect, text

from classroom.people import sessions
from classroom.people.tokens import matches, new_token, token_hash
from classroom.storage.database import Database
from tests.classroom.world import (
    PICTURES,
    World,
    file_with,
)

GOOD = file_with(np.ones(PICTURES, bool))


def everything_stored(db: Database) -> str:
    with db.read() as session:
        tables = inspect(session.connection()).get_table_names()
        return "\n".join(
            str(row) for name in tables for row in session.execute(text(f"SELECT * FROM {name}"))
        )


def test_tokens_are_long_random_and_stored_as_hashes_only(world: World) -> None:
    world.competition()
    token = world.student()
    world.taken(token, GOOD)
    with world.db.write() as session:
        cookie = sessions.sign_in(session, world.now, token)
    assert cookie
    stored = everything_stored(world.db)
    assert len(token) >= 43
    assert token not in stored
    assert cookie not in stored
    assert token_hash(token) in stored
    assert token != new_token() != new_token()


def test_a_token_matches_its_own_hash_only() -> None:
    token = new_token()
    assert matches(token, token_hash(token))
    assert not matches(token[:-1], token_hash(token))
    assert not matches("\udcff", token_hash(token))
