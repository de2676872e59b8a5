"""Gathers a class's data from the course: known results, points by hand, people, and times."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from autograder.course.layout import Course
from autograder.course.misconceptions import load_bank
from autograder.course.source import NotebookBundle, load_assignment
from autograder.errors import UsageError
from autograder.files.student_folders import student_folders
from autograder.people.person import Person
from autograder.received.store import Store
from autograder.records.by_hand import Entries, counted, entries
from autograder.report.class_data import ClassData, State, StudentWork
from autograder.report.gradebook_rows import Rows, read_rows
from autograder.report.known import Known, known_results
from autograder.results import NotebookResult


def gather(course: Course, assignment: str) -> ClassData:
    """The data of a class. Nothing is graded, and nothing in the course is written.

    Raises UsageError if there is no submission, or no result of one; GradebookError if the
    gradebook cannot be read.
    """
    bundles = load_assignment(course, assignment)
    folders = student_folders(course, assignment)
    if not folders.students:
        raise UsageError(
            f"there is no submission of {assignment}: {course.submitted} holds no "
            f"STUDENT/{assignment} folder. `autograder collect {assignment} FILES` brings them in"
        )
    rows, entered = read_rows(course, assignment), entries(course, assignment)
    store = Store(course)
    students = [
        replace(_work(known, rows, entered), versions=store.count(assignment, known.student))
        for known in known_results(course, assignment, bundles, folders.students)
    ]
    states = {state for one in students for state in one.states.values()}
    if states <= {State.NEVER, State.MISSING}:
        raise UsageError(f"nothing of {assignment} was graded: run `autograder grade {assignment}`")
    absent = [
        _person(name, rows, has_files=False)
        for name, person in rows.people.items()
        if name not in set(folders.students) and person.gone_at is None
    ]
    return ClassData(
        assignment=assignment,
        notebooks=tuple(bundle.name for bundle in bundles),
        students=tuple(sorted([*students, *absent], key=lambda one: one.id)),
        made_at=datetime.now(UTC),
        exercises={bundle.name: _exercises(bundle) for bundle in bundles},
        max_points={bundle.name: sum(cell.points for cell in bundle.graded) for bundle in bundles},
        sentences={wrong.id: wrong.sentence for bundle in bundles for wrong in load_bank(bundle)},
        odd_folders=tuple(f"{one.path} {one.told}" for one in folders.odd),
        earlier=rows.earlier,
        late_days=rows.late_days,
        questions=frozenset(
            (bundle.name, cell.exercise) for bundle in bundles for cell in bundle.manual
        ),
    )


def _work(known: Known, rows: Rows, entered: Entries) -> StudentWork:
    name = known.student
    results: list[NotebookResult] = counted(known.results.values(), entered)
    return replace(
        _person(name, rows),
        results={one.notebook: one for one in results},
        states=known.states,
        unused=known.unused,
        handed_in=rows.handed_in(name),
        due_at=rows.times.due(name, rows.assignment),
        late=rows.late(name),
    )


def _person(name: str, rows: Rows, has_files: bool = True) -> StudentWork:
    person = rows.people.get(name, Person(name))
    return StudentWork(
        id=name,
        name=person.name if person.name != name else "",
        section=person.section,
        is_gone=person.gone_at is not None,
        is_excused=rows.times.is_excused(name, rows.assignment),
        has_files=has_files,
        earlier=rows.shares.get(name),
    )


def _exercises(bundle: NotebookBundle) -> tuple[str, ...]:
    """The graded exercises of a notebook, in their order."""
    graded = (cell.exercise for cell in bundle.graded if cell.points > 0)
    return tuple(dict.fromkeys(graded))
