"""The ledger of late days as a table in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from autograder.cli.display.text import escape, one_line, shortened

if TYPE_CHECKING:  # these load nbgrader, for which `autograder --help` need not wait
    from autograder.people.person import Person
    from autograder.records.term.ledger import Term

_NAME = 40  # columns of a student
_WIDE = 110  # columns of a terminal in which names find room
_DOUBT = 100
_NO_POLICY = "late work costs nothing: this course sets no c.Autograder.late_policy"
_HEAD = ("student", "assignment", "late by", "days late", "free", "left", "points off", "notes")


def ledger(
    console: Console,
    terms: Mapping[str, Term],
    people: Mapping[str, Person],
    assignment: str = "",
    *,
    everything: bool = False,
    has_policy: bool = True,
) -> None:
    """The late, unclear, extended and excused hand-ins, in the order of late days.

    ``left`` are the late days after the assignment. ``everything`` shows hand-ins on time too.
    ``has_policy``: the course has a policy for late work.
    """
    table = Table(box=None, pad_edge=False)
    for name in _HEAD:
        is_text = name in ("student", "assignment", "notes")
        table.add_column(name, justify="left" if is_text else "right", overflow="fold")
    shown = 0
    for student, term in terms.items():
        rows = [
            row
            for name, row, matters in _rows(term)
            if assignment in ("", name) and (everything or matters)
        ]
        shown += bool(rows)
        for number, row in enumerate(rows):
            name = "" if number else _name(student, people, console.width)
            table.add_row(escape(name), *map(escape, row))
    if shown:
        console.print(table)
    others = len(terms) - shown
    if others or not shown:
        where = f" in {one_line(assignment)}" if assignment else ""
        text = f"{others:,} student{'s' * (others != 1)} with nothing late or unclear{where}"
        console.print(escape(text), soft_wrap=True, highlight=False)
    if not has_policy:
        console.print(_NO_POLICY, soft_wrap=True, highlight=False)


def _rows(term: Term) -> Iterator[tuple[str, list[str], bool]]:
    """The assignment, its row, and whether there is more to tell than that it was on time."""
    left = term.allowance
    known = term.assignments
    rest = sorted((term.excused | term.extended) - set(known))
    for name in [*known, *rest]:
        free, late, off = term.free_days(name), term.days_late(name), term.off(name)
        left -= free
        notes = _notes(term, name, is_handed_in=name in known)
        late_by = max(
            (
                one.late_by
                for (what, _), one in term.hand_ins.items()
                if what == name and one.late_by
            ),
            default=None,
        )
        hours = (
            ""
            if late_by is None or name in term.excused
            else f"{late_by.total_seconds() / 3600:,.1f} h"
        )
        numbers = [
            hours,
            *(str(one or "") for one in (late, free)),
            str(left) * bool(term.allowance),
        ]
        row = [shortened(one_line(name), 40), *numbers, f"{off:.4g}" if off else "", notes]
        yield name, row, bool(late_by or notes)


def _notes(term: Term, assignment: str, is_handed_in: bool) -> str:
    found = []
    if assignment in term.excused:
        found.append("excused")
    if assignment in term.extended:
        found.append("extended")
    if not is_handed_in:
        found.append("not handed in")
    doubts = [doubt for (name, _), doubt in term.doubts.items() if name == assignment]
    found += [shortened(one_line(doubt), _DOUBT) for doubt in dict.fromkeys(doubts)]
    return ", ".join(found)


def _name(student: str, people: Mapping[str, Person], width: int) -> str:
    """The student's name and id; in a narrow table the id alone."""
    from autograder.people.person import shown

    told = shown(student, people) if width >= _WIDE else student
    return shortened(one_line(told), _NAME)
