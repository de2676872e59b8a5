"""The reference of ``autograder.checks``, from its docstrings."""

from __future__ import annotations

import inspect
import re
from typing import Any

from docs.generated.markdown import joined, plain

# The engine sets these around a check; authors do not call them.
_OF_THE_ENGINE = {"CheckContext", "checking"}


def names() -> list[str]:
    """The public names for authors, functions first."""
    from autograder import checks

    listed = [name for name in checks.__all__ if name not in _OF_THE_ENGINE]
    return sorted(listed, key=lambda name: (inspect.isclass(getattr(checks, name)), name))


def markdown() -> str:
    """A section for each public name: its signature and its docstring."""
    from autograder import checks

    return joined(*(_section(name, getattr(checks, name)) for name in names()))


def _section(name: str, one: Any) -> str:
    parts = [f"## {name}", _signature(name, one), _text(one)]
    if inspect.isclass(one):
        for method, function in vars(one).items():
            if inspect.isfunction(function) and not method.startswith("_") and function.__doc__:
                parts += [_signature(f"{name}.{method}", function), _text(function)]
    return joined(*parts)


def _signature(name: str, one: Any) -> str:
    """The call as code, one argument a line if it is long; annotations are left out."""
    try:
        signature = inspect.signature(one)
    except (TypeError, ValueError):
        return ""
    bare = [
        str(parameter.replace(annotation=inspect.Parameter.empty))
        for key, parameter in signature.parameters.items()
        if key != "self"
    ]
    if any(p.kind is inspect.Parameter.KEYWORD_ONLY for p in signature.parameters.values()):
        first = next(
            number
            for number, p in enumerate(signature.parameters.values())
            if p.kind is inspect.Parameter.KEYWORD_ONLY
        )
        bare.insert(first, "*")
    line = f"{name}({', '.join(_readable(one) for one in bare)})"
    if len(line) > 88:
        inner = "".join(f"    {_readable(one)},\n" for one in bare)
        line = f"{name}(\n{inner})"
    return f"```python\n{line}\n```"


def _readable(parameter: str) -> str:
    """A parameter whose default has no address of memory and no repr of a class."""
    return re.sub(r"=<.*>$", "=...", parameter)


def _text(one: Any) -> str:
    paragraphs = (inspect.getdoc(one) or "").split("\n\n")
    return joined(*map(plain, paragraphs))
