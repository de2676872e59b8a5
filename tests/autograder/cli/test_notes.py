"""``autograder comment``: whom a note reaches, and where the pages show it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from autograder.cli import app, consoles
from autograder.course.layout import Course
from autograder.pages.feedback import write_feedback
from autograder.records.gradebook import open_gradebook
from autograder.runs.class_run import ClassRun
from tests.courses.handed_in import hand_in
from tests.courses.small_class import gradebook_of
from tests.courses.verdict_pool import VerdictPool, verdict

REPOSITORY = Path(__file__).resolve().parents[3]
WORDS = "Note from your instructor"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    released: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """``run("--student", ...)``: ``autograder comment tiny`` in a graded class."""
    monkeypatch.chdir(released.root)
    monkeypatch.setattr(consoles, "console", Console(width=120))
    monkeypatch.setattr(consoles, "errors", Console(width=200, stderr=True))
    monkeypatch.setattr("autograder.runs.grading.Pool", VerdictPool)
    monkeypatch.setattr(VerdictPool, "graded", [], raising=False)
    table = {
        "ada": {"scale": verdict("scale", 0, "scale.adds")},
        "b[o]b": {"scale": verdict("scale", 0, "scale.last_row_forgotten", also=("scale.adds",))},
        "cleo": {"scale": verdict("scale", 0, "scale.relation_negative")},
        "dan": {"scale": verdict("scale", 0, "scale.exception_float_size")},
    }
    monkeypatch.setattr(VerdictPool, "table", table, raising=False)
    for student in table:
        hand_in(released, student)
    (released.submitted / "ida" / "tiny").mkdir(parents=True)
    ClassRun(released, "tiny").grade()

    def invoke(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["autograder", "comment", "tiny", *arguments])
        with pytest.raises(SystemExit) as caught:
            app.main()
        code = caught.value.code
        assert code is None or isinstance(code, int)
        return (code or 0, *capsys.readouterr())

    return invoke


def page_of(course: Course, student: str, name: str = "01_tiny") -> str:
    return (course.feedback / student / "tiny" / f"{name}.html").read_text()


def box(page: str, grade_id: str) -> str:
    """The part of a page from the line of a verdict to the next one."""
    return page.partition(f'id="{grade_id}"')[2].partition('<header class="verdict')[0]


def test_a_note_to_all_who_share_a_mistake_stands_at_the_box_of_the_exercise(
    run: Run, released: Course
) -> None:
    points = gradebook_of(released)["grade"]
    text = "Multiply,\r\ndo not <b>add</b> & see {{ 7 * 7 }}."
    code, out, _ = run("--diagnosis", "scale.adds", "--text", text)
    assert (code, out.splitlines()[0]) == (0, "note 1 for 2 students: ada, b[o]b, at scale")
    written = write_feedback(released, "tiny", changed_only=True)
    assert len(written.starts) == 5
    for student in ("ada", "b[o]b"):
        page = page_of(released, student)
        assert page.count(WORDS) == 1
        shown = box(page, "test_scale")
        assert "Multiply,\ndo not &lt;b&gt;add&lt;/b&gt; &amp; see {{ 7 * 7 }}." in shown
        start = page_of(released, student, "index")
        assert f'{WORDS} on <a href="01_tiny.html#test_scale">scale</a>' in start
        assert "do not &lt;b&gt;add&lt;/b&gt; &amp; see" in start
    assert WORDS not in page_of(released, "cleo") + page_of(released, "cleo", "index")
    assert gradebook_of(released)["grade"] == points

    code, out, _ = run("--undo", "1")
    assert (code, out.splitlines()[0]) == (0, "removed note 1 from 2 students: ada, b[o]b")
    written = write_feedback(released, "tiny", changed_only=True)
    assert [path.parent.parent.name for path in written.starts] == ["ada", "b[o]b"]
    assert WORDS not in page_of(released, "ada") + page_of(released, "ada", "index")


def test_a_note_to_a_student_stands_above_the_notebook_and_survives_the_next_grading(
    run: Run, released: Course
) -> None:
    assert run("--student", "cleo", "--student", "ida", "--text", "Come and see me.")[0] == 0
    assert run("--student", "ada", "--exercise", "why", "--text", "Why not?")[0] == 0
    assert run("--student", "ada", "--notebook", "01_tiny", "--text", "Well done.")[0] == 0
    ClassRun(released, "tiny", force=True).grade()
    write_feedback(released, "tiny")
    for student in ("cleo", "ida"):
        before, _, _ = page_of(released, student).partition('<ul class="overview">')
        assert "Come and see me." in before
        start = page_of(released, student, "index")
        assert start.count("Come and see me.") == 1
    ada = page_of(released, "ada")
    assert "Why not?" in box(ada, "why")
    assert ada.index("Well done.") < ada.index('<ul class="overview">')
    assert f'{WORDS} on <a href="01_tiny.html">01_tiny</a>' in page_of(released, "ada", "index")


def test_a_note_to_all_who_handed_in_an_exercise(run: Run) -> None:
    code, out, _ = run("--exercise", "scale", "--text", "We mended the check.", "--dry-run")
    names = "4 students: ada, b[o]b, cleo, dan"
    assert (code, out) == (0, f"would reach {names}; nothing was written\n")
    assert run("--list")[1] == "no notes\n"
    assert run("--exercise", "scale", "--text", "We mended\nthe check.")[1].startswith(
        f"note 1 for {names}, at scale"
    )
    run("--student", "ada", "--text", "x" * 200)
    out = run("--list")[1]
    assert "4: ada, b[o]b, cleo and 1 more" in out and "We mended the check." in out
    assert "xxx…xxx" in out
    assert run("--undo", "3")[2].strip().endswith("tiny has no note 3. Its notes: 1, 5")


def test_people_are_told_by_their_names(run: Run, released: Course) -> None:
    with open_gradebook(released) as gradebook:
        gradebook.update_or_create_student("ada", first_name="Ada", last_name="O'Lovelace")
    said = run("--exercise", "scale", "--text", "x")[1]
    assert "4 students: Ada O'Lovelace (ada), b[o]b, cleo, dan" in said


@pytest.mark.parametrize("kind", ["scale.relation_negative", "scale.exception_float_size"])
def test_ids_of_general_kinds_reach_their_students(run: Run, kind: str) -> None:
    name = {"scale.relation_negative": "cleo"}.get(kind, "dan")
    assert f"for 1 student: {name}, at scale" in run("--diagnosis", kind, "--text", "Look.")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--text", "x"], "name who gets the note"),
        (["--student", "adam", "--text", "x"], "Similar: ada"),
        (["--diagnosis", "scale.add", "--text", "x"], "Similar: scale.adds"),
        (["--diagnosis", "scale.relation_negativ", "--text", "x"], "Similar: scale.relation_nega"),
        (["--exercise", "scales", "--text", "x"], "Similar: scale"),
        (["--student", "ada", "--notebook", "01_tini", "--text", "x"], "Similar: 01_tiny"),
        (["--student", "ada", "--text", " \n"], "a note needs a text"),
        (["--student", "ada", "--text", "x" * 10_001], "at most 10,000 characters"),
        (["--student", "ada", "--diagnosis", "scale.adds", "--text", "x"], "not to both"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_writes_nothing(
    run: Run, released: Course, arguments: list[str], words: str
) -> None:
    before = released.gradebook.read_bytes()
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert released.gradebook.read_bytes() == before


def test_a_known_mistake_that_nobody_made_is_told(run: Run) -> None:
    code, out, _ = run("--diagnosis", "add.subtracts", "--text", "x")
    assert (code, out) == (0, "nothing was written: no recorded result has add.subtracts\n")


@pytest.mark.nbgrader
@pytest.mark.slow
def test_nbgraders_own_command_shows_notes_too(run: Run, released: Course) -> None:
    run("--student", "ada", "--exercise", "scale", "--text", "A note.")
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_feedback", "tiny", "--student", "ada"],
        cwd=released.root, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "A note." in box(page_of(released, "ada"), "test_scale")
    assert "A note." in page_of(released, "ada", "index")
