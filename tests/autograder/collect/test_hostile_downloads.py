"""Downloads that lead out, fill the disk, or are damaged."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from autograder.collect import reading
from autograder.course.layout import Course
from autograder.received.store import Store
from tests.courses.downloads import collect, zip_of
from tests.courses.pair import handed_in, tree, write_course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return write_course(tmp_path / "course")


def changed_flag(path: Path, bit: int, is_set: bool) -> None:
    """Change a bit in the flags of every entry of a zip."""
    raw = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = raw.find(mark)
        while place >= 0:
            flags = int.from_bytes(raw[place + offset : place + offset + 2], "little")
            flags = flags | bit if is_set else flags & ~bit
            raw[place + offset : place + offset + 2] = flags.to_bytes(2, "little")
            place = raw.find(mark, place + 1)
    path.write_bytes(raw)


def test_paths_that_lead_out_stay_inside(course: Course, tmp_path: Path) -> None:
    data = handed_in(Store(course), "01_first")
    names = [
        "ada/../../../../evil.ipynb",
        "/ada/abs.ipynb",
        "C:\\ada\\win.py",
        "ada/..\\..\\up.py",
        "ada/a:b|c?.py",
        "ada/\u202egnp.py",
        "ada/" + "x" * 300 + ".py",
        "ada/" + "d/" * 60 + "deep.py",
    ]
    entries = [(name, data if "ipynb" in name else b"x", None) for name in names]
    path = zip_of(tmp_path / "inbox.zip", entries)

    def outside() -> set[Path]:
        return {one for one in tmp_path.rglob("*") if course.root not in one.parents}

    before = outside()
    collect(course, path)
    assert outside() == before
    assert {one.name for one in course.root.iterdir()} == {
        ".autograder",
        "nbgrader_config.py",
        "source",
        "submitted",
    }
    assert sorted(os.listdir(course.submitted)) == ["ada"]


def test_links_are_told_and_not_followed(course: Course, tmp_path: Path) -> None:
    secret = tmp_path / "secret.ipynb"
    secret.write_bytes(handed_in(Store(course), "01_first"))
    inbox = tmp_path / "inbox" / "ada"
    inbox.mkdir(parents=True)
    (inbox / "a.ipynb").symlink_to(secret)
    (inbox / "real.py").write_text("x")
    (tmp_path / "inbox" / "teller").symlink_to(tmp_path)
    packed = tmp_path / "p.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        link = zipfile.ZipInfo("ada/link.ipynb")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, str(secret))
        archive.writestr("ada/b.py", "y")
    tarred = tmp_path / "t.tar.gz"
    with tarfile.open(tarred, "w:gz") as tar:
        member = tarfile.TarInfo("ada/hard.ipynb")
        member.type, member.linkname = tarfile.LNKTYPE, "/etc/passwd"
        tar.addfile(member)
        member = tarfile.TarInfo("ada/c.py")
        member.size = 1
        tar.addfile(member, io.BytesIO(b"z"))
    report = collect(course, tmp_path / "inbox", packed, tarred)
    assert [one.reason for one in report.left] == ["a link, ignored"] * 4
    found = {name for name in tree(course.submitted) if "timestamp" not in name}
    assert found == {"ada/two/real.py", "ada/two/b.py", "ada/two/c.py"}


def test_a_bomb_ends_at_the_limit_and_is_told(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zip_of(tmp_path / "inbox.zip", [("ada/bomb.ipynb", b"\0" * (3 << 20), None)])
    with monkeypatch.context() as patch:
        patch.setattr(reading, "MIN_UNPACKED_MB", 1)
        patch.setattr(reading, "MAX_RATIO", 1)
        report = collect(course, path)
    assert [one.reason for one in report.left] == ["not read to its end: more than 1 MB unpacked"]
    assert report.changed == []
    monkeypatch.setattr(reading, "MAX_FILE_MB", 1)
    report = collect(course, path)
    assert [one.reason for one in report.left] == ["could not be unpacked: it is larger than 1 MB"]
    assert report.changed == []


def test_a_download_of_too_many_entries_is_told(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zip_of(tmp_path / "inbox.zip", [(f"ada/{n}.py", b"x", None) for n in range(10_000)])
    report = collect(course, path)
    assert "more than 2000 files" in report.failed["ada"]
    assert tree(course.submitted) == {}
    monkeypatch.setattr(reading, "MAX_ENTRIES", 5_000)
    assert "more than 5000 files" in collect(course, path).left[0].reason


def test_duplicate_entries_are_both_kept(course: Course, tmp_path: Path) -> None:
    old, new = (handed_in(Store(course), "01_first", mark) for mark in ("old", "new"))
    path = tmp_path / "inbox.zip"
    with zipfile.ZipFile(path, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("ada/01_first.ipynb", old)
        archive.writestr("ada/01_first.ipynb", new)
    collect(course, path)
    (version,) = Store(course).versions("two", "ada")
    assert tree(version.files) == {"01_first.ipynb": new, "01_first (2).ipynb": old}


@pytest.mark.parametrize("name", ["Zoë O'Brien-Müller", "山田 太郎"])
def test_names_in_utf8_without_the_flag_are_read(course: Course, tmp_path: Path, name: str) -> None:
    data = handed_in(Store(course), "01_first")
    path = zip_of(tmp_path / "inbox.zip", [(f"{name}/a.ipynb", data, None)])
    changed_flag(path, 0x800, False)
    assert len(collect(course, path).changed) == 1


def test_names_in_no_known_encoding_are_told_and_do_no_harm(course: Course, tmp_path: Path) -> None:
    path = zip_of(tmp_path / "inbox.zip", [("ada/XX.py", b"x", None), ("YY/a.py", b"x", None)])
    raw = path.read_bytes().replace(b"XX.py", b"\xff\xfe.py").replace(b"YY/a", b"\xff\xfe/a")
    path.write_bytes(raw)
    report = collect(course, path)
    assert report.changed == ["ada"]
    assert len(report.unmatched) == 1


def test_a_locked_entry_and_broken_archives_are_told(course: Course, tmp_path: Path) -> None:
    locked = zip_of(tmp_path / "locked.zip", [("ada/a.ipynb", b"{}", None)])
    changed_flag(locked, 1, True)
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 no zip at all")
    cut = zip_of(tmp_path / "cut.zip", [("007/b.py", b"x" * 5_000, None)])
    cut.write_bytes(cut.read_bytes()[:80])
    empty = tmp_path / "empty.zip"
    empty.write_bytes(b"")
    good = zip_of(tmp_path / "good.zip", [("007/b.py", b"x", None)])
    report = collect(course, locked, broken, cut, empty, good)
    assert [(one.name, "password" in one.reason) for one in report.left] == [
        ("ada/a.ipynb", True),
        ("broken.zip", False),
        ("cut.zip", False),
        ("empty.zip", False),
    ]
    assert report.changed == ["007"]


def test_a_file_that_the_grader_may_not_read_is_told(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = tmp_path / "inbox" / "ada"
    inbox.mkdir(parents=True)
    for name in ("a.py", "b.py"):
        (inbox / name).write_text("x")
    access = os.access  # a test may run as root, who may read all
    monkeypatch.setattr(os, "access", lambda path, mode: "a.py" not in path and access(path, mode))
    report = collect(course, tmp_path / "inbox")
    assert [(one.name, one.reason) for one in report.left] == [
        ("ada/a.py", "cannot be read: permission denied")
    ]


@pytest.mark.parametrize(
    "metadata",
    [
        b"",
        b"- a",
        b"\xff\xfe\x00",
        b"{",
        b"submission_1: 3",
        b"submission_1:\n  :submitters: 3\n",
        b"a: &a [x]\nsubmission_1: *a\n",
        b"[" * 5_000,
        b"!!python/object/apply:os.system ['true']",
        b"submission_1:\n  :submitters:\n  - [x]\n  - :name: {a: b}\n    :sid: [1]\n",
    ],
)
def test_odd_metadata_of_gradescope_is_told(
    course: Course, tmp_path: Path, metadata: bytes
) -> None:
    entries = [
        ("e/submission_metadata.yml", metadata, None),
        ("e/submission_1/a.ipynb", b"{}", None),
    ]
    report = collect(course, zip_of(tmp_path / "g.zip", entries))
    assert report.changed == []
    told = [(one.name, one.reason) for one in report.left]
    names_nobody = ("submission_1", "submission_metadata.yml names no student for it")
    assert names_nobody in told or report.unmatched
