"""Runs nbgrader's own commands, and autograder's, as a person in the course folder would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from autograder.course.layout import Course
from autograder.records.gradebook import open_gradebook
from tests.courses.small_class import gradebook_of

REPOSITORY = Path(__file__).resolve().parents[2]


def environment(home: Path) -> dict[str, str]:
    """The environment without the settings of the user who runs the tests; with its programs."""
    return {
        "PYTHONPATH": str(REPOSITORY),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "COLUMNS": "160",
    }


def start(course: Course, *command: str) -> subprocess.Popen[str]:
    """Start a command, such as ``"nbgrader", "autograde", "tiny"``, in the course's folder."""
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=course.root,
        env=environment(course.root.parent / "home"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(course: Course, *command: str) -> tuple[int, str]:
    """Run a command to its end: exit code, and its whole output."""
    with start(course, *command) as process:
        said, _ = process.communicate(timeout=300)
    return process.returncode, said


def run(course: Course, *command: str) -> str:
    """The output of a command that must succeed."""
    code, said = finish(course, *command)
    assert code == 0, said
    return said


def grade_by_hand(course: Course, student: str, points: float, comment: str) -> None:
    """Grade the open question as formgrader does for a person."""
    with open_gradebook(course) as gradebook:
        grade = gradebook.find_grade("why", "01_tiny", "tiny", student)
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.find_comment("why", "01_tiny", "tiny", student).manual_comment = comment
        gradebook.db.commit()


def by_hand(course: Course, student: str) -> tuple[float | None, bool, str]:
    """Manual score of the open question, whether it waits for another look, and the comment."""
    with open_gradebook(course) as gradebook:
        grade = gradebook.find_grade("why", "01_tiny", "tiny", student)
        comment = gradebook.find_comment("why", "01_tiny", "tiny", student)
        return grade.manual_score, grade.needs_manual_grade, comment.manual_comment


def points(course: Course, student: str) -> dict[str, float | None]:
    """The automatic scores of a student's tests."""
    with open_gradebook(course) as gradebook:
        notebook = gradebook.find_submission_notebook("01_tiny", "tiny", student)
        return {grade.name: grade.auto_score for grade in notebook.grades}


def left_behind(course: Course) -> dict[str, Any]:
    """The gradebook, the autograded folder and the stored results; without times and traces."""
    return {
        "gradebook": gradebook_of(course),
        "autograded": {
            str(path.relative_to(course.autograded)): path.read_text()
            for path in sorted(course.autograded.rglob("*"))
            if path.is_file()
        },
        "results": sorted(
            str(path.relative_to(course.state)) for path in (course.state / "results").rglob("*.*")
        ),
        "beside": sorted(path.name for path in course.root.iterdir()),
    }
