"""The visible tests: print one line if a result is right, else say got and expected."""

import math
import operator
import re

import numpy as np
import torch

SECTIONS = "@SECTIONS@"  # the section of each exercise
LONGEST_LINE = 80


class WrongResult(AssertionError):
    """A visible test has failed. A notebook shows the lines of its text and no traceback."""

    def _render_traceback_(self):
        """Return the lines that IPython shows, in Jupyter and Colab too."""
        first, *others = str(self).splitlines()
        return [f"\033[1;31mwrong\033[0m {first}", *others]


def expect(what, got, expected, atol=None):
    """Print one line if got equals expected; else raise an error that says both.

    what: the name of the exercise and a few words, for example "corr2d: a 1x2 kernel".
    """
    found = compare_results(got, expected, atol)
    if found:
        lines = [what, f"  got      {found[0]}", f"  expected {found[1]}"]
        exercise = re.match(r"\w*", what)[0]
        if isinstance(SECTIONS, dict) and exercise in SECTIONS:
            lines.append(f'Read again: section "{SECTIONS[exercise]}".')
        raise WrongResult("\n".join(lines))
    print(f"ok   {what}")


def compare_results(got, expected, atol=None):
    """Return None if got equals expected, else one line for each of them."""
    if got is None and expected is not None:
        return "None: does every path end in a return?", in_one_line(expected)
    if isinstance(expected, torch.Tensor):
        return compare_tensors(got, expected, atol)
    if isinstance(expected, (tuple, list)):
        return compare_sequences(got, expected, atol)
    if isinstance(expected, float):
        try:
            same = math.isclose(float(got), expected, rel_tol=1e-4, abs_tol=atol or 1e-5)
        except (TypeError, ValueError):
            return with_type(got), f"{expected!r}, a number"
    elif isinstance(expected, int) and not isinstance(expected, bool):
        try:
            same = operator.index(got) == expected
        except TypeError:
            return with_type(got), f"{expected!r}, an integer"
    elif type(got) is not type(expected):
        return with_type(got), with_type(expected)
    else:
        same = got == expected
    if same:
        return None
    return in_one_line(got), in_one_line(expected)


def compare_sequences(got, expected, atol=None):
    """The same for a tuple or a list; got may be either."""
    if not isinstance(got, (tuple, list)):
        return with_type(got), in_one_line(expected)
    if len(got) != len(expected):
        return tuple(
            f"{len(one)} value{'s' * (len(one) != 1)}: {in_one_line(one)}"
            for one in (got, expected)
        )
    found = [compare_results(g, e, atol) for g, e in zip(got, expected, strict=True)]
    wrong = [i for i, one in enumerate(found) if one]
    if not wrong:
        return None
    texts = in_one_line(got), in_one_line(expected)
    is_short = max(map(len, texts)) < LONGEST_LINE and texts[0] != texts[1]
    if is_short and "torch.Tensor" not in texts[1]:
        return texts
    first, *others = wrong
    where = f"value {first} of {len(found)}"
    also = ", ".join(map(str, others[:5])) + ", ..." * (len(others) > 5)
    also = f" (wrong too: value {also})" if others else ""
    return f"{where}: {found[first][0]}", f"{where}: {found[first][1]}{also}"


def compare_tensors(got, expected, atol=None):
    """The same for tensors: first the type, then shape and dtype, then the values."""
    if not isinstance(got, torch.Tensor):
        return with_type(got), in_one_line(expected)
    if got.shape != expected.shape or got.dtype != expected.dtype:
        return in_one_line(got), in_one_line(expected)
    double = expected.dtype == torch.float64
    rtol, tiny = (0.0, atol) if atol is not None else (1e-7, 1e-9) if double else (1e-4, 1e-5)
    got, expected = got.detach().cpu(), expected.detach().cpu()
    wide = torch.complex128 if expected.is_complex() else torch.float64
    error = (got.to(wide) - expected.to(wide)).abs()
    close = (error <= tiny + rtol * expected.to(wide).abs()) | (got == expected)
    if close.all():  # a nan is wrong
        return None
    worst = int(torch.where(close, -1.0, error.nan_to_num(torch.inf)).argmax())
    g, e = got.flatten()[worst].item(), expected.flatten()[worst].item()
    digits = next((n for n in (5, 9, 13) if f"{g:.{n}g}" != f"{e:.{n}g}"), 17)
    texts = in_numbers(got, digits), in_numbers(expected, digits)
    if expected.numel() <= 36 and max(map(len, texts)) <= LONGEST_LINE:
        return texts
    at = [int(i) for i in np.unravel_index(worst, error.shape)]
    count = f"{int((~close).sum())} of {close.numel()} numbers are wrong"
    return (
        f"{g:.{digits}g} at {at}, the largest error; {count}",
        f"{e:.{digits}g} there; {in_one_line(expected)}",
    )


def in_numbers(tensor, digits):
    """Return the numbers of a tensor in one line, in brackets."""
    if tensor.dim() == 0:
        return f"{tensor.item():.{digits}g}"
    return "[" + ", ".join(in_numbers(part, digits) for part in tensor) + "]"


def in_one_line(value):
    """Return a value's text in one line, cut if it is long; of a tensor its shape and dtype."""
    if isinstance(value, torch.Tensor):
        dtype = str(value.dtype).removeprefix("torch.")
        return f"a torch.Tensor of shape {tuple(value.shape)}, {dtype}"
    if type(value) in (tuple, list):
        inside = ", ".join(map(in_one_line, value[:LONGEST_LINE]))
        inside += "," * (type(value) is tuple and len(value) == 1)
        text = f"({inside})" if type(value) is tuple else f"[{inside}]"
    else:
        text = " ".join(repr(value).split())
    return text if len(text) <= LONGEST_LINE else f"{text[: LONGEST_LINE - 4]} ..."


def with_type(value):
    """Return the same with the name of the value's type."""
    if value is None or isinstance(value, torch.Tensor):
        return in_one_line(value)
    kind = type(value)
    package = kind.__module__.split(".")[0]
    name = kind.__name__ if package in ("builtins", "__main__") else f"{package}.{kind.__name__}"
    return f"{in_one_line(value)}, of type {name}"
