"""The page of a question in a browser: by keyboard, without scripts, on a phone and by night."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Queue

import pytest
from playwright.sync_api import Browser, Page

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.questions.access import Access
from autograder.questions.app import question_site
from autograder.questions.desk import Desk
from autograder.questions.serving import serve
from autograder.records.gradebook import open_gradebook
from autograder.rendering.process import PageProcess
from tests.chromium import launched, needs_chromium
from tests.courses.sums import record_result
from tests.looks import serious_faults, weak_words, width_of

pytestmark = [needs_chromium, pytest.mark.browser]
ANSWERS = {
    "ada": "Because $a + b = b + a$.\n\n- one\n- two",
    "bob": "aVeryLongWord" * 40,
    "cleo": "```python\nx = " + "1 + " * 60 + "1\n```",
    "dan": "هذا جواب.\n\n| a | b |\n|---|---|\n| 1 | 2 |",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def address(course: Course, bundle: NotebookBundle) -> Iterator[str]:
    for student, text in ANSWERS.items():
        record_result(course, bundle, student, text)
    addresses: Queue[str] = Queue()
    with PageProcess() as process, ThreadPoolExecutor(1) as thread:
        desk = Desk(course, "demo", process, b"a secret")

        def site(port: int) -> object:
            access = Access(port)
            addresses.put(access.address)
            return question_site(access, desk, thread)

        server = threading.Thread(target=serve, args=(site, 0), daemon=True)
        server.start()
        yield addresses.get(timeout=60)


def points(course: Course) -> list[float | None]:
    with open_gradebook(course) as gradebook:
        found = [gradebook.find_grade("why", "01_sums", "demo", name) for name in ANSWERS]
        return [grade.manual_score for grade in found]


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    page.click("a.name")
    page.goto(page.url.partition("?")[0])
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_can_be_read(browser: Browser, address: str, scheme: str, width: int) -> None:
    context = browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": width, "height": 800},
    )
    page = context.new_page()
    page.goto(address)
    assert (serious_faults(page), weak_words(page), width_of(page)) == ([], [], width)
    opened(page, address)
    assert (serious_faults(page), weak_words(page), width_of(page)) == ([], [], width)
    context.close()


def test_answers_are_saved_by_keyboard_and_without_scripts(
    browser: Browser, address: str, course: Course
) -> None:
    context = browser.new_context()
    page = opened(context.new_page(), address)
    page.focus("#points-1")
    for text in ("0.5", "1"):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    page.wait_for_selector('#answer-2 .state:text-is("saved")')
    assert page.evaluate("document.activeElement.id") == "points-3"
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    page.wait_for_selector("#answer-3 .problem")
    page.fill("#comment-4", "See me.")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('#answer-4 .state:text-is("saved")')
    assert sorted(one for one in points(course) if one is not None) == [0.5, 1.0]
    context.close()

    context = browser.new_context(java_script_enabled=False)
    page = opened(context.new_page(), address)
    page.fill("#points-3", "0.25")
    page.click("#answer-3 button")
    assert page.inner_text("#answer-3 .state") == "Saved."
    assert sorted(one for one in points(course) if one is not None) == [0.25, 0.5, 1.0]
    context.close()
