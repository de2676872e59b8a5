from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.files.hand_in_time import HandInTime
from autograder.records.gradebook import open_gradebook, record
from autograder.records.recorded_times import of_same_file, recorded_times, write_times
from autograder.results import NotebookResult, Outcome
from tests.courses.terms import DUE, Handed, WholeTerm, opened, write_term

EARLY, LATE = datetime(2026, 2, 1, 10), datetime(2026, 2, 3, 10)
DAYS = timedelta(hours=14)


def test_rows_of_other_notebooks_and_assignments_stay(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.db"
    places = [("conv", "01_a"), ("conv", "02_b"), ("conv", "03_c"), ("next", "01_a")]
    handed = [Handed("ada", *place, DUE) for place in places]
    write_term(path, WholeTerm({"conv": DUE, "next": DUE}, handed))
    with opened(path) as session:
        times = {"02_b": HandInTime(LATE, "no zone", DAYS)}
        write_times(session, "ada", "conv", times, missing=["03_c"])
        found = recorded_times(session, "ada", "conv")
        assert found == {"01_a": HandInTime(DUE.replace(tzinfo=None)), **times}
        assert len(recorded_times(session, "ada", "next")) == 1


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        (None, HandInTime(LATE), HandInTime(LATE)),
        (HandInTime(EARLY), HandInTime(LATE), HandInTime(EARLY)),
        (HandInTime(LATE), HandInTime(EARLY), HandInTime(EARLY)),
        (HandInTime(EARLY), HandInTime(), HandInTime(EARLY)),
        (HandInTime(EARLY), HandInTime(doubt="?"), HandInTime(EARLY)),
        (HandInTime(), HandInTime(LATE), HandInTime(LATE)),
        (HandInTime(doubt="?"), HandInTime(LATE), HandInTime(LATE)),
        (HandInTime(doubt="?"), HandInTime(), HandInTime(doubt="?")),
        (HandInTime(EARLY, "no zone", DAYS), HandInTime(LATE), HandInTime(LATE)),
        (HandInTime(EARLY), HandInTime(LATE, "no zone", DAYS), HandInTime(EARLY)),
    ],
)
def test_an_unchanged_file_is_as_old_as_its_first_hand_in(
    old: HandInTime | None, new: HandInTime, kept: HandInTime
) -> None:
    assert of_same_file(old, new) == kept


@pytest.fixture
def hand_in(course: Course, bundle: NotebookBundle) -> Callable[..., HandInTime | None]:
    """Record a result with the digest of its file and a time; returns the row."""

    def hand_in(
        files: str, when: str, outcome: Outcome = Outcome.PASSED, is_old: bool = False
    ) -> HandInTime | None:
        folder = course.submitted / "ada" / "demo"
        folder.mkdir(parents=True, exist_ok=True)
        if when:
            (folder / "timestamp.txt").write_text(when)
        else:
            (folder / "timestamp.txt").unlink()
        result = NotebookResult("ada", "demo", "01_sums", (), outcome=outcome)
        record(course, [bundle], [replace(result, handed_in=files)])
        with open_gradebook(course) as gradebook:
            if is_old:
                write_times(gradebook.db, "ada", "demo", {}, ["01_sums"])
                gradebook.db.commit()
            return recorded_times(gradebook.db, "ada", "demo").get("01_sums")

    return hand_in


def test_a_notebook_keeps_its_time_until_its_file_changes(
    hand_in: Callable[..., HandInTime | None],
) -> None:
    assert hand_in("one", "2026-02-01 10:00:00 UTC") == HandInTime(EARLY)
    assert hand_in("one", "2026-02-03 10:00:00 UTC") == HandInTime(EARLY)
    assert hand_in("two", "2026-02-03 10:00:00 UTC") == HandInTime(LATE)
    unclear = hand_in("three", "02/03/2026 10:00")
    assert unclear is not None and unclear.when is None and "several dates" in unclear.doubt


def test_a_notebook_recorded_by_an_older_version_keeps_the_time_of_its_submission(
    hand_in: Callable[..., HandInTime | None],
) -> None:
    hand_in("one", "2026-02-01 10:00:00 UTC", is_old=True)
    assert hand_in("one", "2026-02-03 10:00:00 UTC") == HandInTime(EARLY)


def test_a_missing_notebook_has_no_time(hand_in: Callable[..., HandInTime | None]) -> None:
    hand_in("one", "2026-02-01 10:00:00 UTC")
    assert hand_in("none", "2026-02-03 10:00:00 UTC", Outcome.MISSING) is None


def test_times_of_collected_files_are_taken_as_they_are(
    hand_in: Callable[..., HandInTime | None], course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in("one", "2026-02-01 10:00:00 UTC")
    collected = {"01_sums": HandInTime(LATE), "another": HandInTime(LATE + DAYS)}
    monkeypatch.setattr("autograder.records.gradebook.notebook_times", lambda *_: dict(collected))
    assert hand_in("one", "2026-02-01 10:00:00 UTC") == HandInTime(LATE)
    with open_gradebook(course) as gradebook:
        assert gradebook.find_submission("demo", "ada").timestamp == LATE + DAYS


def test_a_new_file_without_a_time_does_not_have_the_time_of_the_old_one(
    hand_in: Callable[..., HandInTime | None],
) -> None:
    hand_in("one", "2026-02-01 10:00:00 UTC")
    found = hand_in("two", "")
    assert found is not None and found.when is None and "timestamp.txt is missing" in found.doubt
