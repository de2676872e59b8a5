from __future__ import annotations

from pathlib import Path

import pytest

from autograder.nbgrader_api.public_files import (
    clear_release,
    is_private,
    links_left_out,
    private_files_in_release,
    public_files,
)
from tests.courses.roads import PRIVATE


@pytest.mark.parametrize(
    "path",
    [
        *PRIVATE, "exercises/corr2d/check.py", "Exercises/a.py", "a/b/PRIVATE/c/d.npz", "private2/a",
        "misconceptions-old/x.toml", "01_sums.py", "1_a.py", "01_sums.py.bak", "#01_sums.py#",
        "01_sums.ipynb", "x.IPYNB", "a/x.ipynb~",
    ],
)  # fmt: skip
def test_a_private_name_is_private_at_each_depth_and_in_each_spelling(path: str) -> None:
    assert is_private(Path(path).parts)


@pytest.mark.parametrize(
    "path",
    ["digits.npz", "data/points.csv", "exercise.png", "privateer.csv", "helper.py", "01.py", "a_1.py",
     "2_data.csv", ".gitkeep", "figures/ipynb.png"],
)  # fmt: skip
def test_other_names_are_public(path: str) -> None:
    assert not is_private(Path(path).parts)


def write(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(path.name)
    return path


def test_a_link_is_as_private_as_its_target(tmp_path: Path) -> None:
    folder = tmp_path / "course" / "source" / "demo"
    for name in ("map.txt", "private/key.txt", "../other/exercises/a.txt", "../shared/b.txt"):
        write(folder / name)
    for outside in ("course/gradebook.db", "store.csv"):
        write(tmp_path / outside)
    targets = {
        "same.txt": "map.txt", "key.txt": "private/key.txt", "a.txt": "../other/exercises/a.txt",
        "b.txt": "../shared/b.txt", "grades.txt": "../../gradebook.db",
        "store.csv": "../../../store.csv", "folder": "../shared", "lost.txt": "nowhere",
    }  # fmt: skip
    for name, target in targets.items():
        (folder / name).symlink_to(target)
    (folder / "exercises").symlink_to("../other/exercises")
    found = [path.name for path in public_files(folder)]
    assert found == ["b.txt", "map.txt", "same.txt", "store.csv"]
    left = [path.name for path in links_left_out(folder)]
    assert left == ["a.txt", "folder", "grades.txt", "key.txt", "lost.txt"]


def test_a_release_is_cleared_of_private_files_links_and_empty_folders(tmp_path: Path) -> None:
    kept = [write(tmp_path / name) for name in ("01_sums.ipynb", "data/a.csv", "map.txt")]
    wrong = [write(tmp_path / name) for name in ("exercises/a/check.py", "data/01_sums.ipynb")]
    (tmp_path / "link").symlink_to("map.txt")
    (tmp_path / "folder").symlink_to("data")
    found = set(private_files_in_release(tmp_path))
    assert found == {*wrong, tmp_path / "link", tmp_path / "folder"}
    assert set(clear_release(tmp_path)) == found
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == set(kept)
    assert not (tmp_path / "exercises").exists()
    assert clear_release(tmp_path) == [] and clear_release(tmp_path / "nowhere") == []
