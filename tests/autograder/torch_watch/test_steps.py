"""Steps of Python: a loop needs more of them for more items, in every kind of loop."""

from __future__ import annotations

import functools
import itertools
import operator
import sys
import threading
from collections.abc import Callable

import numpy as np
import pytest

from autograder.torch_watch.steps import MOST, Steps


def steps(run: Callable[[], object]) -> int:
    counter = Steps()
    counter.start()
    try:
        run()
    finally:
        counter.stop()
    return counter.count


def recursive(n: int) -> int:
    return 0 if n == 0 else 1 + recursive(n - 1)


def in_a_thread(n: int) -> None:
    thread = threading.Thread(target=lambda: [i for i in range(n)])  # noqa: C416
    thread.start()
    thread.join()


LOOPS: dict[str, Callable[[int], object]] = {
    "for": lambda n: [i * 2 for i in range(n)],
    "while": lambda n: exec("i = 0\nwhile i < n: i += 1", {"n": n}),
    "a generator": lambda n: sum(i * i for i in range(n)),
    "map of a function in C": lambda n: list(map(operator.neg, range(n))),
    "map of a ufunc": lambda n: list(map(np.add, np.ones(n), np.ones(n))),
    "filter": lambda n: list(filter(None, range(n))),
    "reduce": lambda n: functools.reduce(operator.add, range(n)),
    "starmap": lambda n: list(itertools.starmap(operator.add, [(1, 2)] * n)),
    "accumulate": lambda n: list(itertools.accumulate(range(n))),
    "recursion": recursive,
    "a thread": in_a_thread,
    "nditer": lambda n: [float(value) for value in np.nditer(np.ones(n))],
    "ndindex": lambda n: [index for index in np.ndindex(n)],  # noqa: C416
    "apply_along_axis": lambda n: np.apply_along_axis(np.sum, 0, np.ones((2, n))),
    "vectorize": lambda n: np.vectorize(lambda v: v + 1)(np.ones(n)),
    "a key": lambda n: sorted(range(n), key=lambda v: -v),
}


@pytest.mark.parametrize("loop", LOOPS)
def test_a_loop_needs_more_steps_for_more_items(loop: str) -> None:
    run = LOOPS[loop]
    steps(lambda: run(4))  # late imports are done
    assert steps(lambda: run(304)) - steps(lambda: run(4)) >= 2 * 300


@pytest.mark.parametrize(
    "run",
    [
        lambda n: np.ones(n) @ np.ones(n),
        lambda n: np.einsum("i,j->ij", np.ones(n), np.ones(3)),
        lambda n: np.pad(np.ones((n, 2)), 1).sum(),
        lambda n: np.lib.stride_tricks.sliding_window_view(np.ones(n), 2).mean(1),
        lambda n: [i for i in range(3)] + [sum(np.ones(3))],  # noqa: C416
    ],
)
def test_arrays_as_a_whole_need_no_more_steps_when_they_are_larger(
    run: Callable[[int], object],
) -> None:
    steps(lambda: run(4))
    assert steps(lambda: run(304)) == steps(lambda: run(4))


def test_loops_without_bytecode_do_what_they_do_elsewhere() -> None:
    def all_of_them() -> list[object]:
        found: list[object] = [
            list(map(operator.add, [1, 2, 3], [4, 5])),
            list(filter(lambda v: v > 1, [1, 2])),
            functools.reduce(operator.mul, [2, 3], 4),
            functools.reduce(operator.mul, [], 4),
            list(itertools.starmap(pow, [(2, 3)])),
            list(itertools.accumulate([1, 2, 3])),
            list(itertools.accumulate([1, 2], operator.mul, initial=5)),
            list(itertools.accumulate([])),
        ]
        with pytest.raises(TypeError, match="reduce"):
            functools.reduce(operator.add, [])
        return found

    elsewhere = all_of_them()
    counter = Steps()
    counter.start()
    here = all_of_them()
    counter.stop()
    assert here == elsewhere


def test_it_stops_counting_a_loop_that_never_ends_and_puts_everything_back() -> None:
    before = sys.gettrace(), map, functools.reduce
    counted = steps(lambda: [i for i in range(MOST)])  # noqa: C416
    assert counted == MOST + 1
    assert (sys.gettrace(), map, functools.reduce) == before


def test_a_trace_function_that_takes_the_place_is_noticed() -> None:
    counter = Steps()
    before = sys.gettrace()
    counter.start()
    sys.settrace(None)
    counter.stop()
    assert counter.was_replaced
    assert sys.gettrace() is before
