"""A browser without scripts: it keeps cookies, follows redirects and sends the forms it is shown."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import httpx2
from starlette.testclient import TestClient

from tests.classroom.world import SLUG, World

HTML = {"accept": "text/html,application/xhtml+xml"}


class _Reader(HTMLParser):
    """Collects the words and the attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []  # element, attribute, value

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


class Shown:
    """A page as somebody reads it."""

    def __init__(self, reply: httpx2.Response) -> None:
        self.reply, self.html, self.status = reply, reply.text, reply.status_code
        reader = _Reader()
        reader.feed(self.html)
        self.text = " ".join(" ".join(reader.words).split())
        self.attributes = reader.attributes

    @property
    def form_token(self) -> str:
        """The token of the first form on the page that is not the one to sign out."""
        found = re.findall(r'name="form_token" value="(\w+)"', self.html)
        return found[-1] if found else ""

    def row(self, words: str) -> str:
        """The line of a table in which some words stand, without the tags."""
        for line in re.findall(r"<tr.*?</tr>", self.html, re.DOTALL):
            text = unescape(" ".join(re.sub(r"<[^>]+>", " ", line).split()))
            if words in text:
                return text
        raise AssertionError(f"no row with {words!r}")


class Browser:
    """One browser at a world."""

    def __init__(self, world: World, address: str = "http://testserver") -> None:
        self.client = TestClient(
            world.app, base_url=address, headers=HTML, raise_server_exceptions=False
        )

    def get(self, path: str = f"/c/{SLUG}") -> Shown:
        return Shown(self.client.get(path))

    def post(self, path: str, follow: bool = True, **fields: str | list[str]) -> Shown:
        return Shown(self.client.post(path, data=fields, follow_redirects=follow))

    def sign_in(self, token: str, following: str = f"/c/{SLUG}") -> Shown:
        page = self.get(f"/sign-in?next={following}")
        return self.post("/sign-in", token=token, next=following, form_token=page.form_token)

    def send(self, path: str, follow: bool = True, **fields: str | list[str]) -> Shown:
        """Send a form of the board, or of the page named before it."""
        return self.post(path, follow, form_token=self.get().form_token, **fields)

    def upload(self, data: bytes, name: str = "predictions.txt", slug: str = SLUG) -> Shown:
        token = self.get(f"/c/{slug}").form_token
        return Shown(
            self.client.post(
                f"/c/{slug}/submissions",
                data={"form_token": token},
                files={"file": (name, data, "text/plain")},
            )
        )


def student(world: World, name: str = "ada", team: str = "") -> Browser:
    """A browser in which a new student is signed in."""
    browser = Browser(world)
    browser.sign_in(world.student(name, team))
    return browser


def teacher(world: World) -> Browser:
    browser = Browser(world)
    browser.sign_in(world.instructor())
    return browser
