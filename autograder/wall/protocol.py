"""The protocol of the wall: one request and one reply for every operation, and their table.

A frame of the trusted world holds its number, the name of an operation and the fields of the
request. The frame that answers holds the same number and the fields of the reply. Beside these, a
reply holds ``error`` if the operation failed, and ``printed`` if there is output to ask for.

The student's process is not trusted: ``untrusted`` reads its replies. Values
that tests look at (``value``, ``changed``) stay as they arrive.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from autograder.wall import untrusted
from autograder.wall.messages import ErrorReport, Operation, Reply, Request, message, said
from autograder.wall.untrusted import ABSENT, Absent

# -- replies --------------------------------------------------------------------------------------


@message
class Done(Reply):
    """The operation is done."""


@message
class Value(Reply):
    """A value, or an object that stays on the student's side."""

    value: Any = said(untrusted.anything, default=None)


@message
class Named(Reply):
    """The value of a name."""

    value: Any | Absent = said(untrusted.anything, default=ABSENT)


@message
class Called(Reply):
    """The value of a call, its operations if it was watched, and changed arguments."""

    value: Any = said(untrusted.anything, default=None)
    operations: tuple[str, ...] = said(untrusted.lines, default=())
    late_operations: tuple[str, ...] = said(untrusted.lines, default=())  # while the value was sent
    operation_count: int = said(untrusted.number, default=0)  # operations of torch
    steps: int = said(untrusted.number, default=0)  # steps of Python
    changed: Any | Absent = said(untrusted.anything, default=ABSENT)  # args, kwargs

    @property
    def seen(self) -> Seen:
        """The findings of the call."""
        return Seen(self.operations + self.late_operations, self.operation_count, self.steps)


@dataclass(frozen=True, slots=True)
class Seen:
    """Findings of watched calls: names that a rule may know, and counts of operations and steps."""

    names: tuple[str, ...] = ()
    operations: int = 0  # of torch
    steps: int = 0  # of Python

    def __add__(self, other: Seen) -> Seen:
        return Seen(
            self.names + other.names,
            self.operations + other.operations,
            self.steps + other.steps,
        )


@message
class Advice(Reply):
    """The error of a call on a GPU, in words; empty if there is none."""

    value: str = said(untrusted.line, default="")


@message
class Items(Reply):
    """The next items of an iterator, and whether it has ended. None ends it as well."""

    value: list[Any] | None = said(untrusted.items, default=None)
    done: bool = said(untrusted.is_not_false, default=True)


@message
class Length(Reply):
    """The length of an object; None if the process did not say a length."""

    value: int | None = said(untrusted.length, default=None)


@message
class Text(Reply):
    """The text of an object, as ``repr`` writes it."""

    value: str = said(untrusted.short_text, default="")


@message
class Printed(Reply):
    """Output and remarks since the last reply of this kind."""

    stdout: str = said(untrusted.text, default="")
    stderr: str = said(untrusted.text, default="")
    truncated: bool = said(untrusted.is_true, default=False)
    remarks: tuple[tuple[str, str], ...] = said(untrusted.remarks, default=())  # kind, detail


@message
class CellReport(Printed):
    """The output of a cell, its error, and its changes and definitions."""

    error: ErrorReport | None = said(ErrorReport.of, default=None)
    state: dict[str, str] = said(untrusted.lines_by_name, default_factory=dict)  # settings changed
    names: dict[Any, Any] = said(untrusted.by_name, default_factory=dict)  # functions and classes


@message
class State(Reply):
    """Settings of libraries that are changed, and functions of libraries that are replaced."""

    state: dict[str, str] = said(untrusted.lines_by_name, default_factory=dict)
    patched: tuple[str, ...] = said(untrusted.lines, default=())


@message
class Replies(Reply):
    """Replies to the first of several requests, each to be read by its own operation."""

    value: tuple[dict[Any, Any], ...] = said(untrusted.replies, default=())


# -- requests -------------------------------------------------------------------------------------


@message
class RunCell(Request[CellReport]):
    """Run a cell, for at most ``soft_s`` seconds if that is not 0.

    The reply holds the functions and classes among the ``wanted`` names.
    """

    source: str
    wanted: tuple[str, ...] = ()
    soft_s: float = 0.0


@message
class TakePrinted(Request[Printed]):
    """Take the output since the last cell or request of this kind."""


@message
class ReadState(Request[State]):
    """Compare the settings of libraries with a fresh notebook's."""


@message
class FindName(Request[Named]):
    """Look up a name of the notebook."""

    name: str


@message
class Call(Request[Called]):
    """Call an object. Flags: ``watch`` and ``count`` operations, ``compare`` arguments."""

    target: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    _: dataclasses.KW_ONLY
    watch: bool = False
    compare: bool = False
    count: bool = False


@message
class RunProbe(Request[Called]):
    """Run a probe's ``packed`` code on an object with arguments; flags as in ``Call``."""

    packed: bytes
    target: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    _: dataclasses.KW_ONLY
    watch: bool = False
    compare: bool = False
    count: bool = False


@message
class AdviseOnDevices(Request[Advice]):
    """Call an object with arguments on another device than the CPU."""

    target: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


@message
class GetAttribute(Request[Value]):
    """Get an attribute of an object."""

    target: Any
    name: str


@message
class SetAttribute(Request[Done]):
    """Set an attribute of an object."""

    target: Any
    name: str
    value: Any


@message
class GetItem(Request[Value]):
    """Get an item of an object."""

    target: Any
    key: Any


@message
class Iterate(Request[Value]):
    """Lend an iterator over an object."""

    target: Any


@message
class NextItems(Request[Items]):
    """Get the next items of an iterator that was lent."""

    target: Any


@message
class GetLength(Request[Length]):
    """Get the length of an object."""

    target: Any


@message
class GetText(Request[Text]):
    """Get the text of an object."""

    target: Any


@message
class WriteFiles(Request[Done]):
    """Write files of these sizes in bytes; their contents come behind the frame."""

    sizes: dict[str, int]


@message
class AskMany(Request[Replies]):
    """Several requests, each as the name of its operation and its fields."""

    requests: list[list[Any]]


# -- the table ------------------------------------------------------------------------------------

OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation("cell", RunCell, CellReport),
        Operation("printed", TakePrinted, Printed),
        Operation("state", ReadState, State),
        Operation("name", FindName, Named),
        Operation("call", Call, Called),
        Operation("probe", RunProbe, Called),
        Operation("devices", AdviseOnDevices, Advice),
        Operation("get", GetAttribute, Value),
        Operation("set", SetAttribute, Done),
        Operation("item", GetItem, Value),
        Operation("iterate", Iterate, Value),
        Operation("next", NextItems, Items),
        Operation("length", GetLength, Length),
        Operation("text", GetText, Text),
        Operation("files", WriteFiles, Done),
        Operation("many", AskMany, Replies),
    )
}
_BY_REQUEST = {operation.request: operation for operation in OPERATIONS.values()}


def operation_of(request: Request[Any]) -> Operation:
    """The operation that a request asks for."""
    return _BY_REQUEST[type(request)]


def read_answer(request: Request[Any], said: dict[Any, Any]) -> Any:
    """The reply to a request, or the ErrorReport of an operation that failed.

    An error in a cell is part of the cell's report. ``said`` must pass ``untrusted.is_reply``.
    """
    reply, error = _BY_REQUEST[type(request)].reply, said.get("error")
    if error is None or reply is CellReport:
        return reply.read(said)
    return ErrorReport.read(error)
