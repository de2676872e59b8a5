"""As root each worker takes a user id of the machine that no other has."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.config.settings import Settings
from autograder.errors import SandboxUnavailable
from autograder.proxy.process import StudentProcess
from autograder.sandbox import user_ids
from autograder.sandbox.launcher import ForkServer
from autograder.sandbox.user_ids import UserId
from autograder.wall.protocol import RunCell
from tests.courses.tiny import SMALL

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="an ordinary user has one id")
FEW = Settings(first_user_id=64100, user_ids=3)
HOLD = """
import sys
from pathlib import Path
from autograder.config.settings import Settings
from autograder.sandbox.user_ids import UserId
user = UserId.take(Settings(first_user_id=64100, user_ids=3), Path(sys.argv[1]))
print(user.number, flush=True)
sys.stdin.read()
"""


def taken(locks: Path, settings: Settings = FEW) -> UserId:
    user = UserId.take(settings, locks)
    assert user is not None
    return user


def holder(locks: Path) -> subprocess.Popen[str]:
    """Another process that holds an id."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(locks)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_never_have_the_same_and_one_that_is_given_back_is_free(tmp_path: Path) -> None:
    first, second = taken(tmp_path), taken(tmp_path)
    assert (first.number, second.number) == (64100, 64101)
    first.close()
    third = taken(tmp_path)
    assert third.number == 64100
    second.close()
    third.close()


def test_two_runs_never_share_one_and_kill_frees_it(tmp_path: Path) -> None:
    other = holder(tmp_path)
    try:
        assert other.stdout is not None
        assert int(other.stdout.readline()) == 64100
        mine = taken(tmp_path)
        assert mine.number == 64101
        other.send_signal(signal.SIGKILL)
        other.wait(timeout=300)
        again = taken(tmp_path)
        assert again.number == 64100
        mine.close()
        again.close()
    finally:
        other.kill()
        other.communicate(timeout=300)


def test_where_none_is_free_it_says_what_to_set(tmp_path: Path) -> None:
    users = [taken(tmp_path) for _ in range(3)]
    with pytest.raises(SandboxUnavailable, match="no user id of 64100 to 64102 is free") as caught:
        UserId.take(FEW, tmp_path)
    assert "c.Autograder.user_ids" in str(caught.value)
    for user in users:
        user.close()


def test_an_id_that_a_process_runs_as_is_passed_over(tmp_path: Path) -> None:
    other = subprocess.Popen(
        ["sleep", "100"], user=64100, group=64100, extra_groups=[], start_new_session=True
    )
    try:
        user = taken(tmp_path)
        assert user.number == 64101
        user.close()
    finally:
        other.kill()
        other.wait(timeout=300)


def test_an_id_of_an_account_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = pwd.getpwuid(0)

    def accounts(number: int) -> pwd.struct_passwd:
        if number == 64100:
            return root
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", accounts)
    user = taken(tmp_path)
    assert user.number == 64101
    user.close()


def test_a_folder_of_locks_that_others_can_write_is_refused(tmp_path: Path) -> None:
    open_to_all = tmp_path / "locks"
    open_to_all.mkdir(mode=0o700)
    open_to_all.chmod(0o777)
    with pytest.raises(SandboxUnavailable, match="only root can write") as caught:
        UserId.take(FEW, open_to_all)
    assert f"chmod 700 {open_to_all}" in str(caught.value)
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    with pytest.raises(SandboxUnavailable, match="only root can write"):
        UserId.take(FEW, link)
    in_a_file = tmp_path / "file"
    in_a_file.touch()
    with pytest.raises(SandboxUnavailable, match="cannot be made"):
        UserId.take(FEW, in_a_file / "locks")


def test_an_ordinary_user_takes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    assert UserId.take(FEW, tmp_path) is None


def test_each_worker_s_submissions_run_as_its_user_and_a_lost_one_frees_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_ids, "LOCKS", tmp_path)
    settings = replace(SMALL, warm_modules=("numpy",), first_user_id=64200, user_ids=2)
    with ForkServer(settings) as one, ForkServer(settings) as other:
        ids = []
        for parent in (one, other):
            student = StudentProcess(parent.start_student())
            ids.append(Path(f"/proc/{student._watchdog._pid}").stat().st_uid)
            told = student.ask(RunCell("import os; print(os.getuid())")).stdout
            assert told == "1000\n"
            student.close()
        assert ids == [64200, 64201]
        with pytest.raises(SandboxUnavailable, match="no user id of 64200 to 64201 is free"):
            ForkServer(settings).start()
    with ForkServer(settings) as again:
        assert again._user is not None
        assert again._user.number in ids


def test_the_locks_are_in_a_folder_of_root_s() -> None:
    assert str(user_ids.LOCKS).startswith("/run/")
