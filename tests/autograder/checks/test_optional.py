"""Names of a student's that a check can do without."""

from __future__ import annotations

import pytest

from autograder.checks import if_defined

answer = 42


def test_a_defined_name_is_read() -> None:
    assert if_defined(lambda: answer) == 42


def test_a_missing_name_is_none() -> None:
    assert if_defined(lambda: no_such_name) is None  # type: ignore[name-defined] # noqa: F821


def test_other_errors_are_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        if_defined(lambda: 1 / 0)
