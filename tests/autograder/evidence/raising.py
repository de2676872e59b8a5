"""Answers that raise, run here with the traceback that the wall would carry."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Sequence
from typing import Any

import torch

from autograder.evidence.cells import Material
from autograder.evidence.exceptions import exceptions
from autograder.evidence.findings import Finding
from autograder.proxy.errors import student_error
from autograder.shell.shell import describe_error
from autograder.trials.call import Asked, Trial, observe
from autograder.trials.cases import Call, Sizes, Style
from autograder.trials.compare import Difference, difference

SETUP = "import numpy as np\nimport torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
SIZES: list[Sizes] = [
    dict(H=3, W=3, P=0, with_bias=0),
    dict(H=3, W=4, P=0, with_bias=0),
    dict(H=4, W=3, P=0, with_bias=1),
    dict(H=4, W=4, P=1, with_bias=0),
    dict(H=3, W=3, P=1, with_bias=1),
    dict(H=4, W=4, P=2, with_bias=1),
]


def answer(source: str, name: str = "f") -> Callable[..., Any]:
    """The function of a student's cell. It raises as a student's process would."""
    file = f"<ipython-input-{abs(hash(source))}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(SETUP, names)
    exec(compile(source, file, "exec"), names)

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return names[name](*args, **kwargs)
        except Exception as error:
            raise student_error(describe_error(error)) from None

    return call


def tried(
    source: str, sizes: Sequence[Sizes] = SIZES, style: Style | None = None, group: str = ""
) -> list[tuple[str, Trial]]:
    """The trials of ``f(x, P, bias)``, which should return x; each size is its own group."""
    function = answer(source)
    style = style or Style()
    found = []
    for one in sizes:
        x = torch.arange(one["H"] * one["W"]).reshape(one["H"], one["W"]).to(style.dtype)
        call = Call(x, one["P"], torch.ones(1) if one["with_bias"] else None)
        seen = observe(function, Asked(call))
        said = f"it raised {seen.raised.kind}" if seen.raised else ""
        wrong = Difference(said) if said else difference(seen.value, x)
        found.append((group or str(one), Trial(one, style, call, x, seen, wrong)))
    return found


def told(trials: Sequence[tuple[str, Trial]]) -> list[Finding]:
    """The findings about exceptions."""
    material = Material("f", lambda x, P, bias: x, None, trials)
    return exceptions(material, material.wrong)


def of_line(line: str, before: Sequence[str] = ()) -> Finding:
    """The finding about a line that raises in every case."""
    body = "\n    ".join((*before, line))
    (found,) = told(
        tried(f"def f(x, P, bias):\n    H, W = x.shape\n    a = x.numpy()\n    {body}\n")
    )
    return found
