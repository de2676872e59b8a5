"""A class whose times of handing in are written in many ways, from grading to the CSV."""

from __future__ import annotations

import csv
from pathlib import Path

import nbformat
import pytest

from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.exports.files import export_assignment
from autograder.records.gradebook import open_gradebook
from autograder.runs.class_run import ClassRun
from tests.courses.handed_in import as_bytes, as_handed_in

pytestmark = pytest.mark.slow

TIMES = {
    "t_bom": b"\xef\xbb\xbf2026-10-02 03:00:00 UTC",
    "t_control": b"2026-10-01 23:30:00 America/Los_Angeles",
    "t_day_first": b"02.10.2026 08:00 CEST",
    "t_epoch": b"1790910000",
    "t_pst": b"2026-10-01 23:30:00 PST",
}
DOUBTS = {"t_day_first": "can be read as several dates", "t_pst": "the time zone PST"}


def test_a_time_that_is_not_clear_is_told_and_is_never_on_time(released: Course) -> None:
    (bundle,) = load_assignment(released, "tiny")
    with open_gradebook(released) as gradebook:
        gradebook.update_or_create_assignment("tiny", duedate="2026-10-01 23:59:00 UTC")
    for student, data in {**TIMES, "no_file": b""}.items():
        folder = released.submitted / student / "tiny"
        folder.mkdir(parents=True)
        (folder / "01_tiny.ipynb").write_bytes(as_bytes(as_handed_in(bundle)))
        if data:
            (folder / "timestamp.txt").write_bytes(data)
    results = {one.student: one for one in ClassRun(released, "tiny", workers=1).grade()}
    told = {**DOUBTS, "no_file": "no timestamp.txt that says when"}
    assert {student for student, one in results.items() if one.time_doubt} == set(told)
    for student, words in told.items():
        assert words in results[student].time_doubt
        assert results[student].time_doubt in results[student].public()["notes"]
        path: Path = released.autograded / student / "tiny" / "01_tiny.ipynb"
        assert words in nbformat.read(path, as_version=4).cells[0].source
    (path,) = export_assignment(released, "tiny").files
    with path.open(newline="", encoding="utf-8-sig") as file:
        late = {row["student"]: row["late"] for row in csv.DictReader(file)}
    assert late == {
        **dict.fromkeys(("t_bom", "t_control", "t_epoch"), "yes"),
        **dict.fromkeys(told, "unknown"),
    }
