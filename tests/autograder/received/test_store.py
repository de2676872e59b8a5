from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.course.layout import Course
from autograder.errors import DiskError, UsageError
from autograder.files.hand_in_time import HandInTime
from autograder.received.disk import incoming
from autograder.received.disk.incoming import Incoming, TooMuch
from autograder.received.disk.names import clean_path, places
from autograder.received.store import Store
from autograder.received.versions.counting import CountingPolicy, counting_versions
from autograder.received.versions.origin import Origin
from autograder.received.versions.version import Version
from tests.courses.odd_ids import ODD_IDS
from tests.courses.pair import START, at, files, handed_in, origin, tree, write_course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return write_course(tmp_path)


@pytest.fixture
def store(course: Course) -> Store:
    return Store(course)


def counting(store: Store, student: str = "ada") -> dict[str, str]:
    return {name: one.name for name, one in store.counting("two", student).items()}


def test_a_hand_in_is_stored_as_it_came_with_its_origin(store: Store) -> None:
    data = handed_in(store, "01_first")
    given_files = [Incoming("my work/First try.ipynb", data), Incoming("helper.py", b"x = 1\n")]
    told = Origin("moodle", "two.zip", "Ada_1_assignsubmission_file_", "10:00", at(0))
    added = store.add("two", "ada", given_files, told)
    assert added.is_new
    assert tree(added.version.files) == {
        "my work/First try.ipynb": data,
        "helper.py": b"x = 1\n",
    }
    (read,) = Store(store.course).versions("two", "ada")
    assert read == added.version
    assert read.origin == told
    assert read.name.startswith("20260201T100000Z-")
    assert {name: held.file for name, held in read.notebooks.items()} == {
        "01_first": "my work/First try.ipynb"
    }


def test_the_store_is_private_and_the_rest_of_the_state_keeps_its_mode(store: Store) -> None:
    store.course.state.mkdir()
    store.course.state.chmod(0o755)
    version = store.add("two", "ada", files(a__ipynb=b"{}"), origin(0)).version
    assert stat.S_IMODE(store.course.state.stat().st_mode) == 0o755
    for path in (version.folder.parent, version.folder, version.files):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in (version.folder / "origin.json", version.files / "a.ipynb"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_same_bytes_and_time_are_stored_once(store: Store) -> None:
    data = handed_in(store, "01_first")
    first = store.add("two", "ada", files(a__ipynb=data), origin(0))
    before = tree(store.course.state / "received")
    again = store.add("two", "ada", files(a__ipynb=data), origin(0, file="other.zip"))
    assert not again.is_new
    assert again.version == first.version
    assert tree(store.course.state / "received") == before


def test_the_latest_hand_in_counts_for_the_notebooks_that_it_holds(store: Store) -> None:
    both = files(a__ipynb=handed_in(store, "01_first", "1"), b__ipynb=handed_in(store, "02_second"))
    new = store.add("two", "ada", files(a__ipynb=handed_in(store, "01_first", "2")), origin(5))
    old = store.add("two", "ada", both, origin(1))  # collected later, handed in before
    assert counting(store) == {"01_first": new.version.name, "02_second": old.version.name}


def test_a_file_that_cannot_be_read_replaces_no_readable_one(store: Store) -> None:
    good = store.add("two", "ada", files(a__ipynb=handed_in(store, "01_first")), origin(0))
    store.add("two", "ada", [Incoming("01_first.ipynb", b"{broken")], origin(1))
    assert counting(store) == {"01_first": good.version.name}
    only = store.add("two", "bob", [Incoming("01_first.ipynb", b"{broken")], origin(1))
    assert counting(store, "bob") == {"01_first": only.version.name}


def test_another_reading_of_the_same_time_replaces_the_first_one(store: Store) -> None:
    given_files = files(a__ipynb=handed_in(store, "01_first"))
    doubtful = replace(at(9), doubt="no zone", margin=timedelta(hours=14))
    first = store.add("two", "ada", given_files, Origin("moodle", recorded="19:00", time=doubtful))
    second = store.add("two", "ada", given_files, Origin("moodle", recorded="19:00", time=at(8)))
    assert [one.name for one in store.versions("two", "ada")] == [second.version.name]
    back = store.add("two", "ada", given_files, Origin("moodle", recorded="19:00", time=doubtful))
    assert back.is_new  # the reading changed
    assert [one.name for one in store.versions("two", "ada")] == [first.version.name]
    sure = Origin("moodle", recorded="19:00", time=at(9))
    assert store.add("two", "ada", given_files, sure).is_new
    (left,) = store.versions("two", "ada")
    assert left.origin.time == at(9)
    assert not store.add("two", "ada", given_files, sure).is_new


def test_the_same_bytes_handed_in_at_another_time_are_another_version(store: Store) -> None:
    given_files = files(a__ipynb=handed_in(store, "01_first"))
    for hours in (0, 30):
        told = Origin("moodle", recorded=str(hours), time=at(hours))
        assert store.add("two", "ada", given_files, told).is_new
    assert [one.origin.time for one in store.versions("two", "ada")] == [at(0), at(30)]


@pytest.mark.parametrize("student", ODD_IDS)
def test_ids_are_names_and_never_patterns(store: Store, student: str) -> None:
    others = [one for one in ODD_IDS if one != student]
    for number, one in enumerate([student, *others]):
        store.add("two", one, files(a__ipynb=handed_in(store, "01_first", str(number))), origin(0))
    assert store.students("two") == sorted(ODD_IDS)
    (version,) = store.versions("two", student)
    assert b"# 0" in (version.files / "a.ipynb").read_bytes()


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "/etc", "a\0b", ".git", "x" * 300, "\ud800"]
)
def test_a_name_that_is_no_folders_is_refused(store: Store, name: str) -> None:
    with pytest.raises(UsageError):
        store.add("two", name, files(a__ipynb=b"{}"), origin(0))
    with pytest.raises(UsageError):
        store.add(name, "ada", files(a__ipynb=b"{}"), origin(0))
    assert not (store.course.state / "received").exists()


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/abs/a.ipynb", "abs/a.ipynb"),
        ("C:\\Users\\ada\\a.ipynb", "Users/ada/a.ipynb"),
        ("C:a.ipynb", "a.ipynb"),
        ("a/./b/../c.py", "a/b/c.py"),
        ("..", "file"),
        ("", "file"),
        ("a\0b.py", "ab.py"),
        ("lecture: part 1.ipynb", "lecture: part 1.ipynb"),
        ("-rf *.ipynb", "-rf *.ipynb"),
        ("\ud800.py", "?.py"),
    ],
)
def test_names_become_paths_below_the_folder(name: str, path: str) -> None:
    assert clean_path(name) == path


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(st.characters(), max_size=60) | st.text("a/.\\:(2) ", max_size=12)))
def test_any_names_get_different_places_below_the_folder(names: list[str]) -> None:
    found = places(names)
    assert len(found) == len(names) == len(set(found))
    for path in found:
        parts = path.split("/")
        assert not {"", ".", ".."} & set(parts)
        assert all(len(os.fsencode(part)) <= 255 and "\0" not in part for part in parts)
        assert not any(other.startswith(f"{path}/") for other in found)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=6))
