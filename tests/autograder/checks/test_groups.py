"""Groups of a property are not judged where the plain case of the same sizes fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from autograder.checks import Call, CheckContext, CheckResult, Draw, Misconception, check, checking
from autograder.proxy.process import StudentProcess
from autograder.wall.protocol import FindName, RunCell

DTYPE = "the dtype is kept, float32 and float64"
LAYOUT = "inputs that are not contiguous in memory"
ARGUMENTS = "the arguments are left alone"
BY_PLACE = "all arguments by their place"
PROPERTIES = "; ".join((DTYPE, LAYOUT, ARGUMENTS))
GROUPS = {"a square": dict(rows=3, columns=3), "one row": dict(rows=1, columns=4)}
SIZES = dict(rows=(1, 5), columns=(1, 5))


def twice(x: torch.Tensor) -> torch.Tensor:
    return x * 2


def make(draw: Draw, rows: int, columns: int) -> tuple[torch.Tensor]:
    return (draw.tensor(rows, columns),)


def checked(function: Callable[..., Any], **options: Any) -> CheckResult:
    given = {"groups": GROUPS, "sizes": SIZES, "name": "f", **options}
    return check(function, given.pop("oracle", twice), given.pop("make", make), **given)


def test_wrong_values_leave_the_properties_unjudged() -> None:
    result = checked(lambda x: x + 1)
    assert result.points == 0
    assert result.message.startswith(
        "f is right in 0 of 6 groups of cases.\n"
        "This mistake is not recognised. The case below shows it.\n"
        "Smallest failing case: the value of the output is wrong: got "
    )
    assert result.message.endswith(
        "\nNot yet: a square; one row; random configurations.\n"
        f"Not judged, because the values are wrong already: {PROPERTIES}."
    )
    assert result.html.count("\u2717") == 3
    assert result.html.count(">\u2013<") == 3
    assert "not judged, because the values are wrong already" in result.html


@pytest.mark.parametrize(
    ("function", "wrong"),
    [
        (lambda x: (x * 2).float(), DTYPE),
        (lambda x: x * 2 if x.is_contiguous() else x, LAYOUT),
        (lambda x: x.mul_(2), ARGUMENTS),
    ],
)
def test_a_value_right_in_plain_style_and_wrong_in_the_property_is_wrong(
    function: Callable[..., Any], wrong: str
) -> None:
    result = checked(function)
    assert f"Not yet: {wrong}.\n" in result.message
    assert "judged" not in result.message + result.html
    assert result.points == 5 / 6


def test_a_property_is_judged_where_only_other_sizes_are_wrong() -> None:
    """One row is wrong; the extras are of a square, where the dtype is lost."""

    def function(x: torch.Tensor) -> torch.Tensor:
        return (x * 2).float() if len(x) > 1 else x

    result = checked(function)
    assert f"Not yet: one row; random configurations; {DTYPE}.\n" in result.message
    assert "judged" not in result.message
    assert result.points == 3 / 6


def test_a_group_with_a_case_that_can_be_judged_is_wrong_if_that_case_is() -> None:
    def function(x: torch.Tensor) -> torch.Tensor:  # wrong for one row, and for another layout
        return x * 2 if len(x) > 1 and x.is_contiguous() else x

    result = checked(function, extras=[dict(rows=1, columns=4), dict(rows=3, columns=3)])
    assert f"Not yet: one row; random configurations; {LAYOUT}.\n" in result.message
    assert result.message.endswith(
        f"Not judged, because the values are wrong already: {DTYPE}; {ARGUMENTS}."
    )


def test_arguments_changed_in_a_case_with_a_right_value_are_wrong_all_the_same() -> None:
    def function(x: torch.Tensor) -> torch.Tensor:
        if len(x) == 1:
            return x.mul_(2)
        return x

    result = checked(function)
    assert ARGUMENTS in result.message.partition("Not judged")[0]
    assert f"Not judged, because the values are wrong already: {DTYPE}; {LAYOUT}." in result.message


def test_arguments_by_place_are_judged_only_where_named_ones_are_right() -> None:
    def oracle(x: torch.Tensor, k: float) -> torch.Tensor:
        return x * k

    def named(draw: Draw, rows: int, columns: int) -> Call:
        return Call(draw.tensor(rows, columns), k=3.0)

    swapped = checked(lambda x, j=1.0, k=1.0: x * k, oracle=oracle, make=named)
    assert f"Not yet: {BY_PLACE}.\n" in swapped.message
    wrong = checked(lambda x, k: x + k, oracle=oracle, make=named)
    assert BY_PLACE in wrong.message.partition("Not judged")[2].partition("\n")[0]


def test_the_plain_case_is_tried_only_after_a_failure_of_its_property() -> None:
    calls: list[tuple[torch.Size, torch.dtype, bool]] = []

    def counted(wrong: bool) -> int:
        calls.clear()

        def function(x: torch.Tensor) -> torch.Tensor:
            calls.append((x.shape, x.dtype, x.is_contiguous()))
            return x * 2 if not wrong or x.dtype == torch.float32 else x

        checked(function, sizes=None)
        return len(calls)

    right = counted(wrong=False)
    # no advice about devices; one plain case, and one with round numbers
    assert counted(wrong=True) == right - 1 + 2


def test_wrong_values_leave_loops_unjudged_and_a_loop_with_right_values_is_wrong() -> None:
    groups = {**GROUPS, "no loop": [dict(rows=2, columns=2), dict(rows=400, columns=2)]}

    def loops(x: torch.Tensor) -> torch.Tensor:
        return torch.stack([row + row for row in x])

    options: dict[str, Any] = {"groups": groups, "no_loops": ["no loop"], "extras": None}
    right = checked(loops, **options)
    assert "Not yet: no loop.\n" in right.message
    wrong = checked(lambda x: x + 1, **options)
    assert "Not judged, because the values are wrong already: no loop." in wrong.message


def test_a_group_against_loops_is_wrong_if_no_other_group_has_wrong_values() -> None:
    groups = {**GROUPS, "a large image": [dict(rows=2, columns=2), dict(rows=400, columns=2)]}
    result = checked(
        lambda x: x * 2 if len(x) < 100 else x,
        groups=groups, no_loops=["a large image"], extras=None,
    )  # fmt: skip
    assert "Not yet: a large image.\n" in result.message
    assert "judged" not in result.message


def test_too_many_operations_are_told_as_a_plain_case_that_is_not_right() -> None:
    def loops(x: torch.Tensor) -> torch.Tensor:
        return torch.stack([row + row for row in x])

    result = checked(loops, max_ops=lambda sizes: 1)
    assert f"Not judged, because the plain case is not right yet: {PROPERTIES}." in result.message


def test_a_smallest_case_is_plain_where_only_properties_show_wrong_values() -> None:
    result = checked(lambda x: x * 2 if x.shape != (2, 7) else x, extras=dict(rows=2, columns=7))
    assert result.message.startswith("f is right in 3 of 6 groups of cases.\n")
    assert result.message.endswith(
        f"\nNot judged, because the values are wrong already: {PROPERTIES}."
    )
    assert "Not yet" not in result.message
    assert "not contiguous:" not in result.message


def test_a_mistake_is_named_as_before() -> None:
    wrong = Misconception("f.adds", "You add.", lambda x: x + 2)
    with checking(CheckContext(5, (wrong,))):
        result = checked(lambda x: 2 + x)
    assert result.diagnosis == "f.adds"


def test_across_the_wall_it_is_the_same(student: StudentProcess) -> None:
    student.ask(RunCell("def f(x):\n    return x + 1\n"))
    function = student.ask(FindName("f")).value
    assert checked(function).message == checked(lambda x: x + 1).message
