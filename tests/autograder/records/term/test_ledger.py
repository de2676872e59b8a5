from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from traitlets.config import Config

from autograder.lateness.policy import Charge, HandIn, LatePolicy
from autograder.nbgrader_api.database import database_url
from autograder.records.term import ledger
from autograder.records.term.ledger import Term, read_terms
from autograder.records.term.times import Excuse, Extension, set_excuse, set_extension
from tests.courses.terms import (
    COURSE_ID,
    DAY,
    DUE,
    HOUR,
    Handed,
    WholeTerm,
    counted,
    opened,
    write_term,
)

LATER = DUE + 7 * DAY


class OneFreeDay(LatePolicy):
    """One free day a term, for the earliest late notebook; other started days cost a quarter."""

    allowance = 1

    def charges(self, hand_ins: Sequence[HandIn]) -> Mapping[tuple[str, str], Charge]:
        left, found = self.allowance, {}
        for one in sorted((one for one in hand_ins if one.late_by), key=_time):
            assert one.late_by is not None
            days = -(-one.late_by // timedelta(days=1))
            free, left = min(days, left), max(0, left - days)
            found[one.assignment, one.notebook] = Charge(days, free, 0.25 * (days - free))
        return found


def _time(one: HandIn) -> datetime:
    assert one.handed_in_at is not None
    return one.handed_in_at


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ada hands in conv 26 hours late and next one hour late; bob is on time."""
    monkeypatch.setattr(ledger, "policy_of", lambda config: OneFreeDay())
    handed = [
        Handed("ada", "conv", "01_a", DUE + 26 * HOUR),
        Handed("ada", "conv", "02_b", DUE),
        Handed("ada", "next", "01_c", LATER + HOUR, (2.0, 1.0)),
        Handed("bob", "conv", "01_a", DUE),
    ]
    path = tmp_path / "gradebook.db"
    write_term(path, WholeTerm({"next": LATER, "conv": DUE}, handed, students=["cy"]))
    return path


def terms(path: Path, *students: str) -> dict[str, Term]:
    with opened(path) as session:
        return read_terms(session, Config(), students or None)


def test_a_term_holds_days_and_points_of_all_assignments_in_order(path: Path) -> None:
    ada = terms(path)["ada"]
    assert ada.assignments == ["conv", "next"]
    assert ada.charges["conv", "01_a"] == Charge(2, 1, 0.25)
    assert (ada.days_late("conv"), ada.free_days("conv"), ada.off("conv")) == (2, 1, 2.0)
    assert (ada.days_late("next"), ada.free_days("next"), ada.off("next")) == (1, 0, 0.75)
    assert (ada.allowance, ada.days_used, ada.days_left, ada.off()) == (1, {"conv": 1}, 0, 2.75)


def test_everybody_in_the_gradebook_has_a_term(path: Path) -> None:
    found = terms(path)
    assert list(found) == ["ada", "bob", "cy"]
    assert (found["bob"].charges, found["bob"].days_left) == ({}, 1)
    assert (found["cy"].hand_ins, found["cy"].days_left) == ({}, 1)
    assert found["cy"].due == {"next": LATER, "conv": DUE}
    assert set(terms(path, "cy", "nobody")) == {"cy"}


def test_an_extension_frees_a_day_for_another_assignment(path: Path) -> None:
    with opened(path) as session:
        set_extension(session, "ada", "conv", Extension(by=2 * DAY))
        session.commit()
    ada = terms(path)["ada"]
    assert (ada.off("conv"), ada.free_days("next"), ada.off("next")) == (0.0, 1, 0.0)
    assert ada.due["conv"] == DUE + 2 * DAY


def test_an_excused_assignment_costs_neither_days_nor_points(path: Path) -> None:
    with opened(path) as session:
        set_excuse(session, "ada", "conv", Excuse("ill"))
        session.commit()
    ada = terms(path)["ada"]
    assert ada.excused == {"conv"}
    assert (ada.days_used, ada.off()) == ({"next": 1}, 0.0)
    assert terms(path)["bob"].excused == frozenset()


def test_a_time_that_is_not_known_is_a_doubt_unless_the_assignment_is_excused(
    tmp_path: Path, path: Path
) -> None:
    unclear = tmp_path / "unclear.db"
    handed = [Handed("ada", "conv", "01_a", None, doubt="It can be read as several dates")]
    write_term(unclear, WholeTerm({"conv": DUE}, handed))
    ada = terms(unclear)["ada"]
    assert ada.doubts == {("conv", "01_a"): "It can be read as several dates"}
    assert (ada.charges, ada.days_left) == ({}, 1)
    with opened(unclear) as session:
        set_excuse(session, "ada", "conv", Excuse())
        session.commit()
    assert terms(unclear)["ada"].doubts == {}


def test_without_a_policy_nothing_is_charged(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "policy_of", lambda config: None)
    ada = terms(path)["ada"]
    assert (ada.allowance, ada.charges, ada.off(), ada.days_left) == (0, {}, 0.0, 0)
    assert len(ada.hand_ins) == 3


@pytest.mark.parametrize(("fraction", "off"), [(-1.0, 0.0), (0.5, 4.0), (7.0, 8.0)])
def test_no_more_than_the_earned_points_is_taken_off(
    path: Path, monkeypatch: pytest.MonkeyPatch, fraction: float, off: float
) -> None:
    class Odd(LatePolicy):
        def charges(self, hand_ins: Sequence[HandIn]) -> Mapping[tuple[str, str], Charge]:
            return {("conv", "01_a"): Charge(1, 0, fraction), ("gone", "x"): Charge(1, 0, 1.0)}

    monkeypatch.setattr(ledger, "policy_of", lambda config: Odd())
    found = terms(path)
    assert found["ada"].points_off == {("conv", "01_a"): off}
    with Gradebook(database_url(path), COURSE_ID) as gradebook:
        gradebook.find_grade("test_0", "01_a", "conv", "bob").extra_credit = -10.0
        gradebook.db.commit()
    assert terms(path)["bob"].off() == 0.0


def test_a_large_class_needs_no_more_queries_than_a_small_one(tmp_path: Path, path: Path) -> None:
    counts = []
    for size in (2, 600):
        file = tmp_path / f"{size}.db"
        handed = [Handed(f"s{n}", "conv", "01_a", DUE + HOUR) for n in range(size)]
        write_term(file, WholeTerm({"conv": DUE}, handed))
        with opened(file) as session, counted(session) as statements:
            assert len(read_terms(session, Config())) == size
        counts.append(len(statements))
    assert counts[0] == counts[1]
