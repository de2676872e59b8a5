"""One connection: its limits of size and time, and the bytes read after a refusal.

The protocol runs over a transport that only counts; the last tests talk to a real server.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import socket
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn import Config
from uvicorn.server import ServerState

from classroom.web.http.connections import BoundedConnection, Bounds, connections_within
from classroom.web.serve import _most_waiting
from tests.classroom import hostile
from tests.classroom.live import Live, serving
from tests.classroom.world import PICTURES, SLUG, World, file_with

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
BOUNDS = Bounds(
    header_bytes=1000, headers=10, target_bytes=100, headers_s=0.02, wire_bytes=5000, pieces=20,
    drained_bytes=3000, drained_s=0.02, written_s=0.02, unread=3, waiting=5,
)  # fmt: skip


class Transport(asyncio.Transport):
    """A client at the other end: the bytes it received, and the state of the connection."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        super().__init__()
        self.address = address
        self.sent = b""
        self.stuck = 0  # bytes that the client does not take
        self.closed = self.half_closed = self.aborted = self.paused = False
        self.over = asyncio.Event()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": (self.address, 1), "sockname": ("127.0.0.1", 2)}.get(name, default)

    def write(self, data: Any) -> None:
        assert not self.half_closed
        self.sent += data

    def get_write_buffer_size(self) -> int:
        return self.stuck

    def is_closing(self) -> bool:
        return self.closed

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.half_closed = True

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def close(self) -> None:
        self.closed = True
        self.over.set()

    def abort(self) -> None:
        self.aborted = True
        self.close()

    @property
    def status(self) -> int:
        return int(self.sent.split()[1]) if self.sent else 0


class Host:
    """An application that answers at once, or reads the body first, and connections to it."""

    def __init__(self, bounds: Bounds = BOUNDS) -> None:
        self.requests: list[str] = []
        self.bodies: list[bytes] = []
        self.left = 0  # requests whose clients went away while their bodies were read
        self.answer = b"hello"
        self.hold: asyncio.Event | None = None
        self.config = Config(self, http=connections_within(bounds), ws="none", lifespan="off")
        self.config.load()
        self.state = ServerState()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.requests.append(scope["path"])
        body = b""
        while scope["path"] == "/read":
            message = await receive()
            if message["type"] == "http.disconnect":
                self.left += 1
                return
            body += message["body"]
            if not message["more_body"]:
                break
        self.bodies.append(body)
        if self.hold is not None:
            await self.hold.wait()
        length = str(len(self.answer)).encode()
        start = {"status": 200, "headers": [(b"content-length", length)]}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": self.answer})

    def connect(self, address: str = "127.0.0.1") -> tuple[BoundedConnection, Transport]:
        kind: Any = self.config.http_protocol_class
        connection = kind(self.config, self.state, {})
        transport = Transport(address)
        connection.connection_made(transport)
        return connection, transport

    async def settle(self) -> None:
        """Let every request that can be answered be answered."""
        for _ in range(20):
            await asyncio.sleep(0)


def run(test: Callable[[Host], Any], bounds: Bounds = BOUNDS) -> None:
    async def inside() -> None:
        await test(Host(bounds))

    asyncio.run(inside())


