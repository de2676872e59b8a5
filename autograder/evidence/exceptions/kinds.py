"""Kinds of exceptions: the words of Python, NumPy and PyTorch, and their meaning."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch

from autograder.evidence.exceptions.own_line import OwnLine

Told = tuple[str, str]
"""The meaning of an exception, and a place to look at or a question."""

MAX_TEXT = 600  # characters of an exception's text that are read
_TABLE = Path(__file__).with_name("kinds.toml")


@dataclass(frozen=True)
class Kind:
    """Exceptions with the same meaning; see ``kinds.toml``."""

    name: str
    types: frozenset[str]
    texts: tuple[re.Pattern[str], ...]
    told: Told

    def match(self, kind: str, text: str) -> re.Match[str] | None:
        """The match of a text, if the exception is of this kind."""
        if kind not in self.types:
            return None
        return next((found for one in self.texts if (found := one.match(text))), None)


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds, the first that matches counts."""
    rows = tomllib.loads(_TABLE.read_text())["exception"]
    return tuple(
        Kind(
            row["name"],
            frozenset(row["types"]),
            tuple(re.compile(text, re.DOTALL) for text in row.get("texts", [""])),
            (row["seen"], row["look"]),
        )
        for row in rows
    )


@dataclass(frozen=True)
class Meaning:
    """The name of a kind, its words for one exception, and its words for every exception."""

    name: str
    told: Told
    general: Told


def meaning_of(kind: str, text: str, line: OwnLine, missing_name: str) -> Meaning | None:
    """The meaning of an exception, or None if it is not recognised.

    An exception that the student's own line raises is told as that, because its text is the
    student's. Without a line, only the arguments of the call itself determine something.
    """
    if line.raises:
        return Meaning("own_error", _OWN_ERROR, _OWN_ERROR)
    if line.asserts and kind == "AssertionError":
        special = _OWN_REMAINDER if line.asserts_no_remainder else _OWN_ASSERTION
        return Meaning("own_assertion", special, _OWN_ASSERTION)
    if missing_name:
        return Meaning("not_defined", _not_defined(missing_name), _not_defined(""))
    for one in kinds():
        found = one.match(kind, text[:MAX_TEXT])
        if found is not None and (line.code or one.name == "signature"):
            refine = _REFINED.get(one.name)
            told = refine(found, line) if refine is not None else None
            return Meaning(one.name, told or one.told, one.told)
    return None


_OWN_ERROR = (
    "your own code raises this error",
    "All cases are valid inputs. Is the condition before this line too strict, or is a value wrong "
    "that it reads?",
)
_OWN_ASSERTION = (
    "the condition of your own assertion is false",
    "Either it does not hold for every valid input, or a value is wrong that it reads.",
)
_OWN_REMAINDER = (
    "your own assertion wants a division without a remainder, and this one leaves a remainder",
    "Either valid inputs may leave one, or a value is wrong that the line reads.",
)
_PYTHON_2 = frozenset({"xrange", "unicode", "raw_input", "unichr", "long", "reduce", "basestring"})
_FORMER_NUMPY = frozenset(
    "int float bool object complex long str unicode product cumproduct infty Inf float_ alltrue"
    " sometrue in1d trapz".split()
)


def _not_defined(name: str) -> Told:
    name = f"“{name}”" if name.isidentifier() and len(name) <= 40 else "a name"
    if name.strip("“”") in _PYTHON_2:
        return f"{name} is a name of Python 2", "Which name has it in Python 3?"
    return (
        f"{name} is not defined when this line runs",
        "Is it spelled as in its definition? Is it imported or defined in this notebook, in a cell "
        "that runs without an error?",
    )


def _float(found: re.Match[str], line: OwnLine) -> Told | None:
    if not line.divides_into_a_size:
        return None
    return (
        "a float is used as a size, a count or an index",
        "In this line it comes from “/”, which gives a float also if it divides exactly.",
    )


