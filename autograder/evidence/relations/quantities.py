"""Quantities of a case: its arguments by name, and the sizes in them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import torch

from autograder.evidence.cells import Material
from autograder.trials.call import Trial
from autograder.trials.cases import Call
from autograder.trials.probe import Probe

_SIZES = {"N", "C", "C_in", "C_out", "D", "H", "W", "K", "K_H", "K_W", "L", "G"}  # of the lecture


def bound(material: Material, call: Call) -> dict[str, Any]:
    """The arguments of a call by the names that a student knows; defaults are filled in.

    Of a probe's parameters, only names of the answer's parameters count.
    """
    if material.oracle is None:
        return {}
    own = _parameters(material.oracle)
    if material.use is None:
        found = _bound(material.oracle, call.args, call.kwargs)
        return found
    use = material.use.function if isinstance(material.use, Probe) else material.use
    found = _bound(use, (None, *call.args), call.kwargs)
    return {name: value for name, value in found.items() if name in own}


def rebound(material: Material, call: Call, name: str, value: Any) -> Call | None:
    """The same call with another value of one argument, or None."""
    if material.oracle is None:
        return None
    function = material.oracle
    given: tuple[Any, ...] = call.args
    if material.use is not None:
        function = material.use.function if isinstance(material.use, Probe) else material.use
        given = None, *call.args
    signature = _signature(function)
    if signature is None:
        return None
    try:
        arguments = signature.bind(*given, **call.kwargs)
    except TypeError:
        return None
    arguments.arguments[name] = value
    args = arguments.args if material.use is None else arguments.args[1:]
    return Call(*args, **arguments.kwargs)


@functools.lru_cache(maxsize=256)
def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def _parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    signature = _signature(function)
    return {} if signature is None else dict(signature.parameters)


def defaults(material: Material) -> dict[str, Any]:
    """The defaults of the reference's arguments."""
    found = _parameters(material.oracle) if material.oracle is not None else {}
    empty = inspect.Parameter.empty
    return {name: one.default for name, one in found.items() if one.default is not empty}


def _bound(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    signature = _signature(function)
    if signature is None:
        return {}
    parameters = signature.parameters
    try:
        arguments = signature.bind(*args, **kwargs)
    except TypeError:
        return {}
    arguments.apply_defaults()
    plain = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {
        name: value
        for name, value in arguments.arguments.items()
        if name in parameters and parameters[name].kind in plain
    }


def quantities(material: Material, trial: Trial) -> dict[str, float]:
    """The numbers of a case by name: arguments and sizes of axes.

    For a probe whose arguments have other names than the answer's: the lecture's names of sizes.
    """
    found: dict[str, float] = {}
    for name, value in bound(material, trial.call).items():
        if isinstance(value, torch.Tensor):
            for axis, size in enumerate(value.shape):
                found[f"{name}.shape[{axis}]"] = float(size)
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and value:
            found[name] = float(value)
    if any(".shape[" in name for name in found):
        return found
    known = {name: size for name, size in trial.sizes.items() if name in _SIZES}
    sizes = {name: float(size) for name, size in known.items() if type(size) is int and size}
    return sizes | found
