"""Handed-in weights: read within limits, and fitted to a network by their shapes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import torch

MAX_FILE_MB, MAX_HEADER_KB, MAX_TENSORS, MAX_AXES = 48, 512, 2000, 8
_MAX_SIZE = 1 << 40  # elements along one axis
_FLOATS = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
}
_OTHERS = {
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
_DTYPES = _FLOATS | _OTHERS
_WRAPPERS = ("_orig_mod", "module", "model", "net", "network", "state_dict", "model_state_dict")

Weights = dict[str, torch.Tensor]


class UnusableWeights(ValueError):
    """A file of weights that cannot be used; its text is for the student."""


def read_weights(data: bytes) -> Weights:
    """Copies of the tensors in a safetensors file, by name.

    Only the header and the bytes that it points to are read: at most MAX_FILE_MB in all,
    MAX_HEADER_KB of them for the header. Raises UnusableWeights.
    """
    if len(data) > MAX_FILE_MB << 20:
        raise UnusableWeights(f"the file is larger than {MAX_FILE_MB} MB")
    header, body = _header(data), memoryview(data)[8 + int.from_bytes(data[:8], "little") :]
    header.pop("__metadata__", None)
    if len(header) > MAX_TENSORS:
        raise UnusableWeights(f"it holds more than {MAX_TENSORS} tensors")
    places = {name: _place(name, entry, len(body)) for name, entry in header.items()}
    end = 0
    for start, stop, name in sorted((*places[name][2:], name) for name in places):
        if start < end:
            raise UnusableWeights(f"the tensor {_shown(name)} lies in another's bytes")
        end = max(end, stop)
    return {name: _tensor(body, *place) for name, place in places.items()}


def fit_weights(weights: Mapping[str, torch.Tensor], wanted: Mapping[str, torch.Tensor]) -> Weights:
    """The weights under the names of a network's ``state_dict``, as float32.

    A tensor finds its place by its shape. If several tensors have one shape, their names decide,
    then the order of their names. Prefixes such as ``module.`` are removed. If a file holds more
    than one network, the network under such a prefix is taken.

    Raises UnusableWeights with the names of missing or not finite tensors.
    """
    floats = {name: value for name, value in weights.items() if value.is_floating_point()}
    chosen = _one_network(floats, wanted)
    found: Weights = {}
    for shape, names in _by_shape(wanted).items():
        there = _by_shape(chosen).get(shape, [])
        found |= {name: chosen[other] for name, other in _pairs(names, there)}
    fitted = {name: found[name].float() for name in wanted}
    for name, value in fitted.items():
        if not bool(value.isfinite().all()):
            was_finite = bool(found[name].isfinite().all())
            kind = "too large for float32" if was_finite else "not numbers (nan or infinite)"
            raise UnusableWeights(f"it holds values that are {kind}")
    return fitted


def _header(data: bytes) -> dict[str, Any]:
    length = int.from_bytes(data[:8], "little")
    if length > MAX_HEADER_KB << 10:
        raise UnusableWeights("it is not a safetensors file, or its header is too long")
    try:
        header = json.loads(data[8 : 8 + length])
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or len(data) < 8 + length:
        raise UnusableWeights("it is not a safetensors file, or was cut short")
    return header


def _place(name: str, entry: Any, size: int) -> tuple[torch.dtype, list[int], int, int]:
    """The place of a tensor: its dtype, its shape, and its first and last byte."""
    entry = entry if isinstance(entry, dict) else {}
    kind, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
    if isinstance(kind, str) and kind not in _DTYPES:
        raise UnusableWeights(
            f"the tensor {_shown(name)} is of the kind {kind[:20]}; save float32 or float16"
        )
    if not (isinstance(kind, str) and _are_sizes(shape) and _are_sizes(offsets)):
        raise UnusableWeights(f"the tensor {_shown(name)} is damaged")
    dtype = _DTYPES[kind]
    if len(shape) > MAX_AXES or len(offsets) != 2 or not offsets[0] <= offsets[1] <= size:
        raise UnusableWeights(f"the tensor {_shown(name)} is damaged, or the file was cut short")
    if offsets[1] - offsets[0] != math.prod(shape) * dtype.itemsize:
        raise UnusableWeights(f"the tensor {_shown(name)} is damaged: its size is not its shape's")
    return dtype, shape, offsets[0], offsets[1]


def _are_sizes(value: Any) -> bool:
    return isinstance(value, list) and all(type(n) is int and 0 <= n < _MAX_SIZE for n in value)


def _tensor(
    body: memoryview, dtype: torch.dtype, shape: list[int], start: int, stop: int
) -> torch.Tensor:
    if start == stop:
        return torch.empty(shape, dtype=dtype)
    piece = torch.frombuffer(bytearray(body[start:stop]), dtype=torch.uint8)
    if dtype is torch.bool:
        return piece.ne(0).reshape(shape)
    return piece.view(dtype).reshape(shape)


def _one_network(floats: Weights, wanted: Mapping[str, torch.Tensor]) -> Weights:
    """The tensors of a file that make up the network. Raises UnusableWeights."""
    if missing := _missing(floats, wanted):
        raise UnusableWeights(_misfit(floats, wanted, missing))
    needed = {shape: len(names) for shape, names in _by_shape(wanted).items()}

    def is_clear(some: Weights) -> bool:
        there = _by_shape(some)
        return all(len(there.get(shape, [])) == count for shape, count in needed.items())

    if is_clear(floats):
        return floats
    named = {name: value for name, value in floats.items() if _unwrapped(name) in wanted}
    groups = [named, *_networks(floats)]
    for group in groups:
        if is_clear(group):
            return group
    there = _by_shape(floats)
    several = next(there[shape] for shape, count in needed.items() if len(there[shape]) > count)
    listed = ", ".join(map(_shown, several[:4]))
    raise UnusableWeights(
        f"more than one tensor fits the same place: {listed}; save the network's state_dict alone"
    )


def _networks(weights: Weights) -> list[Weights]:
    """The parts of a file by the first word of their names, wrapper prefixes first."""
    parts: dict[str, Weights] = {}
    for name, value in weights.items():
        first = name.split(".", 1)[0]
        parts.setdefault(first, {})[name] = value
    return [parts[first] for first in sorted(parts, key=lambda first: first not in _WRAPPERS)]


def _pairs(names: list[str], there: list[str]) -> Iterable[tuple[str, str]]:
    """The network's names with one shape, each with the name of its tensor in the file."""
    by_name = {_unwrapped(name): name for name in there}
    if set(names) <= set(by_name):
        return [(name, by_name[name]) for name in names]
    return zip(names, sorted(there, key=_natural), strict=True)


