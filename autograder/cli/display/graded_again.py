"""Exercises graded again: the differences, before they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from shlex import quote
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from autograder.cli.display.text import escape, first_names, near, shortened
from autograder.course.layout import Course
from autograder.people.person import Person, shown

if TYPE_CHECKING:  # these load nbgrader and torch, which `autograder --help` does not need
    from autograder.runs.graded_again import Difference
    from autograder.runs.regrade import Report

_MOST_LEFT = 10  # students that are listed with the reason why they were left


def difference(
    console: Console, assignment: str, report: Report, people: Mapping[str, Person]
) -> None:
    """The changes in points and diagnoses, who gains, who loses, and who was left out."""
    count = _counted(report.students, "student")
    changed = [one for one in report.differences if not one.texts_only]
    if not report.students:
        console.print("nothing was graded again: no recorded result fits")
    elif not report.differences:
        console.print(f"graded again for {count}: nothing changes")
    else:
        if changed:
            console.print(_table(console, changed))
        console.print(f"graded again for {count}: {_summed(report.differences)}", soft_wrap=True)
    for verb, some in (
        ("gain", [one for one in changed if one.gain > 0]),
        ("lose", [one for one in changed if one.gain < 0]),
    ):
        if some:
            _who(console, verb, some, people)
    by_hand = sorted({shown(one.student, people) for one in changed if one.by_hand})
    if by_hand:
        console.print(
            f"points of a person stay, and wait for another look: {escape(first_names(by_hand))}",
            soft_wrap=True,
        )
    if texts := len(report.differences) - len(changed):
        console.print(f"only the explanation changes in {_counted(texts, 'exercise')}")
    _others(console, assignment, report)
    _left(console, assignment, report, people)


def recorded(
    console: Console, course: Course, assignment: str, report: Report, *, is_written: bool
) -> None:
    """The end of the command: written or not, and the next command."""
    if not report.differences:
        return
    if not is_written:
        console.print("nothing was written")
        return
    students = len({one.student for one in report.differences})
    place = escape(near(course.gradebook))
    console.print(f"written for {_counted(students, 'student')} into {place}", soft_wrap=True)
    command = f"autograder feedback {quote(assignment)} --changed"
    console.print(f"next: `{escape(command)}` writes their pages", soft_wrap=True)


def _table(console: Console, found: Sequence[Difference]) -> Table:
    table = Table(title="changes", title_justify="left")
    for name in ("student", "exercise"):
        table.add_column(name, no_wrap=True)
    for name in ("before", "now", "difference"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("diagnosis")
    for one in found:
        before = "none" if one.before is None else f"{one.before:g}"
        change = "" if one.before is None else f"{round(one.after - one.before, 4):+g}"
        table.add_row(
            escape(shortened(one.student, console.width // 4)),
            escape(shortened(one.exercise, console.width // 4)),
            before, f"{one.after:g}", change, escape(_diagnoses(one)),
        )  # fmt: skip
    return table


def _diagnoses(one: Difference) -> str:
    before, after = (
        ", ".join(name.removeprefix(f"{one.exercise}.") for name in names) or "none"
        for names in (one.diagnosis_before, one.diagnosis_after)
    )
    if before == after:
        return "" if before == "none" else before
    return f"{before} → {after}"


def _summed(found: Sequence[Difference]) -> str:
    """The totals of the exercises that change."""
    before = sum(one.before or 0.0 for one in found)
    after = sum(one.after for one in found)
    verb = "changes" if len(found) == 1 else "change"
    return (
        f"{_counted(len(found), 'verdict')} {verb}, with {round(before, 4):g} points before and "
        f"{round(after, 4):g} now"
    )


def _who(
    console: Console, verb: str, some: Sequence[Difference], people: Mapping[str, Person]
) -> None:
    gains: dict[str, float] = {}
    for one in some:
        gains[one.student] = gains.get(one.student, 0.0) + one.gain
    names = [f"{shown(name, people)} {round(gain, 4):+g}" for name, gain in gains.items()]
    total = round(sum(gains.values()), 4)
    verb += "s" * (len(gains) == 1)
    console.print(
        f"{_counted(len(gains), 'student')} {verb} {abs(total):g} points: "
        f"{escape(first_names(names, 8))}",
        soft_wrap=True,
    )


def _others(console: Console, assignment: str, report: Report) -> None:
    if not report.others:
        return
    told = ", ".join(
        f"{exercise} ({_counted(count, 'student')})" for exercise, count in report.others.items()
    )
    console.print(
        f"other exercises keep their points, though the course changed there too: {escape(told)}. "
        f"`{escape(f'autograder grade {quote(assignment)}')}` grades them again",
        soft_wrap=True,
    )


def _left(console: Console, assignment: str, report: Report, people: Mapping[str, Person]) -> None:
    failed = [shown(one, people) for one in report.failed]
    if failed:
        console.print(
            f"[bold red]no verdict:[/] the grader failed for "
            f"{escape(first_names(failed))}; the old points stay",
            soft_wrap=True,
        )
    if not report.left:
        return
    console.print(
        f"[yellow]left to[/] `{escape(f'autograder grade {quote(assignment)}')}`:", soft_wrap=True
    )
    for student, reason in list(report.left.items())[:_MOST_LEFT]:
        console.print(
            f"  {escape(shortened(shown(student, people), 60))} {escape(reason)}", soft_wrap=True
        )
    if len(report.left) > _MOST_LEFT:
        console.print(f"  and {_counted(len(report.left) - _MOST_LEFT, 'more student')}")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
