"""Makes functions of a packed probe, in scopes of their own."""

from __future__ import annotations

import builtins
import marshal
from functools import cache
from importlib import import_module
from operator import attrgetter
from types import CodeType, FunctionType
from typing import Any

from autograder.wall.packed import Meaning, Packed

NAME = "probe"  # of the module that a probe's functions seem to come from


def unpack(data: bytes) -> FunctionType:
    """The function of a packed probe.

    Every call makes the scopes and constants anew, so that a probe keeps nothing from one call to
    the next and its names never mix with the notebook's. Raises ImportError or AttributeError if a
    library lacks a name.
    """
    packed, codes = _read(data)
    scopes = [{"__name__": NAME, "__builtins__": builtins} for _ in packed.scopes]
    functions = []
    for code, function in zip(codes, packed.functions, strict=True):
        defaults, by_keyword = marshal.loads(function.defaults)
        made = FunctionType(code, scopes[function.scope], code.co_name, defaults)
        made.__kwdefaults__ = by_keyword
        functions.append(made)
    for scope, names in zip(scopes, packed.scopes, strict=True):
        for name, meaning in names.items():
            scope[name] = _object(meaning, functions)
    return functions[0]


@cache
def _read(data: bytes) -> tuple[Packed, list[CodeType]]:
    packed = Packed.read(data)
    return packed, [marshal.loads(function.code) for function in packed.functions]


def _object(meaning: Meaning, functions: list[FunctionType]) -> Any:
    if meaning[0] == "function":
        return functions[meaning[1]]
    if meaning[0] == "module":
        return import_module(meaning[1])
    if meaning[0] == "object":
        return attrgetter(meaning[2])(import_module(meaning[1]))
    return marshal.loads(meaning[1])
