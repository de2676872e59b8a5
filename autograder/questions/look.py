"""The pages as HTML. The environment escapes all values; rendered cells come as safe HTML."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from autograder.rendering.style import page_css

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Row:
    """A question in the list."""

    title: str
    notebook: str
    href: str
    answers: int
    waiting: int
    max_points: float


@dataclass(frozen=True)
class Card:
    """One answer with its form. ``html`` is the rendered answer."""

    number: int
    key: str
    name: str
    html: str
    points: str
    comment: str
    version: str
    waits: bool
    extra: float = 0.0
    notice: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Sheet:
    """The page of one question: one part of its answers.

    ``show`` is the kind of answers that are shown; ``counts`` are the numbers of all kinds.
    """

    title: str
    notebook: str
    path: str
    max_points: float
    asked: tuple[str, ...]
    sample: str
    rubric: str
    cards: tuple[Card, ...]
    show: str
    counts: dict[str, int]
    page: int
    pages: int
    form: str = ""
    nonce: str = ""


def list_page(assignment: str, rows: Sequence[Row]) -> str:
    """The list of questions."""
    return _render("list.html", assignment=assignment, rows=rows)


def question_page(assignment: str, sheet: Sheet) -> str:
    """A question with answers."""
    return _render(
        "question.html",
        assignment=assignment,
        sheet=sheet,
        safe=Markup,
        script=Markup((_TEMPLATES / "save.js").read_text(encoding="utf-8")),
    )


def failure_page(text: str) -> str:
    """A page with an error and its reason."""
    return _render("failure.html", text=text)


def _render(name: str, **values: object) -> str:
    css = Markup(page_css() + (_TEMPLATES / "questions.css").read_text(encoding="utf-8"))
    return _environment().get_template(name).render(css=css, **values)


@functools.cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True)
