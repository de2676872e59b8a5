"""The roster in the gradebook: nbgrader's students, and a table of ours beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from nbgrader.api import Student
from sqlalchemy import bindparam, delete, inspect, select
from sqlalchemy.orm import Session

from autograder.course.layout import Course
from autograder.nbgrader_api.database import explained, read_only
from autograder.nbgrader_api.tables import PEOPLE, create_own_tables
from autograder.people.person import Person

_LMS = ("lms", "canvas", "moodle")  # kinds of ids that nbgrader's column lms_user_id holds


def people_of(course: Course) -> dict[str, Person]:
    """The people of a course by id, in the order of ids; {} without a gradebook.

    Raises GradebookError if the gradebook cannot be read.
    """
    with explained(course.gradebook), read_only(course.gradebook) as session:
        return read_people(session)


def read_people(session: Session) -> dict[str, Person]:
    """All students of a gradebook by id, in the order of ids, also students who are gone."""
    query = select(
        Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id
    )
    own = _own_rows(session)
    people = {}
    for student, first, last, email, lms_id in sorted(session.execute(query), key=lambda r: r[0]):
        section, others, gone_at = own.get(student, ("", {}, None))
        if lms_id and not others.keys() & set(_LMS):
            others = {**others, "lms": lms_id}  # set by another program
        people[student] = Person(
            student, first or "", last or "", email or "", section, others, gone_at
        )
    return people


def write_people(session: Session, people: Iterable[Person]) -> None:
    """Add these people to the gradebook, or bring their rows up to date; the caller commits."""
    written = {person.id: person for person in people}
    if not written:
        return
    create_own_tables(session.connection())
    rows = {row.id: row for row in session.query(Student)}
    for person in written.values():
        row = rows.get(person.id)
        if row is None:
            row = Student(id=person.id)
            session.add(row)
        # nbgrader's pages show a missing name as "None", and an empty one as nothing
        row.first_name = person.first_name if person.name else None
        row.last_name = person.last_name if person.name else None
        row.email = person.email or None
        known = [person.other_ids[kind] for kind in _LMS if person.other_ids.get(kind)]
        row.lms_user_id = known[0] if known else None
    session.flush()
    session.execute(
        delete(PEOPLE).where(PEOPLE.c.student_id == bindparam("student")),
        [{"student": student} for student in written],
    )
    session.execute(PEOPLE.insert(), [_own_row(person) for person in written.values()])


def _own_row(person: Person) -> dict[str, object]:
    gone_at = person.gone_at
    return {
        "student_id": person.id,
        "section": person.section,
        "other_ids": json.dumps(dict(person.other_ids), ensure_ascii=False, sort_keys=True),
        "gone_at": None if gone_at is None else gone_at.astimezone(UTC).replace(tzinfo=None),
    }


def _own_rows(session: Session) -> dict[str, tuple[str, dict[str, str], datetime | None]]:
    """The rows of our own table by student; {} if the gradebook has no such table yet."""
    if not inspect(session.connection()).has_table(PEOPLE.name):
        return {}
    return {
        row.student_id: (
            row.section,
            json.loads(row.other_ids),
            None if row.gone_at is None else row.gone_at.replace(tzinfo=UTC),
        )
        for row in session.execute(select(PEOPLE))
    }
