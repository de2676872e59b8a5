"""The autograded notebook: the student's cells, and the trusted tests with their results.

nbgrader's formgrader and feedback read this file, so it follows nbgrader's rules. Instructors open
it in the browser in which they set grades, so content from a student must not be active.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from autograder.atomic_write import write_whole
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.files.pictures import PictureRoom, picture_of, with_pictures
from autograder.pages.sanitize import inert_html, inert_markdown
from autograder.release.instructor import trusted_notebook
from autograder.results import CellOutput, NotebookResult, Outcome, TestResult

MAX_PRINTED = 20_000  # characters of one cell's text or output that a page shows
MAX_CODE = 50_000  # characters of one code cell that a page shows
MAX_SHOWN = 2_000_000  # characters of a submission's text, code and output that a page shows
MAX_CELLS = 1_000  # the student's own cells that a page shows
MAX_PICTURES = 8  # pictures of one cell that a page shows


def write_autograded(
    course: Course,
    bundle: NotebookBundle,
    submission: NotebookNode | None,
    result: NotebookResult,
    placement: Mapping[str, int],
    trusted: NotebookNode | None = None,
) -> Path:
    """Write ``autograded/STUDENT/ASSIGNMENT/NOTEBOOK.ipynb`` and return its path.

    ``placement`` maps the grade_id of each source cell to its position in the submission. A source
    cell without a position is put back into its place. Without a submission, the notebook is the
    released one with the verdict in it.
    """
    notebook = autograded_notebook(course, bundle, submission, result, placement)
    path = course.autograded / result.student / result.assignment / f"{result.notebook}.ipynb"
    # A student's text may hold half of a surrogate pair, which cannot be encoded.
    write_whole(path, (nbformat.writes(notebook) + "\n").encode("utf-8", "replace"))
    return path


def autograded_notebook(
    course: Course,
    bundle: NotebookBundle,
    submission: NotebookNode | None,
    result: NotebookResult,
    placement: Mapping[str, int],
    trusted: NotebookNode | None = None,
) -> NotebookNode:
    """The same notebook, without a file."""
    trusted = deepcopy(trusted) if trusted else trusted_notebook(course, bundle)
    notebook = nbformat.v4.new_notebook(metadata=trusted.metadata)
    notebook.nbformat_minor = 5
    notebook.metadata["autograder"] = _summary(result)
    if submission is None:
        cells = [(_grade_id(cell), cell) for cell in trusted.cells]
    else:
        cells = _merge(trusted, submission, result, placement)
    verdicts = {test.grade_id: test for test in result.tests}
    tried = {test.grade_id: test for test in result.tries}
    for grade_id, cell in cells:
        if grade_id in verdicts:
            cell.metadata["autograder"] = _facts_of_test(verdicts[grade_id])
            if cell.cell_type == "code":
                cell.outputs = _verdict_outputs(verdicts[grade_id])
        elif grade_id in tried:
            cell.metadata["autograder"] = _facts_of_try(tried[grade_id])
            cell.outputs = _outputs_of_try(tried[grade_id])
    notebook.cells = [cell for _, cell in cells]
    if notes := tuple(result.public()["notes"]):
        notebook.cells.insert(0, _notes_cell(notes))
    _number(notebook)
    nbformat.validate(notebook)
    return notebook


def _merge(
    trusted: NotebookNode,
    submission: NotebookNode,
    result: NotebookResult,
    placement: Mapping[str, int],
) -> list[tuple[str, NotebookNode]]:
    """The student's cells in order, with each source cell in place of its copy."""
    sources = {_grade_id(cell): cell for cell in trusted.cells if _grade_id(cell)}
    given = {cell.source.strip() for cell in trusted.cells if not _grade_id(cell)}
    found = {index: grade_id for grade_id, index in placement.items() if grade_id in sources}
    for index, cell in enumerate(submission.cells):  # given cells stay in the place of their copy
        if (grade_id := _grade_id(cell)) in sources and grade_id not in found.values():
            found.setdefault(index, grade_id)
    cells: list[tuple[str, NotebookNode]] = []
    room = _Room()
    for index, cell in enumerate(submission.cells):
        grade_id = found.get(index, "")
        if not grade_id and not room.takes_another():
            continue
        own = _students_cell(cell, result.outputs.get(index), room, is_needed=bool(grade_id))
        if own.cell_type == "code" and own.source.strip() in given:
            own.metadata["autograder"] = {"given": True}  # a page may leave out a part of it
        cells.append((grade_id, _laid_over(sources[grade_id], own) if grade_id else own))
    present = {grade_id for grade_id, _ in cells}
    position = 0
    for grade_id, source in sources.items():
        if grade_id in present:
            position = [name for name, _ in cells].index(grade_id) + 1
        else:
            if source.metadata.nbgrader.solution:
                source = _emptied(source)
            cells.insert(position, (grade_id, source))
            position += 1
    return cells


