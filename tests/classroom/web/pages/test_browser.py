"""The pages in a real browser, as students and an instructor use them, against a running server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from classroom import demo
from tests.chromium import launched, needs_chromium
from tests.classroom.live import serving
from tests.classroom.world import PICTURES, SLUG, World, file_with, half_right

LIVE_MS = 20_000  # the board looks for news every four seconds
PHONE = {"width": 375, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
BAD = (
    file_with(np.ones(PICTURES, bool))
    .replace(b"test/00000002.jpg 1 2", b"test/00000002.jpg 1 1")
    .replace(b"test/00000005.jpg 4", b"test/00000005.jpg four")
)
LONG = "Wolfeschlegelsteinhausenbergerdorff"

pytestmark = [pytest.mark.slow, pytest.mark.browser, needs_chromium]
Window = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser that reaches this machine only."""
    with launched() as opened:
        yield opened


@pytest.fixture
def said(browser: Browser) -> list[str]:
    """The warnings and errors in the console of any window."""
    return []


@pytest.fixture
def window(browser: Browser, said: list[str]) -> Iterator[Window]:
    """Makes a browser of its own for one person; its console must stay silent."""
    opened: list[BrowserContext] = []

    def make(size: dict[str, int] = DESKTOP) -> BrowserContext:
        context = browser.new_context(viewport=size)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        context.on(
            "console",
            lambda one: said.append(one.text) if one.type in ("error", "warning") else None,
        )
        context.on("weberror", lambda one: said.append(str(one.error)))
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def world(small_world: World) -> World:
    """On the clock of the server that is about to run."""
    small_world.now = datetime.now(UTC)
    return small_world


def right(world: World, public: int, private: int, variant: int = 0) -> bytes:
    return file_with(half_right(world.public(), public, private), variant)


def choose(page: Page, name: str, data: bytes) -> None:
    page.get_by_label("Predictions").set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": data}
    )


def hand_in(page: Page, name: str, data: bytes) -> None:
    choose(page, name, data)
    page.get_by_role("button", name="Hand in").click()


def sign_in(page: Page, url: str, token: str) -> None:
    """Open the link that an instructor sends, and press the button."""
    page.goto(f"{url}/sign-in#token={token}")
    expect(page.get_by_role("status")).to_contain_text("Your link is ready")
    page.keyboard.press("Enter")  # the button has the focus
    expect(page).to_have_url(f"{url}/c/{SLUG}")


def rank(page: Page) -> Locator:
    """The rank in one's own row of the board."""
    return page.locator("#table tr.own .rank")


