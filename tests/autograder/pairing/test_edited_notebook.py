"""The lesson in an edited notebook."""

from __future__ import annotations

from collections.abc import Callable

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from autograder.errors import SourceError
from autograder.lesson.text import write_lesson
from autograder.pairing.edited_notebook import Edited, from_notebook
from autograder.pairing.paired import Lesson, to_notebook
from tests.courses.lessons import CHECKS, LESSON, check_text
from tests.courses.toolbar import as_used, cell_of, new_cell, set_id, set_kind, set_points

DEMO = Lesson(LESSON, CHECKS)
BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
MEAN = check_text("mean", "lambda x: x.mean()")


def edited(change: Callable[[NotebookNode], None]) -> Edited:
    """The lesson after a change in its notebook, which was saved and read again."""
    notebook = to_notebook(DEMO)
    change(notebook)
    return from_notebook(nbformat.reads(nbformat.writes(notebook), as_version=4), DEMO)


def hidden(text: str) -> str:
    return f"{BEGIN}\n{text}{END}"


def test_an_unedited_notebook_is_the_lesson() -> None:
    assert edited(lambda notebook: None) == Edited(DEMO, {}, ())


@pytest.mark.parametrize("header", ["answer twice", "try total", "check total points=2"])
def test_an_id_that_the_lesson_states_is_no_new_name(header: str) -> None:
    lesson = Lesson(LESSON.replace(f"# %% {header}", f"# %% {header} id=double_it"), CHECKS)
    assert lesson.text != LESSON
    assert from_notebook(to_notebook(lesson), lesson) == Edited(lesson, {}, ())


def test_outputs_and_traces_of_editors_are_no_edit() -> None:
    assert edited(as_used) == Edited(DEMO, {}, ())


def test_an_edited_text_is_the_only_difference() -> None:
    def change(notebook: NotebookNode) -> None:
        notebook.cells[0].source = notebook.cells[0].source.replace("# Sums", "# All sums")

    assert edited(change).lesson == Lesson(LESSON.replace("# # Sums", "# # All sums"), CHECKS)


@pytest.mark.parametrize(("points", "text"), [(3, "3"), (2.5, "2.5"), (4.0, "4")])
def test_points_of_the_toolbar_go_to_the_header(points: float, text: str) -> None:
    done = edited(lambda notebook: set_points(notebook, "test_total", points))
    assert done.lesson == Lesson(LESSON.replace("points=2", f"points={text}"), CHECKS)


def test_a_kind_that_is_chosen_again_changes_nothing() -> None:
    def change(notebook: NotebookNode) -> None:
        set_kind(cell_of(notebook, "test_total"), "tests", "test_total", 2)
        set_kind(cell_of(notebook, "total"), "solution", "total")
        set_kind(cell_of(notebook, "why"), "manual", "why", 1)
        set_kind(cell_of(notebook, "setup"), "readonly", "setup")

    assert edited(change).lesson == DEMO


def test_the_hidden_region_goes_to_the_check() -> None:
    def change(notebook: NotebookNode) -> None:
        cell = cell_of(notebook, "test_total")
        cell.source = cell.source.replace("n=3", "n=4")

    checks = {**CHECKS, "total": CHECKS["total"].replace("n=3", "n=4")}
    assert edited(change).lesson == Lesson(LESSON, checks)


def test_a_call_that_is_missing_or_old_is_no_part_of_the_check() -> None:
    def change(notebook: NotebookNode) -> None:
        cell = cell_of(notebook, "test_total")
        cell.source = cell.source.replace("\ntest(total).worth(2)\n", "\n")
        other = cell_of(notebook, "twice_as_much")
        other.source = other.source.replace("test(twice).worth(1.5)", "test(thrice)")

    assert edited(change).lesson == DEMO


def test_unknown_metadata_are_kept() -> None:
    def change(notebook: NotebookNode) -> None:
        notebook.cells[0].metadata["mine"] = {"a": [1, "ü"]}
        cell_of(notebook, "total").metadata["nbgrader"]["remark"] = "mine"

    lesson = edited(change).lesson
    again = to_notebook(lesson)
    assert again.cells[0].metadata["mine"] == {"a": [1, "ü"]}
    assert cell_of(again, "total").metadata["nbgrader"]["remark"] == "mine"


def test_an_unfolded_figure_stays_a_figure() -> None:
    def change(notebook: NotebookNode) -> None:
        del notebook.cells[2].metadata["jupyter"]

    assert edited(change).lesson == DEMO


