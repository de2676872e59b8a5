"""Answers the trusted world's requests: run a cell, find a name, call, look into an object.

This side is not trusted: it may be patched by the very code it runs. All it can do is answer, and
an answer is only worth points when the trusted world finds it right.
"""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import torch

from autograder.shell.shell import Cells, describe_error
from autograder.student.objects import ItemsInTurn, Objects
from autograder.student.probes import unpack
from autograder.torch_watch.meta_device import device_advice
from autograder.torch_watch.operations import watch_operations
from autograder.wall.decoder import Decoder
from autograder.wall.encoder import Batch, Encoder, freeze
from autograder.wall.frames import (
    ConnectionLost,
    Frame,
    ProtocolError,
    receive_bytes,
    receive_frame,
    send_frame,
)
from autograder.wall.messages import Reply
from autograder.wall.protocol import (
    OPERATIONS,
    Advice,
    AdviseOnDevices,
    AskMany,
    Call,
    Called,
    CellReport,
    Done,
    FindName,
    GetAttribute,
    GetItem,
    GetLength,
    GetText,
    Items,
    Iterate,
    Length,
    Named,
    NextItems,
    Printed,
    ReadState,
    RunCell,
    RunProbe,
    SetAttribute,
    State,
    TakePrinted,
    Text,
    Value,
    WriteFiles,
    operation_of,
)

ADVICE_S = 1.0  # for a question that costs no points: with zeros, a loop may never end
# a socket with a timeout is polled, which wakes for requests alone; recv wakes as well whenever a
# reply has been read
_FOR_EVER_S = 1e6
_DEFINITIONS = (FunctionType, type)  # sent with a cell's report, because they cross as handles
_SETTLED = (torch.Tensor, np.ndarray, bool, int, float, str)
_MANY = operation_of(AskMany([])).name
_TOO_LARGE = ["dict", ["value", ["refused", "a value larger than the limit"]]]


