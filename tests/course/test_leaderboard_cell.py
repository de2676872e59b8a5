"""The leaderboard's two given modules: the check of a file, and the cell that sends it.

Sending is tried against a server on the loopback interface that plays each answer.
"""

from __future__ import annotations

import getpass
import importlib
import json
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.parser import BytesParser
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from source.shared import submission_file, submit

NAMES = [f"test/{n:08d}.jpg" for n in range(1, 4)]
GOOD = "".join(f"{name} 4 1 6 3 5\n" for name in NAMES)


# ------------------------------------------------------------------------------- the check


def problems(text: str | bytes, folder: Path, names: list[str] = NAMES) -> list[str]:
    path = folder / "predictions.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found: list[str] = submission_file.check_predictions(path, names, 8)
    return found


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.rstrip("\n"),
        GOOD.replace("\n", "\r\n"),
        "".join(reversed(GOOD.splitlines(keepends=True))),
        GOOD.replace(" ", ","),
        "filename,l1,l2,l3,l4,l5\n" + GOOD.replace(" ", ","),
        "\ufeffFilename, l1, l2, l3, l4, l5\n" + GOOD.replace(" ", ", "),
        GOOD.replace(" ", "  "),
        GOOD.replace(" 4 ", " 0 ").replace(" 5\n", " 7\n"),
    ],
    ids=["plain", "no last newline", "Windows", "any order", "commas", "header", "spreadsheet",
         "wide spaces", "smallest and largest label"],
)  # fmt: skip
def test_a_file_that_the_server_takes_has_no_problem(text: str, tmp_path: Path) -> None:
    assert problems(text, tmp_path) == []


