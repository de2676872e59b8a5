"""The results of a run: a row for each notebook, and the reasons for missing verdicts."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table

from autograder.cli.display.text import escape, first_names, near, short_names
from autograder.course.layout import Course
from autograder.results import NotebookResult, Outcome

WIDE = 110  # columns of a terminal that has room for the outcome in its own column

_COLOURS = {
    Outcome.PASSED: "green",
    Outcome.NEEDS_MANUAL_GRADE: "cyan",
    Outcome.PARTIAL: "yellow",
    Outcome.GRADER_ERROR: "bold white on red",
}


def graded(console: Console, course: Course, results: list[NotebookResult], seconds: float) -> None:
    """A row for each notebook, then the class in one line."""
    from autograder.sandbox import bubblewrap

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
        colour = _COLOURS.get(result.outcome, "red")
        outcome = f"[{colour}]{result.outcome.value}[/]"
        found = escape(_found(result))
        table.add_row(
            escape(students[result.student]),
            *([escape(notebooks[result.notebook])] if several else []),
            f"{result.points:g} / {result.max_points:g}",
            *([outcome, found] if is_wide else [f"{outcome}\n{found}".rstrip()]),
        )
    console.print(table)
    counts = Counter(result.outcome.value for result in results)
    total = ", ".join(f"{count} {name}" for name, count in counts.most_common())
    console.print(f"{len(results)} notebooks in {seconds:.1f} s: {total}")
    _unclear_times(console, results)
    kinds = {result.sandbox for result in results if result.sandbox}
    for kind in sorted(kinds):
        console.print(f"sandbox: {escape(bubblewrap.describe(kind))}")
    _no_verdicts(console, results)
    console.print(f"gradebook: {escape(near(course.gradebook))}", soft_wrap=True)


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


def _unclear_times(console: Console, results: list[NotebookResult]) -> None:
    """The students whose time of hand-in is not clear, with the reasons."""
    doubts: dict[str, list[str]] = {}
    for result in results:
        students = doubts.setdefault(result.time_doubt, [])
        if result.time_doubt and result.student not in students:
            students.append(result.student)
    for doubt, students in doubts.items():
        if students:
            console.print(
                f"[yellow]time not clear[/] for {escape(first_names(students))}: {escape(doubt)}"
            )


def _no_verdicts(console: Console, results: list[NotebookResult]) -> None:
    """The reasons for missing verdicts: mistakes of the course, then failures of the grader."""
    failed = [result for result in results if result.outcome is Outcome.GRADER_ERROR]
    mistakes: dict[tuple[str, str, str], list[str]] = {}
    for result in failed:
        found = [test for test in result.tests if test.outcome is Outcome.GRADER_ERROR]
        for test in found:
            if test.mistake:
                where = f"{result.assignment}/{result.notebook}", test.grade_id, test.mistake
                mistakes.setdefault(where, []).append(result.student)
        ours = [test for test in found if not test.mistake]
        if ours or not found:
            log = next((test.log for test in ours if test.log), "no log")
            console.print(
                f"[bold red]no verdict[/] for {escape(result.student)}, {escape(result.notebook)}: "
                f"grade again with `autograder grade {escape(result.assignment)} --student "
                f"{escape(result.student)}`\n{escape(log[-1500:])}"
            )
    for (notebook, grade_id, mistake), students in mistakes.items():
        console.print(
            f"[bold red]no verdict[/] for {escape(first_names(students))}: a mistake of the "
            f"course, in source/{escape(notebook)}.py, cell {escape(grade_id)}: {escape(mistake)}. "
            f"Mend it, then run `autograder release {escape(notebook.partition('/')[0])}`"
        )
