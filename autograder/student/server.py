"""Answers the trusted world's requests: run a cell, find a name, call, look into an object.

This side is not trusted: it may be patched by the very code it runs. All it can do is answer, and
an answer is only worth points when the trusted world finds it right.
"""

from __future__ import annotations

import builtins
import contextlib
import marshal
import signal
import socket
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from types import CodeType, FunctionType, GeneratorType
from typing import Any

import numpy as np
import torch

from autograder.student.shell import Cells, describe_error
from autograder.torch_watch.meta_device import device_advice
from autograder.torch_watch.operations import watch_operations
from autograder.wall.frames import (
    ConnectionLost,
    Frame,
    ProtocolError,
    receive_bytes,
    receive_frame,
    send_frame,
)
from autograder.wall.several import Several
from autograder.wall.values import Decoder, Encoder, freeze

ADVICE_S = 1.0  # for a question that costs no points: zeros can keep a loop going for ever
# a socket with a timeout is polled, which wakes for requests alone; recv wakes as well whenever a
# reply has been read
_FOR_EVER_S = 1e6
_DEFINITIONS = (FunctionType, type)  # what is lent at once, as it has no value to send
_LAYERS = str(Path(torch.nn.__file__).parent)
_ITEMS_AT_ONCE, _BYTES_AT_ONCE = 100, 1 << 20
_SETTLED = (torch.Tensor, np.ndarray, bool, int, float, str)
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
            node = encoder.encode({"error": describe_error(error)})
            return Frame([number, node], tuple(encoder.blobs))
        if operation == "many":
            node = self._several(encoder, arguments)
        else:
            node = self._node(encoder, operation, arguments)
        if self.cells.something_printed:
            node.append(["printed", True])
        return Frame([number, node], tuple(encoder.blobs))

    def _several(self, encoder: Encoder, requests: list[list[Any]]) -> list[Any]:
        """The node of the replies to the first of some requests."""
        several = Several(encoder)
        for operation, *arguments in requests:
            if not several.add(partial(self._node, encoder, operation, arguments)):
                break  # it is asked for again
        return ["dict", ["value", ["list", *several.nodes]]]

    def _node(self, encoder: Encoder, operation: str, arguments: list[Any]) -> Any:
        """The node of what one operation says, or of the error it ends with."""
        before = encoder.state()
        try:
            handler: Callable[..., dict[str, Any]] = getattr(self, f"_do_{operation}")
            self.is_late = False
            reply = handler(*arguments)
            if not self.is_late:
                return encoder.encode(reply)
            with watch_operations() as watched:
                node = encoder.encode(reply)
            node.append(["late_operations", encoder.encode(watched.names())])
            return node
        except BaseException as error:  # SystemExit and KeyboardInterrupt are answers too
            encoder.back_to(before)
            return encoder.encode({"error": describe_error(error)})

    def _do_files(self, sizes: dict[str, int]) -> dict[str, Any]:
        """Write files, by their sizes in bytes; the bytes come behind the request."""
        failed: OSError | None = None
        for name, size in sizes.items():
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
                pass  # what found no room is no request
        if failed is not None:
            raise failed
        return {}

    def _do_cell(
        self, source: str, wanted: tuple[str, ...] = (), soft_s: float = 0.0
    ) -> dict[str, Any]:
        report = self.cells.run(source, soft_s)
        names = self.cells.shell.user_ns
        report["names"] = {
            name: names[name] for name in wanted if isinstance(names.get(name), _DEFINITIONS)
        }
        return report

    def _do_printed(self) -> dict[str, Any]:
        self.cells.unattended.begin()
        return self.cells.printed()

    def _do_state(self) -> dict[str, Any]:
        state = self.cells.shell.state
        return {"state": state.changed(), "patched": state.patched()}

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
        count: bool = False,
    ) -> dict[str, Any]:
        given = args, kwargs
        before = freeze(given, self.max_bytes) if compare else None
        reply = _called(target, args, kwargs, watch, count)
        self.is_late = watch and not _is_settled(reply["value"])
        if compare and freeze(given, self.max_bytes) != before:
            reply["changed"] = given
        return reply

    def _do_probe(
        self,
        packed: bytes,
        target: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        watch: bool,
        compare: bool,
        count: bool = False,
    ) -> dict[str, Any]:
        code, defaults, by_keyword = _unpacked(packed)
        scope = {"__name__": "probe", "__builtins__": builtins}
        function = FunctionType(code, scope, code.co_name, defaults)
        function.__kwdefaults__ = by_keyword
        return self._do_call(partial(function, target), args, kwargs, watch, compare, count)

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
        done, items = target.advance()
        return {"done": done, "value": items}

    def _do_length(self, target: Any) -> dict[str, Any]:
        return {"value": len(target)}

    def _do_text(self, target: Any) -> dict[str, Any]:
        return {"value": repr(target)[:10_000]}


def _called(
    target: Any, args: tuple[Any, ...], kwargs: dict[str, Any], watch: bool, count: bool
) -> dict[str, Any]:
    """A call's value and, if watched, what it ran, as a reply."""
    if not watch:
        return {"value": target(*args, **kwargs)}
    with watch_operations(count) as watched:
        value = target(*args, **kwargs)
    return {
        "value": value,
        "operations": watched.names(),
        "operation_count": watched.count,
        "steps": watched.steps,
    }


def _is_settled(value: Any) -> bool:
    """Whether no code of the answer can run while a value is sent."""
    if type(value) in (tuple, list):
        return len(value) < 1000 and all(map(_is_settled, value))
    return value is None or type(value) in _SETTLED


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
def _unpacked(probe: bytes) -> tuple[CodeType, tuple[Any, ...] | None, dict[str, Any] | None]:
    code, defaults, by_keyword = marshal.loads(probe)
    return code, defaults, by_keyword


class _Iterator:
    """An iterator that is lent as an object even where it would cross by value.

    One of torch's own over the parameters or layers of a model is asked for several items at once:
    it does nothing on the way that anybody could notice.
    """

    def __init__(self, iterator: Any) -> None:
        self._iterator = iterator
        code = iterator.gi_code if isinstance(iterator, GeneratorType) else None
        of_layers = code is not None and code.co_filename.startswith(_LAYERS)
        self._at_once = _ITEMS_AT_ONCE if of_layers else 1

    def advance(self) -> tuple[bool, list[Any]]:
        """Whether it has ended, and its next items."""
        items, size = [], 0
        for item in self._iterator:
            items.append(item)
            size += item.nbytes if isinstance(item, torch.Tensor) else 0
            if len(items) == self._at_once or size > _BYTES_AT_ONCE:
                return False, items
        return True, items
