"""Hints: a text that is folded in a notebook until a student opens it."""

from __future__ import annotations

_HEAD = "<details>\n<summary>Stuck?</summary>\n\n"
_TAIL = "\n\n</details>"


def folded(text: str) -> str:
    """The Markdown of a hint, as a release has it."""
    return f"{_HEAD}{text}{_TAIL}"


def folded_text(source: str) -> str | None:
    """The text of a hint: the inverse of ``folded``; None for other Markdown."""
    if not (source.startswith(_HEAD) and source.rstrip().endswith(_TAIL)):
        return None
    return source.rstrip().removeprefix(_HEAD).removesuffix(_TAIL)
