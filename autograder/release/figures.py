"""The figures of a release: the worked notebook's figures that need no answer of the student.

With figures, a release can be read on GitHub and on a phone. A figure needs no answer if the
released notebook, in which each answer raises NotImplementedError, draws the same figure, byte for
byte. So no output in a release can depend on a reference answer or a hidden test. The comparison is
made once, when the worked notebook runs, and is kept in the metadata of its cells.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_solution

from autograder.release.small_png import small_png

FIGURE = "figure"  # the tag of a cell that draws
NEEDS_ANSWER = "needs_answer"  # metadata of a figure's cell in the worked notebook
FIGURE_BYTES = 40_000  # of one figure as it stands in a notebook, which is base64
NOTEBOOK_BYTES = 1_000_000  # of a released notebook with its figures
_SMALLER = (FIGURE_BYTES, FIGURE_BYTES // 2, FIGURE_BYTES // 4)


class ShowFigures(NbGraderPreprocessor):  # type: ignore[misc] # nbgrader is untyped
    """nbgrader's last step of a release: put the figures in. ``c.ShowFigures.enabled`` is a switch.

    The worked notebook is ``solutions/ASSIGNMENT/NOTEBOOK.ipynb`` in the course's folder. If it is
    missing or was made from other cells, the release has no figures, and the log says so.
    """

    def preprocess(
        self, notebook: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook with its figures."""
        facts = resources["nbgrader"]
        root = Path(self.parent.parent.coursedir.root)
        path = root / "solutions" / facts["assignment"] / f"{facts['notebook']}.ipynb"
        worked = nbformat.read(path, as_version=4) if path.is_file() else None
        if has_figures(notebook) and (worked is None or not fits(notebook, worked)):
            self.log.warning(
                "%s is released without figures: %s is not up to date. `autograder release %s` "
                "makes both.",
                facts["notebook"], path.relative_to(root), facts["assignment"],
            )  # fmt: skip
        return with_figures(notebook, worked), resources


def has_figures(notebook: NotebookNode) -> bool:
    """Whether the notebook has cells that draw."""
    return any(map(_is_figure, notebook.cells))


def fits(released: NotebookNode, worked: NotebookNode) -> bool:
    """Whether both notebooks have the same code, except for answers."""
    given, answers = _given_code(released), _answer_ids(released)
    return given == _given_code(worked, answers)


def with_figures(released: NotebookNode, worked: NotebookNode | None) -> NotebookNode:
    """A copy of the released notebook, with the worked notebook's figures that need no answer.

    A figure that does not fit into the limits is left out. If the worked notebook was made from
    other cells, all figures are left out.
    """
    notebook = deepcopy(released)
    if worked is None or not fits(released, worked):
        return notebook
    shown = {
        cell.id: _safe(cell.outputs)
        for cell in worked.cells
        if _is_figure(cell) and cell.metadata.get(NEEDS_ANSWER) is False
    }
    for most in _SMALLER:
        for cell in notebook.cells:
            if cell.id in shown and _is_figure(cell):
                cell.outputs = _small(shown[cell.id], most)
        if len(nbformat.writes(notebook)) < NOTEBOOK_BYTES:
            return notebook
    return deepcopy(released)


def mark_figures(worked: NotebookNode, released: NotebookNode) -> None:
    """Note in the worked notebook, which was run, which of its figures need no answer.

    ``released`` was run too, as students get it.
    """
    drawn = {cell.id: cell.outputs for cell in released.cells if _is_figure(cell)}
    for cell in filter(_is_figure, worked.cells):
        outputs = drawn.get(cell.id, [])
        same = _safe(outputs) == _safe(cell.outputs)
        cell.metadata[NEEDS_ANSWER] = not same or _failed(outputs)


def are_marked(worked: NotebookNode) -> bool:
    """Whether each figure in a worked notebook says if it needs an answer."""
    return all(NEEDS_ANSWER in cell.metadata for cell in filter(is_drawn, worked.cells))


