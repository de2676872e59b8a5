from __future__ import annotations

import io
import os
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.errors import UsageError
from autograder.files.hand_in_time import HandInTime, hand_in_time
from autograder.received import submitted
from autograder.received.disk import swap
from autograder.received.disk.incoming import Incoming
from autograder.received.store import Store
from autograder.received.submitted import derive_submitted, take_in
from autograder.received.times import notebook_times
from autograder.received.versions.origin import SUBMITTED_FOLDER, Origin
from autograder.submission.folder import sort_files
from tests.courses.pair import at, files, handed_in, origin, tree, write_course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return write_course(tmp_path)


@pytest.fixture
def store(course: Course) -> Store:
    return Store(course)


@pytest.fixture
def folder(course: Course) -> Path:
    return course.submitted / "ada" / "two"


def packed(**contents: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name.replace("__", "."), data)
    return buffer.getvalue()


def derive(store: Store) -> dict[str, bytes]:
    done = derive_submitted(store, "two", "ada")
    assert done is not None
    return tree(done.folder)


def test_a_single_version_is_copied_under_released_names_with_its_time(
    store: Store, folder: Path
) -> None:
    data = handed_in(store, "01_first")
    given_files = [
        Incoming("Copy of first.ipynb", data),
        Incoming("lib/helper.py", b"x"),
        Incoming("a.pdf", b"%PDF"),
    ]
    store.add("two", "ada", given_files, origin(2))
    assert derive(store) == {
        "01_first.ipynb": data,
        "lib/helper.py": b"x",
        "a.pdf": b"%PDF",
        "timestamp.txt": b"2026-02-01 12:00:00 UTC\n",
    }
    assert hand_in_time(folder) == at(2)
    assert notebook_times(store.course, "two", "ada") == {"01_first": at(2)}


def test_deriving_again_changes_nothing(store: Store, folder: Path) -> None:
    store.add("two", "ada", files(a__ipynb=handed_in(store, "01_first")), origin(2))
    derive(store)
    inode, before = folder.stat().st_ino, tree(store.course.root)
    done = derive_submitted(store, "two", "ada")
    assert done is not None
    assert not done.is_changed
    assert folder.stat().st_ino == inode
    assert tree(store.course.root) == before


def test_a_hand_in_replaces_only_the_notebooks_that_it_holds(store: Store) -> None:
    first, second = handed_in(store, "01_first", "old"), handed_in(store, "02_second", "old")
    archive = packed(x__ipynb=first, y__ipynb=second, old__py=b"1", both__py=b"1")
    store.add("two", "ada", files(hw__zip=archive), origin(0))
    new = handed_in(store, "01_first", "new")
    store.add("two", "ada", files(hw__ipynb=new, both__py=b"2"), origin(30))
    assert derive(store) == {
        "01_first.ipynb": new,
        "02_second.ipynb": second,
        "old.py": b"1",
        "both.py": b"2",
        "timestamp.txt": b"2026-02-02 16:00:00 UTC\n",
    }
    assert notebook_times(store.course, "two", "ada") == {"01_first": at(30), "02_second": at(0)}


def test_a_module_that_came_after_a_notebook_is_told(store: Store) -> None:
    first, second = handed_in(store, "01_first"), handed_in(store, "02_second")
    store.add("two", "ada", files(a__ipynb=first, same__py=b"1", late__py=b"1"), origin(0))
    store.add("two", "ada", files(b__ipynb=second, same__py=b"1", late__py=b"2"), origin(9))
    done = derive_submitted(store, "two", "ada")
    assert done is not None
    assert done.later_modules == {"late.py": ["01_first"]}


def test_equal_names_of_different_notebooks_do_not_replace_each_other(store: Store) -> None:
    first, second = handed_in(store, "01_first"), handed_in(store, "02_second")
    store.add("two", "ada", [Incoming("Untitled.ipynb", first)], origin(0))
    store.add("two", "ada", [Incoming("01_first.ipynb", second)], origin(1))
    found = derive(store)
    assert sorted(data for name, data in found.items() if name != "timestamp.txt") == sorted(
        [first, second]
    )
    done = sort_files(
        store.course.submitted / "ada" / "two", store.bundles("two")[0], store.course.root / "s"
    )
    assert {name: path.read_bytes() for name, path in done.notebooks.items()} == {
        "01_first": first,
        "02_second": second,
    }


