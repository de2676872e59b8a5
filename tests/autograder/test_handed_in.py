from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder import handed_in
from autograder.bundle import NotebookBundle
from autograder.handed_in import sort_files
from tests.autograder.tiny_course import CODE, as_bytes, as_handed_in, notebook

pytest_plugins = ["tests.autograder.engine_fixtures"]


@pytest.fixture
def folder(tmp_path: Path, tiny: NotebookBundle) -> Callable[..., Path]:
    """``folder({name: bytes or None})``: a folder with these files, None being the right notebook."""

    def make(files: dict[str, bytes | None]) -> Path:
        for age, (name, data) in enumerate(files.items()):
            path = tmp_path / name
            path.write_bytes(as_bytes(as_handed_in(tiny)) if data is None else data)
            os.utime(path, (1_000_000 - age, 1_000_000 - age))
        return tmp_path

    return make


Folder = Callable[[dict[str, Any]], Path]


def chosen(path: Path, tiny: NotebookBundle) -> tuple[str | None, tuple[str, ...]]:
    found = sort_files(path, [tiny], path / "unpacked")
    picked = found.notebooks.get("01_tiny")
    return (picked.name if picked else None), found.notes


def test_the_expected_name_wins_over_newer_copies(folder: Folder, tiny: NotebookBundle) -> None:
    path = folder({"Copy of 01_tiny.ipynb": None, "01_tiny.ipynb": None})
    assert chosen(path, tiny) == (
        "01_tiny.ipynb",
        ("Copy of 01_tiny.ipynb: another copy of 01_tiny; 01_tiny.ipynb was graded",),
    )


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
    ],
)
def test_a_renamed_file_is_recognised_by_its_cells(
    folder: Folder, tiny: NotebookBundle, name: str
) -> None:
    found, notes = chosen(folder({name: None}), tiny)
    assert found == name
    assert notes == (f"{name}: recognised as 01_tiny by its cells",)


def test_of_two_renamed_files_the_newer_one_counts(folder: Folder, tiny: NotebookBundle) -> None:
    found, notes = chosen(folder({"newer.ipynb": None, "older.ipynb": None}), tiny)
    assert found == "newer.ipynb"
    assert notes[1] == "older.ipynb: another copy of 01_tiny; newer.ipynb was graded"


def test_a_broken_file_is_recognised_by_its_name(folder: Folder, tiny: NotebookBundle) -> None:
    found, _ = chosen(folder({"Copy of 01_tiny (2).ipynb": b"{ broken"}), tiny)
    assert found == "Copy of 01_tiny (2).ipynb"


def test_a_whole_copy_wins_over_a_newer_broken_one(folder: Folder, tiny: NotebookBundle) -> None:
    files = {"01_tiny (2).ipynb": b"{ broken", "01_tiny (1).ipynb": None}
    found, notes = chosen(folder(files), tiny)
    assert found == "01_tiny (1).ipynb"
    assert "01_tiny (2).ipynb: another copy of 01_tiny" in notes[1]


def test_hidden_files_of_other_systems_are_no_notebooks(
    folder: Folder, tiny: NotebookBundle
) -> None:
    files = {"._01_tiny.ipynb": b"\x00\x05\x16\x07", ".~lock.01_tiny.ipynb#": b"", "a.ipynb": None}
    assert chosen(folder(files), tiny)[0] == "a.ipynb"


def test_a_name_that_is_no_text_is_still_listed(folder: Folder, tiny: NotebookBundle) -> None:
    found = sort_files(
        path := folder({os.fsdecode(b"\xff01.ipynb"): None}), [tiny], path / "unpacked"
    )
    assert list(found.notebooks) == ["01_tiny"]
    assert found.notes == ("?01.ipynb: recognised as 01_tiny by its cells",)


def test_a_notebook_of_something_else_is_listed_and_not_taken(
    folder: Folder, tiny: NotebookBundle
) -> None:
    other = folder({"homework.ipynb": notebook(CODE), "junk.ipynb": b"junk"})
    found, notes = chosen(other, tiny)
    assert found is None
    assert set(notes) == {
        "homework.ipynb: not a notebook of this assignment",
        "junk.ipynb: not a notebook of this assignment",
    }


def test_links_folders_and_pipes_are_not_read(
    folder: Folder, tiny: NotebookBundle, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.ipynb"
    outside.write_bytes(as_bytes(as_handed_in(tiny)))
    path = folder({})
    (path / "01_tiny.ipynb").symlink_to(outside)
    (path / "b.py").symlink_to("/etc/passwd")
    (path / "loop.ipynb").symlink_to("loop.ipynb")
    (path / "c.ipynb").mkdir()
    os.mkfifo(path / "d.ipynb")
    found = sort_files(path, [tiny], path / "unpacked")
    assert (found.notebooks, found.files) == ({}, ())
    assert "01_tiny.ipynb: a link, ignored" in found.notes


def test_modules_that_shadow_nothing_are_handed_over(folder: Folder, tiny: NotebookBundle) -> None:
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
    files: dict[str, Any] = {f"{name}.py": b"raise SystemExit" for name in shadows}
    files |= {"mine.py": b"x = 1", "big.py": b"#" * (2 << 20), "data.csv": b"1,2"}
    found = sort_files(path := folder(files), [tiny], path / "unpacked")
    assert [path.name for path in found.files] == ["mine.py"]
    assert "torch.py: ignored, because it would shadow an installed module" in found.notes
    assert "big.py: ignored, because it is larger than 1 MB" in found.notes
    assert len(found.notes) == len(shadows) + 1


def test_modules_together_are_limited_too(folder: Folder, tiny: NotebookBundle) -> None:
    found = sort_files(
        path := folder({f"m{n}.py": b"#" * (1 << 20) for n in range(12)}), [tiny], path / "unpacked"
    )
    assert sum(path.stat().st_size for path in found.files) <= 8 << 20
    assert "ignored, because the modules together are larger than 8 MB" in found.notes[-1]


def test_weights_are_handed_over_and_limited_on_their_own(
    folder: Folder, tiny: NotebookBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handed_in, "MAX_WEIGHTS_MB", 1)
    large = b"0" * ((1 << 20) + 1)
    found = sort_files(
        folder({"net.safetensors": b"1", "net.pt": b"2", "huge.safetensors": large, "m.py": b""}),
        [tiny],
        Path("nowhere"),
    )
    assert {path.name for path in found.files} == {"net.safetensors", "m.py"}
    assert found.notes == (
        "huge.safetensors: ignored, because the weights together are larger than 1 MB",
    )
