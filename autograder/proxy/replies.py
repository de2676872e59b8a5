"""What a reply of a student's process says of a call; every part of it may be a lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from autograder.proxy.objects import as_lines
from autograder.wall.values import freeze


def is_reply(value: Any) -> bool:
    """Whether this can be a reply: a dictionary, whose error, if any, is another."""
    return type(value) is dict and type(value.get("error")) in (dict, type(None))


@dataclass(frozen=True)
class Seen:
    """What a watched call ran: names that a rule may know, and how many operations and steps."""

    names: tuple[str, ...] = ()
    operations: int = 0  # of torch
    steps: int = 0  # of Python

    @staticmethod
    def of(reply: dict[str, Any]) -> Seen:
        """What a reply says of it."""
        names = as_lines(reply.get("operations")) + as_lines(reply.get("late_operations"))
        return Seen(names, _number(reply, "operation_count"), _number(reply, "steps"))

    def __add__(self, other: Seen) -> Seen:
        return Seen(
            self.names + other.names,
            self.operations + other.operations,
            self.steps + other.steps,
        )


def _number(reply: dict[str, Any], name: str) -> int:
    number = reply.get(name)
    return number if type(number) is int else 0


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
