"""The grades of an assignment and of the course, read from the gradebook at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import func, or_, select
from traitlets.config import Config

from autograder.people.person import Person
from autograder.people.roster import read_people
from autograder.records.term.ledger import Term, read_terms


class Status(StrEnum):
    """The reason for a grade, or for no grade."""

    GRADED = "graded"
    EXCUSED = "excused"
    NO_HAND_IN = "no hand-in"
    NOT_DUE = "not due"


@dataclass(frozen=True)
class StudentGrade:
    """One student's grade in an assignment.

    ``notebooks`` are points by notebook before the late penalty. ``total`` is None if there is no
    grade: the student is excused, or has time left. ``handed_in_at`` is aware. ``late`` is None if
    the time does not tell. ``late_by`` is the time of the latest notebook after the due date.
    """

    person: Person
    status: Status
    notebooks: Mapping[str, float]
    total: float | None
    board: float = 0.0
    late_penalty: float = 0.0
    late_days: int = 0
    late: bool | None = False
    late_by: timedelta = timedelta(0)
    handed_in_at: datetime | None = None
    needs_manual_grade: bool = False


@dataclass(frozen=True)
class AssignmentGrades:
    """The grades of an assignment. ``gone`` are people who left the course, without a row.

    ``is_graded`` is false if the gradebook holds no score of anybody who is here. ``has_board``:
    the points of the leaderboard are part of the totals.
    """

    name: str
    due_at: datetime | None
    notebooks: tuple[str, ...]
    max_points: float
    students: tuple[StudentGrade, ...]
    gone: tuple[Person, ...] = ()
    is_graded: bool = True
    has_board: bool = False


@dataclass(frozen=True)
class StudentTotal:
    """One student's sum over the course; ``grades`` are by assignment.

    Assignments that are excused or not due count neither in ``total`` nor in
    ``max_points``.
    """

    person: Person
    grades: Mapping[str, StudentGrade]
    total: float
    max_points: float
    late_days_left: int

    @property
    def percent(self) -> float | None:
        """The share of the points in percent; None if nothing counts yet."""
        return 100 * self.total / self.max_points if self.max_points else None

    @property
    def late_days(self) -> int:
        """The late days used over the term."""
        return sum(one.late_days for one in self.grades.values())


@dataclass(frozen=True)
class CourseGrades:
    """The grades of all graded assignments.

    ``ungraded`` are assignments in which nobody was graded; they count nowhere.
    """

    assignments: tuple[AssignmentGrades, ...]
    students: tuple[StudentTotal, ...]
    ungraded: tuple[str, ...] = ()
    gone: tuple[Person, ...] = ()


def read_course_grades(
    gradebook: Gradebook, config: Config, now: datetime | None = None
) -> CourseGrades:
    """The grades of all assignments of a gradebook; ``now`` is aware, default: the present."""
    names = [str(one.name) for one in gradebook.assignments]
    every = read_grades(gradebook, config, names, now=now)
    graded = tuple(one for one in every if one.is_graded)
    return CourseGrades(
        assignments=graded,
        students=tuple(_totals(graded, read_terms(gradebook.db, config))),
        ungraded=tuple(one.name for one in every if not one.is_graded),
        gone=every[0].gone if every else (),
    )


def read_grades(
    gradebook: Gradebook,
    config: Config,
    assignments: Iterable[str],
    board: Mapping[str, float] | None = None,
    now: datetime | None = None,
) -> list[AssignmentGrades]:
    """The grades of some assignments that the gradebook knows; late penalties are the present ones.

    ``board`` holds students' points of the leaderboard. They are part of the total, and never late.
    The number of queries does not depend on the number of students.
    """
    reader = _Reader(gradebook, config, now or datetime.now(UTC))
    return [reader.read(name, board) for name in assignments]


@dataclass
class _Row:
    """The recorded notebooks of one student and assignment."""

    points: dict[str, float] = field(default_factory=dict)
    needs_manual_grade: bool = False
    scores: int = 0


class _Reader:
    def __init__(self, gradebook: Gradebook, config: Config, now: datetime) -> None:
        self._gradebook = gradebook
        self._now = now
        self._terms = read_terms(gradebook.db, config)
        self._people = list(read_people(gradebook.db).values())
        self._rows = self._recorded()

    def read(self, name: str, board: Mapping[str, float] | None) -> AssignmentGrades:
        assignment = self._gradebook.find_assignment(name)
        due = assignment.duedate
        here = [person for person in self._people if person.gone_at is None]
        return AssignmentGrades(
            name=name,
            due_at=None if due is None else due.replace(tzinfo=UTC),
            notebooks=tuple(str(one.name) for one in assignment.notebooks),
            max_points=float(assignment.max_score),
            students=tuple(self._student(name, person, board) for person in here),
            gone=tuple(person for person in self._people if person.gone_at is not None),
            is_graded=any(
                (row := self._rows.get((person.id, name))) is not None and row.scores
                for person in here
            ),
            has_board=board is not None,
        )

    def _student(
        self, name: str, person: Person, board: Mapping[str, float] | None
    ) -> StudentGrade:
        row = self._rows.get((person.id, name))
        term = self._terms.get(person.id, Term(person.id))
        extra = (board or {}).get(person.id, 0.0)
        if name in term.excused:
            points = row.points if row is not None else {}
            return StudentGrade(person, Status.EXCUSED, points, None, extra)
        if row is None:
            due = term.due.get(name)
            if due is not None and due > self._now:
                return StudentGrade(person, Status.NOT_DUE, {}, None, extra)
            return StudentGrade(person, Status.NO_HAND_IN, {}, extra, extra)
        own = [one for (assignment, _), one in term.hand_ins.items() if assignment == name]
        times = [one.handed_in_at for one in own]
        known = [time for time in times if time is not None]
        late_by = max((one.late_by or timedelta(0) for one in own), default=timedelta(0))
        is_clear = not any(assignment == name for assignment, _ in term.doubts)
        off = term.off(name)
        return StudentGrade(
            person=person,
            status=Status.GRADED,
            notebooks=row.points,
            total=max(0.0, sum(row.points.values()) - off) + extra,
            board=extra,
            late_penalty=off,
            late_days=term.free_days(name),
            late=late_by > timedelta(0) if is_clear else None,
            late_by=late_by,
            handed_in_at=max(known) if known and len(known) == len(times) else None,
            needs_manual_grade=row.needs_manual_grade,
        )

    def _recorded(self) -> dict[tuple[str, str], _Row]:
        """The rows of all submissions by student and assignment."""
        has_score = or_(Grade.auto_score.is_not(None), Grade.manual_score.is_not(None))
        query = (
            select(
                SubmittedAssignment.student_id,
                Assignment.name,
                Notebook.name.label("notebook"),
                func.sum(Grade.score),
                func.max(Grade.needs_manual_grade),
                func.count(Grade.id).filter(has_score),
            )
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .outerjoin(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .outerjoin(BaseCell, BaseCell.id == Grade.cell_id)
            .group_by(SubmittedNotebook.id)
        )
        found: dict[tuple[str, str], _Row] = {}
        for student, assignment, notebook, points, waits, scores in self._gradebook.db.execute(
            query
        ):
            row = found.setdefault((student, assignment), _Row())
            row.points[notebook] = float(points or 0.0)
            row.needs_manual_grade |= bool(waits)
            row.scores += scores
        return found


def _totals(
    assignments: Collection[AssignmentGrades], terms: Mapping[str, Term]
) -> Iterable[StudentTotal]:
    by_student: dict[str, dict[str, StudentGrade]] = {}
    people: dict[str, Person] = {}
    for one in assignments:
        for grade in one.students:
            by_student.setdefault(grade.person.id, {})[one.name] = grade
            people[grade.person.id] = grade.person
    most = {one.name: one.max_points for one in assignments}
    for student, grades in by_student.items():
        counting = {name: one.total for name, one in grades.items() if one.total is not None}
        yield StudentTotal(
            person=people[student],
            grades=grades,
            total=sum(counting.values()),
            max_points=sum(most[name] for name in counting),
            late_days_left=terms.get(student, Term(student)).days_left,
        )
