from __future__ import annotations

import stat
from pathlib import Path

import pytest
import torch

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.grading.grader import TrustedNotebook
from autograder.grading.notebook import grade_notebook
from autograder.grading.seeds import course_secret, seed_for
from autograder.sandbox.launcher import ForkServer
from autograder.submission.submission import read_submission
from tests.courses.handed_in import as_bytes, as_handed_in
from tests.courses.tiny import SECRET


def test_every_test_gets_the_names_of_the_setup_made_anew(trusted: TrustedNotebook) -> None:
    spoilt = trusted.fresh_setup()
    spoilt["picture"].zero_()
    spoilt["expect"].__globals__["torch"] = None
    fresh = trusted.fresh_setup()
    assert fresh["picture"].equal(torch.arange(6.0).reshape(2, 3))
    assert fresh["expect"].__globals__["torch"] is torch


def test_a_test_knows_the_misconceptions_of_its_own_exercise(trusted: TrustedNotebook) -> None:
    found = {
        test.cell.exercise: [m.id for m in trusted.context(test, 3).misconceptions]
        for test in trusted.tests
    }
    assert found == {
        "add": ["add.subtracts"],
        "scale": ["scale.adds", "scale.last_row_forgotten"],
    }
    assert trusted.context(trusted.tests[0], 3).seed == 3


def test_the_names_that_a_test_takes_from_the_student_are_told_from_its_own(
    trusted: TrustedNotebook,
) -> None:
    found = {test.cell.exercise: trusted.student_names(test) for test in trusted.tests}
    assert found == {"add": {"add"}, "scale": {"scale"}}


def test_the_secret_is_made_once_and_is_its_owner_s_alone(tiny_course: Course) -> None:
    secret = course_secret(tiny_course)
    assert len(secret) >= 32
    assert course_secret(tiny_course) == secret
    path = tiny_course.state / "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tiny_course.state.iterdir()] == ["secret"]


def test_seeds_differ_in_every_part_and_are_the_same_every_time() -> None:
    seed = seed_for(b"s", "ada", "conv", "01", "t")
    assert seed == seed_for(b"s", "ada", "conv", "01", "t")
    others = [
        seed_for(b"x", "ada", "conv", "01", "t"),
        seed_for(b"s", "bob", "conv", "01", "t"),
        seed_for(b"s", "ada", "con", "v01", "t"),
        seed_for(b"s", "ada", "conv", "01", "u"),
    ]
    assert len({seed, *others}) == 5
    assert 0 <= seed < 2**48


def test_a_setup_that_fails_is_raised_to_the_instructor(
    tiny: NotebookBundle, tmp_path: Path
) -> None:
    cells = tuple(
        type(cell)(**{**vars(cell), "source": "1 / 0"}) if "setup" in cell.tags else cell
        for cell in tiny.cells
    )
    broken = NotebookBundle("tiny", "01_tiny", tiny.path, cells)
    with pytest.raises(ZeroDivisionError):
        TrustedNotebook.load(broken, tmp_path)


def test_only_the_tests_of_given_exercises_run(
    parent: ForkServer, trusted: TrustedNotebook
) -> None:
    submission = read_submission(as_bytes(as_handed_in(trusted.bundle)), trusted.bundle, {})
    chosen = trusted.testing({"scale"})
    result = grade_notebook(parent, chosen, submission, "ada", SECRET)
    assert {test.grade_id: test.points for test in result.tests} == {"test_scale": 7.0, "why": 0.0}
    assert trusted.testing({"add", "scale"}).tests == trusted.tests
