"""The lecturer's desk: commands in a course's folder, and the rows of its gradebook."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import chdir, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from autograder.cli.app import app
from autograder.course.layout import Course
from tests.courses.small_class import ENVIRONMENT
from tests.term.people import PEOPLE, QUESTION, Work

_POINTS = """
    SELECT student_id, assignment.name, notebook.name, late_submission_penalty,
        (SELECT SUM(COALESCE(manual_score, auto_score, 0) + COALESCE(extra_credit, 0))
            FROM grade WHERE grade.notebook_id = submitted_notebook.id)
    FROM submitted_notebook
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
    JOIN notebook ON notebook.id = submitted_notebook.notebook_id"""

# Formgrader saves a manual grade like this, in a process that read the course's configuration.
_BY_HAND = """
import json, sys
from traitlets.config.loader import PyFileConfigLoader
PyFileConfigLoader("nbgrader_config.py", path=".").load_config()
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db", "term") as gradebook:
    for cell, notebook, assignment, student, points in json.load(sys.stdin):
        grade = gradebook.find_grade(cell, notebook, assignment, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()
"""


_HEAVY = {"release", "grade", "regrade"}  # these get a process of their own


@dataclass
class Desk:
    """Commands in the folder of a course."""

    course: Course

    def run(self, *arguments: str) -> str:
        """Run ``autograder`` with these arguments in the course's folder; its output."""
        if arguments[0] in _HEAVY:
            return self._program(["-m", "autograder", *arguments])
        with chdir(self.course.root):
            done = CliRunner().invoke(app, arguments)
        told = f"{arguments}\n{done.output}"
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise AssertionError(told) from done.exception
        assert done.exit_code == 0, told
        return done.output

    def grade_by_hand(self, works: list[Work]) -> None:
        """Enter the points of open questions as formgrader does."""
        rows = [
            [QUESTION[one.notebook][0], one.notebook, one.assignment, one.person.id,
             float(one.given)]
            for one in works
            if one.given is not None
        ]  # fmt: skip
        self._program(["-c", _BY_HAND], json.dumps(rows))

    def _program(self, command: list[str], stdin: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-W", "error", *command],
            cwd=self.course.root,
            env=ENVIRONMENT,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def json(self, path: str) -> Any:
        return json.loads((self.course.root / path).read_text(encoding="utf-8"))

    def points(self) -> dict[tuple[str, str, str], tuple[float, float]]:
        """Points and late penalty by student, assignment and notebook, from nbgrader's tables."""
        return {
            (student, assignment, notebook): (points or 0.0, penalty or 0.0)
            for student, assignment, notebook, penalty, points in self.query(_POINTS)
        }

    def hand_in_times(self) -> dict[tuple[str, str], datetime]:
        """The times of the notebooks that count, by student and notebook."""
        rows = self.query("SELECT student_id, notebook, handed_in_at FROM autograder_hand_in")
        return {
            (student, notebook): datetime.fromisoformat(at).replace(tzinfo=UTC)
            for student, notebook, at in rows
            if at is not None
        }

    def query(self, text: str) -> list[Any]:
        path = f"file:{self.course.gradebook}?mode=ro"
        with closing(sqlite3.connect(path, uri=True)) as connection:
            return connection.execute(text).fetchall()


def write_roster(path: Path) -> Path:
    """The roster as a table with the columns of Canvas's and of others' ids."""
    rows = ["id,First name,Last name,Email,Section,Canvas ID"]
    for one in PEOPLE:
        rows.append(",".join(f'"{text}"' for text in (
            one.id, one.first, one.last, one.email, one.section, one.lms_id,
        )))  # fmt: skip
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join([*rows, ""]).encode())
    return path
