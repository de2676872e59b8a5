"""The visible tests' one verb: print a line when right, say got and expected when wrong."""

import math
import operator

import numpy as np
import torch


def expect(what, got, expected, atol=None):
    """Print one line when got equals expected; else raise an error that says the difference."""
    problem = difference(got, expected, atol)
    if problem:
        raise AssertionError(f"{what}\n{problem}")
    print(f"ok   {what}")


def difference(got, expected, atol=None):
    """Say in words how got differs from expected; an empty string when it does not."""
    if got is None and expected is not None:
        return "  got None: does every path through your function end in a return?"
    if isinstance(expected, torch.Tensor):
        return tensor_difference(got, expected, atol)
    if isinstance(expected, (tuple, list)):
        return sequence_difference(got, expected, atol)
    if expected is None or isinstance(expected, (bool, str)):
        same = type(got) is type(expected) and got == expected
    elif isinstance(expected, float):
        try:
            same = math.isclose(float(got), expected, rel_tol=1e-4, abs_tol=atol or 1e-5)
        except (TypeError, ValueError):
            return f"  got {got!r}, a {type(got).__name__}; expected the number {expected!r}"
    else:
        try:
            same = operator.index(got) == expected
        except TypeError:
            return f"  got {got!r}, a {type(got).__name__}; expected the integer {expected!r}"
    return "" if same else f"  got {got!r}, expected {expected!r}"


def sequence_difference(got, expected, atol=None):
    """The same for tuples and lists, either of which will do."""
    if not isinstance(got, (tuple, list)) or len(got) != len(expected):
        return f"  got {got!r}\n  expected {len(expected)} values: {expected!r}"
    found = [difference(g, e, atol) for g, e in zip(got, expected, strict=True)]
    if all(value is None or isinstance(value, (int, float, str)) for value in expected):
        return f"  got {got!r}, expected {expected!r}" if any(found) else ""
    return "\n".join(
        f"  value {i} of {len(found)}:\n{text}" for i, text in enumerate(found) if text
    )


def tensor_difference(got, expected, atol=None):
    """The same for tensors: first the type, then shape and dtype, then the values."""
    if not isinstance(got, torch.Tensor):
        return f"  got a {type(got).__name__}, expected a torch.Tensor"
    if got.shape != expected.shape:
        return f"  got the shape {tuple(got.shape)}, expected {tuple(expected.shape)}"
    if got.dtype != expected.dtype:
        return f"  got the dtype {got.dtype}, expected {expected.dtype}"
    double = expected.dtype == torch.float64
    rtol, tiny = (0.0, atol) if atol is not None else (1e-7, 1e-9) if double else (1e-4, 1e-5)
    got = got.detach().cpu()
    error = (got - expected).abs()
    wrong = ~(error <= tiny + rtol * expected.abs())  # a nan is wrong too
    if not wrong.any():
        return ""
    worst = int(torch.where(error.isnan(), torch.inf, error).argmax())
    at = [int(i) for i in np.unravel_index(worst, error.shape)]
    lines = []
    if expected.numel() <= 36:
        lines += [f"  got      {got.tolist()}", f"  expected {expected.tolist()}"]
    lines.append(
        f"  {int(wrong.sum())} of {wrong.numel()} numbers are wrong; the largest error is "
        f"{error.flatten()[worst]:.4g} at {at}: "
        f"got {got.flatten()[worst]:.6g}, expected {expected.flatten()[worst]:.6g}"
    )
    return "\n".join(lines)
