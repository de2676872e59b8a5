from __future__ import annotations

import csv
import io
import json
import re
import stat
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from autograder.course.layout import Course
from autograder.errors import UsageError
from autograder.exports.files import Format, export_assignment, export_course
from autograder.people.person import Person
from autograder.people.roster import write_people
from autograder.records.term.times import Excuse, set_excuse
from tests.courses.terms import DAY, DUE, HOUR, Handed, WholeTerm, opened, write_term

ROOT = Path(__file__).resolve().parents[3]
NOW = DUE + 30 * DAY
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "cnn"
c.Autograder.late_policy = "late_days"
"""
PEOPLE = [
    Person(
        "ada", "Ada", "Lovelace", "ada@x.edu", "A", {"canvas": "11", "sis": "u1", "login": "al"}
    ),
    Person("bob", "Björn", "O'Neill, Jr.", "bob@x.edu", "B", {"canvas": "12", "login": "bob"}),
    Person("cy", "=1+1", "Кириллов", "cy@x.edu"),
    Person("dee", "", "", ""),
    Person("eve", "Eve", "Gone", "eve@x.edu", gone_at=DUE),
]
TERM = WholeTerm(
    {"one": DUE, "two": DUE + 7 * DAY, "three": DUE + 60 * DAY, "empty": DUE},
    [
        Handed("ada", "one", "01_a", DUE + HOUR, (4.0, 3.5)),
        Handed("ada", "one", "02_b", DUE - HOUR, (5.0, 5.0)),
        Handed("ada", "two", "01_c", DUE + 12 * DAY, (4.0, 4.0)),  # 5 days late, 2 of them free
        Handed("bob", "one", "01_a", DUE - DAY, (1.0, 1.0)),
        Handed("bob", "one", "02_b", None, (2.0, 2.0), doubt="nobody knows"),
        Handed("cy", "three", "01_d", DUE, (5.0, 5.0)),
        Handed("eve", "one", "01_a", DUE, (5.0, 5.0)),
    ],
    ["dee"],
    [("empty", "01_e")],
)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    course = Course.find(tmp_path)
    write_term(course.gradebook, TERM)
    with opened(course.gradebook) as session:
        write_people(session, PEOPLE)
        set_excuse(session, "bob", "two", Excuse("ill"))
        session.commit()
    return course


def read(path: Path) -> list[list[str]]:
    text = path.read_bytes().decode("utf-8")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def canvas_scores(path: Path, course_people: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The scores that Canvas takes from a file, by Canvas id or login, then by assignment.

    After the Canvas Instructor Guide, "How do I import grades in the Gradebook?": the first columns
    are named, students are found by ID, SIS User ID or SIS Login ID, a row of points possible may
    stand below the header, and a score is a number, ``EX``, or empty.
    """
    data = path.read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    header, possible, *rows = read(path)
    assert header[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert possible[0].strip() == "Points Possible"
    columns = header[5:]
    assert columns
    assert len(set(columns)) == len(columns)
    assert all(re.fullmatch(r"\d+(\.\d+)?", one) for one in possible[5:])
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        assert len(row) == len(header)
        who = course_people.get(row[1]) or course_people.get(row[2]) or course_people.get(row[3])
        assert who is not None, row
        assert who not in found
        assert all(re.fullmatch(r"(\d+(\.\d+)?|EX|)", one) for one in row[5:])
        found[who] = dict(zip(columns, row[5:], strict=True))
    return found


CANVAS = {"11": "ada", "u1": "ada", "al": "ada", "12": "bob", "cy": "cy", "dee": "dee"}


def moodle_grades(path: Path, by: str) -> dict[str, dict[str, float | None]]:
    """The grades that Moodle takes from a file, by the column that identifies users.

    After https://docs.moodle.org/en/Grade_import: headings in the first row, users found by one
    column, empty or ``-`` for no grade, numbers otherwise.
    """
    path.read_bytes().decode("utf-8")
    header, *rows = read(path)
    assert len(set(header)) == len(header)
    at = header.index(by)
    found = {}
    for row in rows:
        assert len(row) == len(header)
        assert row[at] not in found
        found[row[at]] = {
            name: None if value in ("", "-") else float(value)
            for name, value in list(zip(header, row, strict=True))[5:]
        }
    return found


def test_canvas_takes_the_file_of_an_assignment(course: Course) -> None:
    done = export_assignment(course, "two", Format.CANVAS, column="Homework 2 (77)", now=NOW)
    assert done.files == (course.root / "grades" / "canvas" / "two.csv",)
    name = "Homework 2 (77)"
    assert canvas_scores(done.files[0], CANVAS) == {
        "ada": {name: "2"},  # 8 points, 75 % off for 3 of 5 days
        "bob": {name: "EX"},
        "cy": {name: "0"},
        "dee": {name: "0"},
    }
    assert read(done.files[0])[1][5] == "10"
    assert [person.id for person in done.gone] == ["eve"]


def test_canvas_takes_the_file_of_the_course(course: Course) -> None:
    done = export_course(course, Format.CANVAS, now=NOW)
    assert done.ungraded == ("empty",)
    names = [path.relative_to(course.root).as_posix() for path in done.files]
    folder = "grades/canvas"
    assert sorted(names) == sorted(
        f"{folder}/{name}.csv" for name in ("one", "two", "three", "total")
    )
    scores = canvas_scores(course.root / folder / "total.csv", CANVAS)
    assert scores["ada"] == {"one": "17.5", "two": "2", "three": ""}
    assert scores["bob"] == {"one": "6", "two": "EX", "three": ""}
    assert scores["cy"] == {"one": "0", "two": "0", "three": "10"}


@pytest.mark.parametrize("by", ["ID number", "Username", "Email address"])
def test_moodle_takes_the_file_by_each_column(course: Course, by: str) -> None:
    (path,) = export_assignment(course, "two", Format.MOODLE, now=NOW).files
    keys = {"ID number": "u1", "Username": "al", "Email address": "ada@x.edu"}
    grades = moodle_grades(path, by)
    assert grades[keys[by]] == {"two": 2.0}
    assert list(grades.values()) == [{"two": 2.0}, {"two": None}, {"two": 0.0}, {"two": 0.0}]


def test_moodle_gets_the_course_total(course: Course) -> None:
    done = export_course(course, Format.MOODLE, now=NOW)
    grades = moodle_grades(done.files[-1], "ID number")
    assert grades["u1"] == {"one": 17.5, "two": 2.0, "three": None, "Course total": 19.5}


def test_gradescope_s_columns_hold_time_and_lateness(course: Course) -> None:
    (path,) = export_assignment(course, "one", Format.GRADESCOPE, now=NOW).files
    header, ada, bob, *_ = read(path)
    assert header[5:] == [
        "one",
        "one - Max Points",
        "one - Submission Time",
        "one - Lateness (H:M:S)",
    ]
    assert ada == [
        "Ada", "Lovelace", "u1", "ada@x.edu", "A", "17.5", "20", "2026-10-01 22:59:00 +0000",
        "01:00:00",
    ]  # fmt: skip
    assert bob[5:] == ["6", "20", "", ""]


def schema() -> Any:
    return json.loads((ROOT / "docs" / "grades.schema.json").read_text())


def test_json_keeps_its_documented_form(course: Course) -> None:
    (path,) = export_assignment(course, "one", Format.JSON, now=NOW).files
    written = json.loads(path.read_text())
    jsonschema.validate(written, schema())
    ada, bob, cy, _ = written["students"]
    assert (ada["total"], ada["late_days"], ada["late"], ada["status"]) == (17.5, 1, True, "graded")
    assert (bob["late"], bob["submitted_at"]) == (None, None)
    assert (cy["first_name"], cy["total"], cy["status"]) == ("=1+1", 0.0, "no hand-in")
    total = json.loads(export_course(course, Format.JSON, now=NOW).files[-1].read_text())
    jsonschema.validate(total, schema())
    by_student = {one["student"]: one for one in total["students"]}
    assert (by_student["ada"]["total"], by_student["ada"]["max_points"]) == (19.5, 30.0)
    assert (by_student["ada"]["late_days"], by_student["ada"]["late_days_left"]) == (3, 0)
    assert by_student["bob"]["max_points"] == 20.0  # excused from one, not due in another
    assert by_student["cy"]["max_points"] == 40.0
    for broken in ({**written, "more": 1}, {**written, "students": [{"student": "x"}]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, schema())


def test_an_excused_student_has_no_total_and_no_zero(course: Course) -> None:
    (path,) = export_assignment(course, "two", now=NOW).files
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert (rows["bob"]["total"], rows["bob"]["status"]) == ("excused", "excused")
    assert (rows["ada"]["late_penalty"], rows["ada"]["late_days"]) == ("6", "2")


@pytest.mark.parametrize(
    ("now", "total", "status"),
    [(DUE + 59 * DAY, "", "not due"), (DUE + 61 * DAY, "0", "no hand-in")],
)
def test_a_missing_hand_in_is_zero_after_the_due_date_only(
    course: Course, now: datetime, total: str, status: str
) -> None:
    (path,) = export_assignment(course, "three", now=now).files
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert (rows["ada"]["total"], rows["ada"]["status"]) == (total, status)


def test_excel_gets_its_mark_and_the_file_is_private(course: Course) -> None:
    (path,) = export_assignment(course, "one", now=NOW).files
    assert path.read_bytes().startswith(b"\xef\xbb\xbfassignment,")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ",'=1+1," in path.read_text(encoding="utf-8")


def test_an_assignment_in_which_nobody_was_graded_is_told(course: Course) -> None:
    with pytest.raises(UsageError, match="nobody was graded in empty yet"):
        export_assignment(course, "empty", now=NOW)
    assert not (course.root / "grades").exists()


def test_no_file_of_an_export_is_over_another(course: Course) -> None:
    for format in Format:
        export_course(course, format, now=NOW)
    files = sorted(path for path in (course.root / "grades").rglob("*") if path.is_file())
    assert len(files) == len(Format) * 4
    with pytest.raises(UsageError, match="the file of `nbgrader export`"):
        export_assignment(course, "one", out=course.root / "grades" / ".." / "grades.csv")


def test_an_assignment_called_total_keeps_its_file(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    course = Course.find(tmp_path)
    hand_ins = [Handed("ada", "total", "01_a", DUE), Handed("ada", "one", "01_a", DUE)]
    write_term(course.gradebook, WholeTerm({"one": DUE, "total": DUE}, hand_ins))
    done = export_course(course, now=NOW)
    assert sorted(path.name for path in done.files) == ["one.csv", "total.csv", "total_.csv"]
    assert read(course.root / "grades" / "total.csv")[0][0] == "assignment"


def test_late_work_is_told_in_days_of_the_term(course: Course) -> None:
    done = export_course(course, now=NOW)
    header, ada, *_ = read(done.files[-1])
    row = dict(zip(header, ada, strict=True))
    assert (row["total"], row["max_points"], row["percent"]) == ("19.5", "30", "65")
    assert (row["late_days"], row["late_days_left"]) == ("3", "0")


def test_an_assignment_in_which_only_people_who_left_were_graded_is_told(course: Course) -> None:
    with opened(course.gradebook) as session:
        write_people(session, [Person(one.id, gone_at=DUE) for one in PEOPLE if one.id == "cy"])
        session.commit()
    with pytest.raises(UsageError, match="nobody was graded in three yet"):
        export_assignment(course, "three", now=NOW)
    assert "three" in export_course(course, now=NOW).ungraded


def test_a_term_in_which_nothing_counts_is_no_zero(course: Course) -> None:
    with opened(course.gradebook) as session:
        for name in ("one", "two", "three"):
            set_excuse(session, "dee", name, Excuse("ill"))
        session.commit()
    moodle = export_course(course, Format.MOODLE, now=NOW).files[-1]
    assert read(moodle)[-1][-4:] == ["-", "-", "-", "-"]
    header, *rows = read(export_course(course, now=NOW).files[-1])
    dee = dict(zip(header, rows[-1], strict=True))
    assert (dee["total"], dee["max_points"], dee["percent"]) == ("", "0", "")


def test_ids_of_other_systems_are_no_formulas(course: Course) -> None:
    ids = dict.fromkeys(("canvas", "sis", "login"), "=1+1")
    with opened(course.gradebook) as session:
        write_people(session, [Person("dee", "=1", "+2", "@SUM(1)", "|x", ids)])
        session.commit()
    for kind in (Format.CSV, Format.CANVAS, Format.MOODLE, Format.GRADESCOPE):
        (path,) = export_assignment(course, "one", kind, now=NOW).files
        cells = [cell for row in read(path) for cell in row]
        assert [cell for cell in cells if cell[:1] in set("=+@|") or cell[:1] == "-" != cell] == []
