"""The words and colours of outcomes."""

from __future__ import annotations

from autograder.results import Outcome

_COLOURS = {
    Outcome.PASSED: "green",
    Outcome.NEEDS_MANUAL_GRADE: "cyan",
    Outcome.PARTIAL: "yellow",
    Outcome.GRADER_ERROR: "bold white on red",
}

_WORDS = {Outcome.NEEDS_MANUAL_GRADE: "to grade by hand", Outcome.GRADER_ERROR: "no verdict"}


def colour(outcome: Outcome) -> str:
    """The style of an outcome on the terminal."""
    return _COLOURS.get(outcome, "red")


def words(outcome: Outcome) -> str:
    """The outcome in words, such as "timed out"."""
    return _WORDS.get(outcome, outcome.value.replace("_", " "))
