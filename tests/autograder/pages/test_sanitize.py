from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters import markdown2html

from autograder.checks import check
from autograder.checks.report import plain_html
from autograder.lesson.hints import folded
from autograder.pages.sanitize import inert_html, inert_markdown

HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT\n>alert(1)</SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "text <svg/onload=alert(1)> text",
    "<!-- --><iframe srcdoc='<script>alert(1)</script>'>",
    "$a$ <details open ontoggle=alert(1)>",
    "\\begin{align}<img src=x onerror=alert(1)>\\end{align}",
    "$$\\href{javascript:alert(1)}{x}$$",
    "[x](javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](java&#x73;cript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](javascript\\:alert(1))",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "[x][y]\n\n[y]: java&#115;cript:alert(1)",
    '![" onerror=alert(1) x="](a.png)',
    '[a](http://x "t\\" onclick=alert(1) x=\\"")',
    "<javascript:alert(1)>",
    "`<b>` <b>",
    "```html\n<script>alert(1)</script>\n```\n<script>",
    "a\n\n    <script>x</script>\n\n<script>y</script>",
    "| a |\n|---|\n| <script>x</script> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]
ALLOWED = set(
    "a p pre code div span em strong ul ol li img table thead tbody tr th td h1 h2 h3 h4 h5 h6 br"
    " hr blockquote del".split()
)


def is_harmless(page: str) -> bool:
    """No element but Markdown's own, no event handler, no link that runs."""
    for tag in re.findall(r"<[^>]*>", page):
        name = re.match(r"</?([A-Za-z0-9]*)", tag)
        if not name or name[1].lower() not in ALLOWED:
            return False
        names = re.findall(r'\s([\w-]+)="', tag)
        if any(attribute.lower().startswith("on") for attribute in names):
            return False
        for address in re.findall(r'(?:href|src)="([^"]*)"', tag):
            plain = re.sub(r"[\x00-\x20]", "", html.unescape(address)).lower()
            if re.match(r"(javascript|vbscript|data):", plain):
                return False
    return True


def test_the_judge_of_these_tests_sees_what_is_harmful() -> None:
    assert not is_harmless(markdown2html("<script>alert(1)</script>"))
    assert not is_harmless(markdown2html("[x](java&#115;cript:alert(1))"))


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_students_text_can_act_once_it_is_a_page(text: str) -> None:
    assert is_harmless(markdown2html(inert_markdown(text)))


@given(
    st.lists(st.sampled_from([*HOSTILE, "<", ">", "&", "`", "$", "\n\n", "\\", "a"]), max_size=6)
)
def test_no_mixture_of_them_can_either(parts: list[str]) -> None:
    assert is_harmless(markdown2html(inert_markdown("".join(parts))))


@pytest.mark.parametrize(
    "text",
    [
        "Because $a < b$ and *addition* commutes: `x[1:2]`.",
        "- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |",
        "[the lecture](https://example.org/?a=1&b=2), R&D, 1 <2",
        "\\begin{align} a &= b \\\\ &= c \\end{align}",
    ],
)
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert inert_markdown(text) == text


def test_a_hint_stays_folded_and_its_text_is_inert() -> None:
    assert inert_markdown(folded("Is a < b?")) == folded("Is a < b?")
    hostile = folded(folded("<script>alert(1)</script>"))
    assert inert_markdown(hostile) == folded(_without_tags(hostile))


def _without_tags(hostile: str) -> str:
    inner = hostile.removeprefix("<details>\n<summary>Stuck?</summary>\n\n")
    return re.sub(r"<(?=[A-Za-z/])", "< ", inner.removesuffix("\n\n</details>"))


def test_comparisons_without_spaces_stay_readable() -> None:
    assert inert_markdown("if $a<b$ then") == "if $a< b$ then"


