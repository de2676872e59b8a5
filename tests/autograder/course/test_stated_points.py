from __future__ import annotations

import pytest

from autograder.course.stated_points import Unknown, points_mistake

SETUP = "def expect(what, got, expected):\n    assert got == expected"
IMPORT = "from autograder.checks import check, award\n"


def mistake(source: str, points: float = 3.0) -> str:
    return points_mistake(source, points, SETUP)


@pytest.mark.parametrize(
    "source",
    [
        IMPORT + "check(f, g, make, points=3, groups={})",
        IMPORT + "check(f, g, make, points=1 + 2, groups={})",
        IMPORT + "POINTS = 3\ncheck(f, g, make, points=POINTS, groups={})",
        IMPORT + "award(earned, 3, 'well done')",
        IMPORT + "award(earned, max_points=3, message='well done')",
        IMPORT + "one = check(f, g, m, points=1)\ntwo = check(f, g, m, points=2)\n"
        "award(one.points + two.points, 3, one.message + two.message)",
        IMPORT + "def test(f):\n    return check(f, g, make, points=3, groups={})\ntest(f)",
        IMPORT + "def test(f):\n    return check(f, g, make, groups={})\ntest(f).worth(3)",
        IMPORT + "def test(f):\n    return award(1, 5, '')\ntest(f).worth(points=1 + 2)",
        IMPORT + "def test(f):\n    return check(f, g, make, groups={}).worth(3)\ntest(f)",
        IMPORT + "check(f, g, make, groups={}).worth(3)",
        IMPORT + "POINTS = 3\ncheck(f, g, make, points=7, groups={}).worth(POINTS)",
        "from autograder.checks import check as judged\njudged(f, g, make, points=3.0)",
        "import autograder.checks\nautograder.checks.check(f, g, make, points=3)",
        "from autograder import checks\nchecks.award(earned, 3, '')",
        "3.0",
        "3 if f(1) == 2 else 0",
        "1.5 * 2",
        "assert f(1) == 2",
        "expect('one', f(1), 2)",
        "'well done'",
        "",
    ],
)
def test_points_that_are_the_same_are_right(source: str) -> None:
    assert mistake(source) == ""


@pytest.mark.parametrize(
    ("source", "given"),
    [
        (IMPORT + "check(f, g, make, points=4, groups={})", "4"),
        (IMPORT + "check(f, g, make, points=2.5, groups={})", "2.5"),
        (IMPORT + "check(f, g, make, points=2 + 2, groups={})", "4"),
        (IMPORT + "POINTS = 4\ncheck(f, g, make, points=POINTS, groups={})", "4"),
        (IMPORT + "award(earned, 4, 'well done')", "4"),
        (IMPORT + "award(earned, max_points=4, message='well done')", "4"),
        (IMPORT + "def test(f):\n    return check(f, g, make, points=4, groups={})\ntest(f)", "4"),
        (IMPORT + "one = check(f, g, m, points=1)\ncheck(f, g, m, points=2)", "2"),
        ("from autograder.checks import check as judged\njudged(f, g, make, points=4)", "4"),
        ("import autograder.checks as a\na.check(f, g, make, points=4)", "4"),
        (IMPORT + "def test(f):\n    return check(f, g, make)\ntest(f).worth(4)", "4"),
        (IMPORT + "def test(f):\n    return check(f, g, make)\ntest(f)", "1"),
        (IMPORT + "check(f, g, make, groups={})", "1"),
        ("2.0", "2"),
        ("4", "4"),
        ("2 if f(1) == 2 else 0", "2"),
    ],
)
def test_points_that_differ_are_told_with_both_numbers(source: str, given: str) -> None:
    assert (
        mistake(source) == f"its header says 3 points, its check gives {given}. Make them the same"
    )


@pytest.mark.parametrize(
    "source",
    [
        IMPORT + "check(f, g, m, points=1)\ncheck(f, g, m, points=3)",
        IMPORT + "check(f, g, m, points=3)\nprint('done')",
    ],
)
def test_a_check_whose_result_counts_for_nothing_is_told_with_its_line(source: str) -> None:
    assert mistake(source).startswith("line 2: the result of this check(...) is not used")


def test_a_scaled_result_that_counts_for_nothing_is_told() -> None:
    told = mistake("def test(f):\n    return 1\ntest(f).worth(3)\nprint('done')")
    assert told.startswith("line 3: the result of this worth(...) is not used")


@pytest.mark.parametrize(
    "source",
    [
        IMPORT + "check(f, g, make, points=sum(weights), groups={})",
        IMPORT + "check(f, g, make, **settings)",
        IMPORT + "test(f).worth(total)",
        IMPORT + "test(f).worth(*two)",
        IMPORT + "POINTS = 3\nPOINTS += 1\ncheck(f, g, make, points=POINTS)",
        "earned(f)",
        "share * 3",
        "total",
    ],
)
def test_what_the_text_does_not_say_has_to_be_run(source: str) -> None:
    with pytest.raises(Unknown):
        mistake(source)
