"""Whether the number of Python steps of a call grows with the size of its arguments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from autograder.checks.plan import Case
from autograder.torch_watch.families import Family
from autograder.torch_watch.operations import family_of
from autograder.trials.compare import Difference

MORE = 1_500  # more steps that a larger case may need without a loop (another branch)
MOST = 40_000  # steps that a small case may need


def loop_helper(names: Iterable[str]) -> str | None:
    """A library function among the names of a watched call that loops over its arguments."""
    found = (name for name in names if family_of(name) is Family.LOOP)
    return next((name.partition(" ")[2] for name in found), None)


@dataclass
class Growth:
    """Compares the steps of a group's cases with the steps of its first case."""

    _first: dict[str, int] = field(default_factory=dict)

    def judged(self, case: Case, steps: int) -> Difference | None:
        """The difference for too many steps; None for the first case, unless its loop is long."""
        group = case.salt.rpartition(" ")[0]
        first = self._first.setdefault(group, steps)
        if first > MOST:
            return Difference(
                f"it needs {first} steps of Python for a small case, where {MOST} are plenty"
            )
        if steps - first <= MORE:
            return None
        return Difference(
            f"it needs {steps} steps of Python for this case and {first} for a smaller one: "
            "is there still a Python loop over positions, channels or the batch?"
        )
