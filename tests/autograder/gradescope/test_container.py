from __future__ import annotations

from pathlib import Path

import pytest

from autograder.gradescope.container import GRADER_MB, LEAST_MB, memory_for_a_submission_mb

MB = 1 << 20


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ("max\n", 4096),
        (f"{16_000 * MB}\n", 4096),
        (f"{3072 * MB}\n", 3072 - GRADER_MB),
        (f"{768 * MB}\n", LEAST_MB),
        ("", 4096),
        ("nonsense", 4096),
    ],
)
def test_a_submission_leaves_the_grader_its_memory(
    tmp_path: Path, limit: str, expected: int
) -> None:
    held = tmp_path / "memory.max"
    held.write_text(limit)
    assert memory_for_a_submission_mb(4096, (tmp_path / "missing", held)) == expected


def test_the_smaller_of_two_limits_counts(tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    one.write_text(str(2000 * MB))
    two.write_text(str(1500 * MB))
    assert memory_for_a_submission_mb(4096, (one, two)) == 1500 - GRADER_MB
