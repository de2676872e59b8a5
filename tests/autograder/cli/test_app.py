from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from rich.console import Console

from autograder.cli import app, consoles
from autograder.cli.display.doctor import examined
from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.errors import SandboxUnavailable
from autograder.results import NotebookResult, Outcome, TestResult
from autograder.runs import class_run
from autograder.runs.doctor import Report
from tests.courses.handed_in import as_bytes, as_handed_in

REPOSITORY = Path(__file__).resolve().parents[3]


def program(course: Course, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m autograder`` in the course folder, as one would."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "autograder", *arguments],
        cwd=course.root,
        env={"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin", "COLUMNS": "160"},
        capture_output=True,
        text=True,
        timeout=120,
    )


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    released: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """``run("grade", "tiny")`` in this process: exit code, output, errors."""
    monkeypatch.chdir(released.root)
    monkeypatch.setattr(consoles, "console", Console(width=160))
    monkeypatch.setattr(consoles, "errors", Console(width=160, stderr=True))

    def invoke(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["autograder", *arguments])
        with pytest.raises(SystemExit) as caught:
            app.main()
        code = caught.value.code
        assert code is None or isinstance(code, int)
        return (code or 0, *capsys.readouterr())

    return invoke


def hand_in(course: Course, student: str, answers: dict[str, str] | None = None) -> None:
    (bundle,) = load_assignment(course, "tiny")
    folder = course.submitted / student / "tiny"
    folder.mkdir(parents=True)
    (folder / "01_tiny.ipynb").write_bytes(as_bytes(as_handed_in(bundle, answers)))


