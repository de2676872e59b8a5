"""Probes: a piece of a test that runs where the answer lives."""

from __future__ import annotations

import ast
import builtins
import copy
import dis
import functools
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

from autograder.remote import RemoteObject, is_remote


class Probe:
    """A function of an answer and plain data that runs on the answer's side of the wall.

    Made by the decorator ``probe``. Models, optimizers and gradients stay on that side; what the
    probe returns crosses by value. The student's process sees its text, so it only says what to do
    with an answer, never what is right.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._name = function.__name__
        self._source = _source(function)
        unknown = sorted(set(_globals(function.__code__)) - set(vars(builtins)))
        if unknown or function.__code__.co_freevars:
            names = ", ".join([*unknown, *function.__code__.co_freevars])
            raise TypeError(f"the probe {self._name} needs {names}: define or import that inside")

    def __call__(self, answer: Any, *args: Any, **kwargs: Any) -> Any:
        if is_remote(answer):
            return RemoteObject.process_of(answer).probe(
                self._name, self._source, answer, args, kwargs
            )
        args, kwargs = copy.deepcopy((args, kwargs))  # what happens to them stays there, too
        return self._function(answer, *args, **kwargs)

    def request(
        self, answer: RemoteObject, args: tuple[Any, ...], kwargs: dict[str, Any], watch: bool
    ) -> tuple[Any, ...]:
        """What the answer's process is asked, for a call like this one."""
        return self._name, self._source, answer, args, kwargs, watch


def probe(function: Callable[..., Any]) -> Probe:
    """Make a self-contained function a probe; its first parameter is the answer.

    Raises TypeError when it uses a name that only this side knows.
    """
    return Probe(function)


def _source(function: Callable[..., Any]) -> str:
    """The text of a function without its decorators."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    (definition,) = tree.body
    if not isinstance(definition, ast.FunctionDef):
        raise TypeError("a probe is made of a plain function")
    definition.decorator_list = []
    return ast.unparse(tree)


def _globals(code: CodeType) -> Iterator[str]:
    """Names that a function, or one inside it, looks up outside itself."""
    for instruction in dis.get_instructions(code):
        if instruction.opname == "LOAD_GLOBAL":
            yield str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals(constant)
