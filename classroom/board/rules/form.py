"""The form of a file of predictions: the pictures, the classes, and the guesses of each line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Guesses = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Form:
    """The required content: these pictures, each with ``guesses`` labels below ``classes``.

    Names contain no blanks and no commas.
    """

    names: tuple[str, ...]
    classes: int
    guesses: int = 5

    @cached_property
    def index(self) -> dict[bytes, int]:
        """The position of each name, by the bytes of the name."""
        return {name.encode(): at for at, name in enumerate(self.names)}

    @cached_property
    def places(self) -> dict[str, int]:
        """The position of each name."""
        return {name: at for at, name in enumerate(self.names)}

    @cached_property
    def usual_labels(self) -> dict[str, int]:
        """The labels in their usual spelling."""
        return {str(label): label for label in range(self.classes)}

    @cached_property
    def longest_name(self) -> int:
        """The number of characters of the longest name."""
        return max(map(len, self.names))

    @cached_property
    def name_letters(self) -> npt.NDArray[np.uint8] | None:
        """The names as an array of bytes, one row each; None if their lengths differ."""
        width = {len(name) for name in self.index}
        if len(width) > 1:
            return None
        return np.frombuffer(b"".join(self.index), np.uint8).reshape(len(self.names), *width)
