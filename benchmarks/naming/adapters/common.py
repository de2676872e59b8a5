"""Conversions between torch and numpy, and old names; it stands before each answer."""

import functools
import math
import warnings
from typing import Any

import numpy as np
import torch

warnings.simplefilter("ignore")

xrange = range  # names of Python 2
reduce = functools.reduce
_OLD: dict[str, Any] = {
    # numpy had these names before 1.24
    "int": int, "float": float, "bool": bool, "object": object,
    # and these before 2.0
    "product": np.prod, "infty": math.inf, "float_": np.float64, "mat": np.asmatrix,
}  # fmt: skip
for _name, _value in _OLD.items():
    if _name not in vars(np):
        setattr(np, _name, _value)
if "pad" not in vars(np.lib):
    setattr(np.lib, "pad", np.pad)  # noqa: B010


def to_numpy(value: Any) -> Any:
    """An array that shares its memory with the tensor; other values as they are."""
    return value.detach().numpy() if isinstance(value, torch.Tensor) else value


def to_tensor(value: Any, like: torch.Tensor) -> Any:
    """A tensor of the same dtype as ``like``; values that are no arrays as they are."""
    if isinstance(value, torch.Tensor):
        return value.to(like.dtype)
    if isinstance(value, np.ndarray | np.number):
        return torch.from_numpy(np.array(value)).to(like.dtype)
    return value


def first(value: Any) -> Any:
    """The first item of a tuple; another value as it is."""
    return value[0] if isinstance(value, tuple) else value


def same_cache(forward: Any, arguments: tuple[Any, ...]) -> bool:
    """Whether a forward pass returns its arguments as the cache, or does not run."""
    try:
        cache = forward(*arguments)[1]
    except Exception:  # no forward pass, or a stub
        return True
    return cache is None or (
        isinstance(cache, tuple | list)
        and len(cache) == len(arguments)
        and all(item is argument for item, argument in zip(cache, arguments, strict=True))
    )
