from __future__ import annotations

import io
import os
import tarfile
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from autograder.course.source import NotebookBundle
from autograder.files.found_file import DecidedBy
from autograder.files.unused_files import MAX_TOLD, Unused
from autograder.reading_budget import ReadingBudget
from autograder.submission import beside
from autograder.submission.folder import Choice, HandedIn, sort_files
from tests.courses.handed_in import CODE, as_bytes, as_handed_in, notebook

DAY = 86_400
OLD = 1_789_948_800  # 2026-09-21 00:00 UTC
NEW = OLD + DAY
NAME = "01_tiny.ipynb"


class Folder:
    """A student's folder to be filled, and the files found in it."""

    def __init__(self, path: Path, tiny: NotebookBundle) -> None:
        self.path = path / "handed_in"
        self.path.mkdir()
        self.scratch = path / "unpacked"
        self.tiny = tiny
        self.right = as_bytes(as_handed_in(tiny))

    def put(self, name: str, data: bytes | None = None, at: int = OLD) -> Path:
        """Write a file, by default the right notebook."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.right if data is None else data)
        os.utime(path, (at, at))
        return path

    def sort(self, budget: ReadingBudget | None = None, **more: Any) -> HandedIn:
        return sort_files(self.path, [self.tiny], self.scratch, budget, **more)

    def choice(self, **more: Any) -> Choice:
        return self.sort(**more).choices["01_tiny"]


@pytest.fixture
def folder(tmp_path: Path, tiny: NotebookBundle) -> Folder:
    return Folder(tmp_path, tiny)


def zipped(files: dict[str, bytes], at: dict[str, int] | None = None) -> bytes:
    """A zip; ``at`` gives the day in September 2026 of an entry."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            day = (at or {}).get(name, 1)
            archive.writestr(zipfile.ZipInfo(name, (2026, 9, day, 12, 0, 0)), data)
    return out.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


# -- which of several ----------------------------------------------------------------------------


def test_one_file_of_the_expected_name_needs_no_note(folder: Folder) -> None:
    folder.put(NAME)
    found = folder.sort()
    assert found.notebooks == {"01_tiny": folder.path / NAME}
    assert found.notes == ()


def test_a_newer_copy_wins_over_the_expected_name(folder: Folder) -> None:
    folder.put(NAME)
    copy = folder.put("Copy of 01_tiny.ipynb", at=NEW)
    found = folder.sort()
    choice = found.choices["01_tiny"]
    assert (choice.file.path, choice.decided_by) == (copy, DecidedBy.FILE)
    assert [file.name for file in choice.others] == [NAME]
    assert found.notes == (
        "01_tiny: Copy of 01_tiny.ipynb was graded, the newest (time of the file: "
        "2026-09-22 00:00:00 UTC); another copy of 01_tiny: 01_tiny.ipynb (2026-09-21 00:00:00 UTC)",
    )


def test_of_equal_times_the_expected_name_wins_then_the_path(folder: Folder) -> None:
    folder.put("a.ipynb")
    folder.put("b.ipynb")
    assert folder.choice().file.name == "a.ipynb"
    assert folder.choice().decided_by is DecidedBy.PATH
    folder.put(NAME)
    assert folder.choice().file.name == NAME
    assert folder.choice().decided_by is DecidedBy.NAME


def test_less_than_a_second_is_no_difference(folder: Folder) -> None:
    path = folder.put("a.ipynb")
    os.utime(path, ns=(OLD * 10**9 + 900_000_000,) * 2)
    folder.put(NAME)
    assert folder.choice().file.name == NAME


def test_of_two_zips_the_newer_wins_whatever_their_entries_say(folder: Folder) -> None:
    folder.put("conv.zip", zipped({NAME: b"{}"}, {NAME: 28}))
    folder.put(
        "conv_final.zip", zipped({"hw/01 (1).ipynb": folder.right}, {"hw/01 (1).ipynb": 2}), NEW
    )
    found = folder.sort()
    choice = found.choices["01_tiny"]
    assert choice.file.archives == ("conv_final.zip",)
    assert choice.file.path.read_bytes() == folder.right
    assert "01_tiny: hw/01 (1).ipynb in conv_final.zip was graded" in found.notes[0]