def post(path: str = "/", *headers: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def test_requests_one_after_the_other_are_answered_on_one_connection() -> None:
    async def test(host: Host) -> None:
        connection, client = host.connect()
        for body in (b"", b"abc"):
            connection.data_received(post("/read", f"Content-Length: {len(body)}") + body)
            await host.settle()
        connection.data_received(GET)
        await host.settle()
        assert host.bodies == [b"", b"abc", b""]
        assert client.sent.count(b"HTTP/1.1 200 OK") == 3 and not client.closed
        assert b"connection: close" not in client.sent

    run(test)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (GET[:-2] + b"A: " + b"b" * 2000 + b"\r\n\r\n", 431),
        (GET[:-2] + b"A: " + b"b" * 2000, 431),
        (GET[:-2] + b"A: b\r\n" * 20 + b"\r\n", 431),
        (GET[:-2] + b"A" * 2000, 431),
        (GET[:-2] + b"A" * 2000 + b": b\r\n\r\n", 431),
        (GET[:-2] + b"Cookie: a=b\r\n" * 100_000 + b"\r\n", 431),
        (GET[:-2] + b"Cookie: " + b"a=b; " * 1000 + b"\r\n\r\n", 431),
        (b"GET /?" + b"a&" * 400 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET /" + b"a" * 4000, 414),
        (b"\r\n" * 4000, 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),  # TLS on the plain port
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"GET http:// HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"\x00" * 100, 400),
        (GET[:-2] + b"A : b\r\n\r\n", 400),
        (GET[:-2] + b" folded\r\n\r\n", 400),
        (post("/read", "Content-Length: 1, 2"), 400),
        (post("/read", "Content-Length: -1"), 400),
        (post("/read", "Content-Length: " + "9" * 40), 400),
        (post("/read", "Content-Length: 3", "Content-Length: 4"), 400),
        (post("/read", "Content-Length: 3", "Transfer-Encoding: chunked") + b"0\r\n\r\n", 400),
        (post("/read", "Transfer-Encoding: chunked, identity") + b"0\r\n\r\n", 400),
        (post("/read", "Transfer-Encoding: chunked") + b"-1\r\n", 400),
        (post("/read", "Transfer-Encoding: chunked") + b"f" * 40 + b"\r\n", 400),
        (post("/read", "Transfer-Encoding: chunked") + b"1\r\nx\r\n" * 50, 400),
        (post("/read", "Transfer-Encoding: chunked") + b"1;" + b"x" * 9000, 413),
        (post("/read", "Transfer-Encoding: chunked") + b"0\r\n" + b"A: b\r\n" * 50, 431),
        (post("/read", "Content-Length: 100000") + b"x" * 9000, 413),
    ],
)
def test_what_no_client_sends_is_refused_and_nothing_more_is_read(sent: bytes, status: int) -> None:
    async def test(host: Host) -> None:
        connection, client = host.connect()
        for start in range(0, len(sent), 65_536):
            connection.data_received(sent[start : start + 65_536])
        await host.settle()
        assert client.status == status
        head, _, body = client.sent.partition(b"\r\n\r\n")
        assert client.sent.count(b"HTTP/1.1") == 1
        assert json.loads(body)["status"] == status
        assert b"Connection: close" in head and b"Content-Security-Policy" in head
        assert client.half_closed or client.closed
        assert host.bodies == []
        connection.connection_lost(None)

    run(test)


def test_requests_that_do_not_wait_for_their_answers_are_not_read() -> None:
    async def test(host: Host) -> None:
        connection, client = host.connect()
        host.hold = asyncio.Event()
        connection.data_received(GET * 100)
        connection.data_received(GET * 10)
        await host.settle()
        host.hold.set()
        await host.settle()
        assert host.requests == ["/"]
        assert client.sent.count(b"HTTP/1.1 200 OK") == 1
        assert b"connection: close" in client.sent and client.half_closed

    run(test)


def test_a_request_to_upgrade_is_answered_as_any_other_and_is_the_last() -> None:
    async def test(host: Host) -> None:
        connection, client = host.connect()
        connection.data_received(
            GET[:-2] + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n" + b"x" * 5000
        )
        await host.settle()
        assert (client.status, host.requests) == (200, ["/"])
        assert client.half_closed

    run(test)


def test_after_an_answer_a_body_is_dropped_up_to_a_bound() -> None:
    async def test(host: Host) -> None:
        connection, client = host.connect()
        connection.data_received(post("/", "Content-Length: 1500000000"))
        await host.settle()
        assert client.status == 200 and client.half_closed and not client.closed
        held = connection.cycle.body
        for _ in range(3):
            connection.data_received(b"x" * 1000)
            assert not client.closed, "a client that still sends gets to read the answer"
        connection.data_received(b"x")
        assert client.aborted
        assert held == connection.cycle.body == b"", "nothing of it is kept"

    run(test)


def test_a_client_that_neither_sends_nor_goes_is_left_after_an_answer() -> None:
    async def test(host: Host) -> None:
        connection, client = host.connect()
        connection.data_received(post("/", "Content-Length: 1000"))
        await client.over.wait()
        assert client.status == 200 and client.aborted
        assert len(connection.waiting) == 1
        connection.connection_lost(None)
        assert len(connection.waiting) == 0

    run(test)


@pytest.mark.parametrize(
    "parts",
    [[], [b"GET"], [GET[:-2]], [GET[:-2], b"A: b\r\n", b"C: d\r\n"], [b"\r\n"]],
    ids=["nothing", "a word", "no end", "one by one", "newlines"],
)
@pytest.mark.parametrize("later", [False, True])
def test_unfinished_headers_are_given_up(parts: list[bytes], later: bool) -> None:
    async def test(host: Host) -> None:
        connection, client = host.connect()
        if later:
            connection.data_received(GET)
            await host.settle()
            client.sent = b""
        for part in parts or ([b"\r\n"] if later else []):
            connection.data_received(part)
        while not (client.half_closed or client.closed):
            await asyncio.sleep(0.001)
        assert client.status == (408 if parts or later else 0)
        assert host.requests == ["/"] * later

    run(test)