def _laid_over(source: NotebookNode, own: NotebookNode) -> NotebookNode:
    """A student's copy of a source cell, changed as nbgrader's OverwriteCells does."""
    if not source.metadata.nbgrader.solution:
        return source  # tests and locked cells keep only the source's text
    if source.cell_type == "markdown":
        cell = new_markdown_cell(own.source)
        if own.cell_type == "markdown" and own.get("attachments"):
            cell.attachments = own.attachments
    else:
        outputs = own.outputs if own.cell_type == "code" else []
        cell = new_code_cell(own.source, outputs=outputs)
    cell.metadata = source.metadata
    cell.id = source.id
    return cell


def _emptied(source: NotebookNode) -> NotebookNode:
    """An answer that the submission lacks; for an open question, nbgrader scores this cell 0."""
    if not source.metadata.nbgrader.grade:
        source.source = "# This cell was not in the submission."
    return source


@dataclass
class _Room:
    """The room that is left on a submission's page."""

    characters: int = MAX_SHOWN
    cells: int = MAX_CELLS
    pictures: PictureRoom = field(default_factory=PictureRoom)

    def takes_another(self) -> bool:
        """Whether one more of the student's own cells fits; if so, the room shrinks by one cell."""
        self.cells -= 1
        return self.cells >= 0

    def shortened(self, text: str, most: int = MAX_PRINTED, is_needed: bool = False) -> str:
        """The text, cut to the limit of a cell and to the remaining characters of the notebook."""
        text = _shortened(text, most)
        if len(text) > self.characters and not is_needed:
            return "[... left out: the notebook is longer than its page ...]"
        self.characters -= len(text)
        return text


def _students_cell(
    cell: NotebookNode, output: CellOutput | None, room: _Room, is_needed: bool
) -> NotebookNode:
    """A student's cell with its text and pictures, without its metadata."""
    text = cell.source if isinstance(cell.source, str) else "".join(cell.source)
    if cell.cell_type == "code":
        outputs = _printed_outputs(cell, output, room) if output else []
        source = room.shortened(text, MAX_CODE, is_needed)
        return new_code_cell(source, outputs=outputs + _pictures(cell, room))
    if cell.cell_type == "markdown":
        text, attachments = with_pictures(text, cell.get("attachments"), room.pictures)
        shown = room.shortened(text, is_needed=is_needed)
        own = new_markdown_cell(inert_markdown(shown, attachments))
        if attachments:
            own.attachments = attachments
        return own
    lines = room.shortened(text, is_needed=is_needed).splitlines()
    return new_markdown_cell("\n".join(f"    {inert_markdown(line)}" for line in lines))


def _printed_outputs(cell: NotebookNode, output: CellOutput, room: _Room) -> list[NotebookNode]:
    """The output of a cell when it was run again, as text and never as HTML."""
    outputs = [
        new_output("stream", name=name, text=room.shortened(_marked(text, output.truncated)))
        for name, text in (("stdout", output.stdout), ("stderr", output.stderr))
        if text
    ]
    if output.error:
        name, text, traceback = output.error
        lines = [room.shortened(line) for line in traceback[-200:]]
        outputs.append(new_output("error", ename=name, evalue=text, traceback=lines))
    return outputs


