"""Compare a reply with the expected value, and describe the difference in one sentence."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from autograder.proxy.objects import is_remote
from autograder.wall.values import Refused


@dataclass(frozen=True)
class Tolerance:
    """The allowed distance of numbers: ``abs(got - expected) <= atol + rtol * abs(expected)``."""

    rtol: float
    atol: float

    @staticmethod
    def of(dtype: torch.dtype) -> Tolerance:
        """The course's tolerance for a dtype."""
        if dtype in (torch.float64, torch.complex128):
            return Tolerance(1e-7, 1e-9)
        return Tolerance(1e-4, 1e-5)


@dataclass(frozen=True)
class Difference:
    """The difference of two values.

    ``got`` and ``expected`` are tensors if a picture helps. ``wrong`` marks the wrong values of
    tensors with equal shapes; ``what`` names the output.
    """

    sentence: str
    got: Any = None
    expected: Any = None
    wrong: torch.Tensor | None = None
    what: str = "the output"


def difference(
    got: Any,
    expected: Any,
    tolerance: Tolerance | None = None,
    strict_dtype: bool = False,
    what: str = "the output",
    names: Sequence[str] = (),
) -> Difference | None:
    """None if ``got`` is right, else the first difference.

    ``names`` are the names of the items of a tuple.
    """
    if isinstance(got, Refused):
        return Difference(f"{what} is {got.reason}")
    if isinstance(expected, torch.Tensor):
        return _tensors(got, expected, tolerance, strict_dtype, what)
    if isinstance(expected, np.ndarray):
        if not isinstance(got, np.ndarray):
            return Difference(f"{what} is {describe(got)}, expected a numpy array")
        if strict_dtype and got.dtype != expected.dtype:
            return Difference(f"{what} has dtype {got.dtype}, expected {expected.dtype}")
        return _tensors(_as_tensor(got), _as_tensor(expected), tolerance, False, what)
    if isinstance(expected, (tuple, list)):
        return _sequences(got, expected, tolerance, strict_dtype, what, names)
    if isinstance(expected, dict):
        return _mappings(got, expected, tolerance, strict_dtype)
    if isinstance(expected, bool) or expected is None or isinstance(expected, str):
        same = type(got) is type(expected) and got == expected
        return None if same else _unequal(got, expected, what)
    if isinstance(expected, numbers.Integral):
        same = _is_whole(got) and int(got) == int(expected)
        return None if same else _unequal(got, expected, what)
    if isinstance(expected, numbers.Real):
        return _reals(got, float(expected), tolerance, what)
    raise TypeError(f"a check cannot compare with {type(expected).__name__}")


def identical(one: Any, other: Any) -> bool:
    """Whether two values agree to the last digit, in dtype and shape too; never raises."""
    try:
        return difference(one, other, Tolerance(0.0, 0.0), strict_dtype=True) is None
    except Exception:  # if a comparison makes no sense
        return False


def describe(value: Any) -> str:
    """A value in a few words."""
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, np.ndarray):
        return f"a numpy array of shape {value.shape}"
    if value is None:
        return "None (is there a return?)"
    if isinstance(value, Refused):
        return value.reason
    if is_remote(value):
        return "an object that is not plain data"
    text = repr(value)
    text = text if len(text) <= 80 else text[:77] + "..."
    return f"{text} ({type(value).__name__})"


def _tensors(
    got: Any, expected: torch.Tensor, tolerance: Tolerance | None, strict_dtype: bool, what: str
) -> Difference | None:
    if not isinstance(got, torch.Tensor):
        return Difference(f"{what} is {describe(got)}, expected {describe(expected)}")
    if got.shape != expected.shape:
        return Difference(
            f"{what} has shape {tuple(got.shape)}, expected {tuple(expected.shape)}",
            got,
            expected,
            what=what,
        )
    if strict_dtype and got.dtype != expected.dtype:
        return Difference(f"{what} has dtype {_name(got.dtype)}, expected {_name(expected.dtype)}")
    got, expected = got.detach(), expected.detach()
    if not (expected.is_floating_point() or got.is_floating_point() or got.is_complex()):
        wrong = got != expected
        if not bool(wrong.any()):
            return None
        return Difference(_how_many(wrong, what), got, expected, wrong, what)
    if got.is_complex() and not expected.is_complex():
        return Difference(f"{what} is complex, expected real numbers")
    limits = tolerance or Tolerance.of(expected.dtype)
    wide = torch.complex128 if expected.is_complex() else torch.float64
    a, b = got.to(wide), expected.to(wide)
    gap = (a - b).abs()
    allowed = limits.atol + limits.rtol * b.abs()
    close = (gap <= allowed) & allowed.isfinite()  # an infinite value is close only to itself
    wrong = ~(close | (a == b) | (a.isnan() & b.isnan()))
    if not bool(wrong.any()):
        return None
    if bool((a.isnan() & ~b.isnan()).any()):
        return Difference(
            f"{what} has values that are not numbers (nan)", got, expected, wrong, what
        )
    largest = f"; the largest error is {float(gap[wrong].max()):.3g}" if wrong.numel() > 1 else ""
    return Difference(_how_many(wrong, what) + largest, got, expected, wrong, what)


