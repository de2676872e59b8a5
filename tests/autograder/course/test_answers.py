from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.answers import answers_path, load_answers, read_answers
from autograder.course.layout import Course
from autograder.course.source import load_bundle
from autograder.errors import SourceError

TWO = """\
# Right answers of other styles.

# %% a lambda
import operator

add = lambda a, b: operator.add(a, b)

# %% "sum" of a list
def add(a, b):
    return sum([a, b])
"""


def written(folder: Path, text: str, kind: str = "right") -> Path:
    path = folder / f"{kind}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_each_cell_is_an_answer_with_a_title(tmp_path: Path) -> None:
    first, second = read_answers(written(tmp_path, TWO), "add")
    assert (first.id, first.exercise, first.title) == ("add/right.py: a lambda", "add", "a lambda")
    assert first.code == "import operator\n\nadd = lambda a, b: operator.add(a, b)\n"
    assert second.title == '"sum" of a list'
    assert second.code == "def add(a, b):\n    return sum([a, b])\n"


def test_a_file_of_comments_holds_no_answers(tmp_path: Path) -> None:
    assert read_answers(written(tmp_path, "# Write an answer here.\n"), "add") == []


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("add = max\n", r"right\.py: 'add = max' stands above the first `# %% TITLE`"),
        ("# %%\nadd = max\n", r"right\.py, line 1: an answer needs a title"),
        ("# %% x\nadd = max\n# %% x\nadd = min\n", r"line 3: the title 'x' is used twice"),
        ("# %% x\n\nadd = = max\n", r"right\.py, line 3: invalid syntax"),
        ("# %% x\ndef ad(a, b): ...\n", r"right\.py, line 1: the answer does not define add"),
        ("# %% x\ndef f():\n    add = 1\n", r"line 1: the answer does not define add"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_line(tmp_path: Path, text: str, mistake: str) -> None:
    with pytest.raises(SourceError, match=mistake):
        read_answers(written(tmp_path, text), "add")


def test_a_file_that_is_no_text_is_a_mistake_of_the_course(tmp_path: Path) -> None:
    path = tmp_path / "wrong.py"
    path.write_bytes(b"# %% x\nadd = '\xff'\n")
    with pytest.raises(SourceError, match=r"wrong\.py: not UTF-8"):
        read_answers(path, "add")


def test_answers_are_read_for_the_exercises_of_a_notebook(tiny_course: Course) -> None:
    assignment = tiny_course.source / "tiny"
    for exercise in ("scale", "add", "of_another_notebook"):
        path = answers_path(assignment, exercise, "wrong")
        written(path.parent, f"# %% nothing\n{exercise} = None\n", "wrong")
    bundle = load_bundle(assignment / "01_tiny.py")
    assert [one.exercise for one in load_answers(bundle, "wrong")] == ["add", "scale"]
    assert load_answers(bundle, "right") == []