def test_a_newer_zip_wins_over_an_older_file_and_the_other_way_round(folder: Folder) -> None:
    folder.put(NAME)
    folder.put("conv.zip", zipped({NAME: folder.right}), NEW)
    choice = folder.choice()
    assert (choice.file.archives, choice.decided_by) == (("conv.zip",), DecidedBy.ARCHIVE)
    folder.put(NAME, at=NEW + DAY)
    choice = folder.choice()
    assert (choice.file.archives, choice.decided_by) == ((), DecidedBy.FILE)


def test_entries_of_one_archive_compete_by_their_own_times(folder: Folder) -> None:
    files = {NAME: folder.right, "z/other name.ipynb": folder.right}
    folder.put("a.zip", zipped(files, {NAME: 3, "z/other name.ipynb": 4}))
    choice = folder.choice()
    assert choice.file.name == "z/other name.ipynb"
    assert choice.decided_by is DecidedBy.ENTRY
    assert "time in the archive: 2026-09-04 12:00:00)" in folder.sort().notes[0]


def test_an_archive_in_an_archive_is_as_old_as_its_entry(folder: Folder) -> None:
    inner = zipped({NAME: folder.right}, {NAME: 28})
    files = {"inner.zip": inner, "b.ipynb": folder.right}
    folder.put("a.zip", zipped(files, {"inner.zip": 3, "b.ipynb": 4}))
    assert folder.choice().file.name == "b.ipynb"
    folder.put("a.zip", zipped(files, {"inner.zip": 5, "b.ipynb": 4}))
    assert folder.choice().file.label == "01_tiny.ipynb in inner.zip in a.zip"


def test_of_one_name_twice_in_an_archive_the_last_wins_as_unzip_has_it(folder: Folder) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(zipfile.ZipInfo(NAME), notebook(CODE))
        archive.writestr(zipfile.ZipInfo(NAME), folder.right)
    folder.put("a.zip", out.getvalue())
    assert folder.choice().file.path.read_bytes() == folder.right


def test_the_time_of_hand_in_counts_where_it_is_known(folder: Folder) -> None:
    folder.put("a.ipynb", at=NEW + DAY)
    folder.put("b.ipynb", at=OLD)
    at = {"a.ipynb": datetime(2026, 9, 1, tzinfo=UTC), "b.ipynb": datetime(2026, 9, 2, tzinfo=UTC)}
    choice = folder.choice(handed_in_at=at)
    assert (choice.file.name, choice.decided_by) == ("b.ipynb", DecidedBy.HAND_IN)


def test_a_file_that_can_be_read_wins_over_a_newer_broken_one(folder: Folder) -> None:
    folder.put("01_tiny (1).ipynb")
    folder.put("01_tiny (2).ipynb", b"{ broken", NEW)
    choice = folder.choice()
    assert (choice.file.name, choice.decided_by) == ("01_tiny (1).ipynb", DecidedBy.READABLE)
    assert "01_tiny (2).ipynb" in folder.sort().notes[0]


@pytest.mark.parametrize(
    "checkpoint",
    [
        ".ipynb_checkpoints/01_tiny-checkpoint.ipynb",
        "hw/.ipynb_checkpoints/01_tiny.ipynb",
        "01_tiny-checkpoint.ipynb",
        "01_tiny-checkpoint (1).ipynb",
        "01_tiny.ipynb~",
        ".#01_tiny.ipynb",
        "#01_tiny.ipynb#",
        "._01_tiny.ipynb",
        "__MACOSX/hw/._01_tiny.ipynb",
        ".virtual_documents/01_tiny.ipynb",
        ".~01_tiny.ipynb",
        "autosave/01_tiny.ipynb",
        ".01_tiny.ipynb.swp",
        "01_tiny.ipynb.autosave",
    ],
)
def test_copies_that_editors_make_never_win(folder: Folder, checkpoint: str) -> None:
    folder.put(checkpoint, at=NEW)
    folder.put("hw/01_tiny (1).ipynb")
    assert folder.choice().others == ()
    assert folder.choice().file.name == "hw/01_tiny (1).ipynb"
    files = {checkpoint: folder.right, "hw/01_tiny (1).ipynb": folder.right}
    folder.put("hw/01_tiny (1).ipynb", b"")
    folder.put("all.zip", zipped(files, {checkpoint: 20}), NEW)
    assert folder.choice().file.label == "hw/01_tiny (1).ipynb in all.zip"
    (folder.path / "hw/01_tiny (1).ipynb").unlink()
    folder.put("all.zip", zipped({checkpoint: folder.right}), NEW)
    assert folder.sort().choices == {}


