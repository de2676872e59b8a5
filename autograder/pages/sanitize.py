"""Sanitise text from outside, so that it has no effect in a page.

Instructors open students' notebooks in their browsers, where a script could set grades.
"""

from __future__ import annotations

import re
from collections.abc import Container

import bleach
from bleach.css_sanitizer import CSSSanitizer

# An HTML parser starts a tag, a comment or a declaration only if one of these follows "<".
_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
# MathJax commands that write attributes or load extensions.
_TEX_COMMAND = re.compile(r"\\(?=(href|require|class|cssId|style|data|unicode|bbox)(?![A-Za-z]))")
_ATTACHMENT = re.compile(r"attachment:([^\s)\]>\"']*)", re.IGNORECASE)
_LINK_SCHEME = re.compile(r"\b(javascript|vbscript|data)(?=\s*[:&\\])", re.IGNORECASE)
# A link's address may contain character references.
_REFERENCE = re.compile(r"&(?=#|[A-Za-z][A-Za-z0-9]*;)")

_TAGS = frozenset(
    "a b br caption code dd details div dl dt em figcaption figure h3 h4 h5 h6 hr i img kbd li ol p"
    " pre s small span strong sub summary sup table tbody td th thead tr ul".split()
)
_CSS = frozenset(
    "align-items background background-color border border-bottom border-collapse border-color"
    " border-left border-radius border-right border-spacing border-top box-sizing color column-gap"
    " display flex flex-direction flex-wrap font font-family font-size font-style font-variant"
    " font-weight gap grid-template-columns height justify-content line-height list-style margin"
    " margin-bottom margin-left margin-right margin-top max-height max-width min-height min-width"
    " opacity overflow overflow-x overflow-y padding padding-bottom padding-left padding-right"
    " padding-top row-gap text-align text-decoration text-indent text-transform vertical-align"
    " white-space width word-break image-rendering overflow-wrap".split()
)


def inert_markdown(text: str, attachments: Container[str] = ()) -> str:
    """The same Markdown with raw HTML, scripted links and MathJax's HTML commands disabled.

    A space after each ``<`` that could open a tag is enough: no renderer can restore the tag, and
    formulas and comparisons read as before. References to pictures outside ``attachments`` are
    disabled too, because nbconvert would fail for the whole page.
    """
    text = _ATTACHMENT.sub(
        lambda found: found[0] if found[1] in attachments else found[0].replace(":", " :"), text
    )
    text = _TAG_START.sub("< ", text)
    text = _REFERENCE.sub("& ", text)
    text = _TEX_COMMAND.sub(r"\\ ", text)
    return _LINK_SCHEME.sub(r"\1 ", text)


def inert_html(html: str) -> str:
    """The same HTML with only text, tables, styles and pictures of the page itself."""
    clean: str = bleach.clean(
        html,
        tags=_TAGS,
        attributes=_keep_attribute,
        protocols=["data"],
        css_sanitizer=CSSSanitizer(allowed_css_properties=_CSS),
        strip=True,
        strip_comments=True,
    )
    return clean


def _keep_attribute(tag: str, name: str, value: str) -> bool:
    if tag == "img" and name == "src":
        return value.startswith("data:image/png;base64,")
    if name == "style":
        return "url" not in value.lower() and "\\" not in value  # no files from elsewhere
    if name in ("class", "title"):
        return True
    return (tag, name) in {
        ("details", "open"),
        ("img", "alt"),
        ("img", "height"),
        ("img", "width"),
        ("td", "colspan"),
        ("td", "rowspan"),
        ("th", "colspan"),
        ("th", "rowspan"),
        ("th", "scope"),
    }
