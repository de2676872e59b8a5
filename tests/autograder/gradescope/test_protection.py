from __future__ import annotations

import pytest

from autograder.gradescope import protection
from tests.courses.tiny import SMALL


def say(monkeypatch: pytest.MonkeyPatch, same_user: str, landlock: int, filter: bool) -> None:
    monkeypatch.setattr(protection, "why_same_user", lambda settings: same_user)
    monkeypatch.setattr(protection.landlock, "version", lambda: landlock)
    monkeypatch.setattr(protection, "has_seccomp", lambda: filter)


def test_a_machine_with_every_layer_lacks_only_what_none_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    say(monkeypatch, "", 7, True)
    assert protection.lacks(SMALL) == list(protection.NOT_PROTECTED)
    assert len(protection.holds(SMALL)) == 4


def test_each_missing_layer_is_named_with_what_it_leaves_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    say(monkeypatch, "only root can", 0, False)
    told = "\n".join(protection.lacks(SMALL))
    assert "the grader's own user: only root can" in told
    assert "read the hidden tests" in told and "change the grader and its results" in told
    assert "use the network" in told
    assert len(protection.holds(SMALL)) == 1
    say(monkeypatch, "", 0, True)
    told = "\n".join(protection.lacks(SMALL))
    assert "hidden tests" not in told and protection.NO_LANDLOCK in told
