"""Two misconceptions at once: both are named, or one that is truly there and no wrong one."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from autograder.checks import CheckResult
from autograder.course.layout import Course
from autograder.course.misconceptions import WrongAnswer, joined, load_bank
from autograder.course.source import load_assignment
from autograder.grading.grader import TrustedNotebook
from autograder.results import Evidence
from tests.course.subject import Subject

ROOT = Path(__file__).resolve().parents[2]
# Networks raise, or answer with flags and shapes, which two mistakes at once hide from each other.
NAMED_SHARE = {"conv": 0.9, "places": 0.7}
# Networks and training loops: an explanation spends few calls on them, so few pairs are found.
SLOW = {"LeNet5", "Net", "learn_kernel", "ResNet18", "SmallCNN", "save_checkpoint"}


def pairs(bank: list[WrongAnswer], answer: Any, seed: int) -> Any:
    """Pairs of a bank that compose, in a random order."""
    found = list(itertools.combinations(bank, 2))
    random.Random(seed).shuffle(found)
    for one, other in found:
        if (both := joined(answer, one, other)) is not None:
            yield one, other, both


def judged(result: CheckResult, one: WrongAnswer, other: WrongAnswer) -> str:
    """How well a pair is named; "" for a pair that equals a member or raises."""
    true, said = {one.id, other.id}, {result.diagnosis, *result.also} - {None}
    if result.points >= 1 or result.raised is not None:
        return ""
    if any(".exception_" in name for name in said):
        return ""
    if result.evidence is Evidence.WHOLE and result.diagnosis in true:
        return ""
    if true <= said:
        return "both"
    if result.diagnosis in true:
        return "one"
    return "none" if not said else "another"


@pytest.mark.slow
@pytest.mark.parametrize("assignment", ["conv", "places"])
def test_pairs_of_misconceptions_are_named(assignment: str) -> None:
    counts: Counter[str] = Counter()
    missed: list[str] = []
    for bundle in load_assignment(Course.find(ROOT), assignment):
        trusted, bank = TrustedNotebook.load(bundle, ROOT), load_bank(bundle)
        for cell in trusted.tests:
            exercise = cell.cell.exercise
            answer = bundle.answer_for(exercise)
            if answer is None or exercise in SLOW:
                continue
            subject, own = Subject.of(trusted, cell), [w for w in bank if w.exercise == exercise]
            drawn = 0
            for one, other, both in itertools.islice(pairs(own, answer, 7), 12):
                try:
                    result = subject.result(both)
                except SyntaxError:
                    continue
                kind = judged(result, one, other)
                if not kind:
                    continue
                counts[kind] += 1
                drawn += 1
                if kind in ("none", "another"):
                    missed.append(f"{both.id}: {result.diagnosis} {result.also}")
                if drawn == 3:
                    break
    total = sum(counts.values())
    assert total >= 15
    assert (counts["both"] + counts["one"]) / total >= NAMED_SHARE[assignment], "\n".join(
        [str(counts), *missed]
    )
