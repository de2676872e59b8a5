"""Due dates, extensions and excuses in the terminal, and the difference that a change made."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.cli.display.text import escape, one_line, shortened

if TYPE_CHECKING:  # these load nbgrader, for which `autograder --help` need not wait
    from autograder.people.person import Person
    from autograder.records.ledger_changes import LedgerChange, Standing, TimesChanged
    from autograder.records.term.times import Times

_MOST = 20  # students that are listed
_NAME = 60  # columns of a person
_REASON = 60

People = Mapping[str, "Person"]


def times(console: Console, assignment: str, found: Times, people: People, zone: tzinfo) -> None:
    """The due date of an assignment, its extensions and its excuses."""
    _say(console, f"{assignment}: {_due(found.due_dates.get(assignment), zone)}")
    for (student, name), extension in sorted(found.extensions.items()):
        if name == assignment:
            until = _due(found.due(student, assignment), zone)
            by = "" if extension.by is None else f", {_span(extension.by)} more"
            reason = _reason(extension.reason, extension.set_at)
            _say(console, f"  {_name(student, people)}: {until}{by}{reason}")
    for (student, name), excuse in sorted(found.excuses.items()):
        if name == assignment:
            reason = _reason(excuse.reason, excuse.set_at)
            _say(console, f"  {_name(student, people)}: excused{reason}")


def due_changed(console: Console, assignment: str, done: TimesChanged, zone: tzinfo) -> None:
    """The new due date, and the old one."""
    before, after = (one.due_dates.get(assignment) for one in (done.before, done.after))
    old = "" if before == after else f"; before: {_due(before, zone)}"
    _say(console, f"{assignment}: {_due(after, zone)}{old}")


def extended(
    console: Console,
    assignment: str,
    students: Sequence[str],
    done: TimesChanged,
    people: People,
    zone: tzinfo,
) -> None:
    """The new due times of students, and the old ones."""
    due = done.after.due_dates.get(assignment)
    if due is None:
        text = "has no due date yet; extensions count as soon as it has one"
        _say(console, f"{assignment} {text}: autograder due {shlex.quote(assignment)} TIME")
    for student in _unique(students):
        before, after = (one.due(student, assignment) for one in (done.before, done.after))
        extension = done.after.extensions.get((student, assignment))
        if due is None:
            told = "no extension" if extension is None else "extended"
        else:
            told = _due(after, zone) + (
                "" if before == after else f"; before: {_due(before, zone)}"
            )
        if extension is not None and due is not None and after == due:
            told += ". The extension ends before the due date, and changes nothing"
        _say(console, f"{_name(student, people)}, {assignment}: {told}")


def excused(
    console: Console,
    assignment: str,
    students: Sequence[str],
    done: TimesChanged,
    people: People,
) -> None:
    """Who is excused now, or no longer."""
    for student in _unique(students):
        before, after = (one.is_excused(student, assignment) for one in (done.before, done.after))
        told = "excused" if after else "not excused"
        same = " already" if before == after else ""
        _say(console, f"{_name(student, people)}, {assignment}: {told}{same}")


def differences(console: Console, assignment: str, done: TimesChanged, people: People) -> None:
    """The difference that a change made in late days and points, and the command to run next."""
    if not done.changes:
        _say(console, "late days and points: no change")
        return
    students = _unique([one.student for one in done.changes])
    count = f"{len(students):,} student{'s' * (len(students) != 1)}"
    _say(console, f"late days and points change for {count}:")
    for student in students[:_MOST]:
        own = [one for one in done.changes if one.student == student]
        for one in own:
            _say(console, f"  {_name(student, people)}, {one.assignment}: {_difference(one)}")
        if any(one.before.free_days != one.after.free_days for one in own):
            _say(console, f"  {_name(student, people)}: {_days(done.days_left[student])} left")
    if len(students) > _MOST:
        _say(console, f"  and {len(students) - _MOST:,} more; `autograder late` lists all")
    for name in _unique([one.assignment for one in done.changes]):
        command = f"autograder feedback {shlex.quote(name)} --changed"
        _say(console, f"next: `{command}` writes their pages")


def _difference(one: LedgerChange) -> str:
    before, after = one.before, one.after
    return ", ".join(_parts(before, after))


def _parts(before: Standing, after: Standing) -> Iterator[str]:
    if before.days_late != after.days_late:
        yield f"{_days(before.days_late, 'day')} late → {after.days_late}"
    if before.free_days != after.free_days:
        yield f"{_days(before.free_days)} used → {after.free_days}"
    if before.points_off != after.points_off:
        points = f"{before.points_off:g} point{'s' * (before.points_off != 1)}"
        yield f"{points} off → {after.points_off:g}"
    if before.is_doubtful != after.is_doubtful:
        yield "time not clear" if after.is_doubtful else "time no longer matters"


def _due(due: datetime | None, zone: tzinfo) -> str:
    """A due time in the course's zone, with the zone's name."""
    if due is None:
        return "no due date"
    from autograder.records.lateness import told

    name = str(zone)
    local = told(due.astimezone(zone))
    return f"due {local}" + ("" if local.endswith(f" {name}") else f" ({name})")


def _span(span: timedelta) -> str:
    minutes = round(span / timedelta(minutes=1))
    parts = ((minutes // 1440, "day"), (minutes % 1440 // 60, "hour"), (minutes % 60, "minute"))
    return " ".join(f"{n} {unit}{'s' * (n != 1)}" for n, unit in parts if n) or "nothing"


def _days(count: int, unit: str = "late day") -> str:
    return f"{count} {unit}{'s' * (count != 1)}"


def _reason(reason: str, set_at: datetime | None) -> str:
    if set_at is None:
        return ", granted through nbgrader"
    return f" ({shortened(one_line(reason), _REASON)})" if reason.strip() else ""


def _name(student: str, people: People) -> str:
    from autograder.people.person import shown

    return shortened(one_line(shown(student, people)), _NAME)


def _unique(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _say(console: Console, text: str) -> None:
    console.print(
        escape(one_line(text) if not text.startswith(" ") else f"  {one_line(text)}"),
        soft_wrap=True,
        highlight=False,
    )
