from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from nbgrader.api import Gradebook, SubmittedAssignment
from sqlalchemy import select

from autograder.nbgrader_api.database import database_url, prepare_database
from autograder.nbgrader_api.own_rows import naive
from autograder.records.term.times import (
    Excuse,
    Extension,
    Times,
    copy_extensions,
    read_times,
    set_due,
    set_excuse,
    set_extension,
)
from tests.courses.terms import COURSE_ID, DAY, DUE, HOUR, Handed, WholeTerm, opened, write_term


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """One assignment with a due date, one without; ada handed in, bob did not."""
    path = tmp_path / "gradebook.db"
    handed = [Handed("ada", "conv", "01_a", DUE - HOUR)]
    write_term(path, WholeTerm({"conv": DUE, "open": None}, handed, students=["bob"]))
    return path


def columns(path: Path) -> dict[str, timedelta | None]:
    with opened(path) as session:
        query = select(SubmittedAssignment.student_id, SubmittedAssignment.extension)
        return dict(map(tuple, session.execute(query)))


def change(path: Path, *extensions: tuple[str, str, Extension | None]) -> Times:
    with opened(path) as session:
        for student, assignment, extension in extensions:
            set_extension(session, student, assignment, extension)
        copy_extensions(session, read_times(session))
        session.commit()
        return read_times(session)


def test_due_dates_are_aware_and_set_from_any_zone(path: Path) -> None:
    with opened(path) as session:
        set_due(session, "open", datetime(2026, 10, 25, 23, 59, tzinfo=ZoneInfo("Europe/Berlin")))
        session.commit()
        times = read_times(session)
    assert times.due("bob", "conv") == DUE
    assert times.due("bob", "open") == datetime(2026, 10, 25, 22, 59, tzinfo=UTC)
    assert times.due("bob", "unknown") is None


def test_a_time_without_a_zone_is_refused(path: Path) -> None:
    with opened(path) as session, pytest.raises(ValueError, match="names no time zone"):
        set_due(session, "conv", datetime(2026, 10, 25, 23, 59))
    assert naive(datetime(2026, 1, 1, 1, tzinfo=timezone(2 * HOUR))) == datetime(2025, 12, 31, 23)


def test_an_extension_before_the_hand_in_counts_and_moves_with_the_due_date(path: Path) -> None:
    times = change(path, ("bob", "conv", Extension(by=2 * DAY, reason="ill")))
    assert times.due("bob", "conv") == DUE + 2 * DAY
    assert times.extensions["bob", "conv"].reason == "ill"
    with opened(path) as session:
        set_due(session, "conv", DUE + 7 * DAY)
        assert read_times(session).due("bob", "conv") == DUE + 9 * DAY


def test_an_extension_until_a_fixed_time_stays_there_and_takes_no_time_away(path: Path) -> None:
    times = change(path, ("bob", "conv", Extension(until=DUE + 2 * DAY)))
    assert times.due("bob", "conv") == DUE + 2 * DAY
    with opened(path) as session:
        set_due(session, "conv", DUE + DAY)
        assert read_times(session).due("bob", "conv") == DUE + 2 * DAY
        set_due(session, "conv", DUE + 7 * DAY)
        assert read_times(session).due("bob", "conv") == DUE + 7 * DAY


def test_nbgraders_column_is_a_copy_and_is_cleared_with_the_extension(path: Path) -> None:
    change(path, ("ada", "conv", Extension(until=DUE + 2 * DAY)), ("bob", "conv", Extension(DAY)))
    assert columns(path) == {"ada": 2 * DAY}
    with opened(path) as session:
        set_due(session, "conv", DUE + DAY)
        copy_extensions(session, read_times(session))
        session.commit()
    assert columns(path) == {"ada": DAY}
    times = change(path, ("ada", "conv", None), ("bob", "conv", None))
    assert columns(path) == {"ada": None}
    assert not times.extensions


def test_without_a_due_date_nbgraders_column_stays_empty(path: Path) -> None:
    change(path, ("ada", "conv", Extension(DAY)))
    with opened(path) as session:
        set_due(session, "conv", None)
        copy_extensions(session, read_times(session))
        session.commit()
        assert read_times(session).due("ada", "conv") is None
    assert columns(path) == {"ada": None}  # nbgrader would fail to add it to None
    with Gradebook(database_url(path), COURSE_ID) as gradebook:
        assert gradebook.find_submission("conv", "ada").duedate is None


def test_an_extension_granted_through_nbgrader_counts_and_ours_replaces_it(path: Path) -> None:
    with Gradebook(database_url(path), COURSE_ID) as gradebook:
        gradebook.grant_extension("conv", "ada", days=3)
    times = change(path)
    assert times.due("ada", "conv") == DUE + 3 * DAY
    assert times.extensions["ada", "conv"].set_at is None
    assert change(path, ("ada", "conv", Extension(DAY))).due("ada", "conv") == DUE + DAY
    assert columns(path) == {"ada": DAY}
    assert change(path, ("ada", "conv", None)).due("ada", "conv") == DUE


def test_excuses_are_set_and_removed_before_a_hand_in_too(path: Path) -> None:
    with opened(path) as session:
        set_excuse(session, "bob", "conv", Excuse("hospital"))
        set_excuse(session, "bob", "conv", Excuse("hospital, two weeks"))
        times = read_times(session)
        assert times.is_excused("bob", "conv") and not times.is_excused("ada", "conv")
        assert times.excuses["bob", "conv"].reason == "hospital, two weeks"
        set_excuse(session, "bob", "conv", None)
        assert not read_times(session).excuses


def test_a_gradebook_without_tables_of_ours_has_due_dates(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.db"
    prepare_database(database_url(path))
    with Gradebook(database_url(path), COURSE_ID) as gradebook:
        gradebook.add_assignment("conv", duedate="2026-10-01 21:59:00 UTC")
    with opened(path) as session:
        assert read_times(session).due("ada", "conv") == DUE
