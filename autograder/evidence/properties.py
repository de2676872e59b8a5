"""Properties: a lost dtype or changed arguments, beside other mistakes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from autograder.evidence.cells import Material, alike
from autograder.evidence.findings import Finding, Misconception
from autograder.results import Evidence
from autograder.trials.call import Observation, Trial
from autograder.trials.cases import Style
from autograder.trials.compare import Tolerance, difference
from autograder.trials.outputs import outputs_of

_NEARLY = Tolerance(1e-2, 1e-2)
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
        *_property(material, misconceptions, named, _judges_dtype, "dtype"),
        *_property(material, misconceptions, named, _judges_arguments, "arguments"),
        *_precision(material),
    ]


NARROW = (
    "For float64 inputs the output is float32. New tensors are float32 unless their dtype is "
    "given. Where do you make one?"
)
WIDE = (
    "For float32 inputs the output is float64. Somewhere a float64 array or tensor joins in, or "
    "its dtype is written out. Which line makes the first one?"
)
OTHER = "The output has another dtype than the inputs. Which line changes it?"
PRECISION = (
    "For float64 inputs the values are right to a few digits only, not to all. Somewhere on the "
    "way numbers become float32, or a small constant is not the given one. Where do you write "
    "out a dtype or a constant?"
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
) -> list[Finding]:
    facts = _dtypes if judged is _judges_dtype else _changed
    trials = [(group, trial) for group, trial in material.trials if judged(trial)]
    failing = [
        (group, trial)
        for group, trial in trials
        if trial.got.raised is None
        and facts(material, trial.got, trial) != _right(facts, material, trial)
    ]
    if not failing:
        return []
    if named is not None and all(_has(material, named, facts, trial) for _, trial in failing):
        return []
    groups = tuple(dict.fromkeys(group for group, _ in failing))
    right = [
        one
        for one in misconceptions
        if all(_has_right_values(material, one.function, trial) for _, trial in failing)
    ]
    exact = [
        one for one in right if all(_has(material, one.function, facts, t) for _, t in failing)
    ]
    if exact:
        first, *others = exact
        return [
            Finding(
                first.id, Evidence.GROUP, first.sentence, frozenset(), (), groups, tuple(others)
            )
        ]
    partly = [
        one
        for one in right
        if judged is _judges_arguments
        and all(_changes_a_part(material, one.function, trial) for _, trial in failing)
    ]
    if partly:
        return [
            Finding(one.id, Evidence.GROUP, one.sentence, frozenset(), (), groups) for one in partly
        ]
    told = f"{material.exercise}.relation_{name}"
    sentence = ARGUMENTS if judged is _judges_arguments else _direction(material, failing[0][1])
    return [Finding(told, Evidence.RELATION, sentence, frozenset(), (), groups)]


def _direction(material: Material, trial: Trial) -> str:
    """The sentence for a wrong dtype, by the dtypes of inputs and outputs."""
    got = set(_dtypes(material, trial.got, trial))
    if trial.style.dtype == torch.float64:
        return NARROW if torch.float32 in got else OTHER
    return WIDE if torch.float64 in got else OTHER


def _precision(material: Material) -> list[Finding]:
    """The finding for values that only float64 tells apart from the right ones, or []."""
    failing = [
        group
        for group, trial in material.trials
        if _judges_dtype(trial) and trial.style.dtype == torch.float64 and not trial.passed
        if trial.got.raised is None
        and _dtypes(material, trial.got, trial) == _right(_dtypes, material, trial)
        and alike(trial.got.value, trial.expected)
    ]
    if material.wrong or not failing:
        return []
    name, groups = f"{material.exercise}.relation_precision", tuple(dict.fromkeys(failing))
    return [Finding(name, Evidence.RELATION, PRECISION, frozenset(), (), groups)]


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


def _changes_a_part(material: Material, function: Callable[..., Any], trial: Trial) -> bool:
    """Whether a function changes arguments, and only some that the answer changes too."""
    changed = set(material.observed(function, trial).changed)
    return bool(changed) and changed < set(trial.got.changed)


def _has_right_values(material: Material, function: Callable[..., Any], trial: Trial) -> bool:
    """Whether a function's values are right or nearly right: it may have changed its arguments."""
    try:
        return difference(material.observed(function, trial).value, trial.expected, _NEARLY) is None
    except TypeError:
        return False
