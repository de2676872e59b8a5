"""The policy of late days against an independent calculation, on 1,000 random terms."""

from __future__ import annotations

import random
import sys
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import autograder.lateness
from autograder.lateness import late_days, policy
from tests.autograder.lateness.model import Sheet, bill, random_term

TERMS = 1000
FOLDER = Path(autograder.lateness.__file__).parent
PARTS = ("0.25", "0.25", "0.1", "0.07", "0.5", "1.0", "0.0")


def hand_ins(term: dict[str, Sheet], kind: Any = policy.HandIn) -> list[Any]:
    """The hand-ins of a term, as the ledger gives them to the policy."""
    made = []
    for name, sheet in term.items():
        if sheet.is_excused:
            continue
        due = None if sheet.due is None else sheet.due.aware
        if due is not None and sheet.longer_us:
            due = (due.astimezone(policy.UTC) + timedelta(microseconds=sheet.longer_us)).astimezone(
                due.tzinfo
            )
        elif due is not None and sheet.until is not None and sheet.until.us > sheet.due.us:  # type: ignore[union-attr]
            due = sheet.until.aware
        for notebook, paper in sheet.papers.items():
            handed_in_at = None if paper.handed_in is None else paper.handed_in.aware
            margin = timedelta(microseconds=paper.margin_us)
            points = float(paper.points)
            one = kind("ada", name, notebook, handed_in_at, due, points, 400.0, margin)
            made.append(one)
    return made


def difference(seed: int, kind: Any = policy.HandIn, days: Any = late_days.LateDays) -> str:
    """The first difference between the policy and the model on one random term; empty if none."""
    numbers = random.Random(seed)
    term, allowance, part = random_term(numbers), numbers.randint(0, 5), numbers.choice(PARTS)
    given = hand_ins(term, kind)
    numbers.shuffle(given)
    charges = days(allowance, float(part)).charges(given)
    expected = bill(term, allowance, Fraction(part))
    points = {(one.assignment, one.notebook): one.points for one in given}
    for place in {*charges, *expected.costs}:
        charge, cost = charges.get(place), expected.costs.get(place)
        if charge is None or cost is None:
            return f"term {seed}: {place}: {charge}, expected {cost}"
        if (charge.days_late, charge.free_days) != (cost.days, cost.free):
            return f"term {seed}: {place}: {charge}, expected {cost}"
        if charge.fraction != float(cost.share):
            return f"term {seed}: {place}: {charge.fraction}, expected {cost.share}"
        if abs(charge.fraction * points[place] - cost.off) > 1e-9:
            return f"term {seed}: {place}: {charge.fraction * points[place]}, expected {cost.off}"
    return ""


def test_the_model_agrees_on_1000_random_terms() -> None:
    assert [told for seed in range(TERMS) if (told := difference(seed))] == []


def test_the_random_terms_hold_the_cases_that_matter() -> None:
    seen: dict[str, int] = {}

    def note(what: str, holds: bool) -> None:
        seen[what] = seen.get(what, 0) + holds

    for seed in range(TERMS):
        term = random_term(random.Random(seed))
        costs = bill(term, 3, Fraction(1, 4)).costs
        late = {name for name, _ in costs}
        times = {
            name: max((p.handed_in.us for p in sheet.papers.values() if p.handed_in), default=None)
            for name, sheet in term.items()
        }
        dues = {name: sheet.due_us for name, sheet in term.items()}
        papers = [paper for sheet in term.values() for paper in sheet.papers.values()]
        note("six assignments", len(term) == 6)
        note("four notebooks", any(len(sheet.papers) == 4 for sheet in term.values()))
        note("more days than the purse holds", any(cost.off for cost in costs.values()))
        note("excused", any(sheet.is_excused for sheet in term.values()))
        note("extension", any(sheet.longer_us for sheet in term.values()))
        note("fixed time", any(sheet.until for sheet in term.values()))
        note("no time", any(paper.handed_in is None for paper in papers))
        note("second hour", any(paper.handed_in and paper.handed_in.fold for paper in papers))
        note("exactly due", any(us == dues[name] for name, us in times.items() if us))
        note("equal times", len({times[name] for name in late}) < len(late))
        in_order = sorted(late, key=lambda name: times[name] or 0)
        note(
            "not in order of due dates",
            [dues[n] for n in in_order] != sorted(dues[n] or 0 for n in late),
        )
    assert min(seen.values()) >= 10, seen


MUTANTS = [
    ("a day of 25 hours", "hours=24", "hours=25"),
    ("whole days", "-(-(self.late_by or timedelta(0)) // DAY)", "(self.late_by or timedelta(0)) // DAY"),
    ("whole days and one", "-(-(self.late_by or timedelta(0)) // DAY)", "(self.late_by.days + 1 if self.late_by else 0)"),
    ("clocks of walls", "return time.astimezone(UTC)", "return time"),
    ("clocks without zones", "return time.astimezone(UTC)", "return time.replace(tzinfo=UTC)"),
    ("the first of two equal hours", "return time.astimezone(UTC)", "return time.replace(fold=0).astimezone(UTC)"),
    ("no margin", "< self.margin", "< timedelta(0)"),
    ("a margin with its end", "< self.margin", "<= self.margin"),
    ("in order of due dates", "return latest, due,", "return due, latest,"),
    ("in order of the first notebook", "latest = max(", "latest = min("),
    ("equal times by name only", "return latest, due,", "return latest, latest,"),
    ("equal times in no order", ", hand_ins[0].assignment", ", ''"),
    ("in order of names", "return latest, due, hand", "return _NEVER, _NEVER, hand"),
    ("a purse that is never empty", "left -= used", "pass"),
    ("a purse for each notebook", "max(one.days_late for one in own)", "sum(one.days_late for one in own)"),
    ("days of the earliest notebook", "max(one.days_late for one in own)", "min(one.days_late for one in own)"),
    ("no free days", "free = min(one.days_late, used)", "free = 0"),
    ("free days of the assignment", "free = min(one.days_late, used)", "free = used"),
    ("each late day costs", "self._fraction(one.days_late - free)", "self._fraction(one.days_late)"),
    ("days of the assignment cost", "self._fraction(one.days_late - free)", "self._fraction(max(o.days_late for o in own) - used)"),
    ("more than all points", "min(Decimal(1), ", "max(Decimal(0), "),
    ("floats", "Decimal(str(self.day_fraction)) * days", "Decimal(self.day_fraction * days)"),
    ("a quarter, always", "str(self.day_fraction)", "'0.25'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"), [pair for _, *pair in MUTANTS], ids=[m[0] for m in MUTANTS]
)
def test_the_model_notices_a_broken_policy(old: str, new: str) -> None:
    imports = "from autograder.lateness.policy import Charge, HandIn, LatePolicy\n"
    texts = [(FOLDER / f"{name}.py").read_text() for name in ("policy", "late_days")]
    assert sum(text.count(old) for text in texts) == 1, "the text to break stands once"
    assert imports in texts[1]
    later = texts[1].replace(imports, "").replace("from __future__ import annotations\n", "")
    module = ModuleType("broken_late_days")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, module.__name__, module)
        exec((texts[0] + later).replace(old, new), module.__dict__)
        assert any(difference(seed, module.HandIn, module.LateDays) for seed in range(TERMS))
