from __future__ import annotations

from pathlib import Path

from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.report.similar.answers import read_answers
from tests.courses.handed_in import hand_in


def test_answer_cells_are_read_and_released_text_is_not(tiny_course: Course) -> None:
    stub = "def add(a, b):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    (bundle,) = bundles = load_assignment(tiny_course, "tiny")
    released = dict(zip((cell.grade_id for cell in bundle.cells), bundle.released, strict=True))
    hand_in(tiny_course, "ada", {"add": "def add(a, b):\n    return b + a"})
    hand_in(tiny_course, "bob", {"add": released["add"], "why": "An essay."})
    broken = tiny_course.submitted / "cleo" / "tiny" / "01_tiny.ipynb"
    broken.parent.mkdir(parents=True)
    broken.write_text("{")
    before = list(tree(tiny_course.root))
    found = read_answers(tiny_course, "tiny", bundles, ["ada", "bob", "cleo"])
    codes = {one.exercise: one.codes for one in found.exercises}
    assert codes["add"] == {"ada": "def add(a, b):\n    return b + a"}
    assert set(codes["scale"]) == {"ada", "bob"}
    assert "why" not in codes
    (add, _) = found.exercises
    assert any("return a + b" in text for text in add.given)
    assert stub.splitlines()[-1] in released["add"]
    assert list(tree(tiny_course.root)) == before


def tree(root: Path) -> list[Path]:
    return sorted(root.rglob("*"))
