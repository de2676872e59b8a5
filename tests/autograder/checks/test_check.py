from __future__ import annotations

import importlib
import itertools
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from autograder.checks import Call, CheckContext, CheckResult, Draw, check, checking, report
from autograder.proxy.errors import StudentError, WallFailure
from autograder.proxy.process import StudentProcess
from autograder.results import Outcome
from autograder.wall.protocol import FindName, RunCell

GROUPS = {
    "a square": dict(rows=3, columns=3),
    "one row": [dict(rows=1, columns=4), dict(rows=1, columns=2)],
    "more rows than columns": dict(rows=5, columns=2),
}
SIZES = dict(rows=(1, 5), columns=(1, 5))


def twice(x: torch.Tensor) -> torch.Tensor:
    return x * 2


def make(draw: Draw, rows: int, columns: int) -> tuple[torch.Tensor]:
    return (draw.tensor(rows, columns),)


def checked(function: Callable[..., Any], seed: int = 5, **options: Any) -> CheckResult:
    given = {"points": 7.0, "groups": GROUPS, "sizes": SIZES, **options}
    with checking(CheckContext(seed)):
        return check(function, given.pop("oracle", twice), given.pop("make", make), **given)


def test_a_right_answer_passes_all_groups() -> None:
    result = checked(lambda x: x + x)
    assert (result.points, result.max_points) == (7, 7)
    assert result.message == "twice is right in all 7 groups of cases."
    assert repr(result) == "7"
    assert "7 groups" in result._repr_html_()
    assert result.diagnosis is None


@pytest.mark.parametrize("seed", range(5))
def test_points_do_not_depend_on_the_seed_where_the_mistake_is_one_of_sizes(seed: int) -> None:
    result = checked(lambda x: x * 2 if x.shape[0] <= x.shape[1] else x, seed)
    assert "more rows than columns" in result.message
    assert result.points == pytest.approx(7 * 5 / 7)


@pytest.mark.parametrize(
    ("function", "group"),
    [
        (lambda x: (x * 2).float(), "the dtype is kept, float32 and float64"),
        (lambda x: x.mul_(2), "the arguments are left alone"),
        (lambda x: x * 2 if x.is_contiguous() else x, "inputs that are not contiguous in memory"),
    ],
)
def test_each_extra_group_catches_its_own_mistake_alone(
    function: Callable[..., Any], group: str
) -> None:
    result = checked(function)
    assert f"Not yet: {group}." in result.message
    assert result.points == 6
    assert checked(function, extras=None).points == 7


def test_extras_can_be_made_with_sizes_of_their_own() -> None:
    seen: list[torch.Size] = []

    def function(x: torch.Tensor) -> torch.Tensor:
        seen.append(x.shape)
        return x * 2

    checked(function, sizes=None, extras=dict(rows=2, columns=9))
    assert seen.count(torch.Size([2, 9])) == 6


def test_extras_can_be_several_sizes_and_the_dtype_is_tried_with_the_first() -> None:
    seen: list[torch.Size] = []

    def function(x: torch.Tensor) -> torch.Tensor:
        seen.append(x.shape)
        return x * 2

    checked(function, sizes=None, extras=[dict(rows=2, columns=9), dict(rows=1, columns=8)])
    assert [seen.count(torch.Size(shape)) for shape in ([2, 9], [1, 8])] == [6, 4]


def as_if_dense(x: torch.Tensor) -> torch.Tensor:
    """Reads memory as if x lay there row by row."""
    return 2 * x.as_strided(x.shape, (x.shape[1], 1))


def as_if_at_the_start(x: torch.Tensor) -> torch.Tensor:
    return 2 * x.as_strided(x.shape, x.stride(), 0)


def as_if_alone(x: torch.Tensor) -> torch.Tensor:
    """Reads only tensors that are contiguous from the start of their memory."""
    return 2 * x.as_strided(x.shape, x.stride(), 0) if x.is_contiguous() else 2 * x


