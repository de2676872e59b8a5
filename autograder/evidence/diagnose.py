"""Name the mistakes of a wrong answer from the evidence, strongest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from autograder.evidence.cells import MAX_CALLS, Cell, Material, OutOfCalls
from autograder.evidence.cost import calls_for
from autograder.evidence.exceptions import exceptions
from autograder.evidence.findings import Compose, Diagnosis, Finding, Misconception
from autograder.evidence.pairs import hidden_pair, pair
from autograder.evidence.parts import candidates, cover
from autograder.evidence.properties import properties
from autograder.evidence.relations import relations
from autograder.evidence.whole import whole, whole_values

MORE_CALLS = 200  # calls for each further kind of evidence
RELATION_CALLS = 300


def diagnose(
    material: Material, misconceptions: Sequence[Misconception], compose: Compose | None = None
) -> Diagnosis:
    """The findings on a wrong answer, the one for most wrong cells first.

    Weaker evidence is asked only about cells that stronger evidence leaves unexplained.
    ``compose`` joins two misconceptions; without it, no pairs are tried.
    """
    found = _tried(material, MAX_CALLS, lambda: whole(material, misconceptions))
    if found:
        return Diagnosis(tuple(found))
    found = _tried(material, MORE_CALLS, lambda: whole_values(material, misconceptions))
    if not found:
        found = _parts(material, misconceptions, compose)
        found += _generic(material, _left(material, found))
        found.sort(key=lambda finding: -len(finding.explained))
    function = _function(found, misconceptions)
    found += _tried(material, MORE_CALLS, lambda: properties(material, misconceptions, function))
    return Diagnosis(tuple(found))


def _parts(
    material: Material, misconceptions: Sequence[Misconception], compose: Compose | None
) -> list[Finding]:
    """Misconceptions that explain groups, outputs or, two together, everything."""
    calls = calls_for(material)
    material.calls_left = calls
    single = candidates(material, misconceptions)
    found = cover(material, single)
    if compose is None or not _left(material, found):
        return found
    ranked = sorted(single, key=lambda one: -len(one.explained))
    members = [one.misconception for one in ranked]
    pairs = _tried(material, calls, lambda: pair(material, members, compose))
    return (
        pairs
        or _tried(material, calls, lambda: hidden_pair(material, members, misconceptions, compose))
        or found
    )


def _generic(material: Material, cells: Sequence[Cell]) -> list[Finding]:
    """Findings that need no misconception, for cells that are left."""
    material.calls_left = RELATION_CALLS
    related = [_with_outputs(material, finding) for finding in relations(material, cells)]
    return [*related, *exceptions(material, cells)]


def _with_outputs(material: Material, finding: Finding) -> Finding:
    """The finding with the names of its outputs, if others of a returned tuple are right."""
    explained = [cell for cell in material.wrong if cell.number in finding.explained]
    outputs = tuple(dict.fromkeys(cell.output for cell in explained))
    if finding.outputs or not set(outputs) < set(material.names):
        return finding
    return replace(finding, outputs=outputs)


def _left(material: Material, found: Sequence[Finding]) -> list[Cell]:
    """The wrong cells that no finding explains."""
    explained = frozenset().union(*(finding.explained for finding in found))
    return [cell for cell in material.wrong if cell.number not in explained]


def _function(
    found: Sequence[Finding], misconceptions: Sequence[Misconception]
) -> Callable[..., object] | None:
    """The misconception of the first finding, if it is in the bank."""
    first = found[0].id if found else ""
    return next((one.function for one in misconceptions if one.id == first), None)


def _tried(material: Material, calls: int, find: Callable[[], list[Finding]]) -> list[Finding]:
    """The findings within so many calls, or [] if they are used up."""
    material.calls_left = calls
    try:
        return find()
    except OutOfCalls:
        return []