def test_a_broken_newer_file_is_shown_and_the_readable_one_graded(
    store: Store, tmp_path: Path
) -> None:
    good = handed_in(store, "01_first")
    store.add("two", "ada", [Incoming("01_first.ipynb", good)], origin(0))
    store.add("two", "ada", [Incoming("01_first.ipynb", b"{broken")], origin(1))
    assert b"{broken" in derive(store).values()
    done = sort_files(
        store.course.submitted / "ada" / "two", store.bundles("two")[0], tmp_path / "s"
    )
    assert done.notebooks["01_first"].read_bytes() == good
    assert notebook_times(store.course, "two", "ada") == {"01_first": at(0)}


def test_a_students_own_timestamp_is_no_time_of_hand_in(store: Store, folder: Path) -> None:
    given_files = files(
        a__ipynb=handed_in(store, "01_first"), timestamp__txt=b"2020-01-01 00:00:00 UTC"
    )
    store.add("two", "ada", given_files, origin(2))
    derive(store)
    assert hand_in_time(folder) == at(2)


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (HandInTime(doubt="unknown"), None),
        (replace(at(2), doubt="no zone", margin=timedelta(hours=14)), b"2026-02-01 12:00:00\n"),
        (replace(at(2), margin=timedelta(seconds=2)), b"2026-02-01 12:00:00 UTC\n"),
    ],
)
def test_a_doubtful_time_is_never_written_as_a_certain_one(
    store: Store, folder: Path, time: HandInTime, text: bytes | None
) -> None:
    store.add(
        "two", "ada", files(a__ipynb=handed_in(store, "01_first")), Origin("moodle", time=time)
    )
    assert derive(store).get("timestamp.txt") == text
    assert notebook_times(store.course, "two", "ada") == {"01_first": time}
    assert not hand_in_time(folder).doubt or time.doubt


def test_files_that_the_store_does_not_know_are_taken_in_first(store: Store, folder: Path) -> None:
    mine = handed_in(store, "02_second", "by e-mail")
    folder.mkdir(parents=True)
    (folder / "02_second.ipynb").write_bytes(mine)
    (folder / "timestamp.txt").write_text("2026-02-01 11:00:00 UTC")
    store.add("two", "ada", files(a__ipynb=handed_in(store, "01_first")), origin(0))
    done = derive_submitted(store, "two", "ada")
    assert done is not None
    assert done.taken_in is not None
    assert done.taken_in.origin.kind == SUBMITTED_FOLDER
    assert done.taken_in.origin.time == at(1)
    assert tree(folder)["02_second.ipynb"] == mine
    assert "01_first.ipynb" in tree(folder)
    assert notebook_times(store.course, "two", "ada") == {"01_first": at(0), "02_second": at(1)}


def test_a_lecturers_change_counts_until_the_student_hands_in_again(
    store: Store, folder: Path
) -> None:
    store.add("two", "ada", files(a__ipynb=handed_in(store, "01_first", "1")), origin(5))
    derive(store)
    mended = handed_in(store, "01_first", "mended")
    (folder / "01_first.ipynb").write_bytes(mended)
    assert notebook_times(store.course, "two", "ada") == {}
    taken = take_in(store, "two", "ada")
    assert taken is not None
    assert taken.is_new
    assert derive(store)["01_first.ipynb"] == mended
    assert take_in(store, "two", "ada") is None
    newer = handed_in(store, "01_first", "2")
    store.add("two", "ada", files(a__ipynb=newer), origin(6))
    assert derive(store)["01_first.ipynb"] == newer


def test_a_time_that_a_lecturer_changed_counts(store: Store, folder: Path) -> None:
    store.add("two", "ada", files(a__ipynb=handed_in(store, "01_first", "1")), origin(5))
    derive(store)
    (folder / "timestamp.txt").write_text("2026-02-01 13:00:00 UTC\n")
    assert notebook_times(store.course, "two", "ada") == {}
    done = derive_submitted(store, "two", "ada")
    assert done is not None
    assert done.taken_in is not None
    assert notebook_times(store.course, "two", "ada") == {"01_first": at(3)}
    assert hand_in_time(folder) == at(3)