def _out_of_bounds(found: re.Match[str], line: OwnLine) -> Told | None:
    if len(found.groups()) != 3:
        return None
    index, axis, size = (int(number[:6]) for number in found.groups())
    if size == 0:
        return f"axis {axis} of the array is empty", "Which bounds or which size make it so?"
    where = f"an index lies {'before the start' if index < 0 else 'past the end'} of axis {axis}"
    arrays = line.arrays_indexed_at(axis)
    if len(arrays) == 2:
        return f"{where} of “{arrays[0][:40]}” or “{arrays[1][:40]}”", (
            "Print the index and both shapes before this line. Is it the right index for the "
            "axis, does the loop run too far, or is an array too small?"
        )
    if len(arrays) != 1:
        return where, (
            "Is it the right index for this axis, does the loop run too far, or is the array too "
            "small? Print the index and the shape before this line."
        )
    name = arrays[0][:40]
    if line.assigns_to(name):
        return f"{where} of “{name}”", (
            f"Is it the right index for this axis, does the loop run too far, or is “{name}” too "
            "small? Compare them with the formula of the output size."
        )
    return f"{where} of “{name}”", (
        f"Print the index and the shape of “{name}”. Is it the right axis, and the right bound?"
    )


def _attribute(found: re.Match[str], line: OwnLine) -> Told | None:
    owner, name = found.groups()
    if not line.has_word(name):
        return None
    if owner == "ndarray" and hasattr(torch.Tensor, name):
        return (
            f"“{name}” is a method of tensors, and the object is a NumPy array",
            "Where does the tensor become an array? Use one of the two throughout.",
        )
    if owner == "Tensor" and hasattr(np.ndarray, name):
        return (
            f"“{name}” is a method of NumPy arrays, and the object is a tensor",
            "Look up the name that PyTorch gives to it.",
        )
    if owner == "NoneType":
        return (
            f"the object before “.{name}” is None",
            "Is it an argument that may be left out, a variable that was never set, or the result "
            "of a function without return?",
        )
    return (
        f"the object before “.{name}” is of type {owner}, which has no “{name}”",
        "Is it the object that you expect here, and is the name spelled right?",
    )


def _module(found: re.Match[str], line: OwnLine) -> Told | None:
    module, name = found.groups()
    if not line.has_word(name):
        return None
    if module == "numpy" and name in _FORMER_NUMPY:
        return f"np.{name} was removed from NumPy", "Which name of Python or NumPy replaces it?"
    return f"the module {module} has no “{name}”", "Look up its name in the documentation."


def _unassigned(found: re.Match[str], line: OwnLine) -> Told | None:
    (name,) = found.groups()
    if not line.has_word(name):
        return None
    return (
        f"“{name}” has no value yet when this line runs",
        "Does its assignment stand below, in a branch that was not taken, or in a loop without "
        "rounds?",
    )


def _unpacking(found: re.Match[str], line: OwnLine) -> Told | None:
    if not line.code.endswith((".shape", ".size()")):
        return None
    return (
        "the number of variables on the left is not the number of axes",
        "Print the shape before this line. Which axes does the task give to this array?",
    )


def _signature(found: re.Match[str], line: OwnLine) -> Told | None:
    if line.code:
        return None
    return (
        "the call itself fails, before the first line of the function",
        "Compare the parameters in your def line with those of the task: names, order and "
        "defaults.",
    )


def _not_callable(found: re.Match[str], line: OwnLine) -> Told | None:
    if ".shape(" not in line.code or found[1] not in ("tuple", "torch.Size"):
        return None
    return (
        "“shape” is a tuple, and this line calls it like a function",
        "Compare it with other lines that read a shape.",
    )


_REFINED: Mapping[str, Callable[[re.Match[str], OwnLine], Told | None]] = {
    "attribute": _attribute,
    "float_index": _float,
    "float_size": _float,
    "index_out_of_bounds": _out_of_bounds,
    "integer_needed": _float,
    "module_name": _module,
    "not_callable": _not_callable,
    "signature": _signature,
    "size_arguments": _float,
    "unassigned": _unassigned,
    "unpacking": _unpacking,
}
