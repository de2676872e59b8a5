"""A gradebook that is locked or damaged: a clear message, exit code 2, and no harm done."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from nbgrader.api import Base
from rich.console import Console

from autograder.cli import app, consoles
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.errors import GradebookError
from autograder.nbgrader_api import database
from autograder.nbgrader_api.database import check_database, database_url, prepare_database
from autograder.records.gradebook import open_gradebook, record
from autograder.results import NotebookResult
from autograder.runs import grading
from autograder.runs.class_run import ClassRun
from tests.courses.instant_pool import InstantPool
from tests.courses.small_class import gradebook_of, write_class


@contextmanager
def locked(course: Course) -> Iterator[None]:
    """Another program is in the middle of writing."""
    with closing(sqlite3.connect(course.gradebook)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.rollback()


Run = Callable[[], tuple[int, str]]


@pytest.fixture
def run(
    released: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Grade two students with the command line in this process: exit code and errors."""
    write_class(released, {"ada": {}, "bob": {"why": "YOUR ANSWER HERE"}})
    monkeypatch.chdir(released.root)
    monkeypatch.setattr(consoles, "errors", Console(width=160, stderr=True))
    monkeypatch.setattr(sys, "argv", ["autograder", "grade", "tiny", "--json", "out.json"])
    monkeypatch.setattr(database, "LOCK_WAIT_S", 0.2)

    def invoke() -> tuple[int, str]:
        with pytest.raises(SystemExit) as caught:
            app.main()
        code = caught.value.code
        assert code is None or isinstance(code, int)
        return code or 0, capsys.readouterr().err

    return invoke


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InstantPool, "trouble", staticmethod(lambda student: None), raising=False)
    monkeypatch.setattr(grading, "Pool", InstantPool)


def test_a_gradebook_locked_from_the_start_is_said_and_the_same_command_later_completes(
    released: Course, run: Run
) -> None:
    before = released.gradebook.read_bytes()
    with locked(released):
        code, err = run()
    assert code == 2
    assert "gradebook.db is locked: another program has been writing to it for 0.2 s" in err
    assert "run the same command again" in " ".join(err.split())
    assert released.gradebook.read_bytes() == before
    assert not released.autograded.exists() and not (released.root / "out.json").exists()
    assert run()[0] == 0
    assert [row[0] for row in gradebook_of(released)["students"]] == ["ada", "bob"]


def test_a_gradebook_that_is_locked_in_mid_run_keeps_whole_students_and_the_results(
    released: Course, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sqlite3.connect(released.gradebook)

    def lock_before_bob(student: str) -> None:
        if student == "bob":
            other.execute("BEGIN EXCLUSIVE")

    monkeypatch.setattr(InstantPool, "trouble", staticmethod(lock_before_bob), raising=False)
    code, err = run()
    assert (code, "is locked" in err) == (2, True)
    assert not (released.root / "out.json").exists()
    assert len(list((released.state / "results").rglob("bob/*.json"))) == 1
    other.rollback()
    rows = dict(gradebook_of(released)["rows"])
    assert (rows["student"], rows["submitted_notebook"], rows["grade"]) == (1, 1, 3)
    monkeypatch.setattr(InstantPool, "trouble", staticmethod(pytest.fail), raising=False)
    assert run()[0] == 0  # nothing is graded twice
    assert dict(gradebook_of(released)["rows"])["grade"] == 6
    other.close()


def test_a_short_lock_is_waited_for(released: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    monkeypatch.setattr(database, "LOCK_WAIT_S", 30.0)
    holds = threading.Event()

    def hold() -> None:
        with locked(released):
            holds.set()
            threading.Event().wait(0.5)

    thread = threading.Thread(target=hold)
    thread.start()
    holds.wait()
    check_database(released.gradebook)
    thread.join()


def junk(path: Path) -> None:
    path.write_bytes(b"this is no database at all. " * 300)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def holes(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096 : 4096 * 4] = b"\xa5" * (4096 * 3)
    path.write_bytes(data)


def header_lost(path: Path) -> None:
    path.write_bytes(b"\x00" * 100 + path.read_bytes()[100:])


@pytest.mark.parametrize("damage", [junk, cut, holes, header_lost])
def test_a_damaged_gradebook_is_named_and_left_as_it_is(
    released: Course, run: Run, damage: Callable[[Path], None]
) -> None:
    damage(released.gradebook)
    before = released.gradebook.read_bytes()
    code, err = run()
    words = " ".join(err.split())
    assert code == 2
    assert f"{released.gradebook} is damaged" in words
    assert "Put a backup in its place, or move it away" in words
    assert released.gradebook.read_bytes() == before
    beside = [path.name for path in released.root.glob("gradebook.db*")]
    assert beside == ["gradebook.db"]
    assert not released.autograded.exists()
    released.gradebook.unlink()
    assert run()[0] == 0
    assert [row[0] for row in gradebook_of(released)["students"]] == ["ada", "bob"]


def test_a_database_of_another_program_is_refused(released: Course, run: Run) -> None:
    released.gradebook.unlink()
    with closing(sqlite3.connect(released.gradebook)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    before = released.gradebook.read_bytes()
    code, err = run()
    assert code == 2
    assert "is not a gradebook of nbgrader" in err
    assert released.gradebook.read_bytes() == before


def test_trouble_while_the_gradebook_is_open_is_explained_too(
    released: Course, tiny: NotebookBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_WAIT_S", 0.1)
    with locked(released), pytest.raises(GradebookError, match="is locked"):
        record(released, [tiny], [NotebookResult("ada", "tiny", "01_tiny", ())])
    junk(released.gradebook)
    with pytest.raises(GradebookError, match="is damaged"), open_gradebook(released):
        pass


def test_a_lock_while_an_assignment_is_registered_is_no_fault_of_its_source(
    released: Course, tiny: NotebookBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    released.gradebook.unlink()
    monkeypatch.setattr(database, "LOCK_WAIT_S", 0.1)
    with open_gradebook(released):
        pass
    from autograder.release.release import register_cells

    with locked(released), pytest.raises(GradebookError, match="is locked"):
        register_cells(released, "tiny")


def test_an_empty_file_becomes_a_gradebook(tiny_course: Course) -> None:
    tiny_course.gradebook.touch()
    check_database(tiny_course.gradebook)
    with open_gradebook(tiny_course) as gradebook:
        assert gradebook.students == []
    check_database(tiny_course.gradebook)


def test_a_new_gradebook_has_all_its_tables_or_none(
    tiny_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = Base.metadata.sorted_tables

    def killed_half_way(connection: object) -> None:
        tables[0].create(connection)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(Base.metadata, "create_all", killed_half_way)
    with pytest.raises(KeyboardInterrupt):
        prepare_database(database_url(tiny_course.gradebook))
    monkeypatch.undo()
    with closing(sqlite3.connect(tiny_course.gradebook)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []


def test_grading_in_this_process_gives_the_error_itself(released: Course) -> None:
    write_class(released, {"ada": {}})
    junk(released.gradebook)
    with pytest.raises(GradebookError):
        ClassRun(released, "tiny").grade()


def test_a_mistake_of_ours_is_not_blamed_on_the_gradebook(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError), database.explained(tmp_path / "gradebook.db"):
        raise sqlite3.OperationalError("no such table: grades")
