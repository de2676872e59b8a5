"""Candidates from the reference for other arguments."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

from autograder.evidence.relations.candidates import Candidate, Judge
from autograder.evidence.relations.changes import Change
from autograder.evidence.relations.recomputed import Recomputed
from autograder.evidence.relations.seen import Fact, Seen

ORDER = 1  # after relations of all values to the expected ones
LATE = 4  # for a part of an argument: a part of the output is told first
_SHARE = 0.5
_LARGE = 600  # values of the arguments
_PROBES = 2  # cells on which all changes are tried
_ALTERNATIVES = 3

Fitting = tuple[Change, str]


def of_reference(judge: Judge, search: Recomputed, output: str) -> Iterator[Candidate]:
    """The candidates for one output; none if too many changes fit the same cells."""
    some = [seen for seen in judge.left if seen.cell.output == output]
    if judge.is_slow:
        return
    tried: set[str] = set()
    for seen in _probes(some):
        explained: dict[frozenset[int], list[Fitting]] = {}
        for change in search.changes(seen.cell):
            how = search.fit(change, seen)
            if how is None or change.words + how in tried:
                continue
            tried.add(change.words + how)
            full = _explained(judge, search, (change, how), some)
            if full:
                explained.setdefault(full, []).append((change, how))
        for numbers, alike in explained.items():
            fewest = _fewest(alike)
            if len(fewest) <= _ALTERNATIVES:
                change, how = fewest[0]
                holds = functools.partial(search.fits, change, how)
                order = LATE if change.name == "cut_argument" else ORDER
                yield Candidate(
                    change.name, _words(fewest), numbers, order, change.rank, holds
                )  # fmt: skip
        if explained:
            return


def _explained(
    judge: Judge, search: Recomputed, fitting: Fitting, some: Sequence[Seen]
) -> frozenset[int]:
    """The cells that a change explains; empty if it is not the reason."""
    change, how = fitting
    full = judge.full_parts([seen for seen in some if search.fits(change, how, seen)])
    if not judge.is_evidence(full, Fact(change.name, ""), _SHARE):
        return frozenset()
    groups = {seen.cell.group for seen in full}
    right = [cell for cell in judge.right(some[0].cell.output) if cell.group in groups]
    broken = {cell.group for cell in right if search.is_contradicted(change, how, cell)}
    full = [seen for seen in full if seen.cell.group not in broken]
    if not judge.is_evidence(full, Fact(change.name, ""), _SHARE):
        return frozenset()
    return frozenset(seen.cell.number for seen in full)


def _probes(some: Sequence[Seen]) -> list[Seen]:
    """Two cells of different size: a large one, if its calls are quick, and a middle one."""
    quick = [seen for seen in some if seen.cell.trial.numbers <= _LARGE] or some
    ranked = sorted(quick, key=lambda seen: seen.cell.trial.numbers)
    strong = [seen for seen in ranked if seen.distinct >= Fact("", "").needs] or ranked
    picked = [strong[-1], strong[len(strong) // 2]]
    return list({seen.cell.number: seen for seen in picked}.values())[:_PROBES]


def _fewest(alike: Sequence[Fitting]) -> list[Fitting]:
    """The changes with the smallest rank; of changes of the same argument, the first."""
    smallest = min(change.rank for change, _ in alike)
    first = [one for one in reversed(alike) if one[0].rank == smallest]
    return list({one[0].argument: one for one in first}.values())[::-1]


def _words(alike: Sequence[Fitting]) -> str:
    words = [f"{change.words}{how}" for change, how in alike]
    if len(alike) > 1:
        listed = "; ".join(f"({k}) {one}" for k, one in enumerate(words, 1))
        return (
            f"Your output is the right one with other arguments. Several fit: {listed}. Where does "
            "your code use them?"
        )
    change, _ = alike[0]
    where = _QUESTIONS.get(change.name, "Where does your code use {argument}?")
    where = where.format(argument=change.argument)
    return f"Your output is the right one with {words[0]}. {where}"


_QUESTIONS = {
    "flipped_argument": "In which order do your indices run through {argument}?",
    "transposed_argument": "Which axis of {argument} does each of your indices belong to?",
    "reshaped_argument": "Does a reshape or view take the place of a transpose or permute?",
    "fixed_argument": "Does {argument} reach every line where it belongs?",
    "exchanged_arguments": "In which order does your code take or pass them?",
    "first_only": "Do your indices run over this axis of {argument}?",
}
