"""One student's page: an autograded notebook as HTML that needs no script and no network."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from latex2mathml import converter as latex2mathml
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbgrader.preprocessors import GetGrades
from pygments.formatters import HtmlFormatter
from traitlets.config import Config

from autograder import nbgrader_names as nbgrader_names  # names are no patterns
from autograder.worked import visible_part

TEMPLATES = Path(__file__).parent / "templates"
_TEMPLATE = "course_feedback"
MAX_FORMULA = 2_000  # characters; longer ones stay as they were typed


class GetVerdicts(GetGrades):  # type: ignore[misc] # nbgrader is untyped
    """nbgrader's step that puts grades into the notebook; it also says which are not final."""

    def _get_score(self, cell: NotebookNode, resources: Any) -> None:
        super()._get_score(cell, resources)
        grade = self.gradebook.find_grade(
            cell.metadata.nbgrader.grade_id, self.notebook_id, self.assignment_id, self.student_id
        )
        cell.metadata.nbgrader["waiting"] = bool(grade.needs_manual_grade)


class FeedbackExporter(HTMLExporter):  # type: ignore[misc] # nbconvert is untyped
    """An autograded notebook as a page for its student. Hidden tests are left out."""

    def __init__(self, config: Config | None = None, **traits: Any) -> None:
        own = Config()
        own.FeedbackExporter.template_name = _TEMPLATE
        own.FeedbackExporter.extra_template_basedirs = [str(TEMPLATES)]
        merged = Config()
        merged.merge(config or Config())
        merged.merge(own)
        super().__init__(config=merged, **traits)

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any = None, **more: Any
    ) -> tuple[str, Any]:
        """The page, and nbconvert's resources."""
        for cell in nb.cells:
            if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
                cell.source = visible_part(cell.source)
        resources = self._init_resources(resources)
        resources["page_css"] = page_css()
        text, resources = super().from_notebook_node(nb, resources, **more)
        return text, resources

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Markdown as HTML, with formulas as MathML, which browsers draw without any script."""
        cell = context.get("cell", {})
        renderer = PageRenderer(
            escape=False,
            allow_harmful_protocols=False,
            attachments=cell.get("attachments", {}),
            exclude_anchor_links=True,
        )
        page: str = MarkdownWithMath(renderer=renderer).render(source)
        return page


class PageRenderer(IPythonRenderer):  # type: ignore[misc] # nbconvert is untyped
    """Renders formulas as MathML and pictures from elsewhere as links."""

    def block_math(self, body: str) -> str:
        return f"<div>{formula(body, 'block')}</div>\n"

    def inline_math(self, body: str) -> str:
        return formula(body, "inline")

    def latex_environment(self, name: str, body: str) -> str:
        tex = f"\\begin{{{name}}}{body}\\end{{{name}}}"
        return f"<div>{formula(tex, 'block')}</div>\n"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        page: str = super().image(text, url, title)
        if re.search(r'src="data:image/(png|jpeg);base64,', page):
            return page
        return str(self.link(html.escape(text) or "picture", url, title))


def formula(tex: str, display: str) -> str:
    """A formula as MathML, or as it was typed when it cannot be read.

    ``display`` is "inline" or "block".
    """
    typed = f"<code>{html.escape(tex)}</code>"
    if len(tex) > MAX_FORMULA:
        return typed
    try:
        return str(latex2mathml.convert(tex, display=display))
    except (Exception, RecursionError):  # a student may have typed anything
        return typed


def page_css() -> str:
    """The page's style sheet, and the colours of code by day and by night."""
    day = HtmlFormatter(style="friendly").get_style_defs(".highlight")
    night = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    colours = "\n".join(line for line in day.splitlines() if line.startswith(".highlight ."))
    dark = "\n".join(line for line in night.splitlines() if line.startswith(".highlight ."))
    own = (TEMPLATES / _TEMPLATE / "page.css").read_text(encoding="utf-8")
    return f"{own}\n{colours}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"
