"""Values as Python code that makes the same values in a notebook."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

WIDTH = 79  # columns of a line of code
MAX_NUMBERS = 160  # numbers that one tensor's code spells out
_MIN_CONSTANT = 3  # numbers from which torch.zeros, torch.ones and torch.full are shorter
_MIN_RANGE = 6  # numbers from which torch.arange is
_INDENT = "    "
_OTHERS = "  # other numbers than in the test: these are too many to show"
_DEFAULTS = {torch.float32, torch.int64, torch.bool, torch.complex64}
_SHORT = {torch.float16: np.float16, torch.float32: np.float32}

Tree = str | list["Tree"]


class NotWritable(Exception):
    """The value has no short code."""


def assignments(**values: Any) -> str:
    """Lines of code that give each value its name; a value without code is told in words."""
    return "\n".join(assignment(name, value) for name, value in values.items())


def assignment(name: str, value: Any, layout: str = "", most: int = MAX_NUMBERS) -> str:
    """Code that gives a value its name, in a line or several.

    A tensor of more than ``most`` numbers, or several together, is told by its shape.

    ``layout`` is the name of a memory layout in ``trials.cases.LAYOUTS`` that the value has.
    """
    try:
        if most < MAX_NUMBERS:
            _check_size(value, most)
        code = literal(value, WIDTH - len(name) - len(" = "))
    except NotWritable as reason:
        return f"{name} = ...  # {reason}"
    lines = [f"{name} = {code}"]
    if isinstance(value, torch.Tensor):
        if _is_too_long(value):
            lines[-1] += _OTHERS
        if moved := _laid_out(name, value, layout):
            lines.append(moved)
    return "\n".join(lines)


def literal(value: Any, room: int = WIDTH) -> str:
    """Code for a value; its first line has at most ``room`` columns if possible.

    Raises NotWritable, with the value in words, for an object without code.
    """
    if isinstance(value, torch.Tensor):
        return _tensor(value, room)
    if isinstance(value, np.ndarray):
        return _array(value, room)
    if type(value) in (list, tuple):
        return _sequence(value, room)
    if type(value) is dict:
        pairs = [f"{literal(key)}: {literal(item)}" for key, item in value.items()]
        return _enclosed("{", pairs, "}", room)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, np.generic):
        return literal(value.item(), room)
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return repr(value)
    if isinstance(value, (torch.dtype, torch.Size)):
        return repr(value)
    raise NotWritable(f"an object of the class {type(value).__name__}")


def _check_size(value: Any, most: int) -> None:
    """Raise NotWritable, with the shapes in words, for more than so many numbers."""
    tensors = value if type(value) in (list, tuple) else [value]
    shapes = [tuple(one.shape) for one in tensors if isinstance(one, torch.Tensor)]
    if sum(map(math.prod, shapes)) <= most:
        return
    if type(value) not in (list, tuple):
        raise NotWritable(f"a tensor of shape {shapes[0]}")
    same = "" if len(set(shapes)) > 1 else f" of shape {shapes[0]}"
    raise NotWritable(f"{len(shapes)} tensors{same}")


def _tensor(value: torch.Tensor, room: int) -> str:
    suffix = ".requires_grad_()" if value.requires_grad else ""
    value = value.detach()
    kind = "" if value.dtype in _DEFAULTS else f", dtype={value.dtype}"
    code = _expanded(value, kind) or _simple(value, kind)
    if code is None:
        tail = f"{kind}){suffix}"
        code = f"torch.tensor({_laid(_tokens(value), room - len('torch.tensor(') - len(tail))}"
        return code + tail
    return code + suffix


def _expanded(value: torch.Tensor, kind: str) -> str | None:
    """Code of a tensor that repeats one number without memory of its own."""
    if value.numel() < 2 or any(value.stride()):
        return None
    one = value.flatten()[0]
    return f"torch.full({(1,) * value.dim()}, {_number(one)}{kind}).expand{tuple(value.shape)}"


def _simple(value: torch.Tensor, kind: str) -> str | None:
    """Short code for equal numbers, equally spaced whole numbers, or too many numbers."""
    shape = tuple(value.shape)
    listed = ", ".join(map(str, shape))
    if value.numel() == 0:
        kind = kind if value.dtype.is_floating_point else f", dtype={value.dtype}"
        return f"torch.zeros({shape}{kind})"
    flat = value.reshape(-1)
    if value.dtype == torch.bool or value.is_complex():
        return (
            None if value.numel() <= MAX_NUMBERS else f"torch.zeros({shape}, dtype={value.dtype})"
        )
    if value.numel() >= _MIN_CONSTANT and bool((flat == flat[0]).all()):
        named = {0.0: "zeros", 1.0: "ones"}.get(float(flat[0]))
        if named is not None and value.dtype.is_floating_point:
            return f"torch.{named}({listed}{kind})"
        return f"torch.full({shape}, {_number(flat[0])}{kind})"
    wide = flat.to(torch.float64)
    steps = wide.diff()
    if value.numel() >= _MIN_RANGE and float(steps[0]) and bool((steps == steps[0]).all()):
        if bool((wide == wide.round()).all()) and float(wide.abs().max()) < 1e6:
            return f"{_range(wide, value.dtype, kind)}" + _reshaped(shape)
    if value.numel() <= MAX_NUMBERS:
        return None
    if value.dtype.is_floating_point:
        return f"torch.randn({listed}{kind})"
    low, high = int(flat.min()), int(flat.max())
    return f"torch.randint({low}, {high + 1}, {shape}{kind})"


def _range(wide: torch.Tensor, dtype: torch.dtype, kind: str) -> str:
    first, step = float(wide[0]), float(wide[1] - wide[0])
    stop = first + step * len(wide)
    numbers = [stop] if first == 0 and step == 1 else [first, stop] + ([step] if step != 1 else [])
    form = "{:.0f}." if dtype.is_floating_point and not kind else "{:.0f}"
    return f"torch.arange({', '.join(form.format(number) for number in numbers)}{kind})"


def _reshaped(shape: tuple[int, ...]) -> str:
    return f".reshape({', '.join(map(str, shape))})" if len(shape) != 1 else ""


def _is_too_long(value: torch.Tensor) -> bool:
    code = _expanded(value, "") or _simple(value, "") or ""
    return code.startswith(("torch.randn", "torch.randint"))


def _tokens(value: torch.Tensor) -> Tree:
    if value.dim() == 0:
        return _number(value)
    return [_tokens(part) for part in value]


def _number(value: torch.Tensor) -> str:
    """The shortest decimal of one number that is rounded to the same number of its dtype."""
    number = value.item()
    if not isinstance(number, float):
        return repr(number)
    if not math.isfinite(number):
        return "torch.nan" if math.isnan(number) else "-torch.inf" if number < 0 else "torch.inf"
    short = _SHORT.get(value.dtype)
    text = str(short(number)) if short is not None else repr(number)
    return text[:-1] if text.endswith(".0") else text


def _array(value: np.ndarray[Any, Any], room: int) -> str:
    if value.dtype.kind not in "biuf" or value.size > MAX_NUMBERS:
        raise NotWritable(f"a numpy array of shape {value.shape}")
    kind = "" if value.dtype in (np.float64, np.int64, np.bool_) else f", dtype=np.{value.dtype}"
    tree: Tree = _texts(value.tolist())
    laid = _laid(tree, room - len("np.array()") - len(kind))
    return f"np.array({laid}{kind})"


def _texts(value: Any) -> Tree:
    if isinstance(value, list):
        return [_texts(item) for item in value]
    return repr(value) if math.isfinite(value) else f"np.{value}".replace("np.-", "-np.")


def _sequence(value: Sequence[Any], room: int) -> str:
    opening, closing = "[]" if isinstance(value, list) else "()"
    inner = WIDTH - len(_INDENT) - 1
    items = [literal(item, inner) for item in value]
    if len(items) == 1 and closing == ")":
        return f"({items[0]},)"
    return _enclosed(opening, items, closing, room)


def _enclosed(opening: str, items: Sequence[str], closing: str, room: int) -> str:
    line = f"{opening}{', '.join(items)}{closing}"
    if len(line) <= room and "\n" not in line:
        return line
    return f"{opening}\n{''.join(_indented(item) for item in items)}{closing}"


def _indented(item: str) -> str:
    return "".join(f"{_INDENT}{line}\n" for line in f"{item},".split("\n"))


def _laid(tree: Tree, room: int, width: int = 0, columns: int = WIDTH) -> str:
    """Nested brackets with these numbers: in one line if there is room, else a row in a line.

    The first line has at most ``room`` columns, further lines at most ``columns``.
    """
    line = _line(tree)
    if isinstance(tree, str) or len(line) <= room:
        return line if not width else _line(tree, width)
    if len(tree) == 1 and not isinstance(tree[0], str):
        return f"[{_laid(tree[0], room - 2, width, columns)}]"
    inner = columns - len(_INDENT) - 1
    if all(isinstance(item, str) for item in tree):
        rows = _wrapped([str(item) for item in tree], inner)
        return "[\n" + "".join(f"{_INDENT}{row},\n" for row in rows) + "]"
    wide = max(map(len, _leaves(tree)))
    if len(_line(tree[0], wide)) > inner:
        wide = 0
    return "[\n" + "".join(_indented(_laid(item, inner, wide, inner + 1)) for item in tree) + "]"


def _line(tree: Tree, width: int = 0) -> str:
    if isinstance(tree, str):
        return tree.rjust(width)
    return f"[{', '.join(_line(item, width) for item in tree)}]"


def _leaves(tree: Tree) -> list[str]:
    return [tree] if isinstance(tree, str) else [leaf for item in tree for leaf in _leaves(item)]


def _wrapped(items: list[str], room: int) -> list[str]:
    rows = [items[0]]
    for item in items[1:]:
        if len(rows[-1]) + len(item) + 2 <= room:
            rows[-1] += f", {item}"
        else:
            rows.append(item)
    return rows


def _laid_out(name: str, value: torch.Tensor, layout: str) -> str:
    """A line that gives a tensor its order in memory; empty for the usual order."""
    if layout == "behind" and value.dim():
        moved = f"torch.cat([{name}.new_zeros(3), {name}.flatten()])[3:].view({name}.shape)"
        return f"{name} = {moved}  # does not start at the start of its memory"
    if value.is_contiguous() or not any(value.stride()):
        return ""
    order = sorted(range(value.dim()), key=lambda axis: value.stride()[axis], reverse=True)
    if value.permute(order).is_contiguous():
        back = [order.index(axis) for axis in range(value.dim())]
        there = ".t()" if value.dim() == 2 else f".permute{tuple(order)}"
        again = ".t()" if value.dim() == 2 else f".permute{tuple(back)}"
        return f"{name} = {name}{there}.contiguous(){again}  # another order in memory"
    return f"{name} = {name}.repeat_interleave(2, -1)[..., ::2]  # not contiguous in memory"
