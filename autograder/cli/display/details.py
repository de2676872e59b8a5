"""The long table of a run: a row for each notebook, and the reasons for missing verdicts."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from autograder.cli.display.outcomes import colour
from autograder.cli.display.text import escape, first_names, short_names
from autograder.people.person import NOBODY, Person, shown
from autograder.records.class_summary import course_mistakes, failures
from autograder.results import NotebookResult, Outcome

WIDE = 110  # columns of a terminal that has room for the outcome in its own column


def details(
    console: Console, results: list[NotebookResult], people: Mapping[str, Person] = NOBODY
) -> None:
    """A row for each notebook, then unclear times, then the reasons for missing verdicts.

    The table is narrow, so it shows ids alone.
    """
    several = len({result.notebook for result in results}) > 1
    title = None if several else escape(results[0].notebook)
    table = Table(title=title, title_justify="left")
    is_wide = console.width >= WIDE
    most = max(12, console.width // 5)  # columns of a name; JSON and CSV have the whole name
    students = short_names([result.student for result in results], most)
    notebooks = short_names([result.notebook for result in results], most)
    table.add_column("student", overflow="fold", max_width=most)
    if several:
        table.add_column("notebook", overflow="fold", max_width=most)
    table.add_column("points", justify="right", no_wrap=True)
    if is_wide:
        table.add_column("outcome", no_wrap=True)
    table.add_column("findings", overflow="fold", ratio=1)
    for result in results:
        outcome = f"[{colour(result.outcome)}]{result.outcome.value}[/]"
        found = escape(_found(result))
        table.add_row(
            escape(students[result.student]),
            *([escape(notebooks[result.notebook])] if several else []),
            f"{result.points:g} / {result.max_points:g}",
            *([outcome, found] if is_wide else [f"{outcome}\n{found}".rstrip()]),
        )
    console.print(table)
    _unclear_times(console, results, people)
    no_verdicts(console, results, people)


def _found(result: NotebookResult) -> str:
    """The diagnoses; without any, the failures; without any, the notes."""
    time = ["time of handing in not clear"] if result.time_doubt else []
    if result.outcome in (Outcome.MISSING, Outcome.UNREADABLE):
        return "\n".join((*result.notes[:1], *time))
    told = [test.diagnosis for test in result.tests if test.diagnosis]
    failed: dict[str, list[str]] = {}
    for test in result.tests:
        if test.outcome.badness >= Outcome.PARTIAL.badness and not test.diagnosis:
            failed.setdefault(test.outcome.value, []).append(test.exercise)
    told += [f"{kind}: {first_names(exercises)}" for kind, exercises in failed.items()]
    return "\n".join((*(told or result.notes), *time))


def _unclear_times(
    console: Console, results: list[NotebookResult], people: Mapping[str, Person]
) -> None:
    """The students whose time of hand-in is not clear, with the reasons."""
    doubts: dict[str, list[str]] = {}
    for result in results:
        students = doubts.setdefault(result.time_doubt, [])
        if result.time_doubt and result.student not in students:
            students.append(result.student)
    for doubt, students in doubts.items():
        if students:
            names = escape(first_names([shown(student, people) for student in students]))
            console.print(f"[yellow]time not clear[/] for {names}: {escape(doubt)}")


def no_verdicts(
    console: Console, results: list[NotebookResult], people: Mapping[str, Person] = NOBODY
) -> None:
    """The reasons for missing verdicts: failures of the grader, then mistakes of the course."""
    names = {(result.student, result.notebook): result.assignment for result in results}
    for failure in failures(results):
        assignment = names[failure.student, failure.notebook]
        again = (
            f"autograder grade {shlex.quote(assignment)} --student {shlex.quote(failure.student)}"
        )
        console.print(
            f"[bold red]no verdict[/] for {escape(shown(failure.student, people))}, "
            f"{escape(failure.notebook)}: "
            f"grade again with `{escape(again)}`\n{escape(failure.log[-1500:])}"
        )
    for one in course_mistakes(results):
        release = f"autograder release {shlex.quote(results[0].assignment)}"
        whose = escape(first_names([shown(student, people) for student in one.students]))
        console.print(
            f"[bold red]no verdict[/] for {whose}: a mistake of the course, in "
            f"{escape(one.path)}, "
            f"cell {escape(one.grade_id)}: {escape(one.said)}. "
            f"Mend it, then run `{escape(release)}`"
        )
