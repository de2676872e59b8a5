"""Students of a running term hold notebooks of the version before: stubs and visible tests stay.

``tests/fixtures/before_lessons.json`` holds a digest of each stub and each visible test that the
version before released, when visible tests stood in the graded cells.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from autograder.course.source import NotebookBundle

# Cells whose words or shown colours have changed since; they ask for the same.
REWORDED = {
    "max_pool2d", "try_lenet5_weights", "try_save_checkpoint", "overlay", "try_overlay",
}  # fmt: skip
BEFORE = Path(__file__).resolve().parents[1] / "fixtures" / "before_lessons.json"


def digest(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()[:16]


def test_stubs_and_visible_tests_are_those_of_the_version_before(bundle: NotebookBundle) -> None:
    before = json.loads(BEFORE.read_text())[f"{bundle.assignment}/{bundle.name}"]
    now = {
        cell.grade_id: digest(text)
        for cell, text in zip(bundle.cells, bundle.released, strict=True)
    }
    moved = {grade_id.replace("test_", "try_", 1): text for grade_id, text in before.items()}
    for grade_id in REWORDED & moved.keys():
        assert now[grade_id] != moved.pop(grade_id), f"{grade_id} is as it was: not reworded"
    assert {grade_id: now.get(grade_id) for grade_id in moved} == moved


def test_every_graded_cell_of_the_version_before_is_still_graded(bundle: NotebookBundle) -> None:
    before = json.loads(BEFORE.read_text())[f"{bundle.assignment}/{bundle.name}"]
    points = {cell.grade_id: cell.points for cell in bundle.graded}
    tests = [grade_id for grade_id in before if grade_id.startswith("test_")]
    assert [grade_id for grade_id in tests if not points.get(grade_id)] == []
