"""Cases: what a function is called with, and where their values come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch

T = TypeVar("T")
_UNSET = object()


class Call:
    """The arguments of one call, and optionally the value that a right answer returns."""

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
        """A call made of what a ``make`` function returned: a Call, or a tuple of arguments."""
        if isinstance(value, Call):
            return value
        return Call(*value) if isinstance(value, tuple) else Call(value)


@dataclass(frozen=True)
class Style:
    """How the tensors of a case are made, and what is looked at beyond values."""

    dtype: torch.dtype = torch.float32
    contiguous: bool = True
    whole_numbers: bool = False
    strict_dtype: bool = False
    strict_arguments: bool = False


@dataclass
class Draw:
    """Random values for one case; the same seed gives the same values."""

    seed: int
    style: Style = field(default_factory=Style)

    def __post_init__(self) -> None:
        self._generator = torch.Generator().manual_seed(self.seed)

    def tensor(self, *shape: int) -> torch.Tensor:
        """Standard-normal values (small whole numbers in a smallest failing case)."""
        if self.style.whole_numbers:
            values = torch.randint(-3, 6, shape, generator=self._generator).double()
        else:
            values = torch.randn(shape, generator=self._generator, dtype=torch.float64)
        return self._laid_out(values.to(self.style.dtype))

    def uniform(self, low: float, high: float, *shape: int) -> Any:
        """A float between the bounds, or with a shape a tensor of them."""
        values = torch.rand(shape, generator=self._generator, dtype=torch.float64)
        values = low + (high - low) * values
        return self._laid_out(values.to(self.style.dtype)) if shape else float(values)

    def integer(self, low: int, high: int) -> int:
        """A whole number, both bounds included."""
        return int(torch.randint(low, high + 1, (), generator=self._generator))

    def choice(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.integer(0, len(options) - 1)]

    def _laid_out(self, values: torch.Tensor) -> torch.Tensor:
        if self.style.contiguous or values.dim() < 2:
            return values
        last = list(range(values.dim()))[::-1]
        return values.permute(last).contiguous().permute(last)
