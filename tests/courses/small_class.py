"""A small class, the command that grades it, and the files it leaves behind."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment
from tests.courses.handed_in import hand_in

REPOSITORY = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-W", "error", "-m", "autograder", "grade", "tiny"]
ENVIRONMENT = {"PYTHONPATH": str(REPOSITORY), "PATH": os.environ["PATH"], "COLUMNS": "160"}
SLOW = "import time\n\ntime.sleep(0.4)  # so that there is a moment to be killed in\n\n\n"

STUDENTS: dict[str, dict[str, str]] = {
    "ada": {},
    "bob": {"scale": "def scale(x, k):\n    return x + k"},
    "cleo": {"add": "import os\n\nos._exit(1)\n\n\ndef add(a, b):\n    return a + b"},
    "dan": {"add": "def add(a, b):\n    return a - b", "why": "YOUR ANSWER HERE"},
    "eve": {"add": "def add(a, b):\n    return undefined"},
    "fay": {},
    "gus": {"scale": "def scale(x, k):\n    raise NotImplementedError()"},
}


def write_class(course: Course, students: dict[str, dict[str, str]] | None = None) -> None:
    """Hand in for everybody: right, wrong, crashing, missing, zipped, broken."""
    (bundle,) = load_assignment(course, "tiny")
    for number, (student, answers) in enumerate((students or STUDENTS).items()):
        hand_in_slow(course, bundle, student, answers, f"2026-02-01 10:{number:02}:00 UTC")
    if students is not None:
        return
    folder = course.submitted / "fay" / "tiny"
    with zipfile.ZipFile(folder / "handed_in.zip", "w") as archive:
        archive.write(folder / "01_tiny.ipynb", "01_tiny.ipynb")
    (folder / "01_tiny.ipynb").unlink()
    broken = course.submitted / "hal" / "tiny"
    broken.mkdir(parents=True)
    (broken / "01_tiny.ipynb").write_text("{")
    (course.submitted / "ida" / "tiny").mkdir(parents=True)


def hand_in_slow(
    course: Course, bundle: NotebookBundle, student: str, answers: dict[str, str], when: str
) -> None:
    """One student's notebook, with a time stamp; each waits a little when it is run."""
    slow = {cell.grade_id: SLOW + cell.solution for cell in bundle.answers}
    slow |= {name: (SLOW if name in slow else "") + text for name, text in answers.items()}
    hand_in(course, student, slow, when)


def start(course: Course, *options: str) -> subprocess.Popen[str]:
    """Start grading, in a process group of its own."""
    return subprocess.Popen(
        [*COMMAND, "--workers", "2", "--json", "out.json", *options],
        cwd=course.root,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(course: Course, *options: str) -> tuple[int, str, str]:
    """Grade to the end: exit code, output, errors."""
    with start(course, *options) as process:
        out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def copy(course: Course, to: Path) -> Course:
    """The same course in another folder."""
    shutil.copytree(course.root, to)
    return Course.find(to)


def left_behind(course: Course) -> dict[str, Any]:
    """The products of a run: gradebook, autograded folder, results; without times."""
    notebooks = {
        str(path.relative_to(course.autograded)): path.read_text()
        for path in sorted(course.autograded.rglob("*"))
        if path.is_file()
    }
    out = json.loads((course.root / "out.json").read_text())
    for one in out:
        del one["seconds"]
    return {
        "gradebook": gradebook_of(course),
        "autograded": notebooks,
        "out.json": out,
        "results": sorted(
            str(path.relative_to(course.state)) for path in (course.state / "results").rglob("*.*")
        ),
        "beside": sorted(path.name for path in course.root.iterdir()),
    }


_QUERIES = {
    "students": "SELECT id, first_name, last_name, email FROM student",
    "assignments": "SELECT name, duedate FROM assignment",
    "submissions": """SELECT student_id, assignment.name, timestamp FROM submitted_assignment
        JOIN assignment ON assignment.id = assignment_id""",
    "notebooks": """SELECT student_id, notebook.name, late_submission_penalty
        FROM submitted_notebook
        JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
        JOIN notebook ON notebook.id = notebook_id""",
    "cells": """SELECT base_cell.name, base_cell.type, notebook.name FROM base_cell
        JOIN notebook ON notebook.id = notebook_id""",
    "grade_cells": "SELECT max_score, cell_type FROM grade_cells",
    "sources": "SELECT name, cell_type, source, locked FROM source_cell",
} | {
    kind: f"""SELECT student_id, notebook.name, base_cell.name, {columns} FROM {kind}
        JOIN submitted_notebook ON submitted_notebook.id = {kind}.notebook_id
        JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
        JOIN notebook ON notebook.id = submitted_notebook.notebook_id
        JOIN base_cell ON base_cell.id = {kind}.cell_id"""
    for kind, columns in {
        "grade": "auto_score, manual_score, extra_credit, needs_manual_grade",
        "comment": "auto_comment, manual_comment",
    }.items()
}


def gradebook_of(course: Course) -> dict[str, list[Any]]:
    """Every score, comment and name in the gradebook, and how many rows each table has."""
    with closing(sqlite3.connect(f"file:{course.gradebook}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found: dict[str, list[Any]] = {
            name: sorted(connection.execute(query).fetchall(), key=repr)
            for name, query in _QUERIES.items()
        }
        tables = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        found["rows"] = sorted(
            (name, *connection.execute(f"SELECT count(*) FROM {name}").fetchone())
            for name in tables
        )
        return found
