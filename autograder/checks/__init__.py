"""Checks for hidden tests: compare an answer with the reference, and explain differences.

A test cell ends in ``check(...).worth(points)``. The result prints as a number, so nbgrader's own
scorer reads it, and shows as HTML, so feedback explains it. The same cell gives the same points in
a notebook, under plain nbgrader and across the wall.
"""

from autograder.checks.award import award
from autograder.checks.check import check
from autograder.checks.context import CheckContext, checking
from autograder.checks.optional import if_defined
from autograder.checks.result import CheckResult
from autograder.checks.weights import HandedInWeights, handed_in_weights
from autograder.evidence.findings import Misconception
from autograder.trials.cases import Call, Draw
from autograder.trials.compare import identical
from autograder.trials.literals import assignments
from autograder.trials.probe import Probe, probe

__all__ = [
    "Call",
    "CheckContext",
    "CheckResult",
    "Draw",
    "HandedInWeights",
    "Misconception",
    "Probe",
    "assignments",
    "award",
    "check",
    "checking",
    "handed_in_weights",
    "identical",
    "if_defined",
    "probe",
]
