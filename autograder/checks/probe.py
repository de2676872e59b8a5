"""Probes: a piece of a test that runs where the answer lives."""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import textwrap
from collections.abc import Callable
from types import CodeType
from typing import Any

from autograder.global_names import global_names
from autograder.remote import RemoteObject, is_remote


class Probe:
    """A function of an answer and plain data that runs on the answer's side of the wall.

    Made by the decorator ``probe``. Models, optimizers and gradients stay on that side; what the
    probe returns crosses by value. The student's process sees its text, so it only says what to do
    with an answer, never what is right. It leaves its arguments alone: where a check looks whether
    they change, what changes is the answer's doing.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self._name = function.__name__
        self._source = _source(function.__code__)

    def __call__(self, answer: Any, *args: Any, **kwargs: Any) -> Any:
        if is_remote(answer):
            return RemoteObject.process_of(answer).probe(
                self._name, self._source, answer, args, kwargs
            )
        args, kwargs = copy.deepcopy((args, kwargs))  # what happens to them stays there, too
        return self.function(answer, *args, **kwargs)

    def request(
        self, answer: RemoteObject, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Any, ...]:
        """What the answer's process is asked, for a call like this one."""
        return "probe", self._name, self._source, answer, args, kwargs


def probe(function: Callable[..., Any]) -> Probe:
    """Make a self-contained function a probe; its first parameter is the answer.

    Raises TypeError when it uses a name that only this side knows.
    """
    return Probe(function)


@functools.cache  # a test makes its probes anew for each submission
def _source(code: CodeType) -> str:
    """The text of a function without its decorators; TypeError where it needs more than that."""
    unknown = sorted(global_names(code))
    if unknown or code.co_freevars:
        names = ", ".join([*unknown, *code.co_freevars])
        raise TypeError(f"the probe {code.co_name} needs {names}: define or import that inside")
    tree = ast.parse(textwrap.dedent(inspect.getsource(code)))
    (definition,) = tree.body
    if not isinstance(definition, ast.FunctionDef):
        raise TypeError("a probe is made of a plain function")
    definition.decorator_list = []
    return ast.unparse(tree)
