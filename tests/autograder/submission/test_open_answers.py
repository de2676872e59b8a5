"""An open answer goes to a person wherever it stands, and stands where the person looks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from nbgrader.utils import determine_grade

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, Stubs, load_assignment
from autograder.grading.notebook import _manual
from autograder.pages.autograded import autograded_notebook
from autograder.results import NotebookResult, Outcome
from autograder.submission.submission import Submission, read_submission
from tests.courses.asking import QUESTIONS, asking_bundle, released
from tests.courses.handed_in import as_bytes, cell_of, code
from tests.courses.pictures import png

MINE = "Because a cake has two halves."
Edit = Callable[[NotebookNode], Any]


@pytest.fixture
def asked(tmp_path: Path) -> NotebookBundle:
    return asking_bundle(tmp_path)


@pytest.fixture
def handed_in(asked: NotebookBundle) -> NotebookNode:
    return released(asked)


def read(bundle: NotebookBundle, notebook: NotebookNode) -> Submission:
    return read_submission(as_bytes(notebook), bundle, {})


def seen(bundle: NotebookBundle, submission: Submission) -> NotebookNode:
    """The autograded notebook, which formgrader shows."""
    root = bundle.path.parents[2]
    (root / "nbgrader_config.py").write_text("c = get_config()\n")
    tests = tuple(_manual(cell, submission) for cell in bundle.manual)
    result = NotebookResult("ada", "asked", "01_asking", tests)
    placement = submission.placement
    return autograded_notebook(Course.find(root), bundle, submission.notebook, result, placement)


def graded_cell(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return notebook.cells[cell_of(notebook, grade_id)]


def put(grade_id: str, offset: int, *cells: NotebookNode) -> Edit:
    """Put the student's own cells beside a question's cell (offset 0: above it)."""

    def edit(notebook: NotebookNode) -> None:
        place = cell_of(notebook, grade_id) + offset
        notebook.cells[place:place] = [nbformat.from_dict(cell) for cell in cells]

    return edit


def write(grade_id: str, text: str) -> Edit:
    def edit(notebook: NotebookNode) -> None:
        cell = notebook.cells[cell_of(notebook, grade_id)]
        cell.source = text.format(was=cell.source)

    return edit


def become(grade_id: str, kind: str, text: str = MINE) -> Edit:
    def edit(notebook: NotebookNode) -> None:
        place = cell_of(notebook, grade_id)
        new = {"code": new_code_cell, "raw": new_raw_cell, "markdown": new_markdown_cell}[kind]
        cell = new(text)
        cell.metadata = notebook.cells[place].metadata
        notebook.cells[place] = cell

    return edit


def replaced(grade_id: str, *cells: NotebookNode, at: int = 0) -> Edit:
    def edit(notebook: NotebookNode) -> None:
        place = cell_of(notebook, grade_id)
        del notebook.cells[place]
        notebook.cells[place + at : place + at] = [nbformat.from_dict(cell) for cell in cells]

    return edit


def without_metadata(then: Edit) -> Edit:
    def edit(notebook: NotebookNode) -> None:
        then(notebook)
        for cell in notebook.cells:
            cell.metadata = {}

    return edit


def split(notebook: NotebookNode) -> None:
    """Jupyter's "split cell" copies the metadata."""
    place = cell_of(notebook, "why")
    second = nbformat.from_dict(notebook.cells[place])
    second.source = MINE
    notebook.cells.insert(place + 1, second)


def asked_and_answered(notebook: NotebookNode) -> None:
    notebook.cells[cell_of(notebook, "why") - 1].source += f"\n{MINE}"


def below_question_deleted(notebook: NotebookNode) -> None:
    place = cell_of(notebook, "why")
    notebook.cells[place - 1 : place + 1] = [new_markdown_cell(MINE)]


def written_into_the_next_cell(notebook: NotebookNode) -> None:
    place = cell_of(notebook, "draw") + 1
    notebook.cells[place].source = f"{MINE}\n\n{notebook.cells[place].source}"


