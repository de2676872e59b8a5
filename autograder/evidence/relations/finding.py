"""Findings for relations that hold for all wrong cells of an output or of some groups."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from autograder.evidence.cells import Cell, Material, OutOfCalls
from autograder.evidence.findings import Finding
from autograder.evidence.relations import axes, elements, scale
from autograder.evidence.relations.changes import Change
from autograder.evidence.relations.conditions import condition
from autograder.evidence.relations.containers import containers
from autograder.evidence.relations.others import others
from autograder.evidence.relations.partial import partial
from autograder.evidence.relations.quantities import quantities
from autograder.evidence.relations.recomputed import Recomputed
from autograder.evidence.relations.seen import Fact, Family, Seen
from autograder.evidence.relations.window import window_sizes
from autograder.results import Evidence
from autograder.wall.values import Refused

MAX_FINDINGS = 3
_CONFIRMED = 2  # groups and outputs in which a relation is confirmed by other values
_WEAK = 3  # cells with few values that are evidence together
_SHARE = 0.25  # of an output's wrong cells, that a relation explains at least
_PROBES = 3  # cells on which changes of arguments are tried first
_ALTERNATIVES = 3

Holds = Callable[[Seen], bool]


def relations(material: Material, cells: Sequence[Cell]) -> list[Finding]:
    """Findings for wrong cells with a value; [] where nothing is recognised.

    Stronger relations come first: all values, then the reference for other arguments, then the
    places of wrong values, then sizes. Weaker ones are asked about cells that are left.
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

    def findings(self) -> list[Finding]:
        """All findings, at most MAX_FINDINGS."""
        with np.errstate(all="ignore"):  # values of an answer may be of any size
            return self._all() if self.left else []

    def _all(self) -> list[Finding]:
        exact: list[Family] = [
            containers, elements.constants, axes.shapes, axes.permuted, axes.places,
            scale.negative, scale.same_factor, elements.elements, others(self.material),
            scale.offset, scale.by_channel, scale.any_factor, scale.affine,
            window_sizes(self.material),
        ]  # fmt: skip
        try:
            self._cover(exact, _SHARE)
            self._recomputed()
            self._cover([partial], 0.5)
        except OutOfCalls:
            pass
        self._conditions()
        return self.found

    def _cover(self, families: Sequence[Family], share: float) -> None:
        """Findings for facts of the families, the fact for most cells first."""
        if not self.left:
            return

        def facts(seen: Seen) -> Iterable[Fact]:
            return (fact for family in families for fact in family(seen))

        holding: dict[Fact, list[Seen]] = {}
        for seen in self.left:
            for fact in dict.fromkeys(facts(seen)):
                holding.setdefault(fact, []).append(seen)
        candidates = []
        for fact, some in holding.items():
            parts = self._full_parts(some)
            if parts and self._is_evidence(parts, fact, share):
                candidates.append((fact, parts))
        while candidates and len(self.found) < MAX_FINDINGS:
            left = {seen.cell.number for seen in self.left}
            best = max(
                candidates,
                key=lambda one: (
                    sum(seen.cell.number in left for seen in one[1]), -one[0].rank
                ),
            )  # fmt: skip
            candidates.remove(best)
            fact, some = best
            if not any(seen.cell.number in left for seen in some):
                break
            if self._is_confirmed(some, functools.partial(_holds, families, fact)):
                fact = self._with_formula(fact, some)
                self._add(fact.name, fact.sentence, some)

    def _full_parts(self, some: Sequence[Seen]) -> list[Seen]:
        """The cells of outputs and groups in which all wrong cells are among ``some``."""
        numbers = {seen.cell.number for seen in some}
        broken = {_part(seen) for seen in self.left if seen.cell.number not in numbers}
        return [seen for seen in some if _part(seen) not in broken]

    def _is_evidence(self, some: Sequence[Seen], fact: Fact, share: float) -> bool:
        mine = [seen for seen in some if seen.cell.group]
        if not mine or not self._has_share(mine, share):
            return False
        if any(seen.distinct >= fact.needs for seen in mine):
            return True
        return _is_weak_evidence(mine) and self._is_all(some)

    def _has_share(self, some: Sequence[Seen], share: float) -> bool:
        """Whether cells are a large enough share of the wrong cells of their outputs."""
        outputs = {seen.cell.output for seen in some}
        wrong = [c for c in self.material.wrong if c.output in outputs and c.group]
        return len(some) >= share * len(wrong)

    def _is_all(self, some: Sequence[Seen]) -> bool:
        """Whether cells are all that are left of their outputs."""
        outputs = {seen.cell.output for seen in some}
        return len(some) == sum(seen.cell.output in outputs for seen in self.left)

    def _is_confirmed(self, some: Sequence[Seen], holds: Holds) -> bool:
        """Whether a relation holds for other random values of the same sizes."""
        first = {_part(seen): seen for seen in sorted(some, key=lambda seen: seen.distinct)}
        ranked = sorted(first.values(), key=lambda seen: -seen.distinct)
        for seen in [one for one in ranked if one.cell.group][:_CONFIRMED]:
            other = [Seen(cell) for cell in self.material.again(seen.cell)]
            wrong = [one for one in other if one.cell.is_wrong]
            if any(one.cell.raised is not None or not holds(one) for one in wrong):
                return False
            if other and not wrong:
                return False
        return True

    def _with_formula(self, fact: Fact, some: Sequence[Seen]) -> Fact:
        """The same fact, with the formula for a factor that differs from case to case."""
        factors = {seen.cell.number: scale.factor(seen) for seen in some}
        outputs = {seen.cell.output for seen in some}
        cells = [cell for cell in self.material.cells if cell.output in outputs]
        if self._is_all(some):  # right cases have the factor 1
            factors |= {cell.number: 1.0 for cell in cells if not cell.is_wrong}
        points = [
            (value, quantities(self.material, cell.trial))
            for cell in cells
            if (value := factors.get(cell.number)) is not None
        ]
        text = scale.formula(points) if fact in list(scale.any_factor(some[0])) else ""
        return scale.formula_fact(text) if text else fact

    def _recomputed(self) -> None:
        """The reference for other arguments."""
        if not self.left or len(self.found) >= MAX_FINDINGS:
            return
        search = Recomputed(self.material)
        for output in dict.fromkeys(seen.cell.output for seen in self.left):
            self._changes(search, [seen for seen in self.left if seen.cell.output == output])

    def _changes(self, search: Recomputed, some: Sequence[Seen]) -> None:
        fitting: dict[str, Change] = {}
        for seen in _probes(some):
            for change in search.changes(seen.cell):
                if change.words not in fitting and search.explains(change, seen):
                    fitting[change.words] = change
        explained: dict[frozenset[int], list[Change]] = {}
        for change in fitting.values():
            full = self._full_parts([seen for seen in some if search.explains(change, seen)])
            right = [
                cell
                for cell in self.material.cells
                if not cell.is_wrong and cell.output == some[0].cell.output
            ]
            fact = Fact(change.name, "", change.rank)
            if not self._is_evidence(full, fact, 0.5) or search.is_contradicted(change, right):
                continue
            if self._is_confirmed(full, functools.partial(search.explains, change)):
                key = frozenset(seen.cell.number for seen in full)
                explained.setdefault(key, []).append(change)
        if not explained:
            return
        best = max(explained, key=len)
        alike = _fewest(explained[best])
        if len(alike) <= _ALTERNATIVES:
            full = [seen for seen in some if seen.cell.number in best]
            self._add(alike[0].name, _words(alike), full)

    def _conditions(self) -> None:
        """Conditions on sizes for outputs of which nothing else is known."""
        for output in dict.fromkeys(seen.cell.output for seen in self.left):
            wrong = [cell.number for cell in self.material.wrong if cell.output == output]
            left = {seen.cell.number for seen in self.left if seen.cell.output == output}
            if not set(wrong) <= left or len(self.found) >= MAX_FINDINGS:
                continue
            sentence, _ = condition(self.material, output)
            if sentence:
                self._add("condition", sentence, [s for s in self.left if s.cell.output == output])

    def _add(self, name: str, sentence: str, some: Sequence[Seen]) -> None:
        """Add a finding, and take its cells from those that are left."""
        explained = frozenset(seen.cell.number for seen in some)
        wrong = self.material.wrong
        outputs = tuple(dict.fromkeys(seen.cell.output for seen in some))
        groups = tuple(dict.fromkeys(seen.cell.group for seen in some if seen.cell.group))
        of_outputs = [cell for cell in wrong if cell.output in outputs]
        everywhere = all(cell.number in explained for cell in of_outputs)
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


