"""A student's objects and errors as the trusted world holds them."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from autograder.proxy.process import StudentProcess


MAX_TEXT, MAX_LINE, MAX_LINES = 2000, 500, 60  # of an error: characters, and lines


class StudentError(Exception):
    """An exception that the student's code raised.

    ``kind`` is its type's name. Where that is, or extends, a built-in exception, the object is an
    instance of it too, so ``except ValueError`` works on either side of the wall. ``missing_name``
    is the name that was not defined, where that was the reason.
    """

    kind: str = "Exception"
    text: str = ""
    traceback_lines: tuple[str, ...] = ()
    out_of_memory: bool = False
    missing_name: str = ""


def student_error(report: dict[str, Any]) -> StudentError:
    """The StudentError that a reply describes; every field of it may be a lie."""
    names = report.get("builtins")
    kinds = [_builtin(name) for name in names] if isinstance(names, list) else []
    base = next((kind for kind in kinds if kind is not None), Exception)
    bases = (StudentError,) if base is Exception else (StudentError, base)
    text = as_text(report.get("text"), MAX_TEXT)
    try:
        error: StudentError = type("StudentError", bases, {})(text)
    except TypeError:  # an exception whose arguments are not one text
        error = StudentError(text)
    error.kind = as_text(report.get("type"), MAX_LINE) or "Exception"
    error.text = text
    error.traceback_lines = as_lines(report.get("traceback"))[:MAX_LINES]
    error.missing_name = as_text(report.get("missing_name"), MAX_LINE)
    error.out_of_memory = report.get("out_of_memory") is True
    return error


def as_text(value: Any, limit: int | None = None) -> str:
    """A part of a reply that should be text; anything else, objects above all, is empty."""
    return value[:limit] if type(value) is str else ""


def as_lines(value: Any) -> tuple[str, ...]:
    """A part of a reply that should be a list of lines."""
    return tuple(as_text(line, MAX_LINE) for line in value) if type(value) is list else ()


def _builtin(name: Any) -> type[Exception] | None:
    kind = getattr(builtins, name, None) if isinstance(name, str) else None
    if not isinstance(kind, type) or not issubclass(kind, Exception) or kind is Exception:
        return None
    # either of these would end a loop of the test quietly
    return None if issubclass(kind, (StopIteration, StopAsyncIteration)) else kind


class RemoteObject:
    """An object that stays in the student's process; calls and attributes go across.

    ``isinstance`` answers for torch's own classes by what the student's side says the object is.
    Special names (``__array_interface__``) never cross: libraries act on what they hold.
    """

    __slots__ = ("_kinds_", "_name_", "_number_", "_process_")

    def __init__(
        self, process: StudentProcess, number: int, kinds: tuple[str, ...], name: str
    ) -> None:
        object.__setattr__(self, "_process_", process)
        object.__setattr__(self, "_number_", number)
        object.__setattr__(self, "_kinds_", kinds)
        object.__setattr__(self, "_name_", name)

    @staticmethod
    def number_of(remote: RemoteObject) -> int:
        number: int = object.__getattribute__(remote, "_number_")
        return number

    @staticmethod
    def process_of(remote: RemoteObject) -> StudentProcess:
        process: StudentProcess = object.__getattribute__(remote, "_process_")
        return process

    @property  # type: ignore[misc] # a class that depends on what the object is
    def __class__(self) -> Any:
        for kind in object.__getattribute__(self, "_kinds_"):
            found = _torch_class(kind)
            if found is not None:
                return found
        return RemoteObject

    @property
    def __name__(self) -> str:
        name: str = object.__getattribute__(self, "_name_")
        return name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return RemoteObject.process_of(self).call(self, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"{name} does not cross the wall")
        return self._ask("get", name)

    def __copy__(self) -> RemoteObject:
        return self

    def __deepcopy__(self, memo: Any) -> RemoteObject:
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        RemoteObject.process_of(self).request("set", self, name, value)

    def __getitem__(self, key: Any) -> Any:
        return self._ask("item", key)

    def __len__(self) -> int:
        length = self._ask("length")
        if type(length) is not int or length < 0:
            raise TypeError("the length of the object is not a number")
        return length

    def __iter__(self) -> Iterator[Any]:
        process = RemoteObject.process_of(self)
        iterator = self._ask("iterate")
        while True:
            reply = process.request("next", iterator)
            items = reply.get("value")
            if type(items) is not list:
                return
            yield from items
            if reply.get("done") is not False:
                return

    def __repr__(self) -> str:
        return as_text(self._ask("text"), MAX_TEXT) or "an object"

    def _ask(self, operation: str, *arguments: Any) -> Any:
        process = RemoteObject.process_of(self)
        return process.request(operation, self, *arguments).get("value")


def is_remote(value: Any) -> bool:
    """Whether this is a student's object on the other side of the wall."""
    return type(value) is RemoteObject


def _torch_class(kind: str) -> type | None:
    """A class of torch's own that an object may say it is of; data crosses by value and is none."""
    module_name, _, name = kind.partition(":")
    module = sys.modules.get(module_name)
    if module_name.split(".")[0] != "torch" or module is None:
        return None
    found = vars(module).get(name)  # not getattr, which can import
    if not isinstance(found, type) or issubclass(found, (torch.Tensor, tuple, list, dict, str)):
        return None
    return found if found.__module__ == module_name else None
