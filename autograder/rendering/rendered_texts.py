"""Texts that were rendered before: prose and given code are the same for every student."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

MAX_CHARACTERS = 30_000_000  # of all kept texts and their HTML together


class RenderedTexts:
    """The HTML of texts, by their kind and their exact characters.

    The HTML of a text depends on nothing else, so it is the same for every student. The texts that
    were not used for the longest time are forgotten first.
    """

    def __init__(self, max_characters: int = MAX_CHARACTERS) -> None:
        self.rendered = 0  # texts that were not found here
        self._most = max_characters
        self._size = 0
        self._kept: OrderedDict[tuple[str, str], str] = OrderedDict()

    def html(self, kind: str, text: str, render: Callable[[], str]) -> str:
        """The kept HTML of a text, else the result of ``render``, whose errors pass through."""
        key = (kind, text)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        self.rendered += 1
        made = render()
        self._kept[key] = made
        self._size += len(text) + len(made)
        while self._size > self._most:
            (_, old), old_html = self._kept.popitem(last=False)
            self._size -= len(old) + len(old_html)
        return made
