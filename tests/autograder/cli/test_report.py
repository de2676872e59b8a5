from __future__ import annotations

import json
import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.cli import app
from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.grading.seeds import course_secret
from autograder.nbgrader_api.tables import EXCUSES, PEOPLE, create_own_tables
from autograder.records.gradebook import give_due_date, open_gradebook, record
from autograder.results import NotebookResult, Outcome, TestResult, worst
from autograder.runs.plan import Rules, digest_of, hand_in_of
from autograder.workers.cache import ResultStore
from tests.courses.handed_in import hand_in

CLASS = {"ada": (2.0, 7.0), "bob": (0.0, 3.5), "cleo": (2.0, 0.0)}


@pytest.fixture
def course(released: Course) -> Course:
    """A graded class of three, with a person on the roster who handed in nothing."""
    course = released
    give_due_date(course, "tiny", datetime(2026, 2, 1, 9, tzinfo=UTC))
    bundles = load_assignment(course, "tiny")
    rules = Rules.of(course, bundles, course_secret(course), "bubblewrap")
    for student, points in CLASS.items():
        hand_in(course, student)  # an hour late
        handed_in = hand_in_of(course, "tiny", student, bundles, course.state / "scratch")
        files = digest_of(handed_in, "01_tiny")
        add, scale = points
        tests = (
            TestResult("test_add", "add", add, 2.0, of(add, 2.0), None if add else "add.subtracts"),
            TestResult("test_scale", "scale", scale, 7.0, of(scale, 7.0)),
            TestResult("why", "why", 0.0, 1.0, Outcome.NEEDS_MANUAL_GRADE),
        )
        result = NotebookResult(
            student, "tiny", "01_tiny", tests, outcome=worst([test.outcome for test in tests]),
            sandbox="bubblewrap", handed_in=files, source=rules.sources["01_tiny"],
        )  # fmt: skip
        ResultStore(course).save(result, rules.key("01_tiny", files, handed_in.notes))
        record(course, bundles, [result])
    with open_gradebook(course) as gradebook:
        create_own_tables(gradebook.db.connection())
        for student, name, section in (
            ("ada", "Ada Lovelace", "A"), ("bob", "Bob <b>", "B"), ("dan", "Dan Doe", "A"),
        ):  # fmt: skip
            first, last = name.split()
            gradebook.update_or_create_student(student, first_name=first, last_name=last)
            row = {"student_id": student, "section": section, "other_ids": "{}"}
            gradebook.db.execute(PEOPLE.insert().values(**row))
        gradebook.db.commit()
    return course


def of(points: float, most: float) -> Outcome:
    return Outcome.PASSED if points == most else Outcome.PARTIAL if points else Outcome.FAILED


