"""Relations of kinds of values: None, another container, numbers of outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from autograder.evidence.cells import alike
from autograder.evidence.relations.seen import Fact, Seen, close, numbers


def containers(seen: Seen) -> Iterator[Fact]:
    """Facts about the kind of value that is returned."""
    got, expected = seen.cell.got, seen.cell.expected
    if got is None and expected is not None:
        returned = (
            f"Your function returns None for {seen.cell.output}. Is it computed in every branch?"
            if seen.cell.output
            else "Your function returns None. Is there a return in every branch, behind the loops?"
        )
        text = "Methods that end in _ and list methods such as append change a value in place."
        yield Fact("none", f"{returned} {text}", 0, 0)
        return
    several = isinstance(expected, (tuple, list))
    if several and isinstance(got, (tuple, list)):
        yield from _several(got, expected)
    elif several and any(alike(got, one) for one in expected):
        yield Fact(
            "one_output",
            f"Your function returns one output. Expected are {len(expected)}. Is something missing "
            "behind return?",
            0,
            0,
        )
    elif isinstance(got, (tuple, list)) and not isinstance(expected, Mapping):
        yield from _packed(got, expected)
    else:
        yield from _same_numbers(seen, got, expected)


def _several(got: Any, expected: Any) -> Iterator[Fact]:
    if len(got) != len(expected):
        right = sum(any(alike(one, other) for one in got) for other in expected)
        if right >= min(len(got), len(expected)) > 0 and any(map(_has_shape, expected)):
            yield Fact(
                "number_of_outputs",
                f"Your function returns {len(got)} outputs. Expected are {len(expected)}. The "
                "other values are right.",
                0,
                0,
            )


def _has_shape(value: Any) -> bool:
    return hasattr(value, "shape")


def _packed(got: Any, expected: Any) -> Iterator[Fact]:
    inside = [one for one in got if alike(one, expected)]
    if len(got) == 1 and inside:
        yield Fact(
            "packed",
            "Your value is right, but it is packed into a tuple or list of length 1. Is there a "
            "comma behind it, or brackets around it?",
            0,
            0,
        )
    elif inside:
        yield Fact(
            "number_of_outputs",
            f"Your function returns {len(got)} values, and one of them is right. Expected is this "
            "one alone.",
            0,
            0,
        )
    elif _has_shape(expected) and _is_rows(got, expected):
        yield Fact(
            "list",
            "Your values are right, but they are in a list. Expected is a tensor. Look at "
            "torch.stack.",
            0,
            0,
        )


def _is_rows(got: Any, expected: Any) -> bool:
    try:
        mine = numbers(np.array([np.asarray(one) for one in got], dtype=np.float64))
    except (TypeError, ValueError, RuntimeError):
        return False
    other = numbers(expected)
    return mine is not None and other is not None and close(mine, other)


def _same_numbers(seen: Seen, got: Any, expected: Any) -> Iterator[Fact]:
    mine, other = seen.got, seen.expected
    if mine is None or other is None or not close(mine, other):
        return
    exact = bool((np.abs(mine - other) <= 1e-9 * np.abs(other)).all())
    kinds = _kind(got), _kind(expected)
    if kinds[0] != kinds[1] and exact:
        yield Fact(
            "kind",
            f"Your value is right, but it is {kinds[0]}. Expected is {kinds[1]}.",
            0,
            0,
        )


def _kind(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return "a tensor"
    if isinstance(value, np.ndarray):
        return "a numpy array"
    if isinstance(value, (int, np.integer)):
        return "an int"
    if isinstance(value, (float, np.floating)):
        return "a float"
    return f"a {type(value).__name__}"
