"""One page of all pages of a student, for systems that take one file for each student."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from html.parser import HTMLParser
from urllib.parse import unquote

_TOP = "top"


def merge_pages(start: str, pages: Mapping[str, str], start_file: str) -> str:
    """The start page with the notebooks' pages below it, as one HTML file.

    ``pages`` maps the file name of each page to its HTML, in their order; ``start_file`` is the
    file name of the start page. Links between the pages lead to their places in the new page.
    """
    places = {name: f"page-{number}" for number, name in enumerate(pages, 1)}
    head, _, _ = start.partition("<body")
    body = [f'<div class="start">{_Part("", start_file, places).read(start)}</div>']
    for name, html in pages.items():
        part = _Part(places[name], start_file, places).read(html)
        body.append(f'<div class="page" id="{places[name]}">{part}</div>')
    joined = "\n<hr>\n".join(body)
    return f'{head}<body id="{_TOP}">\n<main>\n{joined}\n</main>\n</body>\n</html>\n'


class _Part(HTMLParser):
    """Reads the inside of a page's ``main``, and makes its ids and links those of a part.

    Texts and all other attributes stay as they are written.
    """

    def __init__(self, place: str, start_file: str, places: Mapping[str, str]) -> None:
        super().__init__(convert_charrefs=False)
        self._place = place
        self._start_file = start_file
        self._places = places
        self._found: list[str] = []
        self._depth = 0  # of elements ``main``

    def read(self, html: str) -> str:
        """The part of a page."""
        self.feed(html)
        self.close()
        return "".join(self._found)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "main":
            self._depth += 1
        elif self._depth:
            self._found.append(self._tag(tag, attrs, ">"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._depth:
            self._found.append(self._tag(tag, attrs, "/>"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self._depth -= 1
        else:
            self._keep(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._keep(data)

    def handle_entityref(self, name: str) -> None:
        self._keep(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._keep(f"&#{name};")

    def _keep(self, text: str) -> None:
        if self._depth:
            self._found.append(text)

    def _tag(self, tag: str, attrs: list[tuple[str, str | None]], end: str) -> str:
        known = dict(attrs)
        if not known.keys() & {"id", "href"} and tag != "nav":
            return self.get_starttag_text() or ""
        written = [f"<{tag}"]
        for name, value in attrs:
            if value is None:
                written.append(f" {name}")
                continue
            if name == "id":
                value = self._own(value)
            elif name == "href":
                value = self._link(value)
            elif name == "aria-label" and tag == "nav" and self._place:
                value = f"{value}, {self._place}"  # each has a name of its own
            written.append(f' {name}="{escape(value)}"')
        return "".join(written) + end

    def _own(self, anchor: str) -> str:
        return f"{self._place}:{anchor}" if self._place else anchor

    def _link(self, href: str) -> str:
        file, mark, anchor = href.partition("#")
        name = unquote(file, errors="surrogateescape")
        if not file:
            here = self._place or _TOP
            return f"#{here}" if anchor in ("", _TOP) else f"#{self._own(anchor)}"
        if name == self._start_file:
            return f"#{anchor or _TOP}"
        if name in self._places:
            return f"#{self._places[name]}" + (f":{anchor}" if mark and anchor else "")
        return href