def test_a_checkpoint_alone_is_told(folder: Folder) -> None:
    folder.put(".ipynb_checkpoints/01_tiny-checkpoint.ipynb")
    (unused,) = folder.sort().unused
    assert unused.reason is Unused.CHECKPOINT
    assert "hand in the notebook itself" in folder.sort().notes[0]


# -- files that count as notebooks ---------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Copy of 01_tiny (1).ipynb",
        "Kopie von übung.ipynb",
        "untitled.ipynb",
        "01_tiny.ipynb.txt",
        "01_tiny.ipynb.json",
        "01_tiny.IPYNB",
        "01_TINY.ipynb",
        "a\nb.ipynb",
        "conv/01_tiny.ipynb",
        "a/b/c/d.ipynb",
        "01_tiny.json",
        "01_tiny.txt",
        "01_tiny",
        "01_tiny.py",
        "01_tiny.html",
        "01_tiny.ipynb.download",
        "[x]*?.ipynb",
        "01_tiny.zip",
    ],
)
def test_a_file_is_recognised_by_its_cells_wherever_it_lies(folder: Folder, name: str) -> None:
    folder.put(name)
    found = folder.sort()
    assert found.choices["01_tiny"].file.name == name
    assert found.notes == (f"{name}: recognised as 01_tiny by its cells",)
    assert found.modules == ()


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\n\n  "])
def test_a_mark_before_the_json_does_not_hide_a_notebook(folder: Folder, mark: bytes) -> None:
    folder.put("homework", mark + folder.right)
    assert folder.choice().file.name == "homework"


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("CONV.ZIP", zipped),
        ("conv.zip (1)", zipped),
        ("conv (1).zip", zipped),
        ("conv", zipped),
        ("conv.tar", lambda files: tarred(files, "w:")),
        ("conv.tar.gz", tarred),
        ("conv.tar (1).gz", tarred),
        ("Conv.TGZ", tarred),
        ("conv.tar.bz2", lambda files: tarred(files, "w:bz2")),
        ("conv.tar.xz", lambda files: tarred(files, "w:xz")),
        ("conv.zip", lambda files: zipped({"inner.zip": zipped(files)})),
        ("conv.zip", lambda files: zipped({"inner.tar.gz": tarred(files)})),
        ("conv.tgz", lambda files: tarred({"a/inner.ZIP": zipped(files)})),
        ("conv.zip", lambda files: zipped({"inner": zipped(files)})),
        ("conv/conv.zip", zipped),
        ("01_tiny.ipynb.zip", zipped),
        ("01_tiny.ipynb", zipped),
        ("conv.zip", tarred),
    ],
)
def test_archives_of_many_kinds_are_read(folder: Folder, name: str, make: Any) -> None:
    folder.put(name, make({"conv/01_tiny.ipynb": folder.right}))
    choice = folder.choice()
    assert choice.file.name == "conv/01_tiny.ipynb"
    assert choice.file.archives[0] == name
    assert choice.file.path.read_bytes() == folder.right


