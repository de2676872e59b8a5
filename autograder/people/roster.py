"""The roster in the gradebook: nbgrader's students, and a table of ours beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from nbgrader.api import Student
from sqlalchemy import delete, inspect, select
from sqlalchemy.orm import Session

from autograder.course.layout import Course
from autograder.nbgrader_api.database import explained, read_only
from autograder.nbgrader_api.tables import PEOPLE, create_own_tables
from autograder.people.person import Person

_LMS = ("canvas", "moodle")  # kinds of ids that nbgrader's column lms_user_id holds


def people_of(course: Course) -> dict[str, Person]:
    """The people of a course by id, in the order of ids; {} without a gradebook.

    Raises GradebookError if the gradebook cannot be read.
    """
    with explained(course.gradebook), read_only(course.gradebook) as session:
        return read_people(session)


def read_people(session: Session) -> dict[str, Person]:
    """All students of a gradebook by id, in the order of ids, also those who are gone."""
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
    create_own_tables(session.connection())
    for person in people:
        row = session.get(Student, person.id) or Student(id=person.id)
        row.first_name = person.first_name or None
        row.last_name = person.last_name or None
        row.email = person.email or None
        lms = ("lms", *_LMS)
        known = [person.other_ids[kind] for kind in lms if person.other_ids.get(kind)]
        row.lms_user_id = known[0] if known else None
        session.add(row)
        session.flush()
        gone_at = person.gone_at and person.gone_at.astimezone(UTC).replace(tzinfo=None)
        session.execute(delete(PEOPLE).where(PEOPLE.c.student_id == person.id))
        session.execute(
            PEOPLE.insert().values(
                student_id=person.id,
                section=person.section,
                other_ids=json.dumps(dict(person.other_ids), ensure_ascii=False, sort_keys=True),
                gone_at=gone_at,
            )
        )


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
