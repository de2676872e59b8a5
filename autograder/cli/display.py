"""The output of the command line: progress, tables, summaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markup import escape as escape_markup
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from autograder.config.settings import Settings
from autograder.course.layout import Course
from autograder.results import NotebookResult, Outcome

if TYPE_CHECKING:  # these load torch or nbgrader, which `autograder --help` does not need
    from autograder.pages.feedback import Feedback
    from autograder.pairing.pair import Step
    from autograder.records.changes import Change
    from autograder.release.release import ReleaseReport
    from autograder.runs.doctor import Report
    from autograder.runs.plan import FilesReport
    from autograder.runs.simulate import SimulatedStudent
    from autograder.runs.verify import Verification

WIDE = 110  # columns of a terminal that has room for the outcome in its own column

_COLOURS = {
    Outcome.PASSED: "green",
    Outcome.NEEDS_MANUAL_GRADE: "cyan",
    Outcome.PARTIAL: "yellow",
    Outcome.GRADER_ERROR: "bold white on red",
}


def escape(text: str) -> str:
    """Text from outside without markup and without control characters of terminals."""
    return escape_markup("".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text))


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
                f"[yellow]time not clear[/] for {escape(_first(students))}: {escape(doubt)}"
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
            f"[bold red]no verdict[/] for {escape(_first(students))}: a mistake of the course, in "
            f"source/{escape(notebook)}.py, cell {escape(grade_id)}: {escape(mistake)}. Mend it, "
            f"then run `autograder release {escape(notebook.partition('/')[0])}`"
        )


def shortened(name: str, most: int) -> str:
    """A name in one line; if it is longer than so many columns, its middle is left out."""
    name = one_line(name)
    if cell_len(name) <= most:
        return name
    ends = max(1, (most - 1) // 2)
    head, tail = set_cell_size(name, most - 1 - ends).rstrip(), name[-ends:]
    while cell_len(tail) > ends:
        tail = tail[1:]
    return f"{head}…{tail}"


def short_names(names: Iterable[str], most: int) -> dict[str, str]:
    """Names shortened to so many columns; names that would become equal stay whole."""
    short = {name: shortened(name, most) for name in names}
    alike = Counter(short.values())
    return {name: text if alike[text] == 1 else one_line(name) for name, text in short.items()}


def one_line(text: str) -> str:
    """Text from outside in one line, without line breaks."""
    return " ".join(text.split())


@contextmanager
def progress(console: Console, what: str) -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar; call the yielded function with the done, all and current notebooks.

    It redraws only on such a call, because a redrawing thread would not survive the fork of
    workers.
    """
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[now]}"),
        console=console,
        auto_refresh=False,
        transient=True,
    )
    with bar:
        task = bar.add_task(escape(shortened(what, 30)), total=None, now="starting")
        room = max(12, console.width - 75)  # columns beside the bar

        def advance(done: int, total: int, now: str = "") -> None:
            bar.update(task, completed=done, total=total, now=escape(shortened(now, room)))
            bar.refresh()

        yield advance


