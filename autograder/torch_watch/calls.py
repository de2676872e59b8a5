"""Which functions of libraries a call runs, and which tricks that hide them, seen by a profiler.

Python tells a profile function of every call of a Python or C function. Of a call, its
function's module and name are kept, if ``families`` knows them. Python code of the answer is
also searched for names of torch's internals that switch observers off.
"""

from __future__ import annotations

import functools
import inspect
import re
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import CodeType, FrameType
from typing import Any

from autograder.torch_watch.families import ORDINARY, TRICKS, Family, family_of_call
from autograder.torch_watch.frames import is_answers, is_engines, module_of, own_threads

_WAITS = ("_thread.lock.acquire", "_queue.SimpleQueue.get", "time.sleep", "select.select")
_SUBMIT = ThreadPoolExecutor.submit.__code__
_DOTTED = re.compile(r"[A-Za-z_][\w.]*")
_MAX_CODES = 20_000
_HIDDEN = re.compile(
    r"_?ctypes\b|subprocess\b|cffi\b|_cffi_backend\b"
    r"|multiprocessing\b(?!\.(?:dummy|pool)\b)"
)


class Calls:
    """Findings by the calls of one thread and of the threads that it starts.

    ``found`` holds ``call MODULE.NAME`` and ``hides NAME``, in the order in which they were seen.
    """

    def __init__(self) -> None:
        self.found: dict[str, None] = {}
        self.count = 0  # of calls
        self._codes: dict[CodeType, bool] = {}  # those seen; whether they are the answer's
        self._functions: set[tuple[CodeType, str, str | None]] = set()
        self._before: Any = None
        self._before_threads: Any = None
        self._old_threads: list[threading.Thread] = []
        self._own_threads = False  # whether some of these run code of the student

    def start(self) -> None:
        """Watch from now on; a profile function that was there is put back by ``stop``."""
        self._before = sys.getprofile()
        self._before_threads = threading.getprofile()
        self._mine = self._seen  # one bound method, so that it can be recognised
        self._old_threads = threading.enumerate()
        self._own_threads = own_threads()
        threading.setprofile(self._mine)
        sys.setprofile(self._mine)
        _listeners.append(self)

    def stop(self) -> None:
        """Watch no more; finds that somebody else took the profile function's place."""
        _listeners.remove(self)
        replaced = sys.getprofile() is not self._mine
        sys.setprofile(self._before)
        threading.setprofile(self._before_threads)
        if replaced:
            self.hides("sys.setprofile")

    def hides(self, name: str) -> None:
        """Note a trick that hides a computation."""
        self.found.setdefault(f"hides {name}")

    def hear(self, event: str, frame: FrameType | None) -> None:
        """Note an event of Python's audit, which reports actions that profile functions miss."""
        root = event.partition(".")[0]
        while frame is not None and root == "ctypes" and module_of(frame).startswith(root):
            frame = frame.f_back
        if root in ("os", "subprocess", "socket") or (frame and is_answers(frame)):
            self.hides(event)

    # -- every call ---------------------------------------------------------------------------

    def _seen(self, frame: FrameType, event: str, function: Any) -> None:
        if event == "call":
            self.count += 1
            code = frame.f_code
            if code not in self._codes:
                self._new_code(frame, code)
        elif event == "c_call":
            self.count += 1
            key = (frame.f_code, function.__name__, function.__module__)
            if key not in self._functions:
                self._functions.add(key)
                self._new_function(frame, function)

    def _new_code(self, frame: FrameType, code: CodeType) -> None:
        if len(self._codes) > _MAX_CODES:
            self._codes.clear()
        mine = is_answers(frame)
        self._codes[code] = mine
        if mine:
            self._search(code, frame)
            return
        if is_engines(frame):
            return
        if code.co_flags & inspect.CO_NEWLOCALS:  # a function, not a module or the body of a class
            self._note(f"{module_of(frame)}.{code.co_qualname}", frame.f_back)
        if code is _SUBMIT:
            pool = frame.f_locals.get("self")
            if any(thread in self._old_threads for thread in getattr(pool, "_threads", ())):
                self.hides("ThreadPoolExecutor.submit, to a thread that was started before")

    def _new_function(self, frame: FrameType, function: Any) -> None:
        if len(self._functions) > _MAX_CODES:
            self._functions.clear()
        name = described(function)
        if name:
            self._note(name, frame)
        last = name.rpartition(".")[2]
        if is_answers(frame) and last in TRICKS:
            self.hides(name)
        if self._own_threads and name in _WAITS:  # perhaps for a result of such a thread
            self.hides("a thread that was started before")

    def _note(self, name: str, caller: FrameType | None) -> None:
        family = _family(name)
        if family is None:
            return
        if family is Family.HIDING:
            if caller is not None and is_answers(caller):
                self.hides(name)
        else:
            self.found.setdefault(f"call {name}")

    # -- the answer's own code ----------------------------------------------------------------

    def _search(self, code: CodeType, frame: FrameType) -> None:
        """Look for tricks among the names that a piece of code uses, and their values."""
        for name in _words(code):
            if name in TRICKS and name not in ORDINARY:
                self.hides(name)
        for name in code.co_names:
            value = frame.f_globals.get(name)
            if value is not None:
                self._look_at(value)
        for name in code.co_freevars:
            self._look_at(frame.f_locals.get(name))

    def _look_at(self, value: Any) -> None:
        for _ in range(5):
            if type(value) is not functools.partial:
                break
            value = value.func
        name = described(value)
        if name and (name.rpartition(".")[2] in TRICKS or _HIDDEN.match(name)):
            self.hides(name)


@functools.lru_cache(maxsize=50_000)
def _family(name: str) -> Family | None:
    return family_of_call(name)


def described(value: Any) -> str:
    """The module and name of a function, class or module, or of another object's class.

    Empty for an object without a module.
    """
    kind = type(value)
    try:
        if kind.__name__ == "module":
            return str(value.__name__)
        name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
        if name is None:
            return f"{kind.__module__}.{kind.__qualname__}"
        name, module = str(name), getattr(value, "__module__", None)
        if name.startswith("pybind11_detail_function_record"):
            name = str(value.__name__)
            if not name:
                return "" if module else "torch._C._op_dk"  # an operation's kernel, called directly
        if module is None:
            owner = getattr(value, "__self__", None)
            module = type(owner).__module__ if owner is not None else ""
        return f"{module}.{name}"
    except Exception:  # of an object of the answer that does not want to be looked at
        return ""


def _words(code: CodeType) -> Iterator[str]:
    """The names that a piece of code uses, and the parts of texts that could be names."""
    yield from code.co_names
    for value in code.co_consts:
        if isinstance(value, str) and _DOTTED.fullmatch(value):
            yield from value.split(".")


# -- events that no Python code can unhear -------------------------------------------------------

_listeners: list[Calls] = []
_EVENTS = frozenset((
    "subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn",
    "os.spawn", "ctypes.dlopen", "ctypes.dlsym", "ctypes.call_function", "socket.connect",
    "sys.setprofile", "sys.settrace", "sys.addaudithook",
))  # fmt: skip


def _hear(event: str, arguments: Any) -> None:
    if _listeners and event in _EVENTS:
        for listener in tuple(_listeners):
            listener.hear(event, sys._getframe(1))


@functools.cache
def install_audit() -> None:
    """Hear of processes, foreign functions and replaced profilers. It cannot be undone."""
    sys.addaudithook(_hear)
