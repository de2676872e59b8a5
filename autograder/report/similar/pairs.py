"""Pairs of answers that share rare code, found by an index, so that few pairs are compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

from autograder.report.document import Line, Pair
from autograder.report.similar.answers import Answers
from autograder.report.similar.fingerprints import alike_lines, fingerprint, hashes_of, without

if TYPE_CHECKING:  # an extra, which loads pyplot
    from copydetect import CodeFingerprint

MIN_SHARE = 0.6  # of an answer's own code
MIN_TOKENS = 40  # characters of filtered code: less is chance
SHORT = 140  # characters of filtered code that two students may well write alike
MOST_SHARING, PART_SHARING = 12, 0.1  # code that more students share says nothing
FEW_SHARING = 4  # students may share code in a small class too
MOST_STEPS = 3_000_000  # of counting pairs, for an exercise: rare code comes first
MOST_COMPARED = 300  # pairs of an exercise that share the most rare code
MAX_LINES, MAX_WIDTH = 80, 160  # of code that is shown


@dataclass(frozen=True)
class Same:
    """Students whose answers are equal after filtering, with one fingerprint for all."""

    students: tuple[str, ...]
    print: CodeFingerprint


def sharing_limit(students: int) -> int:
    """The most students who may share code that still counts."""
    return max(FEW_SHARING, min(MOST_SHARING, round(PART_SHARING * students)))


@dataclass(frozen=True)
class Found:
    """The number of pairs of answers to one exercise that are alike, and the first of them."""

    count: int
    first: tuple[Pair, ...]


@dataclass(frozen=True)
class _Alike:
    one: Same
    other: Same
    first: str
    second: str
    share: float
    tokens: int

    @property
    def order(self) -> tuple[bool, float]:
        return self.tokens < SHORT, -self.share * self.tokens


def pairs(answers: Answers, most: int, of: Collection[str] | None = None) -> Found:
    """The pairs of answers to one exercise that are alike, the most alike first.

    At most ``most`` of them are returned. ``of``: only pairs with one of these students.
    """
    limit = sharing_limit(len(answers.codes))
    prints = {student: fingerprint(code) for student, code in answers.codes.items()}
    owners: Counter[int] = Counter()
    for one in prints.values():
        owners.update(one.hashes)
    common = {one for one, count in owners.items() if count > limit}
    common |= hashes_of(answers.given)
    for one in prints.values():
        without(one, common)
    groups = _groups(prints)
    places = [(place, place) for place, one in enumerate(groups) if len(one.students) > 1]
    places += _candidates([one.print.hashes for one in groups])
    found = [
        alike
        for one, other in places
        for alike in _compared(groups[one], groups[other])
        if of is None or alike.first in of or alike.second in of
    ]
    found.sort(key=lambda alike: alike.order)
    return Found(len(found), tuple(_pair(answers, alike) for alike in found[:most]))


def _groups(prints: dict[str, CodeFingerprint]) -> list[Same]:
    students: dict[str, list[str]] = {}
    for student, one in prints.items():
        if one.token_coverage >= MIN_TOKENS:
            students.setdefault(one.filtered_code, []).append(student)
    return [Same(tuple(own), prints[own[0]]) for own in students.values()]


def _candidates(hashes: Sequence[Iterable[int]]) -> list[tuple[int, int]]:
    """The places of pairs that share code, the pairs with the most common code first.

    Counting goes through the rarest code first, and ends after MOST_STEPS.
    """
    places: dict[int, list[int]] = {}
    for place, own in enumerate(hashes):
        for one in own:
            places.setdefault(one, []).append(place)
    shared: Counter[tuple[int, int]] = Counter()
    steps = 0
    for own_places in sorted(places.values(), key=len):
        steps += len(own_places) * (len(own_places) - 1) // 2
        if steps > MOST_STEPS:
            break
        shared.update(combinations(own_places, 2))
    return [pair for pair, _ in shared.most_common(MOST_COMPARED)]


def _compared(one: Same, other: Same) -> Iterator[_Alike]:
    """The pairs of students of two groups, or of one, if the code of the groups is alike."""
    from copydetect import compare_files

    tokens, shares, _ = compare_files(one.print, other.print)
    share = min(1.0, float(max(shares)))
    if tokens < MIN_TOKENS or share < MIN_SHARE:
        return
    students = (
        combinations(one.students, 2) if one is other else product(one.students, other.students)
    )
    for first, second in students:
        yield _Alike(one, other, first, second, round(share, 4), int(tokens))


def _pair(answers: Answers, alike: _Alike) -> Pair:
    one, other = alike.one.print, alike.other.print
    return Pair(
        answers.notebook, answers.exercise, alike.first, alike.second, alike.share, alike.tokens,
        is_short=alike.tokens < SHORT,
        first_lines=_shown(answers.codes[alike.first], one, other),
        second_lines=_shown(answers.codes[alike.second], other, one),
    )  # fmt: skip


def _shown(code: str, made: CodeFingerprint, other: CodeFingerprint) -> tuple[Line, ...]:
    """The lines of an answer, marked; the code may differ in names from the fingerprint's."""
    from copydetect import compare_files

    own = made
    if made.raw_code != code:
        own = fingerprint(code)
        without(own, own.hashes - made.hashes)
    _, _, (slices, _) = compare_files(own, other)
    lines = [line.rstrip()[:MAX_WIDTH] for line in code.rstrip().split("\n")]
    marked = [*map(Line, lines, alike_lines(code, slices))]
    if len(marked) > MAX_LINES:
        left = Line(f"… and {len(marked) - MAX_LINES} more lines", False)
        marked = [*marked[:MAX_LINES], left]
    return tuple(marked)
