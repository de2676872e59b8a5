"""Sanitise text from outside, so that it has no effect in a page.

Instructors open students' notebooks in their browsers, where a script could set grades.
"""

from __future__ import annotations

import re
from collections.abc import Container

import nh3

from autograder.lesson.hints import folded, folded_text

# An HTML parser starts a tag, a comment or a declaration only if one of these follows "<".
_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
# MathJax commands that write attributes or load extensions.
_TEX_COMMAND = re.compile(r"\\(?=(href|require|class|cssId|style|data|unicode|bbox)(?![A-Za-z]))")
_ATTACHMENT = re.compile(r"attachment:([^\s)\]>\"']*)", re.IGNORECASE)
_LINK_SCHEME = re.compile(r"\b(javascript|vbscript|data)(?=\s*[:&\\])", re.IGNORECASE)
# A link's address may contain character references.
_REFERENCE = re.compile(r"&(?=#|[A-Za-z][A-Za-z0-9]*;)")

_TAGS = set(
    "a b br caption code dd details div dl dt em figcaption figure h3 h4 h5 h6 hr i img kbd li ol p"
    " pre s small span strong sub summary sup table tbody td th thead tr ul".split()
)
_ATTRIBUTES = {
    "*": {"class", "style", "title"},
    "details": {"open"},
    "div": {"tabindex"},  # a part that scrolls needs the keyboard too
    "img": {"alt", "height", "src", "width"},
    "pre": {"tabindex"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_CSS = set(
    "align-items background background-color border border-bottom border-collapse border-color"
    " border-left border-radius border-right border-spacing border-top box-sizing color column-gap"
    " display flex flex-direction flex-wrap font font-family font-size font-style font-variant"
    " font-weight gap grid-template-columns height justify-content line-height list-style margin"
    " margin-bottom margin-left margin-right margin-top max-height max-width min-height min-width"
    " opacity overflow overflow-x overflow-y padding padding-bottom padding-left padding-right"
    " padding-top row-gap text-align text-decoration text-indent text-transform vertical-align"
    " white-space width word-break image-rendering overflow-wrap".split()
)
_CSS_FUNCTIONS = frozenset("calc hsl hsla linear-gradient minmax repeat rgb rgba var".split()) | {
    ""
}
_FUNCTION = re.compile(r"([\w-]*)\(")
_HIDING = re.compile(r"\\|/\*")


def inert_markdown(text: str, attachments: Container[str] = ()) -> str:
    """The same Markdown with raw HTML, scripted links and MathJax's HTML commands disabled.

    A space after each ``<`` that could open a tag is enough: no renderer can restore the tag, and
    formulas and comparisons read as before. References to pictures outside ``attachments`` are
    disabled too, because nbconvert would fail for the whole page. A hint stays folded.
    """
    hint = folded_text(text)
    return _inert(text, attachments) if hint is None else folded(_inert(hint, attachments))


def _inert(text: str, attachments: Container[str]) -> str:
    text = _ATTACHMENT.sub(
        lambda found: found[0] if found[1] in attachments else found[0].replace(":", " :"), text
    )
    text = _TAG_START.sub("< ", text)
    text = _REFERENCE.sub("& ", text)
    text = _TEX_COMMAND.sub(r"\\ ", text)
    return _LINK_SCHEME.sub(r"\1 ", text)


def inert_html(html: str) -> str:
    """The same HTML, reduced to text, tables, styles and pictures within the page."""
    return nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=set(),  # the text in a script is only text, once its tag is gone
        attributes=_ATTRIBUTES,
        attribute_filter=_keep_attribute,
        filter_style_properties=_CSS,
        url_schemes={"data"},
        link_rel=None,
    )


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute, or None if the page loses it."""
    if name == "src" and not value.startswith("data:image/png;base64,"):
        return None
    if name == "tabindex":
        return value if value == "0" else None
    if name == "style":
        # url(), src() and image-set() load files; escapes and comments can hide their names
        functions = {function.lower() for function in _FUNCTION.findall(value)}
        return value if functions <= _CSS_FUNCTIONS and not _HIDING.search(value) else None
    return value
