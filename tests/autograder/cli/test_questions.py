"""``autograder questions`` as one runs it: the address, the page, Ctrl-C, and wrong usage."""

from __future__ import annotations

import http.cookiejar
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from autograder.cli import app
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.records.gradebook import open_gradebook
from tests.courses.small_class import ENVIRONMENT
from tests.courses.sums import record_result

COMMAND = [sys.executable, "-W", "error", "-m", "autograder", "questions", "demo"]


def test_the_address_opens_the_questions_until_ctrl_c(
    course: Course, bundle: NotebookBundle
) -> None:
    record_result(course, bundle, "ada", "The answer of one.")
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_student("ada", first_name="Ada", last_name="Lovelace")
    with subprocess.Popen(
        [*COMMAND, "--names"], cwd=course.root, env=ENVIRONMENT | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "questions of demo on\n"
        address = process.stdout.readline().strip()
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        browser = urllib.request.build_opener(jar)
        with browser.open(address, timeout=60) as reply:
            assert "01_sums, 1 answer, 1 to grade" in reply.read().decode()
        place = address.partition("?")[0] + "question/01_sums/why"
        with browser.open(place, timeout=60) as reply:
            page = reply.read().decode()
        assert "The answer of one." in page and "Ada Lovelace (ada)" in page
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(place, timeout=60)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "autograder: stopped\n")


def test_a_taken_port_and_an_assignment_without_a_gradebook(
    course: Course,
    bundle: NotebookBundle,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(course.root)

    def end(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["autograder", "questions", *arguments])
        with pytest.raises(SystemExit) as caught:
            app.main()
        assert caught.value.code == 2
        return " ".join(capsys.readouterr().err.split())

    assert "no assignment named 'other'" in end("other")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"cannot listen on port {port}" in end("demo", "--port", str(port))
    path = course.source / "demo" / "01_sums.py"
    text, _, _ = path.read_text().partition("# %% [markdown]\n# Why?")
    path.write_text(text)
    assert "demo has no question that a person grades" in end("demo")
