"""Marks each test with its needs, by its fixtures and its place: see ``markers`` in pyproject."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).resolve().parent

BY_FIXTURE = {
    "parent": ("sandbox",),  # and with it student, grade, limited
    "worker": ("sandbox",),
    "grader": ("sandbox",),
    "undisturbed": ("sandbox",),
    "graded_class": ("sandbox", "nbgrader"),
    "server": ("postgres",),
}
BY_PLACE = {
    "attacks/test_attacks.py": ("sandbox",),
    "attacks/test_neighbours.py": ("sandbox",),
    "attacks/test_ordinary_user.py": ("sandbox",),
    "attacks/test_own_ends.py": ("sandbox",),
    "autograder/runs/test_class_run_files.py": ("sandbox",),
    "autograder/runs/test_class_run_times.py": ("sandbox",),
    "autograder/runs/test_stand_in.py": ("nbgrader",),
    "autograder/sandbox/": ("sandbox",),
    "autograder/workers/test_pool.py": ("sandbox",),
    "benchmarks/naming/test_grading.py": ("sandbox",),
    "course/test_whole_course.py": ("sandbox", "nbgrader"),
    "durability/test_force.py": ("sandbox",),
    "fuzz/test_mutated_notebooks.py": ("sandbox",),
    "nbgrader/": ("nbgrader",),
}


def needs_of(
    path: str, fixtures: Collection[str], parameters: Mapping[str, Any] | None = None
) -> Iterator[str]:
    """The marks of a test, from its file below ``tests/``, its fixtures and its parameters."""
    for place, needs in BY_PLACE.items():
        if path.startswith(place):
            yield from needs
    for fixture in fixtures:
        yield from BY_FIXTURE.get(fixture, ())
    if (parameters or {}).get("db_url") == "postgresql":
        yield "postgres"


@pytest.hookimpl(tryfirst=True)  # before -m selects by marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        path = item.path.relative_to(TESTS).as_posix() if item.path.is_relative_to(TESTS) else ""
        fixtures = getattr(item, "fixturenames", ())
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        for need in sorted(set(needs_of(path, fixtures, parameters))):
            item.add_marker(need)