def test_files_of_any_names_are_stored_and_found(store: Store, names: list[str]) -> None:
    given_files = [Incoming(name, str(n).encode()) for n, name in enumerate(names)]
    version = store.add("two", "ada", given_files, origin(0)).version
    assert sorted(tree(version.files).values()) == sorted(file.content for file in given_files)
    assert version in store.versions("two", "ada") or len(store.versions("two", "ada")) > 1
    outside = [path for path in store.course.root.iterdir() if path.name != ".autograder"]
    assert {path.name for path in outside} == {"nbgrader_config.py", "source"}


def test_of_equal_names_the_last_one_keeps_the_name(store: Store) -> None:
    given_files = [Incoming("a.py", b"old"), Incoming("a.py", b"new"), Incoming("a.py/b.py", b"3")]
    version = store.add("two", "ada", given_files, origin(0)).version
    assert tree(version.files) == {"a.py/b.py": b"3", "a (2).py": b"new", "a (3).py": b"old"}


def test_a_link_is_not_followed(store: Store, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "secret")
    with pytest.raises(DiskError):
        store.add("two", "ada", [Incoming("a.ipynb", tmp_path / "link.ipynb")], origin(0))
    assert store.versions("two", "ada") == []


def test_a_hand_in_that_is_too_large_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "MAX_MB", 0)
    with pytest.raises(TooMuch, match="more than 0 MB"):
        store.add("two", "ada", files(a__ipynb=b"{}"), origin(0))
    monkeypatch.setattr(incoming, "MAX_FILES", 1)
    with pytest.raises(TooMuch, match="more than 1 files"):
        store.add("two", "ada", files(a=b"", b=b""), origin(0))
    assert tree(store.course.state / "received") == {}


STEPS = (
    "autograder.received.store.write_files",
    "autograder.received.store.held_notebooks",
    "autograder.received.store.write_whole",
    "autograder.received.store.sync_folder",
    "pathlib.Path.rename",
)


class Killed(BaseException):
    """Stands for a kill."""


