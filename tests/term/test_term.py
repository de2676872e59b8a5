"""A term from the roster to the grades, by the command line; each number is computed twice."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from statistics import mean, median
from typing import Any

import pytest

from tests.term import downloads
from tests.term.course import HALF as HALF_CHECK
from tests.term.course import MENDED_HALF, write_course
from tests.term.desk import Desk, write_roster
from tests.term.expected import Grade, bills, grades, max_points
from tests.term.people import (
    BOB,
    DAN,
    DUE,
    EARLY,
    EXCUSED,
    LATER,
    NOTEBOOKS,
    ON_CLASSROOM,
    ON_GRADESCOPE,
    ON_MOODLE,
    PEOPLE,
    State,
    Work,
    utc,
)

pytestmark = [pytest.mark.slow, pytest.mark.sandbox, pytest.mark.nbgrader]


def test_a_term_from_the_roster_to_the_grades(tmp_path: Path) -> None:
    desk, state = Desk(write_course(tmp_path / "course")), State()
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    term = Term(desk, state, inbox)
    term.begin()
    term.first_week()
    term.late_work()
    term.second_assignment()
    term.mended_check()
    term.later_extension()
    term.grades_out()


class Term:
    """The steps of the term; each ends with a comparison of the whole gradebook."""

    def __init__(self, desk: Desk, state: State, inbox: Path) -> None:
        self.desk, self.state, self.inbox = desk, state, inbox

    def begin(self) -> None:
        """The roster, the release, due dates, extensions and excuses before any hand-in."""
        run = self.desk.run
        run("roster", "import", str(write_roster(self.inbox / "roster.csv")))
        run("release", "week1", "week2")
        run("due", "week1", "2025-03-28 23:59")
        run("due", "week2", "2025-04-11T23:59 Europe/Berlin")
        run("extend", "week1", BOB.id, "--by", "2d", "--reason", "ill")
        self.state.due[BOB.id, "week1"] = DUE["week1"] + timedelta(days=2)
        run("extend", "week2", "eve", "--until", "2025-04-13 12:00")
        self.state.due["eve", "week2"] = utc("04-13 10:00:00")
        for student, assignment in sorted(EXCUSED):
            run("excuse", assignment, student, "--reason", "away")
        people = self.desk.query("SELECT id, first_name, last_name, email FROM student")
        assert sorted(people) == sorted((one.id, one.first, one.last, one.email) for one in PEOPLE)
        dues = dict(self.desk.query("SELECT name, duedate FROM assignment"))
        assert {n: d[:19] for n, d in dues.items()} == {
            n: f"{d:%Y-%m-%d %H:%M:%S}" for n, d in DUE.items()
        }

    def first_week(self) -> None:
        """Canvas on the due date; nothing is late. Points by hand come after the grading."""
        self.collect("week1", EARLY, "canvas")
        self.desk.run("grade", "week1", "--workers", "1")
        self.check()
        self.by_hand("week1")
        self.check()

    def late_work(self) -> None:
        """Canvas again with later versions, and Moodle."""
        self.collect("week1", LATER, "canvas")
        self.collect("week1", ON_MOODLE, "moodle")
        again = self.desk.run("collect", "week1", str(self.inbox / "moodle-week1.zip"), "--dry-run")
        assert again
        self.state.graded_by_hand.clear()
        self.desk.run("grade", "week1", "--workers", "1")
        self.by_hand("week1")
        self.check()
        times = self.desk.hand_in_times()
        assert times == {(s, n): work.at for (s, n), work in self.state.works.items()}

    def second_assignment(self) -> None:
        """Gradescope and Google Classroom; late days of the first assignment are gone."""
        self.collect("week2", ON_GRADESCOPE, "gradescope")
        self.collect("week2", ON_CLASSROOM, "classroom")
        self.desk.run("grade", "week2", "--workers", "1")
        self.check()
        self.by_hand("week2")
        self.check()

    def mended_check(self) -> None:
        """A check that asked too much is mended; points of others stay."""
        path = self.desk.course.source / "week1" / "exercises" / "half" / "check.py"
        assert path.read_text() == HALF_CHECK
        before = self.desk.points()
        path.write_text(MENDED_HALF)
        self.desk.run("release", "week1")
        shown = self.desk.run(
            "regrade", "week1", "--exercise", "half", "--dry-run", "--workers", "1"
        )
        assert self.desk.points() == before
        assert "ada" in shown
        self.desk.run("regrade", "week1", "--exercise", "half", "--yes", "--workers", "1")
        self.state.is_mended = True
        self.check()

    def later_extension(self) -> None:
        """An extension after the grading changes the cost of lateness, also elsewhere."""
        self.desk.run("extend", "week1", DAN.id, "--by", "1d")
        self.state.due[DAN.id, "week1"] = DUE["week1"] + timedelta(days=1)
        self.check()

    def grades_out(self) -> None:
        found, costs = grades(self.state), bills(self.state)
        for format in ("csv", "json", "canvas", "moodle", "gradescope"):
            self.desk.run("export", "--all", "--format", format)
        for assignment in NOTEBOOKS:
            self.report(assignment, found)
            own = {student: grade for (student, name), grade in found.items() if name == assignment}
            self.exported(assignment, own)
        total = self.desk.json("grades/total.json")
        assert len(total["students"]) == len(PEOPLE)
        for one in total["students"]:
            student = one["student"]
            own = {name: found[student, name] for name in NOTEBOOKS}
            counting = {n: g for n, g in own.items() if g.total is not None}
            assert one["total"] == pytest.approx(float(sum(g.total for g in counting.values())))
            assert one["max_points"] == sum(max_points(name) for name in counting)
            assert one["late_days"] == sum(grade.days_used for grade in own.values())
            assert one["late_days_left"] == costs[student].left

    def collect(self, assignment: str, works: tuple[Work, ...], system: str) -> None:
        """Collect a download, recognised by its layout."""
        path = self.inbox / f"{system}-{assignment}.zip"
        getattr(downloads, system)(self.desk.course.root, works, path)
        arguments = ["collect", assignment, str(path)]
        if system in ("canvas", "classroom"):  # downloads without times
            times = downloads.times_of(works, self.inbox / f"{system}-{assignment}.csv")
            arguments += ["--map", str(times)]
        self.desk.run(*arguments)
        self.state.hand_in(*works)

    def by_hand(self, assignment: str) -> None:
        """Enter the points of the open questions."""
        works = [work for work in self.state.works.values() if work.assignment == assignment]
        self.desk.grade_by_hand(works)
        self.state.graded_by_hand.add(assignment)

    def check(self) -> None:
        """The gradebook holds the computed points and penalties, and no others."""
        expected: dict[tuple[str, str, str], tuple[float, float]] = {}
        costs = bills(self.state)
        for (student, assignment), grade in grades(self.state).items():
            for notebook, points in grade.points.items():
                cost = costs[student].costs.get((assignment, notebook))
                off = cost.off if cost else Fraction(0)
                expected[student, assignment, notebook] = (float(points), float(off))
        found = self.desk.points()
        assert found.keys() == expected.keys()
        assert found == {place: pytest.approx(pair) for place, pair in expected.items()}

    def report(self, assignment: str, found: dict[tuple[str, str], Grade]) -> None:
        path = f"report-{assignment}.json"
        self.desk.run("report", assignment, "--json", path)
        document = self.desk.json(path)
        own = {s: g for (s, name), g in found.items() if name == assignment}
        for one in document["students"]:
            grade = own[one["id"]]
            assert one["points_off"] == pytest.approx(float(grade.off)), one
            if grade.status != "excused":  # the report tells the time of an excused hand-in too
                assert one["days_late"] == grade.days_late, one
            if grade.status == "graded":
                points = [
                    float(grade.points[name]) if (one["id"], name) in self.state.works else None
                    for name in NOTEBOOKS[assignment]
                ]
                assert one["points"] == points, one
                assert one["total"] == sum(filter(None, points)), one
        assert {one["id"] for one in document["students"]} == own.keys()
        count = document["count"]
        assert count["students"] == len(PEOPLE)
        assert count["handed_in"] == sum(bool(grade.points) for grade in own.values())
        assert count["excused"] == sum(grade.status == "excused" for grade in own.values())
        values = sorted(float(sum(g.points.values())) for g in own.values() if g.status == "graded")
        assert document["total"]["values"] == pytest.approx(values)
        assert document["total"]["mean"] == pytest.approx(mean(values))
        assert document["total"]["median"] == pytest.approx(median(values))
        late = document["late"]
        assert late["points_off"] == pytest.approx(float(sum(g.off for g in own.values())))
        assert late["students_late"] == sum(g.days_late > 0 for g in own.values())
        assert (late["unknown"], late["allowance"]) == (0, 3)

    def exported(self, assignment: str, own: dict[str, Grade]) -> None:
        document = self.desk.json(f"grades/{assignment}.json")
        assert document["max_points"] == max_points(assignment)
        assert {one["student"] for one in document["students"]} == own.keys()
        for one in document["students"]:
            grade = own[one["student"]]
            assert (one["status"], one["late_days"]) == (grade.status, grade.days_used), one
            assert one["notebooks"] == pytest.approx({n: float(p) for n, p in grade.points.items()})
            assert one["late_penalty"] == pytest.approx(float(grade.off)), one
            assert one["total"] == (
                None if grade.total is None else pytest.approx(float(grade.total))
            )
        for row in self.table(f"grades/{assignment}.csv"):
            self.same(row["total"], own[row["student"]], "excused")
        canvas = self.table(f"grades/canvas/{assignment}.csv")
        assert float(canvas[0][assignment]) == max_points(assignment)
        ids = {one.lms_id: one.id for one in PEOPLE}
        assert len(canvas) == len(PEOPLE) + 1
        for row in canvas[1:]:
            self.same(row[assignment], own[ids[row["ID"]]], "EX")
        emails = {one.email: one.id for one in PEOPLE}
        moodle = self.table(f"grades/moodle/{assignment}.csv")
        gradescope = self.table(f"grades/gradescope/{assignment}.csv")
        assert len(moodle) == len(gradescope) == len(PEOPLE)
        for row in moodle:
            self.same(row[assignment], own[emails[row["Email address"]]], "-")
        for row in gradescope:
            self.same(row[assignment], own[emails[row["Email"]]], "")

    def same(self, cell: str, grade: Grade, no_grade: str) -> None:
        """A cell of a table holds the total of a grade."""
        if grade.total is None:
            assert cell == no_grade
        else:
            assert float(cell) == pytest.approx(float(grade.total))

    def table(self, path: str) -> list[dict[str, Any]]:
        text = (self.desk.course.root / path).read_text(encoding="utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline="")))
