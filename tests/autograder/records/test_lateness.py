from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from autograder.files.hand_in_time import read_time
from autograder.lateness.late_days import LateDays
from autograder.lateness.policy import HandIn
from autograder.records.lateness import Lateness, lateness
from autograder.records.term.hand_ins import HandIns
from autograder.records.term.ledger import Ledger, Term
from autograder.records.term.times import Excuse, Extension, Times
from tests.courses.terms import DAY, DUE, HOUR

MINUTE = timedelta(minutes=1)
BERLIN = ZoneInfo("Europe/Berlin")


def term(
    *late_by: timedelta | None,
    times: Times | None = None,
    doubt: str = "",
    allowance: int = 3,
    points: float = 4.0,
) -> Term:
    """A student's term; one notebook of conv for each time after the due date, None: unknown."""
    times = times or Times({"conv": DUE})
    due = times.due("ada", "conv")
    hand_ins = {
        ("conv", f"0{number}"): HandIn(
            "ada", "conv", f"0{number}", None if late is None else DUE + late, due, points, 5.0
        )
        for number, late in enumerate(late_by)
    }
    doubts = {place: doubt for place, one in hand_ins.items() if one.late_by is None}
    return Ledger(times, LateDays(allowance)).term("ada", HandIns(hand_ins, doubts))


def of(*late_by: timedelta | None, **more: object) -> Lateness:
    return lateness(term(*late_by, **more), "conv", "00")  # type: ignore[arg-type]


def test_a_hand_in_on_time_needs_no_remark() -> None:
    on_time = of(0 * HOUR)
    assert (on_time.is_late, on_time.short, on_time.remark) == (False, "on time", "")
    assert on_time.when == "1 October 2026, 21:59 UTC"
    assert on_time.handed_in_at == DUE
    assert on_time.allowed == "3 of 3 late days are left for the term"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=1), "1 minute late"),
        (timedelta(minutes=59), "59 minutes late"),
        (timedelta(hours=5), "5 hours late"),
        (timedelta(hours=5, seconds=1), "6 hours late"),
        (timedelta(days=2), "48 hours late"),
        (timedelta(days=2, seconds=1), "3 days late"),
    ],
)
def test_a_late_hand_in_says_how_late_in_started_units(span: timedelta, words: str) -> None:
    assert of(span).short == words


def test_a_late_hand_in_tells_late_days_and_that_nothing_was_taken_off() -> None:
    assert of(30 * HOUR).remark == (
        "Handed in 30 hours late, 3 October 2026, 03:59 UTC. It was due 1 October 2026, 21:59 UTC. "
        "2 late days used for this assignment, 1 left. No points were taken off."
    )
    assert of(HOUR, allowance=1).days == "1 late day used for this assignment, 0 left"
    assert of(30 * HOUR).allowed == "1 of 3 late days is left for the term"


def test_the_points_taken_off_are_told_with_their_share() -> None:
    assert of(4 * DAY + HOUR, points=3.5).remark.endswith(
        "3 late days used for this assignment, 0 left. 50 % (1.75 points) taken off."
    )
    assert of(HOUR, allowance=0).effect == "25 % (1 point) taken off"
    assert of(HOUR, allowance=0).days == ""
    assert of(4 * DAY, points=0.0).effect == "25 % (0 points) taken off"


def test_a_term_without_days_left_says_so() -> None:
    spent = Times({"conv": DUE, "a": DUE - 9 * DAY})
    due = DUE - 9 * DAY
    own = {
        ("a", "x"): HandIn("ada", "a", "x", due + 3 * DAY, due, 4.0, 5.0),
        ("conv", "00"): HandIn("ada", "conv", "00", DUE + HOUR, DUE, 4.0, 5.0),
    }
    found = lateness(Ledger(spent, LateDays(3)).term("ada", HandIns(own)), "conv", "00")
    assert "No late days were left. 25 % (1 point) taken off." in found.remark


def test_without_a_policy_a_late_hand_in_loses_nothing() -> None:
    late = term(HOUR)
    plain = lateness(Term("ada", hand_ins=late.hand_ins, due=late.due), "conv", "00")
    assert plain.remark.endswith("21:59 UTC. No points were taken off.")
    assert plain.allowed == ""


def test_times_are_told_in_the_zone_of_the_course() -> None:
    found = lateness(term(HOUR), "conv", "00", BERLIN)
    assert "2 October 2026, 00:59 CEST. It was due 1 October 2026, 23:59 CEST." in found.remark
    chile = lateness(term(HOUR), "conv", "00", ZoneInfo("America/Sao_Paulo"))
    assert chile.when.endswith("UTC-03")


def test_an_extension_is_told() -> None:
    extended = Times({"conv": DUE}, {("ada", "conv"): Extension(by=DAY)})
    assert of(HOUR, times=extended).short == "on time with an extension"
    late = of(25 * HOUR, times=extended)
    assert "It was due 2 October 2026, 21:59 UTC, with an extension." in late.remark
    assert late.days == "1 late day used for this assignment, 2 left"


def test_an_excused_assignment_is_told_without_lateness() -> None:
    excused = of(9 * DAY, times=Times({"conv": DUE}, excuses={("ada", "conv"): Excuse()}))
    assert excused.remark.startswith("You are excused: this assignment does not count")
    assert (excused.short, excused.effect, excused.days) == ("excused", "", "")


def test_a_notebook_on_time_is_not_late_because_another_one_is() -> None:
    both = term(HOUR, -HOUR)
    assert lateness(both, "conv", "01").remark == ""
    assert lateness(both, "conv").is_late is True
    assert lateness(both, "conv").handed_in_at == DUE + HOUR
    assert lateness(both, "conv", "missing").is_late is False


def test_a_whole_assignment_sums_the_points_and_gives_no_share_where_notebooks_differ() -> None:
    both = lateness(term(HOUR, 25 * HOUR, allowance=0), "conv")
    assert both.effect == "3 points taken off"
    assert lateness(term(HOUR, HOUR, allowance=0), "conv").effect == "25 % (2 points) taken off"


def test_a_time_that_cannot_be_read_is_told_and_is_not_on_time() -> None:
    unclear = of(None, doubt=read_time(b"02/03/2026 10:00").doubt)
    assert unclear.is_late is None
    assert unclear.short == "not known whether on time"
    assert "which can be read as several dates" in unclear.remark
    assert "It counts neither as late nor as on time." in unclear.remark
    assert lateness(term(None, HOUR), "conv").is_late is None


def test_without_a_due_date_nothing_is_said() -> None:
    without = of(None, times=Times({"conv": None}))
    assert (without.remark, without.short, without.when) == ("", "", "time not known")