def _how_many(wrong: torch.Tensor, what: str) -> str:
    count, total = int(wrong.sum()), wrong.numel()
    if total == 1:
        return f"the value of {what} is wrong"
    if count == 1:
        return f"1 of the {total} values of {what} is wrong"
    return f"{'all' if count == total else count} of the {total} values of {what} are wrong"


def _sequences(
    got: Any,
    expected: Any,
    tolerance: Tolerance | None,
    strict_dtype: bool,
    what: str,
    names: Sequence[str],
) -> Difference | None:
    if not isinstance(got, (tuple, list)):
        return Difference(
            f"{what} is {describe(got)}, expected {len(expected)} values in a "
            f"{type(expected).__name__}"
        )
    if len(got) != len(expected):
        if all(isinstance(item, str) for item in (*got, *expected)):
            return _unequal(got, expected, what)
        return Difference(f"{what} has {len(got)} values, expected {len(expected)}")
    plain = all(isinstance(item, (numbers.Number, str, type(None))) for item in expected)
    if len(names) != len(expected):
        of_tensors = any(isinstance(item, torch.Tensor) for item in expected)
        is_outputs = of_tensors and what == "the output"
        names = [
            f"output {number}" if is_outputs else f"value {number} of {what}"
            for number in range(1, len(expected) + 1)
        ]
    for name, one, other in zip(names, got, expected, strict=True):
        found = difference(one, other, tolerance, strict_dtype, name)
        if found is not None:
            return _unequal(got, expected, what) if plain else found
    return None


def _mappings(
    got: Any, expected: dict[Any, Any], tolerance: Tolerance | None, strict_dtype: bool
) -> Difference | None:
    if not isinstance(got, dict):
        return Difference(f"the output is {describe(got)}, expected a dictionary")
    for key, other in expected.items():
        if key not in got:
            return Difference(f"{key} is missing")
        found = difference(got[key], other, tolerance, strict_dtype, str(key))
        if found is not None:
            return found
    return None


def _reals(got: Any, expected: float, tolerance: Tolerance | None, what: str) -> Difference | None:
    if isinstance(got, (torch.Tensor, np.ndarray)) and got.shape == ():
        got = got.item()
    if type(got) is bool or not isinstance(got, numbers.Real):
        return _unequal(got, expected, what)
    limits = tolerance or Tolerance.of(torch.float32)
    try:
        value = float(got)
    except OverflowError:  # an integer beyond all floats
        return _unequal(got, expected, what)
    allowed = limits.atol + limits.rtol * abs(expected)
    close = math.isfinite(allowed) and abs(value - expected) <= allowed
    same = value == expected or (math.isnan(value) and math.isnan(expected))
    return None if close or same else _unequal(got, expected, what)


def _is_whole(value: Any) -> bool:
    if isinstance(value, torch.Tensor):
        kind = value.dtype
        whole = not (kind.is_floating_point or kind.is_complex or kind == torch.bool)
        return value.dim() == 0 and whole
    if isinstance(value, np.ndarray):
        return value.shape == () and value.dtype.kind in "iu"
    return isinstance(value, numbers.Integral) and not isinstance(value, (bool, np.bool_))


def _unequal(got: Any, expected: Any, what: str) -> Difference:
    plain = isinstance(got, (tuple, list)) or type(got) is type(expected)
    shown = repr(got) if plain else describe(got)
    shown = shown if len(shown) <= 120 else shown[:117] + "..."
    return Difference(f"{what} is {shown}, expected {expected!r}")


def _as_tensor(array: np.ndarray[Any, Any]) -> torch.Tensor:
    """The values of an array, in a dtype that torch can calculate with."""
    if array.dtype.kind == "u" and array.dtype.itemsize > 1:
        array = array.astype(np.float64 if array.dtype.itemsize == 8 else np.int64)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    native = array.dtype.newbyteorder("=")
    return torch.from_numpy(np.array(array, dtype=native, order="C"))


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
