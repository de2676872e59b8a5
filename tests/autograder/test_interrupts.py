"""Work that Ctrl-C may not leave in the middle."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine.default import DefaultDialect

from autograder.course.layout import Course
from autograder.interrupts import ctrl_c_waits
from autograder.records.gradebook import open_gradebook

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def python_s_own_handler() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press() -> None:
    signal.raise_signal(signal.SIGINT)


def test_it_waits_for_the_end_of_the_block() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), ctrl_c_waits():
        press()
        done.append("the rest")
    assert done == ["the rest"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_of_two_blocks_it_waits_for_the_outer_one() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), ctrl_c_waits():
        with ctrl_c_waits():
            press()
        done.append("the rest")
    assert done == ["the rest"]


def test_a_second_one_does_not_wait() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), ctrl_c_waits():
        press()
        done.append("first")
        press()
        done.append("second")
    assert done == ["first"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_it_keeps_no_error_from_coming_out() -> None:
    with pytest.raises(ZeroDivisionError), ctrl_c_waits():
        print(1 / 0)
    with pytest.raises(KeyboardInterrupt) as caught, ctrl_c_waits():
        press()
        print(1 / 0)
    assert isinstance(caught.value.__context__, ZeroDivisionError)


def test_it_stays_ignored_where_it_was_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with ctrl_c_waits():
        press()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_another_thread_may_use_it() -> None:
    done = []

    def work() -> None:
        with ctrl_c_waits():
            done.append("worked")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == ["worked"]


PRESS_WHILE_TORCH_IS_IMPORTED = """
import signal, sys
from autograder.cli import app

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "torch.storage":
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Finder())
sys.argv[0] = "autograder"
try:
    app.main()
finally:
    print("imported" if WANTED in sys.modules else "lost")
"""


@pytest.mark.parametrize(
    ("module", "command"),
    [
        ("class_run", ["grade", "tiny"]),
        ("verify", ["verify", "tiny"]),
        ("doctor", ["doctor"]),
    ],
)
def test_torch_is_imported_whole(released: Course, module: str, command: list[str]) -> None:
    source = PRESS_WHILE_TORCH_IS_IMPORTED.replace("WANTED", f"'autograder.runs.{module}'")
    done = subprocess.run(
        [sys.executable, "-c", source, *command],
        cwd=released.root,
        env={"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin", "COLUMNS": "160"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr.strip()) == (130, "autograder: stopped")
    assert done.stdout.strip() == "imported"


def test_a_gradebook_is_written_and_closed_whole(
    released: Course, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    close: Callable[[Any, sqlite3.Connection], None] = DefaultDialect.do_close

    def press_in_the_middle(self: DefaultDialect, connection: sqlite3.Connection) -> None:
        press()
        close(self, connection)

    with pytest.raises(KeyboardInterrupt), open_gradebook(released) as gradebook:
        gradebook.add_student("ada")
        monkeypatch.setattr(DefaultDialect, "do_close", press_in_the_middle)
    monkeypatch.undo()
    assert not caplog.records
    with open_gradebook(released) as gradebook:
        assert [student.id for student in gradebook.students] == ["ada"]
