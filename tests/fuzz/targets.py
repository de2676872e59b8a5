"""The fuzzed functions: each takes bytes and may raise only one kind of error."""

from __future__ import annotations

import json
import socket
import struct
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgpack
import numpy as np
import torch

from autograder.course.source import NotebookBundle, load_bundle
from autograder.errors import UnreadableSubmission
from autograder.submission.submission import read_submission
from autograder.wall.decoder import Decoder
from autograder.wall.encoder import Encoder, freeze
from autograder.wall.frames import ConnectionLost, Frame, ProtocolError, receive_frame, send_frame
from tests.courses.handed_in import as_bytes, as_handed_in
from tests.courses.tiny import write_course

TAGS = [name.removeprefix("_read_") for name in dir(Decoder) if name.startswith("_read_")]
BLOBS = (b"", bytes(8), np.arange(12, dtype="<f4").tobytes())


def frames(data: bytes) -> None:
    """Bytes on the wall's socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        theirs.send(data[: 64 << 10])
        theirs.shutdown(socket.SHUT_WR)
        try:
            frame = receive_frame(ours, 1 << 20)
            decoded(frame.header, tuple(bytes(blob) for blob in frame.blobs))
        except (ProtocolError, ConnectionLost):
            pass


def values(data: bytes) -> None:
    """The header of a frame, with some arrays' bytes beside it."""
    try:
        header = msgpack.unpackb(data, unicode_errors="surrogatepass")
    except Exception:
        return
    try:
        decoded(header, BLOBS)
    except ProtocolError:
        pass


def notebooks(data: bytes) -> None:
    """The file that a student hands in."""
    try:
        submission = read_submission(data, tiny(), {})
    except UnreadableSubmission:
        return
    places = submission.placement.values()
    assert all(0 <= index < len(submission.notebook.cells) for index in places)
    assert submission.answered <= {"why"} & submission.placement.keys()


def decoded(header: Any, blobs: tuple[bytes, ...]) -> None:
    """Decode a tree; the result can cross the wall again."""
    value = Decoder(blobs, lambda node: None).decode(header)
    freeze(value)


@cache
def tiny() -> NotebookBundle:
    """The notebook of the tests' course."""
    return load_bundle(Path(_folder().name, "source", "tiny", "01_tiny.py"))


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory()
    write_course(Path(folder.name))
    return folder


def sample_values() -> list[bytes]:
    """Headers of frames that honest processes send."""
    samples = [
        None, 1, -(2**63), 2**70, 0.5, "text", "x" * 2000, b"bytes", 1 + 2j, (1, [2, {3}], {"k": 4}),
        torch.zeros(2, 3), torch.arange(6).reshape(2, 3).t(), np.float64(2), np.zeros((1, 2), "<i2"),
        slice(1, None, 2), ..., range(5), torch.float16, torch.device("cpu"), torch.Size([1, 2]),
    ]  # fmt: skip
    found = []
    for sample in samples:
        frame = freeze(sample)
        found.append(msgpack.packb(frame.header))
    return found


def sample_frames() -> list[bytes]:
    """Whole frames that honest processes send."""
    found = []
    for sample in (None, [1, "two"], torch.ones(3), {"a": np.arange(4), "b": b"c" * 100}):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            encoder = Encoder(lambda value: ["handle", 1, ["object"], "f"])
            send_frame(ours, Frame([1, encoder.encode(sample)], tuple(encoder.blobs)))
            found.append(theirs.recv(1 << 16))
    return [*found, struct.pack("<IIQ", 1, 0, 0) + b"\xc0"]


def sample_notebooks() -> list[bytes]:
    """Files that honest students hand in."""
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": []}]}
    return [as_bytes(as_handed_in(tiny())), json.dumps(old).encode(), b"\xef\xbb\xbf{}"]


TARGETS: dict[str, tuple[Callable[[bytes], None], Callable[[], list[bytes]]]] = {
    "frames": (frames, sample_frames),
    "values": (values, sample_values),
    "notebooks": (notebooks, sample_notebooks),
}

# Names that the readers look for, so that the fuzzer need not find them letter by letter.
WORDS = (
    *(f"\\x{0xA0 + len(tag):x}{tag}" for tag in TAGS),
    *("cells", "cell_type", "code", "markdown", "source", "metadata", "nbgrader", "grade_id"),
    *("outputs", "data", "image/png", "attachments", "worksheets", "nbformat", "add", "scale"),
)
