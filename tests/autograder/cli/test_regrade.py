"""``autograder regrade`` on the command line: the difference, the question, and exit codes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from rich.console import Console

from autograder.cli import app, consoles
from autograder.course.layout import Course
from autograder.results import Outcome
from autograder.runs.class_run import ClassRun
from tests.courses.handed_in import hand_in
from tests.courses.small_class import ENVIRONMENT, gradebook_of
from tests.courses.verdict_pool import VerdictPool, verdict

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    released: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """``run("regrade", "tiny", ...)`` in a class of ada, bob and cleo: code, output, errors."""
    monkeypatch.chdir(released.root)
    monkeypatch.setattr(consoles, "console", Console(width=120))
    monkeypatch.setattr(consoles, "errors", Console(width=160, stderr=True))
    monkeypatch.setattr("autograder.runs.grading.Pool", VerdictPool)
    monkeypatch.setattr(VerdictPool, "graded", [], raising=False)
    table = {
        "ada": {"scale": verdict("scale", 0, "scale.adds")},
        "bob[x]": {"scale": verdict("scale", 7, None)},
        "cleo": {"scale": verdict("scale", 0, "scale.adds")},
    }
    monkeypatch.setattr(VerdictPool, "table", table, raising=False)
    for student in table:
        hand_in(released, student)
    ClassRun(released, "tiny").grade()
    path = released.source / "tiny" / "01_tiny.py"
    path.write_text(path.read_text().replace('name="scale",', 'name="scale",  # mended'))
    table["ada"] = {}
    table["bob[x]"] = {"scale": verdict("scale", 3.5, "scale.last_row_forgotten")}
    table["cleo"] = {"scale": verdict("scale", 3.5, "scale.adds")}

    def invoke(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["autograder", *arguments])
        with pytest.raises(SystemExit) as caught:
            app.main()
        code = caught.value.code
        assert code is None or isinstance(code, int)
        return (code or 0, *capsys.readouterr())

    return invoke


def rows(out: str) -> list[list[str]]:
    lines = [line for line in out.splitlines() if line.startswith("│")]
    return [[part.strip() for part in line.strip("│ ").split("│")] for line in lines]


def test_the_difference_comes_first_and_without_a_terminal_yes_is_needed(
    run: Run, released: Course
) -> None:
    before = gradebook_of(released)
    code, out, err = run("regrade", "tiny", "--exercise", "scale")
    assert code == 2
    assert "nothing was written" in err and "--yes" in err
    assert rows(out) == [
        ["ada", "scale", "0", "7", "+7", "adds → none"],
        ["bob[x]", "scale", "7", "3.5", "-3.5", "none → last_row_forgotten"],
        ["cleo", "scale", "0", "3.5", "+3.5", "adds"],
    ]
    assert "graded again for 3 students: 3 verdicts change, with 7 points before and 14 now" in out
    assert "2 students gain 10.5 points: ada +7, cleo +3.5" in out
    assert "1 student loses 3.5 points: bob[x] -3.5" in out
    assert gradebook_of(released) == before
    code, out, _ = run("regrade", "tiny", "--exercise", "scale", "--dry-run")
    assert (code, out.splitlines()[-1]) == (0, "nothing was written")
    assert gradebook_of(released) == before
    code, out, _ = run("regrade", "tiny", "--diagnosis", "scale.adds", "--yes")
    assert code == 0
    assert [row[0] for row in rows(out)] == ["ada", "cleo"]
    assert "written for 2 students into gradebook.db" in out
    assert "next: `autograder feedback tiny --changed` writes their pages" in out
    scores = {row[0]: row[3] for row in gradebook_of(released)["grade"] if row[2] == "test_scale"}
    assert scores == {"ada": 7.0, "bob[x]": 7.0, "cleo": 3.5}
    assert len(VerdictPool.graded) == 6  # each notebook once by `grade`, once by `regrade`
    code, out, _ = run("regrade", "tiny", "--diagnosis", "scale.adds")  # nothing to ask
    assert (code, out.strip()) == (0, "graded again for 1 student: nothing changes")


@pytest.mark.parametrize("answer", ["y", "n", ""])
def test_in_a_terminal_it_asks(
    run: Run, released: Course, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    asked: list[str] = []

    def confirm(text: str) -> bool:
        asked.append(text)
        return answer == "y"

    monkeypatch.setattr("typer.confirm", confirm)
    before = gradebook_of(released)
    code, out, _ = run("regrade", "tiny", "--exercise", "scale")
    assert (code, asked) == (0, ["Write these changes into the gradebook?"])
    assert ("nothing was written" in out) == (answer != "y")
    assert (gradebook_of(released) == before) == (answer != "y")


def test_who_was_left_and_whose_grader_failed_is_told(run: Run, released: Course) -> None:
    hand_in(released, "eve")
    VerdictPool.table["ada"] = {"scale": verdict("scale", 0, outcome=Outcome.GRADER_ERROR)}
    VerdictPool.table["cleo"]["add"] = verdict("add", 0)
    code, out, _ = run("regrade", "tiny", "--exercise", "scale", "--yes")
    assert code == 1
    assert "left to `autograder grade tiny`:\n  eve was not graded yet\n" in out
    assert "no verdict: the grader failed for ada; the old points stay" in out
    assert "other exercises keep their points" in out and "add (1 student)" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "name what to grade again: --exercise NAME or --diagnosis ID"),
        (["--exercise", "scales"], "Similar: scale"),
        (["--diagnosis", "scale.add"], "Similar: scale.adds"),
    ],
)
def test_wrong_usage_is_exit_code_2(run: Run, arguments: list[str], words: str) -> None:
    code, out, err = run("regrade", "tiny", *arguments)
    assert (code, out.strip()) == (2, "")
    assert words in err


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_mended_check_gives_the_points_that_grading_anew_gives(
    released: Course,
) -> None:
    path = released.source / "tiny" / "01_tiny.py"
    right = path.read_text()
    wrong = right.replace(
        "def reference(x, k):\n    return x * k", "def reference(x, k):\n    return x + k"
    )
    assert wrong != right
    path.write_text(wrong)
    hand_in(released, "ada")
    hand_in(released, "bob", {"scale": "def scale(x, k):\n    return x + k"})

    def program(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "autograder", *arguments],
            cwd=released.root, env=ENVIRONMENT, capture_output=True, text=True, timeout=200,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    program("grade", "tiny", "--workers", "1")
    path.write_text(right)
    out = program("regrade", "tiny", "--exercise", "scale", "--yes", "--workers", "1")
    assert rows(out)[0][:5] == ["ada", "scale", "0", "7", "+7"]
    assert rows(out)[1] == ["bob", "scale", "0", "0", "+0", "none → adds"]
    graded_again = gradebook_of(released)["grade"]
    assert "no points changed" in program("grade", "tiny", "--force", "--workers", "1")
    assert gradebook_of(released)["grade"] == graded_again
