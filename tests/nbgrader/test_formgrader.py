"""Formgrader in a browser, as an instructor uses it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from autograder.course.layout import Course
from autograder.people.person import Person
from autograder.people.roster import write_people
from autograder.records.gradebook import open_gradebook
from tests.chromium import launched, needs_chromium
from tests.courses.handed_in import hand_in
from tests.courses.tiny import FULL
from tests.nbgrader.commands import by_hand, points
from tests.nbgrader.conftest import STUDENTS
from tests.nbgrader.server import running_formgrader

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
    with running_formgrader(handed_in.root, tmp_path_factory.mktemp("home")) as server:
        yield server.page("manage_submissions/tiny")


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


def test_formgrader_shows_the_names_of_the_roster(
    handed_in: Course, page: Page, tmp_path_factory: pytest.TempPathFactory
) -> None:
    people = [Person("ada", "Ada <b>x</b>", "O'Brien"), Person("bob", "", "孙悟空")]
    with open_gradebook(handed_in) as gradebook:
        write_people(gradebook.db, people)
        gradebook.db.commit()
    with running_formgrader(handed_in.root, tmp_path_factory.mktemp("home")) as server:
        page.goto(server.page("manage_submissions/tiny"))
        expect(row_of(page, "ada")).to_contain_text("O'Brien, Ada <b>x</b>")
        expect(row_of(page, "bob")).to_contain_text("孙悟空")
        expect(row_of(page, "bob")).not_to_contain_text("None, ")