@pytest.mark.parametrize("function", [as_if_dense, as_if_at_the_start, as_if_alone])
def test_an_answer_that_assumes_a_layout_loses_the_group_of_layouts(
    function: Callable[..., Any],
) -> None:
    result = checked(function)
    assert "Not yet: inputs that are not contiguous in memory." in result.message
    assert " (with inputs that " in result.message
    assert result.points == 6


CHANGES: dict[str, Callable[[torch.Tensor], Any]] = {
    "values": lambda x: x.add_(1),
    "one axis more": lambda x: x.unsqueeze_(0),
    "fewer axes": lambda x: x.squeeze_(0),
    "transposed": lambda x: x.t_(),
    "resized": lambda x: x.resize_(1),
    "another memory": lambda x: x.set_(torch.zeros(7)),
    "other data": lambda x: setattr(x, "data", torch.zeros(1, 9)),
    "the dtype": lambda x: setattr(x, "data", x.double()),
    "the gradient flag": lambda x: x.requires_grad_(),
}


@pytest.mark.parametrize("how", CHANGES)
@pytest.mark.parametrize("extras", [None, "first"])
def test_an_argument_changed_in_one_case_only_loses_the_group_of_arguments(
    how: str, extras: str | None
) -> None:
    def function(x: torch.Tensor) -> torch.Tensor:
        out = (x * 2).detach()
        if x.shape == (1, 4):
            CHANGES[how](x)
        return out

    result = checked(function, sizes=None, extras=extras, left_alone=True)
    groups = 3 if extras is None else 6
    assert "Not yet: the arguments are left alone." in result.message
    lost = 7 / (4 if extras is None else groups)
    assert result.points == pytest.approx(7 - lost, abs=0.01)


def test_arguments_may_change_where_a_check_says_so() -> None:
    assert checked(lambda x: x.mul_(2), extras=None).points == 7
    assert checked(lambda x: x * 2, extras=None, left_alone=True).points == 7


@pytest.mark.parametrize("where", ["list", "dict"])
def test_an_emptied_container_is_a_changed_argument(student: StudentProcess, where: str) -> None:
    source = """
def total(numbers):
    items = list(numbers.values()) if isinstance(numbers, dict) else list(numbers)
    numbers.popitem() if isinstance(numbers, dict) else numbers.sort()
    return sum(items)
"""

    def make(draw: Draw, count: int) -> tuple[Any]:
        numbers = [5, 3, 4][:count]
        return (numbers if where == "list" else dict(enumerate(numbers)),)

    scope: dict[str, Any] = {}
    exec(source, scope)
    student.ask(RunCell(source))
    for function in (scope["total"], student.ask(FindName("total")).value):
        result = checked(
            function, oracle=lambda n: sum(n.values() if isinstance(n, dict) else n), make=make,
            groups={"some": dict(count=3)}, sizes=None, extras=None, left_alone=True, name="total",
        )  # fmt: skip
        assert result.points == 3.5
        assert "Not yet: the arguments are left alone." in result.message


@pytest.mark.parametrize("how", ["x.unsqueeze_(0)", "x.t_()", "x.resize_(1)", "x.requires_grad_()"])
def test_a_changed_shape_or_flag_is_seen_across_the_wall(student: StudentProcess, how: str) -> None:
    student.ask(RunCell(f"def twice(x):\n    out = x * 2\n    {how}\n    return out"))
    result = checked(student.ask(FindName("twice")).value)
    assert "Not yet: the arguments are left alone." in result.message
    assert result.points == 6


def test_a_change_of_memory_alone_is_none(student: StudentProcess) -> None:
    source = "def twice(x):\n    x.set_(x.contiguous().clone())\n    return x * 2"
    student.ask(RunCell(source))
    assert checked(student.ask(FindName("twice")).value).points == 7


