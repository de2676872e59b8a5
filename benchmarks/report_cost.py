"""The cost of ``autograder report`` for a large class: seconds, and bytes of the page.

    python -m benchmarks.report_cost [STUDENTS]

The class hands in the course's notebooks as released, each with a comment of its own. Its results
are made up: students of different ability, exercises of different difficulty. So nothing is graded,
and the report reads as much as for a real class.
"""

from __future__ import annotations

import random
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from autograder.course.layout import Course
from autograder.course.misconceptions import load_bank
from autograder.course.source import NotebookBundle, SourceCell, load_assignment
from autograder.files.digests import files_digest
from autograder.grading.seeds import course_secret
from autograder.records.gradebook import give_due_date, record
from autograder.report.build import build
from autograder.report.gather import gather
from autograder.report.page import page
from autograder.results import (
    CellOutput,
    NotebookResult,
    Outcome,
    StoredResult,
    TestResult,
    worst,
)
from autograder.runs.plan import Rules

ASSIGNMENT = "conv"
STUDENTS = 1000
DUE = datetime(2026, 10, 1, 23, 59, tzinfo=UTC)
GROUPS = ("a square", "one row", "more rows than columns", "stride 2", "padding", "random sizes")


def main() -> None:
    """Write a class into a copy of the course; print the seconds and bytes of its report."""
    students = int(sys.argv[1]) if len(sys.argv) > 1 else STUDENTS
    root = Course.find(Path(__file__).parent).root
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "course"
        ignore = shutil.ignore_patterns(
            ".*", "build", "submitted", "autograded", "feedback", "*.db"
        )
        shutil.copytree(root, copy, ignore=ignore)
        course = Course.find(copy)
        write_class(course, students)
        started, before = time.monotonic(), _cpu_s()
        found = gather(course, ASSIGNMENT)
        gathered = _cpu_s() - before
        made = build(found)
        html = page(made)
        seconds, cpu = time.monotonic() - started, _cpu_s() - before
    notebooks = len(found.notebooks)
    print(
        f"report on {students} students x {notebooks} notebooks: {seconds:.1f} s ({cpu:.1f} s of "
        f"processor, {gathered:.1f} s of them to read), page {len(html.encode()):,} bytes, JSON "
        f"{len(made.to_json().encode()):,} bytes"
    )


def write_class(course: Course, students: int) -> None:
    """Hand in for everybody, store made-up results, and record them in the gradebook."""
    bundles = load_assignment(course, ASSIGNMENT)
    banks = {bundle.name: load_bank(bundle) for bundle in bundles}
    ids = {
        cell.exercise: [one.id for one in banks[bundle.name] if one.exercise == cell.exercise]
        for bundle in bundles
        for cell in bundle.tests
    }
    give_due_date(course, ASSIGNMENT, DUE)
    rules = Rules.of(course, bundles, course_secret(course), course.settings.sandbox)
    source = random.Random(1)
    released = {
        bundle.name: (course.assignments / ASSIGNMENT / f"{bundle.name}.ipynb").read_text()
        for bundle in bundles
    }
    for number in range(students):
        student = f"student{number:04}"
        folder = course.submitted / student / ASSIGNMENT
        stored = course.state / "results" / ASSIGNMENT / student
        for one in (folder, stored):
            one.mkdir(parents=True)
        (folder / "timestamp.txt").write_text(f"2026-10-01 {number % 24:02}:30:00 UTC")
        ability = source.gauss(0.0, 1.0)
        results = []
        for bundle in bundles:
            name = f"{bundle.name}.ipynb"
            own = released[bundle.name].replace('"cells"', f'"by": "{student}",\n "cells"', 1)
            (folder / name).write_text(own)
            files = files_digest(own.encode(), {})
            result = _result(source, bundle, student, ability, ids)
            results.append(replace(result, handed_in=files, source=rules.sources[bundle.name]))
            text = StoredResult(rules.key(bundle.name, files, ()), results[-1]).to_json()
            (stored / f"{bundle.name}.json").write_text(text)
        if number == 0:
            record(course, bundles, results)
    _record_like_the_first(course, students)


def _record_like_the_first(course: Course, students: int) -> None:
    """Copy the rows of the first student in the gradebook; a run would take minutes for them."""
    with closing(sqlite3.connect(course.gradebook)) as connection:
        first = "student0000"
        for number in range(1, students):
            ids: dict[str, str] = {}
            for table, key in _TABLES:
                _copy_rows(connection, table, key, first, f"student{number:04}", ids)
        connection.commit()


# Tables of the gradebook, parents first, with the column that leads to a parent's row.
_TABLES = (
    ("student", "id"),
    ("submitted_assignment", "student_id"),
    ("submitted_notebook", "assignment_id"),
    ("grade", "notebook_id"),
    ("comment", "notebook_id"),
    ("autograder_hand_in", "student_id"),
    ("autograder_origin", "notebook_id"),
)


def _copy_rows(
    connection: sqlite3.Connection, table: str, key: str, first: str, own: str, ids: dict[str, str]
) -> None:
    """Copy a table's rows with new ids; ``ids`` maps the old ids to new ones."""
    parents = list(ids) or [first]
    if key == "student_id":
        parents = [first]
    marks = ", ".join("?" * len(parents))
    cursor = connection.execute(f"SELECT * FROM {table} WHERE {key} IN ({marks})", parents)
    names = [column[0] for column in cursor.description]
    for row in cursor.fetchall():
        values = dict(zip(names, row, strict=True))
        if table == "student":
            values["id"] = ids[first] = own
        else:
            values[key] = ids[values[key]]
            if "id" in values:
                fresh = uuid.uuid4().hex
                ids[values["id"]] = fresh
                values["id"] = fresh
        connection.execute(
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
            list(values.values()),
        )


def _result(
    source: random.Random,
    bundle: NotebookBundle,
    student: str,
    ability: float,
    ids: dict[str, list[str]],
) -> NotebookResult:
    tests = [_test(source, cell, ability, ids[cell.exercise]) for cell in bundle.tests]
    tests += [
        TestResult(cell.grade_id, cell.exercise, 0.0, cell.points, Outcome.NEEDS_MANUAL_GRADE)
        for cell in bundle.manual
    ]
    outputs = {place: CellOutput(stdout="a line of output\n" * 30) for place in range(30)}
    return NotebookResult(
        student, ASSIGNMENT, bundle.name, tuple(tests), seconds=3.0, outputs=outputs,
        outcome=worst([test.outcome for test in tests]), sandbox="bubblewrap",
    )  # fmt: skip


def _test(
    source: random.Random, cell: SourceCell, ability: float, ids: Sequence[str]
) -> TestResult:
    if ability + source.gauss(0.5, 1.0) > 0:
        return TestResult(
            cell.grade_id, cell.exercise, cell.points, cell.points, Outcome.PASSED, html="<p>Right."
        )
    wrong = tuple(source.sample(GROUPS, source.randint(1, 5)))
    points = round(cell.points * (1 - len(wrong) / len(GROUPS)), 2)
    diagnosis = source.choice(ids) if ids and source.random() < 0.85 else None
    return TestResult(
        cell.grade_id, cell.exercise, points, cell.points, Outcome.PARTIAL, diagnosis,
        message=f"{cell.exercise} is right in some groups.", html="<p>A box.</p>" * 400,
        wrong_groups=wrong,
    )  # fmt: skip


def _cpu_s() -> float:
    """Processor seconds of this program and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
