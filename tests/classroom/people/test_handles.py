"""Handles are stable, different for each team, and never run out."""

from __future__ import annotations

from classroom.people.handles import ADJECTIVES, ANIMALS, handle_for


def test_a_handle_is_the_same_every_time_and_different_for_each_team() -> None:
    taken: list[str] = []
    for number in range(3000):
        handle = handle_for(f"student s{number}", "secret", taken)
        assert handle not in taken
        taken.append(handle)
    again: list[str] = []
    for number in range(100):
        again.append(handle_for(f"student s{number}", "secret", again))
    assert taken[:100] == again
    assert handle_for("student s0", "other secret", []) != taken[0]


def test_handles_never_run_out() -> None:
    class All:
        def __contains__(self, handle: object) -> bool:
            return str(handle).count("-") < 2

    assert handle_for("student s1", "secret", All()).count("-") == 2


def test_no_word_for_handles_is_there_twice() -> None:
    assert len(set(ADJECTIVES)) == len(ADJECTIVES)
    assert len(set(ANIMALS)) == len(ANIMALS)
    assert all(word.isascii() and word.islower() for word in [*ADJECTIVES, *ANIMALS])
