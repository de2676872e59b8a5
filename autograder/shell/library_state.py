"""Settings of libraries that decide how code behaves, and which of them a notebook has changed."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

MAX_PATCHED = 10
_NAMESPACES: tuple[tuple[str, Any], ...] = (
    ("torch", torch),
    ("torch.nn", torch.nn),
    ("torch.nn.functional", torch.nn.functional),
    ("torch.nn.Module", torch.nn.Module),
    ("torch.Tensor", torch.Tensor),
    ("numpy", np),
)


def _default_device() -> str:
    context = getattr(torch._GLOBAL_DEVICE_CONTEXT, "device_context", None)
    if context is not None:  # torch itself makes a tensor there to see, even where it cannot
        return str(context.device)
    return str(torch.get_default_device())


_SETTINGS: dict[str, Callable[[], str]] = {
    "default_dtype": lambda: str(torch.get_default_dtype()),
    "default_device": _default_device,
    "grad": lambda: str(torch.is_grad_enabled()),
    "inference": lambda: str(torch.is_inference_mode_enabled()),
    "deterministic": lambda: str(torch.are_deterministic_algorithms_enabled()),
    "anomaly": lambda: str(torch.is_anomaly_enabled()),
    "numpy_errors": lambda: ", ".join(f"{name}={do}" for name, do in np.geterr().items()),
    "warnings": lambda: str([rule[2] for rule in warnings.filters if rule[0] == "error"]),
    "recursion": lambda: str(sys.getrecursionlimit()),
    "folder": os.getcwd,
    "backend": lambda: str(_rc("backend")),
    "torch_threads": lambda: str(torch.get_num_threads()),
}
SETTINGS = (*_SETTINGS, "patched")


_NOTHING = object()
_SHOWN = {"__repr__", "__str__", "__format__"}  # these methods decide nothing
_BY_TORCH = "torch.Storage"  # torch replaces it itself when the default dtype changes


class LibraryState:
    """The settings at the start of a notebook, and the changed settings."""

    def __init__(self) -> None:
        self._names = {name: dict(vars(space)) for name, space in _NAMESPACES}
        self._settings = self._now()

    def begin(self) -> None:
        """Take the settings of this moment as the settings of a fresh notebook."""
        self._settings = self._now()

    def changed(self) -> dict[str, str]:
        """The changed settings, with their values."""
        return {name: to for name, to in self._now().items() if to != self._settings.get(name)}

    def patched(self) -> list[str]:
        """Functions and classes of libraries that were replaced or deleted."""
        found: list[str] = []
        for name, space in _NAMESPACES:
            now, before = vars(space), self._names[name]
            inherited = {key for base in getattr(space, "__mro__", ())[1:] for key in vars(base)}
            for key in (*before, *(inherited & now.keys() - before.keys())):
                replaced = now.get(key, _NOTHING) is not before.get(key, _NOTHING)
                full = f"{name}.{key}"
                is_plain = key not in _SHOWN and full != _BY_TORCH
                if replaced and is_plain and callable(before.get(key, callable)):
                    found.append(full)
        return sorted(found)[:MAX_PATCHED]

    @staticmethod
    def _now() -> dict[str, str]:
        settings: dict[str, str] = {}
        for name, ask in _SETTINGS.items():
            with contextlib.suppress(Exception):  # a folder that is gone, a function replaced
                settings[name] = ask()[:200]
        return settings


def _rc(name: str) -> object:
    matplotlib = sys.modules.get("matplotlib")
    return dict.get(matplotlib.rcParams, name) if matplotlib is not None else None
