"""One class, handed in through five layouts: the gradebooks are equal, row by row."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from autograder.course.layout import Course
from tests.courses.small_class import gradebook_of
from tests.term import downloads
from tests.term.course import write_course
from tests.term.desk import Desk, write_roster
from tests.term.people import BOB, CHLOE, DAN, EVE, LIOR, Work, utc

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]

# One time for each student, even seconds: a zip stores no others. Moodle's times tell by their
# spread that they are times of hand-in.
CLASS = (
    Work(BOB, "01_first", utc("03-28 22:58:58"), "right"),
    Work(BOB, "02_second", utc("03-28 22:58:58"), "down"),
    Work(CHLOE, "01_first", utc("03-30 22:30:00"), "small"),
    Work(CHLOE, "02_second", utc("03-30 22:30:00"), "right"),
    Work(DAN, "02_second", utc("04-03 07:00:02"), "wrong"),
    Work(EVE, "01_first", utc("03-28 23:00:00"), "wrong"),
    Work(LIOR, "01_first", utc("04-05 11:12:14"), "right"),
    Work(LIOR, "02_second", utc("04-05 11:12:14"), "small"),
)
LAYOUTS = ("canvas", "moodle", "gradescope", "classroom", "plain")


def rows(desk: Desk) -> dict[str, Any]:
    """Everything in a gradebook; of the times, the recorded ones without their possible error."""
    found = gradebook_of(desk.course)
    found["times"] = sorted(
        desk.query("SELECT student_id, assignment, notebook, handed_in_at FROM autograder_hand_in")
    )
    return found


def test_the_same_class_through_every_layout_gives_the_same_gradebook(tmp_path: Path) -> None:
    first = Desk(write_course(tmp_path / "released"))
    first.run("roster", "import", str(write_roster(tmp_path / "roster.csv")))
    first.run("release", "week1")
    first.run("due", "week1", "2025-03-28 23:59")
    books = {}
    known: Path | None = None
    for layout in LAYOUTS:
        root = tmp_path / layout
        shutil.copytree(first.course.root, root)
        desk = Desk(Course.find(root))
        path = tmp_path / f"{layout}.zip"
        getattr(downloads, layout)(root, CLASS, path)
        times: list[str] = []
        if layout in ("canvas", "classroom"):
            times = ["--map", str(downloads.times_of(CLASS, tmp_path / f"{layout}.csv"))]
        desk.run("collect", "week1", str(path), *times)
        for name in ("secret", "results") if known else ():
            copy = shutil.copytree if name == "results" else shutil.copy
            copy(known / name, desk.course.state / name)  # type: ignore[operator]
        told = desk.run("grade", "week1", "--workers", "1", "-v")
        # results are known by the digests of the files, so the same files need no grading again
        assert (" 0 notebooks to grade" in told) == (known is not None), told
        known = known or desk.course.state
        books[layout] = rows(desk)
    one = books[LAYOUTS[0]]
    assert {row[0] for row in one["times"]} == {work.person.id for work in CLASS}
    assert len(one["times"]) == len(CLASS)
    assert any(penalty for *_, penalty in one["notebooks"])
    for layout, book in books.items():
        assert book.keys() == one.keys()
        for table, found in one.items():
            assert book[table] == found, f"{layout}, {table}"
