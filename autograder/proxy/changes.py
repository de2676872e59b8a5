"""Changes that a call has made to its arguments, repeated on the trusted side's own objects."""

from __future__ import annotations

from typing import Any

import torch

from autograder.wall.encoder import freeze


def apply_changes(mine: Any, theirs: Any) -> None:
    """Make my arguments equal to the arguments in a reply, in place, where the kinds agree."""
    if isinstance(mine, torch.Tensor) and isinstance(theirs, torch.Tensor):
        if mine.shape == theirs.shape and mine.dtype == theirs.dtype:
            with torch.no_grad():
                mine.copy_(theirs)
    elif isinstance(mine, (list, tuple)) and isinstance(theirs, (list, tuple)):
        if len(mine) == len(theirs):
            for one, other in zip(mine, theirs, strict=True):
                apply_changes(one, other)
        if isinstance(mine, list) and freeze(mine) != freeze(theirs):
            mine[:] = theirs
    elif isinstance(mine, dict) and isinstance(theirs, dict):
        for key, other in theirs.items():
            if key in mine:
                apply_changes(mine[key], other)
        if freeze(mine) != freeze(theirs):
            mine.clear()
            mine.update(theirs)
    elif type(mine).__module__ == "numpy" and type(mine) is type(theirs):
        if getattr(mine, "shape", None) == theirs.shape and mine.shape != ():
            mine[...] = theirs