def near(path: Path) -> str:
    """A path as one would type it in the current folder."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def released(console: Console, report: ReleaseReport, planned: bool = False) -> None:
    """The files of a release, or of a planned one."""
    edits(console, report.taken, planned)
    count = len(report.notebooks)
    console.print(
        f"{'would release' if planned else 'released'} [bold]{escape(report.assignment)}[/]: "
        f"{count} notebook{'s' * (count != 1)}, {report.max_points:g} points"
    )
    wrote, removed = ("would write", "would remove") if planned else ("wrote", "removed")
    for path in report.changed:
        console.print(f"  {wrote} {escape(str(path))}")
    for path in report.removed:
        console.print(f"  {removed} {escape(str(path))}")
    if not report.changed and not report.removed:
        console.print("  everything was fresh")


def edits(console: Console, steps: Iterable[Step], planned: bool = False) -> None:
    """The edited notebooks whose lessons follow them, before another command works."""
    for step in steps:
        edited(console, step, planned)


def not_taken(console: Console, names: Iterable[str]) -> None:
    """The edited notebooks whose edits do not count yet."""
    for name in names:
        console.print(
            f"[yellow]note:[/] {escape(name)}.ipynb was edited, and grading goes by the lesson; "
            f"`autograder edit --once {escape(name)}` takes the edits",
            soft_wrap=True,
        )


def edited(console: Console, step: Step, planned: bool = False) -> None:
    """An edited notebook whose lesson follows it, or a lesson whose notebook follows it."""
    name, verb = escape(step.name), "would take" if planned else "took"
    if planned or step.taken == "notebook":
        console.print(f"{verb} the edits in {name}.ipynb into the lesson", soft_wrap=True)
    elif step.taken == "lesson":
        console.print(f"wrote {name}.ipynb from the lesson", soft_wrap=True)
    for file in step.files if step.taken == "notebook" else ():
        console.print(f"  wrote {escape(file)}", soft_wrap=True)
    for note in step.notes:
        console.print(f"  note: {escape(note)}", soft_wrap=True)


def simulated(console: Console, course: Course, students: list[SimulatedStudent]) -> None:
    """The students of a made-up class."""
    table = Table(
        title=f"{len(students)} students in {near(course.submitted)}", title_justify="left"
    )
    table.add_column("student", no_wrap=True)
    table.add_column("answers")
    for student in students:
        table.add_row(escape(shortened(student.name, 30)), escape(student.story))
    console.print(table)


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


def files(console: Console, report: FilesReport) -> None:
    """Unused files, and folders with nearly the right name."""
    from autograder.files.unused_files import MAX_TOLD

    lines = [
        f"{student}: {file.note}" for student, unused in report.unused.items() for file in unused
    ]
    if lines:
        students = len(report.unused)
        console.print(
            f"[yellow]files that were not used[/] of {students} student{'s' * (students != 1)}:"
        )
    for line in lines[:MAX_TOLD]:
        console.print(f"  {escape(line)}", soft_wrap=True)
    if len(lines) > MAX_TOLD:
        console.print(f"  and {len(lines) - MAX_TOLD} more; each student's notes name them")
    for one in report.odd[:MAX_TOLD]:
        console.print(
            f"[yellow]not graded:[/] {escape(f'{one.path} {one.told}')}",
            soft_wrap=True,
        )
    if len(report.odd) > MAX_TOLD:
        console.print(f"  and {len(report.odd) - MAX_TOLD} more folders")


def pages(console: Console, course: Course, written: Feedback) -> None:
    """The number of feedback pages, a start page, and the pages that are missing or incomplete."""
    count = len(written.pages)
    console.print(f"{count} page{'s' * (count != 1)} in {escape(near(course.feedback))}")
    if written.starts:
        others = len(written.starts) - 1
        more = f" and {others} more" if others else ""
        console.print(f"start page: {escape(near(written.starts[0]))}{more}", soft_wrap=True)
    for trouble in written.troubles:
        console.print(f"[bold red]not whole:[/] {escape(one_line(trouble))}", soft_wrap=True)


def changes(console: Console, found: list[Change]) -> None:
    """The differences in points, before they are written."""
    if not found:
        console.print("graded again: no points changed")
        return
    table = Table(title="points that change", title_justify="left")
    for name in ("student", "notebook"):
        table.add_column(name, no_wrap=True)
    for name in ("before", "now", "difference"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in found:
        before, after = (
            "none" if points is None else f"{points:g}" for points in (one.before, one.after)
        )
        known = one.before is not None and one.after is not None
        table.add_row(
            escape(shortened(one.student, console.width // 3)),
            escape(shortened(one.notebook, console.width // 4)), before, after,
            f"{(one.after or 0.0) - (one.before or 0.0):+g}" if known else "",
        )  # fmt: skip
    console.print(table)


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
    told += [f"{kind}: {_first(exercises)}" for kind, exercises in failed.items()]
    return "\n".join((*(told or result.notes), *time))


def _first(names: list[str], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(shortened(name, 40) for name in names[:most]) + more


def verified(console: Console, found: list[Verification], seconds: float) -> None:
    """The problems of an assignment's tests, if any."""
    for one in found:
        mark = "[green]ok[/]" if one.passed else "[red]not ok[/]"
        console.print(
            f"{mark} [bold]{escape(one.notebook)}[/]: {one.exercises} exercises, "
            f"{one.misconceptions} misconceptions, {one.named} named ({one.named_share:.0%})"
            f"{_answers(one)}"
        )
        for line in one.ambiguous:
            console.print(f"  ambiguous: {escape(line)}")
        for line in one.unnamed:
            console.print(f"  not named: {escape(line)}")
        for line in one.problems:
            console.print(f"  [red]problem:[/] {escape(line)}")
    console.print(f"{seconds:.1f} s")


def _answers(one: Verification) -> str:
    """The numbers of right and wrong answers beside the exercises, if there are any."""
    return f", {one.right} right and {one.wrong} wrong answers" if one.right or one.wrong else ""


def examined(console: Console, course: Course, report: Report) -> None:
    """The findings of the doctor, and the course's settings."""
    for line in report.lines:
        lack = "[red]missing[/]" if line.needed else "[yellow]without[/]"
        mark = "[green]ok[/]     " if line.ok else lack
        console.print(f"{mark} {escape(line.what)}", soft_wrap=True)
    table = Table("setting", "value", "meaning", title="settings (c.Autograder)")
    for name, default, explanation in Settings.table():
        value = getattr(course.settings, name)
        changed = "" if value == default else f" (default: {_short(default) or 'none'})"
        table.add_row(name, escape(_short(value) + changed), explanation)
    console.print(table)


def _short(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    first, *more = str(value).strip().splitlines() or [""]
    return f"{first} ..." if more else first
