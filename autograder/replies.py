"""What a reply of a student's process says of a call; every part of it may be a lie."""

from __future__ import annotations

from typing import Any

import torch

from autograder.remote import as_lines
from autograder.wall.values import freeze


def is_reply(value: Any) -> bool:
    """Whether this can be a reply: a dictionary, whose error, if any, is another."""
    return type(value) is dict and type(value.get("error")) in (dict, type(None))


def operations_of(reply: dict[str, Any]) -> tuple[tuple[str, ...], int]:
    """Names and number of the torch operations that a watched call ran, as its reply says."""
    count = reply.get("operation_count")
    return as_lines(reply.get("operations")), count if type(count) is int else 0


def apply_changes(arguments: tuple[tuple[Any, ...], dict[str, Any]], reply: dict[str, Any]) -> None:
    """Make arguments, in place, what a reply says that a call has made of them."""
    if "changed" in reply:
        _apply(arguments, reply["changed"])


def _apply(mine: Any, theirs: Any) -> None:
    """Make my arguments look like theirs, in place, where the kinds agree."""
    if isinstance(mine, torch.Tensor) and isinstance(theirs, torch.Tensor):
        if mine.shape == theirs.shape and mine.dtype == theirs.dtype:
            with torch.no_grad():
                mine.copy_(theirs)
    elif isinstance(mine, (list, tuple)) and isinstance(theirs, (list, tuple)):
        if len(mine) == len(theirs):
            for one, other in zip(mine, theirs, strict=True):
                _apply(one, other)
        if isinstance(mine, list) and freeze(mine) != freeze(theirs):
            mine[:] = theirs
    elif isinstance(mine, dict) and isinstance(theirs, dict):
        for key, other in theirs.items():
            if key in mine:
                _apply(mine[key], other)
        if freeze(mine) != freeze(theirs):
            mine.clear()
            mine.update(theirs)
    elif type(mine).__module__ == "numpy" and type(mine) is type(theirs):
        if getattr(mine, "shape", None) == theirs.shape and mine.shape != ():
            mine[...] = theirs
