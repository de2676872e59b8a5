"""Parts: misconceptions that explain some groups of cases, or one of several outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.evidence.cells import DISTINCT, Cell, Material, OutOfCalls, alike, distinct
from autograder.evidence.findings import Finding, Misconception
from autograder.results import Evidence

MAX_FINDINGS = 3
_CONFIRMED = 2  # groups and outputs in which a match is confirmed by other values
_WEAK = 3  # cells with fewer values that are evidence together


@dataclass(frozen=True)
class Candidate:
    """A misconception, and the cells where it is wrong exactly as the answer is."""

    misconception: Misconception
    explained: frozenset[int]


def candidates(
    material: Material, misconceptions: Sequence[Misconception]
) -> tuple[Candidate, ...]:
    """The misconceptions that explain one output of a group in full, and that no case contradicts.

    A case contradicts a misconception if the answer is right there and the misconception wrong.
    Equal exceptions are no evidence, and a few equal integers are chance. If the calls are used up,
    the remaining misconceptions are not candidates.
    """
    parts = _parts(material.wrong)
    found = []
    try:
        for one in misconceptions:
            explained = [
                cell
                for cells in parts.values()
                if all(_explains(material, one, cell) for cell in cells)
                for cell in cells
            ]
            if not _is_evidence(material, explained) or _is_contradicted(material, one):
                continue
            if all(_is_confirmed(material, one, cell) for cell in _of_each_part(explained)):
                smallest = [cell for cell in material.wrong if not cell.group]
                explained += [cell for cell in smallest if _explains(material, one, cell)]
                found.append(Candidate(one, frozenset(cell.number for cell in explained)))
    except OutOfCalls:
        pass
    return tuple(found)


def _is_evidence(material: Material, cells: Sequence[Cell]) -> bool:
    """Whether equal values are more than chance.

    One cell with several distinct values is evidence. Of single numbers, all wrong ones of their
    outputs must be equal, and there must be some of them. A truth value or a word is a fact about
    one property, such as a training flag: one is enough if all of its output are equal.
    """
    if any(distinct(cell.got) >= DISTINCT for cell in cells):
        return True
    outputs = {cell.output for cell in cells}
    same = [cell for cell in material.wrong if cell.output in outputs and cell.group]
    facts = all(isinstance(cell.got, (bool, str)) for cell in cells)
    return bool(cells) and len(cells) >= (1 if facts else _WEAK) and len(cells) == len(same)


def _of_each_part(cells: Sequence[Cell]) -> list[Cell]:
    """One cell of each of the first groups and outputs."""
    first = {(cell.group, cell.output): cell for cell in reversed(cells)}
    return list(first.values())[:_CONFIRMED]


def _is_confirmed(material: Material, one: Misconception, cell: Cell) -> bool:
    """Whether the match holds for other random values: equal values may be chance, as for k = 1."""
    return all(
        other.raised is None and _explains(material, one, other) for other in material.again(cell)
    )


def cover(material: Material, found: Sequence[Candidate]) -> list[Finding]:
    """Findings for as many wrong cells as possible, the one for most cells first.

    Misconceptions that explain the same cells are alternatives: the evidence does not choose.
    """
    left = {cell.number for cell in material.wrong}
    findings: list[Finding] = []
    while left and len(findings) < MAX_FINDINGS:
        best = max((len(one.explained & left) for one in found), default=0)
        if not best:
            break
        first = next(one for one in found if len(one.explained & left) == best)
        alike = [
            one.misconception
            for one in found
            if one is not first and one.explained & left == first.explained & left
        ]
        findings.append(finding(material, first, alike))
        left -= first.explained
    return findings


def finding(
    material: Material, one: Candidate, alternatives: Sequence[Misconception] = ()
) -> Finding:
    """The finding of one candidate, restricted to its groups or outputs."""
    wrong = [cell for cell in material.wrong if cell.group]
    own = [cell for cell in wrong if cell.number in one.explained]
    outputs = tuple(dict.fromkeys(cell.output for cell in own))
    groups = tuple(dict.fromkeys(cell.group for cell in own if cell.group))
    all_outputs = {cell.output for cell in wrong}
    of_outputs = [cell for cell in wrong if cell.output in outputs]
    everywhere = len(own) == len(of_outputs)
    by_output = everywhere and all_outputs != set(outputs)
    return Finding(
        one.misconception.id,
        Evidence.OUTPUT if by_output else Evidence.GROUP,
        one.misconception.sentence,
        one.explained,
        outputs=outputs if all_outputs != set(outputs) else (),
        groups=() if everywhere else groups,
        alternatives=tuple(alternatives),
    )


def _parts(cells: Sequence[Cell]) -> dict[tuple[str, str], list[Cell]]:
    """Wrong cells by group and output, without groups in which all calls raised."""
    parts: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        if cell.raised is None and cell.group:
            parts.setdefault((cell.group, cell.output), []).append(cell)
    return parts


def _explains(material: Material, one: Misconception, cell: Cell) -> bool:
    return cell.raised is None and alike(cell.got, material.output(one.function, cell))


def _is_contradicted(material: Material, one: Misconception) -> bool:
    return any(
        not cell.is_wrong and not alike(cell.expected, material.output(one.function, cell))
        for cell in material.cells
    )
