"""Plain values as msgpack trees, and back.

Numbers, strings, containers, arrays and tensors cross by value; a tensor is its dtype, shape and
bytes. Everything else crosses as a handle: a number that only its owner can turn into the object
again. A subclass is sent as the plain type it extends, so an object that compares equal to
everything arrives as the bytes it holds.

Every node that is not None, bool, float, str or a 64-bit int is a list ``[tag, ...]``. The decoder
trusts nothing: tags, types, shapes and lengths are checked before they are used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import torch

TORCH_DTYPES: dict[str, torch.dtype] = {
    name: getattr(torch, name)
    for name in (
        "float16", "bfloat16", "float32", "float64", "complex64", "complex128",
        "uint8", "int8", "int16", "int32", "int64", "bool",
    )
}  # fmt: skip
NUMPY_DTYPES = {name: np.dtype("int16" if name == "bfloat16" else name) for name in TORCH_DTYPES}
TORCH_NAMES = {dtype: name for name, dtype in TORCH_DTYPES.items()}
ARRAY_KINDS = "biufc"
ARRAY_DTYPE = re.compile(rf"[<>|=]?[{ARRAY_KINDS}][0-9]{{1,2}}")
MAX_INT_DIGITS = 4096
MAX_ITEMS = 200_000
MAX_AXES = 32
GAP = 7  # the filler between the values of a tensor that is not dense


@dataclass(frozen=True)
class Refused:
    """A value that cannot cross the wall; ``reason`` says what it was."""

    reason: str