def _holds(families: Sequence[Family], fact: Fact, seen: Seen) -> bool:
    """Whether a fact of the families holds for a cell."""
    return any(fact in family(seen) for family in families)


def _part(seen: Seen) -> tuple[str, str]:
    return seen.cell.group, seen.cell.output


def _is_weak_evidence(some: Sequence[Seen]) -> bool:
    """Whether several cells with few values are evidence: their values differ."""
    values = {seen.got.tobytes() for seen in some if seen.got is not None}
    return len(values) >= _WEAK


def _probes(some: Sequence[Seen]) -> list[Seen]:
    """A few cells of different size: the largest, the smallest and a middle one."""
    ranked = sorted(some, key=lambda seen: seen.expected.size if seen.expected is not None else 0)
    strong = [seen for seen in ranked if seen.distinct >= 4] or ranked
    picked = [strong[-1], strong[0], strong[len(strong) // 2]]
    return list({seen.cell.number: seen for seen in picked}.values())[:_PROBES]


def _fewest(alike: Sequence[Change]) -> list[Change]:
    """Changes with the smallest rank, and of changes that ignore one argument, the first."""
    smallest = min(one.rank for one in alike)
    return list({one.argument: one for one in reversed(alike) if one.rank == smallest}.values())


def _words(alike: Sequence[Change]) -> str:
    if len(alike) == 1:
        return (
            f"Your output is right for another argument: for {alike[0].words}. Where does your "
            "code read this argument?"
        )
    listed = "; ".join(f"({k}) {one.words}" for k, one in enumerate(alike, 1))
    return (
        f"Your output is right for other arguments. Several fit: {listed}. Where does your code "
        "read them?"
    )