@pytest.mark.parametrize("link", ["ada", "ada/two", "ada/two/a.ipynb"])
def test_a_link_in_the_way_is_left_alone(store: Store, tmp_path: Path, link: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.ipynb").write_text("{}")
    path = store.course.submitted / link
    path.parent.mkdir(parents=True)
    path.symlink_to(elsewhere / "a.ipynb" if link.endswith("ipynb") else elsewhere)
    store.add("two", "ada", files(a__ipynb=handed_in(store, "01_first")), origin(0))
    with pytest.raises(UsageError, match="no plain"):
        derive_submitted(store, "two", "ada")
    assert path.is_symlink()
    assert tree(elsewhere) == {"a.ipynb": b"{}"}
    assert notebook_times(store.course, "two", "ada") == {}


class Killed(BaseException):
    """Stands for a kill."""


@pytest.mark.parametrize("way", ["exchange", "two renames"])
@pytest.mark.parametrize("step", range(5))
def test_a_kill_between_the_steps_loses_nothing(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch, step: int, way: str
) -> None:
    if way == "two renames":
        monkeypatch.setattr(swap, "_exchange", lambda *_: False)
    old, new = (handed_in(store, "01_first", mark) for mark in ("old", "new"))
    store.add("two", "ada", [Incoming("01_first.ipynb", old)], origin(0))
    derive(store)
    store.add("two", "ada", [Incoming("01_first.ipynb", new)], origin(1))
    calls = iter(range(100))

    def killed_at(number: int, do: object) -> object:
        def run(*given: object) -> object:
            if next(calls) == number:
                raise Killed
            return do(*given)  # type: ignore[operator]

        return run

    with monkeypatch.context() as patch:
        patch.setattr(submitted, "write_record", killed_at(step, submitted.write_record))
        patch.setattr(submitted, "put_in_place", killed_at(step, submitted.put_in_place))
        patch.setattr(submitted, "sync_folder", killed_at(step, submitted.sync_folder))
        with pytest.raises(Killed):
            derive_submitted(store, "two", "ada")
    assert tree(folder).get("01_first.ipynb") in (old, new)
    assert notebook_times(store.course, "two", "ada") in ({"01_first": at(0)}, {"01_first": at(1)})
    assert take_in(store, "two", "ada") is None
    assert derive(store)["01_first.ipynb"] == new
    assert notebook_times(store.course, "two", "ada") == {"01_first": at(1)}
    assert [one for one in os.listdir(store.course.submitted) if one != "ada"] == []


def test_a_kill_between_two_renames_is_mended_by_the_next_run(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swap, "_exchange", lambda *_: False)
    store.add("two", "ada", files(a__ipynb=handed_in(store, "01_first", "old")), origin(0))
    derive(store)
    new = handed_in(store, "01_first", "new")
    store.add("two", "ada", files(a__ipynb=new), origin(1))
    rename = Path.rename

    def killed(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise Killed
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with pytest.raises(Killed):
            derive_submitted(store, "two", "ada")
    assert not folder.exists()
    assert derive(store)["01_first.ipynb"] == new


def test_a_dry_run_writes_nothing(store: Store, tmp_path_factory: pytest.TempPathFactory) -> None:
    store.add("two", "ada", files(a__ipynb=handed_in(store, "01_first")), origin(0))
    before = tree(store.course.root)
    rehearsal = Store(store.course, rehearsal=tmp_path_factory.mktemp("dry") / "received")
    done = derive_submitted(rehearsal, "two", "ada")
    assert done is not None
    assert done.is_changed
    assert tree(store.course.root) == before
    assert not store.course.submitted.exists()


def test_times_are_empty_for_a_student_without_received_files(store: Store, folder: Path) -> None:
    assert notebook_times(store.course, "two", "ada") == {}
    folder.mkdir(parents=True)
    (folder / "a.ipynb").write_bytes(b"{}")
    assert notebook_times(store.course, "two", "ada") == {}
    assert notebook_times(store.course, "two", "../ada") == {}
    assert notebook_times(store.course, "..", "ada") == {}
