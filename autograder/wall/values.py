"""Plain values as msgpack trees, and back.

Numbers, strings, containers, arrays and tensors cross by value; a tensor is its dtype, shape and
bytes. Everything else crosses as a handle: a number that only its owner can turn into the object
again. A subclass is sent as the plain type it extends, so an object that compares equal to
everything arrives as the bytes it holds.

Every node that is not None, bool, float, str or a 64-bit int is a list ``[tag, ...]``. The decoder
trusts nothing: tags, types, shapes and lengths are checked before they are used.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from autograder.wall.frames import Frame, ProtocolError

TORCH_DTYPES: dict[str, torch.dtype] = {
    name: getattr(torch, name)
    for name in (
        "float16", "bfloat16", "float32", "float64", "complex64", "complex128",
        "uint8", "int8", "int16", "int32", "int64", "bool",
    )
}  # fmt: skip
_NUMPY_DTYPES = {name: np.dtype("int16" if name == "bfloat16" else name) for name in TORCH_DTYPES}
_TORCH_NAMES = {dtype: name for name, dtype in TORCH_DTYPES.items()}
_PLAIN = frozenset((type(None), bool, float, int, str))  # what stands for itself in a tree
_ARRAY_KINDS = "biufc"
_ARRAY_DTYPE = re.compile(rf"[<>|=]?[{_ARRAY_KINDS}][0-9]{{1,2}}")
_MAX_INT_DIGITS = 4096
MAX_ITEMS = 200_000
MAX_KEYS = 10_000  # of one reply: crafted keys that share a hash cost the square of their number
MAX_AXES = 32
MAX_BATCH_ITEMS, MAX_BATCH_BYTES = 2_000, 1 << 20  # of messages that share a frame
GAP = 7  # what stands between the values of a tensor that is not dense
MAX_GAPS = 1 << 24
_INLINE_TEXT = 1024  # longer texts travel as bytes beside the tree


@dataclass(frozen=True)
class Refused:
    """A value that cannot cross the wall; ``reason`` says what it was."""

    reason: str


@dataclass(slots=True)
class Encoder:
    """Turns values into trees; big data goes to ``blobs``.

    ``handle(value)`` answers for objects that do not cross by value: the node to send instead.
    Shared or cyclic containers are sent as often as they are met, within the limits on depth and
    items; past a limit, the value is sent as refused.
    """

    handle: Callable[[Any], list[Any]]
    max_depth: int = 50
    max_bytes: int = 64 << 20
    proxy: type | None = None  # objects of exactly this type are handles
    layouts: bool = True  # whether it matters how tensors lie in memory
    blobs: list[bytes] = field(default_factory=list)
    items: int = 0
    size: int = 0  # bytes of all blobs

    def encode(self, value: Any, depth: int = 0) -> Any:
        """The tree of one value."""
        self.items += 1
        if self.items > MAX_ITEMS:
            return ["refused", f"a value of more than {MAX_ITEMS} items"]
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if depth > self.max_depth:
            return ["refused", f"a value nested more than {self.max_depth} levels deep"]
        if kind is torch.Tensor:
            return self._tensor(value)
        if kind is self.proxy:
            return self.handle(value)
        if kind is tuple:
            return self._sequence("tuple", value, depth)
        if kind is list:
            return self._sequence("list", value, depth)
        if kind is dict:
            return self._mapping(value, depth)
        if isinstance(value, int) and not isinstance(value, np.generic):
            return self._int(int(value))
        if isinstance(value, str) and not isinstance(value, np.generic):
            return self._text(str.__str__(value))
        return self._other(value, depth)

    def state(self) -> tuple[int, int, int]:
        """What ``back_to`` takes."""
        return len(self.blobs), self.items, self.size

    def back_to(self, state: tuple[int, int, int]) -> None:
        """Forget what was encoded since."""
        blobs, self.items, self.size = state
        del self.blobs[blobs:]

    def _other(self, value: Any, depth: int) -> Any:
        if isinstance(value, torch.Tensor):
            return self._tensor(value)
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, np.generic):
            return ["scalar", self._array(np.asarray(value))]
        if isinstance(value, float):
            return float(value)
        if isinstance(value, complex):
            return ["complex", value.real, value.imag]
        if isinstance(value, (bytes, bytearray)):
            return self._plain_bytes(bytes(value))
        if isinstance(value, torch.Size):
            return ["size", *(int(n) for n in value)]
        if isinstance(value, torch.dtype) and value in _TORCH_NAMES:
            return ["dtype", _TORCH_NAMES[value]]
        if isinstance(value, torch.device):
            return ["device", str(value)]
        if isinstance(value, slice):
            return [
                "slice",
                *(self.encode(n, depth + 1) for n in (value.start, value.stop, value.step)),
            ]
        if value is Ellipsis:
            return ["ellipsis"]
        if isinstance(value, Refused):
            return ["refused", value.reason]
        if isinstance(value, range):
            return self._range(value)
        for kind, tag in ((tuple, "tuple"), (list, "list"), (set, "set"), (frozenset, "frozenset")):
            if isinstance(value, kind):
                return self._sequence(tag, value, depth)
        if isinstance(value, dict):
            return self._mapping(value, depth)
        return self.handle(value)

    def _sequence(self, tag: str, value: Any, depth: int) -> list[Any]:
        node: list[Any] = [tag]
        iterator = list.__iter__(value) if tag == "list" else iter(value)
        for item in iterator:
            if self.items > MAX_ITEMS:
                return ["refused", f"a value of more than {MAX_ITEMS} items"]
            node.append(self.encode(item, depth + 1))
        return node

    def _mapping(self, value: dict[Any, Any], depth: int) -> list[Any]:
        node: list[Any] = ["dict"]
        for key, item in dict.items(value):
            if self.items > MAX_ITEMS:
                return ["refused", f"a value of more than {MAX_ITEMS} items"]
            node.append([self.encode(key, depth + 1), self.encode(item, depth + 1)])
        return node

    def _int(self, value: int) -> Any:
        if -(1 << 63) <= value < (1 << 63):
            return value
        if value.bit_length() > 3 * _MAX_INT_DIGITS:
            return ["refused", f"an integer of more than {_MAX_INT_DIGITS} digits"]
        return ["int", str(value)]

    def _text(self, value: str) -> Any:
        if len(value) <= _INLINE_TEXT:
            return value
        data = value.encode(errors="surrogatepass")
        if not self._room_for(len(data)):
            return ["refused", f"a string of {len(value)} characters, larger than the limit"]
        return ["text", self._blob(data)]

    def _plain_bytes(self, value: bytes) -> Any:
        if not self._room_for(len(value)):
            return ["refused", f"{len(value)} bytes, more than the limit"]
        return ["bytes", self._blob(value)]

    def _range(self, value: range) -> list[Any]:
        numbers = (value.start, value.stop, value.step)
        if any(abs(n) >= 1 << 62 for n in numbers) or len(value) > MAX_ITEMS:
            return ["refused", f"a range of more than {MAX_ITEMS} numbers"]
        return ["range", *numbers]

    def _blob(self, data: bytes) -> int:
        self.blobs.append(data)
        return len(self.blobs) - 1

    def _room_for(self, size: int) -> bool:
        self.size += size
        return self.size <= self.max_bytes and len(self.blobs) < 4000

    def _tensor(self, value: torch.Tensor) -> list[Any]:
        strange = _strange_tensor(value)
        if strange:
            return ["refused", strange]
        dtype, shape = value.dtype, list(value.shape)
        if not self._room_for(value.nbytes):
            return ["refused", f"a tensor of shape {tuple(shape)}, larger than the limit"]
        plain = value
        if type(value) is not torch.Tensor:
            plain = value.detach().as_subclass(torch.Tensor)
        bits = plain.view(torch.int16) if dtype is torch.bfloat16 else plain
        data = bits.numpy(force=True).tobytes()  # in the order of its axes, whatever the layout
        plainly = not self.layouts or _is_plainly_laid_out(plain)
        layout = None if plainly else [plain.storage_offset(), *plain.stride()]
        name = _TORCH_NAMES[dtype]
        return ["tensor", name, shape, self._blob(data), layout, bool(value.requires_grad)]

    def _array(self, value: np.ndarray[Any, Any]) -> list[Any]:
        plain = np.asarray(value).view(np.ndarray)
        if plain.dtype.kind not in _ARRAY_KINDS or plain.dtype.itemsize > 16:
            return ["refused", f"an array of dtype {plain.dtype}"]
        if plain.ndim > MAX_AXES:
            return ["refused", f"an array of {plain.ndim} axes"]
        if not self._room_for(plain.nbytes):
            return ["refused", f"an array of shape {plain.shape}, larger than the limit"]
        little = plain.dtype.newbyteorder("<").str
        return ["array", little, list(plain.shape), self._blob(plain.astype(little).tobytes())]


@dataclass(slots=True)
class Batch:
    """Nodes of one encoder that share a frame while they are small together.

    The receiver of a batch wakes once, not once for each message.
    """

    encoder: Encoder
    nodes: list[Any] = field(default_factory=list)

    def add(self, encode: Callable[[], Any]) -> bool:
        """Take the node that ``encode`` makes with the encoder.

        False, and nothing is taken, if it does not fit beside the nodes that are there.
        """
        encoder, before = self.encoder, self.encoder.state()
        node = encode()
        too_large = encoder.items > MAX_BATCH_ITEMS or encoder.size > MAX_BATCH_BYTES
        if self.nodes and too_large:
            encoder.back_to(before)
            return False
        self.nodes.append(node)
        return True


def _is_plainly_laid_out(value: torch.Tensor) -> bool:
    return value.is_contiguous() and value.storage_offset() == 0


def _laid_out(value: torch.Tensor, layout: list[int]) -> torch.Tensor:
    """The same values in memory as ``layout`` says: the offset, then the stride of each axis.

    The gaps between them hold the number GAP; where they would be more than MAX_GAPS, the values
    stay where they are. Raises ValueError for a layout that is none.
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


