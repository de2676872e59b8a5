"""Answers the trusted world's requests: run a cell, find a name, call, look into an object.

This side is not trusted: it may be patched by the very code it runs. All it can do is answer, and
an answer is only worth points when the trusted world finds it right.
"""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from autograder.student.shell import Cells, describe_error
from autograder.wall.devices import device_advice
from autograder.wall.frames import (
    ConnectionLost,
    Frame,
    ProtocolError,
    receive_frame,
    send_frame,
)
from autograder.wall.operations import watch_operations
from autograder.wall.several import Several
from autograder.wall.values import Decoder, Encoder, freeze

ADVICE_S = 1.0  # for a question that costs no points: zeros can keep a loop going for ever
_DEFINITIONS = (FunctionType, type)  # what is lent at once, as it has no value to send
_TOO_LARGE = ["dict", ["value", ["refused", "a value larger than the limit"]]]


class Objects:
    """The student's objects that were handed out, by number."""

    def __init__(self) -> None:
        self._objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}  # id(object) -> number; lent objects are kept alive

    def lend(self, value: Any) -> list[Any]:
        """The node that stands for an object: its number, what it is, what it can do."""
        number = self._numbers.setdefault(id(value), len(self._objects) + 1)
        self._objects[number] = value
        kinds = [f"{kind.__module__}:{kind.__qualname__}" for kind in type(value).__mro__][:50]
        name = getattr(value, "__qualname__", "") if callable(value) else ""
        return ["handle", number, kinds, str(name)[:200]]

    def find(self, node: list[Any]) -> Any:
        """The object of a node that came back."""
        return self._objects[node[1]]


class Answers:
    """One request, one reply, until the other side hangs up."""

    def __init__(self, sock: socket.socket, cells: Cells, max_bytes: int, max_depth: int) -> None:
        self.sock = sock
        self.cells = cells
        self.max_bytes = max_bytes
        self.max_depth = max_depth
        self.objects = Objects()

    def serve(self) -> None:
        """Answer until the connection ends."""
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
        try:
            arguments = decoder.decode(tree)
        except BaseException as error:  # of memory, where there is none left
            node, encoder = self._encoded({"error": describe_error(error)})
            return Frame([number, node], tuple(encoder.blobs))
        if operation == "many":
            node, blobs = self._several(*arguments)
        else:
            node, encoder = self._node(operation, arguments)
            blobs = encoder.blobs
        if self.cells.something_printed:
            node.append(["printed", True])
        return Frame([number, node], tuple(blobs))

    def _several(self, *requests: list[Any]) -> tuple[list[Any], list[bytes]]:
        """The node and blobs of the replies to the first of some requests."""
        several = Several()
        for operation, *arguments in requests:
            if not several.add(*self._node(operation, arguments, len(several.blobs))):
                break  # it is asked for again
        return ["dict", ["value", ["list", *several.nodes]]], several.blobs

    def _node(
        self, operation: str, arguments: list[Any], first_blob: int = 0
    ) -> tuple[Any, Encoder]:
        """The node of what one operation says, or of the error it ends with."""
        try:
            handler: Callable[..., dict[str, Any]] = getattr(self, f"_do_{operation}")
            return self._encoded(handler(*arguments), first_blob)
        except BaseException as error:  # SystemExit and KeyboardInterrupt are answers too
            return self._encoded({"error": describe_error(error)}, first_blob)

    def _encoded(self, reply: dict[str, Any], first_blob: int = 0) -> tuple[Any, Encoder]:
        encoder = Encoder(self.objects.lend, self.max_depth, self.max_bytes, first_blob=first_blob)
        return encoder.encode(reply), encoder

    def _do_files(self, files: dict[str, bytes]) -> dict[str, Any]:
        for name, content in files.items():
            Path(name).write_bytes(content)
        return {}

    def _do_cell(self, source: str, wanted: tuple[str, ...] = ()) -> dict[str, Any]:
        report = self.cells.run(source)
        names = self.cells.shell.user_ns
        report["names"] = {
            name: names[name] for name in wanted if isinstance(names.get(name), _DEFINITIONS)
        }
        return report

    def _do_printed(self) -> dict[str, Any]:
        return self.cells.printed()

    def _do_name(self, name: str) -> dict[str, Any]:
        try:
            return {"value": self.cells.shell.user_ns[name]}
        except KeyError:
            raise NameError(f"name {name!r} is not defined") from None

    def _do_call(
        self,
        target: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        watch: bool,
        compare: bool,
    ) -> dict[str, Any]:
        given = args, kwargs
        before = freeze(given, self.max_bytes) if compare else None
        reply = _called(target, args, kwargs, watch)
        if compare and freeze(given, self.max_bytes) != before:
            reply["changed"] = given
        return reply

    def _do_probe(
        self,
        name: str,
        source: str,
        target: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        watch: bool,
        compare: bool,
    ) -> dict[str, Any]:
        scope: dict[str, Any] = {"__name__": "probe"}
        exec(_compiled(source), scope)
        return self._do_call(partial(scope[name], target), args, kwargs, watch, compare)

    def _do_devices(
        self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> dict[str, Any]:
        with _processor_seconds(ADVICE_S):
            return {"value": device_advice(target, args, kwargs)}

    def _do_get(self, target: Any, name: str) -> dict[str, Any]:
        return {"value": getattr(target, name)}

    def _do_set(self, target: Any, name: str, value: Any) -> dict[str, Any]:
        setattr(target, name, value)
        return {}

    def _do_item(self, target: Any, key: Any) -> dict[str, Any]:
        return {"value": target[key]}

    def _do_iterate(self, target: Any) -> dict[str, Any]:
        return {"value": _Iterator(iter(target))}

    def _do_next(self, target: Any) -> dict[str, Any]:
        done, value = target.advance()
        return {"done": done, "value": value}

    def _do_length(self, target: Any) -> dict[str, Any]:
        return {"value": len(target)}

    def _do_text(self, target: Any) -> dict[str, Any]:
        return {"value": repr(target)[:10_000]}


def _called(
    target: Any, args: tuple[Any, ...], kwargs: dict[str, Any], watch: bool
) -> dict[str, Any]:
    """A call's value and, if watched, the torch operations it ran, as a reply."""
    if not watch:
        return {"value": target(*args, **kwargs)}
    with watch_operations() as operations:
        value = target(*args, **kwargs)
    names = sorted(set(operations))
    return {"value": value, "operations": names, "operation_count": len(operations)}


@contextlib.contextmanager
def _processor_seconds(limit: float) -> Iterator[None]:
    """Raise TimeoutError in a block that uses more of them."""

    def stop(number: int, frame: Any) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@cache
def _compiled(probe: str) -> CodeType:
    return compile(probe, "<probe>", "exec")


class _Iterator:
    """An iterator that is lent as an object even where it would cross by value."""

    def __init__(self, iterator: Any) -> None:
        self._iterator = iterator

    def advance(self) -> tuple[bool, Any]:
        try:
            return False, next(self._iterator)
        except StopIteration:
            return True, None
