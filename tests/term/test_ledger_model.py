"""The ledger of a gradebook against the independent model: 1,000 terms in 20 gradebooks."""

from __future__ import annotations

import random
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from traitlets.config import Config

from autograder.records.term.ledger import Term, read_terms
from autograder.records.term.times import Excuse, Extension, set_excuse, set_extension
from tests.autograder.lateness.model import Sheet, bill, random_class
from tests.courses.terms import Handed, WholeTerm, opened, write_term

STUDENTS = 50


def whole(terms: dict[str, dict[str, Sheet]]) -> WholeTerm:
    """The terms of a class, as the gradebook holds them."""
    some = next(iter(terms.values()))
    return WholeTerm(
        {name: sheet.due.aware if sheet.due else None for name, sheet in some.items()},
        [
            Handed(
                student,
                name,
                notebook,
                paper.handed_in.aware if paper.handed_in else None,
                (float(paper.points) / 2, float(paper.points) / 2),
                margin=timedelta(microseconds=paper.margin_us),
            )
            for student, term in terms.items()
            for name, sheet in term.items()
            for notebook, paper in sheet.papers.items()
        ],
    )


def give_times(session: Session, terms: dict[str, dict[str, Sheet]]) -> None:
    """Enter the extensions and excuses of a class."""
    for student, term in terms.items():
        for name, sheet in term.items():
            if sheet.longer_us:
                by = timedelta(microseconds=sheet.longer_us)
                set_extension(session, student, name, Extension(by=by))
            elif sheet.until:
                set_extension(session, student, name, Extension(until=sheet.until.aware))
            if sheet.is_excused:
                set_excuse(session, student, name, Excuse("ill"))


def wrong(term: Term, sheets: dict[str, Sheet], allowance: int, part: str) -> list[str]:
    """The differences between the ledger and the model for one student."""
    expected = bill(sheets, allowance, Fraction(part))
    found = []
    if {p: c for p, c in term.charges.items() if c.days_late}.keys() != expected.costs.keys():
        return [f"late are {sorted(term.charges)}, expected {sorted(expected.costs)}"]
    for place, cost in expected.costs.items():
        charge, off = term.charges[place], term.points_off[place]
        if (charge.days_late, charge.free_days) != (cost.days, cost.free):
            found.append(f"{place}: {charge}, expected {cost}")
        if abs(off - cost.off) > 1e-9:
            found.append(f"{place}: {off} points off, expected {cost.off}")
    if term.days_left != expected.left:
        found.append(f"{term.days_left} days left, expected {expected.left}")
    if abs(term.off() - sum(cost.off for cost in expected.costs.values())) > 1e-9:
        found.append(f"{term.off()} points off in the whole term")
    return found


@pytest.mark.parametrize("seed", range(20))
def test_the_ledger_of_a_gradebook_agrees_with_the_model(tmp_path: Path, seed: int) -> None:
    numbers = random.Random(seed)
    terms = {f"s{n:02}": term for n, term in enumerate(random_class(numbers, STUDENTS))}
    allowance, part = numbers.randint(0, 5), numbers.choice(["0.25", "0.1", "0.5", "1.0"])
    write_term(tmp_path / "gradebook.db", whole(terms))
    config = Config(
        {
            "Autograder": {
                "late_policy": "late_days",
                "late_days": allowance,
                "late_day_fraction": float(part),
            }
        }
    )
    with opened(tmp_path / "gradebook.db") as session:
        give_times(session, terms)
        ledger = read_terms(session, config)
        assert sorted(ledger) == sorted(terms)
        told = {s: wrong(ledger[s], terms[s], allowance, part) for s in terms}
        assert {student: lines for student, lines in told.items() if lines} == {}
