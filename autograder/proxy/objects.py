"""A student's objects as the trusted world holds them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

import torch

from autograder.wall.messages import Reply, Request
from autograder.wall.protocol import (
    GetAttribute,
    GetItem,
    GetLength,
    GetText,
    Iterate,
    NextItems,
    Seen,
    SetAttribute,
)

R = TypeVar("R", bound=Reply)


class Process(Protocol):
    """The process that an object lives in, as far as the object and its callers need it."""

    seen: Seen | None  # in a ``watch`` block: operations and steps of its calls

    def ask(self, request: Request[R]) -> R: ...

    def ask_many(self, requests: Sequence[Request[Any]]) -> list[Any]: ...

    def call(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any: ...

    def probe(
        self, packed: bytes, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any: ...

    def watch(self, count: bool = False) -> AbstractContextManager[None]: ...


class RemoteObject:
    """An object that stays in the student's process; calls and attributes go across.

    ``isinstance`` believes the student's side about classes of torch.
    Special names (``__array_interface__``) never cross, because libraries trust their values.
    """

    __slots__ = ("_kinds_", "_name_", "_number_", "_process_")

    def __init__(self, process: Process, number: int, kinds: tuple[str, ...], name: str) -> None:
        object.__setattr__(self, "_process_", process)
        object.__setattr__(self, "_number_", number)
        object.__setattr__(self, "_kinds_", kinds)
        object.__setattr__(self, "_name_", name)

    @staticmethod
    def number_of(remote: RemoteObject) -> int:
        number: int = object.__getattribute__(remote, "_number_")
        return number

    @staticmethod
    def process_of(remote: RemoteObject) -> Process:
        process: Process = object.__getattribute__(remote, "_process_")
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
        return RemoteObject.process_of(self).ask(GetAttribute(self, name)).value

    def __copy__(self) -> RemoteObject:
        return self

    def __deepcopy__(self, memo: Any) -> RemoteObject:
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        RemoteObject.process_of(self).ask(SetAttribute(self, name, value))

    def __getitem__(self, key: Any) -> Any:
        return RemoteObject.process_of(self).ask(GetItem(self, key)).value

    def __len__(self) -> int:
        length = RemoteObject.process_of(self).ask(GetLength(self)).value
        if length is None:
            raise TypeError("the length of the object is not a number")
        return length

    def __iter__(self) -> Iterator[Any]:
        process = RemoteObject.process_of(self)
        iterator = process.ask(Iterate(self)).value
        while True:
            items = process.ask(NextItems(iterator))
            if items.value is None:
                return
            yield from items.value
            if items.done:
                return

    def __repr__(self) -> str:
        return RemoteObject.process_of(self).ask(GetText(self)).value or "an object"


def is_remote(value: Any) -> bool:
    """Whether this is a student's object on the other side of the wall."""
    return type(value) is RemoteObject


def _torch_class(kind: str) -> type | None:
    """The class of torch with this name; None for others and for classes of data."""
    module_name, _, name = kind.partition(":")
    module = sys.modules.get(module_name)
    if module_name.split(".")[0] != "torch" or module is None:
        return None
    found = vars(module).get(name)  # not getattr, which can import
    if not isinstance(found, type) or issubclass(found, (torch.Tensor, tuple, list, dict, str)):
        return None
    return found if found.__module__ == module_name else None
