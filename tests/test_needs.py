"""Tests carry the marks of their needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import BY_FIXTURE, BY_PLACE, TESTS, needs_of

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("path", "fixtures", "parameters", "needs"),
    [
        ("autograder/wall/test_values.py", (), {}, set()),
        ("autograder/grading/test_notebook.py", ("grade", "parent"), {}, {"sandbox"}),
        ("autograder/sandbox/test_view.py", (), {}, {"sandbox"}),
        ("nbgrader/test_odd_names.py", ("tiny_course",), {}, {"nbgrader"}),
        ("nbgrader/test_autograde.py", ("graded_class",), {}, {"nbgrader", "sandbox"}),
        ("classroom/web/test_trust.py", ("db_url",), {"db_url": "postgresql"}, {"postgres"}),
        ("classroom/web/test_trust.py", ("db_url",), {"db_url": "sqlite"}, set()),
        ("classroom/storage/test_database.py", ("server",), {}, {"postgres"}),
    ],
)
def test_needs_follow_from_place_fixtures_and_parameters(
    path: str, fixtures: tuple[str, ...], parameters: dict[str, str], needs: set[str]
) -> None:
    assert set(needs_of(path, fixtures, parameters)) == needs


def test_every_place_with_a_need_exists() -> None:
    assert [place for place in BY_PLACE if not (TESTS / place).exists()] == []


def test_every_test_of_this_run_that_takes_a_fixture_with_a_need_is_marked(
    request: pytest.FixtureRequest,
) -> None:
    for item in request.session.items:
        marks = {mark.name for mark in item.iter_markers()}
        for fixture in set(getattr(item, "fixturenames", ())) & BY_FIXTURE.keys():
            assert marks.issuperset(BY_FIXTURE[fixture]), item.nodeid


def test_a_mark_selects_the_tests_with_that_need_only() -> None:
    file = "tests/classroom/storage/test_database.py"
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-n", "0", "-m", "postgres"]
    environment = {**os.environ, "PYTEST_ADDOPTS": ""}  # another form of list is not read here
    done = subprocess.run(
        [*command, file], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600
    )
    chosen = [line for line in done.stdout.splitlines() if "::" in line]
    assert any("postgresql" in name for name in chosen)
    assert not any("sqlite" in name for name in chosen)
