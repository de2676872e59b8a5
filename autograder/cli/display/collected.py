"""The result of ``collect``: counts first, then the hand-ins that a person should look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.cli.display.text import escape, near, one_line, shortened
from autograder.course.layout import Course

if TYPE_CHECKING:  # loads nbformat, which `autograder --help` does not need
    from autograder.collect.report import Report, Row
    from autograder.people.person import Person

MOST = 30  # lines of one kind
_WIDTH = 60  # characters of a name from a download


def collected(
    console: Console, course: Course, report: Report, people: Mapping[str, Person]
) -> None:
    """The counts of a run, and the lines for a person."""
    _Display(console, course, report, people).show()


class _Display:
    def __init__(
        self, console: Console, course: Course, report: Report, people: Mapping[str, Person]
    ) -> None:
        self.console, self.course, self.report, self.people = console, course, report, people

    def show(self) -> None:
        report = self.report
        for download in report.downloads:
            self._line(
                f"{_name(download.name)}: {_count(download.hand_ins, 'hand-in')}, "
                f"read as {download.layout}"
            )
        self._counts()
        self._late()
        self._doubts()
        self._lines(
            "look at these:",
            (
                *(f"{self._who(row.student)}: {note}" for row in report.rows for note in row.notes),
                *(f"{self._who(one)}: {text}" for one, text in report.later_modules.items()),
            ),
        )
        self._lines(
            "several hand-ins in this run:",
            (
                f"{self._who(student)}: {number} hand-ins; of each notebook the latest counts"
                for student, number in Counter(row.student for row in report.rows).items()
                if number > 1
            ),
        )
        self._lines("equal files of several students:", self._equal())
        self._lines(
            "taken into the store first, as these files in submitted/ came from elsewhere:",
            (f"{near(self.course.submitted)}/{one}/{report.assignment}" for one in report.taken_in),
        )
        self._unmatched()
        self._lines("left out:", (f"{_name(one.name)}: {one.reason}" for one in report.left))
        self._lines(
            "not collected:", (f"{self._who(one)}: {why}" for one, why in report.failed.items())
        )
        self._next()

    def _counts(self) -> None:
        report = self.report
        students = len({row.student for row in report.rows})
        news = Counter(row.news.value for row in report.rows)
        told = ", ".join(f"{number} {what}" for what, number in news.items())
        self._line(
            f"{report.assignment}: {_count(len(report.rows), 'hand-in')} of "
            f"{_count(students, 'student')}" + (f": {told}" if told else "")
        )

    def _late(self) -> None:
        late = [row for row in self.report.rows if row.late_by]
        late.sort(key=lambda row: row.late_by or timedelta(0), reverse=True)
        self._lines(
            f"late: {len(late)}",
            (
                f"{self._who(row.student)}: {_span(row.late_by or timedelta(0))} late"
                for row in late
            ),
        )

    def _doubts(self) -> None:
        """One line for each reason; a doubt often concerns the whole class."""
        doubts: dict[str, list[Row]] = {}
        for row in self.report.rows:
            if row.time.doubt:
                reason = row.time.doubt.replace(f"“{row.recorded}”", "a time")
                doubts.setdefault(reason, []).append(row)
        if not doubts:
            return
        self.console.print(
            "[yellow]time not certain[/] (neither late nor on time until it is known):"
        )
        for reason, rows in doubts.items():
            names = ", ".join(self._who(row.student) for row in rows[:3])
            more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
            margin = max(row.time.margin for row in rows)
            within = f" (within {margin / timedelta(hours=1):g} hours)" if margin else ""
            self._line(f"  {reason}{within}: {names}{more}")
        self._line(
            "  --time-zone names the zone, --file-times takes the files' own times, --map FILE.csv "
            "can hold times"
        )

    def _unmatched(self) -> None:
        ambiguous = [one for one in self.report.unmatched if one.is_ambiguous]
        strangers = [one for one in self.report.unmatched if not one.is_ambiguous]
        self._lines(
            "not clear whose:",
            (
                f"{_name(one.named)} in {_name(one.source)} {one.why}: "
                f"{' or '.join(map(self._who, one.candidates))}"
                for one in ambiguous
            ),
        )
        self._lines(
            "in no roster, kept out:",
            (
                f"{_name(one.named)} in {_name(one.source)}"
                + (
                    f" (similar: {', '.join(map(self._who, one.candidates))})"
                    if one.candidates
                    else ""
                )
                for one in strangers
            ),
        )
        if self.report.unmatched:
            self._line(
                "  write name,student into a CSV file and add --map FILE.csv"
                + (", or add --add-strangers" if strangers else "")
            )

    def _similar(self, people: Iterable[str]) -> str:
        names = ", ".join(map(self._who, people))
        return f" (similar: {names})" if names else ""

    def _equal(self) -> Iterable[str]:
        by_digest: dict[str, list[str]] = {}
        for row in self.report.rows:
            by_digest.setdefault(row.digest, []).append(row.student)
        for students in by_digest.values():
            if len(set(students)) > 1:
                yield " and ".join(map(self._who, sorted(set(students))[:4]))

    def _next(self) -> None:
        report = self.report
        changed = len(report.changed)
        if report.is_dry:
            self._line(
                f"dry run, nothing was written; {_count(changed, 'folder')} in "
                f"{near(self.course.submitted)} would change"
            )
        elif not report.has_changed:
            self._line("nothing changed")
        else:
            self._line(
                f"{_count(changed, 'folder')} in {near(self.course.submitted)} changed; next: "
                f"autograder grade {report.assignment}"
            )

    def _lines(self, title: str, lines: Iterable[str]) -> None:
        found = list(lines)
        if not found:
            return
        if title:
            self.console.print(f"[yellow]{escape(title)}[/]")
        for line in found[:MOST]:
            self._line(f"  {line}")
        if len(found) > MOST:
            self._line(f"  and {len(found) - MOST} more")

    def _line(self, text: str) -> None:
        self.console.print(escape(_indented_line(text)), soft_wrap=True)

    def _who(self, student: str) -> str:
        person = self.people.get(student)
        return _name(student if person is None else person.shown)


def _indented_line(text: str) -> str:
    """Text from outside in one line; its indent stays."""
    indent = len(text) - len(text.lstrip(" "))
    return " " * indent + one_line(text)


def _name(text: str) -> str:
    return shortened(text, _WIDTH)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _span(span: timedelta) -> str:
    if span <= timedelta(hours=48):
        return _count(max(1, ceil(span / timedelta(hours=1))), "hour")
    return _count(ceil(span / timedelta(days=1)), "day")