def test_windows_paths_in_a_zip_are_paths(folder: Folder) -> None:
    folder.put("a.zip", zipped({"hw\\mylib\\__init__.py": b"", "hw\\01_tiny.ipynb": folder.right}))
    assert list(folder.sort().modules_beside("01_tiny")) == ["mylib/__init__.py"]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("01_tiny.py", b"# In[1]:\nx = 1\n", Unused.EXPORT),
        ("export.py", b"#!/usr/bin/env python\n# coding: utf-8\n\n# In[ ]:\n", Unused.EXPORT),
        ("jupytext.py", b"# %%\nx = 1\n", Unused.EXPORT),
        ("01_tiny.html", b"<!DOCTYPE html>\n<html></html>", Unused.DOCUMENT),
        ("homework", b"<html></html>", Unused.DOCUMENT),
        ("01_tiny.pdf", b"%PDF-1.7", Unused.DOCUMENT),
        ("answers.docx", b"PK\x03\x04", Unused.DOCUMENT),
        ("link.txt", b"https://colab.research.google.com/drive/1abc", Unused.ADDRESS),
        ("01_tiny.ipynb - Colab.url", b"[InternetShortcut]\nURL=x", Unused.ADDRESS),
        ("Colab.webloc", b"<plist>", Unused.ADDRESS),
        ("conv.7z", b"7z\xbc\xaf\x27\x1c", Unused.OTHER_ARCHIVE),
        ("conv.RAR", b"Rar!\x1a\x07\x00", Unused.OTHER_ARCHIVE),
        ("conv", b"Rar!\x1a\x07\x00", Unused.OTHER_ARCHIVE),
        ("conv.zip", b"PK\x03\x04 and no more", Unused.BROKEN),
        ("conv.zip", b"Rar!\x1a\x07\x00", Unused.OTHER_ARCHIVE),
        ("01_tiny.ipynb", b"7z\xbc\xaf\x27\x1c", Unused.OTHER_ARCHIVE),
        ("conv.zip", b"<html>sign in</html>", Unused.BROKEN),
        ("conv.tar.gz", b"\x1f\x8b and no more", Unused.BROKEN),
        ("homework.ipynb", notebook(CODE), Unused.OTHER_NOTEBOOK),
        ("junk.ipynb", b"junk", Unused.OTHER_NOTEBOOK),
        ("net.pt", b"PK\x03\x04", Unused.PICKLE),
        ("notes.xyz", b"hello", Unused.OTHER),
        ("data.json", b'{"a": 1}', Unused.OTHER),
    ],
)
def test_what_cannot_be_graded_is_named_with_the_reason(
    folder: Folder, name: str, data: bytes, reason: Unused
) -> None:
    folder.put(name, data)
    found = folder.sort()
    assert [(file.names, file.reason) for file in found.unused] == [((name,), reason)]
    assert found.notes[-1].startswith(f"{name}: ")


@pytest.mark.parametrize("name", ["01_tiny.pdf", "conv.rar", "01_tiny.ipynb - Colab.url", "a.7z"])
def test_what_lies_in_an_archive_is_named_with_the_archive(folder: Folder, name: str) -> None:
    folder.put("all.zip", zipped({f"hw/{name}": b"x"}))
    assert [file.label for file in folder.sort().unused] == [f"hw/{name} in all.zip"]


def test_data_and_documents_beside_a_notebook_need_no_note(folder: Folder) -> None:
    for name in ("data.csv", "report.pdf", "README.md", "picture.png", "old.html", "data.json"):
        folder.put(name, b"{")
    folder.put(NAME)
    assert folder.sort().unused == ()


def test_a_broken_file_is_recognised_by_its_name(folder: Folder) -> None:
    folder.put("Copy of 01_tiny (2).ipynb", b"{ broken")
    assert folder.choice().file.name == "Copy of 01_tiny (2).ipynb"


def test_a_name_that_is_no_text_is_still_listed(folder: Folder) -> None:
    folder.put(os.fsdecode(b"\xff01.ipynb"))
    assert folder.sort().notes == ("?01.ipynb: recognised as 01_tiny by its cells",)


