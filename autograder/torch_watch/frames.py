"""Whose code a frame runs: the answer's, the engine's, or a library's."""

from __future__ import annotations

import functools
import gc
import re
import sys
import sysconfig
import threading
from pathlib import Path
from types import FrameType

_ENGINE = str(Path(__file__).parents[1])
_LIBRARIES = tuple(
    {
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        str(Path(threading.__file__).parent),
        str(Path(re.__file__).parents[1]),
        _ENGINE,
        "<frozen",
        "<__array_function__",
    }
)


def is_answers(frame: FrameType) -> bool:
    """Whether this is Python code of an answer, and of no library and not the grader's."""
    name = frame.f_code.co_filename
    if name.startswith(_LIBRARIES):
        return False
    return not name.startswith("<") or not _is_library(module_of(frame))


def is_engines(frame: FrameType) -> bool:
    """Whether this is the grader's code."""
    return frame.f_code.co_filename.startswith(_ENGINE)


@functools.lru_cache(maxsize=10_000)
def _is_library(module: str) -> bool:
    """Whether a module is a library's: it may have made code from text."""
    file = getattr(sys.modules.get(module), "__file__", None)
    return isinstance(file, str) and file.startswith(_LIBRARIES)


def module_of(frame: FrameType) -> str:
    """The name of the module whose code a frame runs."""
    return str(frame.f_globals.get("__name__"))


def own_threads() -> bool:
    """Whether other threads run code of the student: they were started before the call."""
    mine = threading.get_ident()
    for number, top in _frames_of_threads().items():
        frame: FrameType | None = top
        while number != mine and frame is not None:
            if is_answers(frame):
                return True
            frame = frame.f_back
    return False


def _frames_of_threads() -> dict[int, FrameType]:
    """The frame that each thread runs now.

    The garbage collector rests meanwhile: Python before 3.11.9 and 3.12.3 deadlocks if a
    collection frees thread-local data while the frames are listed (CPython issue 106883).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return sys._current_frames()
    finally:
        if was_enabled:
            gc.enable()
