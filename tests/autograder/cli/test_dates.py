"""``autograder due``, ``extend``, ``excuse`` and ``late``: their rows and their answers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook, Student, SubmittedNotebook
from rich.console import Console

from autograder.cli import app, consoles
from autograder.nbgrader_api.database import database_url
from autograder.records.term.times import Extension, Times, read_times
from tests.courses.terms import COURSE_ID, DAY, DUE, HOUR, Handed, WholeTerm, opened, write_term

LATER = DUE + 7 * DAY
Run = Callable[..., tuple[int, str]]
CONFIG = """\
c = get_config()
c.Autograder.late_policy = "late_days"
c.Autograder.late_days = 1
c.Autograder.time_zone = "Europe/Berlin"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Ada is 26 hours late in conv and an hour in next; bob's time is not clear; cy did nothing."""
    root = tmp_path / "course"
    root.mkdir()
    (root / "nbgrader_config.py").write_text(CONFIG)
    handed = [
        Handed("ada", "conv", "01_a", DUE + 26 * HOUR),
        Handed("ada", "next", "01_c", LATER + HOUR),
        Handed("bob", "conv", "01_a", None, doubt="It has [red]two[/red] readings"),
    ]
    term = WholeTerm({"conv": DUE, "next": LATER, "open": None}, handed, students=["cy", "=1+1"])
    write_term(root / "gradebook.db", term)
    with opened(root / "gradebook.db") as session:
        ada = session.get(Student, "ada")
        assert ada is not None
        ada.first_name, ada.last_name = "Ada", "Lovelace"
        session.commit()
    return root


