"""A student's page: an autograded notebook as HTML that needs no scripts and no network."""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from latex2mathml import converter as latex2mathml
from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbconvert.filters import Highlight2HTML, ansi2html
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbgrader.api import MissingEntry
from nbgrader.preprocessors import GetGrades
from traitlets.config import Config

from autograder.nbgrader_api import paths as paths  # names are not patterns
from autograder.records.notes import Note, notes_on, read_notes
from autograder.records.recorded_grades import read_notebook
from autograder.release.solutions import visible_part
from autograder.rendering.links import PageLinks
from autograder.rendering.rendered_texts import RenderedTexts
from autograder.rendering.style import TEMPLATE, TEMPLATES, page_css
from autograder.rendering.verdicts import PageVerdicts, is_try, verdicts_of

MAX_FORMULA = 2_000  # characters; a longer formula is shown as plain text
MAX_RENDERED = 60_000  # characters of one text or of one cell's code; more is shown as plain text
MAX_TROUBLES = 20
MAX_SHORT = 30  # characters of a formula in a line that fits the screen of a phone
_BOX = re.compile(r"<pre(?=[ >])")


class GetVerdicts(GetGrades):  # type: ignore[misc] # nbgrader is untyped
    """nbgrader's step that puts grades into the notebook; it also marks open grades.

    nbgrader asks the gradebook for each cell; this class reads all grades of the notebook at once.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        asked = resources["nbgrader"]
        self._recorded = read_notebook(
            asked["db_url"], asked["student"], asked["assignment"], asked["notebook"]
        )
        for number, cell in enumerate(nb.cells):
            nb.cells[number], resources = self.preprocess_cell(cell, resources, number)
        asked["score"] = self._recorded.score
        asked["max_score"] = self._recorded.max_score
        asked["late_penalty"] = self._recorded.late_penalty
        asked["who"] = self._recorded.who or asked["student"]
        return nb, resources

    def _get_comment(self, cell: NotebookNode, resources: Any) -> None:
        name = cell.metadata.nbgrader.grade_id
        if name not in self._recorded.comments:
            raise MissingEntry(f"No such comment: {name}")
        cell.metadata.nbgrader["comment"] = self._recorded.comments[name]

    def _get_score(self, cell: NotebookNode, resources: Any) -> None:
        name = cell.metadata.nbgrader.grade_id
        if name not in self._recorded.grades:
            raise MissingEntry(f"No such grade: {name}")
        grade = self._recorded.grades[name]
        cell.metadata.nbgrader.update(
            score=grade.score, points=grade.max_score, waiting=grade.waiting
        )


class OutOfTime(BaseException):
    """A part of a page takes too long; a BaseException, so that libraries do not catch it."""


class FeedbackExporter(HTMLExporter):  # type: ignore[misc] # nbconvert is untyped
    """An autograded notebook as a page for its student, without hidden tests.

    A cell that cannot be rendered is shown as plain text, and ``troubles`` names it with the
    reason. ``clock`` returns the context in which each part is rendered; the context may raise
    OutOfTime. ``links`` lead to other pages, ``remark`` tells about the time of the hand-in.
    ``verdicts`` are the exercises of the last page.
    """

    def __init__(self, config: Config | None = None, **traits: Any) -> None:
        own = Config()
        own.FeedbackExporter.template_name = TEMPLATE
        own.FeedbackExporter.optimistic_validation = (
            True  # the notebook is checked once, at the end
        )
        own.FeedbackExporter.extra_template_basedirs = [str(TEMPLATES)]
        merged = Config()
        merged.merge(config or Config())
        merged.merge(own)
        self.clock: Callable[[], AbstractContextManager[None]] = nullcontext
        self.troubles: list[str] = []
        self.links = PageLinks()
        self.remark = ""
        self.verdicts = PageVerdicts("", ())
        self.texts = RenderedTexts()
        self._positions: dict[str, int] = {}
        super().__init__(config=merged, **traits)

    def default_filters(self) -> Iterator[tuple[str, Callable[..., str]]]:
        """nbconvert's filters, and the filters of the course's template."""
        yield from super().default_filters()
        yield "page_text", self._text
        yield "page_code", self._code
        yield "page_printed", self._printed
        yield "page_check", focusable

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any = None, **more: Any
    ) -> tuple[str, Any]:
        """The page, and nbconvert's resources."""
        self.troubles = []
        for cell in nb.cells:
            if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
                shown = visible_part(cell.source)
                cell.source = shown if _has_code(shown) else ""  # a remark about hidden tests
        self._positions = {cell.get("id", ""): n for n, cell in enumerate(nb.cells, 1)}
        resources = self._init_resources(resources)
        resources["page_css"] = page_css()
        resources["links"] = self.links
        resources["remark"] = self.remark
        self._nb_metadata.clear()  # nbconvert keeps one entry for each notebook
        # not HTMLExporter's, which parses the page again to add labels of nbconvert's own templates
        text, resources = TemplateExporter.from_notebook_node(self, nb, resources, **more)
        return text, resources

    def _preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """nbconvert's steps; then the verdicts, for which the grades must be in the notebook."""
        nb, resources = super()._preprocess(nb, resources)
        self.verdicts = verdicts_of(nb)
        resources["verdicts"] = self.verdicts
        resources["by_cell"] = self.verdicts.by_cell()
        resources["notes"] = _notes(nb)
        resources["notes_above"], resources["notes_at"] = _instructors_notes(
            self.verdicts, resources
        )
        resources["is_try"] = is_try
        return nb, resources

    def cell(self, cell: NotebookNode) -> str:
        """One cell of text or code as HTML, as it looks on a page."""
        self.troubles = []
        return self._code(cell) if cell.cell_type == "code" else self._text(cell.source, cell)

    def _text(self, source: str, cell: NotebookNode) -> str:
        """Markdown as HTML, with formulas as MathML, which browsers draw without scripts."""

        def render() -> str:
            renderer = PageRenderer(
                escape=False,
                allow_harmful_protocols=False,
                attachments=cell.get("attachments", {}),
                exclude_anchor_links=True,
            )
            return str(MarkdownWithMath(renderer=renderer).render(source))

        if cell.get("attachments"):  # the text alone does not decide how it looks
            return self._guarded(source, cell, render)
        return self._guarded(source, cell, lambda: self.texts.html("text", source, render))

    def _code(self, cell: NotebookNode) -> str:
        """A cell's code in colours."""

        def render() -> str:
            return focusable(str(_highlighter()(cell.source)))

        return self._guarded(
            cell.source, cell, lambda: self.texts.html("code", cell.source, render)
        )

    def _printed(self, text: str, cell: NotebookNode) -> str:
        """Printed text, with the colours of a terminal."""
        return self._guarded(text, cell, lambda: str(ansi2html(text)))

    def _guarded(self, typed: str, cell: NotebookNode, render: Callable[[], str]) -> str:
        """The result of ``render`` for a text, or the plain text if rendering fails."""
        try:
            if len(typed) > MAX_RENDERED:
                raise ValueError(f"longer than {MAX_RENDERED:,} characters")
            with self.clock():
                return render()
        except OutOfTime:
            reason = "it takes too long to render"
        except Exception as error:  # any text, rendered by other libraries: any error is possible
            reason = explained(error)
        number = self._positions.get(cell.get("id", ""))
        where = f"cell {number}" if number else "a cell"
        if len(self.troubles) < MAX_TROUBLES:
            self.troubles.append(f"{where} is shown as it was typed ({reason})")
        return f'<pre class="printed" tabindex="0">{html.escape(typed[:MAX_RENDERED])}</pre>'


