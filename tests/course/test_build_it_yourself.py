"""A ready-made function is named in every mode; another algorithm is not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from autograder.config.settings import Settings
from autograder.results import Outcome
from autograder.sandbox.launcher import ForkServer
from tests.course.cheats import CHEATS, Cells
from tests.course.exercise import verdict
from tests.course.honest import HONEST, LOOPS


def each(answers: dict[str, dict[str, Cells]]) -> list[object]:
    return [
        pytest.param(exercise, cells, id=f"{exercise}: {way}")
        for exercise, ways in answers.items()
        for way, cells in ways.items()
    ]


@pytest.fixture(scope="module")
def parent() -> Iterator[ForkServer]:
    with ForkServer(Settings()) as warm:
        yield warm


@pytest.mark.parametrize(("exercise", "cells"), each(CHEATS))
def test_a_ready_made_function_earns_nothing_and_is_named(
    parent: ForkServer, exercise: str, cells: Cells
) -> None:
    result = verdict(parent, exercise, *cells)
    assert result.points == 0
    assert result.outcome is Outcome.FAILED
    assert f"{exercise} uses " in result.message, result.message
    assert "build that part yourself" in result.message
    assert "ok   " in result.printed, "the cheat does not even work where nobody looks"


@pytest.mark.parametrize(("exercise", "cells"), each(HONEST))
def test_another_algorithm_earns_everything(
    parent: ForkServer, exercise: str, cells: Cells
) -> None:
    result = verdict(parent, exercise, *cells)
    assert result.outcome is Outcome.PASSED, result.message


@pytest.mark.parametrize(("exercise", "cells"), each({"conv2d_fast": LOOPS}))
def test_a_loop_over_positions_channels_or_the_batch_costs_its_groups_whoever_computes(
    parent: ForkServer, exercise: str, cells: Cells
) -> None:
    result = verdict(parent, exercise, *cells)
    assert result.outcome in (Outcome.PARTIAL, Outcome.FAILED)
    assert "without a loop over" in result.message
    assert re.search("is there still a Python loop|which is a Python loop", result.message)
