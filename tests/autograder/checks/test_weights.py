"""The file of weights that is judged: the newest that fits by its content."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import save
from torch import nn

from autograder.checks import CheckContext, HandedInWeights, checking, handed_in_weights

NAME = "small.safetensors"


def network(value: float = 0.0) -> nn.Module:
    model = nn.Linear(3, 2)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(value)
    return model


def weights(value: float, **renamed: str) -> bytes:
    state = network(value).state_dict()
    return save({renamed.get(name, name): tensor for name, tensor in state.items()})


def found_in(files: dict[str, bytes]) -> HandedInWeights:
    with checking(CheckContext(files=files)):
        return handed_in_weights(network(), NAME)


@pytest.mark.parametrize(
    "file",
    [NAME, "doejane_12345_678902_small-1.safetensors", "small (1).safetensors",
     "notes/small.SAFETENSORS", "small.safetensors.txt", "small.bin", "weights"],
)  # fmt: skip
def test_weights_are_found_under_any_name(file: str) -> None:
    found = found_in({"helper.py": b"import os", file: weights(4.0, weight="w", bias="module.b")})
    assert (found.file, found.problem, found.notes) == (file, "", ())
    assert found.state["weight"].eq(4).all() and found.size > 0


def test_the_newest_that_fits_wins_and_the_rest_is_told() -> None:
    files = {
        "broken.safetensors": b"nothing",
        "another.safetensors": save({"weight": torch.ones(9, 9)}),
        "nan.safetensors": weights(float("nan")),
        "small (1).safetensors": weights(2.0),
        NAME: weights(1.0),
    }
    found = found_in(files)
    assert found.file == "small (1).safetensors" and found.state["bias"].eq(2).all()
    told = " / ".join(found.notes)
    assert "broken.safetensors: it is not a safetensors file" in told
    assert "another.safetensors: it does not fit the network" in told
    assert "nan.safetensors: it holds values that are not numbers" in told
    assert f"{NAME}: fits as well; small (1).safetensors is newer" in told


def test_without_a_file_that_fits_the_problem_says_why() -> None:
    assert found_in({}).problem.startswith(f"{NAME} is not there: run the training cell")
    problem = found_in({"a.safetensors": save({"weight": torch.ones(3, 2)})}).problem
    assert "a.safetensors: it does not fit the network: no tensor of shape (2, 3)" in problem
    assert found_in({"a.safetensors": b""}).state == {}


def test_without_a_grader_the_working_folder_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "is not there" in handed_in_weights(network(), NAME).problem
    Path(NAME).write_bytes(weights(1.0))
    Path("new").mkdir()
    Path("new/small (1).safetensors").write_bytes(weights(2.0))
    Path("folder.safetensors").mkdir()
    os.utime(NAME, (1, 1))
    assert handed_in_weights(network(), NAME).file == "small (1).safetensors"
    os.utime("new/small (1).safetensors", (1, 1))
    assert handed_in_weights(network(), NAME).file == NAME  # of equals the expected name