def test_an_unfinished_body_is_the_applications_to_give_up() -> None:
    async def test(host: Host) -> None:
        connection, client = host.connect()
        connection.data_received(post("/read", "Content-Length: 10") + b"x")
        await asyncio.sleep(3 * BOUNDS.headers_s)
        assert not client.closed and client.sent == b""
        connection.data_received(b"x" * 9)
        await host.settle()
        assert host.bodies == [b"x" * 10]

    run(test)


def test_a_broken_body_ends_the_reading_of_the_application() -> None:
    async def test(host: Host) -> None:
        connection, client = host.connect()
        connection.data_received(post("/read", "Transfer-Encoding: chunked") + b"1\r\nx\r\n")
        await host.settle()
        connection.data_received(b"zzz\r\n")
        await host.settle()
        assert (host.left, client.status) == (1, 400)
        assert client.half_closed

    run(test)


def test_of_many_connections_that_wait_the_oldest_is_dropped() -> None:
    async def test(host: Host) -> None:
        busy, busy_client = host.connect()
        host.hold = asyncio.Event()
        busy.data_received(GET)
        clients = [host.connect() for _ in range(8)]
        assert [client.aborted for _, client in clients] == [True] * 3 + [False] * 5
        host.hold.set()
        await host.settle()
        assert busy_client.status == 200, "one that is being answered is none of them"
        clients[5][0].data_received(GET)
        await host.settle()
        assert clients[5][1].status == 200

    run(test)


def test_who_opens_many_connections_drops_their_own() -> None:
    async def test(host: Host) -> None:
        honest = [host.connect(address)[1] for address in ("192.0.2.1", "2001:db8:1::1")]
        many = [host.connect(f"2001:db8:2::{number:x}")[1] for number in range(50)]
        assert not any(one.aborted for one in honest)
        assert [one.aborted for one in many] == [True] * 47 + [False] * 3

    run(test)


def test_a_file_on_its_way_is_not_dropped_for_others_that_wait() -> None:
    async def test(host: Host) -> None:
        upload, client = host.connect()
        upload.data_received(post("/read", "Content-Length: 10"))
        await host.settle()
        upload.scope["state"]["expected"] = True  # as uploads.py does, once it knows who sends
        others = [host.connect()[1] for _ in range(20)]
        assert not client.aborted and sum(one.aborted for one in others) == 16
        upload.data_received(b"x" * 10)
        await host.settle()
        assert client.status == 200

    run(test)


def test_an_answer_that_nobody_takes_is_dropped() -> None:
    async def test(host: Host) -> None:
        connection, client = host.connect()
        client.stuck = 70_000
        connection.data_received(GET)
        await client.over.wait()
        assert client.aborted
        reader, other = host.connect()
        reader.data_received(GET)
        await asyncio.sleep(3 * BOUNDS.written_s)
        assert not other.aborted

    run(test)


def test_of_many_answers_that_nobody_takes_the_oldest_is_dropped() -> None:
    async def test(host: Host) -> None:
        clients = []
        for _ in range(6):
            connection, client = host.connect()
            client.stuck = 70_000
            connection.data_received(GET)
            await host.settle()
            clients.append(client)
        assert [one.aborted for one in clients] == [True] * 3 + [False] * 3
        assert len(connection.unread) == 3
        client.stuck = 0
        connection.resume_writing()
        assert len(connection.unread) == 2, "it was taken after all"

    run(test)


def test_a_large_answer_that_nobody_takes_is_dropped_while_it_is_sent() -> None:
    async def test(host: Host) -> None:
        connection, client = host.connect()
        client.stuck = 70_000
        connection.pause_writing()
        connection.data_received(GET)
        await client.over.wait()
        assert client.aborted and client.sent == b""
        connection.connection_lost(None)

    run(test)


