"""Pages of the site that stand elsewhere in the repository, and links to files that do not.

The site shows CONTRIBUTING.md, SECURITY.md and CHANGELOG.md, which stand at the top of the
repository, on pages of its own. Links between all pages are made to fit. A link to a file that is
not on the site becomes its words.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]
# The page in docs/ that shows a file at the top of the repository. The README is for GitHub.
SHOWN = {
    "CHANGELOG.md": "changes.md",
    "CONTRIBUTING.md": "contributing.md",
    "README.md": "index.md",
    "SECURITY.md": "reporting.md",
}
TAKEN = {page.removesuffix(".md"): file for file, page in SHOWN.items() if page != "index.md"}
_CODE = re.compile(r"(^```.*?^```|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?![a-z]+:)([^)#\s]+)(#[^)\s]*)?\)")


def relinked(text: str, place: str, page: str) -> str:
    """The text with links that fit the site.

    ``place`` is the text's folder in the repository and ``page`` its page on the site, below docs/.
    """
    folder = posixpath.dirname(page)

    def replaced(link: re.Match[str]) -> str:
        mark, words, target, anchor = link.groups()
        path = posixpath.normpath(posixpath.join(place, target))
        below = SHOWN.get(path) or (path.removeprefix("docs/") if path.startswith("docs/") else "")
        if not below:
            return words
        return f"{mark}[{words}]({posixpath.relpath(below, folder or '.')}{anchor or ''})"

    parts = _CODE.split(text)
    return "".join(
        part if number % 2 else _LINK.sub(replaced, part) for number, part in enumerate(parts)
    )


def setup(app: Sphinx) -> dict[str, object]:
    """Take the texts, and change the links of each page when Sphinx reads it."""

    def read(app: Sphinx, name: str, source: list[str]) -> None:
        if name in TAKEN:
            app.env.note_dependency(str(ROOT / TAKEN[name]))
            source[0] = relinked((ROOT / TAKEN[name]).read_text(encoding="utf-8"), "", name)
        else:
            source[0] = relinked(source[0], posixpath.dirname(f"docs/{name}"), name)

    app.connect("source-read", read)
    return {"version": "1", "parallel_read_safe": True}
