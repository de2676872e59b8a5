"""Weights of 04_lenet: judged by the lecture's network, outside of every sandbox."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from torch import nn

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_bundle
from autograder.grading.grader import TrustedNotebook
from autograder.grading.test_cell import TestCell
from autograder.proxy import process
from autograder.release.samples import (
    answered,
    reference_answers,
    reference_weights,
    released_notebook,
)
from autograder.results import Outcome, TestResult
from autograder.submission.folder import sort_files
from autograder.workers.worker import Task, Worker
from tests.course.conftest import ROOT

NAME = "lenet5.safetensors"


@pytest.fixture(scope="module")
def lenet() -> NotebookBundle:
    return load_bundle(ROOT / "source" / "conv" / "04_lenet.py")


@pytest.fixture(scope="module")
def trusted(lenet: NotebookBundle) -> TrustedNotebook:
    return TrustedNotebook.load(lenet, ROOT)


@pytest.fixture(scope="module")
def trained(course: Course) -> bytes:
    return reference_weights(course, "conv")[NAME]


class Scaled(nn.Module):
    """A student's network that is another one: it normalises the images itself."""

    def __init__(self) -> None:
        super().__init__()
        self.net = importlib.import_module("solutions.conv.lenet").LeNet5()

    def forward(self, x: torch.Tensor) -> Any:
        return self.net((x - 0.13) / 0.31)


def judged(trusted: TrustedNotebook, files: dict[str, bytes], LeNet5: Any = None) -> TestResult:
    """The verdict on the weights alone, for a student with this class or without a class."""
    (cell,) = [cell for cell in trusted.bundle.tests if cell.exercise == "lenet5_weights"]
    there = {"look_at_weights": lambda: ("", "there")} | ({"LeNet5": LeNet5} if LeNet5 else {})
    test = TestCell(cell)
    context = trusted.context(test, 5, files)
    return test.run(trusted.fresh_setup(), there.__getitem__, context)


def changed(data: bytes, change: Any) -> bytes:
    return save({name: change(value).contiguous() for name, value in load(data).items()})


def renamed(data: bytes, rename: Any) -> bytes:
    return save({rename(name): value for name, value in load(data).items()})


@pytest.mark.parametrize(
    "file",
    [NAME, "doejane_12345_678902_lenet5-1.safetensors", "lenet5 (1).safetensors", "weights/L.SafeTensors"],
)  # fmt: skip
def test_weights_count_under_any_name_and_without_a_class(
    trusted: TrustedNotebook, trained: bytes, file: str
) -> None:
    found = judged(trusted, {file: trained})
    assert found.points == 2 and found.outcome is Outcome.PASSED and file in found.message


@pytest.mark.parametrize(
    ("case", "ages", "points"),
    [
        ("b01_canvas_names", {"doejane_12345_678902_lenet5-1.safetensors": 1}, 2),
        ("b02_browser_renamed_weights", {"lenet5 (1).safetensors": 1}, 2),
        ("b17_old_and_new_weights", {"lenet5 (1).safetensors": 1, "zeros lenet5.safetensors": 2}, 2),
        ("the same, the other way round", {"lenet5.safetensors": 2, "zeros (2).safetensors": 1}, 0),
    ],
)  # fmt: skip
def test_weights_as_canvas_and_browsers_rename_them(
    course: Course,
    trusted: TrustedNotebook,
    trained: bytes,
    tmp_path: Path,
    case: str,
    ages: dict[str, int],
    points: float,
) -> None:
    folder = tmp_path / "submitted" / case / "conv"
    folder.mkdir(parents=True)
    lenet = trusted.bundle
    notebook = nbformat.writes(released_notebook(course, lenet))
    (folder / "04_lenet (2).ipynb").write_text(notebook)
    for name, days in ages.items():
        path = folder / name.removeprefix("zeros ")
        path.write_bytes(changed(trained, torch.zeros_like) if "zeros" in name else trained)
        os.utime(path, (1_790_000_000 - 86_400 * days,) * 2)
    handed_in = sort_files(folder, [lenet], tmp_path / "unpacked")
    files = {
        place: path.read_bytes() for place, path in handed_in.weights_beside(lenet.name).items()
    }
    found = judged(trusted, files)
    assert found.points == points
    assert found.message.count("fits as well") == len(ages) - 1


