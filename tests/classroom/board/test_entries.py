"""Rows of submissions: one function makes them all."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
from sqlalchemy import select

from classroom.board import baselines, competitions
from classroom.storage.tables import Submission, Upload
from tests.classroom.world import PICTURES, SLUG, World, file_with

CODE = Path(__file__).resolve().parents[3] / "classroom"
FILE = file_with(np.arange(PICTURES) < 20)


def test_one_function_makes_the_row_of_a_submission() -> None:
    makers = [
        f"{path.stem}.{function.name}"
        for path in CODE.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Submission"
    ]
    assert makers == ["entries._row"]


def test_a_baseline_has_the_row_of_a_student_but_for_the_person(world: World) -> None:
    world.competition()
    world.taken(world.student(), FILE)
    with world.db.write() as session:
        competition = competitions.find(session, SLUG)
        keys = world.service.keys
        baselines.add(session, world.now, keys, competition, "base", FILE, "predictions.txt")
    with world.db.read() as session:
        student, baseline = session.scalars(select(Submission).order_by(Submission.id)).all()
        names = {column.name for column in Submission.__table__.columns}
        differs = {name for name in names if getattr(student, name) != getattr(baseline, name)}
        kept = session.scalars(select(Upload.guesses)).all()
    assert differs == {"id", "team_id", "person_id"}
    assert baseline.person_id is None
    assert kept[0] == kept[1]


def test_a_file_of_a_baseline_is_scored_again_for_a_student(world: World) -> None:
    world.competition()
    with world.db.write() as session:
        competition = competitions.find(session, SLUG)
        baselines.add(session, world.now, world.service.keys, competition, "base", FILE, "b.txt")
    receipt = world.taken(world.student(), FILE)
    assert (receipt["status"], receipt["rank"]) == ("scored", 1)