def is_drawn(cell: NotebookNode) -> bool:
    """Whether a cell has drawn something."""
    return _is_figure(cell) and bool(_safe(cell.outputs))


def up_to_last_figure(notebook: NotebookNode) -> NotebookNode:
    """A copy without the cells after the last figure."""
    last = max((n for n, cell in enumerate(notebook.cells) if _is_figure(cell)), default=-1)
    kept = deepcopy(notebook)
    kept.cells = kept.cells[: last + 1]
    return kept


def same_release(one: bytes, other: bytes, suffix: str) -> bool:
    """Whether two released files are the same.

    Notebooks are, if their cells and metadata are, and the same cells show outputs of the same
    kinds. The bytes of a figure differ from machine to machine.
    """
    if one == other or suffix != ".ipynb":
        return one == other
    return _same(one, other, _kind)


def same_cells(one: bytes, other: bytes) -> bool:
    """Whether two released notebooks have the same cells and metadata, with any outputs."""
    return _same(one, other, lambda output: None)


def _same(one: bytes, other: bytes, summary: Callable[[dict[str, Any]], object]) -> bool:
    try:
        return bool(_summary(one, summary) == _summary(other, summary))
    except (ValueError, LookupError, TypeError):  # no notebook
        return False


def _summary(data: bytes, summary: Callable[[dict[str, Any]], object]) -> Any:
    plain = json.loads(data)
    cells = plain.get("cells", []) if isinstance(plain, dict) else []
    for cell in cells:
        if "outputs" in cell:
            cell["outputs"] = [kind for one in cell["outputs"] if (kind := summary(one))]
    return plain


def _kind(output: dict[str, Any]) -> object:
    return output["output_type"], output.get("name", ""), sorted(output.get("data", {}))


def _is_figure(cell: NotebookNode) -> bool:
    return bool(cell.cell_type == "code" and FIGURE in cell.metadata.get("tags", []))


def _given_code(
    notebook: NotebookNode, answers: frozenset[str] = frozenset()
) -> list[tuple[str, str]]:
    return [
        (cell.id, cell.source.rstrip())
        for cell in notebook.cells
        if cell.cell_type == "code" and not is_solution(cell) and cell.id not in answers
    ]


def _answer_ids(released: NotebookNode) -> frozenset[str]:
    return frozenset(cell.id for cell in released.cells if is_solution(cell))


def _failed(outputs: list[NotebookNode]) -> bool:
    return any(one.output_type == "error" for one in outputs)


def _safe(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The pictures and the printed text; nothing else reaches a release."""
    kept = []
    for one in outputs:
        data = one.get("data", {})
        if one.output_type == "stream" and one.name == "stdout":
            kept.append(new_output("stream", name="stdout", text=one.text))
        elif "image/png" in data:
            kept.append(new_output("display_data", {"image/png": data["image/png"].strip()}))
        elif "text/plain" in data:
            kept.append(new_output("display_data", {"text/plain": data["text/plain"]}))
    return kept


def _small(outputs: list[NotebookNode], most: int) -> list[NotebookNode]:
    """The outputs with small pictures; without a picture or text that is too long."""
    kept = []
    for one in outputs:
        png = one.get("data", {}).get("image/png")
        if png is not None:
            if (made := _small_picture(png, most)) is not None:
                kept.append(made)
        elif len(one.get("text", "") + one.get("data", {}).get("text/plain", "")) <= most:
            kept.append(deepcopy(one))
    return kept


def _small_picture(png: str, most: int) -> NotebookNode | None:
    try:
        found = small_png(base64.b64decode(png), most // 4 * 3)
    except binascii.Error:
        return None
    if found is None:
        return None
    size = {"image/png": {"width": found.width, "height": found.height}} if found.is_scaled else {}
    data = {"image/png": base64.b64encode(found.data).decode()}
    return new_output("display_data", data, metadata=size)