def test_the_newer_weights_count_and_the_older_are_told(
    trusted: TrustedNotebook, trained: bytes
) -> None:
    zeros = changed(trained, torch.zeros_like)
    found = judged(trusted, {"lenet5 (1).safetensors": trained, NAME: zeros})
    assert found.points == 2 and f"Also handed in: {NAME}: fits as well" in found.message
    found = judged(trusted, {NAME: zeros, "lenet5 (1).safetensors": trained})
    assert found.points == 0 and "lenet5 (1).safetensors: fits as well" in found.message


@pytest.mark.parametrize(
    "change",
    [torch.Tensor.double, torch.Tensor.float, torch.Tensor.half, torch.Tensor.bfloat16],
)
def test_every_kind_of_float_is_read(trusted: TrustedNotebook, trained: bytes, change: Any) -> None:
    assert judged(trusted, {NAME: changed(trained, change)}).points >= 1.5


@pytest.mark.parametrize(
    "rename",
    ["_orig_mod.{}".format, "module.{}".format, "model.net.{}".format, lambda n: n.replace("layers.", "x")],
)  # fmt: skip
def test_wrapped_weights_are_unwrapped(
    trusted: TrustedNotebook, trained: bytes, rename: Any
) -> None:
    assert judged(trusted, {NAME: renamed(trained, rename)}).points == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda v: v * float("nan"), "not numbers (nan or infinite)"),
        (lambda v: v.double() * 1e300, "too large for float32"),
        (lambda v: v.T if v.dim() == 2 else v, "'layers.7.weight' (2450, 500), 'layers"),
        (lambda v: v.flatten(), "no tensor of shape"),
        (lambda v: v[:0], "no tensor of shape"),
        (lambda v: v.to(torch.int8), "no tensor of shape"),
    ],
)
def test_weights_that_cannot_be_judged_are_told_in_words(
    trusted: TrustedNotebook, trained: bytes, change: Any, words: str
) -> None:
    found = judged(trusted, {NAME: changed(trained, change)})
    assert found.points == 0 and found.outcome is Outcome.FAILED
    assert NAME in found.message and words in found.message


def test_huge_weights_are_only_wrong(trusted: TrustedNotebook, trained: bytes) -> None:
    found = judged(trusted, {NAME: changed(trained, lambda v: v.float() * 0 + 3e38)})
    assert found.points == 0 and "reads 0.0%" in found.message


def test_a_class_of_one_s_own_that_is_another_network_is_told(
    trusted: TrustedNotebook, trained: bytes
) -> None:
    away = {NAME: changed(trained, torch.zeros_like)}
    right = importlib.import_module("solutions.conv.lenet").LeNet5
    assert "Your own class LeNet5 computes something else" in judged(trusted, away, Scaled).message
    assert "Your own class LeNet5 computes something else" in judged(trusted, away).message
    assert "computes something else" not in judged(trusted, away, right).message
    assert "read by the lecture's LeNet-5" in judged(trusted, away, right).message


def test_no_private_image_enters_a_sandbox(
    course: Course,
    lenet: NotebookBundle,
    worker: Worker,
    trained: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = bytearray()

    def send_frame(sock: Any, frame: Any, *more: Any) -> None:
        sent.extend(b"".join(bytes(blob) for blob in frame.blobs))
        original(sock, frame, *more)

    def send_bytes(sock: Any, data: bytes, *more: Any) -> None:
        sent.extend(data)
        original_bytes(sock, data, *more)

    original, original_bytes = process.send_frame, process.send_bytes
    monkeypatch.setattr(process, "send_frame", send_frame)
    monkeypatch.setattr(process, "send_bytes", send_bytes)
    notebook = answered(released_notebook(course, lenet), reference_answers(lenet))
    data = nbformat.writes(notebook).encode()
    for files in ({NAME: trained}, {NAME: changed(trained, torch.zeros_like)}):
        worker.grade(Task("somebody", lenet.name, "x.ipynb", data, files)).result
    assert trained[-1000:] in sent  # so the observer saw the values
    assert not any(row in sent for row in rows_of(private_images(course.source)))


def private_images(source: Path) -> np.ndarray[Any, Any]:
    with np.load(source / "conv" / "private" / "held_out.npz") as file:
        images: np.ndarray[Any, Any] = file["images"]
    return images


def rows_of(images: np.ndarray[Any, Any]) -> Iterable[bytes]:
    """The fullest rows of some images, as bytes and as floats from 0 to 1 or to 255."""
    for image in images[::50]:
        row = image[np.count_nonzero(image, axis=1).argmax()]
        floats = row.astype(np.float32)
        yield from (kind.tobytes() for kind in (row, floats, floats / 255, row / 255.0))
