from __future__ import annotations

from autograder.cli.display.late_line import late_line
from autograder.lateness.policy import Charge
from autograder.records.term.ledger import Term

PLACE = ("a b", "01_x")
USED = Term("ada", 3, charges={PLACE: Charge(2, 2, 0.0)}, points_off={PLACE: 0.0})
COSTS = Term("bob", 3, charges={PLACE: Charge(4, 3, 0.25)}, points_off={PLACE: 2.5})


def text(*terms: Term, assignment: str = "a b", width: int = 120) -> list[str]:
    return [one.plain for one in late_line(terms, assignment, width)]


def test_late_days_and_points_are_told_with_the_command_that_lists_them() -> None:
    assert text(USED, COSTS, Term("cy", 3)) == [
        "late: 2 students, 5 late days used, 2.5 points taken off, not counted above; "
        "autograder late 'a b'"
    ]
    assert text(USED) == ["late: 1 student, 2 late days used; autograder late 'a b'"]


def test_nothing_late_needs_no_line_and_a_narrow_terminal_has_one_line() -> None:
    assert text(USED, assignment="other") == text(Term("cy", 3)) == []
    assert len(text(COSTS, width=40)) == 1
