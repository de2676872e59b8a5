"""The report as one HTML page that loads nothing. Every text from outside is escaped.

The tables hold all numbers, so the page works without a script. The script draws the charts, sorts
and filters.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from functools import cache
from math import floor
from pathlib import Path
from statistics import median
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.palette import custom_properties
from autograder.report.document import Report
from autograder.report.numbers.exercises import MIN_STUDENTS
from autograder.report.numbers.points import BINS

_HERE = Path(__file__).parent
_SCRIPTS = ("static/d3-7.9.0.min.js", "static/plot-0.6.17.min.js", "templates/report.js")
MOST_DETAILS = 200  # sentences about one kind of need
MOST_OPEN = 12  # mistakes; the others appear with a button
_CLOSED = ("nothing",)  # needs that are no work
_NAMES_IN_DETAILS = ("late", "unreadable", "unused", "grader_error")
_DAYS = 7  # days around the due time with a row of their own


def page(report: Report) -> str:
    """The page as HTML."""
    people = {one.id: one.name and f"{one.name} ({one.id})" for one in report.students}
    scripts = [_file(name) for name in _SCRIPTS]
    hours = report.hand_ins.hours if report.hand_ins else ()
    return _environment().get_template("report.html.j2").render(
        report=report,
        shown=_Shown(people),
        made=report.made_at.replace("T", " ").replace("+00:00", " UTC"),
        policy=_policy(scripts),
        style=Markup(f"{custom_properties()}\n{_file('templates/report.css')}"),
        scripts=[Markup(script) for script in scripts],
        data=Markup(in_script(_chart_data(report))),
        parts=_parts(report),
        named=sum(len(one.students) for one in report.mistakes),
        unnamed=sum(one.not_named for one in report.exercises),
        open_needs=sum(one.kind not in _CLOSED for one in report.needs),
        all_points=(report.total, *report.notebooks),
        bins=[f"{100 * n // BINS}–{100 * (n + 1) // BINS} %" for n in range(BINS)],
        min_students=MIN_STUDENTS,
        most_details=MOST_DETAILS,
        most_open=MOST_OPEN,
        names_in_details=_NAMES_IN_DETAILS,
        middle_hours=median(hours) if hours else 0.0,
        last_day=sum(-24.0 <= hour <= 0.0 for hour in hours),
        by_day=_by_day(hours),
        section_names=sorted({one.section for one in report.students}),
        state_names=sorted({one.state for one in report.students}),
        has_late=any(one.days_late or one.points_off for one in report.students),
        has_versions=any(one.versions for one in report.students),
    )  # fmt: skip


class _Shown(dict[str, str]):
    """People as ``Ada Lovelace (ada)`` by id; an empty text for a person without a name."""

    def __missing__(self, key: str) -> str:
        return ""


def in_script(data: object) -> str:
    """JSON for a script element: no text in it ends the element or opens a comment."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _policy(scripts: Sequence[str]) -> str:
    """The page's own scripts may run, and nothing else; nothing is loaded."""
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    allowed = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _file(name: str) -> str:
    """One of the page's own files; a browser hashes a script with plain line ends."""
    return (_HERE / name).read_text(encoding="utf-8").replace("\r\n", "\n")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= {
        "points": points, "percent": percent, "signed": signed, "many": many, "span": span,
        "breakable": breakable,
    }  # fmt: skip
    return environment


def points(value: float | None) -> str:
    """Points with at most two decimals; a dash if there are none."""
    return "–" if value is None else f"{round(value, 2):g}"


def percent(share: float | None) -> str:
    """A share in whole percent."""
    return "–" if share is None else f"{round(100 * share)} %"


def signed(value: float | None) -> str:
    """A correlation with two decimals."""
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


def many(count: int, noun: str) -> str:
    """A number with its noun."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def breakable(name: str) -> Markup:
    """A name that may go on in the next line after an underscore."""
    return Markup(str(escape(name)).replace("_", "_<wbr>"))


def span(hours: float) -> str:
    """Hours around the due time, in words: ``3 days before``."""
    size = abs(hours)
    number, unit = (round(size / 24), "day") if size >= 48 else (round(size), "hour")
    return f"{many(number, unit)} {'after' if hours > 0 else 'before'}"


def _by_day(hours: Sequence[float]) -> list[tuple[str, int]]:
    """Students by started days around the due time; the far ones share a row."""
    days = Counter(max(-_DAYS - 1, min(_DAYS, _day(hour))) for hour in hours)
    return [(_day_name(day), days[day]) for day in sorted(days)]


def _day(hour: float) -> int:
    """The day that an hour is in: -1 is the last one before the due time, 0 the first after it."""
    return -1 if hour == 0 else floor(hour / 24)


def _day_name(day: int) -> str:
    if day < -_DAYS:
        return f"more than {_DAYS} days before"
    if day >= _DAYS:
        return f"more than {_DAYS} days after"
    return f"day {-day} before" if day < 0 else f"day {day + 1} after"


def _parts(report: Report) -> list[tuple[str, str]]:
    """The parts of the page, with their anchors."""
    has_times = report.hand_ins is not None or report.late.has_due_date
    parts = [
        ("needs", "Needs a person", True),
        ("points", "Points", True),
        ("sections", "Sections", bool(report.sections)),
        ("exercises", "Exercises", True),
        ("mistakes", "Mistakes", True),
        ("cases", "Cases", True),
        ("times", "Time", has_times),
        ("progress", "Progress", report.progress is not None),
        ("similar", "Alike", report.similar is not None),
        ("students", "Students", True),
    ]
    return [(anchor, title) for anchor, title, is_there in parts if is_there]


def _chart_data(report: Report) -> dict[str, Any]:
    """The numbers that the charts are drawn from, short enough for a large class."""
    return {
        "total": report.total.max_points,
        "earlier": report.progress.earlier if report.progress else "",
        "notebooks": [[one.name, one.max_points] for one in report.notebooks],
        "students": [
            [
                one.id if not one.name else f"{one.name} ({one.id})",
                one.section,
                _short(one.total),
                [_short(value) for value in one.points],
                _short(one.share),
                _short(one.earlier_share),
                one.hours_after_due,
            ]
            for one in report.students
        ],
        "exercises": [
            [
                one.exercise, one.notebook, _short(one.share), _short(one.discrimination),
                one.full, one.partly, one.nothing, one.unwritten, one.waiting, one.no_verdict,
            ]
            for one in report.exercises
        ],
        "groups": [
            [one.group, one.exercise, one.notebook, one.failing, one.judged]
            for one in report.groups
        ],
        "hours": report.hand_ins.hours if report.hand_ins else [],
        "versions": report.hand_ins.by_versions if report.hand_ins else [],
    }  # fmt: skip


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
