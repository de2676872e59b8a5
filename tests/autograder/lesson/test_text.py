"""A lesson as text and as a notebook."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import SourceError
from autograder.lesson.text import read_lesson, write_lesson

LESSONS = sorted(Path(__file__).resolve().parents[3].glob("source/*/[0-9]*_*.py"))
LESSON = '''\
# %% [markdown]
# # Sums

# %% setup
import math

# %% figure "A picture"
print("a picture")


# %% answer total minutes=5 level=easy
def total(numbers):
    """Return the sum."""
    ### BEGIN SOLUTION
    return sum(numbers)
    ### END SOLUTION


# %% try total
assert total([1, 2]) == 3

# %% check total points=2

# %% [markdown] hint total
# Start from 0.

# %% [markdown] question why points=1
# Why?
'''


def test_a_lesson_survives_the_way_to_a_notebook_and_back() -> None:
    notebook = read_lesson(LESSON)
    assert write_lesson(notebook) == LESSON
    assert [cell.cell_type for cell in notebook.cells].count("markdown") == 3
    picture = notebook.cells[2]
    assert picture.source == '# @title A picture { display-mode: "form" }\nprint("a picture")'
    assert picture.metadata["cellView"] == "form"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_lessons_of_the_course_survive_both_ways(path: Path) -> None:
    notebook = read_lesson(path.read_text(encoding="utf-8"))
    again = read_lesson(write_lesson(notebook))
    assert [(cell.cell_type, cell.source, cell.metadata) for cell in again.cells] == [
        (cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells
    ]


def test_a_bad_header_is_told_with_file_and_line() -> None:
    with pytest.raises(SourceError) as caught:
        read_lesson(LESSON.replace("# %% answer total", "# %% solve total"), "demo/01_sums.py")
    assert str(caught.value).startswith("demo/01_sums.py, line 11: 'solve' is no kind of cell.")


def test_a_cell_of_another_form_is_kept() -> None:
    text = "# %% [raw]\n# as it is\n\n# %% [markdown] editable=false\n# Text\n"
    assert write_lesson(read_lesson(text)) == text
