"""One student's results: each exercise with points, outcome, diagnosis and its explanation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from autograder.cli.display.lines import cell, columns, wrapped
from autograder.cli.display.outcomes import colour, words
from autograder.cli.display.text import printable
from autograder.results import Evidence, NotebookResult, Outcome, TestResult

if TYPE_CHECKING:  # loads nbgrader, which `autograder --help` does not need
    from autograder.records.by_hand import Entry

_INDENT = 4
_EXERCISE, _POINTS = 30, 14  # columns
_SEEN = {
    Evidence.WHOLE: "in all cases",
    Evidence.PAIR: "in all cases, together with another mistake",
    Evidence.OUTPUT: "in one of several outputs",
    Evidence.GROUP: "in some groups of cases",
    Evidence.RELATION: "in a relation between the values and the expected ones",
    Evidence.EXCEPTION: "in an exception",
}


def student(
    console: Console,
    results: Sequence[NotebookResult],
    entered: Mapping[str, Mapping[str, Entry]],
    who: str = "",
) -> None:
    """One student's notebooks, whose ``results`` hold the points of persons.

    ``entered`` are the entries of persons by notebook, then by cell. ``who`` is the student as text
    shows one; default: the id.
    """
    width = columns(console)
    for one in [_headline(results, entered, who or results[0].student), *_times(results, width)]:
        console.print(one, soft_wrap=True)
    for result in results:
        console.print()
        for one in _notebook(result, entered.get(result.notebook, {}), width):
            console.print(one, soft_wrap=True)


def _headline(
    results: Sequence[NotebookResult], entered: Mapping[str, Mapping[str, Entry]], who: str
) -> Text:
    points = round(sum(one.points for one in results), 4)
    most = sum(one.max_points for one in results)
    tests = [test for one in results for test in one.tests]
    waiting = sum(test.outcome is Outcome.NEEDS_MANUAL_GRADE for test in tests)
    by_hand = sum(entry.replaces for cells in entered.values() for entry in cells.values())
    parts = [f"{points:g} / {most:g} points"]
    parts += [f"{by_hand} of {len(tests)} exercises graded by hand"] if by_hand else []
    parts += [f"{waiting} to grade by hand"] if waiting else []
    name = f"{who}, {results[0].assignment}: "
    return Text(printable(" ".join(f"{name}{', '.join(parts)}".split())), style="bold")


def _times(results: Iterable[NotebookResult], width: int) -> list[Text]:
    doubts = dict.fromkeys(one.time_doubt for one in results if one.time_doubt)
    return [one for doubt in doubts for one in wrapped(f"time not clear: {doubt}", width, 4)]


def _notebook(result: NotebookResult, entered: Mapping[str, Entry], width: int) -> list[Text]:
    head = Text(printable(" ".join(result.notebook.split())), style="bold")
    head.append(f"  {result.points:g} / {result.max_points:g}  ")
    head.append(words(result.outcome), style=colour(result.outcome))
    lines = [head]
    if result.outcome not in (Outcome.MISSING, Outcome.UNREADABLE) or entered:
        for test in result.tests:
            lines += _test(test, entered.get(test.grade_id), width)
    for note in result.notes:
        lines += wrapped(f"note: {note}", width, 8, 2)
    return lines


def _test(test: TestResult, entry: Entry | None, width: int) -> list[Text]:
    """A line with exercise, points and outcome; under a wrong answer, its explanation."""
    room = min(_EXERCISE, max(8, width // 3))
    points = f"{test.points:g} / {test.max_points:g}"
    head = Text(f"  {cell(test.exercise, room)} {points:<{_POINTS}}")
    head.append(words(test.outcome), style=colour(test.outcome))
    if entry is not None:
        head.append(" (by hand)" if entry.replaces else " (extra credit by hand)")
    lines = [head]
    if test.diagnosis:
        seen = f" ({_SEEN[test.evidence]})" if test.evidence else ""
        also = f"; also {', '.join(test.also)}" if test.also else ""
        lines += wrapped(f"{test.diagnosis}{seen}{also}", width, 4, _INDENT)
    if test.outcome not in (Outcome.PASSED, Outcome.NEEDS_MANUAL_GRADE, Outcome.GRADER_ERROR):
        for paragraph in test.message.splitlines():
            deeper = min(len(paragraph) - len(paragraph.lstrip()), width // 4)
            lines += wrapped(paragraph, width, 12, _INDENT + deeper)
    return lines