def test_arguments_in_another_order_lose_the_group_of_arguments_by_place() -> None:
    def plus(x: torch.Tensor, up: int = 0, down: int = 0) -> torch.Tensor:
        return x + up - down

    def swapped(x: torch.Tensor, down: int = 0, up: int = 0) -> torch.Tensor:
        return x + up - down

    def make(draw: Draw, rows: int, columns: int) -> Call:
        return Call(draw.tensor(rows, columns), up=3, down=5)

    assert checked(plus, oracle=plus, make=make).points == 7
    result = checked(swapped, oracle=plus, make=make)
    assert "Not yet: all arguments by their place." in result.message
    assert "(with all arguments by their place)" in result.message
    assert "\nplus(x, 3, 5)  # up, down\n" in result.message
    assert result.points == pytest.approx(7 * 7 / 8, abs=0.01)


def scaled(x: torch.Tensor, by: float = 1.0, plus: float | None = None) -> torch.Tensor:
    return x * by if plus is None else x * by + plus


def make_scaled(draw: Draw, rows: int, columns: int) -> Call:
    by, plus = (2.0, None) if rows == columns else (1.0, draw.uniform(0, 1))
    return Call(draw.tensor(rows, columns), by=by, plus=plus)


def test_other_defaults_lose_the_group_of_arguments_that_are_left_out() -> None:
    def other(x: torch.Tensor, by: float = 3.0, plus: float | None = None) -> torch.Tensor:
        return scaled(x, by, plus)

    def without(x: torch.Tensor, by: float, plus: float | None) -> torch.Tensor:
        return scaled(x, by, plus)

    assert checked(scaled, oracle=scaled, make=make_scaled).points == 7
    for wrong in (other, without):
        result = checked(wrong, oracle=scaled, make=make_scaled)
        assert "Not yet: optional arguments left out." in result.message
        assert "(with optional arguments left out)" in result.message
        assert "by=1" not in result.message
        assert result.points == pytest.approx(7 * 8 / 9, abs=0.01)


def test_each_default_is_left_out_in_some_case() -> None:
    calls: list[set[str]] = []

    def seen(x: torch.Tensor, **given: Any) -> torch.Tensor:
        calls.append(set(given))
        return scaled(x, **given)

    checked(seen, oracle=scaled, make=make_scaled)
    assert {"by"} in calls and {"plus"} in calls


def test_sizes_can_be_drawn_from_the_seed() -> None:
    def wide(draw: Draw) -> dict[str, int]:
        return dict(rows=draw.integer(1, 1000), columns=1)

    def seen_with(seed: int) -> list[int]:
        rows: list[int] = []

        def function(x: torch.Tensor) -> torch.Tensor:
            rows.append(len(x))
            return x * 2

        assert checked(
            function, seed, groups={"drawn": [wide, wide]}, sizes=None, extras=None
        ).points
        return rows[:2]

    first = seen_with(1)
    assert first == seen_with(1)
    assert first[0] != first[1]
    assert not set(first) & set(seen_with(2))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: None,
        lambda x: torch.zeros_like(x),
        lambda x: torch.full_like(x, torch.nan),
        lambda x: torch.full_like(x, torch.inf),
        lambda x: x,
        lambda x: (x * 2)[None],
        lambda x: x.tolist(),
        lambda x: torch.empty(1 << 40, 0),
        lambda x: torch.ones([1] * 30),
        lambda x: 10**4000,
        lambda x: (x * 2).to(torch.complex64),
    ],
)
def test_wrong_values_of_any_kind_earn_nothing_and_make_no_error(
    function: Callable[..., Any],
) -> None:
    result = checked(function)
    assert result.points == 0
    assert "Smallest failing case: " in result.message
    assert re.search(r"\nx = torch\..*\ntwice\(x\)\n", result.message, re.DOTALL)


