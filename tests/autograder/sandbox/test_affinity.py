"""A core for each worker, where there is one for each."""

from __future__ import annotations

import os

import pytest

from autograder.sandbox.affinity import cores_for, usable_cores


@pytest.mark.parametrize(
    ("workers", "cores"),
    [
        (3, [2, 5, 7]),
        (1, [None]),
        (2, [None, None]),
        (4, [None] * 4),
    ],
)
def test_workers_are_held_where_there_is_a_core_for_each(
    monkeypatch: pytest.MonkeyPatch, workers: int, cores: list[int | None]
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {7, 2, 5})
    assert cores_for(workers) == cores


def test_cores_that_are_not_ours_are_not_counted() -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {max(before)})
        assert usable_cores() == [max(before)]
        assert cores_for(1) == [max(before)]
    finally:
        os.sched_setaffinity(0, before)
