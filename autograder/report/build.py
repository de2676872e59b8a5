"""From a class's data to the report's document. Nothing is read from the disk here."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from autograder.errors import UsageError
from autograder.report.class_data import ClassData, StudentWork
from autograder.report.document import Count, Report, Similar, Student
from autograder.report.numbers.exercises import exercises, groups
from autograder.report.numbers.hand_ins import hand_ins, hours_after_due, late_days
from autograder.report.numbers.judging import RIGHT_OR_OPEN, has_total, is_graded, total
from autograder.report.numbers.mistakes import mistakes
from autograder.report.numbers.needs import needs
from autograder.report.numbers.points import distributions, progress, sections, share_of
from autograder.results import Outcome


def build(found: ClassData, section: str = "", similar: Similar | None = None) -> Report:
    """The report of a class, or of one section.

    Raises UsageError for a section that nobody is in.
    """
    all_sections = sections(found)
    if section:
        found = only(found, section)
    whole, notebooks = distributions(found)
    students = found.students
    return Report(
        assignment=found.assignment,
        section=section,
        made_at=found.made_at.astimezone(UTC).isoformat(timespec="seconds"),
        count=Count(
            students=len(students),
            handed_in=sum(one.has_files for one in students),
            excused=sum(one.is_excused for one in students),
            graded=len(whole.values),
        ),
        total=whole,
        notebooks=notebooks,
        exercises=exercises(found),
        mistakes=mistakes(found),
        groups=groups(found),
        needs=needs(found),
        late=late_days(found),
        hand_ins=hand_ins(found),
        progress=progress(found),
        sections=all_sections,
        students=tuple(_student(found, one) for one in students),
        similar=similar,
    )


def only(found: ClassData, section: str) -> ClassData:
    """The same for one section. Raises UsageError for a section that nobody is in."""
    own = tuple(one for one in found.students if one.section == section)
    if not own:
        known = sorted({one.section for one in found.students if one.section})
        there = ", ".join(known) if known else "none: `autograder roster import` reads sections"
        raise UsageError(f"nobody is in section {section!r} (there: {there})")
    return replace(found, students=own)


def _student(found: ClassData, one: StudentWork) -> Student:
    tests = [test for result in one.results.values() for test in result.tests]
    counts = one.has_files and not one.is_excused and has_total(found, one)
    return Student(
        id=one.id,
        name=one.name,
        section=one.section,
        points=tuple(_points(one, name) for name in found.notebooks),
        total=total(one) if counts else None,
        share=share_of(found, one) if counts else None,
        earlier_share=one.earlier,
        points_off=round(one.late.points_off, 4),
        days_late=one.late.days,
        waiting=sum(test.outcome is Outcome.NEEDS_MANUAL_GRADE for test in tests),
        mistakes=sum(bool(test.diagnosis) and test.outcome not in RIGHT_OR_OPEN for test in tests),
        versions=one.versions,
        hours_after_due=hours_after_due(one) if one.has_files else None,
        state=_state(found, one),
    )


def _points(one: StudentWork, notebook: str) -> float | None:
    return one.results[notebook].points if is_graded(one, notebook) else None


def _state(found: ClassData, one: StudentWork) -> str:
    """The first thing to know about a student."""
    if one.is_excused:
        return "excused"
    if not one.has_files:
        return "left the course" if one.is_gone else "nothing handed in"
    if not has_total(found, one):
        return "no verdict"
    outcomes = {result.outcome for result in one.results.values()}
    if Outcome.UNREADABLE in outcomes:
        return "unreadable file"
    tests = [test.outcome for result in one.results.values() for test in result.tests]
    if Outcome.NEEDS_MANUAL_GRADE in tests:
        return "to grade by hand"
    if Outcome.MISSING in outcomes:
        return "notebook missing"
    return "graded"
