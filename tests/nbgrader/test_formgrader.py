"""Formgrader in a browser, as an instructor uses it."""

from __future__ import annotations

import os
import re
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from autograder.course.layout import Course
from tests.chromium import launched, needs_chromium
from tests.courses.handed_in import hand_in
from tests.courses.tiny import FULL
from tests.nbgrader.commands import by_hand, environment, points
from tests.nbgrader.conftest import STUDENTS

GRADING_MS = 120_000

pytestmark = [pytest.mark.slow, pytest.mark.browser, needs_chromium]


@pytest.fixture
def handed_in(released: Course) -> Course:
    """A right answer and an answer that deceives the test in its own kernel, not graded."""
    hand_in(released, "ada", {"scale": STUDENTS["mallory"]["scale"]})
    hand_in(released, "bob", {})
    return released


@pytest.fixture
def formgrader(handed_in: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of formgrader's page on the assignment, with a token to come in by."""
    token = secrets.token_hex(16)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "jupyter", "server", "--no-browser", "--ip=127.0.0.1"),
        *(["--allow-root"] if os.getuid() == 0 else []),
        f"--port={port}",
        f"--IdentityProvider.token={token}",
        "--ServerApp.jpserver_extensions=nbgrader.server_extensions.formgrader=True",
    ]
    with subprocess.Popen(
        command,
        cwd=handed_in.root,
        env=environment(tmp_path_factory.mktemp("home")),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        assert server.stdout is not None
        said = []
        for line in server.stdout:
            said.append(line)
            if found := re.search(r"is running at:\s*$", line):
                break
        else:
            pytest.fail("the server did not start:\n" + "".join(said))
        address = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
        assert found and address
        rest = threading.Thread(target=lambda: said.extend(server.stdout or []))
        rest.start()  # else a full pipe would stop the server
        try:
            yield f"{address[0]}/login?token={token}&next=/formgrader/manage_submissions/tiny"
        finally:
            server.terminate()
            server.wait(timeout=60)
            rest.join(timeout=60)
            print("".join(said))  # shown where a test failed


@pytest.fixture
def page() -> Iterator[Page]:
    """A browser that reaches this machine only."""
    with launched() as browser:
        yield browser.new_page(viewport={"width": 1280, "height": 1000})


def row_of(page: Page, student: str) -> Locator:
    """A student's row in the table of submissions."""
    return page.locator("tr", has=page.locator(".student-id", has_text=re.compile(f"^{student}$")))


def press_autograde(page: Page, student: str) -> str:
    """Press the button of a student's row; the text of the log that then opens."""
    row_of(page, student).locator(".autograde a").click()
    log = page.locator(".modal.in")
    expect(log).to_contain_text("autograd", timeout=GRADING_MS)
    said = log.inner_text()
    photograph(page, "log")
    log.get_by_role("button", name="OK").click()
    expect(page.locator(".modal-backdrop")).to_have_count(0)
    return said


def photograph(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for pictures."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_the_autograde_button_grades_and_what_a_person_enters_survives_it(
    handed_in: Course, formgrader: str, page: Page
) -> None:
    page.goto(formgrader)
    ada = row_of(page, "ada")
    expect(ada.locator(".status")).to_have_text("needs autograding")
    said = press_autograde(page, "ada")
    assert "Successfully autograded" in said and "sandbox: bubblewrap" in said
    expect(ada.locator(".score")).to_have_text("2 / 10")
    expect(ada.locator(".status")).to_have_text("needs manual grading")
    expect(row_of(page, "bob").locator(".status")).to_have_text("needs autograding")
    assert points(handed_in, "ada") == FULL | {"test_scale": 0.0, "why": None}
    photograph(page, "graded")

    open_submission(page, "ada")
    photograph(page, "submission")
    with page.expect_response(re.compile("/api/comment/")):
        page.locator("#why-comment").fill("Nearly.")
        page.locator("#why-comment").blur()
    with page.expect_response(re.compile("/api/grade/")):
        page.locator("#why").fill("0.5")
        page.locator("#why").blur()
    assert by_hand(handed_in, "ada") == (0.5, False, "Nearly.")

    page.goto(formgrader)
    expect(ada.locator(".score")).to_have_text("2.5 / 10")
    expect(ada.locator(".status")).to_have_text("graded")
    assert "graded again: no points changed" in press_autograde(page, "ada")
    expect(ada.locator(".score")).to_have_text("2.5 / 10")
    expect(ada.locator(".status")).to_have_text("graded")
    open_submission(page, "ada")
    expect(page.locator("#why")).to_have_value("0.5")
    expect(page.locator("#why-comment")).to_have_value("Nearly.")


def open_submission(page: Page, student: str) -> None:
    """From the table of submissions to the notebook of a student."""
    row_of(page, student).locator(".student-name a").click()
    page.get_by_role("link", name="01_tiny").click()
    expect(page.locator("#why")).to_be_visible()
    with page.expect_response(re.compile("/api/comments")):
        page.reload()
