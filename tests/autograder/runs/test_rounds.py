from __future__ import annotations

from collections import Counter

import pytest

from autograder.course.misconceptions import WrongAnswer
from autograder.course.source import NotebookBundle, load_bundle
from autograder.runs.rounds import ROUND_SIZE, WATCHING, Influence, right_rounds, rounds
from tests.courses.build import build_course, config
from tests.courses.cells import answer, graded, notebook, setup, tagged

ALONE = tuple("abcdefg")  # exercises that use no other one
USES_A = "def {name}(x):\n    ### BEGIN SOLUTION\n    return {calls}(x)\n    ### END SOLUTION\n"
OTHERS = {"calls_a": "a", "calls_helper": "helper"}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> NotebookBundle:
    """Exercises alone, one that calls ``a``, and one that calls ``a`` through a helper cell."""
    cells = [setup("import math")]
    for name in ALONE:
        cells += [answer(name, USES_A.format(name=name, calls="math.sqrt")), _tested(name)]
    cells.append(tagged("helpers", "def helper(x):\n    return a(x)"))
    for name, calls in OTHERS.items():
        cells += [answer(name, USES_A.format(name=name, calls=calls)), _tested(name)]
    text = notebook(*cells)
    root = tmp_path_factory.mktemp("rounds")
    course = build_course(root, config("rounds"), "all", {"01_all": text})
    return load_bundle(course.source / "all" / "01_all.py")


def _tested(name: str) -> str:
    return graded(name, 1, f"assert {name}(4) == 2")


def wrong(exercise: str, number: int = 0, code: str = "") -> WrongAnswer:
    code = code or f"def {exercise}(x):\n    return {number}"
    return WrongAnswer(f"{exercise}.{number}", exercise, "A sentence.", code)


def test_each_misconception_is_in_one_round_and_tested_there(bundle: NotebookBundle) -> None:
    bank = [wrong(name, number) for name in ALONE for number in range(ord(name) - 94)]
    made = list(rounds(bundle, bank))
    assert Counter(one.id for group in made for one in group.wrong.values()) == Counter(
        one.id for one in bank
    )
    for group in made:
        assert group.tested is not None
        assert group.wrong.keys() <= group.tested
        assert len(group.wrong) <= ROUND_SIZE


def test_right_answers_share_a_notebook_that_is_tested_as_a_whole() -> None:
    answers = [wrong("a", 1), wrong("a", 2), wrong("b", 1), wrong("c", 1), wrong("c", 2)]
    first, second = right_rounds(answers)
    assert [one.id for one in first.answers.values()] == ["a.1", "b.1", "c.1"]
    assert [one.id for one in second.answers.values()] == ["a.2", "c.2"]
    assert (first.wrong, first.tested) == ({}, None)


@pytest.mark.parametrize("exercise", OTHERS)
def test_an_exercise_that_calls_a_wrong_answer_is_tested_with_it(
    bundle: NotebookBundle, exercise: str
) -> None:
    for group in rounds(bundle, [wrong("a", number) for number in range(9)]):
        assert group.tested is not None and exercise in group.tested


def test_exercises_that_cannot_notice_are_tested_in_turn(bundle: NotebookBundle) -> None:
    bank = [wrong("b", number) for number in range(8)]
    made = list(rounds(bundle, bank))
    watched = Counter(name for group in made for name in (group.tested or set()) - {"b"})
    assert watched.keys() == {*ALONE, *OTHERS} - {"b"}
    assert set(watched.values()) == {WATCHING * len(made) // len(watched)}


@pytest.mark.parametrize(
    ("code", "noticing"),
    [
        ("def b(x):\n    return 0", set()),
        ("def b(x):\n    return 0\n\n\ndef c(x):\n    return 1", {"c"}),
        ("def b(x):\n    global helper\n    helper = None\n    return 0", {"calls_helper"}),
        ("import cmath as math\n\n\ndef b(x):\n    return 0", {*ALONE, *OTHERS} - {"b"}),
        ("def b(x):\n    return 0\n\n\nsum = None", {*ALONE, *OTHERS} - {"b"}),
    ],
)
def test_names_that_a_wrong_answer_replaces_are_noticed_where_they_are_used(
    bundle: NotebookBundle, code: str, noticing: set[str]
) -> None:
    influence, one = Influence(bundle), wrong("b", code=code)
    assert {name for name in (*ALONE, *OTHERS) if influence.notices(name, one)} == noticing
