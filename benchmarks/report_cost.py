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
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from autograder.course.layout import Course
from autograder.course.misconceptions import load_bank
from autograder.course.source import NotebookBundle, SourceCell, load_assignment
from autograder.grading.seeds import course_secret
from autograder.records.gradebook import give_due_date, record
from autograder.report.build import build
from autograder.report.gather import gather
from autograder.report.page import page
from autograder.results import CellOutput, NotebookResult, Outcome, TestResult, worst
from autograder.runs.plan import Rules, digest_of, hand_in_of
from autograder.workers.cache import ResultStore

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
    source, store, results = random.Random(1), ResultStore(course), []
    for number in range(students):
        student = f"student{number:04}"
        folder = course.submitted / student / ASSIGNMENT
        folder.mkdir(parents=True)
        for bundle in bundles:
            text = (course.assignments / ASSIGNMENT / f"{bundle.name}.ipynb").read_text()
            own = text.replace('"cells": [', f'"student": "{student}",\n "cells": [', 1)
            (folder / f"{bundle.name}.ipynb").write_text(own)
        (folder / "timestamp.txt").write_text(f"2026-10-01 {number % 24:02}:30:00 UTC")
        handed_in = hand_in_of(course, ASSIGNMENT, student, bundles, course.state / "scratch")
        ability = source.gauss(0.0, 1.0)
        for bundle in bundles:
            result = _result(source, bundle, student, ability, ids)
            files = digest_of(handed_in, bundle.name)
            store.save(result, rules.key(bundle.name, files, handed_in.notes))
            results.append(result)
    record(course, bundles, results)


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