@pytest.mark.parametrize("step", STEPS)
def test_a_version_is_written_whole_or_not_at_all(
    store: Store, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    data = files(a__ipynb=handed_in(store, "01_first"))
    store.bundles("two")

    def kill(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(step, kill)
        patch.setattr("autograder.received.store.shutil.rmtree", lambda *_, **__: None)
        with pytest.raises(Killed):
            store.add("two", "ada", data, origin(0))
    for version in store.versions("two", "ada"):
        assert version.notebooks
    assert store.damaged("two", "ada") == []
    added = store.add("two", "ada", data, origin(0))
    assert counting(store) == {"01_first": added.version.name}
    assert [one for one in os.listdir(added.version.folder.parent) if "partial" in one] == []


def test_what_is_written_is_on_the_disk_before_the_version_has_its_name(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file and folder is synced before the rename, and the folder above after it."""
    done: list[str] = []
    sync, rename = os.fsync, Path.rename

    def synced(descriptor: int) -> None:
        done.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        sync(descriptor)

    def renamed(path: Path, target: Path) -> Path:
        done.append("renamed")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "rename", renamed)
    folder = store.add(
        "two", "ada", [Incoming("x/a.ipynb", b"{}")], origin(0)
    ).version.folder.parent
    partial = f"{folder}/.partial-{os.getpid()}"
    before = set(done[: done.index("renamed")])
    assert {
        f"{partial}/files/x/a.ipynb",
        f"{partial}/files/x",
        f"{partial}/files",
        partial,
    } < before
    assert any("origin.json" in one for one in before)
    assert str(folder) in done[done.index("renamed") :]


def test_a_damaged_version_is_left_out_and_told(store: Store) -> None:
    good = store.add("two", "ada", files(a__ipynb=handed_in(store, "01_first")), origin(0))
    bad = store.add("two", "ada", files(a__ipynb=handed_in(store, "01_first", "2")), origin(1))
    (bad.version.folder / "origin.json").write_text('{"format": 1}')
    assert counting(store) == {"01_first": good.version.name}
    assert store.damaged("two", "ada") == [bad.version.name]


def test_notebooks_are_recognised_again_after_the_assignment_changed(store: Store) -> None:
    version = store.add(
        "two", "ada", files(a__ipynb=handed_in(store, "01_first")), origin(0)
    ).version
    path = version.folder / "origin.json"
    document = json.loads(path.read_text())
    document["notebooks"], document["recognised_by"] = (
        {"00_old": {"file": "a.ipynb", "is_readable": True}},
        "x",
    )
    path.write_text(json.dumps(document))
    assert counting(store) == {"01_first": version.name}


def test_pruning_keeps_the_counting_the_last_and_the_newest_copy_of_a_path(store: Store) -> None:
    def add(hours: float, **given_files: bytes) -> Version:
        return store.add("two", "ada", files(**given_files), origin(hours)).version

    first, second = handed_in(store, "01_first"), handed_in(store, "02_second")
    helper = add(0, helper__py=b"x = 1")
    old = add(1, a__ipynb=first + b" ")
    counts = add(2, b__ipynb=second)
    between = add(3, a__ipynb=first + b"  ")
    broken = add(4, a__ipynb=first)
    last = add(5, a__ipynb=first + b"   ", notes__txt=b"")
    gone = store.prune("two", "ada", keep=1)
    assert {one.name for one in gone} == {old.name, between.name, broken.name}
    assert [one.name for one in store.versions("two", "ada")] == [
        helper.name,
        counts.name,
        last.name,
    ]
    assert store.prune("two", "ada", keep=1) == []
    with pytest.raises(UsageError):
        store.prune("two", "ada", keep=0)


def test_pruning_keeps_a_counting_version_behind_files_that_cannot_be_read(store: Store) -> None:
    good = store.add("two", "ada", files(a__ipynb=handed_in(store, "01_first")), origin(0))
    for hours in (1, 2, 3):
        broken = [Incoming("a.ipynb", b"{01_first" * hours), Incoming("01_first.ipynb", b"{")]
        store.add("two", "ada", broken, origin(hours))
    assert len(store.prune("two", "ada", keep=1)) == 2
    assert counting(store) == {"01_first": good.version.name}


def test_another_policy_can_choose_the_version(store: Store) -> None:
    class First(CountingPolicy):
        def choose(self, notebook: str, versions: list[Version]) -> Version:  # type: ignore[override]
            return versions[0]

    one = store.add("two", "ada", files(a__ipynb=handed_in(store, "01_first", "1")), origin(0))
    store.add("two", "ada", files(a__ipynb=handed_in(store, "01_first", "2")), origin(1))
    chosen = counting_versions(store.versions("two", "ada"), First())
    assert chosen["01_first"].name == one.version.name


def test_a_rehearsal_leaves_the_course_alone(
    store: Store, tmp_path_factory: pytest.TempPathFactory
) -> None:
    old = store.add("two", "ada", files(a__ipynb=handed_in(store, "01_first")), origin(0))
    before = tree(store.course.root)
    rehearsal = Store(store.course, rehearsal=tmp_path_factory.mktemp("dry") / "received")
    new = rehearsal.add("two", "ada", files(b__ipynb=handed_in(store, "02_second")), origin(1))
    assert not rehearsal.add(
        "two", "ada", files(a__ipynb=handed_in(store, "01_first")), origin(0)
    ).is_new
    assert counting(rehearsal) == {"01_first": old.version.name, "02_second": new.version.name}
    assert tree(store.course.root) == before


def test_an_unknown_time_is_ordered_by_its_hint(store: Store) -> None:
    unknown = Origin("plain", time=HandInTime(doubt="no time"), ordered_at=START)
    first = store.add("two", "ada", files(a__ipynb=handed_in(store, "01_first", "u")), unknown)
    assert first.version.name.startswith("unknown-")
    second = store.add("two", "ada", files(a__ipynb=handed_in(store, "01_first", "k")), origin(1))
    assert counting(store) == {"01_first": second.version.name}
