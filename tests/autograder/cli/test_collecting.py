"""``autograder collect`` on the command line: counts first, then the odd ones."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from autograder.cli import app, consoles
from autograder.course.layout import Course
from autograder.people.person import Person
from autograder.people.roster import write_people
from autograder.received.store import Store
from autograder.records.gradebook import open_gradebook
from autograder.records.term.times import Extension, set_due, set_extension
from tests.courses import downloads
from tests.courses.downloads import PEOPLE, Given, the_class, zip_of
from tests.courses.pair import START, handed_in, tree, write_course

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course with a roster, and a due date 40 hours after the first hand-in."""
    course = write_course(tmp_path / "course")
    with open_gradebook(course) as gradebook:
        write_people(gradebook.db, PEOPLE)
        gradebook.add_assignment("two")
        set_due(gradebook.db, "two", (START + timedelta(hours=40)).replace(tzinfo=UTC))
        set_extension(gradebook.db, "teller", "two", Extension(by=timedelta(days=2)))
        gradebook.db.commit()
    return course


@pytest.fixture
def run(course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(course.root)
    monkeypatch.setattr(consoles, "console", Console(width=120))
    monkeypatch.setattr(consoles, "errors", Console(width=160, stderr=True))

    def invoke(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["autograder", "collect", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            app.main()
        code = caught.value.code
        assert code is None or isinstance(code, int)
        captured = capsys.readouterr()
        return code or 0, captured.out + captured.err

    return invoke


def test_counts_come_first_then_late_ones_with_extensions_then_the_next_command(
    course: Course, tmp_path: Path, run: Run
) -> None:
    path = downloads.gradescope(tmp_path / "g.zip", the_class(course))
    code, out = run("two", path)
    assert code == 0
    lines = out.strip().splitlines()
    assert lines[:2] == [
        "g.zip: 6 hand-ins, read as gradescope",
        "two: 6 hand-ins of 6 students: 6 new",
    ]
    assert "late: 3" in lines
    assert "  Jean-Luc de la Vallée, Jr. (a-b): 5 days late" in lines
    assert "  Teller (teller)" not in out  # an extension of two days
    assert lines[-1] == "6 folders in submitted changed; next: autograder grade two"
    code, out = run("two", path)
    assert out.splitlines()[-1] == "nothing changed"
    assert "6 unchanged" in out


def test_a_dry_run_says_the_same_and_writes_nothing(
    course: Course, tmp_path: Path, run: Run
) -> None:
    path = downloads.gradescope(tmp_path / "g.zip", the_class(course))
    before = tree(course.root)
    _, planned = run("two", path, "--dry-run")
    assert tree(course.root) == before
    _, done = run("two", path)
    assert planned.splitlines()[:-1] == done.splitlines()[:-1]
    assert "nothing was written; 6 folders in submitted would change" in planned


def test_a_doubt_of_the_whole_class_is_one_line(course: Course, tmp_path: Path, run: Run) -> None:
    people = [Person(f"s{n}", "Student", f"Number{n}") for n in range(60)]
    with open_gradebook(course) as gradebook:
        write_people(gradebook.db, people)
        gradebook.db.commit()
    data = handed_in(Store(course), "01_first")
    given = [
        Given(one, {"01_first.ipynb": data + b" " * n}, START + timedelta(hours=n))
        for n, one in enumerate(people)
    ]
    _, out = run("two", downloads.moodle(tmp_path / "m.zip", given))
    doubts = [line for line in out.splitlines() if "names no time zone" in line]
    assert len(doubts) == 1
    assert "(within 14 hours): Student Number0 (s0), " in doubts[0]
    assert doubts[0].endswith(" and 57 more")
    assert len(out.splitlines()) < 60
    _, out = run("two", tmp_path / "m.zip", "--time-zone", "Europe/Berlin")
    assert "60 another time than before" in out
    assert "names no time zone" not in out


def test_the_zone_of_the_course_counts(course: Course, tmp_path: Path, run: Run) -> None:
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + 'c.Autograder.time_zone = "Europe/Berlin"\n')
    _, out = run("two", downloads.moodle(tmp_path / "m.zip", the_class(course)))
    assert "names no time zone" not in out
    stamp = course.submitted / "ada" / "two" / "timestamp.txt"
    assert stamp.read_text() == "2026-02-01 09:00:00 UTC\n"


def test_strangers_and_doubles_are_told_with_the_way_out(
    course: Course, tmp_path: Path, run: Run
) -> None:
    data = handed_in(Store(course), "01_first")
    people = [
        Person("?", "Ada", "Lovelase"),
        Person("?", "=cmd()\x1b[31m", "[bold]x"),
        PEOPLE[0],
        PEOPLE[1],
    ]
    entries = [(f"{person.name}/01_first.ipynb", data, None) for person in people]
    code, out = run("two", zip_of(tmp_path / "inbox.zip", entries))
    assert code == 0
    assert "  Ada Lovelase in inbox.zip (similar: Ada Lovelace (ada))" in out
    assert "[bold]x in inbox.zip" in out
    assert "\x1b" not in out
    assert "add --map FILE.csv, or add --add-strangers" in out
    assert (
        "equal files of several students:\n  Ada Lovelace (ada) and Zoë O'Brien-Müller (u77)" in out
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nothing", "x.zip"), "no assignment named 'nothing'"),
        (("two", "x.zip"), "x.zip cannot be read"),
        (("two", "x.zip", "--time-zone", "Mars"), "'Mars' is no time zone"),
        (("two", "x.zip", "--map", "no.csv"), "no.csv cannot be read"),
        (("two", "x.zip", "--from", "paper"), "'paper' is not one of 'canvas', 'moodle'"),
    ],
)
def test_wrong_usage_ends_with_code_2(
    course: Course, run: Run, arguments: tuple[str, ...], told: str
) -> None:
    code, out = run(*arguments)
    assert code == 2
    assert told in " ".join(out.replace("│", " ").split())


def test_a_student_that_cannot_be_collected_ends_with_code_1(
    course: Course, tmp_path: Path, run: Run
) -> None:
    course.submitted.mkdir()
    (course.submitted / "ada").symlink_to(tmp_path)
    code, out = run("two", downloads.gradescope(tmp_path / "g.zip", the_class(course)[:2]))
    assert code == 1
    assert "not collected:\n  Ada Lovelace (ada): " in out


def test_a_run_that_grades_is_not_disturbed(course: Course, tmp_path: Path, run: Run) -> None:
    lock = course.state / "lock" / "two"
    lock.parent.mkdir(parents=True)
    script = (
        "import fcntl, sys\n"
        f"file = open({str(lock)!r}, 'a+')\n"
        "fcntl.lockf(file, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        path = downloads.gradescope(tmp_path / "g.zip", the_class(course)[:1])
        code, out = run("two", path)
        other.communicate("", timeout=60)
    assert code == 2
    assert "two is being graded already" in out
    assert tree(course.submitted) == {}
