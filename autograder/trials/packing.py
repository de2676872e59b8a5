"""Packs a probe with the functions, modules and constants that it uses."""

from __future__ import annotations

import builtins
import contextlib
import functools
import marshal
import re
import sys
from dataclasses import dataclass
from operator import attrgetter
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

from autograder.lesson.free_names import names_of_code
from autograder.proxy.objects import is_remote
from autograder.wall.packed import Function, Meaning, Packed, as_data

MAX_KB = 256  # of a packed probe
_FILE = "<probe>"  # in place of a path of the grader
_TRUSTED = ("autograder", "solutions")  # modules whose code never crosses the wall
_COURSE = (*_TRUSTED, "shared", "source")  # modules that the student's process cannot import
_LIBRARIES = re.compile(r"[/\\](site|dist)-packages[/\\]")
_MAX_DEPTH = 50  # of a constant's containers
_SINGLE = (type(None), type(...), bool, int, float, complex, str, bytes)
_IMMUTABLE = (*_SINGLE, type, ModuleType, FunctionType, BuiltinFunctionType)


@dataclass(frozen=True)
class PackedProbe:
    """The bytes of a probe, and the names that they were made from."""

    data: bytes
    uses: tuple[tuple[dict[str, Any], str, Any], ...]  # scope, name, value
    is_settled: bool  # no value can change in place

    @property
    def is_current(self) -> bool:
        """Whether all names still have their values."""
        return self.is_settled and all(scope.get(name) is value for scope, name, value in self.uses)


def pack(function: Any) -> PackedProbe:
    """Pack a function with the present values of its names.

    Raises TypeError, with the mistake in words, if a name must not or cannot cross.
    """
    packing = _Packing(check_function(function))
    data = packing.packed.as_bytes()
    if len(data) > MAX_KB << 10:
        raise TypeError(
            f"the probe {function.__name__} takes {len(data) >> 10} kB with all that it uses, "
            f"and at most {MAX_KB} kB may cross the wall"
        )
    settled = all(_is_settled(value) for _, _, value in packing.uses)
    return PackedProbe(data, tuple(packing.uses), settled)


def check_function(function: Any, words: str = "") -> FunctionType:
    """The function, if its own form lets it cross; its names are not looked up.

    ``words`` begin the message about a mistake. Raises TypeError for a closure, for defaults that
    are no plain data, and for written names.
    """
    if type(function) is not FunctionType:
        raise TypeError("a probe is made of a plain function")
    words = words or f"the probe {function.__name__}"
    if function.__code__.co_freevars:
        if hasattr(function, "__wrapped__"):
            raise TypeError(f"{words} is wrapped by a decorator: do that inside the function")
        names = ", ".join(function.__code__.co_freevars)
        raise TypeError(
            f"{words} needs {names} of the function around it: define or import that inside"
        )
    used = names_of_code(function.__code__)
    if used.written:
        raise TypeError(f"{words} changes the global {used.written[0]}: return the value instead")
    for module in used.imported:
        if _root(module) in _COURSE:
            raise TypeError(f"{words} imports {_about(module)}")
    if not _is_plain((function.__defaults__, function.__kwdefaults__)):
        raise TypeError(f"{words} needs plain defaults")
    return function


