"""Got, expected and their difference as tables of numbers on coloured ground.

Colours never stand alone: every wrong number has a mark, and the difference has a sign.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

MAX_ROWS = 8  # of a table; a larger tensor is shown as the part around its largest error
MAX_COLUMNS = 8
MAX_AXES = 6
TOO_LARGE, TOO_SMALL, OTHER = "▲", "▼", "≠"
WORDS = {TOO_LARGE: "too large", TOO_SMALL: "too small", OTHER: "another value"}
_STEPS = 3  # shades of an error's size, and of a value
_WIDE = 34  # characters of a row from which a table may need to scroll
_AXES = ("image", "channel", "row", "column")

Number = bool | int | float | complex
Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Cell:
    """A number. ``ground`` is the name of its background colour."""

    text: str
    ground: str = "paper"
    is_wrong: bool = False
    mark: str = ""


@dataclass(frozen=True)
class Table:
    """Two axes of a tensor, or a part of them. ``columns`` and ``rows`` start with their index."""

    title: str
    shape: str
    columns: tuple[int, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]

    @property
    def is_wide(self) -> bool:
        """Whether it may need to scroll on a telephone."""
        lines = (sum(len(cell.text) + 3 for cell in cells) for _, cells in self.rows)
        return max(lines, default=0) > _WIDE


@dataclass(frozen=True)
class Drawing:
    """Tables side by side. ``part`` says which part of the tensors they show; empty for all."""

    tables: tuple[Table, ...]
    part: str = ""

    @property
    def legend(self) -> list[tuple[str, str, str]]:
        """The marks in the difference, each with its colour and its words."""
        cells = [cell for _, row in self.tables[-1].rows for cell in row]
        grounds = {TOO_LARGE: "over2", TOO_SMALL: "under2", OTHER: "wrong"}
        used = {cell.mark for cell in cells}
        return [(mark, grounds[mark], words) for mark, words in WORDS.items() if mark in used]


def drawing(
    got: Any, expected: Any, wrong: torch.Tensor | None = None, name: str = ""
) -> Drawing | None:
    """Tables of got, expected and, for equal shapes, their difference.

    ``wrong`` marks the wrong values; ``name`` is the output's. Returns None for values that are
    no tensors, that hold fewer than two numbers, or that have more than MAX_AXES axes.
    """
    if not (isinstance(got, torch.Tensor) and isinstance(expected, torch.Tensor)):
        return None
    got, expected = got.detach(), expected.detach()
    if max(got.numel(), expected.numel()) < 2 or max(got.dim(), expected.dim()) > MAX_AXES:
        return None
    axes = ("filter", *_AXES[1:]) if "weight" in name or "kernel" in name else _AXES
    if wrong is None or got.shape != expected.shape:
        return _side_by_side(got, expected, axes)
    if got.dim() == 4 and got.shape[2:] == (1, 1):
        got, expected, wrong = (one[:, :, 0, 0] for one in (got, expected, wrong))
        return _compared(got, expected, wrong, (*axes[:2], *axes[:2]))
    return _compared(got, expected, wrong, axes)


def _compared(
    got: torch.Tensor, expected: torch.Tensor, wrong: torch.Tensor, axes: Sequence[str]
) -> Drawing:
    error = _error(got, expected, wrong)
    at = [int(index) for index in torch.unravel_index(error.argmax(), error.shape)]
    window = _window(error.shape, at)
    values, right, marks, errors = (_cut(one, at, window) for one in (got, expected, wrong, error))
    shades = _Shades.of(values, right)
    largest = max((e for row in errors for e in row if math.isfinite(e)), default=0.0)
    shape = _in_words(got.shape, axes)
    drawn = (
        _table("got", shape, window, [
            [Cell(_text(v), shades.ground(v), w) for v, w in zip(*pair, strict=True)]
            for pair in zip(values, marks, strict=True)
        ]),
        _table("expected", shape, window, [
            [Cell(_text(v), shades.ground(v)) for v in row] for row in right
        ]),
        _table("got − expected", "", window, [
            [_difference(*four, largest) for four in zip(*rows, strict=True)]
            for rows in zip(values, right, marks, errors, strict=True)
        ]),
    )  # fmt: skip
    return Drawing(drawn, _part(wrong, at, window, axes))


def _side_by_side(got: torch.Tensor, expected: torch.Tensor, axes: Sequence[str]) -> Drawing:
    windows = [_window(one.shape, [0] * one.dim()) for one in (got, expected)]
    cuts = [
        _cut(one, [0] * one.dim(), window) if one.numel() else []
        for one, window in zip((got, expected), windows, strict=True)
    ]
    shades = _Shades.of(*cuts)
    drawn = tuple(
        _table(title, _in_words(one.shape, axes), window if cut else (range(0), range(0)), [
            [Cell(_text(v), shades.ground(v)) for v in row] for row in cut
        ])
        for title, one, window, cut in zip(
            ("got", "expected"), (got, expected), windows, cuts, strict=True
        )
    )  # fmt: skip
    is_part = any(
        len(cut) * len(cut[0]) < one.numel()
        for cut, one in zip(cuts, (got, expected), strict=True)
        if cut
    )
    return Drawing(drawn, "the first values of each" if is_part else "")


def _error(got: torch.Tensor, expected: torch.Tensor, wrong: torch.Tensor) -> torch.Tensor:
    """The size of each error; 0 for right values, inf for errors without a size."""
    wide = torch.complex128 if got.is_complex() or expected.is_complex() else torch.float64
    gap = (got.to(wide) - expected.to(wide)).abs().nan_to_num(math.inf, math.inf, math.inf)
    return torch.where(wrong, gap, 0.0)


def _window(shape: Sequence[int], at: Sequence[int]) -> tuple[range, range]:
    """The rows and columns around an index of a tensor."""
    sizes = (1, 1, *shape)[-2:]
    places = (0, 0, *at)[-2:]
    rows, columns = (
        range(start := max(0, min(place - most // 2, size - most)), min(size, start + most))
        for size, place, most in zip(sizes, places, (MAX_ROWS, MAX_COLUMNS), strict=True)
    )
    return rows, columns


def _cut(value: torch.Tensor, at: Sequence[int], window: tuple[range, range]) -> Rows:
    rows, columns = window
    flat = value[tuple(at[:-2])] if value.dim() > 2 else value
    flat = flat.reshape((1, 1, *flat.shape)[-2:])
    found: Rows = flat[rows.start : rows.stop, columns.start : columns.stop].tolist()
    return found


def _table(
    title: str, shape: str, window: tuple[range, range], cells: Sequence[Sequence[Cell]]
) -> Table:
    rows, columns = window
    drawn = tuple((index, tuple(row)) for index, row in zip(rows, cells, strict=True))
    return Table(title, shape, tuple(columns), drawn)


@dataclass(frozen=True)
class _Shades:
    """Grounds for values between two bounds: the larger, the darker."""

    low: float
    high: float

    @classmethod
    def of(cls, *tables: Rows) -> _Shades:
        real = [v for table in tables for row in table for v in row if not isinstance(v, complex)]
        finite = [float(v) for v in real if math.isfinite(v)]
        return cls(min(finite, default=0.0), max(finite, default=0.0))

    def ground(self, value: Number) -> str:
        if isinstance(value, complex) or not math.isfinite(value) or self.low == self.high:
            return "paper"
        share = (value - self.low) / (self.high - self.low)
        level = min(_STEPS, int(share * (_STEPS + 1)))
        return f"value{level}" if level else "paper"


def _difference(got: Any, expected: Any, is_wrong: bool, error: float, largest: float) -> Cell:
    if not is_wrong:
        return Cell("0")
    has_order = not any(isinstance(one, (bool, complex)) for one in (got, expected))
    if not has_order or not math.isfinite(error):
        return Cell("", "wrong", True, OTHER)
    share = error / largest if largest else 0.0
    level = min(_STEPS, max(1, math.ceil(_STEPS * share))) if share > 0 else 1
    if got > expected:
        return Cell(f"+{_text(error, 3)}", f"over{level}", True, TOO_LARGE)
    return Cell(f"−{_text(error, 3)}", f"under{level}", True, TOO_SMALL)


def _text(number: Number, digits: int = 4) -> str:
    if isinstance(number, (bool, int)):
        return str(number)
    if isinstance(number, complex):
        return f"{number:.3g}"
    is_whole = math.isfinite(number) and number == int(number) and abs(number) < 1e6
    return str(int(number)) if is_whole else f"{number:.{digits}g}"


def _part(
    wrong: torch.Tensor, at: Sequence[int], window: tuple[range, range], axes: Sequence[str]
) -> str:
    """The shown part of a tensor, in words."""
    shape, said = wrong.shape, []
    slices = math.prod(shape[:-2])
    if slices > 1:
        names = [f"{name} {index}" for name, index in zip(axes, at[:-2], strict=False)]
        said += names if len(shape) == len(axes) else [f"index {list(at[:-2])}"]
    for name, cut, size in zip(("rows", "columns"), window, (1, 1, *shape)[-2:], strict=True):
        if len(cut) < size:
            said.append(f"{name} {cut.start} to {cut.stop - 1} of {size}")
    if slices > 1:
        count = int(wrong.reshape(slices, -1).any(dim=1).sum())
        verb = "is" if count == 1 else "are"
        return f"{', '.join(said)} ({count} of {slices} such slices {verb} wrong)"
    return ", ".join(said)


def _in_words(shape: Sequence[int], axes: Sequence[str]) -> str:
    """A shape with its axes named: ``1 image, 2 channels, 3 rows, 3 columns``."""
    if len(shape) not in (2, 4):
        return f"shape {tuple(shape)}"
    names = axes[-len(shape) :]
    return ", ".join(
        f"{size} {name}{'' if size == 1 else 's'}" for size, name in zip(shape, names, strict=True)
    )