def test_a_class_is_graded_from_the_command_line(released: Course) -> None:
    hand_in(released, "ada")
    hand_in(released, "bob", {"scale": "def scale(x, k):\n    return x + k"})
    before = {path.name for path in released.root.iterdir()}
    done = program(released, "grade", "tiny", "--workers", "1", "--json", "out.json", "-v")
    assert done.returncode == 0, done.stderr
    steps = [line.partition(" ")[2] for line in done.stderr.splitlines()]
    assert len(steps) == 9, done.stderr
    for step, start in zip(
        steps,
        [
            f"course: {released.root}, settings: ", "runs: sandbox bubblewrap, 2 students, log ",
            "runs: 2 notebooks to grade, 0 results known", "workers: started worker ", "workers: worker ",
            "runs: graded ada, 01_tiny: needs_manual_grade, 9 of 10 points in ",
            f"runs: recorded ada in {released.gradebook}",
            "runs: graded bob, 01_tiny: failed, 2 of 10 points in ",
            f"runs: recorded bob in {released.gradebook}",
        ],
        strict=True,
    ):  # fmt: skip
        assert step.startswith(start), step
    assert "tiny: 2 students, 2 notebooks in" in done.stdout
    assert "1  scale.adds" in done.stdout
    assert "sandbox: bubblewrap (no network" in done.stdout
    out = json.loads((released.root / "out.json").read_text())
    jsonschema.validate(out, json.loads((REPOSITORY / "docs" / "out.schema.json").read_text()))
    assert [(one["student"], one["points"], one["outcome"]) for one in out] == [
        ("ada", 9.0, "needs_manual_grade"),
        ("bob", 2.0, "failed"),
    ]
    assert out[1]["tests"][1] | {"message": ""} == {
        "grade_id": "test_scale", "exercise": "scale", "points": 0.0, "max_points": 7.0,
        "outcome": "failed", "diagnosis": "scale.adds", "evidence": "whole", "also": [],
        "message": "",
    }  # fmt: skip
    after = {path.name for path in released.root.iterdir()}
    assert after - before == {"autograded", "out.json", ".autograder"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["grade", "nothing"], "no assignment named 'nothing'"),
        (["grade", "tiny"], "there is no submission of tiny"),
        (["grade", "tiny", "--course", "/"], "no course at or above /"),
        (["grade", "tiny", "--workers", "-1"], "--workers"),
        (["grade"], "ASSIGNMENT"),
        (["nonsense"], "nonsense"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_one_message(
    run: Run, arguments: list[str], words: str
) -> None:
    code, out, err = run(*arguments)
    assert code == 2
    assert words.lower() in err.lower()
    assert out.strip() == ""


def result(outcome: Outcome, **fields: Any) -> NotebookResult:
    test = TestResult("t", "add", 0.0, 1.0, outcome, **fields)
    return NotebookResult("a[b]c", "tiny", "01_tiny", (test,), outcome=outcome, notes=("[/] note",))


@pytest.mark.parametrize("outcome", list(Outcome))
def test_exit_code_1_is_for_submissions_without_a_verdict_only(
    run: Run, monkeypatch: pytest.MonkeyPatch, outcome: Outcome
) -> None:
    monkeypatch.setattr(class_run.ClassRun, "grade", lambda *args: [result(outcome, log="why [x]")])
    code, out, _ = run("grade", "tiny", "--json", "out.json")
    assert code == (1 if outcome is Outcome.GRADER_ERROR else 0)
    words = {"grader_error": "no verdict", "needs_manual_grade": "to grade by hand"}
    assert f"1 {words.get(outcome, outcome.replace('_', ' '))}" in out
    code, out, _ = run("grade", "tiny", "--details")
    assert outcome.value in out
    assert "a[b]c" in out
    assert json.loads(Path("out.json").read_text())[0]["outcome"] == outcome.value
    if outcome is Outcome.GRADER_ERROR:
        assert code == 1
        assert "autograder grade tiny --student 'a[b]c'" in out
        assert "why [x]" in out


def test_a_mistake_of_the_course_is_told_once_with_file_and_cell_and_never_to_grade_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = TestResult(
        "test_scale", "scale", 0.0, 3.0, Outcome.FAILED, log="seed 2736; also ", message="wrong"
    )
    failed = TestResult(
        "test_add", "add", 0.0, 2.0, Outcome.GRADER_ERROR, mistake="it says [3] of 2", log="why [x]"
    )
    results = [
        NotebookResult(name, "tiny", "01_tiny", (wrong, failed), outcome=Outcome.GRADER_ERROR)
        for name in ("ada", "bob")
    ]
    monkeypatch.setattr(class_run.ClassRun, "grade", lambda *args: results)
    code, out, _ = run("grade", "tiny", "--details")
    told = " ".join(out.partition("tiny: 2 students")[0].split())
    assert code == 1
    assert told.count("it says [3] of 2") == 1
    assert (
        "no verdict for ada, bob: a mistake of the course, in source/tiny/01_tiny.py, cell "
        "test_add: it says [3] of 2. Mend it, then run `autograder release tiny`"
    ) in told
    assert "grade again" not in told and "seed 2736" not in told


def test_the_reason_of_a_failed_grader_is_the_failed_test_s_own(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = TestResult("test_scale", "scale", 0.0, 3.0, Outcome.FAILED, log="seed 2736; also ")
    failed = TestResult("test_add", "add", 0.0, 2.0, Outcome.GRADER_ERROR, log="a worker died")
    one = NotebookResult("ada", "tiny", "01_tiny", (wrong, failed), outcome=Outcome.GRADER_ERROR)
    monkeypatch.setattr(class_run.ClassRun, "grade", lambda *args: [one])
    _, out, _ = run("grade", "tiny")
    assert "a worker died" in out and "grade again" in out and "seed 2736" not in out


def test_options_of_grade_reach_the_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[class_run.ClassRun] = []

    def note(self: class_run.ClassRun, *callbacks: Any) -> list[NotebookResult]:
        seen.append(self)
        return [result(Outcome.PASSED)]

    monkeypatch.setattr(class_run.ClassRun, "grade", note)
    options = ["--student", "ada", "--student", "bob", "--workers", "3", "--force"]
    assert run("grade", "tiny", *options, "--sandbox", "process")[0] == 0
    (one,) = seen
    assert (one.students, one.workers, one.force, one.sandbox) == (
        ("ada", "bob"), 3, True, "process",
    )  # fmt: skip


def test_a_setting_can_be_replaced_for_one_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[class_run.ClassRun] = []

    def note(self: class_run.ClassRun, *callbacks: Any) -> list[NotebookResult]:
        seen.append(self)
        return [result(Outcome.PASSED)]

    monkeypatch.setattr(class_run.ClassRun, "grade", note)
    assert run("grade", "--Autograder.cell_s=3", "tiny", "--Autograder.memory_mb=900")[0] == 0
    (one,) = seen
    before = Course.find(one.course.root).settings
    assert one.course.settings == replace(before, cell_s=3.0, memory_mb=900)


@pytest.mark.parametrize("command", ["grade", "verify", "feedback", "doctor"])
def test_a_wrong_setting_of_a_command_is_refused_by_name(run: Run, command: str) -> None:
    names = [] if command == "doctor" else ["tiny"]
    code, _, err = run(command, *names, "--Autograder.cel_s=7")
    assert (code, " ".join(err.split())) == (
        2, "autograder: --Autograder.cel_s is not a setting; did you mean cell_s?",
    )  # fmt: skip
    assert "--Autograder.cell_s=30" in run(command, "--help")[1]
    code, _, err = run(command, *names, "--Autogrades.cell_s=7")
    assert code == 2 and "No such option" in err


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (SandboxUnavailable("apt-get install [bubblewrap]"), 2, "apt-get install [bubblewrap]"),
        (KeyboardInterrupt(), 130, "finished results are kept"),
    ],
)
def test_errors_that_one_can_act_on_are_one_message(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, words: str
) -> None:
    def fail(*args: Any) -> Any:
        raise error

    monkeypatch.setattr(class_run.ClassRun, "grade", fail)
    found = run("grade", "tiny")
    assert found[0] == code
    assert words in found[2]


