"""Students and assignments that a command names, checked against the course."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from nbgrader.api import Assignment
from sqlalchemy import select

from autograder.course.layout import Course
from autograder.errors import UsageError
from autograder.files.student_folders import folders_in
from autograder.nbgrader_api.database import explained, read_only
from autograder.people.person import Person, shown
from autograder.people.roster import people_of

_MOST_NEAR = 3


def check_assignment(course: Course, assignment: str) -> None:
    """Check that the course or its gradebook has an assignment. Raises UsageError."""
    known = set(course.assignment_names())
    if assignment in known:
        return
    with explained(course.gradebook), read_only(course.gradebook) as session:
        known |= set(session.scalars(select(Assignment.name)))
    if assignment not in known:
        near = get_close_matches(assignment, sorted(known), n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}"
        raise UsageError(f"no assignment named {assignment!r}; {hint}")


def check_students(course: Course, students: Iterable[str]) -> Mapping[str, Person]:
    """The people of the course by id, if all of these students are among them.

    A student is known by the roster, by the gradebook, or by a folder in ``submitted/``. Raises
    UsageError that names near students.
    """
    people = people_of(course)
    known = {*people, *folders_in(course.submitted)}
    unknown = [student for student in dict.fromkeys(students) if student not in known]
    if unknown:
        told = "; ".join(f"{one!r}{_near(one, known, people)}" for one in unknown)
        advice = "" if known else ". Import the roster first: autograder roster import FILE"
        raise UsageError(f"not on the roster and not in the gradebook: {told}{advice}")
    return people


def _near(student: str, known: Iterable[str], people: Mapping[str, Person]) -> str:
    """The students with a similar id, name or address, as a question."""
    texts: dict[str, str] = {}
    for one in sorted(known):
        person = people.get(one, Person(one))
        for text in (one, person.name, person.email, person.last_name, *person.other_ids.values()):
            if text:
                texts.setdefault(text.casefold(), one)
    found = get_close_matches(student.casefold(), texts, n=_MOST_NEAR)
    names = dict.fromkeys(shown(texts[text], people) for text in found)
    return f" (did you mean {' or '.join(names)}?)" if names else ""
