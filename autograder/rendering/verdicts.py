"""The exercises of one page: their states in words, their points and their named mistakes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from nbformat import NotebookNode

from autograder.records.recorded_grades import RecordedNotebook
from autograder.results import Outcome

WORDS = {
    "passed": "right",
    "partial": "partly right",
    "failed": "not right yet",
    "unwritten": "not written yet",
    "unanswered": "not answered",
    "error": "stopped with an error",
    "timed_out": "ran out of time",
    "out_of_memory": "ran out of memory",
    "crashed": "crashed",
    "missing": "not handed in",
    "unreadable": "could not be read",
    "waiting": "waits to be read by a person",
    "grader_error": "the grader failed",
}
MARKS = {"passed": "✓", "partial": "◑", "waiting": "…", "grader_error": "!"}
WITHOUT_FILE = ("missing", "unreadable")  # the states of a notebook that nobody could grade
MAX_SENTENCE = 1_000  # characters of a named mistake that a page repeats


@dataclass(frozen=True)
class Exercise:
    """A graded cell on a page. ``mistake`` counts the mistakes of the page from 1; 0 for none."""

    grade_id: str
    title: str
    state: str
    points: float
    max_points: float
    sentence: str = ""
    mistake: int = 0

    @property
    def words(self) -> str:
        return WORDS.get(self.state, self.state)

    @property
    def mark(self) -> str:
        return MARKS.get(self.state, "✗")

    @property
    def is_open(self) -> bool:
        """Whether its points are not known yet."""
        return self.state in ("waiting", "grader_error")

    @property
    def lost(self) -> float:
        """The points that a better answer would earn."""
        return 0.0 if self.is_open else max(0.0, self.max_points - self.points)

    @property
    def reached(self) -> str:
        return f"{'–' if self.is_open else number(self.points)} / {number(self.max_points)}"


@dataclass(frozen=True)
class PageVerdicts:
    """The exercises of a page in its order, and the outcome of its notebook (empty if unknown)."""

    outcome: str
    exercises: tuple[Exercise, ...]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> PageVerdicts:
        """The inverse of ``dataclasses.asdict``."""
        return cls(data["outcome"], tuple(Exercise(**one) for one in data["exercises"]))

    @property
    def has_file(self) -> bool:
        """Whether a file was handed in that could be read."""
        return self.outcome not in WITHOUT_FILE

    def by_cell(self) -> dict[str, Exercise]:
        return {one.grade_id: one for one in self.exercises}


def verdicts_of(notebook: NotebookNode) -> PageVerdicts:
    """The verdicts in an autograded notebook into which GetVerdicts has put the grades."""
    outcome = str(notebook.metadata.get("autograder", {}).get("outcome", ""))
    graded = [cell for cell in notebook.cells if _is_graded(cell) and not is_try(cell)]
    return PageVerdicts(outcome, _counted(_exercise(cell, outcome) for cell in graded))


def verdicts_from_grades(recorded: RecordedNotebook) -> PageVerdicts:
    """The verdicts that the gradebook alone tells, for a notebook that cannot be rendered."""
    return PageVerdicts(
        "",
        _counted(
            Exercise(
                grade.name,
                grade.name.removeprefix("test_"),
                "waiting" if grade.waiting else _state_by_points(grade.score, grade.max_score),
                grade.score,
                grade.max_score,
            )
            for grade in sorted(recorded.grades.values(), key=lambda grade: grade.name)
            if grade.is_counted
        ),
    )


def is_try(cell: NotebookNode) -> bool:
    """Whether a cell is a visible test without points."""
    facts = cell.metadata.get("nbgrader", {})
    is_test = facts.get("grade") and not facts.get("solution") and cell.cell_type == "code"
    return bool(is_test and not float(facts.get("points") or 0))


def number(value: float) -> str:
    """Points with at most two decimals."""
    return f"{round(float(value), 2):g}"


def _counted(exercises: Iterable[Exercise]) -> tuple[Exercise, ...]:
    """The exercises with their mistakes numbered."""
    found: list[Exercise] = []
    mistakes = 0
    for one in exercises:
        mistakes += one.lost > 0
        found.append(replace(one, mistake=mistakes if one.lost > 0 else 0))
    return tuple(found)


def _exercise(cell: NotebookNode, outcome: str) -> Exercise:
    grade, verdict = cell.metadata.nbgrader, cell.metadata.get("autograder", {})
    title = verdict.get("exercise") or cell.metadata.get("exercise") or grade.grade_id
    return Exercise(
        str(grade.grade_id),
        str(title),
        _state(cell, outcome),
        float(grade.score),
        float(grade.points),
        str(verdict.get("sentence") or "")[:MAX_SENTENCE],
    )


def _state(cell: NotebookNode, outcome: str) -> str:
    grade, verdict = cell.metadata.nbgrader, cell.metadata.get("autograder", {})
    given = str(verdict.get("outcome") or "")
    points, most = float(grade.score), float(grade.points)
    if grade.get("waiting") and given != Outcome.GRADER_ERROR:
        return "waiting"
    if points >= most:
        return "passed"
    if points <= 0 and outcome in WITHOUT_FILE:
        return outcome
    if grade.get("solution"):  # an open question: the outcome says only whether it was answered
        return "unanswered" if points <= 0 and given == "failed" else _state_by_points(points, most)
    if verdict.get("unwritten") and points <= 0:
        return "unwritten"
    return given if given not in ("", "passed") else _state_by_points(points, most)


def _state_by_points(points: float, most: float) -> str:
    return "passed" if points >= most else "partial" if points > 0 else "failed"


def _is_graded(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))
