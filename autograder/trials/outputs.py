"""The outputs of a call: the items of a returned tuple or dictionary, by name."""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

WHOLE = ""  # the name of the only output


def output_names(function: Callable[..., Any] | None) -> tuple[str, ...]:
    """The names of the outputs of a function that returns a tuple of variables, or ().

    They are read from its last ``return``: ``return dx, dweight, dbias``.
    """
    return () if function is None else _returned(function)


@functools.lru_cache(maxsize=256)
def _returned(function: Callable[..., Any]) -> tuple[str, ...]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return ()
    returned = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return)]
    for value in reversed(returned):
        if isinstance(value, ast.Tuple) and len(value.elts) > 1:
            names = [_name(item) for item in value.elts]
            return tuple(names) if all(names) and len(set(names)) == len(names) else ()
    return ()


def _name(node: ast.expr) -> str:
    """The variable of an expression such as ``dx`` or ``dx.to(x.dtype)``."""
    while isinstance(node, (ast.Call, ast.Attribute, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def outputs_of(value: Any, expected: Any, names: Sequence[str] = ()) -> dict[str, Any] | None:
    """The parts of a value by the names of the expected parts; None if it has other parts.

    Tuples of tensors have the given names, or "output 1", "output 2". A value without parts is the
    one output WHOLE.
    """
    if isinstance(expected, Mapping):
        if not isinstance(value, Mapping) or any(key not in value for key in expected):
            return None
        return {str(key): value[key] for key in expected}
    if isinstance(expected, (tuple, list)) and any(hasattr(item, "shape") for item in expected):
        if not isinstance(value, (tuple, list)) or len(value) != len(expected):
            return None
        own = names if len(names) == len(expected) else _numbered(len(expected))
        return dict(zip(own, value, strict=True))
    return {WHOLE: value}


def _numbered(count: int) -> list[str]:
    return [f"output {number}" for number in range(1, count + 1)]