@pytest.mark.parametrize(
    "error", [ValueError("bad"), RecursionError(), KeyError("k"), IndexError()]
)
def test_an_answer_that_always_raises_names_what_it_raised(error: Exception) -> None:
    def function(x: torch.Tensor) -> torch.Tensor:
        raise error

    result = checked(function)
    assert (result.points, result.raised) == (0, type(error).__name__)
    assert f"it raised {type(error).__name__}" in result.message


def test_an_answer_that_raises_in_one_group_loses_that_group() -> None:
    def function(x: torch.Tensor) -> torch.Tensor:
        if len(x) == 1:
            raise ValueError("one row")
        return x * 2

    result = checked(function, sizes=None)
    assert result.points == pytest.approx(7 * 5 / 6, abs=0.01)
    assert result.raised is None


def test_what_is_not_written_is_asked_once() -> None:
    calls = itertools.count()

    def function(x: torch.Tensor) -> torch.Tensor:
        next(calls)
        raise NotImplementedError

    result = checked(function)
    assert (result.points, result.message) == (0, "twice is not written yet.")
    assert next(calls) == 1


def test_running_out_of_memory_ends_the_check_and_says_so() -> None:
    calls = itertools.count()

    def function(x: torch.Tensor) -> torch.Tensor:
        next(calls)
        raise MemoryError

    result = checked(function)
    assert result.out_of_memory
    assert "ran out of memory" in result.message
    assert next(calls) == 1


def test_a_lost_process_ends_the_check_even_while_the_smallest_case_is_searched() -> None:
    calls = itertools.count()

    def function(x: torch.Tensor) -> torch.Tensor:
        if next(calls) > 13:
            raise WallFailure(Outcome.CRASHED, "gone")
        return x

    with pytest.raises(WallFailure):
        checked(function)


def test_the_smallest_failing_case_is_small_and_readable() -> None:
    result = checked(lambda x: x * 2 if x.shape[0] < 3 else x)
    found = re.search(r"^x = (.*)\ntwice\(x\)$", result.message, re.MULTILINE)
    assert found is not None
    case = eval(found[1])
    assert case.shape == (3, 1)
    assert case.equal(case.round())
    assert "got [[" in result.message


def test_the_smallest_case_lowers_some_sizes_and_keeps_the_words_of_the_failing_one() -> None:
    def make_named(draw: Draw, rows: int, kind: str, columns: int = 9) -> tuple[Any, ...]:
        return draw.tensor(rows, columns), kind

    def by_kind(x: torch.Tensor, kind: str) -> torch.Tensor:
        return x * 2

    groups = {"plain": dict(rows=4, kind="plain"), "odd": dict(rows=6, kind="odd")}
    told = checked(
        lambda x, kind: x * 3 if kind == "odd" else x * 2,
        oracle=by_kind, make=make_named, groups=groups, sizes=None, extras=None,
        shrink=dict(rows=(1, 9), columns=(2, 9)),
    )  # fmt: skip
    assert not any("random configurations" in line for line in told.message.splitlines())
    case = re.search(r"torch\.tensor\((.*)\)", told.message)
    assert case is not None
    assert torch.tensor(eval(case[1].replace(".,", ".0,"))).shape == (1, 2)
    assert "odd" in told.message


def test_the_smallest_case_fails_as_the_first_failing_one_does() -> None:
    def function(x: torch.Tensor) -> torch.Tensor:
        if len(x) == 1:
            raise ValueError("a single row")
        return x

    message = checked(function, groups={"a square": dict(rows=3, columns=3)}).message
    assert "raised ValueError" not in message


def test_without_ranges_to_shrink_the_first_failing_case_is_shown_and_none_is_tried() -> None:
    calls = []
    groups = {"large": dict(rows=5, columns=1), "small": dict(rows=1, columns=1)}
    for ranges in (None, {}):
        seen: list[torch.Size] = []
        checked(
            lambda x, seen=seen: [seen.append(x.shape), x][1], groups=groups, sizes=None,
            extras=None, shrink=ranges,
        )  # fmt: skip
        calls.append(seen)
    assert len(calls[0]) == len(calls[1]) + 1  # the same case with round numbers


