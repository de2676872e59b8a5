"""The smallest failing case as code that a student can paste and run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from autograder.trials.cases import Call
from autograder.trials.literals import NotWritable, assignment, literal

MAX_INLINE = 32  # characters of an argument that stands in the call itself
MAX_SETTING = 16  # numbers of a probe's setting that are spelled out

Write = Callable[..., "str | Call"]
"""A check's ``snippet``: takes the arguments of a case, and returns code or a call to write."""


@dataclass(frozen=True)
class Snippet:
    """Code of one case. ``runs``: it ends in the call of the exercise, else it lists settings."""

    code: str
    runs: bool = True


def snippet(
    exercise: str,
    call: Call,
    names: Sequence[str],
    *,
    layout: str = "",
    changed: Sequence[int | str] = (),
    settings: Sequence[str] | None = None,
    write: Write | None = None,
) -> Snippet:
    """The code of a case.

    ``names`` are the exercise's positional parameters. ``changed`` are arguments that the answer
    changes: positions and keywords. ``settings`` are the names of a probe's
    arguments: they are no arguments of the exercise, so without ``write`` the code lists them.
    """
    written = write(*call.args, **call.kwargs) if write is not None else None
    if isinstance(written, str):
        return Snippet(written)
    if isinstance(written, Call):
        return Snippet(_call(exercise, written, names, layout))
    if settings is None:
        return Snippet(_call(exercise, call, names, layout, changed))
    return Snippet(_settings(exercise, call, settings), runs=False)


def _call(
    exercise: str,
    call: Call,
    names: Sequence[str],
    layout: str,
    changed: Sequence[int | str] = (),
) -> str:
    lines, given, inline, after = [], [], [], []
    arguments: list[tuple[int | str, Any]] = [*enumerate(call.args), *call.kwargs.items()]
    for place, value in arguments:
        is_named = isinstance(place, str)
        name = place if isinstance(place, str) else names[place] if place < len(names) else ""
        code = _inline(value)
        if code is None:
            code = _variable(name or f"argument_{place}", exercise)
            lines.append(assignment(code, value, layout))
            after += [f"{code}  # changed by the call"] if place in changed else []
        elif name and not is_named:
            inline.append(name)
        given.append(f"{name}={code}" if is_named else code)
    remark = f"  # {', '.join(inline)}" if len(inline) > 1 else ""
    return "\n".join([*lines, f"{exercise}({', '.join(given)}){remark}", *after])


def _settings(exercise: str, call: Call, names: Sequence[str]) -> str:
    known = [*names, *(f"setting_{number + 1}" for number in range(len(names), len(call.args)))]
    given = dict(zip(known, call.args, strict=False)) | call.kwargs
    lines = [assignment(name, value, most=MAX_SETTING) for name, value in given.items()]
    return "\n".join([f"# {exercise} is tried with", *lines])


def _inline(value: Any) -> str | None:
    """The code of a short value, or None for a value that gets a name first."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return None
    try:
        code = literal(value)
    except NotWritable:
        return None
    return code if len(code) <= MAX_INLINE else None


def _variable(name: str, exercise: str) -> str:
    return f"{name}_" if name == exercise else name
