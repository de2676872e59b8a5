"""Findings for relations that hold for all wrong cells of an output or of some groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograder.evidence.cells import Cell, Material, OutOfCalls
from autograder.evidence.cost import FEW_CALLS, calls_for
from autograder.evidence.findings import Finding
from autograder.evidence.relations import axes, elements, scale
from autograder.evidence.relations.candidates import Candidate, Judge
from autograder.evidence.relations.conditions import condition
from autograder.evidence.relations.containers import containers
from autograder.evidence.relations.number import of_numbers
from autograder.evidence.relations.others import others
from autograder.evidence.relations.partial import partial
from autograder.evidence.relations.quantities import quantities
from autograder.evidence.relations.recomputed import Recomputed
from autograder.evidence.relations.reference import LATE, of_reference
from autograder.evidence.relations.seen import Family, Seen, numbers
from autograder.evidence.relations.window import window_sizes
from autograder.results import Evidence
from autograder.wall.values import Refused

MAX_FINDINGS = 3
_SHARE = 0.4  # of an output's wrong cells, that a relation of all values explains at least
_ZERO = 1e-3
_KEPT = 60  # calls that confirm relations
_PARTIAL = 0.5  # the same for relations of sizes and places


def relations(material: Material, cells: Sequence[Cell]) -> list[Finding]:
    """Findings for wrong cells with a value; [] where nothing is recognised.

    Relations of all values come first: to the expected values, and to the reference for other
    arguments. Sizes, places and conditions are asked about cells that are left.
    """
    return _Search(material, cells).findings()


class _Search:
    """The relations of one wrong answer."""

    def __init__(self, material: Material, cells: Sequence[Cell]) -> None:
        self.material = material
        self.left = [
            Seen(cell)
            for cell in cells
            if cell.is_wrong and cell.raised is None and not isinstance(cell.got, Refused)
        ]
        self.found: list[Finding] = []
        self.is_slow = bool(self.left) and calls_for(material) <= FEW_CALLS

    def _judge(self) -> Judge:
        return Judge(self.material, self.left, self.is_slow)

    def findings(self) -> list[Finding]:
        """All findings, at most MAX_FINDINGS."""
        with np.errstate(all="ignore"):  # values of an answer may be of any size
            return self._all() if self.left else []

    def _all(self) -> list[Finding]:
        whole: list[Family] = [
            containers, elements.constants, axes.shapes, axes.permuted, axes.places,
            scale.negative, scale.same_factor, elements.elements, others(self.material),
            scale.offset, scale.by_channel, scale.any_factor, scale.affine,
        ]  # fmt: skip
        found = list(self._judge().of_families(whole, _SHARE, 0))
        found += of_numbers(self._judge())
        self._tell([one for one in found if not one.order and self._is_full(one)])
        found += self._of_reference()
        self._tell([one for one in found if one.order < LATE])
        late = [one for one in found if one.order >= LATE]
        late += self._judge().of_families([window_sizes(self.material)], _PARTIAL, 2)
        late += self._judge().of_families([axes.cuts, partial], _PARTIAL, 3)
        self._tell(late)
        self._conditions()
        return self.found

    def _is_full(self, one: Candidate) -> bool:
        """Whether a candidate explains all cells that are left of an output."""
        return any(mine <= one.explained for mine in self._outputs().values())

    def _outputs(self) -> dict[str, set[int]]:
        """The cells that are left, by output."""
        found: dict[str, set[int]] = {}
        for seen in self.left:
            found.setdefault(seen.cell.output, set()).add(seen.cell.number)
        return found

    def _of_reference(self) -> list[Candidate]:
        """Candidates from the reference; some calls are kept, to confirm relations."""
        search = Recomputed(self.material)
        more: list[Candidate] = []
        kept = min(_KEPT, self.material.calls_left)
        self.material.calls_left -= kept
        try:
            for output in self._outputs():
                for one in of_reference(self._judge(), search, output):
                    more.append(one)
        except OutOfCalls:
            pass
        self.material.calls_left += kept
        return more

    def _tell(self, candidates: list[Candidate]) -> None:
        """Findings for candidates: the one for most cells first, if other values confirm it."""
        while candidates and len(self.found) < MAX_FINDINGS:
            left = {seen.cell.number for seen in self.left}
            best = min(
                candidates, key=lambda one: (-len(one.explained & left), one.order, one.rank)
            )
            if not best.explained & left:
                return
            candidates.remove(best)
            some = [seen for seen in self.left if seen.cell.number in best.explained]
            try:
                if self._judge().is_confirmed(some, best.holds):
                    self._add(best.name, self._with_formula(best, some), some)
            except OutOfCalls:
                return

    def _with_formula(self, one: Candidate, some: Sequence[Seen]) -> str:
        """The sentence, with the formula for a factor that differs from case to case."""
        if one.sentence not in {fact.sentence for fact in scale.any_factor(some[0])}:
            return one.sentence
        factors = {seen.cell.number: scale.factor(seen) for seen in some}
        outputs = {seen.cell.output for seen in some}
        cells = [cell for cell in self.material.cells if cell.output in outputs]
        if self._judge().is_all(some):  # right cases have the factor 1
            right = [cell for cell in cells if not cell.is_wrong and _has_values(cell)]
            factors |= {cell.number: 1.0 for cell in right}
        text = scale.formula(
            [
                (value, quantities(self.material, cell.trial))
                for cell in cells
                if (value := factors.get(cell.number)) is not None
            ]
        )
        return scale.formula_fact(text).sentence if text else one.sentence

    def _conditions(self) -> None:
        """Conditions on sizes for outputs of which nothing else is known."""
        told: dict[str, list[Seen]] = {}
        for output, left in self._outputs().items():
            wrong = {cell.number for cell in self.material.wrong if cell.output == output}
            sentence = condition(self.material, output) if wrong <= left else ""
            some = [seen for seen in self.left if seen.cell.output == output]
            told.setdefault(sentence, []).extend(some)
        for sentence, some in told.items():
            if sentence and len(self.found) < MAX_FINDINGS:
                self._add("condition", sentence, some)

    def _add(self, name: str, sentence: str, some: Sequence[Seen]) -> None:
        """Add a finding, and take its cells from the unexplained ones."""
        explained = frozenset(seen.cell.number for seen in some)
        wrong = self.material.wrong
        outputs = tuple(dict.fromkeys(seen.cell.output for seen in some))
        groups = tuple(dict.fromkeys(seen.cell.group for seen in some if seen.cell.group))
        everywhere = all(c.number in explained for c in wrong if c.output in outputs)
        self.found.append(
            Finding(
                f"{self.material.exercise}.relation_{name}",
                Evidence.RELATION,
                sentence,
                explained,
                outputs=outputs if {cell.output for cell in wrong} != set(outputs) else (),
                groups=() if everywhere else groups,
            )
        )
        self.left = [seen for seen in self.left if seen.cell.number not in explained]


def _has_values(cell: Cell) -> bool:
    """Whether the expected output has values that show a factor: larger than rounding errors."""
    expected = numbers(cell.expected)
    return expected is not None and bool(np.abs(expected).max(initial=0.0) > _ZERO)