def _strange_tensor(value: torch.Tensor) -> str:
    """Why a tensor does not cross; empty if it does."""
    if value.is_meta:
        return "a tensor on the meta device (it has a shape but no values)"
    if value.layout is not torch.strided:
        return f"a sparse tensor (layout {value.layout}), expected a dense one"
    if value.dtype not in _TORCH_NAMES:
        return f"a tensor of dtype {value.dtype}"
    if value.dim() > MAX_AXES:
        return f"a tensor of {value.dim()} axes"
    return ""


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
        if not isinstance(text, str) or len(text) > _MAX_INT_DIGITS:
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
        value = torch.from_numpy(np.ndarray(shape, _NUMPY_DTYPES[name], bytearray(data)))
        if dtype is torch.bfloat16:
            value = value.view(dtype)
        if layout is not None and self.keep_layout:
            value = _laid_out(value, layout)
        if requires_grad is True and (dtype.is_floating_point or dtype.is_complex):
            value.requires_grad_(True)
        return value

    def _read_array(self, rest: list[Any], depth: int) -> np.ndarray[Any, Any]:
        name, sizes, index = rest
        if not isinstance(name, str) or not _ARRAY_DTYPE.fullmatch(name):
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


def refuse_handle(value: Any) -> list[Any]:
    """The ``handle`` of an encoder that has no handles to give."""
    return ["refused", f"an object of type {type(value).__name__}"]


def freeze(value: Any, max_bytes: int = 64 << 20, layouts: bool = True) -> Frame:
    """A value as a frame with no handles in it, for comparing before with after.

    Without ``layouts`` it does not matter how tensors lie in memory.
    """
    encoder = Encoder(refuse_handle, max_bytes=max_bytes, layouts=layouts)
    header = encoder.encode(value)
    return Frame(header, tuple(encoder.blobs))
