from __future__ import annotations

from typing import Any

import pytest

from autograder.course.layout import Course
from autograder.course.source import load_bundle
from autograder.runs.trivial import RETURNS, trivial_rounds
from autograder.runs.verify import verify


@pytest.mark.parametrize(
    ("words", "args", "kwargs", "value"),
    [
        ("None", (3, 4), {}, None),
        ("1", (), {}, 1),
        ("its first argument", (3, 4), {}, 3),
        ("its first argument", (), {"a": 5}, 5),
        ("its first argument", (), {}, None),
        ("zeros", (3, 4), {}, 0),
        ("zeros", ([3],), {}, []),
    ],
)
def test_each_trivial_answer_returns_its_value(
    tiny_course: Course, words: str, args: Any, kwargs: Any, value: Any
) -> None:
    bundle = load_bundle(tiny_course.source / "tiny" / "01_tiny.py")
    found = trivial_rounds(bundle)
    assert found.keys() == RETURNS.keys()
    assert found[words].answers.keys() == {"add", "scale"}
    names: dict[str, Any] = {}
    exec(found[words].answers["add"].code, names)
    assert names["add"](*args, **kwargs) == value


def test_a_group_that_a_trivial_answer_passes_is_a_problem(released: Course) -> None:
    path = released.source / "tiny" / "01_tiny.py"
    text = path.read_text().replace('expect("1 + 2", add(1, 2), 3)', "")
    path.write_text(text.replace("draw.integer(1, size), draw.integer(1, size)", "size, size - 9"))
    (found,) = verify(released, "tiny", workers=1)
    assert found.problems == [
        "add: a function that returns its first argument earns 1 of 2 points; join the groups that "
        "it passes with cases that need the work. add is right in 1 of 2 groups of cases. Not yet: "
        "large numbers."
    ]
