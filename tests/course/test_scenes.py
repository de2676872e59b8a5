"""The drawn scenes: their layout on the disk, and that neither pixels nor colours give them away."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from source.shared.scenes import SCENES, draw_scene, make_scenes


def test_the_layout_is_that_of_miniplaces(tmp_path: Path) -> None:
    root = make_scenes(tmp_path / "scenes", per_class=(3, 2, 1), size=32)
    lines = {split: (root / f"{split}.txt").read_text().splitlines() for split in ("train", "val")}
    assert lines["train"][:2] == [f"train/{SCENES[0]}/0000000{k}.jpg 0" for k in (1, 2)]
    assert [line.split()[0] for line in lines["val"][:2]] == [
        "val/00000001.jpg",
        "val/00000002.jpg",
    ]
    for split, count in (("train", 3), ("val", 2)):
        labels = [int(line.split()[1]) for line in lines[split]]
        assert sorted(labels) == sorted(list(range(len(SCENES))) * count)
    tests = (root / "test.txt").read_text().splitlines()
    assert tests == [f"test/{k:08d}.jpg" for k in range(1, len(SCENES) + 1)]
    for line in [*lines["train"], *lines["val"], *tests]:
        with Image.open(root / "images" / line.split()[0]) as image:
            assert (image.size, image.mode) == ((32, 32), "RGB")


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    root = make_scenes(tmp_path, per_class=(1, 1, 1), size=32)
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    make_scenes(tmp_path, per_class=(1, 1, 1), size=32)
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_the_same_seed_gives_the_same_pictures_whatever_their_number(tmp_path: Path) -> None:
    few = make_scenes(tmp_path / "few", per_class=(1, 1, 1), size=32)
    more = make_scenes(tmp_path / "more", per_class=(2, 1, 1), size=32)
    name = f"images/train/{SCENES[3]}/00000001.jpg"
    assert (few / name).read_bytes() == (more / name).read_bytes()


def test_other_data_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("photographs")
    with pytest.raises(ValueError, match="other data"):
        make_scenes(tmp_path)
    assert (tmp_path / "train.txt").read_text() == "photographs"


@pytest.mark.parametrize("size", [32, 48, 64])
def test_a_scene_is_float32_from_0_to_1(size: int) -> None:
    for name in SCENES:
        scene = draw_scene(name, np.random.default_rng(1), size)
        assert (scene.shape, scene.dtype) == ((size, size, 3), np.float32)
        assert scene.min() >= 0
        assert scene.max() <= 1


def ridge_accuracy(
    train: np.ndarray, val: np.ndarray, labels: np.ndarray, truth: np.ndarray
) -> float:
    """The accuracy of a linear classifier, fitted by regularised least squares."""
    mean, spread = train.mean(0), train.std(0) + 1e-6
    x, z = (train - mean) / spread, (val - mean) / spread
    targets = np.eye(len(SCENES))[labels] - 1 / len(SCENES)
    weights = np.linalg.solve(x @ x.T + 0.5 * x.shape[1] * np.eye(len(x)), targets)
    return float(((z @ x.T @ weights).argmax(1) == truth).mean())


def test_neither_pixels_nor_colours_give_a_class_away() -> None:
    labels, truth = np.arange(12).repeat(60), np.arange(12).repeat(20)
    train = np.stack(
        [draw_scene(SCENES[k], np.random.default_rng([0, i]), 32) for i, k in enumerate(labels)]
    )
    val = np.stack(
        [draw_scene(SCENES[k], np.random.default_rng([1, i]), 32) for i, k in enumerate(truth)]
    )
    pixels = ridge_accuracy(train.reshape(720, -1), val.reshape(240, -1), labels, truth)
    colours = ridge_accuracy(
        *(np.concatenate([x.mean((1, 2)), x.std((1, 2))], axis=1) for x in (train, val)),
        labels,
        truth,
    )
    assert pixels < 0.55
    assert colours < 0.35
