"""Everything in an assignment that needs a person, the most urgent first."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from autograder.records.class_summary import course_mistakes, failures
from autograder.report.class_data import ClassData, State, StudentWork
from autograder.report.document import Need
from autograder.report.numbers.judging import counting
from autograder.results import NotebookResult, Outcome


def needs(found: ClassData) -> tuple[Need, ...]:
    """All needs that are there."""
    students = counting(found)
    grade = f"autograder grade {shlex.quote(found.assignment)}"
    parts = (
        *_not_current(found, students, grade),
        *_course(found, students),
        *_failed(students, grade),
        *_late(students, found.assignment),
        *_by_hand(students, found.assignment),
        *_unreadable(students),
        *_unused(students),
        *_folders(found),
        *_nothing(found),
    )
    return tuple(one for one in parts if one.count)


def _not_current(found: ClassData, students: Sequence[StudentWork], grade: str) -> list[Need]:
    """Notebooks whose numbers are old, or that have none."""
    advice = {
        State.NEVER: ("never graded", "They are in no number of this page."),
        State.FILES_CHANGED: (
            "changed since the last grading", "The numbers of this page are those of the old files."
        ),
        State.COURSE_CHANGED: (
            "graded before something else changed",
            "The course, the grader, or files beside it changed. The numbers are those of then.",
        ),
    }  # fmt: skip
    made = []
    for state, (words, sentence) in advice.items():
        own = [
            (one, name)
            for one in students
            for name in found.notebooks
            if one.states.get(name) is state
        ]
        title = f"{_count(len(own), 'notebook')} {words}"
        made.append(_need(str(state), title, sentence, grade, [one for one, _ in own], len(own)))
    return made


def _course(found: ClassData, students: Sequence[StudentWork]) -> list[Need]:
    told = course_mistakes(_results(students))
    names = {student for one in told for student in one.students}
    details = [f"{one.path}, cell {one.grade_id}: {one.said}" for one in told]
    release = f"autograder release {shlex.quote(found.assignment)}"
    own = [one for one in students if one.id in names]
    title = f"{_count(len(told), 'mistake')} of the course"
    return [
        _need(
            "course", title, "Mend it, release, and grade again.", release, own, len(told), details
        )
    ]


def _failed(students: Sequence[StudentWork], grade: str) -> list[Need]:
    told = failures(_results(students))
    names = {one.student for one in told}
    own = [one for one in students if one.id in names]
    shown = {one.id: one.shown for one in own}
    details = [f"{shown[one.student]}, {one.notebook}: {_last_line(one.log)}" for one in told]
    title = f"{_count(len(told), 'notebook')} without a verdict, because the grader failed"
    return [_need("grader_error", title, "Nothing was lost.", grade, own, len(told), details)]


def _late(students: Sequence[StudentWork], assignment: str) -> list[Need]:
    own = [one for one in students if one.late.doubt]
    details = [f"{one.shown}: {one.late.doubt}" for one in own]
    title = f"{_count(len(own), 'student')} late without a decision"
    advice = (
        "It is not known when this was handed in. It uses no late days and loses no points, until "
        "you write the time into timestamp.txt, or give an extension or an excuse."
    )
    command = f"autograder late {shlex.quote(assignment)}"
    return [_need("late", title, advice, command, own, len(own), details)]


def _by_hand(students: Sequence[StudentWork], assignment: str) -> list[Need]:
    waiting = [
        (one, f"{result.notebook}: {test.exercise}")
        for one in students
        for result in one.results.values()
        for test in result.tests
        if test.outcome is Outcome.NEEDS_MANUAL_GRADE
    ]
    places: dict[str, int] = {}
    for _, place in waiting:
        places[place] = places.get(place, 0) + 1
    details = [f"{place}: {_count(count, 'answer')}" for place, count in places.items()]
    title = f"{_count(len(waiting), 'answer')} to grade by hand"
    advice = "They have no points yet, and count as zero in the totals of this page."
    own = [one for one, _ in waiting]
    command = f"autograder questions {shlex.quote(assignment)}"
    return [_need("manual", title, advice, command, own, len(waiting), details)]


def _unreadable(students: Sequence[StudentWork]) -> list[Need]:
    own = [
        (one, result)
        for one in students
        for result in one.results.values()
        if result.outcome is Outcome.UNREADABLE
    ]
    details = [
        f"{one.shown}, {result.notebook}: {' '.join(result.notes[:1]) or 'no reason known'}"
        for one, result in own
    ]
    title = f"{_count(len(own), 'file')} that cannot be read"
    people = [one for one, _ in own]
    return [
        _need("unreadable", title, "Ask for the notebook again.", "", people, len(own), details)
    ]


def _unused(students: Sequence[StudentWork]) -> list[Need]:
    own = [one for one in students if one.unused]
    details = [f"{one.shown}: {note}" for one in own for note in one.unused]
    title = f"{_count(len(details), 'file')} not used"
    return [
        _need("unused", title, "Perhaps it was meant to count.", "", own, len(details), details)
    ]


def _folders(found: ClassData) -> list[Need]:
    title = f"{_count(len(found.odd_folders), 'folder')} with nearly the right name"
    advice = "Rename it, then grade."
    return [_need("folders", title, advice, "", [], len(found.odd_folders), found.odd_folders)]


def _nothing(found: ClassData) -> list[Need]:
    own = [
        one
        for one in found.students
        if not (one.has_files or one.is_excused or one.is_gone)
    ]  # fmt: skip
    title = f"{_count(len(own), 'student')} handed in nothing"
    return [_need("nothing", title, "", "", own, len(own))]


def _need(
    kind: str,
    title: str,
    advice: str,
    command: str,
    students: Iterable[StudentWork],
    count: int,
    details: Sequence[str] = (),
) -> Need:
    ids = tuple(dict.fromkeys(one.id for one in students))
    return Need(kind, title, advice, command, ids, tuple(details), count)


def _results(students: Sequence[StudentWork]) -> list[NotebookResult]:
    return [result for one in students for result in one.results.values()]


def _last_line(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return lines[-1] if lines else "no log"


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"
