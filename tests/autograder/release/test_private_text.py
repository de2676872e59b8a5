"""The second line of defence: `release` refuses a release with a private text in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.errors import SourceError
from autograder.release.private_text import PrivateText
from autograder.release.release import planned_release
from tests.courses.build import config
from tests.courses.roads import CHECK, LESSON, SECRET, write_roads


@pytest.fixture
def roads(tmp_path: Path) -> Course:
    return write_roads(tmp_path / "course", config("roads"))


def lesson(course: Course) -> Path:
    return course.source / "roads" / "01_roads.py"


def check_in_the_lesson(course: Course) -> None:
    figure = "\n".join(f"    {line}" for line in CHECK.splitlines()[3:])
    more = f'\n# %% figure "A copy"\nif False:\n{figure}\n'
    lesson(course).write_text(LESSON + more)


def check_under_another_name(course: Course) -> None:
    folder = course.source / "roads"
    shutil.copy(folder / "exercises/double/check.py", folder / "how_it_works.txt")


def part_of_a_check(course: Course) -> None:
    part = "\n".join(["# Notes", *CHECK.splitlines()[8:15]])
    (course.source / "roads" / "notes.md").write_text(part)


def private_data(course: Course) -> None:
    folder = course.source / "roads"
    (folder / "private").mkdir()
    (folder / "private" / "labels.bin").write_bytes(bytes(range(200)))
    (folder / "labels.dat").write_bytes(bytes(range(200)))


def short_private_text(course: Course) -> None:
    folder = course.source / "roads"
    (folder / "private").mkdir()
    (folder / "private" / "note.txt").write_text(SECRET)
    (folder / "map.txt").write_text(f"A map.\n\n    {SECRET}\nThe end.\n")


def the_lesson_itself(course: Course) -> None:
    shutil.copy(lesson(course), course.source / "roads" / "lesson.txt")


def another_marker(course: Course) -> None:
    path = course.root / "nbgrader_config.py"
    path.write_text(
        path.read_text() + 'c.ClearHiddenTests.begin_test_delimeter = "BEGIN SECRETS"\n'
    )


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (check_in_the_lesson, r"01_roads\.ipynb, cell \d+ would be released with a text of "
                              r"source/roads/exercises/double/check\.py"),
        (check_under_another_name, r"how_it_works\.txt would be released, and is the same file as "
                                   r"source/roads/exercises/double/check\.py"),
        (part_of_a_check, r"notes\.md would be released with a text of .*check\.py"),
        (private_data, r"labels\.dat would be released, and is the same file as "
                       r"source/roads/private/labels\.bin"),
        (short_private_text, r"map\.txt would be released with a text of "
                             r"source/roads/private/note\.txt: 'The secret"),
        (the_lesson_itself, r"lesson\.txt would be released, and is the same file as "
                            r"source/roads/01_roads\.py"),
        (another_marker, r"cell test_double would be released with the marker "
                         r"'BEGIN HIDDEN TESTS'"),
    ],
)  # fmt: skip
def test_a_private_text_in_a_release_is_refused(
    spoil: Callable[[Course], None], words: str, roads: Course
) -> None:
    planned_release(roads, "roads")
    spoil(roads)
    with pytest.raises(SourceError, match=words):
        planned_release(roads, "roads")


def test_the_hidden_test_of_an_older_lesson_is_a_private_text(course: Course) -> None:
    text = "assert total([1, 1, 1]) == 3\nassert total([hidden_number := 41, 1]) == 42\n2.0\n"
    private = PrivateText(course, "demo", load_assignment(course, "demo"))
    with pytest.raises(SourceError, match=r"a hidden test of source/demo/01_sums\.py"):
        private.refuse_in({"assignments/demo/notes.md": text.encode()})
    private.refuse_in({"assignments/demo/notes.md": b"assert total([1, 1, 1]) == 3\n"})


def test_an_output_of_a_released_notebook_is_looked_at_too(roads: Course) -> None:
    private = PrivateText(roads, "roads", load_assignment(roads, "roads"))
    output = nbformat.v4.new_output("stream", text=CHECK)
    cell = nbformat.v4.new_code_cell("1", outputs=[output])
    notebook = nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))
    with pytest.raises(SourceError, match=r"x\.ipynb, cell 1 would be released with a text"):
        private.refuse_in({"x.ipynb": notebook.encode()})


def test_the_given_lines_of_an_answer_are_no_private_text(roads: Course) -> None:
    """A file ``right.py`` begins as the released answer does."""
    given = "def double(x):\n" + '    """' + "Return twice x, with many words.\n" * 9 + '    """\n'
    text = LESSON.replace('def double(x):\n    """Return twice x."""\n', given)
    assert text != LESSON
    lesson(roads).write_text(text)
    right = roads.source / "roads" / "exercises" / "double" / "right.py"
    right.write_text(given + "    return x + x\n")
    planned_release(roads, "roads")