def _pictures(cell: NotebookNode, room: _Room) -> list[NotebookNode]:
    """The pictures that the student handed in under a cell; figures are not drawn again."""
    pictures: list[NotebookNode] = []
    for output in cell.get("outputs", []):
        found = picture_of(output.get("data"), room.pictures)
        if found is not None:
            pictures.append(new_output("display_data", data=dict([found])))
    return pictures[:MAX_PICTURES]


def _verdict_outputs(test: TestResult) -> list[NotebookNode]:
    """A test cell's output, from which nbgrader's ``determine_grade`` reads the same points."""
    outputs = []  # without printed text, which may contain inputs of hidden cases
    if test.message or test.html:
        data = {"text/plain": test.message}
        if test.html:
            data["text/html"] = inert_html(test.html)
        outputs.append(new_output("display_data", data=data))
    if test.points > 0:
        number = {"text/plain": repr(float(test.points))}
        outputs.append(new_output("execute_result", data=number, execution_count=None))
    else:
        line = test.message.strip().partition("\n")[0]
        text = f"{test.outcome.value}: {line}" if line else test.outcome.value
        outputs.append(new_output("error", ename=test.outcome.value, evalue=line, traceback=[text]))
    return outputs


def _facts_of_test(test: TestResult) -> dict[str, Any]:
    """The parts of a test's verdict that pages need."""
    return {**test.public(), "sentence": test.sentence, "unwritten": test.unwritten}


def _facts_of_try(test: TestResult) -> dict[str, Any]:
    """The parts of a try's verdict that pages need."""
    return {
        "exercise": test.exercise,
        "outcome": test.outcome.value,
        "unwritten": test.unwritten,
    }


def _outputs_of_try(test: TestResult) -> list[NotebookNode]:
    """The output of a visible test: the printed lines; if it failed, the explanation."""
    outputs = []
    if test.printed:
        outputs.append(new_output("stream", name="stdout", text=_shortened(test.printed)))
    if test.outcome is not Outcome.PASSED:
        data = {"text/plain": test.message, "text/html": inert_html(test.html)}
        outputs.append(new_output("display_data", data=data))
        line = test.message.strip().partition("\n")[0]
        outputs.append(new_output("error", ename=test.outcome.value, evalue=line, traceback=[]))
    return outputs


def _shortened(text: str, most: int = MAX_PRINTED) -> str:
    if len(text) > most:
        half = most // 2
        left_out = len(text) - 2 * half
        text = f"{text[:half]}\n[... {left_out} characters left out ...]\n{text[-half:]}"
    return text


def _marked(text: str, truncated: bool) -> str:
    return f"{text}\n[... the rest was cut off]" if truncated else text


def _summary(result: NotebookResult) -> dict[str, Any]:
    """The parts of the verdict that pages need."""
    public = result.public()
    return {key: public[key] for key in ("outcome", "points", "max_points", "notes")}


def _notes_cell(notes: tuple[str, ...]) -> NotebookNode:
    lines = "\n".join(f"- {inert_markdown(' '.join(note.split()))}" for note in notes)
    cell = new_markdown_cell(f"**Notes of the grader on this file**\n\n{lines}")
    cell.metadata["autograder"] = {"notes": True}  # a page shows them above the notebook
    return cell


def _number(notebook: NotebookNode) -> None:
    """Ids for the student's own cells; the same from run to run."""
    taken = {cell.id for cell in notebook.cells if _grade_id(cell)}
    for index, cell in enumerate(notebook.cells):
        if not _grade_id(cell):
            cell.id = f"own-{index}"
            while cell.id in taken:
                cell.id += "-"
            taken.add(cell.id)


def _grade_id(cell: NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
