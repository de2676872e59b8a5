"""The site in a browser: no request leaves this machine, and axe-core finds no serious fault."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page

from tests.chromium import launched, needs_chromium
from tests.docs.site import build
from tests.looks import serious_faults, weak_words, width_of

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_chromium]

SHOWN = ("index.html", "quickstart.html", "authoring.html", "reference/commands.html")
WIDTHS = (1280, 390)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    done = build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


def opened(browser: Browser, address: str, name: str, width: int, scheme: str) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{address}/{name}", wait_until="load")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", SHOWN)
def test_a_page_is_readable(
    browser: Browser, address: str, name: str, width: int, scheme: str
) -> None:
    page = opened(browser, address, name, width, scheme)
    assert serious_faults(page) == []
    assert weak_words(page) == []
    assert width_of(page) <= width
    page.context.close()


def test_no_page_asks_another_host(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    failed: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    for name in (*SHOWN, "search.html?q=late"):
        page.goto(f"{address}/{name}", wait_until="networkidle")
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert failed == []
    context.close()


def test_the_search_finds_a_page_without_a_network(browser: Browser, address: str) -> None:
    page = opened(browser, address, "search.html?q=misconception", 1280, "light")
    page.wait_for_selector("#search-results li")
    assert "authoring.html" in page.inner_html("#search-results")
    page.context.close()