def test_a_case_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    def cases(seed: int) -> list[torch.Tensor]:
        seen: list[torch.Tensor] = []
        checked(lambda x: [seen.append(x.clone()), x * 2][1], seed)
        return [x for x in seen if not x.is_meta]

    first, again, other = cases(1), cases(1), cases(2)
    assert all(map(torch.equal, first, again))
    assert not torch.equal(first[0], other[0])


def test_an_answer_cannot_learn_from_one_call_for_the_next() -> None:
    kept: list[torch.Tensor] = []

    def function(x: torch.Tensor) -> torch.Tensor:
        kept.append(x * 2)
        return kept[-2] if len(kept) > 1 else kept[0]

    assert checked(function).points <= 1


def test_an_answer_cannot_change_what_is_expected_by_changing_its_argument() -> None:
    def function(x: torch.Tensor) -> torch.Tensor:
        x.zero_()
        return x

    result = checked(function)
    assert result.points == 0
    assert "[[0.0]]" not in result.message.partition("twice(x=")[2].partition(")")[0]


def test_an_expected_value_can_stand_with_its_case() -> None:
    def known(draw: Draw, n: int) -> Call:
        return Call(n, by=2).expecting(n * 2)

    for function, points in ((lambda n, by: n * by, 4), (lambda n, by: n, 0)):
        result = checked(
            function, oracle=None, make=known, points=4.0, name="times",
            groups={"small": dict(n=3), "large": dict(n=99)}, sizes=None, extras=None,
        )  # fmt: skip
        assert result.points == points
    assert "the output is 3, expected 6.\ntimes(3, by=2)\n" in result.message


def test_an_answer_that_is_more_than_a_function_is_used_as_the_check_says() -> None:
    class Doubler:
        def __init__(self, k: int) -> None:
            self.k = k

        def run(self, x: torch.Tensor) -> torch.Tensor:
            return x * self.k

    class Wrong(Doubler):
        def run(self, x: torch.Tensor) -> torch.Tensor:
            return x + self.k

    def use(cls: type[Doubler], x: torch.Tensor) -> torch.Tensor:
        return cls(2).run(x)

    assert checked(Doubler, oracle=Doubler, use=use).points == 7
    assert checked(Wrong, oracle=Doubler, use=use).points == 0


def test_a_tolerance_can_be_given() -> None:
    assert checked(lambda x: x * 2 + 1e-3, atol=1e-2).points == 7
    assert checked(lambda x: x * 2 + 1e-3).points == 0


def test_a_rule_that_is_broken_in_any_group_costs_all_points_and_names_the_call() -> None:
    def sly(x: torch.Tensor) -> torch.Tensor:
        if x.shape == (5, 2):
            torch.nn.functional.max_pool2d(x[None], 1)
        return x * 2

    result = checked(sly, forbid="convolution")
    assert result.points == 0
    assert "uses torch's own pooling (F.max_pool2d)" in result.message
    assert checked(twice, forbid="convolution").points == 7


def test_too_many_operations_cost_the_groups_in_which_they_run() -> None:
    def loops(x: torch.Tensor) -> torch.Tensor:
        return torch.stack([torch.stack([value * 2 for value in row]) for row in x])

    def most(sizes: dict[str, int]) -> int:
        return 3

    assert checked(twice, max_ops=most).points == 7
    result = checked(loops, max_ops=most)
    assert result.points == 0
    assert "is there still a Python loop" in result.message


GROWING = {"small and large": [dict(rows=2, columns=2), dict(rows=400, columns=2)]}


