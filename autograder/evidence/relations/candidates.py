"""Candidates: relations that hold for all wrong cells of some groups, with enough evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from autograder.evidence.cells import Cell, Material
from autograder.evidence.relations.seen import Fact, Family, Seen

GENERAL = 2  # how much later general facts come
_SEVERAL = 5  # cells with two or three values that are evidence for a general fact
_STRONG = 4  # distinct values of a cell that is evidence
CONFIRMED = 2  # groups and outputs in which a relation is confirmed by other values
_WEAK = 3  # cells with few values that are evidence together

Holds = Callable[[Seen], bool]


@dataclass(frozen=True)
class Candidate:
    """A relation and the cells that it explains. ``order`` is the kind: smaller ones are told."""

    name: str
    sentence: str
    explained: frozenset[int]
    order: int = 0
    rank: int = 0
    holds: Holds = field(compare=False, default=lambda seen: True)


@dataclass(frozen=True)
class Judge:
    """Decides whether cells are evidence for a relation.

    ``left`` are the unexplained cells. ``is_slow``: calls take long, as for training.
    """

    material: Material
    left: Sequence[Seen]
    is_slow: bool = False

    def of_families(
        self, families: Sequence[Family], share: float, order: int
    ) -> Iterator[Candidate]:
        """The facts of families that hold for whole groups."""
        holding: dict[Fact, list[Seen]] = {}
        for seen in self.left:
            for fact in dict.fromkeys(_facts(families, seen)):
                holding.setdefault(fact, []).append(seen)
        for fact, some in holding.items():
            full = self.full_parts(some)
            if full and self.is_evidence(full, fact, share):
                explained = frozenset(seen.cell.number for seen in full)
                holds = _has_fact(families, fact)
                kind = order + GENERAL if fact.is_general else order
                yield Candidate(fact.name, fact.sentence, explained, kind, fact.rank, holds)

    def full_parts(self, some: Sequence[Seen]) -> list[Seen]:
        """The cells of outputs and groups in which all wrong cells are among ``some``."""
        numbers = {seen.cell.number for seen in some}
        broken = {part(seen) for seen in self.left if seen.cell.number not in numbers}
        return [seen for seen in some if part(seen) not in broken]

    def is_evidence(self, some: Sequence[Seen], fact: Fact, share: float) -> bool:
        """Whether cells are many enough, and their values are hardly chance."""
        mine = [seen for seen in some if seen.cell.group]
        if not mine or not self._has_share(mine, share):
            return False
        if any(seen.is_evidence(fact) for seen in mine):
            return True
        if fact.is_general:
            several = sum(seen.distinct > 1 for seen in mine)
            return several >= _SEVERAL and self.is_all(some)
        values = {
            value.tobytes()
            for seen in mine
            if (value := seen.expected if fact.of_expected else seen.got) is not None
        }
        return len(values) >= _WEAK and self.is_all(some)

    def _has_share(self, some: Sequence[Seen], share: float) -> bool:
        """Whether cells are a large enough share of the wrong cells of their outputs."""
        outputs = {seen.cell.output for seen in some}
        wrong = [
            cell
            for cell in self.material.wrong
            if cell.output in outputs and cell.group and cell.raised is None
        ]
        return len(some) >= share * len(wrong)

    def is_all(self, some: Sequence[Seen]) -> bool:
        """Whether these are all unexplained cells of their outputs."""
        outputs = {seen.cell.output for seen in some}
        return len(some) == sum(seen.cell.output in outputs for seen in self.left)

    def is_confirmed(self, some: Iterable[Seen], holds: Holds) -> bool:
        """Whether a relation holds for other random values of the same sizes.

        Calls that take long are not repeated if several cells are evidence.
        """
        some = list(some)
        if self.is_slow and sum(seen.distinct >= _STRONG for seen in some) > 1:
            return True
        ranked = sorted(some, key=lambda seen: -seen.distinct)
        first = {part(seen): seen for seen in reversed(ranked) if seen.cell.group}
        for seen in sorted(first.values(), key=lambda seen: -seen.distinct)[:CONFIRMED]:
            other = [Seen(cell) for cell in self.material.again(seen.cell)]
            wrong = [one for one in other if one.cell.is_wrong]
            if any(one.cell.raised is not None or not holds(one) for one in wrong):
                return False
            if other and not wrong:
                return False
        return True

    def right(self, output: str) -> list[Cell]:
        """The cells of an output in which the answer is right."""
        return [c for c in self.material.cells if not c.is_wrong and c.output == output]


def part(seen: Seen) -> tuple[str, str]:
    """The group and the output of a cell."""
    return seen.cell.group, seen.cell.output


def _facts(families: Sequence[Family], seen: Seen) -> Iterator[Fact]:
    for family in families:
        yield from family(seen)


def _has_fact(families: Sequence[Family], fact: Fact) -> Holds:
    return lambda seen: fact in _facts(families, seen)
