"""The cost of refused requests for a server and for an honest student beside them.

``python -m benchmarks.board_refusals [SECONDS [NAME]]`` starts a real server on the loopback
interface and sends it the worst known bodies (``tests/classroom/hostile.py``; only the kinds with
NAME in their names), each kind for some seconds from four processes at once. Meanwhile one student
hands in right files and loads the board. Client and server share the machine. Exits with 1 if the
student waits 0.5 s or longer (95th percentile).
"""

from __future__ import annotations

import contextlib
import multiprocessing
import secrets
import socket
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.board_load import CLASSES, NAMES, PICTURES, START, competition, timed
from classroom.board import competitions
from classroom.people import roster
from classroom.storage.database import Database
from tests.classroom import hostile
from tests.classroom.live import serving

ATTACKERS, SECONDS, MOST_S = 4, 2.0, 0.5
PATH = "/api/v1/competitions/burst/submissions"
Attack = Callable[[str, str, float], int]  # address, token, seconds -> refused requests


@dataclass(frozen=True)
class Cost:
    """The cost of one kind of attack."""

    what: str
    refused: int
    cpu_ms: float  # of the server, for a refused request
    waits: list[float]  # of the student, seconds
    most_mb: float  # memory of the server


def main() -> None:
    """Measure every kind and print a table."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/board.db"
        context = multiprocessing.get_context("spawn")
        with Database(url) as db, context.Pool(ATTACKERS) as pool:
            pool.map(get_ready, range(ATTACKERS), 1)
            with db.write() as session:
                competitions.create(session, START, competition("burst", daily_limit=10**6))
            with serving(url) as live:
                server = psutil.Process(live.process.pid)
                student, before = Student(live.url, enter(db)), server.cpu_times()
                with student.working():
                    time.sleep(max(2.0, seconds))
                alone = Cost("nothing else", 0, 0.0, student.take(), server.memory_info().rss / 1e6)
                after = server.cpu_times()
                own_s = after.user + after.system - before.user - before.system
                own_s /= len(alone.waits)
                costs = [alone]
                named = sys.argv[2] if len(sys.argv) > 2 else ""
                for what, attack in attacks().items():
                    if named not in what:
                        continue
                    sent = [(live.url, enter(db), seconds) for _ in range(ATTACKERS)]
                    work = partial(pool.starmap, attack, sent, 1)
                    costs.append(measure(what, work, server, student, own_s))
    show(costs)
    sys.exit(1 if any(np.percentile(cost.waits, 95) >= MOST_S for cost in costs) else 0)


def show(costs: list[Cost]) -> None:
    """Print the measurements."""
    table = Table(title="refused requests beside one student", title_justify="left")
    table.add_column("what is sent")
    for name in ("refused", "CPU ms each", "student median ms", "p95 ms", "server MB"):
        table.add_column(name, justify="right")
    for cost in costs:
        median, high = np.percentile(np.array(cost.waits) * 1000, [50, 95])
        table.add_row(
            cost.what, f"{cost.refused}", f"{cost.cpu_ms:.1f}" if cost.refused else "",
            f"{median:.0f}", f"{high:.0f}", f"{cost.most_mb:.0f}",
        )  # fmt: skip
    Console(width=130).print(table)


def enter(db: Database) -> str:
    """Return the token of a new student."""
    name = f"s{secrets.token_hex(6)}"
    with db.write() as session:
        token = roster.enter(session, START, name, name)
    assert token is not None
    return token


def measure(
    what: str, work: Callable[[], list[int]], server: psutil.Process, student: Student, own_s: float
) -> Cost:
    """Return the cost of one kind; ``own_s``: processor seconds of one request of the student."""
    before, most = server.cpu_times(), Most(server)
    with student.working(), most:
        refused = sum(work())
    after, waits = server.cpu_times(), student.take()
    spent = after.user + after.system - before.user - before.system - own_s * len(waits)
    return Cost(what, refused, max(0.0, spent) / max(1, refused) * 1000, waits, most.rss / 1e6)


class Most:
    """The peak memory of a process during a block."""

    def __init__(self, process: psutil.Process) -> None:
        self.rss = 0
        self._process, self._over = process, threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self.rss = max(self.rss, self._process.memory_info().rss)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()


class Student:
    """Hands in right files and loads the board, a few times a second."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token
        self._waits: list[float] = []
        self._random = np.random.default_rng(5)

    def take(self) -> list[float]:
        """Return the duration of each request since the last call."""
        waits, self._waits = self._waits, []
        return waits

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Work while the block runs, within the limit of two requests a second for a token."""
        over = threading.Event()

        def work() -> None:
            count = 0
            while True:
                count += 1
                self._waits.append(self._once(hands_in=count % 2 == 0))
                if over.wait(0.25):
                    return

        thread = threading.Thread(target=work)
        thread.start()
        yield
        over.set()
        thread.join()

    def _once(self, hands_in: bool) -> float:
        if not hands_in:
            seconds, status, text = timed(self.url, "GET", "/c/burst")
        else:
            body = hostile.part(hostile.FILE, right_file(self._random)) + b"--b--\r\n"
            headers = {
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "multipart/form-data; boundary=b",
            }
            seconds, status, text = timed(self.url, "POST", PATH, body, headers)
        if status not in (200, 201):
            raise SystemExit(f"the student was refused: status {status}: {text[:300]}")
        return seconds


def right_file(random: np.random.Generator) -> bytes:
    """Return a valid file of predictions."""
    first = random.integers(0, CLASSES, PICTURES)
    guesses = (first[:, None] + np.arange(5)) % CLASSES
    lines = zip(NAMES, guesses.tolist(), strict=True)
    return "".join(f"{name} {' '.join(map(str, row))}\n" for name, row in lines).encode()


# The attacks


def attacks() -> dict[str, Attack]:
    """Return every kind by its name."""
    found: dict[str, Attack] = {
        "1.5 GB without a token": partial(pour, "", "text/plain"),
        "1.5 GB with a wrong token": partial(pour, "x" * 43, "multipart/form-data; boundary=b"),
        "1.5 GB with a right token": partial(pour, "right", "multipart/form-data; boundary=b"),
        "a 4 MiB file with a wrong token": partial(send, "wrong"),
        "half headers": partial(hold, b"GET / HTTP/1.1\r\nHost: x\r\nA: "),
        "connections that send nothing": partial(hold, b""),
        "slow forms": partial(
            hold,
            b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\ntoken=",
        ),
        "slow bodies with a right token": hold_uploads,
        "300 kB of headers": partial(raw, b"GET / HTTP/1.1\r\nA: " + b"x" * 300_000 + b"\r\n\r\n"),
        "100,000 headers": partial(raw, b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 100_000 + b"\r\n"),
        "10,000 requests in one packet": partial(
            raw, b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n" * 10_000
        ),
        "chunks of one byte": partial(send, "chunks"),
        "wrong tokens": partial(send, "guess"),
    }
    for name in hostile.multiparts(100):
        found[f"multipart: {name}"] = partial(send, f"multipart/{name}")
    for name in hostile.files(b"test/00000001.jpg 1 2 3 4 5\n", 100_000):
        found[f"file: {name}"] = partial(send, f"file/{name}")
    return found


def body_of(what: str) -> tuple[str, bytes]:
    """Return the content type and the body of an attack."""
    kind, _, name = what.partition("/")
    if kind == "multipart":
        return bodies()[0][name]
    if kind == "file":
        data = bodies()[1][name]
    else:
        data = b"" if kind == "guess" else hostile.filled("x\n")
    return "multipart/form-data; boundary=b", hostile.part(hostile.FILE, data) + b"--b--\r\n"


@cache
def bodies() -> tuple[dict[str, hostile.Multipart], dict[str, bytes]]:
    """Return all bodies, made once in each process that sends them."""
    return hostile.multiparts(), hostile.files(right_file(np.random.default_rng(1)))


def get_ready(_: int) -> None:
    """Make the bodies before the clock runs."""
    bodies()


def head_of(token: str, kind: str, size: int | None) -> bytes:
    """Return the head of an upload; no size: chunked."""
    length = "Transfer-Encoding: chunked" if size is None else f"Content-Length: {size}"
    lines = [f"POST {PATH} HTTP/1.1", "Host: x", length, f"Content-Type: {kind}"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode()


def connected(url: str) -> socket.socket:
    """Return a new connection."""
    parts = urllib.parse.urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), timeout=30)


def again(seconds: float, once: Callable[[], object]) -> int:
    """Repeat something; return the number of repetitions."""
    ends, count = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        with contextlib.suppress(OSError):
            once()
        count += 1
    return count


def exchange(url: str, pieces: list[bytes], times: int = 1) -> None:
    """Send pieces until the server refuses, and read its answer."""
    with connected(url) as client:
        with contextlib.suppress(OSError):
            for _ in range(times):
                for piece in pieces:
                    client.sendall(piece)
        while client.recv(65_536):
            pass


def send(what: str, url: str, token: str, seconds: float) -> int:
    """Send a body again and again."""
    kind, body = body_of(what)
    if what in ("wrong", "guess"):
        return again(
            seconds,
            lambda: exchange(url, [head_of(secrets.token_urlsafe(32), kind, len(body)), body]),
        )
    if what == "chunks":
        chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body[:300_000])
        return again(seconds, lambda: exchange(url, [head_of(token, kind, None), chunks]))
    return again(seconds, lambda: exchange(url, [head_of(token, kind, len(body)), body]))


def raw(data: bytes, url: str, token: str, seconds: float) -> int:
    """Send bytes that are not a valid request."""
    return again(seconds, lambda: exchange(url, [data]))


def pour(who: str, kind: str, url: str, token: str, seconds: float) -> int:
    """Send 1.5 GB, or the part of it that the server accepts."""
    head = head_of(token if who == "right" else who, kind, 1_500_000_000)
    piece = b"x" * 65_536

    def once() -> None:
        with connected(url) as client, contextlib.suppress(OSError):
            client.sendall(head)
            for _ in range(1_500_000_000 // len(piece)):
                client.sendall(piece)

    return again(seconds, once)


def hold(data: bytes, url: str, token: str, seconds: float) -> int:
    """Keep 300 unfinished requests open, and send them a byte now and then."""
    ends, held, count = time.monotonic() + seconds, [], 0
    while time.monotonic() < ends:
        with contextlib.suppress(OSError):
            if len(held) < 300:
                held.append(connected(url))
                held[-1].sendall(data)
                count += 1
            else:
                held[count % 300].send(b"x")
                count += 1
        time.sleep(1 / 100)
    for one in held:
        one.close()
    return min(count, 300)


def hold_uploads(url: str, token: str, seconds: float) -> int:
    """Start uploads with a right token and never end them."""
    head = head_of(token, "multipart/form-data; boundary=b", 1_000_000)
    return hold(head + hostile.part(hostile.FILE, b"")[:-2], url, token, seconds)


if __name__ == "__main__":
    main()