class Server:
    """One request, one reply, until the other side hangs up."""

    def __init__(self, sock: socket.socket, cells: Cells, max_bytes: int, max_depth: int) -> None:
        self.sock = sock
        self.cells = cells
        self.max_bytes = max_bytes
        self.max_depth = max_depth
        self.objects = Objects()
        self.is_late = False  # the value of a watched call may run more while it is sent

    def serve(self) -> None:
        """Answer until the connection ends."""
        self.sock.settimeout(_FOR_EVER_S)
        while True:
            try:
                request = receive_frame(self.sock, 1 << 40)
                reply = self._reply(request)
                try:
                    send_frame(self.sock, reply)
                except ProtocolError:
                    send_frame(self.sock, Frame([reply.header[0], _TOO_LARGE]))
            except ConnectionLost:
                return

    def _reply(self, request: Frame) -> Frame:
        number, operation, tree = request.header
        decoder = Decoder(request.blobs, self.objects.find, keep_layout=True)
        encoder = Encoder(self.objects.lend, self.max_depth, self.max_bytes)
        try:
            arguments = decoder.decode(tree)
        except BaseException as error:  # of memory, where there is none left
            return Frame([number, _error_node(encoder, error)], tuple(encoder.blobs))
        if operation == _MANY:
            node = self._many(encoder, arguments)
        else:
            node = self._node(encoder, operation, arguments)
        if self.cells.something_printed:
            node.append(["printed", True])
        return Frame([number, node], tuple(encoder.blobs))

    def _many(self, encoder: Encoder, requests: list[list[Any]]) -> list[Any]:
        """The node of the replies to the first of some requests."""
        batch = Batch(encoder)
        for operation, *arguments in requests:
            if not batch.add(partial(self._node, encoder, operation, arguments)):
                break  # the trusted side asks for it again
        return ["dict", ["value", ["list", *batch.nodes]]]

    def _node(self, encoder: Encoder, name: str, arguments: list[Any]) -> Any:
        """The node of the reply to one request, or of the error that it ends with."""
        before = encoder.state()
        try:
            operation = OPERATIONS[name]
            handler: Callable[[Any], Reply] = getattr(self, f"_do_{operation.name}")
            self.is_late = False
            reply = handler(operation.request.read(arguments))
            if not self.is_late:
                return encoder.encode(reply.fields())
            with watch_operations() as watched:
                node = encoder.encode(reply.fields())
            node.append(["late_operations", encoder.encode(watched.names())])
            return node
        except BaseException as error:  # SystemExit and KeyboardInterrupt are answers too
            encoder.back_to(before)
            return _error_node(encoder, error)

    def _do_files(self, asked: WriteFiles) -> Done:
        failed: OSError | None = None
        for name, size in asked.sizes.items():
            pieces = receive_bytes(self.sock, size)
            try:
                Path(name).parent.mkdir(parents=True, exist_ok=True)
                with open(name, "wb") as file:
                    file.writelines(pieces)
            except OSError as error:
                failed = failed or error
                with contextlib.suppress(OSError):
                    Path(name).unlink()  # nothing is better than a part
            for _ in pieces:
                pass  # the rest of the file must not be read as a request
        if failed is not None:
            raise failed
        return Done()

    def _do_cell(self, asked: RunCell) -> CellReport:
        report = self.cells.run(asked.source, asked.soft_s)
        names = self.cells.shell.user_ns
        definitions = {
            name: names[name] for name in asked.wanted if isinstance(names.get(name), _DEFINITIONS)
        }
        return replace(report, names=definitions)

    def _do_printed(self, asked: TakePrinted) -> Printed:
        self.cells.unattended.begin()
        return self.cells.printed()

    def _do_state(self, asked: ReadState) -> State:
        state = self.cells.shell.state
        return State(state.changed(), tuple(state.patched()))

    def _do_name(self, asked: FindName) -> Named:
        try:
            return Named(self.cells.shell.user_ns[asked.name])
        except KeyError:
            raise NameError(f"name {asked.name!r} is not defined") from None

    def _do_call(self, asked: Call) -> Called:
        given = asked.args, asked.kwargs
        before = freeze(given, self.max_bytes) if asked.compare else None
        reply = _called(asked)
        self.is_late = asked.watch and not _is_settled(reply.value)
        if asked.compare and freeze(given, self.max_bytes) != before:
            return replace(reply, changed=given)
        return reply

    def _do_probe(self, asked: RunProbe) -> Called:
        return self._do_call(
            Call(
                partial(unpack(asked.packed), asked.target),
                asked.args,
                asked.kwargs,
                watch=asked.watch,
                compare=asked.compare,
                count=asked.count,
            )
        )

    def _do_devices(self, asked: AdviseOnDevices) -> Advice:
        with _processor_seconds(ADVICE_S):
            return Advice(device_advice(asked.target, asked.args, asked.kwargs))

    def _do_get(self, asked: GetAttribute) -> Value:
        return Value(getattr(asked.target, asked.name))

    def _do_set(self, asked: SetAttribute) -> Done:
        setattr(asked.target, asked.name, asked.value)
        return Done()

    def _do_item(self, asked: GetItem) -> Value:
        return Value(asked.target[asked.key])

    def _do_iterate(self, asked: Iterate) -> Value:
        return Value(ItemsInTurn(iter(asked.target)))

    def _do_next(self, asked: NextItems) -> Items:
        items: Items = asked.target.advance()
        return items

    def _do_length(self, asked: GetLength) -> Length:
        return Length(len(asked.target))

    def _do_text(self, asked: GetText) -> Text:
        return Text(repr(asked.target)[:10_000])


def _error_node(encoder: Encoder, error: BaseException) -> list[Any]:
    node: list[Any] = encoder.encode({"error": describe_error(error).fields()})
    return node


def _called(asked: Call) -> Called:
    """A call's value and, if watched, its operations."""
    if not asked.watch:
        return Called(asked.target(*asked.args, **asked.kwargs))
    with watch_operations(asked.count) as watched:
        value = asked.target(*asked.args, **asked.kwargs)
    return Called(value, tuple(watched.names()), (), watched.count, watched.steps)


def _is_settled(value: Any) -> bool:
    """Whether no code of the answer can run while a value is sent."""
    if type(value) in (tuple, list):
        return len(value) < 1000 and all(map(_is_settled, value))
    return value is None or type(value) in _SETTLED


@contextlib.contextmanager
def _processor_seconds(limit: float) -> Iterator[None]:
    """Raise TimeoutError in a block that uses more of them, and again after as many.

    Python ignores an exception in a destructor or callback, so one would not be enough.
    """

    def stop(number: int, frame: Any) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, limit, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