FIRST, SECOND, THIRD = GOOD.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FIRST + THIRD, "test/00000002.jpg is missing"),
        (GOOD + SECOND, "line 4: test/00000002.jpg is in line 2 already"),
        (GOOD + "test/7.jpg 4 1 6 3 5\n", "line 4: there is no test image 'test/7.jpg'"),
        (GOOD.replace("4 1 6 3 5\n", "4 1 6 3 8\n", 1),
         "line 1: the label 8 is not between 0 and 7"),
        (GOOD.replace("4 1", "-4 1", 1), "line 1: the label -4 is not between 0 and 7"),
        (GOOD.replace("4 1 6", "4 1 4", 1), "line 1: the label 4 is repeated"),
        (GOOD.replace("4 1 6", "04 1 4", 1), "line 1: the label 4 is repeated"),
        (GOOD.replace(" 5\n", "\n", 1), "line 1: 4 labels, expected 5"),
        (GOOD.replace(" 5\n", " 5 7\n", 1), "line 1: 6 labels, expected 5"),
        (FIRST + "test/00000002.jpg\n" + THIRD, "line 2: 0 labels, expected 5"),
        (GOOD.replace("4 1", "4.0 1", 1), "line 1: '4.0' is not a whole number"),
        (GOOD.replace("4 1", "nan 1", 1), "line 1: 'nan' is not a whole number"),
        (GOOD.replace("4 1", "1_0 1", 1), "line 1: '1_0' is not a whole number"),
        (GOOD.replace("4 1", "٤ 1", 1), "line 1: '٤' is not a whole number"),
        (GOOD.replace("4 1", "9" * 50 + " 1", 1),
         f"line 1: '{'9' * 37}...' is not a whole number"),
        (GOOD.replace("4 1", "tensor(4) 1", 1), "line 1: 'tensor(4)' is not a whole number"),
        (FIRST + "\n" + SECOND + THIRD, "line 2 is empty"),
        (FIRST + "  \n" + SECOND + THIRD, "line 2 is empty"),
        (GOOD + "\n", "line 4 is empty"),
        ("filename,l1,l2,l3,l4,l5\nfilename,1,2,3,4,5\n" + GOOD.replace(" ", ","),
         "line 2: there is no test image 'filename'"),
        ("filename l1 l2 l3 l4 l5\n" + GOOD, "line 1: there is no test image 'filename'"),
        (",1,2,3,4,5\n" + GOOD, "line 1: there is no test image ''"),
        ("x" * 90 + " 1 2 3 4 5\n" + GOOD,
         f"line 1: there is no test image '{'x' * 37}...'"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_line(text: str, expected: str, tmp_path: Path) -> None:
    assert expected in problems(text, tmp_path)


def test_all_mistakes_are_told_at_once_and_in_order(tmp_path: Path) -> None:
    text = f"{NAMES[1]} 1 1 2 3\n\n{NAMES[1]} 0 1 2 3 9\nother.jpg 1 2 3 4 x\n"
    assert problems(text, tmp_path) == [
        "line 1: 4 labels, expected 5",
        "line 1: the label 1 is repeated",
        "line 2 is empty",
        "line 3: test/00000002.jpg is in line 1 already",
        "line 3: the label 9 is not between 0 and 7",
        "line 4: there is no test image 'other.jpg'",
        "line 4: 'x' is not a whole number",
        "test/00000001.jpg is missing",
        "test/00000003.jpg is missing",
    ]


def test_labels_that_start_at_one_are_recognised(tmp_path: Path) -> None:
    found = problems(GOOD.replace("5\n", "8\n"), tmp_path)
    assert found[-1] == "the label 8 occurs: labels start at 0, not at 1"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (FIRST.encode() + b"test/\xff.jpg 1 2 3 4 5\n",
         "line 2: the file is not UTF-8 text (byte 34)"),
        (GOOD.encode("utf-16"), "line 1: the file is not UTF-8 text (byte 1)"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_text_is_told_so(data: bytes, expected: str, tmp_path: Path) -> None:
    assert problems(data, tmp_path) == [expected]


def test_a_file_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    (found,) = submission_file.check_predictions(tmp_path / "none.txt", NAMES, 8)
    assert "none.txt cannot be read: No such file" in found


# ------------------------------------------------------------------------------ the sending


class Server(ThreadingHTTPServer):
    """Answers every request with the result of ``reply``, and keeps the requests."""

    daemon_threads = True
    reply: tuple[int, dict[str, str], bytes] = (500, {}, b"")
    got: list[tuple[str, Message, bytes]]
    release: threading.Event | None = None  # waits for it before it answers


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, self.headers, body))
        if self.server.release is not None:
            self.server.release.wait(30)
            return
        status, headers, data = self.server.reply
        if status == 0:  # break the connection off
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    server.got = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    if server.release is not None:
        server.release.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(params=["requests", "urllib"])
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of sending: with requests, as on Colab, and with Python's library alone."""
    if request.param == "requests":
        pytest.importorskip("requests")
    else:
        monkeypatch.setattr(submit, "requests", None)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    way: str = request.param
    return way


@pytest.fixture
def predictions(tmp_path: Path) -> Path:
    path = tmp_path / "predictions.txt"
    path.write_text(GOOD)
    return path


