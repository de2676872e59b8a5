"""An attack: a submission, its expected result, and the protection against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nbformat import NotebookNode

from autograder.results import Outcome

Change = Callable[[NotebookNode], "NotebookNode | bytes | None"]

FULL = {"test_add": 2.0, "test_scale": 4.0, "test_double": 1.0}
WRONG = {
    "add": "def add(a, b):\n    return 0",
    "scale": "def scale(x, k):\n    return x",
    "double": "def double(n):\n    return n",
}
FILE = "01_small.ipynb"


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    ``answers`` replaces the text of answer cells, ``change`` edits the notebook or returns other
    bytes for it, ``files`` are put beside it. ``earns`` gives the points of each test; ``says``
    must be in the student's text about the attacked test or the notebook.
    """

    row: int
    name: str
    stops: str
    answers: Mapping[str, str] = field(default_factory=dict)
    earns: Mapping[str, float] = field(default_factory=lambda: {**FULL, "test_add": 0.0})
    outcomes: tuple[Outcome, ...] = (Outcome.FAILED,)
    says: str = ""
    change: Change | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    file_name: str = FILE
    student: str = ""
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def happened(self) -> str:
        """The result, for the table."""
        points = f"{sum(self.earns.values()):g} of {sum(FULL.values()):g} points"
        told = f": “{self.says.rstrip('.')}”" if self.says else ""
        return f"{' or '.join(self.outcomes)}{told}; {points}"


def answer(
    row: int,
    name: str,
    source: str,
    stops: str,
    outcome: Outcome | tuple[Outcome, ...] = Outcome.FAILED,
    says: str = "",
    **more: object,
) -> Attack:
    """An attack in the cell of ``add``; where it defines no ``add``, a wrong one comes after it."""
    if "add" not in source.replace("padd", ""):
        source = f"{source}\n{WRONG['add']}"
    outcomes = outcome if isinstance(outcome, tuple) else (outcome,)
    return Attack(row, name, stops, {"add": source}, outcomes=outcomes, says=says, **more)  # type: ignore[arg-type]


def everywhere(
    row: int,
    name: str,
    source: str,
    stops: str,
    outcome: Outcome | tuple[Outcome, ...] = Outcome.FAILED,
    says: str = "",
    **more: object,
) -> Attack:
    """An attack in the first answer's cell, with every answer wrong: nothing at all is earned."""
    outcomes = outcome if isinstance(outcome, tuple) else (outcome,)
    answers = {**WRONG, "add": source if "def add" in source else f"{source}\n{WRONG['add']}"}
    more.setdefault("earns", dict.fromkeys(FULL, 0.0))
    return Attack(row, name, stops, answers, outcomes=outcomes, says=says, **more)  # type: ignore[arg-type]


def handed_in(
    row: int, name: str, change: Change, stops: str, says: str = "", **more: object
) -> Attack:
    """A submission with right answers whose file is strange; nothing is lost."""
    more.setdefault("earns", dict(FULL))
    more.setdefault("outcomes", (Outcome.NEEDS_MANUAL_GRADE,))
    return Attack(row, name, stops, says=says, change=change, **more)  # type: ignore[arg-type]