def test_the_server_may_have_twice_as_many_files_as_connections_wait() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        most = _most_waiting()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert soft >= before[0] and hard == before[1]
        assert 0 < most <= min(Bounds.waiting, soft // 2)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


WORDS = [
    b"GET", b"POST", b"PUT", b"HEAD", b"PRI", b" ", b"/", b"/read", b"*", b"http://x/", b"?a=b", b"#",
    b" HTTP/1.1", b" HTTP/1.0", b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"Host: x", b"Content-Length: 3",
    b"Content-Length: 0", b"Transfer-Encoding: chunked", b"Connection: close", b"Connection: upgrade",
    b"Upgrade: h2c", b"Expect: 100-continue", b"3\r\nabc\r\n", b"0\r\n\r\n", b"0\r\nA: b\r\n", b"abc",
    b"\x00", b"\xff", b"A" * 300, b"%ff", b": ", GET, post("/read", "Content-Length: 3") + b"abc",
]  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(WORDS), st.booleans()), max_size=25), st.booleans())
def test_any_bytes_are_answered_or_refused_without_an_error_of_ours(
    words: list[tuple[bytes, bool]], late: bool
) -> None:
    async def test(host: Host) -> None:
        faults: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
        connection, client = host.connect()
        piece = b""
        for word, ends in words:
            piece += word
            if ends:
                if not client.closed:
                    connection.data_received(piece)
                await host.settle()
                piece = b""
        if piece and not client.closed:
            connection.data_received(piece)
        if late:
            await asyncio.sleep(2 * BOUNDS.headers_s)
        connection.connection_lost(None)
        await host.settle()
        assert faults == []
        assert len(connection.waiting) == len(connection.unread) == 0
        statuses = re.findall(rb"HTTP/1\.1 (\d+)", client.sent)
        assert set(statuses) <= {b"100", b"200", b"400", b"408", b"413", b"414", b"431"}

    run(test)


# A real server

API = f"/api/v1/competitions/{SLUG}"
HELD_BY_KERNELS = 16 * hostile.MIB  # buffers of both sides


@pytest.fixture
def live(small_world: World) -> Iterator[Live]:
    small_world.competition()
    with serving(small_world.service.db.url.render_as_string()) as running:
        yield running


def talk(live: Live, sent: Iterator[bytes]) -> tuple[int, bytes]:
    """The number of bytes that a server took, and its answer before it closed the connection."""
    taken, answer = 0, b""
    parts = urllib.parse.urlsplit(live.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as client:
        try:
            for piece in sent:
                client.sendall(piece)
                taken += len(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            while piece := client.recv(65_536):
                answer += piece
        except ConnectionResetError:
            pass
    return taken, answer


def of_size(head: bytes, size: int) -> Iterator[bytes]:
    yield head
    for _ in range(size // 65_536):
        yield b"x" * 65_536


def test_a_gigabyte_without_a_token_is_not_read(live: Live) -> None:
    head = post(f"{API}/submissions", "Content-Length: 1500000000")
    taken, _ = talk(live, of_size(head, 1_500_000_000))
    assert taken < 2 * Bounds.drained_bytes + HELD_BY_KERNELS


def test_a_client_that_sends_a_whole_file_reads_why_it_was_refused(live: Live) -> None:
    size = 64 * 65_536
    head = post(f"{API}/submissions", f"Content-Length: {size}", "Authorization: Bearer wrong")
    taken, answer = talk(live, of_size(head, size))
    assert taken == len(head) + size
    assert answer.startswith(b"HTTP/1.1 401 Unauthorized\r\n")
    assert b"connection: close\r\n" in answer and answer.count(b"HTTP/1.1") == 1


def test_nobody_is_told_to_continue_before_the_token_is_known(
    small_world: World, live: Live
) -> None:
    body = hostile.part(hostile.FILE, file_with(np.ones(PICTURES, bool))) + b"--b--\r\n"
    token = small_world.student()
    for secret, begins in (("wrong", b"HTTP/1.1 401"), (token, b"HTTP/1.1 100 Continue")):
        head = post(
            f"{API}/submissions", "Expect: 100-continue", f"Content-Length: {len(body)}",
            "Content-Type: multipart/form-data; boundary=b", "Connection: close",
            f"Authorization: Bearer {secret}",
        )  # fmt: skip
        parts = urllib.parse.urlsplit(live.url)
        with socket.create_connection((parts.hostname, parts.port), timeout=30) as client:
            client.sendall(head)
            first = client.recv(65_536)
            assert first.startswith(begins)
            if secret == token:
                client.sendall(body)
                assert client.recv(65_536).startswith(b"HTTP/1.1 201 Created")


def test_a_thousand_requests_in_one_packet_get_one_answer(live: Live) -> None:
    _, answer = talk(live, iter([b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n" * 1000]))
    assert answer.count(b"HTTP/1.1 404 Not Found") == 1