def test_a_loop_in_numpy_costs_the_groups_whose_cases_grow() -> None:
    def loops(x: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(np.stack([row * 2 for row in x.numpy()]))

    def alike(x: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(x.numpy() * 2)

    groups = {"plain": dict(rows=3, columns=2), **GROWING}
    for answer, points in ((alike, 7), (twice, 7), (loops, 5.83)):
        assert checked(answer, groups=groups, no_loops=GROWING).points == points
    message = checked(loops, groups=groups, no_loops=GROWING).message
    assert "Not yet: small and large." in message
    assert re.search(
        r"it needs \d+ steps of Python for this case and \d+ for a smaller one", message
    )
    assert "is there still a Python loop" in message
    assert checked(loops, groups=groups).points == 7


def test_a_small_case_that_is_made_to_need_many_steps_hides_no_loop() -> None:
    def pads(x: torch.Tensor) -> torch.Tensor:
        for _ in range(50_000 - len(x)):
            pass
        return torch.from_numpy(np.stack([row * 2 for row in x.numpy()]))

    result = checked(pads, groups=GROWING, no_loops=GROWING, sizes=None)
    assert result.points < 7
    assert "steps of Python for a small case" in result.message


def test_a_first_call_may_import_something() -> None:
    def slow_at_first(x: torch.Tensor) -> torch.Tensor:
        if not seen:
            seen.append(sum(k for k in range(5_000)))
        return x * 2

    seen: list[int] = []
    assert checked(slow_at_first, groups=GROWING, no_loops=GROWING).points == 7


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"oracle": lambda x: 1 / 0}, RuntimeError),
        ({"make": lambda draw, rows, columns: 1 / 0}, ZeroDivisionError),
        ({"oracle": None, "name": "f"}, TypeError),
        ({"where": lambda rows, columns: False}, ValueError),
        ({"forbid": "nothing like it"}, KeyError),
        ({"oracle": lambda x: object()}, TypeError),
        ({"groups": {"odd": dict(height=3)}}, TypeError),
        ({"no_loops": ["no such group"]}, ValueError),
        ({"groups": {"one case": dict(rows=1, columns=1)}, "no_loops": ["one case"]}, ValueError),
    ],
)
def test_a_check_that_makes_no_sense_is_raised_as_our_mistake(
    options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        checked(twice, **options)


def test_an_oracle_that_raises_is_not_taken_for_the_student_s_exception() -> None:
    def oracle(x: torch.Tensor) -> torch.Tensor:
        raise ValueError("our bug")

    with pytest.raises(RuntimeError, match="the reference raised ValueError: our bug"):
        checked(oracle, oracle=oracle)


def test_the_result_of_a_check_is_data_that_an_answer_cannot_reach() -> None:
    with pytest.raises(AttributeError):
        checked(lambda x: x).points = 7  # type: ignore[misc]


def test_errors_of_the_wall_are_told_like_errors_here() -> None:
    def function(x: torch.Tensor) -> torch.Tensor:
        error = StudentError("deep")
        error.kind, error.text, error.traceback_lines = "IndexError", "deep", ("line 1 of mine",)
        raise error

    result = checked(function)
    assert result.raised == "IndexError"
    assert "line 1 of mine" in result.message
    assert "line 1 of mine" in result.html


def test_half_the_precision_on_the_way_is_found_whatever_the_seed_is() -> None:
    def in_float32(x: torch.Tensor) -> torch.Tensor:
        return (x.float() * 2).to(x.dtype)

    for seed in range(100):
        result = checked(in_float32, seed, extras=dict(rows=2, columns=2))
        assert result.points == 6, seed


def test_a_right_answer_that_would_fail_on_a_gpu_gets_advice_and_all_points() -> None:
    result = checked(lambda x: torch.zeros(x.shape, dtype=x.dtype) + x * 2)
    assert result.points == 7
    assert "Advice, which costs no points: it mixes tensors on the CPU" in result.message
    assert "Advice" in result.html


def test_a_right_answer_of_a_student_gets_the_same_advice(student: StudentProcess) -> None:
    source = "import torch\ndef twice(x):\n    return torch.zeros(x.shape, dtype=x.dtype) + x * 2"
    assert student.ask(RunCell(source)).error is None
    result = checked(student.ask(FindName("twice")).value)
    assert result.points == 7
    assert "Advice" in result.message


@pytest.mark.parametrize(
    ("where", "points"), [("'meta'", 7), ("'meta' and 1 / 0", 7), ("'cpu' and x.shape[0] > 3", 0)]
)
def test_what_an_answer_does_with_tensors_of_another_device_costs_no_points(
    student: StudentProcess, where: str, points: float
) -> None:
    source = f"def twice(x):\n    while x.device.type == {where}:\n        pass\n    return x * 2"
    assert student.ask(RunCell(source)).error is None
    twice = student.ask(FindName("twice")).value
    with student.time_limit(8.0):
        if points:
            assert checked(twice).points == points
            assert twice(torch.ones(2)).tolist() == [2.0, 2.0]
        else:
            with pytest.raises(WallFailure):
                checked(twice)


@pytest.mark.parametrize(
    ("function", "points", "told"),
    [
        (lambda x: x * 2, 7, False),
        (lambda x: x * 2 if len(x) < 50 else x, 7, True),
        (lambda x: x * 2 if len(x) < 50 else x.no_such_thing, 7, False),
        (lambda x: x, 0, False),
    ],
)
def test_a_hint_is_told_where_only_its_case_is_wrong_and_costs_nothing(
    function: Callable[..., Any], points: float, told: bool
) -> None:
    result = checked(function, hints={"large ones are not doubled": dict(rows=50, columns=1)})
    assert result.points == points
    assert ("Advice, which costs no points: large ones are" in result.message) is told


def test_sizes_may_be_words_where_no_smallest_case_is_searched() -> None:
    def make_named(draw: Draw, kind: str) -> tuple[torch.Tensor]:
        return (draw.tensor(2, 2 if kind == "square" else 3),)

    groups = {"square": dict(kind="square"), "wide": dict(kind="wide")}
    result = checked(
        lambda x: x * 2 if x.shape[0] == x.shape[1] else x,
        groups=groups,
        sizes=None,
        make=make_named,
        extras=None,
    )
    assert result.points == 3.5


@pytest.mark.parametrize("part", ["diagnose", "html"])
def test_an_explanation_that_fails_costs_no_points(
    part: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*args: object) -> None:
        raise ZeroDivisionError("odd values")

    module = importlib.import_module("autograder.checks.check")  # the package exports the function
    monkeypatch.setattr(module if part == "diagnose" else report, part, fails)
    result = check(
        lambda x: x if len(x) == 2 else -x, lambda x: x, lambda draw, n: (draw.tensor(n),),
        points=4, groups={"two": dict(n=2), "three": dict(n=3)}, extras=None, name="f",
    )  # fmt: skip
    assert (result.points, result.diagnosis) == (2, None)
    assert result.message.startswith("f is right in 1 of 2 groups of cases.")
    assert "odd values" in caplog.text


@pytest.mark.parametrize(
    "odd", [lambda x: x * 1j, lambda x: x.bool(), lambda x: x.half(),
            lambda x: x * float("nan"), lambda x: x[:0], lambda x: {"a": x}, lambda x: "word",
            lambda x: [[x]], lambda x: x.to(torch.bfloat16), lambda x: x.expand(9, *x.shape),
            lambda x: 10**400, lambda x: x.numpy().astype(object)],
)  # fmt: skip
def test_odd_values_are_explained_without_an_error(
    odd: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    result = check(
        odd, lambda x: x + 1, lambda draw, n: (draw.tensor(n, 2),),
        points=4, groups={"two": dict(n=2), "three": dict(n=3)}, name="f",
    )  # fmt: skip
    assert result.points == 0
    assert caplog.text == ""
