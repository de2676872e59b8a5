"""Our safetensors files compared with the files of the package."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from source.shared.weights import FILE_DTYPES, load_weights, read_metadata, save_weights

TENSORS = {
    "layer.weight": torch.randn(4, 3, 2, generator=torch.Generator().manual_seed(0)),
    "scalar": torch.tensor(7),
    "empty": torch.zeros(0, 5),
    "turned": torch.arange(6.0).reshape(2, 3).T,
    **{f"as {name}": torch.ones(3).to(dtype) for name, dtype in FILE_DTYPES.items()},
}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(
        one[k].dtype == other[k].dtype and torch.equal(one[k], other[k]) for k in one
    )


def test_the_package_reads_what_we_write(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    save_weights(path, TENSORS, {"step": "12"})
    assert same(load_file(path), TENSORS)
    with safe_open(path, "pt") as file:
        assert file.metadata() == {"step": "12"}
    assert read_metadata(path) == {"step": "12"}


def test_we_read_what_the_package_writes(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    save_file({k: v.contiguous() for k, v in TENSORS.items()}, path, {"by": "the package"})
    assert same(load_weights(path), TENSORS)
    assert read_metadata(path) == {"by": "the package"}


def test_tensors_that_need_gradients_are_written_as_numbers(tmp_path: Path) -> None:
    model = torch.nn.Linear(2, 3)
    save_weights(tmp_path / "m", dict(model.named_parameters()))
    assert same(load_weights(tmp_path / "m"), dict(model.state_dict()))
    assert read_metadata(tmp_path / "m") == {}


@pytest.mark.parametrize("cut", [0, 4, 20, 60, -1])
def test_a_file_that_was_cut_short_is_an_error_in_words(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "net.safetensors"
    save_weights(path, {"a": torch.ones(4)})
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ValueError, match=r"safetensors file, or was cut short|damaged"):
        load_weights(path)


@pytest.mark.parametrize(
    "junk", [b"PK\x03\x04" + b"0" * 200, b"\xff" * 64, (2).to_bytes(8, "little") + b"[]"]
)
def test_another_format_is_an_error_in_words(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "net.pt"
    path.write_bytes(junk)
    with pytest.raises(ValueError, match="not a safetensors file"):
        load_weights(path)