def url(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def problem(status: int, **fields: Any) -> tuple[int, dict[str, str], bytes]:
    """An answer as RFC 9457 has it."""
    body = {"type": "about:blank", "title": "A title", "status": status, **fields}
    return status, {"Content-Type": "application/problem+json"}, json.dumps(body).encode()


class Taken:
    body: ClassVar[dict[str, Any]] = {
        "id": 17, "status": "scored", "public_score": 0.21342, "best_public_score": 0.2,
        "improved": False, "rank": 4, "submissions_left_today": 3,
    }  # fmt: skip

    @classmethod
    def reply(cls, **fields: Any) -> tuple[int, dict[str, str], bytes]:
        data = json.dumps({**cls.body, **fields}).encode()
        return 201, {"Content-Type": "application/json"}, data


def test_the_file_and_the_token_arrive(client: str, server: Server, predictions: Path) -> None:
    server.reply = Taken.reply()
    submit.submit_predictions(predictions, url(server) + "/", "mini places/24", token="abc.DEF-1")
    ((path, headers, body),) = server.got
    assert path == "/api/v1/competitions/mini%20places%2F24/submissions"
    assert headers["Authorization"] == "Bearer abc.DEF-1"
    head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
    (part,) = BytesParser().parsebytes(head + body).get_payload()
    assert isinstance(part, Message)
    assert part.get_param("name", header="content-disposition") == "file"
    assert part.get_filename() == "predictions.txt"
    assert part.get_payload(decode=True) == GOOD.encode()


def test_an_accepted_file_is_told_in_sentences(
    client: str, server: Server, predictions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.reply = Taken.reply()
    assert submit.submit_predictions(predictions, url(server), "c", token="t") == Taken.body
    assert capsys.readouterr().out == (
        "Submission 17 was taken (scored).\n"
        "Public score: 0.2134; your best: 0.2000.\n"
        "Your rank on the public leaderboard: 4.\n"
        "Submissions left today: 3.\n"
    )
    server.reply = Taken.reply(improved=True, submissions_left_today=0, rank=1)
    submit.submit_predictions(predictions, url(server), "c", token="t")
    said = capsys.readouterr().out
    assert "That is your best so far.\n" in said and said.endswith("left today: 0.\n")


def test_a_file_that_waits_for_its_score_is_told_so(
    client: str, server: Server, predictions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.reply = Taken.reply(status="queued", public_score=None, rank=None)
    submit.submit_predictions(predictions, url(server), "c", token="t")
    said = capsys.readouterr().out
    assert "(queued)" in said and "Public score: not known yet" in said and "rank" not in said


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "does not know this token"),
        (403, "may not submit here"),
        (404, "no such competition"),
        (409, "is closed"),
        (413, "too large"),
        (415, "does not take this kind of file"),
        (422, "found mistakes in the file"),
        (429, "no submissions left"),
        (500, "a problem of its own (status 500)"),
        (503, "a problem of its own (status 503)"),
        (418, "the status 418"),
    ],
)
def test_each_refusal_is_told_with_what_the_server_says(
    client: str, server: Server, predictions: Path, capsys: pytest.CaptureFixture[str],
    status: int, words: str,
) -> None:  # fmt: skip
    server.reply = problem(status, detail="Something particular.")
    assert submit.submit_predictions(predictions, url(server), "c", token="t") is None
    first, second = capsys.readouterr().out.splitlines()
    assert words in first and second == "  Something particular."


def test_mistakes_that_the_server_finds_are_listed_twenty_at_most(
    client: str, server: Server, predictions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    errors = [{"detail": "line 1: bad"}, "line 2: bad", *[f"line {n}" for n in range(3, 30)]]
    server.reply = problem(422, detail="29 mistakes", errors=errors)
    submit.submit_predictions(predictions, url(server), "c", token="t")
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:4] == ["  29 mistakes", "  line 1: bad", "  line 2: bad"]
    assert len(lines) == 22 and lines[-1] == "  and 10 more"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("30", "Try again in 30 seconds."),
        ("600", "Try again in 10 minutes."),
        ("12000", "Try again in 3 hours and 20 minutes."),
        ("7200", "Try again in 2 hours."),
        (timedelta(hours=5, seconds=20), "Try again in 5 hours."),
        (timedelta(hours=-5), "Try again in 0 seconds."),
        ("soon", "for now.\n"),
        ("", "for now.\n"),
        ("9" * 30, "for now.\n"),
    ],
)  # fmt: skip
def test_a_used_up_quota_says_when_to_come_back(
    client: str, server: Server, predictions: Path, capsys: pytest.CaptureFixture[str],
    header: str | timedelta, words: str,
) -> None:  # fmt: skip
    if isinstance(header, timedelta):
        header = format_datetime(datetime.now(UTC) + header, usegmt=True)
    status, headers, body = problem(429)
    server.reply = status, {**headers, "Retry-After": header}, body
    submit.submit_predictions(predictions, url(server), "c", token="t")
    assert words in capsys.readouterr().out


