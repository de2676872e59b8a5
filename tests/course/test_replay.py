"""Points need the work: neither constants nor the replies of another student earn any."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.course.source import load_bundle
from autograder.sandbox.launcher import ForkServer
from tests.course.conftest import NOTEBOOKS
from tests.course.strategies import MAX_SHARE, PAGE, SAME, earned_in, line, row


@pytest.fixture(scope="module")
def parent(course: Course) -> Iterator[ForkServer]:
    with ForkServer(course.settings) as warm:
        yield warm


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_is_earned_without_the_work(course: Course, parent: ForkServer, path: Path) -> None:
    earned = earned_in(course, load_bundle(path), parent)
    assert (
        earned.points[SAME] == earned.worth
    )  # so a replay equals the replies of the student's process
    page = PAGE.read_text()
    assert row(earned) in page, "run: python -m tests.course.strategies"
    assert line(earned) in page, "run: python -m tests.course.strategies"
    too_much = {
        name: {exercise: points for exercise, points in earned.points[name].items() if points}
        for name in earned.strategies
        if earned.share(name) > MAX_SHARE
    }
    assert not too_much
