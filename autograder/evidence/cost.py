"""Whether a call of the reference is so slow that an explanation must do with few calls."""

from __future__ import annotations

from autograder.evidence.cells import Material
from autograder.trials.call import Asked, observe

HEAVY_STEPS = 12_000  # Python steps of one call; a count, so that no name depends on the machine


def is_heavy(material: Material) -> bool:
    """Whether one call in the first wrong case takes many steps: a network or a training loop."""
    if material.oracle is None or not material.wrong:
        return False
    call = material.wrong[0].trial.call
    seen = observe(material.oracle, Asked(call, operations=True, count=True), material.use)
    return seen.ran.steps > HEAVY_STEPS
