"""Remarks: events in a cell that cost no points but should be told, as data."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from autograder.wall.untrusted import MAX_REMARKS

STAND_IN, INPUT, DEBUGGER, STOPPED = "stand_in", "input", "debugger", "stopped"
KINDS = (STAND_IN, INPUT, DEBUGGER, STOPPED)

Remark = Callable[..., None]  # of a kind, and a detail where it has one


class Remarks:
    """Kinds and details, each once, until they are taken."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], None] = {}

    def add(self, kind: str, detail: str = "") -> None:
        """Keep a remark."""
        if len(self._found) < MAX_REMARKS:
            self._found[kind, detail[:100]] = None

    def __contains__(self, kind: object) -> bool:
        return any(known == kind for known, _ in self._found)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was kept since the last call of ``take``."""
        return not self._found

    def take(self) -> tuple[tuple[str, str], ...]:
        """The remarks that were kept since the last call."""
        found = tuple(self._found)
        self._found.clear()
        return found


@cache
def colab_packages() -> frozenset[str]:
    """Import names of the packages that Colab ships, the packages of this course included."""
    lines = Path(__file__).with_name("colab_packages.txt").read_text().splitlines()
    return frozenset(name for line in lines if not line.startswith("#") for name in line.split())


def package_of(module: str, packages: frozenset[str]) -> str:
    """The name by which a person knows the package of a module; empty where Colab has none."""
    if module.partition(".")[0] not in packages:
        return ""
    return "google.colab" if module.startswith("google.colab") else module.partition(".")[0]
