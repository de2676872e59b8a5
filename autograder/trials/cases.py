"""Cases: the arguments of a call, and the source of their values."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch

from autograder.wall.values import GAP

Sizes = dict[str, Any]  # whole numbers, and words for settings
T = TypeVar("T")
MAX_DISTINCT = 36  # numbers of a tensor that are all different in a smallest failing case
MOST_ABOVE = 99  # the distance of an integer from its lower bound there
_STEPS = (100, 50, 20, 10, 5, 2, 1, 0.5, 0.25, 0.2, 0.1, 0.05, 0.02, 0.01)
_FEW = 3  # steps between the bounds
_TINY = 1e-9
_UNSET = object()
_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class Call:
    """The arguments of one call, and optionally the right value."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args = args
        self.kwargs = kwargs
        self.expected: Any = _UNSET

    def expecting(self, value: Any) -> Call:
        """The same call, with its expected value."""
        self.expected = value
        return self

    @property
    def has_expected(self) -> bool:
        return self.expected is not _UNSET

    @staticmethod
    def of(value: Any) -> Call:
        """The call of a ``make`` function's result: a Call, or a tuple of arguments."""
        if isinstance(value, Call):
            return value
        return Call(*value) if isinstance(value, tuple) else Call(value)

    def changed(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        """A call with other arguments and the same expected value."""
        found = Call(*args, **kwargs)
        found.expected = self.expected
        return found

    def by_place(self, function: Callable[..., Any]) -> Call:
        """The same call of a function, with positional arguments where possible."""
        bound = inspect.signature(function).bind(*self.args, **self.kwargs)
        return self.changed(bound.args, bound.kwargs)

    def default_names(self, function: Callable[..., Any]) -> frozenset[str]:
        """The arguments of this call that are their defaults in the function's signature.

        Empty for a function without a signature.
        """
        try:
            signature = inspect.signature(function)
            bound = signature.bind(*self.args, **self.kwargs).arguments
        except (TypeError, ValueError):
            return frozenset()
        return frozenset(
            name
            for name, parameter in signature.parameters.items()
            if name in bound
            and parameter.kind in _BY_NAME
            and _is_default(bound[name], parameter.default)
        )

    def left_out(self, function: Callable[..., Any]) -> Call:
        """The same call of a function, without the arguments that are their defaults.

        Positional arguments behind the first of these are passed by name.
        """
        names = self.default_names(function)
        if not names:
            return self
        positions = list(inspect.signature(function).parameters)[: len(self.args)]
        first = next((k for k, name in enumerate(positions) if name in names), len(self.args))
        given = dict(zip(positions[first:], self.args[first:], strict=False)) | self.kwargs
        kept = {name: value for name, value in given.items() if name not in names}
        return self.changed(self.args[:first], kept)

    def laid_out(self, layout: str) -> Call:
        """The same call, with all tensors in the given memory layout."""
        return self.changed(*laid_out((self.args, self.kwargs), layout))


def _is_default(value: Any, default: Any) -> bool:
    if default is None or type(default) not in (bool, int, float, str):
        return value is None and default is None
    return type(value) is type(default) and bool(value == default)


def laid_out(value: Any, layout: str) -> Any:
    """A copy of a value whose tensors have the memory layout ``layout``."""
    if isinstance(value, torch.Tensor):
        copied = LAYOUTS[layout](value.detach()) if value.dim() else value.detach().clone()
        return copied.requires_grad_(value.requires_grad)
    if type(value) in (tuple, list):
        return type(value)(laid_out(item, layout) for item in value)
    if type(value) is dict:
        return {key: laid_out(item, layout) for key, item in value.items()}
    return value


def _transposed(values: torch.Tensor) -> torch.Tensor:
    """The last axis first in memory; for a vector, every second number."""
    if values.dim() < 2:
        return _sliced(values)
    last = list(range(values.dim()))[::-1]
    return values.permute(last).contiguous().permute(last)


def _sliced(values: torch.Tensor) -> torch.Tensor:
    """Every second number along the last axis of a larger tensor, starting with the second."""
    wide = values.new_full((*values.shape[:-1], 2 * values.shape[-1] + 1), GAP)
    every_second = wide[..., 1::2]
    return every_second.copy_(values)


def _behind(values: torch.Tensor) -> torch.Tensor:
    """Contiguous, but not at the start of its memory."""
    memory = values.new_full((values.numel() + 3,), GAP)
    return memory[3:].view(values.shape).copy_(values)


_WORDS = {
    "transposed": "inputs that are not contiguous: their last axis comes first in memory",
    "sliced": "inputs that are not contiguous: every second number of something larger",
    "behind": "inputs that do not start at the start of their memory",
}
LAYOUTS = {"transposed": _transposed, "sliced": _sliced, "behind": _behind}


@dataclass(frozen=True)
class Style:
    """The layout of a case's tensors, and the properties of a result that are judged.

    ``layout`` is a name in LAYOUTS, or empty for contiguous tensors. ``by_place`` passes arguments
    by position that ``make`` passes by name; ``left_out`` leaves out arguments that are their
    defaults.
    """

    dtype: torch.dtype = torch.float32
    layout: str = ""
    by_place: bool = False
    left_out: bool = False
    whole_numbers: bool = False
    strict_dtype: bool = False
    strict_arguments: bool = False

    @property
    def words(self) -> str:
        """Words for a message about a call in this style; empty for a plain call."""
        if self.by_place:
            return " (with all arguments by their place)"
        if self.left_out:
            return " (with optional arguments left out)"
        return f" (with {_WORDS[self.layout]})" if self.layout else ""


@dataclass
class Draw:
    """Random values for one case; the same seed gives the same values."""

    seed: int
    style: Style = field(default_factory=Style)

    def __post_init__(self) -> None:
        self._generator = torch.Generator().manual_seed(self.seed)

    @property
    def is_readable(self) -> bool:
        """Whether numbers should be few and round: the case is shown to a student."""
        return self.style.whole_numbers

    def tensor(self, *shape: int) -> torch.Tensor:
        """Standard-normal values.

        A smallest failing case gets small whole numbers without 0, no two of them equal if there
        are at most MAX_DISTINCT.
        """
        if self.is_readable:
            values = self._whole(math.prod(shape)).reshape(shape).double()
        else:
            values = torch.randn(shape, generator=self._generator, dtype=torch.float64)
        return values.to(self.style.dtype)

    def uniform(self, low: float, high: float, *shape: int) -> Any:
        """A float between the bounds or, with a shape, a tensor of them.

        A smallest failing case gets round numbers, such as 0.5, 1, 1.5 and 2.
        """
        if self.is_readable:
            values = self._round(low, high, math.prod(shape)).reshape(shape)
        else:
            values = torch.rand(shape, generator=self._generator, dtype=torch.float64)
            values = low + (high - low) * values
        return values.to(self.style.dtype) if shape else float(values)

    def integer(self, low: int, high: int) -> int:
        """A whole number, both bounds included; in a smallest failing case one of the lowest."""
        if self.is_readable:
            high = min(high, low + MOST_ABOVE)
        return int(torch.randint(low, high + 1, (), generator=self._generator))

    def _whole(self, count: int) -> torch.Tensor:
        if count > MAX_DISTINCT:
            return torch.randint(-9, 10, (count,), generator=self._generator)
        below, above = (3, 5) if count <= 8 else (count // 2, count - count // 2)
        numbers = [n for n in range(-below, above + 1) if n]
        order = torch.randperm(len(numbers), generator=self._generator)
        return torch.tensor(numbers)[order[:count]]

    def _round(self, low: float, high: float, count: int) -> torch.Tensor:
        """Numbers of the coarsest grid with a few points within the bounds."""
        step = next((s for s in _STEPS if (high - low) / s >= _FEW - _TINY), _STEPS[-1])
        first, last = math.ceil(low / step - _TINY), math.floor(high / step + _TINY)
        if last < first:  # no point of the finest grid
            return torch.full((count,), low, dtype=torch.float64)
        points = [round(k * step, 4) for k in range(first, last + 1)]
        known = torch.tensor(points, dtype=torch.float64)
        if count <= len(points):
            return known[torch.randperm(len(points), generator=self._generator)[:count]]
        return known[torch.randint(len(points), (count,), generator=self._generator)]

    def choice(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.integer(0, len(options) - 1)]
