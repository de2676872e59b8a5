"""Calls that wait for a person at the keyboard: there is none while a notebook is graded."""

from __future__ import annotations

import bdb
import builtins
import contextlib
import getpass
import importlib.util
import pdb
import sys
from types import ModuleType
from typing import Any

import IPython
from IPython.core import debugger

from autograder.shell.remarks import DEBUGGER, INPUT, Remark

MAX_ASKED = 100  # times a cell or test is answered with an empty text; then the input has ended


class Unattended:
    """``input()`` gets an empty text, and debuggers go on at once; each is remarked."""

    def __init__(self, remark: Remark) -> None:
        self._remark = remark
        self._asked = 0

    def install(self) -> None:
        """Replace every function that would wait."""
        builtins.input = self._answer
        getpass.getpass = self._answer
        sys.breakpointhook = self._pass
        for kind in (bdb.Bdb, pdb.Pdb, debugger.Pdb):
            kind.set_trace = self._pass  # type: ignore[method-assign]
        for name in ("ipdb", "pudb"):
            if importlib.util.find_spec(name) is None:
                sys.modules[name] = module = ModuleType(name)
                module.set_trace = self._pass  # type: ignore[attr-defined]
        IPython.embed = self._pass
        for kind in (pdb.Pdb, debugger.Pdb):
            kind.interaction = self._go_on()  # type: ignore[method-assign]

    def begin(self) -> None:
        """A new cell or test may ask as often again."""
        self._asked = 0

    def _answer(self, prompt: object = "", *rest: Any, **more: Any) -> str:
        """An empty text. Raises EOFError if a loop asks too often."""
        self._remark(INPUT)
        self._asked += 1
        if self._asked > MAX_ASKED:
            raise EOFError("nobody types while the notebook is graded")
        sys.stdout.write(f"{prompt}\n" if prompt else "")  # as a notebook shows it
        return ""

    def _pass(self, *args: Any, **kwargs: Any) -> None:
        self._remark(DEBUGGER)

    def _go_on(self) -> Any:
        def interaction(debugger: bdb.Bdb, *args: Any) -> None:
            self._remark(DEBUGGER)
            with contextlib.suppress(Exception):
                debugger.set_continue()

        return interaction
