from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.wall.frames import (
    MAX_BLOBS,
    MAX_HEADER,
    ConnectionLost,
    Frame,
    ProtocolError,
    receive_bytes,
    receive_frame,
    send_bytes,
    send_frame,
)

LIMIT = 1 << 20
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def through(data: bytes, limit: int = LIMIT) -> Frame:
    """The result of a reader for raw bytes followed by the end of the stream."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        return receive_frame(ours, limit, time.monotonic() + 10)


def packed(header: Any, *blobs: bytes) -> bytes:
    body = msgpack.packb(header)
    lengths = b"".join(struct.pack("<Q", len(blob)) for blob in blobs)
    start = struct.pack("<IIQ", len(body), len(blobs), sum(map(len, blobs)))
    return start + lengths + body + b"".join(blobs)


@given(PLAIN, st.lists(st.binary(max_size=50), max_size=4))
def test_a_frame_arrives_as_it_was_sent(header: Any, blobs: list[bytes]) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send_frame(theirs, Frame(header, tuple(blobs)))
        frame = receive_frame(ours, LIMIT)
    assert frame.header == header
    assert [bytes(blob) for blob in frame.blobs] == blobs


def test_the_layout_is_the_documented_one(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    send_frame(theirs, Frame([1, "cell"], (b"abc", b"")))
    assert ours.recv(1 << 16) == packed([1, "cell"], b"abc", b"")


def test_text_with_lone_surrogates_crosses(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    send_frame(theirs, Frame("\ud800x"))
    assert receive_frame(ours, LIMIT).header == "\ud800x"


def test_blobs_larger_than_the_socket_s_buffer_cross(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    blob = os.urandom(5 << 20)
    sender = threading.Thread(target=send_frame, args=(theirs, Frame(None, (blob, b"end"))))
    sender.start()
    frame = receive_frame(ours, 6 << 20)
    sender.join()
    assert frame.blobs == (blob, b"end")


@given(st.binary(max_size=200))
def test_junk_never_does_more_than_fail(data: bytes) -> None:
    try:
        through(data)
    except (ProtocolError, ConnectionLost):
        pass


@settings(max_examples=300)
@given(st.binary(max_size=60), st.integers(0, 3))
def test_junk_in_the_header_never_does_more_than_fail(body: bytes, blobs: int) -> None:
    data = struct.pack("<IIQ", len(body), blobs, 0) + bytes(8 * blobs) + body
    try:
        frame = through(data)
    except ProtocolError:
        return
    assert frame.header == msgpack.unpackb(body, unicode_errors="surrogatepass")


@pytest.mark.parametrize(
    "data",
    [
        struct.pack("<IIQ", MAX_HEADER + 1, 0, 0),
        struct.pack("<IIQ", 1, MAX_BLOBS + 1, 0),
        struct.pack("<IIQ", 0xFFFFFFFF, 0xFFFFFFFF, 0),
        struct.pack("<IIQ", 1, 1, LIMIT + 1),
        struct.pack("<IIQ", 1, 1, (1 << 64) - 1),
    ],
)
def test_lengths_past_a_limit_are_refused_before_their_bytes_are_awaited(
    pair: tuple[socket.socket, socket.socket], data: bytes
) -> None:
    ours, theirs = pair
    theirs.sendall(data)  # and nothing more
    with pytest.raises(ProtocolError, match="larger than the limit"):
        receive_frame(ours, LIMIT, time.monotonic() + 30)


@pytest.mark.parametrize(
    "body",
    [b"", b"\xc1", b"\x91", b"\x90\x90", b"\xdd\xff\xff\xff\xff", b"\x91" * 100_000 + b"\xc0"],
)
def test_what_is_not_one_msgpack_value_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="not msgpack"):
        through(struct.pack("<IIQ", len(body), 0, 0) + body)


@pytest.mark.parametrize(
    ("total", "lengths"),
    [(6, (3, 2)), (4, (3, 2)), (0, (1,)), (5, ((1 << 64) - 1, 6)), (9, (5,)), (1, ())],
)
def test_lengths_that_do_not_add_up_are_refused(total: int, lengths: tuple[int, ...]) -> None:
    start = struct.pack("<IIQ", 1, len(lengths), total)
    data = start + struct.pack(f"<{len(lengths)}Q", *lengths) + msgpack.packb(None) + bytes(total)
    with pytest.raises(ProtocolError, match="do not add up"):
        through(data)


def test_lengths_of_large_values_have_to_add_up_too() -> None:
    limit = 4 << 20
    start = struct.pack("<IIQQQ", 1, 2, limit, limit, 1) + msgpack.packb(None)
    with pytest.raises(ProtocolError, match="do not add up"):
        through(start, limit)


@pytest.mark.parametrize("cut", [0, 3, 12, 16, 20, 26, -1])
def test_a_stream_that_ends_early_is_a_lost_connection(cut: int) -> None:
    with pytest.raises(ConnectionLost):
        through(packed([1, 2, 3], b"abcdef")[:cut])


def test_nothing_is_sent_of_a_frame_that_the_reader_would_refuse(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    for frame in (Frame("x" * MAX_HEADER), Frame(None, (b"",) * (MAX_BLOBS + 1))):
        with pytest.raises(ProtocolError, match="larger than the limit"):
            send_frame(theirs, frame)
    send_frame(theirs, Frame("next"))
    assert receive_frame(ours, LIMIT).header == "next"


def test_a_silent_sender_runs_into_the_deadline(pair: tuple[socket.socket, socket.socket]) -> None:
    with pytest.raises(TimeoutError):
        receive_frame(pair[0], LIMIT, time.monotonic() + 0.05)


def test_a_deadline_that_has_passed_is_kept_even_when_data_waits(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    send_frame(theirs, Frame(1))
    with pytest.raises(TimeoutError):
        receive_frame(ours, LIMIT, time.monotonic() - 1)


def test_a_sender_that_drips_bytes_gains_no_time(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    stop = threading.Event()
    theirs.sendall(struct.pack("<IIQ", 1000, 0, 0))

    def drip() -> None:
        while not stop.wait(0.02):
            theirs.sendall(b"x")

    dripper = threading.Thread(target=drip)
    dripper.start()
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        receive_frame(ours, LIMIT, started + 0.3)
    stop.set()
    dripper.join()
    assert time.monotonic() - started < 5


def test_a_reader_that_does_not_read_runs_the_sender_into_the_deadline(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    with pytest.raises(TimeoutError):
        send_frame(pair[1], Frame(None, (bytes(16 << 20),)), time.monotonic() + 0.1)


def test_a_reader_that_is_gone_is_a_lost_connection(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    ours.close()
    with pytest.raises(ConnectionLost):
        send_frame(theirs, Frame(None, (bytes(1 << 20),)))


# -- bytes behind a frame ------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 1 << 16, (1 << 20) + 7])
def test_bytes_arrive_in_pieces_and_what_follows_is_left(
    pair: tuple[socket.socket, socket.socket], size: int
) -> None:
    ours, theirs = pair
    data = os.urandom(size)

    def send() -> None:
        send_bytes(theirs, data)
        send_frame(theirs, Frame("next"))

    sender = threading.Thread(target=send)
    sender.start()
    assert b"".join(map(bytes, receive_bytes(ours, size, time.monotonic() + 10))) == data
    assert receive_frame(ours, LIMIT).header == "next"
    sender.join()


def test_bytes_that_do_not_come_run_into_the_deadline_or_are_a_lost_connection(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    theirs.sendall(b"ab")
    pieces = receive_bytes(ours, 3, time.monotonic() + 0.2)
    assert bytes(next(pieces)) == b"ab"
    with pytest.raises(TimeoutError):
        next(pieces)
    theirs.close()
    with pytest.raises(ConnectionLost):
        next(receive_bytes(ours, 1))


def test_after_the_deadline_nothing_is_sent_or_read_even_if_it_could_be_at_once() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(10)
        theirs.settimeout(10)
        late = time.monotonic() - 1
        with pytest.raises(TimeoutError):
            send_frame(ours, Frame([1, None]), late)
        theirs.setblocking(False)
        with pytest.raises(BlockingIOError):
            theirs.recv(1)
        theirs.settimeout(10)
        send_frame(ours, Frame([1, None]))
        with pytest.raises(TimeoutError):
            receive_frame(theirs, 1 << 20, late)
        assert receive_frame(theirs, 1 << 20, time.monotonic() + 10).header == [1, None]
