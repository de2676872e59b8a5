"""Properties: a lost dtype or changed arguments, beside other mistakes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from autograder.evidence.cells import Material, alike
from autograder.evidence.findings import Finding, Misconception
from autograder.evidence.outputs import outputs_of
from autograder.results import Evidence
from autograder.trials.call import Observation, Trial
from autograder.trials.cases import Style

Facts = tuple[object, ...]


def properties(
    material: Material,
    misconceptions: Sequence[Misconception],
    named: Callable[..., Any] | None = None,
) -> list[Finding]:
    """Findings for a lost dtype and for changed arguments.

    ``named`` is the misconception that explains the values; a property that it has is not told
    again. A misconception of the bank is named if it has right values and the same property.
    """
    return [
        found
        for judged, name, sentence in (
            (_judges_dtype, "dtype", DTYPE),
            (_judges_arguments, "arguments", ARGUMENTS),
        )
        if (found := _property(material, misconceptions, named, judged, name, sentence))
    ]


DTYPE = (
    "The dtype of the output is not the dtype of the input: float64 becomes float32, or the other "
    "way round. New tensors are float32 unless their dtype is given. Where do you make one?"
)
ARGUMENTS = (
    "After the call, the caller's arguments have other values: the function works on them in "
    "place. Work on a copy, or only read from them."
)


def _property(
    material: Material,
    misconceptions: Sequence[Misconception],
    named: Callable[..., Any] | None,
    judged: Callable[[Trial], bool],
    name: str,
    sentence: str,
) -> Finding | None:
    facts = _dtypes if judged is _judges_dtype else _changed
    trials = [(group, trial) for group, trial in material.trials if judged(trial)]
    failing = [
        (group, trial)
        for group, trial in trials
        if trial.got.raised is None
        and facts(material, trial.got, trial) != _right(facts, material, trial)
    ]
    if not failing:
        return None
    if named is not None and all(_has(material, named, facts, trial) for _, trial in failing):
        return None
    groups = tuple(dict.fromkeys(group for group, _ in failing))
    alike_ones = [
        one
        for one in misconceptions
        if all(_has(material, one.function, facts, trial) for _, trial in failing)
        and all(_has_right_values(material, one.function, trial) for _, trial in failing)
    ]
    if alike_ones:
        first, *others = alike_ones
        return Finding(
            first.id, Evidence.GROUP, first.sentence, frozenset(), (), groups, tuple(others)
        )
    told = f"{material.exercise}.relation_{name}"
    return Finding(told, Evidence.RELATION, sentence, frozenset(), (), groups)


def _judges_dtype(trial: Trial) -> bool:
    return trial.style == Style(dtype=trial.style.dtype, strict_dtype=True)


def _judges_arguments(trial: Trial) -> bool:
    return trial.style == Style(strict_arguments=True)


def _dtypes(material: Material, seen: Observation, trial: Trial) -> Facts:
    """The dtypes of the outputs; outputs that are no tensors count as right."""
    right = outputs_of(trial.expected, trial.expected, material.names) or {}
    parts = outputs_of(seen.value, trial.expected, material.names) or right
    return tuple(_dtype(parts[name], right[name]) for name in right)


def _dtype(value: Any, right: Any) -> object:
    return getattr(value if isinstance(value, torch.Tensor) else right, "dtype", None)


def _changed(material: Material, seen: Observation, trial: Trial) -> Facts:
    return seen.changed


def _right(facts: Callable[..., Facts], material: Material, trial: Trial) -> Facts:
    return facts(material, Observation(trial.expected), trial)


def _has(
    material: Material, function: Callable[..., Any], facts: Callable[..., Facts], trial: Trial
) -> bool:
    seen = material.observed(function, trial)
    return seen.raised is None and facts(material, seen, trial) == facts(material, trial.got, trial)


def _has_right_values(material: Material, function: Callable[..., Any], trial: Trial) -> bool:
    return alike(material.observed(function, trial).value, trial.expected)