def test_links_folders_and_pipes_are_not_read(
    folder: Folder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / NAME
    outside.write_bytes(folder.right)
    (folder.path / NAME).symlink_to(outside)
    (folder.path / "b.py").symlink_to("/etc/passwd")
    (folder.path / "loop.ipynb").symlink_to("loop.ipynb")
    (folder.path / "all").symlink_to(outside.parent)
    (folder.path / "c.ipynb").mkdir()
    os.mkfifo(folder.path / "d.ipynb")
    found = folder.sort()
    assert (found.choices, found.modules) == ({}, ())
    assert {file.label for file in found.unused} == {NAME, "b.py", "loop.ipynb", "all"}
    assert {file.reason for file in found.unused} == {Unused.LINK}


def test_a_file_that_may_not_be_opened_stops_nobody(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.put(NAME)
    locked = folder.put("locked.ipynb", at=NEW)
    open_file = Path.open

    def refuse(path: Path, *args: Any, **more: Any) -> Any:
        if path == locked:
            raise PermissionError(13, "Permission denied", str(path))
        return open_file(path, *args, **more)

    monkeypatch.setattr(Path, "open", refuse)
    found = folder.sort()
    assert found.choices["01_tiny"].file.name == NAME
    assert found.notes == ("locked.ipynb: could not be opened (Permission denied)",)


def test_what_is_handed_in_is_not_touched(folder: Folder) -> None:
    folder.put("a.zip", zipped({NAME: folder.right, "m.py": b""}))
    folder.put("b.ipynb")

    def state() -> list[tuple[str, bytes, int]]:
        paths = sorted(path for path in folder.path.rglob("*") if path.is_file())
        return [(str(path), path.read_bytes(), path.stat().st_mtime_ns) for path in paths]

    before = state()
    folder.sort()
    assert state() == before


# -- modules, packages and weights ----------------------------------------------------------------


def test_modules_that_shadow_nothing_are_handed_over(folder: Folder) -> None:
    shadows = [
        "torch",
        "numpy",
        "os",
        "sys",
        "sitecustomize",
        "usercustomize",
        "autograder",
        "msgpack",
        "IPython",
        "matplotlib",
        "_socket",
        "builtins",
        "encodings",
        "site",
    ]
    for name in shadows:
        folder.put(f"{name}.py", b"raise SystemExit")
    folder.put("mine.py", b"x = 1")
    folder.put("big.py", b"#" * (2 << 20))
    folder.put(NAME)
    found = folder.sort()
    assert list(found.modules_beside("01_tiny")) == ["mine.py"]
    assert "torch.py: ignored, because it would shadow an installed module" in found.notes
    assert "big.py: ignored, because it is larger than 1 MB" in found.notes
    assert len(found.notes) == len(shadows) + 1


@pytest.mark.parametrize("top", ["", "hw/", "conv/deep/"])
@pytest.mark.parametrize("pack", [False, True])
def test_helper_packages_keep_their_paths_from_the_notebook(
    folder: Folder, top: str, pack: bool
) -> None:
    files = {
        f"{top}{name}": b"x = 1"
        for name in ("helpers.py", "mylib/__init__.py", "mylib/deep/tools.py", "src/plain.py")
    }
    files[f"{top}{NAME}"] = folder.right
    if pack:
        folder.put("all.zip", zipped(files))
    else:
        for name, data in files.items():
            folder.put(name, data)
    assert set(folder.sort().modules_beside("01_tiny")) == {
        "helpers.py",
        "mylib/__init__.py",
        "mylib/deep/tools.py",
        "src/plain.py",
    }


def test_a_package_from_elsewhere_keeps_its_name(folder: Folder) -> None:
    folder.put("hw/01_tiny.ipynb")
    files = {"x/mylib/__init__.py": b"", "x/mylib/deep/__init__.py": b"", "x/alone.py": b""}
    folder.put("lib.zip", zipped(files))
    assert set(folder.sort().modules_beside("01_tiny")) == {
        "mylib/__init__.py",
        "mylib/deep/__init__.py",
        "alone.py",
    }


def test_a_package_that_shadows_an_installed_one_is_told(folder: Folder) -> None:
    folder.put("torch/__init__.py", b"raise SystemExit")
    folder.put("torch/nn/functional.py", b"raise SystemExit")
    folder.put(NAME)
    found = folder.sort()
    assert found.modules_beside("01_tiny") == {}
    assert {file.reason for file in found.unused} == {Unused.SHADOWS}
    assert len(found.unused) == 2


def test_of_two_modules_for_one_place_the_newer_goes(folder: Folder) -> None:
    folder.put("mine.py", b"old")
    folder.put("a.zip", zipped({"mine.py": b"new"}), NEW)
    folder.put(NAME)
    found = folder.sort()
    assert [path.read_bytes() for path in found.modules_beside("01_tiny").values()] == [b"new"]
    assert "mine.py: ignored, because mine.py in a.zip is newer" in found.notes


def test_a_file_and_a_folder_of_one_name_do_not_meet(folder: Folder) -> None:
    folder.put(NAME)
    folder.put("a.py/__init__.py", b"")
    folder.put("b.zip", zipped({"a.py": b""}), NEW)
    assert list(folder.sort().modules_beside("01_tiny")) == ["a.py"]


def test_modules_together_are_limited_too(folder: Folder) -> None:
    folder.put(NAME)
    for n in range(12):
        folder.put(f"m{n}.py", b"#" * (1 << 20))
    found = folder.sort()
    assert sum(path.path.stat().st_size for path in found.modules) <= 8 << 20
    assert "ignored, because the modules together are larger than 8 MB" in found.notes[-1]


def weights(
    text: bytes = b'{"a": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}}',
) -> bytes:
    return len(text).to_bytes(8, "little") + text


def test_weights_are_handed_over_and_limited_on_their_own(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "MAX_WEIGHTS_MB", 1)
    folder.put("huge.safetensors", b"0" * ((1 << 20) + 1))
    folder.put("net.safetensors", b"1")
    folder.put("net.pt", b"2")
    folder.put("m.py", b"")
    folder.put(NAME)
    found = folder.sort()
    assert list(found.modules_beside("01_tiny")) == ["m.py"]
    assert list(found.weights_beside("01_tiny")) == ["net.safetensors"]
    assert found.notes == (
        "huge.safetensors: ignored, because the weights together are larger than 1 MB",
    )


@pytest.mark.parametrize(
    "name",
    [
        "doejane_12345_678902_net-1.safetensors",
        "net (1).safetensors",
        "NET.SAFETENSORS",
        "net.safetensors.txt",
        "net.safetensors (1)",
        "net",
        "net.bin",
        "net.st",
        "weights.json",
    ],
)
def test_weights_are_found_under_any_name(folder: Folder, name: str) -> None:
    folder.put(NAME)
    folder.put(name, weights())
    found = folder.sort()
    assert [file.name for file in found.weights] == [name]
    assert list(found.weights_beside("01_tiny")) == [name]


def test_weights_come_newest_first_and_archives_count_like_files(folder: Folder) -> None:
    folder.put(NAME)
    folder.put("net.safetensors", weights(), OLD)
    folder.put("all.zip", zipped({"sub/net.safetensors": weights(b"{}")}), NEW)
    folder.put("net (1).safetensors", weights(), NEW + DAY)
    found = folder.sort()
    assert [file.label for file in found.weights] == [
        "net (1).safetensors",
        "sub/net.safetensors in all.zip",
        "net.safetensors",
    ]
    assert list(found.weights_beside("01_tiny"))[:2] == ["net (1).safetensors", "net.safetensors"]
    assert "weights, the newest first: net (1).safetensors (2026-09-23" in found.notes[0]


def test_a_long_list_of_files_is_cut_in_the_notes_and_whole_in_the_record(folder: Folder) -> None:
    for n in range(MAX_TOLD + 7):
        folder.put(f"{n}.ipynb", b"junk")
    found = folder.sort()
    assert len(found.unused) == MAX_TOLD + 7
    assert len(found.notes) == MAX_TOLD + 1
    assert found.notes[-1] == "and 7 more files were not used"


def test_what_is_not_used_of_an_archive_does_not_stay(folder: Folder) -> None:
    files = {NAME: folder.right, "other.ipynb": notebook(CODE), "m.py": b"", "a.json": b"{}"}
    folder.put("a.zip", zipped(files))
    folder.sort()
    stay = sorted(path.name for path in folder.scratch.rglob("*") if path.is_file())
    assert stay == [NAME, "m.py"]


def test_pictures_come_with_a_notebook_packed_or_not(folder: Folder) -> None:
    folder.put(
        "a.zip",
        zipped({NAME: folder.right, "img/one.PNG": b"new", "big.jpg": bytes(5 << 20)}),
        NEW,
    )
    folder.put("one.PNG", b"old")
    folder.put("two.jpg", b"2")
    pictures = folder.sort().pictures_by_name()
    assert {name: path.read_bytes() for name, path in pictures.items()} == {
        "one.PNG": b"new",
        "two.jpg": b"2",
    }


def test_of_a_packed_set_of_pictures_a_part_comes_out(folder: Folder) -> None:
    files = {f"data/{n}.png": b"x" for n in range(400)} | {NAME: folder.right, "z.py": b""}
    folder.put("a.zip", zipped(files))
    found = folder.sort()
    assert len(found.pictures) == 50
    assert (found.unused, len(found.modules)) == ((), 1)


def test_of_weights_of_one_age_the_name_in_the_notebook_comes_first(
    folder: Folder, tiny: NotebookBundle
) -> None:
    folder.tiny = replace(
        tiny,
        cells=(replace(tiny.cells[0], source='load("small-net.safetensors")'), *tiny.cells[1:]),
    )
    for name in ("a.safetensors", "z/small-net.safetensors"):
        folder.put(name, weights())
    folder.put(NAME)
    assert [file.name for file in folder.sort().weights] == [
        "z/small-net.safetensors",
        "a.safetensors",
    ]
