"""Remarks of a student's process, and settings that its cells changed, in words for the student."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from autograder.shell.library_state import SETTINGS
from autograder.shell.remarks import (
    DEBUGGER,
    INPUT,
    KINDS,
    STAND_IN,
    STOPPED,
    colab_packages,
)
from autograder.wall.protocol import State

MAX_VALUE = 120  # characters of a setting's value that are shown
_CHANGED = {
    "default_dtype": "torch's default dtype is {to}",
    "default_device": "torch's default device is {to}",
    "grad": "torch records no gradients (torch.set_grad_enabled(False))",
    "inference": "torch is in inference mode",
    "deterministic": "torch.use_deterministic_algorithms is {to}",
    "anomaly": "torch's anomaly detection is {to}",
    "numpy_errors": "numpy's floating-point errors are {to}",
    "warnings": "warnings are errors",
    "recursion": "Python's recursion limit is {to}",
    "folder": "the working folder is {to}",
    "backend": "matplotlib's backend is {to}",
    "torch_threads": "torch computes with {to} threads",
    "patched": "{to} is replaced",
}


class Remarks:
    """The remarks, by kind, detail and the cell or test that caused them."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], dict[str, None]] = {}

    def add(self, stage: str, reported: Iterable[tuple[str, str]]) -> None:
        """Keep the kinds and details of a reply; these may be lies."""
        for kind, detail in reported:
            known = kind != STAND_IN or detail in colab_packages() or detail == "google.colab"
            if kind in KINDS and known:
                self._found.setdefault((kind, detail if kind == STAND_IN else ""), {})[stage] = None

    def notes(self, cell_s: float, experiments_s: float) -> tuple[str, ...]:
        """A sentence for each."""
        said = {
            INPUT: "input() got an empty text, as nobody types while a notebook is graded ({})",
            DEBUGGER: "breakpoint() and the debugger were ignored ({}); please remove them",
            STOPPED: f"stopped, so that the tests have time: {{}}; a cell may take {cell_s:.4g} s "
            f"and all cells of your own together {experiments_s:.4g} s",
            STAND_IN: "a stand-in took the place of {name}, which is not installed where notebooks "
            "are graded ({}): it can be imported, but not used",
        }
        return tuple(
            said[kind].format(_listed(list(stages)), name=detail)
            for (kind, detail), stages in self._found.items()
        )


class ChangedSettings:
    """Settings of libraries that the student's own cells have changed, and the cells."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        self._changed: dict[str, tuple[str, int]] = {}
        self._last: dict[str, str] = {}

    def after_cell(self, index: int, reported: Mapping[str, str], is_given: bool) -> None:
        """Note the settings after a cell."""
        state = _known(reported)
        if is_given:  # only its own changes: an earlier cell of the student's may have made others
            own = {name: to for name, to in state.items() if self._last.get(name) != to}
            self._given = {**self._given, **own}
        self._last = state
        for name in list(self._changed):
            if name not in state:
                del self._changed[name]
        for name, to in state.items():
            known = self._changed.get(name)
            if self._given.get(name) != to and (known is None or known[0] != to):
                self._changed[name] = to, index

    def sentence(self, reported: State) -> str:
        """The text below a failed test about changed settings; empty without changes."""
        state = _known(reported.state)
        patched = [name for name in reported.patched if _is_dotted(name)]
        parts = []
        for name, to in state.items():
            if self._given.get(name) != to:
                known = self._changed.get(name)
                cell = f" since cell {known[1] + 1}" if known is not None else ""
                parts.append(_CHANGED[name].format(to=to[:MAX_VALUE]) + cell)
        parts += [_CHANGED["patched"].format(to=name) for name in patched]
        if not parts:
            return ""
        return (
            f"Cells of yours changed settings that this test ran with: {'; '.join(parts)}. "
            "In a fresh notebook it is not so: take that line out, or set it back below."
        )


def _known(reported: Mapping[str, str]) -> dict[str, str]:
    """The known settings in a reply, with their values."""
    return {name: to[:MAX_VALUE] for name in SETTINGS if (to := reported.get(name, ""))}


def _is_dotted(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z_][\w.]{0,100}", name, re.ASCII) is not None


def _listed(stages: list[str]) -> str:
    shown = ", ".join(stages[:5])
    return f"{shown} and {len(stages) - 5} more" if len(stages) > 5 else shown
