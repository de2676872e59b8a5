"""The end of ``autograder grade``: the class in one screen, or chosen students in detail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.cli.display.details import details, no_verdicts
from autograder.cli.display.files import files
from autograder.cli.display.footer import footer
from autograder.cli.display.lines import columns
from autograder.cli.display.student import student
from autograder.cli.display.summary import summary
from autograder.course.layout import Course
from autograder.people.person import Person, shown
from autograder.results import NotebookResult

if TYPE_CHECKING:  # loads torch, which `autograder --help` does not need
    from autograder.runs.plan import FilesReport


@dataclass(frozen=True)
class Shown:
    """A finished run and the wishes of its user.

    ``students`` are the students that the user named; ``with_details`` asks for the long table.
    """

    results: Sequence[NotebookResult]
    files: Sequence[FilesReport]
    seconds: float
    students: tuple[str, ...] = ()
    with_details: bool = False


def graded(console: Console, course: Course, run: Shown) -> None:
    """The named students, each exercise by exercise; without names, a summary of the class.

    The points of persons in the gradebook count. Raises GradebookError if it cannot be read.
    """
    from autograder.people.roster import people_of
    from autograder.records.by_hand import counted, entries

    people = people_of(course)
    entered = entries(course, run.results[0].assignment)
    results = counted(run.results, entered)
    if run.with_details:
        details(console, results, people)
    if not run.students:
        if run.with_details:
            _files(console, run, people)
        by_hand = {
            (*where, cell)
            for where, cells in entered.items()
            for cell, entry in cells.items()
            if entry.replaces
        }
        summary(console, course, results, run.files, run.seconds, by_hand, people)
        return
    for name in dict.fromkeys(result.student for result in results):
        own = [result for result in results if result.student == name]
        by_notebook = {one.notebook: entered.get((name, one.notebook), {}) for one in own}
        student(console, own, by_notebook, shown(name, people))
        if not run.with_details:
            no_verdicts(console, own, people)
        console.print()
    _files(console, run, people)
    for line in footer(course, results, columns(console)):
        console.print(line)


def _files(console: Console, run: Shown, people: Mapping[str, Person]) -> None:
    for report in run.files:
        files(console, report, people)
