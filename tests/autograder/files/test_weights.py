"""Files of weights: read within limits, and fitted to a network by their content."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from safetensors.torch import load, save
from torch import nn

from autograder.files.weights import MAX_FILE_MB, UnusableWeights, fit_weights, read_weights


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16, 3))


def alike_layers() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(*[nn.Linear(4, 4, bias=False) for _ in range(12)])


def file_of(header: Any, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


def one(dtype: str = "F32", shape: Any = (2,), offsets: Any = (0, 8)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


def same(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> bool:
    return list(found) == list(expected) and all(found[k].equal(expected[k]) for k in expected)


@pytest.mark.parametrize(
    "dtype",
    [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32,
     torch.int16, torch.int8, torch.uint8, torch.bool],
)  # fmt: skip
def test_what_the_package_safetensors_writes_is_read(dtype: torch.dtype) -> None:
    values = {"a": torch.arange(6).reshape(2, 3).to(dtype), "b": torch.ones((), dtype=dtype)}
    values["none"] = torch.empty((0, 3), dtype=dtype)
    data = save(values, {"accuracy": "0.98"})
    found = read_weights(data)
    assert found.keys() == load(data).keys()
    assert all(found[name].equal(values[name]) for name in values)
    assert all(found[name].dtype == dtype and found[name].shape == values[name].shape
               for name in values)  # fmt: skip


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a safetensors file"),
        (b"PK\x03\x04" + b"x" * 100, "not a safetensors file"),
        (file_of(b"{"), "not a safetensors file"),
        (file_of([]), "not a safetensors file"),
        (file_of(b"[" * 100_000), "not a safetensors file"),
        (file_of(b'{"a":' * 100_000), "not a safetensors file"),
        (file_of(b"9" * 100_000), "not a safetensors file"),
        ((1 << 62).to_bytes(8, "little") + b"{}", "header is too long"),
        (file_of(b" " * (600 << 10) + b"{}"), "header is too long"),
        (file_of({"a": one()}, b"1234"), "cut short"),
        (file_of({"a": 1}), "damaged"),
        (file_of({"a": {}}), "damaged"),
        (file_of({"a": one(dtype=["F32"])}, b"12345678"), "damaged"),
        (file_of({"a": one(dtype="F8_E4M3")}, b"12345678"), "F8_E4M3"),
        (file_of({"a": one(shape=[-2])}, b"12345678"), "damaged"),
        (file_of({"a": one(shape=[2.0])}, b"12345678"), "damaged"),
        (file_of({"a": one(shape=[True, 2])}, b"12345678"), "damaged"),
        (file_of({"a": one(shape=[3])}, b"12345678"), "damaged"),
        (file_of({"a": one(shape=[1] * 50 + [2])}, b"12345678"), "damaged"),
        (file_of({"a": one(shape=[1 << 39] * 8)}, b"12345678"), "damaged"),
        (file_of({"a": one(offsets=[-8, 0])}, b"12345678"), "damaged"),
        (file_of({"a": one(offsets=[8, 0])}, b"12345678"), "damaged"),
        (file_of({"a": one(offsets=[0, 4, 8])}, b"12345678"), "damaged"),
        (file_of({"a": one(offsets=[4, 12])}, b"12345678"), "damaged"),
        (file_of({"a": one(), "b": one(offsets=[4, 12])}, b"123456789012"), "another's bytes"),
        (file_of({str(k): one(shape=[0], offsets=[0, 0]) for k in range(5000)}), "more than"),
        (b"\0" * ((MAX_FILE_MB << 20) + 1), "larger than"),
    ],
    ids=range(27),
)
def test_a_file_that_is_damaged_or_made_to_harm_is_refused_in_words(
    data: bytes, words: str
) -> None:
    with pytest.raises(UnusableWeights, match=words):
        read_weights(data)


def test_the_same_bytes_do_not_stand_for_many_tensors() -> None:
    many = {str(k): one(shape=[250_000], offsets=[0, 1_000_000]) for k in range(1000)}
    with pytest.raises(UnusableWeights, match="another's bytes"):
        read_weights(file_of(many, bytes(1_000_000)))


@pytest.mark.parametrize(
    "rename",
    [
        "{}".format,
        "_orig_mod.{}".format,
        "module.{}".format,
        "model.module.{}".format,
        "net.{}".format,
        lambda name: {"0": "conv", "3": "head"}[name[0]] + name[1:],
        lambda name: f"z{9 - int(name[0])}" + name[1:],
    ],
)
def test_weights_find_their_place_by_shape_under_any_name(rename: Any) -> None:
    state = network().state_dict()
    found = fit_weights({rename(name): value for name, value in state.items()}, state)
    assert same(found, state)


def test_names_decide_between_layers_of_one_shape_and_then_their_order() -> None:
    state = alike_layers().state_dict()
    backwards = dict(reversed(state.items()))
    assert same(fit_weights(backwards, state), state)
    renamed = {f"_orig_mod.layers.{name}": value for name, value in backwards.items()}
    assert same(fit_weights(renamed, state), state)  # 2 before 10


def test_what_is_no_weight_of_the_network_does_no_harm() -> None:
    state = network().state_dict()
    more = {"steps": torch.tensor(7), "scale": torch.tensor(1.0), "epochs": torch.ones(9)}
    assert same(fit_weights({**more, **state}, state), state)


def test_of_two_networks_in_one_file_the_wrapped_or_well_named_one_is_taken() -> None:
    state = network().state_dict()
    other = {f"ema.{name}": value + 1 for name, value in state.items()}
    wrapped = {f"model.{name}": value for name, value in state.items()}
    assert same(fit_weights({**other, **wrapped}, state), state)
    assert same(fit_weights({**other, **state}, state), state)
    with pytest.raises(UnusableWeights, match="more than one tensor fits the same place"):
        twice = [(f"{letter}{name}", value) for letter in "ab" for name, value in state.items()]
        fit_weights(dict(twice), state)


def test_a_file_that_does_not_fit_is_told_in_words() -> None:
    state = network().state_dict()
    turned = {name: value.T if value.dim() == 2 else value for name, value in state.items()}
    with pytest.raises(UnusableWeights) as told:
        fit_weights(turned, state)
    assert "no tensor of shape (3, 16)" in str(told.value)
    assert "'3.weight' (16, 3)" in str(told.value)
    with pytest.raises(UnusableWeights, match=r"no tensor of shape \(4, 1, 3, 3\), \(4,\)"):
        fit_weights({}, state)
    with pytest.raises(UnusableWeights, match="no tensor of shape"):
        fit_weights({name: value.int() for name, value in state.items()}, state)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_other_kinds_of_floats_become_float32(dtype: torch.dtype) -> None:
    state = network().state_dict()
    given = {name: value.to(dtype) for name, value in state.items()}
    found = fit_weights(given, state)
    assert {value.dtype for value in found.values()} == {torch.float32}
    assert all(found[name].equal(given[name].float()) for name in state)


@pytest.mark.parametrize(
    ("value", "words"),
    [(float("nan"), "nan or infinite"), (float("-inf"), "nan or infinite"), (1e300, "too large")],
)
def test_values_that_are_not_finite_are_told(value: float, words: str) -> None:
    state = network().state_dict()
    given = {name: tensor.double() for name, tensor in state.items()}
    given["3.bias"] = torch.full((3,), value, dtype=torch.float64)
    with pytest.raises(UnusableWeights, match=words):
        fit_weights(given, state)


def test_a_hostile_name_is_shown_short_and_quoted() -> None:
    name = "<script>\n" + "x" * 5000
    with pytest.raises(UnusableWeights) as told:
        read_weights(file_of({name: one(shape=[3])}, b"12345678"))
    assert len(str(told.value)) < 200 and "\n" not in str(told.value)