TEXT = new_markdown_cell(MINE)
ANSWERED = {
    "below a kept placeholder": ("why", write("why", "{was}\n\n" + MINE)),
    "above a kept placeholder": ("why", write("why", MINE + "\n\n{was}")),
    "on the line of the placeholder": ("why", write("why", "{was} " + MINE)),
    "around a kept placeholder": ("why", write("why", MINE + "\n{was}\nThat is all.")),
    "below kept text and a placeholder": ("where", write("where", "{was}\n" + MINE)),
    "the placeholder of a longer cell replaced": ("where", write("where", f"Write two lines.\n\n{MINE}")),
    "in a cell that became code": ("why", become("why", "code")),
    "in a cell that became raw": ("why", become("why", "raw")),
    "code in a cell that became code": ("why", become("why", "code", f"print('{MINE}')")),
    "in a cell of its own below": ("why", put("why", 1, TEXT)),
    "in a cell of its own above": ("why", put("why", 0, TEXT)),
    "above the question": ("why", put("why", -1, TEXT)),
    "three cells below": ("why", put("why", 1, code("1 + 1"), new_markdown_cell(""), TEXT)),
    "in a raw cell below": ("why", put("why", 1, new_raw_cell(MINE))),
    "in a code cell below": ("why", put("why", 1, code(f"# {MINE}"))),
    "in a cell instead of its own": ("why", replaced("why", TEXT)),
    "in a code cell instead of its own": ("why", replaced("why", code(f"# {MINE}"))),
    "its own and the question deleted": ("why", below_question_deleted),
    "in the second half of a split cell": ("why", split),
    "in the question": ("why", asked_and_answered),
    "in the given cell below": ("draw", written_into_the_next_cell),
    "without metadata, in its cell": ("why", without_metadata(write("why", MINE))),
    "without metadata, in a cell below": ("why", without_metadata(put("why", 1, TEXT))),
    "without metadata, below a placeholder": ("where", without_metadata(write("where", "{was}\n" + MINE))),
    "code below a placeholder": ("draw", write("draw", "{was}\nprint('" + MINE + "')")),
    "a comment instead of code": ("draw", write("draw", f"# {MINE}")),
    "text beside a question for code": ("draw", put("draw", 1, TEXT)),
    "a code question turned into text": ("draw", become("draw", "markdown")),
    "a code question's cell replaced": ("draw", replaced("draw", TEXT)),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERED)
def test_an_answer_goes_to_a_person_who_finds_it_in_the_question_s_cell(
    asked: NotebookBundle, handed_in: NotebookNode, name: str
) -> None:
    grade_id, edit = ANSWERED[name]
    edit(handed_in)
    submission = read(asked, handed_in)
    assert submission.answered == {grade_id}
    shown = seen(asked, submission)
    assert MINE in graded_cell(shown, grade_id).source
    for question, cell in zip(QUESTIONS, asked.manual, strict=True):
        expected = None if question == grade_id else 0
        assert determine_grade(graded_cell(shown, question)) == (expected, 1.0), question
        by_hand = _manual(cell, submission).outcome is Outcome.NEEDS_MANUAL_GRADE
        assert by_hand == (question == grade_id)


def merged(notebook: NotebookNode) -> None:
    """Jupyter's "merge cells" keeps the metadata of the first."""
    place = cell_of(notebook, "why")
    below = notebook.cells.pop(place)
    notebook.cells[place - 1].source += f"\n\n{below.source}"


UNTOUCHED: dict[str, Edit] = {
    "as released": lambda n: None,
    "white space": write("why", "\n{was}  \n\n"),
    "without metadata": without_metadata(lambda n: None),
    "deleted": replaced("why"),
    "the question and its cell merged": merged,
    "an empty cell below": put("why", 1, new_markdown_cell(" \n"), code("")),
    "a name above everything": lambda n: n.cells.insert(0, new_markdown_cell("Ada Lovelace")),
    "a second placeholder": put("why", 1, new_markdown_cell("YOUR ANSWER HERE")),
    "an experiment in another place": lambda n: n.cells.insert(2, code("print(math.pi)")),
    "in another order": lambda n: n.cells.reverse(),
    "code answered": write("half", "def half(n):\n    return n / 2"),
    "cells of another type, unchanged": become("why", "code", "YOUR ANSWER HERE"),
    "the question became code": lambda n: n.cells[cell_of(n, "why") - 1].update(cell_type="code"),
}


@pytest.mark.parametrize("name", UNTOUCHED)
def test_an_unchanged_cell_is_worth_nothing_and_nbgrader_agrees(
    asked: NotebookBundle, handed_in: NotebookNode, name: str
) -> None:
    UNTOUCHED[name](handed_in)
    submission = read(asked, handed_in)
    assert submission.answered == frozenset()
    shown = seen(asked, submission)
    assert [determine_grade(graded_cell(shown, name)) for name in QUESTIONS] == [(0, 1.0)] * 3
    assert _manual(asked.manual[0], submission).message == "Not answered."


def test_text_at_the_end_may_answer_each_question_above_it(
    asked: NotebookBundle, handed_in: NotebookNode
) -> None:
    write("where", MINE)(handed_in)
    handed_in.cells.append(new_markdown_cell("1. It is cut. 3. I cannot draw."))
    submission = read(asked, handed_in)
    assert submission.answered == set(QUESTIONS)
    shown = seen(asked, submission)
    assert "It is cut" in graded_cell(shown, "why").source
    assert "It is cut" in graded_cell(shown, "draw").source
    assert graded_cell(shown, "where").source == MINE


def test_where_a_cell_is_gone_text_beside_the_next_question_may_be_its_answer(
    asked: NotebookBundle, handed_in: NotebookNode
) -> None:
    replaced("why", TEXT, at=1)(handed_in)
    submission = read(asked, handed_in)
    assert submission.answered == {"why", "where"}
    assert MINE in graded_cell(seen(asked, submission), "why").source


