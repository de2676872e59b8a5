"""How many calls an explanation may spend: fewer for slow functions, such as networks.

The cost is counted, not timed, so that no name depends on the machine.
"""

from __future__ import annotations

from autograder.evidence.cells import MAX_CALLS, Material
from autograder.trials.call import Asked, observe

MANY_STEPS = 12_000  # Python steps of one call of a slow function
MANY_NUMBERS = 500  # elements of the arguments of a slow call with much arithmetic
SOME_CALLS = 250
FEW_CALLS = 40


def calls_for(material: Material) -> int:
    """The calls for one kind of evidence, by the reference's steps in the first wrong case."""
    if material.oracle is None or not material.wrong:
        return MAX_CALLS
    trial = material.wrong[0].trial
    asked = Asked(trial.call, operations=True, count=True)
    if observe(material.oracle, asked, material.use).ran.steps <= MANY_STEPS:
        return MAX_CALLS
    return SOME_CALLS if trial.numbers <= MANY_NUMBERS else FEW_CALLS
