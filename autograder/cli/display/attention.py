"""The part of a summary that asks for a person: failures, manual grades, files, times."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from autograder.cli.display.lines import command_lines, line, wrapped
from autograder.cli.display.text import one_line, shortened
from autograder.people.person import NOBODY, Person, shown
from autograder.records.class_summary import ClassSummary, CourseMistake, Failure

if TYPE_CHECKING:  # loads torch, which `autograder --help` does not need
    from autograder.runs.plan import FilesReport

_LABEL = 12  # columns
_NAMES = 3  # names in a line
_NAME = 18  # columns of an id
_WHO = 30  # columns of a name with its id; for a longer one, the id stands alone
_LISTED = 44  # columns of all names in a line; ids alone are cut at the end of the line
_PATH = 30  # columns of a path


def attention(
    found: ClassSummary,
    reports: Iterable[FilesReport],
    width: int,
    people: Mapping[str, Person] = NOBODY,
) -> list[Text]:
    """At most 13 lines for a person to act on, the most urgent first.

    Each line begins with a count, so that a cut line loses only names and reasons.
    """
    name = shlex.quote(found.assignment)
    lines = [*_course_mistakes(found.course_mistakes, name, width)]
    lines += _failures(found.failures, name, width, people)
    if found.waiting:
        students = _count(len(set(found.waiting)), "student")
        text = f"{_count(len(found.waiting), 'answer')} of {students} to grade in formgrader"
        lines.append(_labelled("by hand", "cyan", text, width))
    if found.unreadable:
        text = f"files of {_students(found.unreadable, people)}"
        lines.append(_labelled("unreadable", "red", text, width))
    if found.unclear_times:
        text = f"of hand-in not clear for {_students(found.unclear_times, people)}"
        lines.append(_labelled("time", "yellow", text, width))
    if files := "; ".join(part for report in reports for part in _files(report, people)):
        lines.append(_labelled("not used", "yellow", files, width))
    if not lines:
        return [line("nothing needs a person", width)]
    return [line("needs a person", width, "bold"), *lines]


def _course_mistakes(found: Sequence[CourseMistake], name: str, width: int) -> list[Text]:
    """The first mistake of the course with its file and cell; the others are counted."""
    if not found:
        return []
    students = _count(len({student for one in found for student in one.students}), "student")
    mistakes = "a mistake" if len(found) == 1 else f"{len(found):,} mistakes"
    text = f"no verdict for {students}, because of {mistakes} of the course"
    first = f"{'' if len(found) == 1 else 'first '}in {found[0].path}, cell {found[0].grade_id}"
    return [
        _labelled("course", "bold red", text, width),
        *wrapped(f"{first}: {found[0].said}", width, 2, _indent(width)),
        *_command(f"mend it, then: autograder release {name}", "", width),
    ]


def _failures(
    found: Sequence[Failure], name: str, width: int, people: Mapping[str, Person]
) -> list[Text]:
    """The notebooks that the grader failed on, with the command that grades them again."""
    if not found:
        return []
    students = list(dict.fromkeys(one.student for one in found))
    text = f"for {_count(len(found), 'notebook')} of {_students(students, people)}"
    said = [text.strip() for text in found[0].log.splitlines() if text.strip()]
    return [
        _labelled("no verdict", "bold red", text, width),
        *_command(f"grade again: autograder grade {name}", f" ({said[-1]})" if said else "", width),
    ]


def _files(report: FilesReport, people: Mapping[str, Person]) -> list[str]:
    parts = []
    if report.unused:
        count = sum(map(len, report.unused.values()))
        parts.append(f"{_count(count, 'file')} of {_students(list(report.unused), people)}")
    if report.odd:
        path = shortened(report.odd[0].path, _PATH)
        parts.append(f"{_count(len(report.odd), 'folder')}, such as {path}")
    return parts


def _command(text: str, more: str, width: int) -> list[Text]:
    """A line with a command, and ``more`` as far as it fits; a long command has several lines."""
    indent = _indent(width)
    fits = cell_len(text) <= width - indent
    return wrapped(
        text + more if fits else text, width, 1 if fits else command_lines(width), indent
    )


def _labelled(label: str, style: str, text: str, width: int) -> Text:
    indent = _indent(width)
    if not indent:
        return line(f"{label}: {text}", width)
    return Text(f"{label:<{indent}}", style) + line(text, width - indent)


def _indent(width: int) -> int:
    return _LABEL if width >= 3 * _LABEL else 0


def _students(names: Sequence[str], people: Mapping[str, Person]) -> str:
    """The number of students, and the first of them with their names."""
    listed: list[str] = []
    for name in names[:_NAMES]:
        text = one_line(shown(name, people))
        text = text if cell_len(text) <= _WHO else shortened(name, _NAME)
        is_long = cell_len(", ".join([*listed, text])) > _LISTED
        if listed and is_long and any(one in people for one in names):
            break
        listed.append(text)
    more = ", …" if len(names) > len(listed) else ""
    return f"{_count(len(names), 'student')}: {', '.join(listed)}{more}"


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"