@pytest.mark.parametrize("body", [b"<html>busy</html>", b"", b"[1, 2]", b'"text"', b"\xff\xfe"])
@pytest.mark.parametrize("status", [201, 200, 401, 502])
def test_an_answer_that_is_no_json_object_is_survived(
    client: str, server: Server, predictions: Path, capsys: pytest.CaptureFixture[str],
    status: int, body: bytes,
) -> None:  # fmt: skip
    server.reply = status, {}, body
    assert submit.submit_predictions(predictions, url(server), "c", token="t") is None
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert ("not as the leaderboard does" in said) == (status < 300)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_so_the_token_goes_nowhere_else(
    client: str, server: Server, predictions: Path, capsys: pytest.CaptureFixture[str], status: int
) -> None:
    server.reply = status, {"Location": f"{url(server)}/elsewhere"}, b""
    submit.submit_predictions(predictions, url(server), "c", token="t")
    assert f"has moved to {url(server)}/elsewhere" in capsys.readouterr().out
    assert len(server.got) == 1


def test_a_server_that_does_not_answer_is_given_up(
    client: str, server: Server, predictions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.release = threading.Event()
    submit.submit_predictions(predictions, url(server), "c", token="t", timeout_s=0.2)
    assert "did not answer within 0.2 seconds" in capsys.readouterr().out


def test_a_connection_that_breaks_off_is_told(
    client: str, server: Server, predictions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.reply = 0, {}, b""
    submit.submit_predictions(predictions, url(server), "c", token="t")
    assert "No connection to http://127.0.0.1" in capsys.readouterr().out


def test_a_server_that_is_not_there_is_told(
    client: str, predictions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
        submit.submit_predictions(predictions, address, "c", token="t")
    assert f"No connection to {address}" in capsys.readouterr().out


def test_nothing_is_asked_or_sent_while_the_address_is_empty(
    client: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(getpass, "getpass", lambda words: pytest.fail("it asked for the token"))
    assert submit.submit_predictions(tmp_path / "none.txt", "", "c") is None
    assert capsys.readouterr().out == "LEADERBOARD_URL is empty, so nothing was sent.\n"
    assert server.got == []


@pytest.mark.parametrize(
    "address", ["leaderboard.example", "ftp://x.example", "https://", "file:///etc/passwd", "  "]
)
def test_an_address_that_is_none_is_told(
    predictions: Path, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    submit.submit_predictions(predictions, address, "c", token="t")
    assert "should begin with https://" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_not_sent(
    client: str, server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submit.submit_predictions(tmp_path / "none.txt", url(server), "c", token="t")
    assert "none.txt cannot be read" in capsys.readouterr().out
    assert server.got == []


def test_the_token_is_asked_for_and_printed_nowhere(
    client: str, server: Server, predictions: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(getpass, "getpass", lambda words: " s3cret-token\n")
    for reply in (Taken.reply(), problem(401), problem(500), (0, {}, b"")):
        server.reply = reply
        submit.submit_predictions(predictions, url(server), "c")
    assert {headers["Authorization"] for _, headers, _ in server.got} == {"Bearer s3cret-token"}
    captured = capsys.readouterr()
    assert "s3cret" not in captured.out + captured.err
    assert "s3cret" not in repr(vars(submit))


@pytest.mark.parametrize("error", [EOFError, RuntimeError, OSError])
def test_a_notebook_without_a_person_sends_nothing(
    client: str, server: Server, predictions: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], error: type[Exception],
) -> None:  # fmt: skip
    def nobody(words: str) -> str:
        raise error("no input")

    monkeypatch.setattr(getpass, "getpass", nobody)
    submit.submit_predictions(predictions, url(server), "c")
    assert capsys.readouterr().out == "No token was given, so nothing was sent.\n"
    assert server.got == []


@pytest.mark.parametrize("token", ["two words", "tökén", "a\nb", "a\r\nX-Other: b"])
def test_what_cannot_be_a_token_is_not_sent(
    client: str, server: Server, predictions: Path, capsys: pytest.CaptureFixture[str], token: str
) -> None:
    submit.submit_predictions(predictions, url(server), "c", token=token)
    assert "This is not a token" in capsys.readouterr().out
    assert server.got == []


def test_the_module_loads_without_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "requests", None)
    try:
        assert importlib.reload(submit).requests is None
    finally:
        monkeypatch.undo()
        importlib.reload(submit)
