from __future__ import annotations

import errno
import zipfile
from pathlib import Path

import pytest

from autograder import unpack as unpack_module
from autograder.bundle import NotebookBundle
from autograder.errors import DiskError
from autograder.handed_in import sort_files
from autograder.unpack import unpack
from tests.autograder.tiny_course import as_bytes, as_handed_in

pytest_plugins = ["tests.autograder.engine_fixtures"]


def packed(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "handed_in").mkdir()
    return tmp_path / "handed_in"


def test_a_packed_submission_is_found_with_what_belongs_to_it(
    folder: Path, tiny: NotebookBundle, tmp_path: Path
) -> None:
    notebook = as_bytes(as_handed_in(tiny))
    packed(
        folder / "01_tiny.zip",
        {"01_tiny.ipynb": notebook, "sub/net.safetensors": b"1", "mine.py": b"", "notes.txt": b""},
    )
    found = sort_files(folder, [tiny], tmp_path / "unpacked")
    assert found.notebooks["01_tiny"].read_bytes() == notebook
    assert {path.name for path in found.files} == {"net.safetensors", "mine.py"}
    assert found.notes == ("01_tiny.zip: unpacked",)


def test_a_notebook_beside_the_zip_wins(folder: Path, tiny: NotebookBundle, tmp_path: Path) -> None:
    packed(folder / "all.zip", {"01_tiny.ipynb": as_bytes(as_handed_in(tiny))})
    (folder / "01_tiny.ipynb").write_bytes(as_bytes(as_handed_in(tiny)))
    found = sort_files(folder, [tiny], tmp_path / "unpacked")
    assert found.notebooks["01_tiny"] == folder / "01_tiny.ipynb"
    assert any("another copy of 01_tiny" in note for note in found.notes)


@pytest.mark.parametrize(
    "name", ["../../evil.py", "/etc/evil.py", "a/../../evil.py", "..\\evil.py", "C:/evil.py"]
)
def test_no_path_of_an_archive_leads_out_of_the_folder(
    folder: Path, tmp_path: Path, name: str
) -> None:
    packed(folder / "a.zip", {name: b"x"})
    files, _ = unpack(folder, tmp_path / "unpacked")
    assert {path.parent for path in files} <= {tmp_path / "unpacked" / "a"}
    assert not [path for path in tmp_path.rglob("*evil.py") if "unpacked" not in path.parts]


def test_hidden_files_and_those_of_other_systems_are_left(folder: Path, tmp_path: Path) -> None:
    packed(folder / "a.zip", {"__MACOSX/._a.ipynb": b"", ".b.py": b"", "c.exe": b"", "d.py/": b""})
    assert unpack(folder, tmp_path / "unpacked")[0] == []


def test_broken_archives_and_bombs_are_noted_and_the_others_read(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack_module, "MAX_MB", 1)
    packed(folder / "bomb.zip", {"a.py": b"0" * (3 << 20)})
    packed(folder / "many.zip", {f"{n}.py": b"" for n in range(101)})
    packed(folder / "fine.zip", {"fine.py": b"1"})
    (folder / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
    damaged = bytearray((folder / "fine.zip").read_bytes())
    damaged[40] ^= 0xFF
    (folder / "damaged.zip").write_bytes(damaged)
    (folder / "link.zip").symlink_to(folder / "fine.zip")
    files, notes = unpack(folder, tmp_path / "unpacked")
    assert [path.name for path in files if path.parent.name == "fine"] == ["fine.py"]
    said = "\n".join(notes)
    assert "bomb.zip: could not be unpacked (more than 1 MB)" in said
    assert "many.zip: could not be unpacked (more than 100 files)" in said
    assert "broken.zip: could not be unpacked" in said
    assert "damaged.zip: could not be unpacked" in said
    assert "link.zip" not in said


def test_what_was_unpacked_before_is_gone(folder: Path, tmp_path: Path) -> None:
    into = tmp_path / "unpacked"
    (into / "old").mkdir(parents=True)
    (into / "old" / "old.py").touch()
    assert unpack(folder, into) == ([], [])
    assert not into.exists()


def test_of_an_archive_that_was_refused_nothing_stays_and_no_path_of_ours_is_told(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack_module, "MAX_MB", 1)
    packed(folder / "bomb.zip", {"a.py": b"0" * (600 << 10), "b.py": b"0" * (600 << 10)})
    packed(folder / "long.zip", {"n" * 300 + ".ipynb": b"{}"})
    files, notes = unpack(folder, tmp_path / "unpacked")
    assert files == []
    assert [path for path in (tmp_path / "unpacked").rglob("*") if path.is_file()] == []
    assert notes[1] == "long.zip: could not be unpacked (File name too long)"


def test_a_full_disk_is_no_fault_of_the_archive(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    packed(folder / "a.zip", {"a.py": b"1"})
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(DiskError, match="the disk is full"):
        unpack(folder, tmp_path / "unpacked")
