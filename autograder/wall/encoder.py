"""Plain values as trees, see ``values``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from autograder.wall.frames import Frame
from autograder.wall.values import (
    ARRAY_KINDS,
    MAX_AXES,
    MAX_INT_DIGITS,
    MAX_ITEMS,
    TORCH_NAMES,
    Refused,
)

_INLINE_TEXT = 1024  # longer texts travel as bytes beside the tree
MAX_BATCH_ITEMS, MAX_BATCH_BYTES = 2_000, 1 << 20  # of messages that share a frame


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
        """The state for ``back_to``."""
        return len(self.blobs), self.items, self.size

    def back_to(self, state: tuple[int, int, int]) -> None:
        """Forget the nodes that were encoded since."""
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
        if isinstance(value, torch.dtype) and value in TORCH_NAMES:
            return ["dtype", TORCH_NAMES[value]]
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
        if value.bit_length() > 3 * MAX_INT_DIGITS:
            return ["refused", f"an integer of more than {MAX_INT_DIGITS} digits"]
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
        data = bits.numpy(force=True).tobytes()  # in the order of the axes, for every layout
        plainly = not self.layouts or _is_plainly_laid_out(plain)
        layout = None if plainly else [plain.storage_offset(), *plain.stride()]
        name = TORCH_NAMES[dtype]
        return ["tensor", name, shape, self._blob(data), layout, bool(value.requires_grad)]

    def _array(self, value: np.ndarray[Any, Any]) -> list[Any]:
        plain = np.asarray(value).view(np.ndarray)
        if plain.dtype.kind not in ARRAY_KINDS or plain.dtype.itemsize > 16:
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


def _strange_tensor(value: torch.Tensor) -> str:
    """Why a tensor does not cross; empty if it does."""
    if value.is_meta:
        return "a tensor on the meta device (it has a shape but no values)"
    if value.layout is not torch.strided:
        return f"a sparse tensor (layout {value.layout}), expected a dense one"
    if value.dtype not in TORCH_NAMES:
        return f"a tensor of dtype {value.dtype}"
    if value.dim() > MAX_AXES:
        return f"a tensor of {value.dim()} axes"
    return ""


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