def run(course: Course, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(
        sys, "argv", ["autograder", "report", *arguments, "--course", str(course.root)]
    )
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as caught:
        app.main()
    code = caught.value.code
    return code if isinstance(code, int) else 0


def test_the_page_and_the_json_hold_the_class(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = course.root / "data.json"
    assert run(course, monkeypatch, "tiny", "--json", str(target)) == 0
    data = json.loads(target.read_text())
    assert data["count"] == {"students": 4, "handed_in": 3, "excused": 0, "graded": 3}
    assert data["total"]["values"] == [2.0, 3.5, 9.0]
    assert data["total"]["max_points"] == 10.0
    assert [one["exercise"] for one in data["exercises"]] == ["add", "scale", "why"]
    assert data["mistakes"][0]["sentence"] == "You take b away where it should be added."
    assert data["mistakes"][0]["students"] == ["bob"]
    needs = {one["kind"]: one for one in data["needs"]}
    assert (needs["manual"]["count"], needs["nothing"]["students"]) == (3, ["dan"])
    assert data["late"]["by_days"] == [[1, 3]]
    assert data["hand_ins"]["hours"] == [1.0, 1.0, 1.0]
    assert [one["name"] for one in data["sections"]] == ["", "A", "B"]
    page = course.root / "report" / "tiny.html"
    html = page.read_text()
    assert (
        "Ada Lovelace" in html
        and "Bob &lt;b&gt;" in html
        and "<b>" not in html.split("Bob ")[1][:5]
    )
    for path in (page, target):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = capsys.readouterr().out
    assert "tiny: 3 of 4 students handed in, median 3.5 of 10 points" in told
    assert "for lecturers only" in told


def test_points_by_hand_count(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_gradebook(course) as gradebook:
        grade = gradebook.find_grade("why", "01_tiny", "tiny", "ada")
        grade.manual_score, grade.needs_manual_grade = 0.5, False
        gradebook.db.commit()
    target = course.root / "data.json"
    run(course, monkeypatch, "tiny", "--json", str(target))
    data = json.loads(target.read_text())
    assert data["total"]["values"] == [2.0, 3.5, 9.5]
    why = data["exercises"][2]
    assert (why["judged"], why["share"], why["waiting"]) == (1, 0.5, 2)


def test_a_section_has_a_report_of_its_own(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = course.root / "data.json"
    run(course, monkeypatch, "tiny", "--section", "A", "--json", str(target))
    data = json.loads(target.read_text())
    assert [one["id"] for one in data["students"]] == ["ada", "dan"]
    assert data["total"]["values"] == [9.0]
    assert len(data["sections"]) == 3
    assert "tiny, section A: 1 of 2" in capsys.readouterr().out
    assert run(course, monkeypatch, "tiny", "--section", "C") == 2
    assert "nobody is in section 'C' (there: A, B)" in " ".join(capsys.readouterr().err.split())


def test_an_excused_student_is_in_no_number(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_gradebook(course) as gradebook:
        row = {
            "student_id": "bob",
            "assignment": "tiny",
            "reason": "",
            "set_at": datetime(2026, 1, 1),
        }
        gradebook.db.execute(EXCUSES.insert().values(**row))
        gradebook.db.commit()
    target = course.root / "data.json"
    run(course, monkeypatch, "tiny", "--json", str(target))
    data = json.loads(target.read_text())
    assert data["total"]["values"] == [2.0, 9.0]
    assert data["mistakes"] == []
    assert {one["id"]: one["state"] for one in data["students"]}["bob"] == "excused"


def test_progress_is_against_the_assignment_that_was_due_before(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_gradebook(course) as gradebook:
        for name, days, points in (("intro", 20, 1.0), ("older", 40, 2.0), ("later", -9, 0.0)):
            due = datetime(2026, 2, 1) - timedelta(days=days)
            gradebook.add_assignment(name, duedate=due)
            gradebook.add_notebook("n", name)
            gradebook.add_grade_cell("c", "n", name, max_score=2, cell_type="code")
            for student in ("ada", "cleo"):
                with gradebook.db.no_autoflush:
                    gradebook.add_submission(name, student)
                gradebook.find_grade("c", "n", name, student).auto_score = points
        gradebook.db.commit()
    target = course.root / "data.json"
    run(course, monkeypatch, "tiny", "--json", str(target))
    data = json.loads(target.read_text())
    assert data["progress"]["earlier"] == "intro"
    assert (data["progress"]["students"], data["progress"]["mean_before"]) == (2, 0.5)
    assert data["progress"]["mean_now"] == pytest.approx((0.9 + 0.2) / 2)
    assert data["progress"]["dropped"] == ["cleo"]


def test_what_changed_since_is_told_with_the_command_and_nothing_is_graded(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_in(course, "ada", {"add": "def add(a, b):\n    return 3"})
    hand_in(course, "eve")
    before = snapshot(course)
    assert run(course, monkeypatch, "tiny") == 0
    told = capsys.readouterr().out
    assert "1 notebook never graded: run `autograder grade tiny`" in told
    assert "1 notebook changed since the last grading: run `autograder grade tiny`" in told
    assert snapshot(course) == before | {Path("report"), Path("report/tiny.html")}


def snapshot(course: Course) -> set[Path]:
    return {path.relative_to(course.root) for path in course.root.rglob("*")}


def test_without_a_result_the_report_names_the_next_command(
    released: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(released, monkeypatch, "tiny") == 2
    assert "autograder collect tiny FILES" in " ".join(capsys.readouterr().err.split())
    hand_in(released, "ada")
    assert run(released, monkeypatch, "tiny") == 2
    assert "run `autograder grade tiny`" in " ".join(capsys.readouterr().err.split())
    assert not (released.root / "report").exists()


def test_similar_answers_are_a_part_of_the_report_if_they_are_asked_for(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = """\
def scale(x, k):
    total = 0
    result = torch.zeros_like(x)
    for row, line in enumerate(x.tolist()):
        for column, value in enumerate(line):
            result[row, column] = value * float(k) if value > total - 10 ** 9 else value
    return result.to(x.dtype)
"""
    hand_in(course, "ada", {"scale": own})
    renamed = own.replace("result", "answer").replace("column", "j").replace("row", "i")
    hand_in(course, "bob", {"scale": f"# all my own work\n{renamed}"})
    target = course.root / "data.json"
    run(course, monkeypatch, "tiny", "--similar", "--json", str(target))
    assert "1 pair of answers is alike: something to look at" in capsys.readouterr().out
    (pair,) = json.loads(target.read_text())["similar"]["pairs"]
    assert (pair["exercise"], pair["first"], pair["second"]) == ("scale", "ada", "bob")
    assert pair["share"] > 0.95
    run(course, monkeypatch, "tiny", "--json", str(target))
    assert json.loads(target.read_text())["similar"] is None


def test_similar_without_its_extra_names_the_command_to_install_it(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "copydetect", None)
    assert run(course, monkeypatch, "tiny", "--similar") == 2
    assert "pip install 'autograder-course[similar]'" in " ".join(capsys.readouterr().err.split())
