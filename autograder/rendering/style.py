"""The style sheet of pages."""

from __future__ import annotations

from pathlib import Path

from pygments.formatters import HtmlFormatter

from autograder.palette import custom_properties

TEMPLATES = Path(__file__).parent / "templates"
TEMPLATE = "course_feedback"


def page_css() -> str:
    """The page's style sheet, with colours of code for day and night."""
    day = HtmlFormatter(style="friendly").get_style_defs(".highlight")
    night = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    colours = "\n".join(line for line in day.splitlines() if line.startswith(".highlight ."))
    dark = "\n".join(line for line in night.splitlines() if line.startswith(".highlight ."))
    own = (TEMPLATES / TEMPLATE / "page.css").read_text(encoding="utf-8")
    rules = "\n".join((custom_properties(), own, colours))
    return f"{rules}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"
