from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from autograder.autograded import write_autograded
from autograder.bundle import NotebookBundle
from autograder.converters import ConversionError
from autograder.course import Course
from autograder.errors import UsageError
from autograder.feedback import write_feedback
from autograder.gradebook import open_gradebook, record
from autograder.instructor import trusted_notebook
from autograder.results import CellOutput, NotebookResult, Outcome, TestResult
from autograder.worked import visible_part

PLACEMENT = {"setup": 1, "total": 3, "test_total": 4, "commonest": 6, "test_commonest": 7, "why": 9}


class Tags(HTMLParser):
    """The elements of a page and the addresses it refers to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def grade(course: Course, bundle: NotebookBundle, student: str = "ada", text: str = "Yes.") -> None:
    notebook = trusted_notebook(course, bundle.path)
    for cell in notebook.cells:
        cell.source = visible_part(cell.source)
    notebook.cells[3].source = "def total(numbers):\n    return sum(numbers)"
    notebook.cells[9].source = text
    tests = (
        TestResult("test_total", "total", 2.0, 2.0, Outcome.PASSED, printed="ok   total\n"),
        TestResult(
            "test_commonest", "commonest", 1.5, 3.0, Outcome.PARTIAL,
            diagnosis="commonest.last", message="Look at ties.", html="<p><b>Look at ties.</b></p>",
        ),
        TestResult("why", "why", 0.0, 1.0, Outcome.NEEDS_MANUAL_GRADE),
    )  # fmt: skip
    printed = CellOutput(
        stdout="<script>alert(1)</script>",
        error=("E<b>", "<i>", ["\x1b[31mE<b>\x1b[0m: <img src=x onerror=alert(1)>"]),
    )
    result = NotebookResult(
        student, "demo", "01_sums", tests,
        outcome=Outcome.PARTIAL, notes=("renamed from <b>x</b>.ipynb",), outputs={3: printed},
    )  # fmt: skip
    record(course, [bundle], [result])
    write_autograded(course, bundle, notebook, result, PLACEMENT)


def page_of(course: Course, student: str = "ada") -> str:
    return (course.feedback / student / "demo/01_sums.html").read_text()


def test_a_page_shows_points_messages_and_comments(course: Course, bundle: NotebookBundle) -> None:
    grade(course, bundle)
    with open_gradebook(course) as gradebook:
        row = gradebook.find_grade("why", "01_sums", "demo", "ada")
        row.manual_score, row.needs_manual_grade = 0.5, False
        gradebook.find_comment("why", "01_sums", "demo", "ada").manual_comment = "*Nearly*: $a<b$"
        gradebook.db.commit()
    assert write_feedback(course, "demo") == [course.feedback / "ada/demo/01_sums.html"]
    page = page_of(course)
    assert re.search(r"<b>4</b> of 6 points\s", page)
    assert "1.5 / 3" in page and "0.5 / 1" in page
    assert "<p><b>Look at ties.</b></p>" in page
    assert "<em>Nearly</em>" in page
    assert "ok   total" in page


def test_an_answer_that_nobody_read_yet_has_no_points(
    course: Course, bundle: NotebookBundle
) -> None:
    grade(course, bundle)
    write_feedback(course, "demo")
    page = page_of(course)
    assert "points so far" in page
    assert "waits to be read by a person" in page
    assert "– / 1" in page


def test_a_page_does_not_tell_the_hidden_tests(course: Course, bundle: NotebookBundle) -> None:
    grade(course, bundle)
    write_feedback(course, "demo")
    page = page_of(course)
    assert "hidden_number" not in page and "HIDDEN" not in page
    assert "total of 1 and 2" in page


def test_a_page_needs_no_network_and_runs_nothing(course: Course, bundle: NotebookBundle) -> None:
    hostile = (
        "<script>alert(1)</script> [x](java&#115;cript:alert(1)) ![p](https://example.org/p.png)"
    )
    grade(course, bundle, text=hostile)
    write_feedback(course, "demo")
    page = page_of(course)
    tags = Tags(page)
    assert not tags.names & {"script", "iframe", "object", "embed", "link", "form", "svg", "base"}
    assert tags.handlers == []
    own = [address for address in tags.addresses if not address.startswith(("#", "data:image/png"))]
    assert all(address.startswith("https://example.org") for address in own)
    assert "<img" not in page
    assert "default-src 'none'" in page


def test_formulas_are_drawn_by_the_browser_itself(course: Course, bundle: NotebookBundle) -> None:
    grade(course, bundle, text="$\\frac{a}{b}$ and $$\\sum_i x_i$$ and $\\nonsense{$")
    write_feedback(course, "demo")
    page = page_of(course)
    assert "<mfrac>" in page
    assert 'display="block"' in page


def test_nbgraders_own_command_makes_the_same_page(course: Course, bundle: NotebookBundle) -> None:
    grade(course, bundle)
    write_feedback(course, "demo")
    ours = page_of(course)
    shutil.rmtree(course.feedback)
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", "demo"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run(command, cwd=course.root, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert page_of(course) == ours


def test_only_the_students_asked_for_get_pages(course: Course, bundle: NotebookBundle) -> None:
    for student in ("ada", "bob", "[c]*"):
        grade(course, bundle, student)
    assert [path.parts[-3] for path in write_feedback(course, "demo", ["bob", "[c]*"])] == [
        "[c]*",
        "bob",
    ]
    assert not (course.feedback / "ada").exists()


def test_one_students_broken_file_leaves_the_others_their_pages(
    course: Course, bundle: NotebookBundle
) -> None:
    grade(course, bundle, "ada")
    grade(course, bundle, "bob")
    (course.autograded / "ada/demo/01_sums.ipynb").write_text("{")
    with pytest.raises(ConversionError, match="no feedback for\nada: "):
        write_feedback(course, "demo")
    assert "ok   total" in page_of(course, "bob")


def test_students_who_were_not_graded_are_named(course: Course, bundle: NotebookBundle) -> None:
    with pytest.raises(UsageError, match="no submission of demo has been graded yet"):
        write_feedback(course, "demo")
    grade(course, bundle)
    with pytest.raises(UsageError, match="not graded yet in demo: bob"):
        write_feedback(course, "demo", ["bob"])


def test_a_notebook_graded_by_plain_nbgrader_gets_a_page_too(
    course: Course, bundle: NotebookBundle
) -> None:
    grade(course, bundle)
    path: Path = course.autograded / "ada/demo/01_sums.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("autograder")
    for cell in notebook.cells:
        cell.metadata.pop("autograder", None)
    nbformat.write(notebook, path)
    write_feedback(course, "demo")
    assert "partly right" in page_of(course)