class _Packing:
    """A probe that is being packed: functions and scopes get numbers as they are found."""

    def __init__(self, function: FunctionType) -> None:
        self.packed = Packed([], [])
        self.uses: list[tuple[dict[str, Any], str, Any]] = []
        self._name = function.__name__
        self._functions: dict[int, int] = {}
        self._scopes: dict[int, int] = {}
        self._found = [function]  # each is packed in its turn, so a cycle ends
        self._number_of(function)
        for one in self._found:
            self._pack_names(one)

    def _number_of(self, function: FunctionType) -> int:
        key = id(function)
        if key not in self._functions:
            self._functions[key] = len(self.packed.functions)
            scope = self._scope_of(function.__globals__)
            defaults = as_data((function.__defaults__, function.__kwdefaults__))
            self.packed.functions.append(Function(_code(function.__code__), scope, defaults))
            if self._functions[key]:
                self._found.append(function)
        return self._functions[key]

    def _scope_of(self, names: dict[str, Any]) -> int:
        key = id(names)
        if key not in self._scopes:
            self._scopes[key] = len(self.packed.scopes)
            self.packed.scopes.append({})
        return self._scopes[key]

    def _pack_names(self, function: FunctionType) -> None:
        scope, names = function.__globals__, names_of_code(function.__code__)
        packed = self.packed.scopes[self._scope_of(scope)]
        for name in names.read:
            if name in packed or (name.startswith("__") and name in vars(builtins)):
                continue
            if name in scope:  # never asks the student for a name
                packed[name] = self._meaning(function, name, scope[name])
                self.uses.append((scope, name, scope[name]))
            elif name not in vars(builtins) and name not in names.defined:
                raise self._mistake(
                    function, name, "which the check does not define: define or import it there"
                )

    def _meaning(self, function: FunctionType, name: str, value: Any) -> Meaning:
        if is_remote(value):
            why = "an object of the student: pass it to the probe as an argument"
            raise self._mistake(function, name, why)
        if isinstance(value, ModuleType):
            if not _is_library(value.__name__) or sys.modules.get(value.__name__) is not value:
                raise self._mistake(function, name, _about(value.__name__))
            return "module", value.__name__
        modules = _modules_of(value)
        for module in modules:
            if _root(module) in _TRUSTED:
                raise self._mistake(function, name, _about(module))
        if isinstance(value, type | FunctionType | BuiltinFunctionType):
            for module in filter(_is_library, modules):
                if known := _name_in(module, value):
                    return "object", module, known
            if type(value) is FunctionType:
                check_function(value, self._words(function) + f" needs {name}, and {name}")
                return "function", self._number_of(value)
        if isinstance(value, type):
            why = "a class of the check: define it inside the probe or inside a function"
            raise self._mistake(function, name, why)
        if name.startswith("__") or not _is_plain(value):
            kind = type(value).__name__
            why = f"a value of type {kind}: make it inside the probe, or pass it as an argument"
            raise self._mistake(function, name, why)
        return "constant", as_data(value)

    def _words(self, function: FunctionType) -> str:
        if function is self._found[0]:
            return f"the probe {self._name}"
        return f"{function.__name__}, which the probe {self._name} uses,"

    def _mistake(self, function: FunctionType, name: str, why: str) -> TypeError:
        return TypeError(f"{self._words(function)} needs {name}, {why}")


def _about(module: str) -> str:
    """A module that the student's process has not, and the way to do without it."""
    root = _root(module)
    if root == "solutions":
        return f"the reference ({module}), which never crosses the wall: compare in a reading"
    if module == "autograder.trials.probe":
        return "another probe: put the common part into a plain function that both call"
    if root == "autograder":
        return f"a part of the grader ({module}), which never crosses the wall"
    return f"the course's module {module}: import its functions by name at the top of the check"


def _modules_of(value: Any) -> list[str]:
    """The modules that a value may come from: a decorator keeps the name of another one."""
    named = value if isinstance(value, _IMMUTABLE) else type(value)
    modules = [str(getattr(named, "__module__", ""))]
    if isinstance(value, FunctionType):
        modules.append(str(value.__globals__.get("__name__")))
    return modules


def _root(module: str) -> str:
    return module.partition(".")[0]


def _is_library(module: str) -> bool:
    """Whether a module is Python's or an installed package's, so that students have it too."""
    root = _root(module)
    if root in _COURSE:
        return False
    if root in sys.stdlib_module_names:
        return True
    found = sys.modules.get(root)
    places = [getattr(found, "__file__", None), *getattr(found, "__path__", ())]
    return any(_LIBRARIES.search(f"{place}/") for place in places)


def _name_in(module: str, value: Any) -> str:
    """The name of a class or function in a module; empty if it has none there."""
    for name in (value.__qualname__, value.__name__):
        with contextlib.suppress(AttributeError):
            if attrgetter(name)(sys.modules.get(module)) is value:
                return str(name)
    return ""


def _is_settled(value: Any) -> bool:
    """Whether a packed value cannot change in place."""
    if type(value) in (tuple, frozenset):
        return all(map(_is_settled, value))
    return isinstance(value, _IMMUTABLE)


def _is_plain(value: Any, depth: int = 0) -> bool:
    """Whether a value is data of Python's own types, of no subclass."""
    kind = type(value)
    if kind in _SINGLE:
        return True
    if depth > _MAX_DEPTH:
        return False
    if kind is dict:
        return all(_is_plain(part, depth + 1) for pair in value.items() for part in pair)
    if kind in (tuple, list, set, frozenset):
        return all(_is_plain(part, depth + 1) for part in value)
    return False


@functools.cache  # a test makes its probes anew for each submission
def _code(code: CodeType) -> bytes:
    return marshal.dumps(_without_path(code))


def _without_path(code: CodeType) -> CodeType:
    inner = [_without_path(c) if isinstance(c, CodeType) else c for c in code.co_consts]
    return code.replace(co_filename=_FILE, co_consts=tuple(inner))