def test_a_new_exercise_of_the_toolbar_gets_headers_and_a_check() -> None:
    answer = "def mean(x):\n    ### BEGIN SOLUTION\n    return x.mean()\n    ### END SOLUTION"

    def change(notebook: NotebookNode) -> None:
        notebook.cells += [
            new_cell("solution", "mean", answer),
            new_cell("tests", "test_mean", hidden(MEAN), 3),
        ]

    done = edited(change)
    assert done.lesson.text.endswith(
        f"\n\n# %% answer mean\n{answer}\n\n# %% check mean points=3\n"
    )
    assert done.lesson.checks == {**CHECKS, "mean": MEAN}
    assert done.notes == ()


def test_ids_that_nbgrader_made_up_are_kept_and_names_come_from_the_code() -> None:
    def change(notebook: NotebookNode) -> None:
        notebook.cells += [
            new_cell("solution", "cell-0f4e", "def mean(x):\n    return x.mean()"),
            new_cell("tests", "cell-77aa", hidden(MEAN), 3),
        ]

    done = edited(change)
    assert "# %% answer mean id=cell-0f4e\n" in done.lesson.text
    assert "# %% check mean points=3 id=cell-77aa\n" in done.lesson.text
    assert done.lesson.checks["mean"] == MEAN


def test_a_deleted_exercise_takes_its_check_along() -> None:
    def change(notebook: NotebookNode) -> None:
        notebook.cells.remove(cell_of(notebook, "twice"))
        notebook.cells.remove(cell_of(notebook, "twice_as_much"))

    lesson = edited(change).lesson
    assert "twice" not in lesson.text
    assert lesson.checks == {"total": CHECKS["total"]}


def test_a_changed_id_renames_the_exercise() -> None:
    def change(notebook: NotebookNode) -> None:
        for old, new in [("total", "add_up"), ("try_total", "try_add_up")]:
            set_id(notebook, old, new)
        set_id(notebook, "test_total", "test_add_up")
        cell = cell_of(notebook, "test_add_up")
        cell.source = cell.source.replace("total", "add_up")

    done = edited(change)
    assert done.renamed == {"total": "add_up"}
    assert done.lesson.checks["add_up"] == CHECKS["total"].replace("total", "add_up")
    assert "# %% answer add_up minutes=5 level=easy\n" in done.lesson.text
    assert '# %% check add_up points=2 "the sum"\n' in done.lesson.text
    assert "# %% check twice points=1.5 id=twice_as_much\n" in done.lesson.text


def test_a_moved_cell_moves_in_the_lesson() -> None:
    def change(notebook: NotebookNode) -> None:
        notebook.cells.append(notebook.cells.pop(0))

    done = edited(change)
    assert done.lesson.text.index("# # Sums") > done.lesson.text.index("# The end")
    assert done.lesson.checks == CHECKS


def test_hidden_tests_without_a_function_test_stay_in_the_lesson_and_it_is_told() -> None:
    source = hidden("assert total(torch.ones(3)) == 3\n")
    done = edited(lambda notebook: notebook.cells.append(new_cell("tests", "more", source, 1)))
    assert done.lesson.text.endswith(
        f"# %% check twice points=1 id=more\n{source}\n"
    ) or done.lesson.text.endswith(f"# %% check more points=1 id=more\n{source}\n")
    (note,) = done.notes
    assert note.endswith(
        "(more) stay in it: its hidden tests: a check defines one function test, found 0"
    )
    assert from_notebook(to_notebook(done.lesson), done.lesson) == Edited(done.lesson, {}, ())


def test_a_second_check_of_an_exercise_stays_in_the_lesson() -> None:
    source = hidden(CHECKS["total"])
    done = edited(lambda notebook: notebook.cells.insert(0, new_cell("tests", "c-1", source, 1)))
    assert "# %% check total points=1 id=c-1\n### BEGIN" in done.lesson.text
    assert done.lesson.checks == CHECKS
    assert "total has another graded cell" in done.notes[0]


def replace(grade_id: str, old: str, new: str) -> Callable[[NotebookNode], None]:
    def change(notebook: NotebookNode) -> None:
        cell = cell_of(notebook, grade_id)
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return change


