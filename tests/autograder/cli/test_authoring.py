"""The commands for authors on the command line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from autograder.authoring import session
from autograder.cli import app, consoles
from autograder.course.layout import Course
from tests.courses.lessons import write_lesson_course
from tests.courses.toolbar import set_points

NAME = "demo/01_sums"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return write_lesson_course(tmp_path / "course")


@pytest.fixture
def run(course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("edit", NAME, "--once")`` in this process: exit code, output, errors."""
    monkeypatch.chdir(course.root)
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


def set_points_in_the_notebook(course: Course, points: float) -> None:
    path = course.source / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    set_points(notebook, "test_total", points)
    nbformat.write(notebook, path)


def lesson(course: Course) -> str:
    return (course.source / f"{NAME}.py").read_text()


def test_a_new_assignment_is_told_file_by_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    code, out, errors = run("new", "assignment", "week_1")
    assert (code, errors) == (0, "")
    *wrote, last = out.splitlines()
    made = ["nbgrader_config.py", ".gitignore", "source/week_1/01_week_1.py"]
    assert wrote[:3] == [f"wrote {path}" for path in made]
    assert len(wrote) == 7
    assert last.startswith("next: edit source/week_1/01_week_1.py, then `autograder release week")


def test_a_new_exercise_is_told_file_by_file(run: Run) -> None:
    code, out, _ = run("new", "exercise", NAME, "mean", "--after", "total")
    assert code == 0
    assert "wrote source/demo/exercises/mean/check.py\n" in out
    assert out.splitlines()[-1].startswith("next: change the cells of mean and the files in")


def test_edit_once_converts_both_ways(run: Run, course: Course) -> None:
    assert run("edit", NAME, "--once") == (0, f"wrote {NAME}.ipynb from the lesson\n", "")
    assert run("edit", NAME, "--once")[1] == f"{NAME}: lesson and notebook are the same\n"
    set_points_in_the_notebook(course, 5)
    code, out, _ = run("edit", NAME, "--once")
    assert code == 0
    assert out == f"took the edits in {NAME}.ipynb into the lesson\n  wrote 01_sums.py\n"
    assert "points=5" in lesson(course)


def test_edit_refuses_when_both_were_edited_until_one_is_taken(run: Run, course: Course) -> None:
    run("edit", NAME, "--once")
    set_points_in_the_notebook(course, 5)
    path = course.source / f"{NAME}.py"
    path.write_text(lesson(course).replace("# The end", "# An end"))
    code, _, errors = run("edit", NAME)
    assert code == 2
    assert f"`autograder edit --take lesson {NAME}`" in errors
    assert run("edit", "--take", "lesson", NAME)[0] == 0
    assert "points=2" in lesson(course)
    set_points_in_the_notebook(course, 6)
    assert run("edit", "--take", "notebook", NAME)[0] == 0
    assert "points=6" in lesson(course)


def test_edit_watches_until_ctrl_c(
    run: Run, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = iter([lambda: None, lambda: set_points_in_the_notebook(course, 8), lambda: None])

    def pause() -> bool:
        for action in pauses:
            action()
            return True
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "pause", pause)
    code, out, errors = run("edit", NAME)
    assert (code, errors) == (0, "")
    assert "source/demo/01_sums.ipynb is ready for JupyterLab. Each save goes into" in out
    assert f"took the edits in {NAME}.ipynb into the lesson\n  wrote 01_sums.py\n" in out
    assert out.endswith("ended; the next `autograder edit` or `release` takes later edits\n")


def test_verify_takes_edits_first_and_grade_tells_them(
    run: Run, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("edit", NAME, "--once")
    set_points_in_the_notebook(course, 5)
    code, out, errors = run("grade", "demo")  # nothing was handed in
    assert code == 2
    assert out.startswith(f"note: {NAME}.ipynb was edited, and grading goes by the lesson; `autogr")
    assert "there is no submission of demo" in errors
    assert "points=2" in lesson(course)
    _, out, _ = run("verify", "demo", "--notebook", "02_none")
    assert out.startswith(f"took the edits in {NAME}.ipynb into the lesson\n")
    assert "points=5" in lesson(course)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["new", "assignment", "demo"], "the assignment 'demo' exists"),
        (["new", "exercise", NAME, "total"], "exists: choose another name"),
        (["new", "exercise", "demo/02", "mean"], "no lesson 'demo/02'"),
        (["edit", "demo"], f"(there: {NAME})"),
        (["edit", NAME, "--take", "both"], "both"),
    ],
)
def test_wrong_usage_is_exit_code_2(run: Run, arguments: list[str], words: str) -> None:
    code, _, errors = run(*arguments)
    assert code == 2
    assert words in errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["new", "edit"]),
        (["new"], ["assignment", "exercise"]),
        (["new", "assignment"], ["NAME", "--course"]),
        (["new", "exercise"], ["ASSIGNMENT/NOTEBOOK", "NAME", "--after"]),
        (["edit"], ["ASSIGNMENT/NOTEBOOK", "--take", "--once", "--lab"]),
    ],
)
def test_help_names_arguments_and_options(run: Run, arguments: list[str], words: list[str]) -> None:
    _, out, _ = run(*arguments, "--help")
    for word in words:
        assert word in out


def test_the_commands_load_no_torch_before_they_need_it() -> None:
    source = "import sys, autograder.cli.authoring; print({'torch', 'jupytext'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "set()\n"