def test_simulate_shows_the_class(run: Run, released: Course) -> None:
    code, out, _ = run("simulate", "tiny", "--students", "3", "--seed", "5")
    assert code == 0
    assert "student03" in out
    assert "everything right" in out
    assert len(list(released.submitted.iterdir())) == 3


def test_release_check_is_exit_code_1_when_a_shadow_is_stale(run: Run, released: Course) -> None:
    assert run("release", "--check", "tiny")[:2] == (
        0,
        "assignments/ and solutions/ are fresh\n",
    )
    (released.assignments / "tiny" / "01_tiny.ipynb").write_text("{}")
    code, out, _ = run("release", "--check", "tiny")
    assert code == 1
    assert "stale: assignments/tiny/01_tiny.ipynb" in out


def test_the_course_can_be_named(run: Run, released: Course, tmp_path: Path) -> None:
    assert run("release", "--check", "tiny", "--course", str(released.root / "source"))[0] == 0


def test_help_lists_the_commands(run: Run) -> None:
    _, out, _ = run("--help")
    for name in ("new", "edit", "release", "verify", "simulate", "grade", "export", "doctor"):
        assert name in out


def test_starting_the_command_line_does_not_load_torch() -> None:
    source = "import sys, autograder.cli.app; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, cwd=REPOSITORY, timeout=60
    )
    assert done.stdout == "False\n", done.stderr


def test_feedback_says_which_pages_are_not_whole(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.pages import feedback

    page = Path.cwd() / "feedback" / "ada" / "tiny" / "01_tiny.html"
    start = page.with_name("index.html")
    written = feedback.Feedback([page], ["bob, 01_tiny: no page: [x]\ny"], [start])
    monkeypatch.setattr(feedback, "write_feedback", lambda *args, **options: written)
    code, out, _ = run("feedback", "tiny")
    assert code == 1
    assert "1 page in feedback" in out and "start page: feedback/ada/tiny/index.html" in out
    assert "not whole: bob, 01_tiny: no page: [x] y\n" in out
    written.troubles.clear()
    assert run("feedback", "tiny")[0] == 0


def test_verify_counts_answers_and_exits_with_1_where_one_has_other_points(
    released: Course, run: Run
) -> None:
    folder = released.source / "tiny" / "exercises" / "add"
    folder.mkdir(parents=True)
    (folder / "right.py").write_text("# %% a lambda\nadd = lambda a, b: b + a\n")
    (folder / "wrong.py").write_text("# %% a sum\ndef add(a, b):\n    return sum([a, b])\n")
    code, output, _ = run("verify", "tiny", "--workers", "1", "--json", "findings.json")
    assert code == 1
    assert "3 misconceptions, 3 named (100%), 1 right and 1 wrong answers" in output
    assert "problem: add/wrong.py: a sum earns full points" in output
    (found,) = json.loads((released.root / "findings.json").read_text())
    assert (found["right"], found["wrong"], found["passed"]) == (1, 1, False)
    assert found["earned"]["add/wrong.py: a sum"] == 1.0
    assert found["problems"] == ["add/wrong.py: a sum earns full points"]


def test_doctor_lists_each_setting_in_one_line(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = "Talk in pairs, write alone.\n\nName the programs that helped."
    changed = replace(course.settings, help=rules, course_url="https://uni.example/cnn")
    examined(Console(width=200), replace(course, settings=changed), Report(()))
    shown = capsys.readouterr().out
    assert "Talk in pairs, write alone. ... (default: none)" in shown
    assert "https://uni.example/cnn (default: none)" in shown
    assert "Name the programs" not in shown