def test_a_student_climbs_chooses_finals_and_reads_the_private_board(
    world: World, sqlite_url: str, window: Window, said: list[str]
) -> None:
    world.competition(daily_limit=9)
    ada, grace, mallory = (world.student(name) for name in ("ada", "grace", "mallory"))
    teacher = world.instructor()
    world.taken(grace, right(world, 20, 29))
    cheat = world.taken(mallory, right(world, 29, 5))["id"]
    world.taken(ada, right(world, 5, 5))
    with serving(sqlite_url) as live:
        board = f"{live.url}/c/{SLUG}"
        adas = window()
        page = adas.new_page()
        sign_in(page, live.url, ada)
        assert ada not in page.url
        page.go_back()
        assert ada not in page.url, "the token must not stay in the history"
        page.goto(board)
        expect(rank(page)).to_have_text("3")

        second = adas.new_page()
        second.goto(board)
        expect(rank(second)).to_have_text("3")
        second.evaluate("window.never_left = true")

        hand_in(page, "bad.txt", BAD)
        refusal = page.get_by_role("alert")
        expect(refusal).to_be_focused()
        expect(refusal.get_by_role("listitem")).to_have_text(
            ["line 2: the label 1 is repeated", "line 5: 'four' is not a whole number"]
        )
        expect(page.locator("#tiles")).to_contain_text("8 of 9")
        assert [line for line in said if "422" not in line] == []
        said.clear()  # browsers note that the page came with status 422

        hand_in(page, "good.txt", right(world, 25, 20))
        expect(page.locator("#sent")).to_contain_text("is your best so far: 0.1667")
        expect(page.locator("#sent")).to_contain_text("You are 2nd of 3. 7 submissions left today.")
        expect(rank(page)).to_have_text("2")
        expect(rank(second)).to_have_text("2", timeout=LIVE_MS)
        expect(second.get_by_role("status")).to_contain_text("You are 2nd of 3.")
        assert second.evaluate("window.never_left") is True

        hand_in(page, "other.txt", right(world, 25, 28))
        expect(page.locator("#sent")).to_contain_text("Your best stays at 0.1667")
        mine = page.locator("#mine")
        for name in ("good.txt", "other.txt"):
            mine.get_by_role("row", name=name).get_by_role("checkbox").check()
        page.get_by_role("button", name="Save finals").click()
        warning = page.get_by_role("alert")
        expect(warning).to_be_focused()
        expect(warning.get_by_role("listitem")).to_contain_text("was not better than your best")
        expect(mine.locator("input:checked")).to_have_count(0)
        warning.get_by_role("button", name="Save them anyway").click()
        expect(page.get_by_text("Your finals are saved.")).to_be_visible()
        expect(mine.locator("input:checked")).to_have_count(2)
        said[:] = [line for line in said if "409" not in line]

        teachers = window().new_page()
        sign_in(teachers, live.url, teacher)
        teachers.get_by_role("link", name="Submissions").click()
        teachers.get_by_role("link", name=str(cheat), exact=True).click()
        teachers.get_by_label("Reason").fill('Looked <up> "by hand"')
        teachers.get_by_role("button", name="Disqualify").click()
        expect(teachers.get_by_role("heading", name="Disqualified")).to_be_visible()
        expect(teachers.get_by_text('Looked <up> "by hand"')).to_be_visible()
        expect(rank(second)).to_have_text("1", timeout=LIVE_MS)
        expect(second.locator("#table")).not_to_contain_text("Looked")

        teachers.get_by_role("link", name="Finalize").click()
        teachers.get_by_label("to confirm").fill("something else")
        teachers.get_by_role("button", name="Finalize").click()
        expect(teachers.get_by_role("alert")).to_have_text(
            f"Type {SLUG} to confirm. Nothing was changed."
        )
        said[:] = [line for line in said if "422" not in line]
        teachers.get_by_label("to confirm").fill(SLUG)
        teachers.get_by_role("button", name="Finalize").click()
        expect(teachers.get_by_role("heading", name="Final standings")).to_be_visible()

        expect(second.get_by_role("heading", name="Final standings")).to_be_visible(timeout=LIVE_MS)
        expect(rank(second)).to_have_text("2")  # grace is better on the private pictures
        expect(second.locator("#table tr.own .score")).to_have_text("0.0667")
        expect(second.locator("#phase")).to_have_text("Finished")
        assert second.evaluate("window.never_left") is True
        second.get_by_role("link", name="Show the public board").click()
        expect(rank(second)).to_have_text("1")
        expect(page.get_by_role("heading", name="Final standings")).to_be_visible(timeout=LIVE_MS)
        page.reload()
        expect(page.get_by_role("button", name=re.compile("Hand in|Save finals"))).to_have_count(0)
        assert said == []


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus, and see that the focus shows."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            style = "element => getComputedStyle(element).outlineStyle"
            assert wanted.evaluate(style) != "none", "nobody sees where the focus is"
            return
    raise AssertionError(f"Tab never reaches {wanted}")


