"""Trees as plain values, see ``values``. The sender is not trusted."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from autograder.wall.frames import ProtocolError
from autograder.wall.values import (
    ARRAY_DTYPE,
    GAP,
    MAX_AXES,
    MAX_INT_DIGITS,
    MAX_ITEMS,
    NUMPY_DTYPES,
    TORCH_DTYPES,
    Refused,
)

_PLAIN = frozenset((type(None), bool, float, int, str))  # nodes that are values
MAX_KEYS = 10_000  # of one reply: crafted keys that share a hash cost the square of their number
MAX_GAPS = 1 << 24


@dataclass(slots=True)
class Decoder:
    """Turns a received tree into values; ``handle(node)`` answers for handles.

    Raises ProtocolError for anything that the encoder would not have sent.
    """

    blobs: tuple[bytes | bytearray | memoryview, ...]
    handle: Callable[[list[Any]], Any]
    keep_layout: bool = False
    max_depth: int = 60
    _items: int = 0
    _keys: int = 0

    def decode(self, node: Any, depth: int = 0) -> Any:
        """The value of one tree."""
        if depth > self.max_depth:
            raise ProtocolError("a value is larger than the limit")
        if type(node) in _PLAIN:
            return node
        if type(node) is not list or not node or type(node[0]) is not str:
            raise ProtocolError("a node has no tag")
        tag, rest = node[0], node[1:]
        if tag in ("handle", "yours"):
            return self.handle(node)
        read = _READERS.get(tag)
        if read is None:
            raise ProtocolError("a node has an unknown tag")
        try:
            return read(self, rest, depth)
        except ProtocolError:
            raise
        except (TypeError, ValueError, IndexError, OverflowError, RuntimeError) as error:
            raise ProtocolError(f"a {tag} node is malformed") from error

    def _all(self, rest: list[Any], depth: int) -> list[Any]:
        self._count(len(rest))
        deeper = depth + 1
        return [item if type(item) in _PLAIN else self.decode(item, deeper) for item in rest]

    def _read_list(self, rest: list[Any], depth: int) -> list[Any]:
        return self._all(rest, depth)

    def _read_tuple(self, rest: list[Any], depth: int) -> tuple[Any, ...]:
        return tuple(self._all(rest, depth))

    def _read_set(self, rest: list[Any], depth: int) -> set[Any]:
        return set(self._all(self._few(rest), depth))

    def _read_frozenset(self, rest: list[Any], depth: int) -> frozenset[Any]:
        return frozenset(self._all(self._few(rest), depth))

    def _read_dict(self, rest: list[Any], depth: int) -> dict[Any, Any]:
        self._few(rest)
        self._count(2 * len(rest))
        deeper = depth + 1
        return {self.decode(key, deeper): self.decode(item, deeper) for key, item in rest}

    def _read_int(self, rest: list[Any], depth: int) -> int:
        (text,) = rest
        if not isinstance(text, str) or len(text) > MAX_INT_DIGITS:
            raise ProtocolError("an integer is malformed")
        return int(text)

    def _read_complex(self, rest: list[Any], depth: int) -> complex:
        real, imag = rest
        return complex(float(real), float(imag))

    def _read_text(self, rest: list[Any], depth: int) -> str:
        return bytes(self._blob(rest[0])).decode(errors="surrogatepass")

    def _read_bytes(self, rest: list[Any], depth: int) -> bytes:
        return bytes(self._blob(rest[0]))

    def _read_size(self, rest: list[Any], depth: int) -> torch.Size:
        return torch.Size(_shape(rest))

    def _read_dtype(self, rest: list[Any], depth: int) -> torch.dtype:
        return _lookup(TORCH_DTYPES, rest[0])

    def _read_device(self, rest: list[Any], depth: int) -> torch.device:
        if not isinstance(rest[0], str):  # a number would mean an accelerator, and start it
            raise ProtocolError("a device is malformed")
        return torch.device(rest[0])

    def _read_slice(self, rest: list[Any], depth: int) -> slice:
        return slice(*self._all(rest, depth))

    def _read_range(self, rest: list[Any], depth: int) -> range:
        found = range(*rest)
        if len(found) > MAX_ITEMS:
            raise ProtocolError("a range is larger than the limit")
        return found

    def _read_ellipsis(self, rest: list[Any], depth: int) -> Any:
        return ...

    def _read_refused(self, rest: list[Any], depth: int) -> Refused:
        return Refused(str(rest[0])[:500])

    def _read_tensor(self, rest: list[Any], depth: int) -> torch.Tensor:
        name, sizes, index, layout, requires_grad = rest
        dtype, shape = _lookup(TORCH_DTYPES, name), _shape(sizes)
        data = self._blob(index)
        if len(data) != math.prod(shape) * dtype.itemsize:
            raise ProtocolError("a tensor's bytes do not fit its shape")
        # by way of numpy, which is the quickest
        value = torch.from_numpy(np.ndarray(shape, NUMPY_DTYPES[name], bytearray(data)))
        if dtype is torch.bfloat16:
            value = value.view(dtype)
        if layout is not None and self.keep_layout:
            value = _laid_out(value, layout)
        if requires_grad is True and (dtype.is_floating_point or dtype.is_complex):
            value.requires_grad_(True)
        return value

    def _read_array(self, rest: list[Any], depth: int) -> np.ndarray[Any, Any]:
        name, sizes, index = rest
        if not isinstance(name, str) or not ARRAY_DTYPE.fullmatch(name):
            raise ProtocolError("an array has an unknown dtype")  # numpy would parse it as code
        dtype, shape = np.dtype(name), _shape(sizes)
        if dtype.itemsize > 16:
            raise ProtocolError("an array has an unknown dtype")
        data = self._blob(index)
        if len(data) != math.prod(shape) * dtype.itemsize:
            raise ProtocolError("an array's bytes do not fit its shape")
        return np.frombuffer(bytearray(data), dtype=dtype).reshape(shape)

    def _read_scalar(self, rest: list[Any], depth: int) -> Any:
        value = self.decode(rest[0], depth + 1)
        if not isinstance(value, np.ndarray) or value.shape != ():
            raise ProtocolError("a scalar is malformed")
        return value[()]

    def _count(self, items: int) -> None:
        self._items += items
        if self._items > 3 * MAX_ITEMS:
            raise ProtocolError("a value is larger than the limit")

    def _few(self, keys: list[Any]) -> list[Any]:
        self._keys += len(keys)
        if self._keys > MAX_KEYS:
            raise ProtocolError("sets and dictionaries are larger than the limit")
        return keys

    def _blob(self, index: Any) -> bytes | bytearray | memoryview:
        if type(index) is not int or not 0 <= index < len(self.blobs):
            raise ProtocolError("a node refers to bytes that are not there")
        return self.blobs[index]


_READERS: dict[str, Callable[[Decoder, list[Any], int], Any]] = {
    name.removeprefix("_read_"): read
    for name, read in vars(Decoder).items()
    if name.startswith("_read_")
}


def _shape(sizes: list[Any]) -> list[int]:
    if len(sizes) > MAX_AXES:
        raise ProtocolError("a shape has too many axes")
    for size in sizes:
        if type(size) is not int or not 0 <= size < 1 << 48:
            raise ProtocolError("a size is not a size")
    return list(sizes)


def _lookup(table: dict[str, torch.dtype], name: Any) -> torch.dtype:
    if not isinstance(name, str) or name not in table:
        raise ProtocolError("an unknown dtype")
    return table[name]


def _laid_out(value: torch.Tensor, layout: list[int]) -> torch.Tensor:
    """The same values in memory as ``layout`` says: the offset, then the stride of each axis.

    The gaps between them hold the number GAP; where they would be more than MAX_GAPS, the values
    stay where they are. Raises ValueError for a malformed layout.
    """
    if len(layout) != value.dim() + 1 or any(type(n) is not int or n < 0 for n in layout):
        raise ValueError("a layout is malformed")
    offset, *strides = layout
    ends = [(size - 1) * stride for size, stride in zip(value.shape, strides, strict=True)]
    length = offset + sum(ends) + 1 if value.numel() else offset
    if length > value.numel() + MAX_GAPS:
        return value
    memory = value.new_full((length,), GAP)
    once = value  # along an axis of stride 0 all values are the same
    for axis, stride in enumerate(strides):
        once = once[(slice(None),) * axis + (slice(1),)] if stride == 0 else once
    memory.as_strided(once.shape, strides, offset).copy_(once)
    return memory.as_strided(value.shape, strides, offset)
