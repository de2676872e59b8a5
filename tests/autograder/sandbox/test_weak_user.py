from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.sandbox import weak_user
from autograder.sandbox.user_ids import UserId
from autograder.sandbox.weak_user import end_processes, take_user, why_same_user
from tests.courses.tiny import SMALL

root_only = pytest.mark.skipif(os.getuid() != 0, reason="only root can change the user")


@pytest.fixture
def python_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if Python lay where every user can read it."""
    for name in ("prefix", "base_prefix", "executable"):
        monkeypatch.setattr(sys, name, "/usr")
    monkeypatch.setattr(weak_user.autograder, "__file__", "/usr/bin")


def test_an_ordinary_user_has_one_user_id_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    assert "only root" in why_same_user(SMALL)
    assert take_user(SMALL) is None


@root_only
def test_root_takes_a_user_if_that_can_read_python(python_for_all: None) -> None:
    assert why_same_user(SMALL) == ""
    user = take_user(SMALL)
    assert user is not None and user.number >= SMALL.first_user_id
    user.close()


@root_only
def test_a_closed_folder_on_the_way_to_python_is_named(
    python_for_all: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed" / "environment").mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "closed" / "environment"))
    assert "is closed to others" in why_same_user(SMALL)


@root_only
def test_a_container_without_other_users_is_told(
    python_for_all: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no other users" in why_same_user(replace(SMALL, first_user_id=2**32 - 2))


@root_only
def test_all_processes_of_a_user_end_at_once_in_any_session() -> None:
    user = UserId.take(SMALL)
    assert user is not None
    number = user.number
    script = "(setsid sh -c 'echo $$; exec sleep 60' &) ; echo $$; exec sleep 60"
    started = subprocess.Popen(
        ["/bin/sh", "-c", script], user=number, group=number, extra_groups=[], cwd="/",
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert started.stdout is not None
    pids = [int(started.stdout.readline()) for _ in range(2)]
    end_processes(user)
    assert started.wait(10) == -9
    started.stdout.close()
    for pid in pids:
        path = Path(f"/proc/{pid}/status")
        assert not path.exists() or "zombie" in path.read_text()
    user.close()