@pytest.fixture
def run(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("late", "conv")``: the exit code, and the printed text."""
    monkeypatch.chdir(root)
    monkeypatch.setattr(consoles, "console", Console(width=160))
    monkeypatch.setattr(consoles, "errors", Console(width=160, stderr=True))

    def invoke(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["autograder", *arguments])
        with pytest.raises(SystemExit) as caught:
            app.main()
        out, err = capsys.readouterr()
        assert isinstance(caught.value.code, int | None)
        return caught.value.code or 0, out + err

    return invoke


def times(root: Path) -> Times:
    with opened(root / "gradebook.db") as session:
        return read_times(session)


def penalties(root: Path) -> dict[tuple[str, str], float]:
    with opened(root / "gradebook.db") as session:
        return {
            (one.student.id, one.assignment.name): one.late_submission_penalty or 0.0
            for one in session.query(SubmittedNotebook)
        }


def test_a_due_date_is_set_in_the_zone_of_the_course_which_the_answer_names(
    run: Run, root: Path
) -> None:
    code, said = run("due", "open", "2026-10-25 23:59")
    assert code == 0
    assert "open: due 25 October 2026, 23:59 CET (Europe/Berlin); before: no due date" in said
    assert times(root).due_dates["open"] == DUE + 24 * DAY + HOUR
    code, said = run("due", "open", "2026-10-25T23:59+00:00")
    assert "open: due 26 October 2026, 00:59 CET (Europe/Berlin)" in said
    code, said = run("due", "open", "--undo")
    assert "open: no due date; before: due 26 October" in said
    assert times(root).due_dates["open"] is None


def test_a_due_date_tells_the_difference_in_all_assignments_and_writes_nbgraders_column(
    run: Run, root: Path
) -> None:
    _, said = run("due", "conv", "2026-10-05 23:59")
    assert "late days and points change for 1 student:" in said
    assert (
        "Ada Lovelace (ada), conv: 2 days late → 0, 1 late day used → 0, 2 points off → 0" in said
    )
    assert "Ada Lovelace (ada), next: 0 late days used → 1, 2 points off → 0" in said
    assert "Ada Lovelace (ada): 0 late days left" in said
    assert "`autograder feedback next --changed`" in said
    assert set(penalties(root).values()) == {0.0}
    assert "late days and points: no change" in run("due", "conv", "2026-10-05 23:59")[1]


def test_students_are_extended_before_the_hand_in_and_it_can_be_taken_back(
    run: Run, root: Path
) -> None:
    code, said = run("extend", "conv", "cy", "ada", "--by", "2d", "--reason", "ill")
    assert code == 0
    assert "cy, conv: due 3 October 2026, 23:59 CEST (Europe/Berlin); before: due 1 October" in said
    assert "Ada Lovelace (ada), next: 0 late days used → 1, 2 points off → 0" in said
    found = times(root).extensions["cy", "conv"]
    assert (found.by, found.reason) == (2 * DAY, "ill")
    _, said = run("extend", "conv", "cy", "--until", "2026-10-02 12:00 UTC")
    assert "cy, conv: due 2 October 2026, 14:00 CEST" in said
    _, said = run("extend", "conv", "ada", "cy", "--undo")
    assert "Ada Lovelace (ada), conv: 0 days late → 2" in said
    assert not times(root).extensions
    assert penalties(root)["ada", "next"] == 2.0


def test_an_extension_that_changes_nothing_says_so(run: Run, root: Path) -> None:
    _, said = run("extend", "conv", "cy", "--until", "2026-09-01 12:00")
    assert "The extension ends before the due date, and changes nothing" in said
    _, said = run("extend", "open", "cy", "--by", "1d")
    assert "open has no due date yet" in said and "autograder due open TIME" in said


def test_an_excuse_frees_late_days_and_settles_a_doubt(run: Run, root: Path) -> None:
    _, said = run("excuse", "conv", "ada", "bob", "cy", "--reason", "hospital")
    assert "cy, conv: excused" in said
    assert "Ada Lovelace (ada), next: 0 late days used → 1, 2 points off → 0" in said
    assert "bob, conv: time no longer matters" in said
    assert penalties(root)["ada", "conv"] == 0.0
    _, said = run("excuse", "conv", "cy")
    assert "cy, conv: excused already" in said
    _, said = run("excuse", "conv", "ada", "bob", "cy", "--undo")
    assert "bob, conv: time not clear" in said
    assert not times(root).excuses and penalties(root)["ada", "conv"] == 2.0


def test_the_due_date_is_shown_with_extensions_and_excuses(run: Run) -> None:
    run("extend", "conv", "cy", "--by", "36h", "--reason", "[bold]ill[/bold]\nagain")
    run("excuse", "conv", "bob", "--reason", "hospital")
    code, said = run("due", "conv")
    assert code == 0
    assert said.splitlines() == [
        "conv: due 1 October 2026, 23:59 CEST (Europe/Berlin)",
        "  cy: due 3 October 2026, 11:59 CEST (Europe/Berlin), 1 day 12 hours more "
        "([bold]ill[/bold] again)",
        "  bob: excused (hospital)",
    ]


def test_an_extension_granted_through_nbgrader_is_shown(run: Run, root: Path) -> None:
    with Gradebook(database_url(root / "gradebook.db"), COURSE_ID) as gradebook:
        gradebook.grant_extension("conv", "ada", days=1)
    assert "Ada Lovelace (ada): due 2 October 2026, 23:59 CEST (Europe/Berlin), 1 day more, " in (
        said := run("due", "conv")[1]
    )
    assert "granted through nbgrader" in said


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("extend conv adda cyy --by 2d", "'adda' (did you mean Ada Lovelace (ada)?); 'cyy'"),
        ("extend conv lovelace --by 2d", "did you mean Ada Lovelace (ada)?"),
        ("excuse conv nobody", "not on the roster and not in the gradebook: 'nobody'"),
        ("late --student nobody", "not on the roster and not in the gradebook: 'nobody'"),
        ("extend conv ada", "say how long: --by 2d, or until when"),
        ("extend conv ada --by 2d --until 2026", "say how long: --by 2d, or until when"),
        ("extend conv ada --by 2d --undo", "give --undo alone"),
        ("extend conv ada --by 2", "cannot be read as a duration"),
        ("due conv 2026-10-01", "names no time of day"),
        ("due konv", "no assignment named 'konv'; did you mean conv?"),
        ("late konv", "no assignment named 'konv'"),
    ],
)
def test_a_wrong_command_is_refused_and_writes_nothing(
    run: Run, root: Path, command: str, said: str
) -> None:
    before = (root / "gradebook.db").read_bytes()
    code, told = run(*command.split())
    assert code == 2 and said in " ".join(told.split())
    assert (root / "gradebook.db").read_bytes() == before


def test_the_ledger_shows_late_and_unclear_hand_ins_in_order(run: Run) -> None:
    code, said = run("late")
    rows = [line.split() for line in said.splitlines()]
    assert code == 0
    assert rows[0][:4] == ["student", "assignment", "late", "by"]
    assert rows[1] == "Ada Lovelace (ada) conv 26.0 h 2 1 0 2".split()
    assert rows[2] == "next 1.0 h 1 0 2".split()
    assert rows[3] == "bob conv 1 It has [red]two[/red] readings".split()
    assert said.splitlines()[-1] == "2 students with nothing late or unclear"


def test_the_ledger_of_a_student_shows_hand_ins_on_time_too(run: Run) -> None:
    run("due", "conv", "2026-10-05 23:59")
    assert "ada" not in run("late", "conv")[1].lower()
    said = run("late", "conv", "--student", "ada")[1]
    assert "conv" in said.splitlines()[1] and "next" not in said


def test_a_course_without_a_policy_says_that_late_work_costs_nothing(run: Run, root: Path) -> None:
    (root / "nbgrader_config.py").write_text("c = get_config()\n")
    assert "late work costs nothing" in run("late")[1]


def test_a_student_with_a_folder_only_can_be_excused(run: Run, root: Path) -> None:
    (root / "submitted" / "[zoe]" / "conv").mkdir(parents=True)
    code, said = run("excuse", "conv", "[zoe]", "=1+1")
    assert code == 0 and "[zoe], conv: excused" in said
    assert {student for student, _ in times(root).excuses} == {"[zoe]", "=1+1"}


def test_a_due_date_before_the_first_release_makes_the_gradebook(run: Run, root: Path) -> None:
    (root / "gradebook.db").unlink()
    (root / "source" / "first").mkdir(parents=True)
    (root / "source" / "first" / "01_x.py").write_text("")
    assert "due 1 October" in run("due", "first", "2026-10-01 23:59")[1]
    assert times(root).due("anyone", "first") == DUE
    assert times(root).extensions == {} and Extension(timedelta(1)).due(DUE) == DUE + DAY