def test_the_keyboard_alone_signs_in_and_hands_in(
    world: World, sqlite_url: str, window: Window, said: list[str]
) -> None:
    world.competition()
    ada = world.student("ada")
    with serving(sqlite_url) as live:
        page = window().new_page()
        page.goto(f"{live.url}/c/{SLUG}")
        tab_to(page, page.get_by_role("banner").get_by_role("link", name="Sign in"))
        page.keyboard.press("Enter")
        tab_to(page, page.get_by_label("Your token"))
        page.keyboard.type("not this one")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("This token is not known.")
        tab_to(page, page.get_by_label("Your token"))
        page.keyboard.insert_text(ada)
        tab_to(page, page.get_by_role("button", name="Sign in"))
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{live.url}/c/{SLUG}")

        tab_to(page, page.get_by_role("link", name="Skip to the content"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_be_focused()
        tab_to(page, page.get_by_label("Predictions"))
        with page.expect_file_chooser() as chooser:
            page.keyboard.press("Space")
        chooser.value.set_files(
            {"name": "good.txt", "mimeType": "text/plain", "buffer": right(world, 20, 20)}
        )
        tab_to(page, page.get_by_role("button", name="Hand in"))
        page.keyboard.press("Enter")
        expect(page.locator("#sent")).to_contain_text("You are 1st of 1.")
        final = page.get_by_label("Submission 1 is a final")
        tab_to(page, final)
        page.keyboard.press("Space")
        tab_to(page, page.get_by_role("button", name="Save finals"))
        page.keyboard.press("Enter")
        expect(page.get_by_text("Your finals are saved.")).to_be_visible()
        expect(final).to_be_checked()
        tab_to(page, page.get_by_role("button", name="Sign out"))
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{live.url}/")
        assert [line for line in said if "401" not in line] == []


def assert_fits(page: Page, where: str) -> None:
    """The page scrolls up and down only, and no table sticks out of its card."""
    over = page.evaluate(
        """() => {
            const wide = document.documentElement.clientWidth;
            const right = (one) => one.getBoundingClientRect().right;
            const out = [...document.querySelectorAll(".card :is(th, td)")]
                .filter((one) => !one.closest(".wide") && right(one) > right(one.closest(".card")));
            if (document.documentElement.scrollWidth > wide)
                out.push(...[...document.querySelectorAll("body *")]
                    .filter((one) => right(one) > wide + 0.5));
            return out.map((one) => one.outerHTML.slice(0, 120));
        }"""
    )
    assert over == [], f"{where} is wider than a phone"


def test_no_page_is_wider_than_a_phone(
    world: World, sqlite_url: str, window: Window, said: list[str]
) -> None:
    world.competition(title=f"Places of {LONG}", daily_limit=9)
    ada = world.student("a" * 60, name=f"{LONG} {LONG}")
    alan = world.student("alan", team=LONG)
    for number, token in enumerate((ada, alan), 1):
        world.put("/name", token, {"show_real_name": True})
        data = right(world, 10 * number, 10)
        assert world.submit(token, data, name=f"{'x' * 90}.txt").status_code == 201
    world.submit(ada, BAD, name=f"{'y' * 90}.txt")
    teacher = world.instructor()
    with serving(sqlite_url) as live:
        board = f"/c/{SLUG}"
        staff = [
            f"{board}/instructor{part}"
            for part in ("", "/submissions", "/submissions/1", "/roster", "/log", "/finalize")
        ]
        nobody, student, instructor = (window(PHONE).new_page() for _ in range(3))
        assert_pages_fit(nobody, live.url, ["/", "/sign-in", board, f"{board}/rules", "/nothing"])
        sign_in(student, live.url, ada)
        assert_pages_fit(student, live.url, ["/", "/sign-in", f"{board}/rules", board])
        student.get_by_text("2 reasons").click()
        assert_fits(student, "the reasons of a refusal")
        hand_in(student, "bad.txt", BAD)
        expect(student.get_by_role("alert")).to_be_visible()
        assert_fits(student, "a refusal")
        sign_in(instructor, live.url, teacher)
        assert_pages_fit(instructor, live.url, [*staff, board])
        instructor.goto(live.url + staff[3])
        instructor.get_by_role("button", name="New token for alan").click()
        expect(instructor.get_by_role("heading", name="The new token of alan")).to_be_visible()
        assert_fits(instructor, "a new token")
        world.finalize()
        assert_pages_fit(student, live.url, [board, f"{board}?board=public"])
        assert_pages_fit(instructor, live.url, [board, staff[0], staff[-1]])
        assert [line for line in said if not re.search("status of (404|422)", line)] == []


def test_the_board_of_a_class_fits_on_a_phone(
    world: World, sqlite_url: str, window: Window
) -> None:
    demo.make(world.service.db, world.now, students=30)
    with serving(sqlite_url) as live:
        page = window(PHONE).new_page()
        assert_pages_fit(page, live.url, ["/c/demo"])
        lines = page.locator("#table tbody tr")
        assert lines.count() >= 30
        expect(lines.first).to_contain_text("\N{EN DASH}")  # the interval


def assert_pages_fit(page: Page, url: str, paths: list[str]) -> None:
    for path in paths:
        page.goto(url + path)
        assert_fits(page, path)
