"""The templates and the style sheet of pages."""

from __future__ import annotations

import functools
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from pygments.formatters import HtmlFormatter

from autograder.palette import custom_properties

TEMPLATES = Path(__file__).parent / "templates"
TEMPLATE = "course_feedback"
CODE_BY_DAY, CODE_BY_NIGHT = "xcode", "lightbulb"  # every colour has a contrast of 4.5


@functools.cache
def page_css() -> str:
    """The page's style sheet, with colours of code for day and night."""
    day = HtmlFormatter(style=CODE_BY_DAY).get_style_defs(".highlight")
    night = HtmlFormatter(style=CODE_BY_NIGHT).get_style_defs(".highlight")
    colours = "\n".join(line for line in day.splitlines() if line.startswith(".highlight ."))
    dark = "\n".join(line for line in night.splitlines() if line.startswith(".highlight ."))
    own = (TEMPLATES / TEMPLATE / "page.css").read_text(encoding="utf-8")
    rules = "\n".join((custom_properties(), own, colours))
    return f"{rules}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}"


@functools.cache
def templates() -> Environment:
    """The templates of the pages that need no nbconvert. The environment escapes all values."""
    return Environment(loader=FileSystemLoader(TEMPLATES / TEMPLATE), autoescape=True)
