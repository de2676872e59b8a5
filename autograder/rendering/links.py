"""Links between the pages of one student and assignment. They are relative, so folders can move."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True)
class PageLink:
    """A notebook's page."""

    name: str
    href: str


@dataclass(frozen=True)
class PageLinks:
    """The links of a notebook's page.

    ``here`` is its notebook and ``start`` its start page. ``after`` is the next page with a
    mistake, of the notebook ``after_name``. An empty link is left out.
    """

    assignment: str = ""
    here: str = ""
    start: str = ""
    pages: tuple[PageLink, ...] = ()
    after: str = ""
    after_name: str = ""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> PageLinks:
        """The inverse of ``dataclasses.asdict``."""
        return cls(**{**data, "pages": tuple(PageLink(**page) for page in data["pages"])})


def links_of(
    assignment: str, here: str, notebooks: Sequence[str], with_mistakes: Collection[str]
) -> PageLinks:
    """The links of the page of the notebook ``here``; ``notebooks`` are in the order of the pages.

    The next page with a mistake is one of the later notebooks: the last page leads back to the
    start page.
    """
    later = notebooks[notebooks.index(here) + 1 :]
    after = next((name for name in later if name in with_mistakes), "")
    return PageLinks(
        assignment,
        here,
        quote(os.fsencode(start_name(notebooks))),
        tuple(PageLink(name, href_of(name)) for name in notebooks),
        href_of(after) if after else "",
        after,
    )


def start_name(notebooks: Collection[str]) -> str:
    """The name of the start page's file; no notebook's page has it, in upper or lower case."""
    taken = {name.casefold() for name in notebooks}
    name = "index"
    while name in taken:
        name += "-"
    return f"{name}.html"


def href_of(notebook: str) -> str:
    """The relative address of a notebook's page."""
    return quote(os.fsencode(f"{notebook}.html"))
