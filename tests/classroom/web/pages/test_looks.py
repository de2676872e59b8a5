"""The pages in a real browser: focus, contrast, no scripts, the end while a page is open."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.chromium import launched, needs_chromium
from tests.classroom.live import serving
from tests.classroom.world import PICTURES, SLUG, World, file_with
from tests.looks import weak_words

GOOD = file_with(np.arange(PICTURES) < 30)
pytestmark = [pytest.mark.slow, pytest.mark.browser, needs_chromium]


@pytest.fixture
def chromium() -> Iterator[Browser]:
    """A browser that reaches this machine only."""
    with launched() as browser:
        yield browser


@pytest.fixture
def address(small_world: World) -> Iterator[str]:
    """A running server with a competition."""
    small_world.competition(title="Scenes", daily_limit=5)
    with serving(small_world.service.db.url.render_as_string()) as live:
        yield live.url


@contextlib.contextmanager
def window(chromium: Browser, **options: object) -> Iterator[Page]:
    """A browser of its own, in which nothing may go wrong unseen."""
    context = chromium.new_context(**options)  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    expected = re.compile(r"status of 4\d\d")  # the browser's own word for a refused form
    assert not [text for text in complaints if not expected.search(text)]


def sign_in(page: Page, address: str, token: str) -> None:
    """Open the link that the instructor sent."""
    page.goto(f"{address}/sign-in?next=/c/{SLUG}#token={token}")
    expect(page.get_by_text("Your link is ready")).to_be_visible()
    assert token not in page.url, "the token stays in the address"
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert "token" not in page.url


def hand_in(page: Page, data: bytes, name: str = "predictions.txt") -> None:
    page.get_by_label("Predictions").set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": data}
    )
    page.get_by_role("button", name="Hand in").click()


def test_everything_is_reached_by_keyboard_and_what_has_the_focus_is_seen(
    small_world: World, address: str, chromium: Browser
) -> None:
    world = small_world
    token = world.student("ada")
    world.taken(token, GOOD)
    with window(chromium) as page:
        sign_in(page, address, token)
        focusable = (
            "main a, main button, main summary, main input:not([type=hidden]), header button"
        )
        expected = page.locator(focusable).count()
        reached = set()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        expect(page.locator(".skip")).to_be_in_viewport()
        for _ in range(expected + 5):
            page.keyboard.press("Tab")
            seen = page.evaluate(
                """() => {
                    const at = document.activeElement, style = getComputedStyle(at);
                    const every = [...document.querySelectorAll("body *")];
                    return [every.indexOf(at), at.tagName, style.outlineStyle, style.outlineWidth];
                }"""
            )
            if seen[1] != "BODY":
                assert seen[2] != "none" and seen[3] != "0px", seen
                reached.add(seen[0])
        assert len(reached) >= expected
        page.get_by_label("Submission 1 is a final").focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name="Save finals").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Your finals are saved.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(
    small_world: World, address: str, chromium: Browser, scheme: str
) -> None:
    world = small_world
    token, teacher = world.student("ada"), world.instructor()
    world.submit(token, GOOD)
    world.submit(token, b"nothing")
    own = ["/", f"/c/{SLUG}", f"/c/{SLUG}/rules", "/sign-in", "/nothing"]
    staff = ["", "/submissions", "/submissions/1", "/roster", "/log", "/finalize"]
    for who, paths in ((token, own), (teacher, [f"/c/{SLUG}/instructor{end}" for end in staff])):
        with window(chromium, color_scheme=scheme) as page:
            sign_in(page, address, who)
            for path in paths:
                page.goto(address + path)
                assert weak_words(page) == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_warning_can_be_read_and_fits_on_a_phone(
    small_world: World, address: str, chromium: Browser, scheme: str
) -> None:
    token = small_world.student("ada")
    small_world.submit(token, GOOD)
    small_world.submit(token, file_with(np.arange(PICTURES) < 29))
    phone = {"width": 390, "height": 844}
    with window(chromium, color_scheme=scheme, viewport=phone) as page:
        sign_in(page, address, token)
        page.get_by_label("Submission 2 is a final").check()
        page.get_by_role("button", name="Save finals").click()
        expect(page.get_by_role("alert")).to_contain_text("not better than your best")
        assert weak_words(page) == []
        page.get_by_role("button", name="Save it anyway").click()
        expect(page.locator("#mine")).to_contain_text("final, not better")
        assert weak_words(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= phone["width"]


def test_without_scripts_everything_still_works(
    small_world: World, address: str, chromium: Browser
) -> None:
    token = small_world.student("ada")
    with window(chromium, java_script_enabled=False) as page:
        page.goto(f"{address}/sign-in?next=/c/{SLUG}")
        page.get_by_label("Your token").fill(token)
        page.get_by_role("button", name="Sign in").click()
        hand_in(page, GOOD)
        expect(page.locator("#sent")).to_contain_text("is your best so far")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_the_forms_are_put_away_when_the_competition_ends_while_somebody_looks(
    small_world: World, address: str, chromium: Browser
) -> None:
    world = small_world
    token = world.student("ada")
    world.taken(token, GOOD)
    with window(chromium) as page:
        sign_in(page, address, token)
        page.evaluate("window.same = true")
        expect(page.get_by_role("checkbox")).to_have_count(1)
        world.finalize()
        expect(page.get_by_role("heading", name="Final standings")).to_be_visible(timeout=20_000)
        expect(page.get_by_role("checkbox")).to_have_count(0)
        expect(page.get_by_role("button", name="Hand in")).to_have_count(0)
        expect(page.get_by_role("button", name=re.compile("my real name"))).to_have_count(0)
        assert page.evaluate("window.same")
