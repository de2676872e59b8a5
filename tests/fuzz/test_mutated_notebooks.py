"""A class of mutated notebooks: the run ends, each has a verdict, honest students lose nothing."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.course.source import load_bundle
from autograder.pages.feedback import write_feedback
from autograder.results import Outcome
from autograder.runs.class_run import ClassRun
from tests.courses.handed_in import as_bytes, as_handed_in
from tests.fuzz.mutants import mutant

MUTANTS = int(os.environ.get("MUTANTS", "80"))
SEED = int(os.environ.get("MUTANTS_SEED", "1"))


def hand_in(course: Course, student: str, data: bytes) -> None:
    place = course.submitted / student / "tiny"
    place.mkdir(parents=True)
    (place / "01_tiny.ipynb").write_bytes(data)


@pytest.mark.slow
def test_a_class_of_mutated_notebooks_is_graded_to_the_end(released: Course) -> None:
    bundle = load_bundle(Path(released.root, "source", "tiny", "01_tiny.py"))
    right = as_handed_in(bundle)
    honest = [f"honest-{number}" for number in range(4)]
    for student in honest:
        hand_in(released, student, as_bytes(right))
    for number in range(MUTANTS):
        source = random.Random(f"{SEED} {number}")
        hand_in(released, f"mutant-{number:04}", mutant(right, source))
    results = ClassRun(released, "tiny").grade()
    assert len(results) == MUTANTS + len(honest)
    failed = [
        f"{r.student}: {t.log}"
        for r in results
        for t in r.tests
        if t.outcome is Outcome.GRADER_ERROR
    ]
    assert not failed, "\n".join(failed[:5])
    by_name = {result.student: result for result in results}
    whole = by_name[honest[0]]
    for student in honest:
        assert by_name[student].points == whole.points
        assert [t.outcome for t in by_name[student].tests] == [t.outcome for t in whole.tests]
    for result in results:
        assert 0 <= result.points <= whole.points, result.student
        assert len(result.tests) == len(whole.tests), result.student
        json.dumps(result.public())
    kinds = {result.outcome for result in results}
    assert Outcome.UNREADABLE in kinds and len(kinds) > 2, kinds
    assert len(write_feedback(released, "tiny", None).pages) == len(results)
