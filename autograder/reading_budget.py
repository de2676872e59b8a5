"""A budget for reading one student's files, so no hand-in can block or fill the grader."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal, get_args

from autograder.errors import AutograderError

Counted = Literal[
    "archives", "entries", "listing_bytes", "unpacked_bytes", "notebook_bytes", "nodes"
]


class BudgetSpent(AutograderError):
    """A student's files exceed the budget; the text names the limit."""


@dataclass
class ReadingBudget:
    """The remaining budget for one student's files; each ``take`` may raise BudgetSpent.

    ``archives`` counts zips and tars, nested ones too; ``depth`` limits their nesting. ``entries``
    counts files and folders, in archives too, read or not. ``listing_bytes`` is the size of the
    lists of names in zips. ``unpacked_bytes`` counts decompressed bytes, ``notebook_bytes`` parsed
    bytes, ``nodes`` the values and keys in the JSON of notebooks. ``cpu_s`` is processor time of
    this thread, so a busy machine does not change it.
    """

    archives: int = 20
    depth: int = 4
    entries: int = 20_000
    listing_bytes: int = 4 << 20
    unpacked_bytes: int = 256 << 20
    notebook_bytes: int = 256 << 20
    nodes: int = 8_000_000
    cpu_s: float = 20.0
    _end: float = field(init=False, repr=False)
    _limits: dict[Counted, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._end = time.thread_time() + self.cpu_s
        self._limits = {name: getattr(self, name) for name in get_args(Counted)}

    def take(self, what: Counted, amount: int = 1) -> None:
        """Take an amount of one of the counted fields."""
        left = getattr(self, what) - amount
        if left < 0:
            raise BudgetSpent(_limit(what, self._limits[what]))
        setattr(self, what, left)
        if time.thread_time() > self._end:
            raise BudgetSpent(f"reading took more than {self.cpu_s:g} s of processor time")

    def enter(self, level: int) -> None:
        """Open one more archive, nested in ``level`` others."""
        if level >= self.depth:
            raise BudgetSpent(f"archives are nested more than {self.depth} deep")
        self.take("archives")


def _limit(what: Counted, most: int) -> str:
    size = f"{most >> 20} MB" if most >= 1 << 20 else f"{most} bytes"
    return {
        "archives": f"more than {most} archives",
        "entries": f"more than {most} files and folders",
        "listing_bytes": f"more than {size} of file names",
        "unpacked_bytes": f"more than {size} unpacked",
        "notebook_bytes": f"more than {size} of notebooks",
        "nodes": f"the notebooks hold more than {most} values",
    }[what]