class Reader(HTMLParser):
    """Tags with their attributes, as a browser reads them; styles as a table."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found: dict[str, Any] = dict(attrs)
        if "style" in found:
            found["style"] = {
                name.strip(): re.sub(r"\s*,\s*", ", ", value.strip())
                for name, _, value in (
                    part.partition(":") for part in found["style"].split(";") if part.strip()
                )
            }
        self.tags.append((tag, found))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> tuple[list[tuple[str, dict[str, Any]]], str]:
    reader = Reader(page)
    return reader.tags, reader.text


def test_a_checks_page_keeps_its_tables_styles_and_pictures() -> None:
    picture = "iVBORw0KGgo="
    page = (
        '<div style="color: #9a6700; font-family: monospace;"><table><tbody><tr>'
        f'<td colspan="2">1</td></tr></tbody></table>'
        f'<img src="data:image/png;base64,{picture}" alt="difference"></div>'
    )
    assert read(inert_html(page)) == read(page)


def test_a_part_that_scrolls_can_be_reached_by_keyboard_in_its_place_only() -> None:
    assert inert_html('<pre tabindex="0">a</pre>') == '<pre tabindex="0">a</pre>'
    assert inert_html('<pre tabindex="5">a</pre>') == "<pre>a</pre>"


def test_a_checks_own_report_keeps_every_tag_style_and_text() -> None:
    wrong = check(
        lambda x: x * 2 + torch.arange(4.0).view(2, 2),
        lambda x: x * 2,
        lambda draw: draw.tensor(2, 2),
        points=1,
        groups={"a < b & c": {}},
        extras=None,
        name="f",
    ).html
    assert "<td" in wrong and "var(--ag-over3, " in wrong and ' tabindex="0"' in wrong
    tags, text = read(inert_html(wrong))
    # a browser adds the body of a table too
    assert ([one for one in tags if one[0] != "tbody"], text) == read(wrong)
    assert read(inert_html(plain_html("a  <b>\n c"))) == read(plain_html("a  <b>\n c"))


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        ("<script>alert(1)</script>", "alert(1)"),
        ('<p tabindex="0">a</p>', "<p>a</p>"),
        ("<style>p { color: red }</style>", "p { color: red }"),
        ('<img src="https://example.org/x.png">', "<img>"),
        ('<img src="//example.org/x.png">', "<img>"),
        ('<img src="data:image/svg+xml;base64,AA" onerror="x">', "<img>"),
        ('<img src="data:text/html;base64,AA">', "<img>"),
        ('<img srcset="https://example.org/x.png 1x">', "<img>"),
        ('<p onclick="x" style="background: url(https://example.org)">a</p>', "<p>a</p>"),
        ('<p style="background: u\\72l(https://example.org)">a</p>', "<p>a</p>"),
        ("<p style=\"background: image-set('https://example.org' 1x)\">a</p>", "<p>a</p>"),
        ("<p style=\"background: image-set/**/('https://example.org' 1x)\">a</p>", "<p>a</p>"),
        ("<p style=\"background: src('https://example.org')\">a</p>", "<p>a</p>"),
        ('<p style="width: expression(alert(1))">a</p>', "<p>a</p>"),
        ('<p style="position: fixed; color: red">a</p>', '<p style="color:red">a</p>'),
        ('<p style="color: red; @import \'https://example.org\'">a</p>', '<p style="color:red">a</p>'),
        ('<p style="--paper: red; color: red">a</p>', '<p style="color:red">a</p>'),
        ('<p id="top" name="x" data-x="y">a</p>', "<p>a</p>"),
        ('<a href="javascript:alert(1)">a</a>', "<a>a</a>"),
        ('<a href="https://example.org">a</a>', "<a>a</a>"),
        ("<svg onload=alert(1)><script>alert(1)</script></svg>a", "a"),
        ("<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>", ""),
        ("<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", ""),
        ("<iframe srcdoc='<script>alert(1)</script>'></iframe>a", "a"),
        ("<form action=https://example.org><input name=a><button>b</button></form>", "b"),
        ("<base href=https://example.org><meta http-equiv=refresh content=0>a", "a"),
        ("<object data=https://example.org></object><embed src=https://example.org>a", "a"),
        ("a<!-- <b> -->b", "ab"),
        ("<![CDATA[<script>alert(1)</script>]]>a", ""),
    ],
)  # fmt: skip
def test_a_checks_page_loses_what_could_act(page: str, kept: str) -> None:
    clean = inert_html(page)
    assert clean.startswith(kept)
    for _, attributes in Reader(clean).tags:
        assert attributes.keys() <= {"style", "title"}
        assert not re.search(r"example.org|script:", str(attributes))
    assert {tag for tag, _ in Reader(clean).tags} <= {"p", "a", "img", "b", "table"}


@given(
    st.text() | st.lists(st.sampled_from([*HOSTILE, '<p style="', '">', "</", "<!--"])).map("".join)
)
def test_a_clean_page_stays_as_it_is(page: str) -> None:
    clean = inert_html(page)
    assert inert_html(clean) == clean


def test_a_picture_that_is_not_attached_does_not_stop_the_page() -> None:
    assert is_harmless(markdown2html(inert_markdown("![](attachment:gone.png)")))
    assert is_harmless(markdown2html(inert_markdown("![](attachment:a.png%20b)", {"a.png"})))
    text = "![](attachment:a.png)"
    assert inert_markdown(text, {"a.png"}) == text
