"""The built site, for tests."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.docs.pages import ROOT

# Elements that a browser loads by itself, with the attributes that hold addresses.
LOADED = {
    "script": ("src",),
    "img": ("src", "srcset"),
    "iframe": ("src",),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
    "audio": ("src",),
    "object": ("data",),
    "embed": ("src",),
    "link": ("href",),
}
NOT_LOADED_RELS = {"canonical", "next", "prev", "search", "index", "author", "license"}


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    """Build the site as ``make docs`` does."""
    makefile = (ROOT / "Makefile").read_text()
    recipe = re.search(r"^docs:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe is not None
    command = recipe[1].strip().removeprefix("@").replace("\\\n", " ")
    command = command.replace("$(BIN)/python", sys.executable).replace("build/docs", str(folder))
    return subprocess.run(
        command, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=600
    )


class Page(HTMLParser):
    """The ids, links and loaded addresses of an HTML page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.inline: list[str] = []
        self.pictures_without_alt: list[str] = []
        self._in_style = False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids |= {found[name] for name in ("id", "name") if name in found}
        self._in_style = tag == "style"
        self.inline.append(found.get("style", ""))
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag == "img" and not found.get("alt", "").strip():
            self.pictures_without_alt.append(found.get("src", ""))
        if tag == "link" and set(found.get("rel", "").split()) & NOT_LOADED_RELS:
            return
        self.loaded += [found[name] for name in LOADED.get(tag, ()) if name in found]

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.inline.append(data)
            self._in_style = False

    def outside(self) -> list[str]:
        """The addresses of other hosts from which a browser would load something."""
        addresses = [*self.loaded, *css_addresses("\n".join(self.inline))]
        return [one for one in addresses if re.match(r"(?:[a-z]+:)?//", one)]


def css_addresses(css: str) -> list[str]:
    """The addresses that a style sheet loads; data in the sheet itself is left out."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    found = re.findall(r"url\(\s*['\"]?([^'\")]+)", css)
    found += re.findall(r"@import\s+['\"]([^'\"]+)", css)
    return [one for one in found if not one.startswith("data:")]


def broken_links(site: Path) -> list[str]:
    """The links between pages that lead nowhere, and loaded files that are not there."""
    pages = {path: Page(path) for path in site.rglob("*.html") if "_static" not in path.parts}
    broken = []
    for path, page in pages.items():
        for link in [*page.links, *page.loaded]:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or link.startswith("data:"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                broken.append(f"{path.relative_to(site)}: {link}")
            elif parts.fragment and target in pages:
                if unquote(parts.fragment) not in pages[target].ids:
                    broken.append(f"{path.relative_to(site)}: {link}")
    return broken
