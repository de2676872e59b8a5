"""The summary of a class: it fits a terminal of 24 lines and 80 columns for any class.

Failures and questions for a person come first when lines are short: they are always told, with a
command that shows all of them. Then notebooks and mistakes share the lines that are left.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from autograder.cli.display.attention import attention
from autograder.cli.display.footer import footer
from autograder.cli.display.late_line import late_line
from autograder.cli.display.lines import columns, command_lines, fitted, line, wrapped
from autograder.cli.display.outcomes import colour, words
from autograder.cli.display.points_table import points_table
from autograder.cli.display.text import shortened
from autograder.course.layout import Course
from autograder.errors import AutograderError
from autograder.people.person import NOBODY, Person
from autograder.records.class_summary import ClassSummary, Mistake, summarize
from autograder.results import NotebookResult

if TYPE_CHECKING:  # loads torch, which `autograder --help` does not need
    from autograder.runs.plan import FilesReport

LINES = 23  # with the prompt below them, they fill a terminal of 24 lines
_MOST_MISTAKES = 6
_ENOUGH = 10  # lines for notebooks and mistakes, with which there is room for empty lines
_ROWS = 6  # lines for notebooks that a class with more mistakes leaves
_NAME = 40  # columns of the name of an assignment in a heading


def summary(
    console: Console,
    course: Course,
    results: Sequence[NotebookResult],
    reports: Iterable[FilesReport],
    seconds: float,
    by_hand: Collection[tuple[str, str, str]] = (),
    people: Mapping[str, Person] = NOBODY,
) -> None:
    """The class in at most LINES lines; ``results`` hold the points of persons.

    ``by_hand`` are the answers that a person graded, see ``summarize``.
    """
    for one in summary_lines(console, course, results, reports, seconds, by_hand, people):
        console.print(one, overflow="ellipsis", no_wrap=True)


def summary_lines(
    console: Console,
    course: Course,
    results: Sequence[NotebookResult],
    reports: Iterable[FilesReport],
    seconds: float,
    by_hand: Collection[tuple[str, str, str]] = (),
    people: Mapping[str, Person] = NOBODY,
) -> list[Text]:
    """The lines of ``summary``."""
    width = columns(console)
    found = summarize(results[0].assignment, results, by_hand)
    head = [_headline(found, seconds, width), *_outcomes(found, width)]
    needs = attention(found, reports, width, people)
    name = shlex.quote(found.assignment)
    more = f"more: autograder grade --details {name} (all), --student ID (one student)"
    from autograder.records.ledger_changes import read_ledger

    late = late_line(read_ledger(course).values(), found.assignment, width)
    foot = [*late, *footer(course, results, width), *wrapped(more, width, command_lines(width))]
    room = LINES - len(head) - len(needs) - len(foot)
    gaps = 4  # empty lines between the sections, if the middle has enough lines without them
    middle = max(room - gaps, 0) if room - gaps >= _ENOUGH else max(room, 0)
    shown = found.mistakes[:_MOST_MISTAKES]
    rest = bool(found.unnamed or len(found.mistakes) > len(shown))
    wanted = len(shown) + 1 + rest if shown or rest else 0
    plain = console.options.ascii_only
    points_room = max(middle - wanted, min(_ROWS, middle - 3), middle // 2)
    points = points_table(found, points_room, width, plain)
    mistakes = _mistakes(course, found, shown, middle - len(points), width)
    sections = [part for part in (head, points, mistakes, needs, foot) if part]
    apart = sum(map(len, sections)) + len(sections) - 1 <= LINES
    lines: list[Text] = []
    for number, section in enumerate(sections):
        lines += [Text("")] if apart and number else []
        lines += section
    return lines


def _headline(found: ClassSummary, seconds: float, width: int) -> Text:
    students, notebooks = len(found.students), found.count
    took = f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.0f} minutes"
    text = (
        f"{shortened(found.assignment, _NAME)}: {students:,} student{'s' * (students != 1)}, "
        f"{notebooks:,} notebook{'s' * (notebooks != 1)} in {took}"
    )
    return line(text, width, "bold")


def _outcomes(found: ClassSummary, width: int) -> list[Text]:
    """The number of notebooks with each outcome, from best to worst."""
    lines: list[Text] = []
    for outcome, count in found.outcomes.items():
        piece = Text(f"{count:,} {words(outcome)}", style=colour(outcome))
        if lines and lines[-1].cell_len + 2 + piece.cell_len < width:
            lines[-1] = Text(", ").join((lines[-1], piece))
        else:
            lines.append(piece)
    return [fitted(one, width) for one in lines]


def _mistakes(
    course: Course, found: ClassSummary, shown: Sequence[Mistake], room: int, width: int
) -> list[Text]:
    """The most frequent mistakes with their number of students, in so many lines."""
    if room < 2 or not (shown or found.unnamed):
        return []
    kept = shown[: room - 1]
    if found.unnamed or len(found.mistakes) > len(kept):
        kept = shown[: max(0, room - 2)]
    others = len(found.mistakes) - len(kept)
    rest = [f"and {others:,} more named mistake{'s' * (others != 1)}"] if others else []
    if found.unnamed:
        several = "s" * (found.unnamed != 1)
        rest.append(f"no name for {found.unnamed:,} wrong or unwritten answer{several}")
    said = _sentences(course, found.assignment, kept)
    most = max([len(f"{one.students:,}") for one in kept], default=1)
    lines = [line("most frequent mistakes, with their number of students", width, "bold")]
    for one in kept:
        text = f"{one.students:>{most},}  {shortened(one.id, max(16, width // 2))}"
        sentence = said.get(one.id, "")
        lines.append(line(f"{text}: {sentence}" if sentence else text, width))
    return lines + ([line(f"{' ' * most}  {'; '.join(rest)}", width)] if rest else [])


def _sentences(course: Course, assignment: str, shown: Sequence[Mistake]) -> dict[str, str]:
    """The sentences of misconceptions, by their id; {} if the source cannot be read any more."""
    from autograder.course.misconceptions import load_bank
    from autograder.course.source import load_assignment

    if not shown:
        return {}
    wanted = {one.notebook for one in shown}
    try:
        bundles = [one for one in load_assignment(course, assignment) if one.name in wanted]
        return {wrong.id: wrong.sentence for bundle in bundles for wrong in load_bank(bundle)}
    except AutograderError:  # somebody edits the source during the run
        return {}
