"""One case, tried: what was asked, expected and got."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.checks.call import Observation
from autograder.checks.cases import Call, Style
from autograder.checks.compare import Difference


@dataclass(frozen=True)
class Trial:
    """``difference`` is None when the answer was right.

    ``seconds`` is the time that the expected value took: another answer will need about as long.
    """

    sizes: dict[str, int]
    style: Style
    call: Call
    expected: object
    got: Observation
    difference: Difference | None
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return self.difference is None
