"""The time that a worked notebook takes, held against the limits of a submission."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.config.settings import Settings
from autograder.grading.session import EXPERIMENTS
from autograder.mistakes import worked
from autograder.mistakes.lesson import Lesson
from autograder.mistakes.worked import budget_mistakes
from tests.courses.adding import write_course

LIMITS = Settings(cell_s=60.0, submission_s=300.0)
SETUP, FIGURE, ANSWER, TRY = 1, 2, 3, 4  # indexes of cells


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    course = write_course(tmp_path)
    return Lesson.read(course.source / "sums" / "01_adding.py")


def test_a_notebook_within_its_time_is_fine(lesson: Lesson) -> None:
    assert list(budget_mistakes(lesson, {SETUP: 59.0, FIGURE: 60.0}, LIMITS)) == []


def test_a_cell_over_its_time_is_told_with_its_place(lesson: Lesson) -> None:
    assert list(budget_mistakes(lesson, {FIGURE: 61.4}, LIMITS)) == [
        'source/sums/01_adding.py, line 11 (figure "A picture"): it ran for 61.4 seconds; grading '
        "stops a cell after 60. Make it quicker, give it the kind train if grading need not run "
        "it, or raise c.Autograder.cell_s"
    ]


def test_a_notebook_over_its_time_is_told_with_its_slowest_cells(lesson: Lesson) -> None:
    seconds = {SETUP: 50.0, FIGURE: 58.0, ANSWER: 43.0, TRY: 40.0}
    assert list(budget_mistakes(lesson, seconds, LIMITS)) == [
        "01_adding.py: its cells ran for 151 seconds; a submission has 150 for them, half of "
        "c.Autograder.submission_s. The slowest, in seconds: "
        'figure "A picture" 58, setup 50, answer add 43. Make them quicker, give them the kind '
        "train, or raise the setting"
    ]


def test_training_costs_a_submission_nothing(tmp_path: Path) -> None:
    path = write_course(tmp_path).source / "sums" / "01_adding.py"
    path.write_text(path.read_text().replace('# %% figure "A', '# %% train figure "A'))
    assert list(budget_mistakes(Lesson.read(path), {FIGURE: 4000.0}, LIMITS)) == []


def test_the_share_of_a_submission_is_the_one_that_grading_gives() -> None:
    assert worked.OWN_SHARE == EXPERIMENTS