def _notes(notebook: NotebookNode) -> list[str]:
    """The grader's notes on the file, if the notebook has them in a cell of their own."""
    marked = any(cell.metadata.get("autograder", {}).get("notes") for cell in notebook.cells)
    notes = notebook.metadata.get("autograder", {}).get("notes", []) if marked else []
    return [str(note) for note in notes]


def _instructors_notes(
    verdicts: PageVerdicts, resources: Any
) -> tuple[list[Note], dict[str, list[Note]]]:
    """The instructor's notes above the notebook, and those at a graded cell by its grade_id.

    A note stands at the first graded cell of its exercise.
    """
    asked = resources.get("nbgrader", {})
    if "db_url" not in asked:
        return [], {}
    cells: dict[str, str] = {}
    for one in verdicts.exercises:
        cells.setdefault(one.title, one.grade_id)
    above: list[Note] = []
    at_cell: dict[str, list[Note]] = {}
    notes = read_notes(asked["db_url"], asked["student"], asked["assignment"])
    for note in notes_on(notes, asked["notebook"]):
        place = at_cell.setdefault(cells[note.exercise], []) if note.exercise in cells else above
        place.append(note)
    return above, at_cell


def focusable(html: str) -> str:
    """The same HTML; its boxes of code can be reached by the keyboard, which then scrolls them."""
    return _BOX.sub(r'<pre tabindex="0"', html)


def _has_code(source: str) -> bool:
    """Whether a cell holds more than comments."""
    return any(line.strip() and not line.lstrip().startswith("#") for line in source.splitlines())


def explained(error: BaseException) -> str:
    """An error in one short line."""
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@functools.cache
def _highlighter() -> Highlight2HTML:
    return Highlight2HTML(pygments_lexer="ipython3")


class PageRenderer(IPythonRenderer):  # type: ignore[misc] # nbconvert is untyped
    """Renders formulas as MathML, and pictures from other sites as links."""

    def block_math(self, body: str) -> str:
        return f'<div class="wide" tabindex="0">{formula(body, "block")}</div>\n'

    def inline_math(self, body: str) -> str:
        drawn = formula(body, "inline")
        return (
            drawn if len(body) <= MAX_SHORT else f'<span class="wide" tabindex="0">{drawn}</span>'
        )

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    def table(self, text: str) -> str:
        return f'<div class="wide" tabindex="0"><table>\n{text}</table></div>\n'

    def block_code(self, code: str, info: str | None = None) -> str:
        return focusable(str(super().block_code(code, info)))

    def image(self, text: str, url: str, title: str | None = None) -> str:
        if (
            url.startswith("attachment:")
            and url.removeprefix("attachment:") not in self.attachments
        ):
            return f"<em>[a picture that is not in the notebook: {html.escape(text)}]</em>"
        page: str = super().image(text, url, title)
        if re.search(r'src="data:image/(png|jpeg|gif|webp);base64,', page):
            return page
        return str(self.link(html.escape(text) or "picture", url, title))


def formula(tex: str, display: str) -> str:
    """A formula as MathML, or as plain text if it cannot be parsed.

    ``display`` is "inline" or "block".
    """
    typed = f"<code>{html.escape(tex)}</code>"
    if len(tex) > MAX_FORMULA:
        return typed
    try:
        return str(latex2mathml.convert(tex, display=display))
    except (Exception, RecursionError):  # a student may have typed any text
        return typed