def _natural(name: str) -> list[tuple[int, str]]:
    """A sort key that puts layer 2 before layer 10."""
    return [(int(w), "") if w.isdecimal() and w.isascii() else (-1, w) for w in name.split(".")]


def _unwrapped(name: str) -> str:
    first, _, rest = name.partition(".")
    return _unwrapped(rest) if first in _WRAPPERS and rest else name


def _by_shape(weights: Mapping[str, torch.Tensor]) -> dict[tuple[int, ...], list[str]]:
    found: dict[tuple[int, ...], list[str]] = {}
    for name, value in weights.items():
        found.setdefault(tuple(value.shape), []).append(name)
    return found


def _missing(floats: Weights, wanted: Mapping[str, torch.Tensor]) -> list[tuple[int, ...]]:
    there = _by_shape(floats)
    return [
        shape
        for shape, names in _by_shape(wanted).items()
        if len(there.get(shape, [])) < len(names)
    ]


def _misfit(
    floats: Weights, wanted: Mapping[str, torch.Tensor], missing: list[tuple[int, ...]]
) -> str:
    shapes = _by_shape(wanted)
    rest = [f"{_shown(name)} {tuple(v.shape)}" for name, v in floats.items()
            if tuple(v.shape) not in shapes]  # fmt: skip
    text = f"it does not fit the network: no tensor of shape {', '.join(map(str, missing[:8]))}"
    if not rest:
        return text
    more = f" and {len(rest) - 5} more" if len(rest) > 5 else ""
    return f"{text}; it holds {', '.join(rest[:5])}{more}, which the network does not have"


def _shown(name: str) -> str:
    """A name from a file, safe for a message."""
    return repr(name if len(name) <= 60 else name[:57] + "...")