def test_an_emptied_cell_is_not_an_unchanged_one(
    asked: NotebookBundle, handed_in: NotebookNode
) -> None:
    write("why", " ")(handed_in)
    submission = read(asked, handed_in)
    assert submission.answered == {"why"}
    assert "why: its cell is empty; a person decides" in submission.notes
    assert determine_grade(graded_cell(seen(asked, submission), "why")) == (None, 1.0)


def test_an_answer_that_is_only_a_picture_is_shown_to_a_person(
    asked: NotebookBundle, handed_in: NotebookNode
) -> None:
    picture = new_markdown_cell("![cake](attachment:cake.png)")
    picture.attachments = {"cake.png": {"image/png": png()}}
    put("why", 1, picture)(handed_in)
    where = handed_in.cells[cell_of(handed_in, "where")]
    where.source, where.attachments = picture.source, picture.attachments
    drawn = code("draw_a_cake()")
    drawn.outputs = [new_output("display_data", data={"image/png": png()})]
    put("draw", 1, drawn)(handed_in)
    submission = read(asked, handed_in)
    assert submission.answered == set(QUESTIONS)
    shown = seen(asked, submission)
    for question in ("why", "where"):
        cell = graded_cell(shown, question)
        (name,) = cell.attachments
        assert cell.attachments[name] == {"image/png": png()}
        assert f"](attachment:{name})" in cell.source
    assert "draw_a_cake()" in graded_cell(shown, "draw").source


@pytest.mark.parametrize(
    "text", ["![](data:image/png;base64,{})", '<img src="data:image/png;base64,{}">']
)
def test_an_answer_that_is_a_picture_in_the_text_goes_to_a_person(
    asked: NotebookBundle, handed_in: NotebookNode, text: str
) -> None:
    put("why", 1, new_markdown_cell(text.format(png())))(handed_in)
    write("where", text.format(png()).replace("{", "{{"))(handed_in)
    assert read(asked, handed_in).answered == {"why", "where"}


def test_the_notes_say_where_the_answer_was_found(
    asked: NotebookBundle, handed_in: NotebookNode
) -> None:
    place = cell_of(handed_in, "why")
    put("why", 1, TEXT)(handed_in)
    become("where", "raw")(handed_in)
    replaced("draw", TEXT)(handed_in)
    handed_in.cells[place - 1].source += "\nAnd this."
    notes = read(asked, handed_in).notes
    assert (
        f"why: a person reads cell {place + 2}, beside the question and lines added to the given text"
        in notes
    )
    assert any(note.startswith("where: cell ") and "raw text cell" in note for note in notes)
    assert any("draw: its cell is gone; cell " in note for note in notes)


def test_cells_of_an_answer_keep_their_order_and_their_text_cannot_act(
    asked: NotebookBundle, handed_in: NotebookNode
) -> None:
    put(
        "why",
        1,
        new_markdown_cell("one <script>alert(1)</script>"),
        new_raw_cell("two <b onclick=x>"),
    )(handed_in)
    become("where", "code", "<script>alert(2)</script>")(handed_in)
    shown = seen(asked, read(asked, handed_in))
    text = graded_cell(shown, "why").source
    assert text.index("one") < text.index("two")
    assert "<script" not in nbformat.writes(shown)
    assert "<b onclick" not in nbformat.writes(shown)


def test_what_is_moved_is_bounded(asked: NotebookBundle, handed_in: NotebookNode) -> None:
    many = [new_markdown_cell(f"part {n} " + "x" * 10_000) for n in range(300)]
    put("why", 1, *many)(handed_in)
    submission = read(asked, handed_in)
    assert submission.answered == {"why"}
    place = submission.placement["why"]
    assert len(submission.notebook.cells[place].source) < 110_000


def test_the_placeholder_is_the_one_that_the_course_configures(tmp_path: Path) -> None:
    asking_bundle(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\nc.ClearSolutions.text_stub = 'Hier antworten'\n"
        "c.ClearSolutions.code_stub = {'python': 'pass  # hier'}\n"
    )
    (bundle,) = load_assignment(Course.find(tmp_path), "asked")
    assert bundle.stubs == Stubs("pass  # hier", "Hier antworten")
    notebook = released(bundle)
    assert read(bundle, notebook).answered == frozenset()
    assert notebook.cells[cell_of(notebook, "where")].source == "Write two lines.\n\nHier antworten"
    notebook.cells[cell_of(notebook, "where")].source += "\nDort."
    assert read(bundle, notebook).answered == {"where"}


def test_the_released_text_is_the_one_that_nbgrader_s_own_release_makes(tmp_path: Path) -> None:
    from autograder.release.instructor import trusted_notebook

    asking_bundle(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    course = Course.find(tmp_path)
    (bundle,) = load_assignment(course, "asked")
    theirs = [cell.source for cell in trusted_notebook(course, bundle).cells]
    assert list(bundle.released) == theirs
