"""The site builds without warnings, loads nothing from other hosts, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT
from tests.docs.site import Page, broken_links, build, css_addresses

BUDGET_MB = 12


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_is_on_the_site_and_in_the_table_of_contents(site: Path) -> None:
    """Sphinx warns about a page that is in no table of contents, and warnings are errors."""
    sources = {path.relative_to(DOCS).with_suffix("") for path in DOCS.rglob("*.md")}
    built = {path.relative_to(site).with_suffix("") for path in site.rglob("*.html")}
    assert sources <= built
    sidebar = (site / "index.html").read_text().partition('class="bd-links')[2]
    sidebar = sidebar.partition("</nav>")[0]
    linked = {Path(one).with_suffix("") for one in re.findall(r'href="([^"#]+)"', sidebar)}
    assert sources - linked <= {Path("index")}


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    pages = [Page(path) for path in site.rglob("*.html")]
    assert len(pages) > 15
    assert {str(page.path): found for page in pages if (found := page.outside())} == {}
    sheets = list(site.rglob("*.css"))
    assert sheets
    for sheet in sheets:
        outside = [one for one in css_addresses(sheet.read_text()) if "//" in one]
        assert outside == [], sheet


def test_no_link_within_the_site_is_broken(site: Path) -> None:
    assert broken_links(site) == []


def test_every_picture_has_a_text_and_stays_small(site: Path) -> None:
    pages = [Page(path) for path in site.rglob("*.html")]
    assert {str(page.path): page.pictures_without_alt for page in pages} == {
        str(page.path): [] for page in pages
    }
    bytes_ = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    assert bytes_ < BUDGET_MB << 20


def test_files_outside_the_docs_become_pages_or_plain_words(site: Path) -> None:
    text = (site / "contributing.html").read_text()
    assert 'href="authoring.html"' in text and 'href="changes.html"' in text
    assert "Write plain English" in text
    assert 'href="reporting.html"' in (site / "security.html").read_text()


def test_the_site_stays_out_of_the_repository() -> None:
    assert "build/" in (ROOT / ".gitignore").read_text().splitlines()


# ------------------------------------------------------------------------------- the tests themselves


@pytest.mark.parametrize(
    ("html", "is_outside"),
    [
        ('<script src="https://cdn.example/x.js"></script>', True),
        ('<script src="//cdn.example/x.js"></script>', True),
        ('<link rel="stylesheet" href="https://fonts.example/css">', True),
        ('<link rel="preload" as="font" href="http://fonts.example/a.woff2">', True),
        ('<link rel="canonical" href="https://docs.example/">', False),
        ('<img src="https://example/badge.svg" alt="x">', True),
        ('<style>@import "https://fonts.example/css";</style>', True),
        ('<p style="background: url(https://example/a.png)">x</p>', True),
        ('<a href="https://example.edu/">x</a>', False),
        ('<script src="_static/x.js"></script>', False),
        ('<img src="data:image/png;base64,//8=" alt="x">', False),
    ],
)
def test_an_address_of_another_host_is_found(tmp_path: Path, html: str, is_outside: bool) -> None:
    (tmp_path / "a.html").write_text(html)
    assert bool(Page(tmp_path / "a.html").outside()) is is_outside


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<p id="one"><a href="b.html#two">b</a> <a href="#one">1</a>')
    (tmp_path / "b.html").write_text('<p id="two"><a href="c.html">c</a> <a href="a.html#no">a</a>')
    assert broken_links(tmp_path) == ["b.html: c.html", "b.html: a.html#no"]


def test_a_warning_fails_the_build(tmp_path: Path) -> None:
    from sphinx.cmd.build import build_main

    source = tmp_path / "source"
    source.mkdir()
    (source / "conf.py").write_text('extensions = ["myst_parser"]\nnitpicky = True\n')
    (source / "index.md").write_text("# Title\n\n[gone](gone.md)\n")
    command = re.search(r"^docs:.*\n\t(.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert command is not None
    options = [word for word in command[1].split() if word.startswith("-")]
    assert "-W" in options
    assert build_main(["-q", "-W", str(source), str(tmp_path / "out")]) != 0
