"""Databases that the version before the rooms made still work: see tests/fixtures/before_rooms."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from classroom.board import competitions, standings
from classroom.storage.database import Database
from tests.classroom import postgres
from tests.classroom.browsing import Browser
from tests.classroom.world import PICTURES, SLUG, World, file_with, half_right

BEFORE = Path(__file__).resolve().parents[2] / "fixtures" / "before_rooms" / "board"
OVER = "spring"  # the competition that is finalized
EXPECTED = json.loads((BEFORE / "expected.json").read_text())


@pytest.fixture(params=["sqlite", "postgresql"])
def before(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[World, Any]]:
    """A server on a copy of the database, and the answers of the version before."""
    if request.param == "sqlite":
        shutil.copy(BEFORE / "board.db", tmp_path / "board.db")
        url = f"sqlite:///{tmp_path / 'board.db'}"
    else:
        server: postgres.Server = request.getfixturevalue("server")
        url = server.new()
        with psycopg.connect(url) as connection:
            connection.execute((BEFORE / "board.sql").read_text())  # type: ignore[call-overload]
    expected = EXPECTED[request.param]
    db = Database(url)
    world = World(db)
    world.now = datetime.fromisoformat(expected["now"])
    yield world, expected
    db.close()


@pytest.mark.parametrize("slug", [SLUG, OVER])
def test_boards_and_lists_are_the_same(before: tuple[World, Any], slug: str) -> None:
    world, expected = before
    tokens = expected["tokens"]
    assert world.get("/leaderboard", slug=slug).json() == expected[slug]["public"]
    assert world.get("/standings", tokens["teacher"], slug).json() == expected[slug]["private"]
    for student, listed in expected[slug]["mine"].items():
        assert world.get("/submissions/mine", tokens[student], slug).json() == listed
    with world.db.read() as session:
        competition = competitions.find(session, slug)
        key = world.service.keys.of(session, competition)
        table = standings.table(session, competition, key, private=True)
    assert standings.table_csv(table) == expected[slug]["table"]


def test_people_sign_in_and_who_was_signed_in_stays_so(before: tuple[World, Any]) -> None:
    world, expected = before
    ada = Browser(world)
    assert "Sign out" in ada.sign_in(expected["tokens"]["ada"]).text
    cyd = Browser(world)
    cyd.client.cookies.set("leaderboard", expected["cookie"])
    assert "Sign out" in cyd.get().text
    world.later(days=30)
    assert "Sign out" not in cyd.get().text


def test_a_new_submission_is_scored_and_an_old_one_is_a_duplicate(
    before: tuple[World, Any],
) -> None:
    world, expected = before
    bob = expected["tokens"]["bob"]
    old = file_with(half_right(world.public(), 24, 11))
    again = world.taken(bob, old)
    assert (again["status"], again["id"], again["submissions_left_today"]) == ("duplicate", 4, 3)
    new = world.taken(bob, file_with(np.ones(PICTURES, bool)))
    assert (new["status"], new["rank"], new["public_score"]) == ("scored", 1, 0)
    assert new["id"] > 10
    assert new["submissions_left_today"] == 2
    reply = world.submit(bob, old, OVER)
    assert reply.status_code == 409


def test_finals_names_and_the_end_work_on(before: tuple[World, Any]) -> None:
    world, expected = before
    tokens = expected["tokens"]
    assert world.put("/submissions/final", tokens["bob"], {"ids": [4]}).json() == {"ids": [4]}
    shown = world.put("/name", tokens["cyd"], {"show_real_name": False}).json()["handle"]
    assert shown in {entry["handle"] for entry in world.board()}
    world.now += timedelta(days=1)
    world.finalize()
    first, second = world.get("/standings", tokens["ada"]).json()["entries"][1:3]
    assert first["score"] == pytest.approx(16 / 30)
    assert second["score"] == pytest.approx(19 / 30)


def without_descriptions(document: Any) -> Any:
    if isinstance(document, dict):
        return {
            key: without_descriptions(value)
            for key, value in document.items()
            if key != "description"
        }
    if isinstance(document, list):
        return [without_descriptions(value) for value in document]
    return document


def test_the_api_has_every_operation_and_form_of_before(small_world: World) -> None:
    before = json.loads((BEFORE / "openapi.json").read_text())
    today = without_descriptions(small_world.app.openapi())
    assert {path: today["paths"].get(path) for path in before["paths"]} == before["paths"]
    schemas = today["components"]["schemas"]
    forms = before["components"]["schemas"]
    assert {name: schemas.get(name) for name in forms} == forms
    assert today["components"]["securitySchemes"] == before["components"]["securitySchemes"]
