"""Frames on a socket: one msgpack header and the raw bytes of its arrays.

Layout, little-endian: ``u32 header length, u32 number of blobs, u64 length of all blobs, u64 length
of each blob, header, blobs``. Lengths are checked against their limits before the
reader waits for the data. The reader keeps one deadline over the whole frame, so a sender that
drips bytes gains no time. Without a deadline the socket's own timeout holds for each call.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import msgpack

_START = struct.Struct("<IIQ")
_CHUNK = 1 << 20
_PIECE = 1 << 16
MAX_HEADER = 4 << 20
MAX_BLOBS = 4096


class ProtocolError(Exception):
    """The other side sent something that is not a frame or not a value."""


class ConnectionLost(Exception):
    """The other side closed the connection."""


@dataclass(frozen=True)
class Frame:
    """A header (a msgpack tree) and the blobs that it refers to by index."""

    header: Any
    blobs: tuple[bytes | bytearray | memoryview, ...] = ()


def send_frame(sock: socket.socket, frame: Frame, deadline: float | None = None) -> None:
    """Send a frame before ``deadline`` (``time.monotonic()`` seconds).

    Raises TimeoutError when the reader does not take it in time, ConnectionLost when it is gone,
    and ProtocolError, with nothing sent, when the reader would refuse a frame so large.
    """
    header = msgpack.packb(frame.header, unicode_errors="surrogatepass")
    if len(header) > MAX_HEADER or len(frame.blobs) > MAX_BLOBS:
        raise ProtocolError("a frame is larger than the limit")
    sizes = [len(blob) for blob in frame.blobs]
    size = sum(sizes)
    start = _START.pack(len(header), len(sizes), size)
    start += struct.pack(f"<{len(sizes)}Q", *sizes) + header
    if size <= _CHUNK:  # in one piece, as each piece that is sent wakes the reader
        send_bytes(sock, b"".join((start, *frame.blobs)), deadline)
        return
    for piece in (start, *frame.blobs):
        send_bytes(sock, piece, deadline)


def send_bytes(
    sock: socket.socket, data: bytes | bytearray | memoryview, deadline: float | None = None
) -> None:
    """Send bytes as they are, behind a frame that says how many.

    Raises TimeoutError and ConnectionLost as ``send_frame`` does.
    """
    view = memoryview(data)
    try:
        while view:
            view = view[_send_part(sock, view[:_CHUNK], deadline) :]
    except (BrokenPipeError, ConnectionResetError) as error:
        raise ConnectionLost from error


def receive_frame(sock: socket.socket, max_blob_bytes: int, deadline: float | None = None) -> Frame:
    """The next frame.

    Raises TimeoutError after ``deadline``, ConnectionLost at the end of the stream, ProtocolError
    for anything that is not a frame within its limits (blobs together at most ``max_blob_bytes``).
    """
    header_length, blob_count, size = _START.unpack(_read(sock, _START.size, deadline))
    if header_length > MAX_HEADER or blob_count > MAX_BLOBS:
        raise ProtocolError("a frame is larger than the limit")
    if size > max_blob_bytes:
        raise ProtocolError("a value is larger than the limit")
    together = size <= _CHUNK  # then the rest of the frame is read at once
    tree_at = 8 * blob_count
    blobs_at = tree_at + header_length
    rest = memoryview(_read(sock, blobs_at + (size if together else 0), deadline, at_once=True))
    lengths = struct.unpack_from(f"<{blob_count}Q", rest)
    if sum(lengths) != size:
        raise ProtocolError("the lengths in a frame do not add up")
    try:
        header = msgpack.unpackb(rest[tree_at:blobs_at], unicode_errors="surrogatepass")
    except Exception as error:  # msgpack raises many kinds, all of which mean the same here
        raise ProtocolError("a frame is not msgpack") from error
    if not together:
        return Frame(header, tuple(_read(sock, length, deadline) for length in lengths))
    ends = accumulate(lengths, initial=blobs_at)
    return Frame(header, tuple(rest[start:end] for start, end in pairwise(ends)))


def receive_bytes(
    sock: socket.socket, length: int, deadline: float | None = None
) -> Iterator[memoryview]:
    """The pieces of data that ``send_bytes`` sent; each is overwritten by the next.

    Raises TimeoutError and ConnectionLost as ``receive_frame`` does.
    """
    buffer = memoryview(bytearray(min(_PIECE, length)))
    while length > 0:
        _limit(sock, deadline)
        try:
            received = sock.recv_into(buffer[: min(len(buffer), length)])
        except ConnectionResetError as error:
            raise ConnectionLost from error
        if not received:
            raise ConnectionLost
        length -= received
        yield buffer[:received]


def _limit(sock: socket.socket, deadline: float | None) -> None:
    """Have the next call on the socket end before the deadline, if there is one."""
    if deadline is None:
        return
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise TimeoutError
    sock.settimeout(remaining)


def _may_try(sock: socket.socket, deadline: float | None) -> bool:
    """Whether a system call on the socket returns at once, so that it can be tried before waiting.

    A socket with a timeout polls before each call, which takes longer than most calls. Raises
    TimeoutError after the deadline.
    """
    if deadline is not None and time.monotonic() >= deadline:
        raise TimeoutError
    return bool(sock.gettimeout())


def _send_part(sock: socket.socket, data: memoryview, deadline: float | None) -> int:
    """Send as much of the data as the socket takes; its length."""
    if _may_try(sock, deadline):
        try:
            return os.write(sock.fileno(), data)
        except BlockingIOError:
            pass
    _limit(sock, deadline)
    return sock.send(data)


def _read(
    sock: socket.socket, length: int, deadline: float | None, at_once: bool = False
) -> bytes | bytearray:
    """So many bytes; ``at_once`` if they have probably arrived."""
    data: bytes | bytearray = b""
    while len(data) < length:
        piece = _read_part(sock, min(_CHUNK, length - len(data)), deadline, at_once)
        if not piece:
            raise ConnectionLost
        if len(piece) == length:
            return piece
        if not data:
            data = bytearray()
        data += piece
    return data


def _read_part(sock: socket.socket, most: int, deadline: float | None, at_once: bool) -> bytes:
    """Bytes that have arrived; empty at the end of the stream."""
    try:
        if at_once and _may_try(sock, deadline):
            try:
                return os.read(sock.fileno(), most)
            except BlockingIOError:
                pass
        _limit(sock, deadline)
        return sock.recv(most)
    except ConnectionResetError as error:
        raise ConnectionLost from error