def paste_picture(notebook: NotebookNode) -> None:
    notebook.cells[0].attachments = {"a.png": {"image/png": "aGk="}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (replace("test_total", "make(draw, n)", "make(draw, n"), "cell 6 (test_total): its hidden tests, line 6: '(' was never closed"),
        (replace("test_total", "def test(", "def tests("), "a check defines one function test, found 0"),
        (replace("test_total", "def test(total)", "def test(*total)"), "names of the student's, without stars"),
        (replace("test_total", BEGIN, f"assert total([]) == 0\n{BEGIN}"), "put visible tests into a test cell of their own"),
        (replace("test_total", END, f"{END}\nassert total([]) == 0"), "lines below '### END HIDDEN TESTS'"),
        (replace("test_total", END, "### THE END"), "no hidden tests between"),
        (replace("test_total", ".worth(2)", ".worth(7)"), "its last line says 7 points: set the points in nbgrader's toolbar"),
        (lambda notebook: cell_of(notebook, "test_total").update(source=""), "cell 6 (test_total): no hidden tests are left in it"),
        (lambda notebook: set_points(notebook, "test_total", 0), "its hidden tests are worth 0 points"),
        (lambda notebook: set_id(notebook, "test_total", "total"), "cell 4 (total): two cells have this id"),
        (paste_picture, "cell 1 (# Sums) holds a pasted picture"),
        (lambda notebook: notebook.cells.append(new_code_cell("x = 1\n# %% here")), "the line '# %% here' begins a new cell"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_cell(
    change: Callable[[NotebookNode], None], words: str
) -> None:
    with pytest.raises(SourceError) as caught:
        edited(change)
    assert words in str(caught.value)


def test_a_notebook_without_a_lesson_becomes_one() -> None:
    notebook = to_notebook(DEMO)
    for cell in notebook.cells:
        cell.metadata.pop("exercise", None)
    lesson = from_notebook(notebook).lesson
    assert lesson.checks == CHECKS
    assert "# %% answer total minutes=5 level=easy\n" in lesson.text
    assert "# %% check twice points=1.5 id=twice_as_much\n" in lesson.text


_TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"),
    max_size=60,
)
_LINES = st.lists(
    st.sampled_from(
        [
            "x = 1",
            "",
            "    ",
            "# %% x",
            "# %%",
            "%matplotlib inline",
            "!ls",
            "'''",
            "# text",
            "#",
            "def f():",
            "  y",
            BEGIN,
            END,
            '# @title T { display-mode: "form" }',
            "test(x)",
        ]
    )
    | _TEXT,
    max_size=6,
).map("\n".join)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXT, inner, max_size=2),
    max_leaves=4,
)
_KEYS = st.sampled_from(
    ["mine", "label", "minutes", "level", "exercise", "cellView", "title", "id", "a b", "ü"]
)


@st.composite
def _cells(draw: st.DrawFn) -> NotebookNode:
    make = draw(st.sampled_from([new_code_cell, new_markdown_cell, new_raw_cell]))
    cell = make(draw(_LINES))
    cell.metadata.update(draw(st.dictionaries(_KEYS, _VALUES, max_size=2)))
    cell.metadata["tags"] = draw(st.lists(st.sampled_from(["setup", "figure", "mine"]), max_size=2))
    kind = draw(st.sampled_from(["", "manual", "tests", "solution", "readonly", "task"]))
    if kind:
        points = draw(st.integers(0, 3) | st.floats(0, 3))
        set_kind(
            cell,
            kind,
            draw(st.sampled_from(["c-1", "c-2", "mean", "test_mean", "try_mean"])),
            points,
        )
    return cell


@st.composite
def _edits(draw: st.DrawFn) -> NotebookNode:
    notebook = to_notebook(DEMO)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(notebook.cells) - 1))
        what = draw(st.sampled_from(["insert", "delete", "move", "text", "points"]))
        if what == "insert":
            notebook.cells.insert(at, draw(_cells()))
        elif what == "delete" and len(notebook.cells) > 1:
            del notebook.cells[at]
        elif what == "move":
            notebook.cells.append(notebook.cells.pop(at))
        elif what == "text":
            notebook.cells[at].source = draw(_LINES)
        elif "nbgrader" in notebook.cells[at].metadata:
            notebook.cells[at].metadata["nbgrader"]["points"] = draw(st.integers(0, 9))
    return notebook


@settings(max_examples=60, deadline=None)
@given(_edits())
def test_any_edit_comes_back_from_the_lesson_or_is_refused(notebook: NotebookNode) -> None:
    try:
        lesson = from_notebook(notebook, DEMO).lesson
    except SourceError as error:
        assert str(error).startswith("cell ")
        return
    again = from_notebook(to_notebook(lesson), lesson).lesson
    assert again == lesson
    assert write_lesson(to_notebook(Lesson(lesson.text, lesson.checks))).count("# %%") >= 1
