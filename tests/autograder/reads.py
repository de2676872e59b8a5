"""Counts how often files are opened and texts are parsed, in this process and in its workers.

Nothing is replaced: files are counted by Python's audit events, parsers by a wrapper that calls the
real one. Workers are forked, so they count into the same file.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_listeners: list[Reads] = []  # an audit hook cannot be removed


def _hear(event: str, args: tuple[Any, ...]) -> None:
    if event == "open" and _listeners and isinstance(args[0], str):
        mode, flags = args[1], args[2]
        if not (flags & os.O_ACCMODE if mode is None else set(mode) & set("wax+")):
            _listeners[-1].note("opened", args[0])


class Reads:
    """The reads since counting began; ``folder`` is the only folder that counts."""

    def __init__(self, log: int, folder: Path) -> None:
        self._log = log
        self._folder = f"{folder}{os.sep}"

    def note(self, what: str, path: str) -> None:
        """Count one more. Paths elsewhere are left out."""
        if path.startswith(self._folder):
            os.write(self._log, f"{json.dumps([what, path.removeprefix(self._folder)])}\n".encode())

    def counted(self, what: str) -> Counter[str]:
        """The number of reads, by path from the folder."""
        lines = os.pread(self._log, 1 << 24, 0).decode().splitlines()
        return Counter(path for kind, path in map(_pair, lines) if kind == what)


def _pair(line: str) -> tuple[str, str]:
    # not with json.loads, which may be counted
    kind, path = json.JSONDecoder().decode(line)
    return kind, path


@contextmanager
def counting(folder: Path, log: Path) -> Iterator[Reads]:
    """Within the block, count the files in ``folder`` that are opened for reading."""
    if not any(hook is _hear for hook in _hooks):
        sys.addaudithook(_hear)
        _hooks.append(_hear)
    log.unlink(missing_ok=True)
    descriptor = os.open(log, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    _listeners.append(Reads(descriptor, folder))
    try:
        yield _listeners[-1]
    finally:
        _listeners.pop()
        os.close(descriptor)


_hooks: list[Callable[..., None]] = []


def note_calls(
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    name: str,
    note: Callable[..., None],
) -> None:
    """Call ``note`` with the arguments of each call, and then the real function."""
    real = getattr(owner, name)

    def noted(*args: Any, **kwargs: Any) -> Any:
        note(*args, **kwargs)
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, noted)
