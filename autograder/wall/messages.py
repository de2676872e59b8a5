"""How typed requests and replies cross: as lists and dictionaries of their fields.

A request crosses as the list of its fields in order. A reply crosses as the dictionary of those
fields that are not at their defaults, so a field that is missing has its default. Each field of a
reply names the function of ``untrusted`` that reads it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Self, TypeVar, dataclass_transform

from autograder.wall import untrusted

T = TypeVar("T", bound=type["Request[Any] | Reply"])


def said(
    read: Callable[[Any], Any],
    *,
    default: Any = dataclasses.MISSING,
    default_factory: Any = dataclasses.MISSING,
) -> Any:
    """A field of a reply: the function that reads it, and its value where it is missing."""
    return dataclasses.field(
        default=default, default_factory=default_factory, metadata={"read": read}
    )


@dataclass_transform(frozen_default=True, field_specifiers=(said, dataclasses.field))
def message(kind: T) -> T:
    """A class decorator: a dataclass that knows how its fields cross.

    mypy holds that messages are not changed, and that flags are given by name. To hold this at run
    time as well would cost several microseconds a message.
    """
    kind.__annotations__.pop("_", None)  # KW_ONLY
    made: Any = dataclass(slots=True)(kind)
    fields = dataclasses.fields(made)
    if issubclass(made, Reply):
        made.field_readers = {one.name: one.metadata["read"] for one in fields}
        made.field_defaults = tuple((one.name, one.default) for one in fields)
    else:
        made.field_names = tuple(one.name for one in fields)
    return made  # type: ignore[no-any-return]


class Reply:
    """The answer of the student's process to one request."""

    __slots__ = ()
    field_readers: ClassVar[dict[str, Callable[[Any], Any]]]
    field_defaults: ClassVar[tuple[tuple[str, Any], ...]]

    @classmethod
    def read(cls, said: dict[Any, Any]) -> Self:
        """The reply in a decoded dictionary. Never raises: every part of it may be a lie."""
        reply, readers = cls(), cls.field_readers
        for name, part in said.items():
            if name in readers:
                setattr(reply, name, readers[name](part))
        return reply

    def fields(self) -> dict[str, Any]:
        """The fields that are not at their defaults."""
        found: dict[str, Any] = {}
        for name, default in self.field_defaults:
            value = getattr(self, name)
            if value is not default:
                found[name] = value.fields() if type(value) is ErrorReport else value
        return found


R_co = TypeVar("R_co", bound=Reply, covariant=True)


class Request(Generic[R_co]):
    """A question of the trusted world to the student's process; its reply is an ``R_co``."""

    __slots__ = ()
    field_names: ClassVar[tuple[str, ...]]

    @classmethod
    def read(cls, arguments: list[Any]) -> Self:
        """The request with these fields. Raises TypeError if they are too few or too many."""
        return cls(*arguments)

    def arguments(self) -> list[Any]:
        """The fields, in order."""
        return [getattr(self, name) for name in self.field_names]


@message
class ErrorReport(Reply):
    """An exception of the student's code, as plain data."""

    type: str = said(untrusted.line, default="")
    # built-in base classes, the nearest first
    builtins: tuple[str, ...] = said(untrusted.few_lines, default=())
    text: str = said(untrusted.short_text, default="")
    # the name that is not defined, if this was the reason
    missing_name: str = said(untrusted.line, default="")
    out_of_memory: bool = said(untrusted.is_true, default=False)
    traceback: tuple[str, ...] = said(untrusted.few_lines, default=())

    @property
    def kind(self) -> str:
        """The name of the exception's type."""
        return self.type or "Exception"

    @classmethod
    def of(cls, value: Any) -> ErrorReport | None:
        """The error in a decoded reply; None if there is none."""
        return cls.read(value) if type(value) is dict else None


@dataclass(frozen=True)
class Operation:
    """One operation: its name on the wire, its request and its reply."""

    name: str
    request: type[Request[Any]]
    reply: type[Reply]
