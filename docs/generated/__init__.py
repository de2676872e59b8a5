"""Reference pages, made from the code when the documentation is built.

A page asks for a part with the directive ``generated``::

    ```{generated} commands autograder
    ```

The part's text is Markdown. Each module makes one part and can be tested without Sphinx.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from docs.generated import checks, commands, http_api, out_json, settings

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

PARTS: dict[str, Callable[[], str]] = {
    "commands autograder": commands.autograder,
    "commands classroom": commands.classroom,
    "settings": settings.markdown,
    "out.json": out_json.markdown,
    "checks": checks.markdown,
    "http api": http_api.markdown,
}


def setup(app: Sphinx) -> dict[str, object]:
    """Add the directive to Sphinx."""
    from sphinx.util.docutils import SphinxDirective

    class Generated(SphinxDirective):
        """A part of the reference; its argument is a key of PARTS."""

        required_arguments: ClassVar[int] = 1
        final_argument_whitespace: ClassVar[bool] = True

        def run(self) -> list[nodes.Node]:
            name = " ".join(self.arguments[0].split())
            if name not in PARTS:
                raise self.error(f"no part {name!r}; there are {', '.join(PARTS)}")
            return self.parse_text_to_nodes(PARTS[name](), allow_section_headings=True)

    app.add_directive("generated", Generated)
    return {"version": "1", "parallel_read_safe": True}
