from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.files.found_file import FoundFile, Step, newest_first, second

START = datetime(2026, 9, 21, tzinfo=UTC)


def file(*steps: tuple[str, int | None]) -> FoundFile:
    """A file by its steps: names, and times in hours."""
    return FoundFile(
        Path("/".join(name for name, _ in steps)),
        tuple(
            Step(name, None if hours is None else START + timedelta(hours=hours))
            for name, hours in steps
        ),
    )


def test_the_order_does_not_depend_on_the_order_before() -> None:
    """Pairs alone give no order here: a, b and c each come before another of them."""
    a, b = file(("x.zip", 1), ("other.ipynb", 5)), file(("x.zip", 1), ("n.ipynb", 3))
    c = file(("c.ipynb", 1))
    orders = {
        tuple(one.label for one in newest_first(files, lambda one: one.name == "n.ipynb"))
        for files in itertools.permutations([a, b, c])
    }
    assert len(orders) == 1


def test_entries_of_one_archive_stay_together() -> None:
    files = [
        file(("x.zip", 1), ("a", 9)),
        file(("x.zip", 1), ("b", 1)),
        file(("y.zip", 2), ("c", 5)),
        file(("d", 1)),
    ]
    random.Random(1).shuffle(files)
    assert [one.name for one in newest_first(files)] == ["c", "d", "a", "b"]


def test_no_time_is_older_than_any() -> None:
    assert [one.name for one in newest_first([file(("a", None)), file(("b", -99999))])] == [
        "b",
        "a",
    ]


@pytest.mark.parametrize("time", [1e18, -1e18])
def test_times_that_no_calendar_has_are_old(time: float) -> None:
    assert second(time) == datetime(1970, 1, 1, tzinfo=UTC)
