"""A submission: a handed-in notebook, repaired and aligned with its source."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from nbformat import NotebookNode

from autograder.course.source import NotebookBundle, SourceCell
from autograder.errors import UnreadableSubmission
from autograder.files.digests import submission_digest
from autograder.notebooks.alignment import align
from autograder.notebooks.cell_kinds import restore_kinds
from autograder.notebooks.notebook import NotebookContent, memory_bytes, read_content
from autograder.submission.open_answers import gather_answers


@dataclass(frozen=True)
class Submission:
    """A submitted notebook, read and aligned with its source.

    ``placement`` maps the grade_id of a source cell to the position of the student's cell.
    ``files`` are the modules and weights beside the notebook. ``answered`` names the open questions
    that have an answer to read. ``digest`` covers the bytes that determine the seeds of its tests,
    see ``submission_digest``.
    """

    notebook: NotebookNode
    placement: dict[str, int]
    notes: tuple[str, ...] = ()
    files: dict[str, bytes] = field(default_factory=dict)
    answered: frozenset[str] = frozenset()
    digest: str = ""

    @property
    def memory_bytes(self) -> int:
        """The approximate memory of the notebook, without its files."""
        return memory_bytes(self.notebook)

    def text_of(self, cell: SourceCell) -> str | None:
        """The student's cell in the place of a source cell; None if it was not found."""
        index = self.placement.get(cell.grade_id)
        if index is None:
            return None
        text: str = self.notebook.cells[index].source
        return text


def read_submission(
    data: bytes | NotebookContent,
    bundle: NotebookBundle,
    files: Mapping[str, bytes],
    notes: tuple[str, ...] = (),
) -> Submission:
    """A notebook, repaired and aligned with its source, from its bytes or its content.

    ``files`` are the modules and weights beside it; ``notes`` come before the notes on repairs. The
    content is not changed: the submission has a copy. Raises UnreadableSubmission.
    """
    content = read_content(data) if isinstance(data, bytes) else data
    if content.notebook is None:
        raise UnreadableSubmission(content.reason)
    notebook = content.notebook if isinstance(data, bytes) else deepcopy(content.notebook)
    restored = restore_kinds(bundle, notebook)
    placement, repaired = align(bundle, notebook)
    found = gather_answers(bundle, notebook, placement)
    told = (*notes, *restored, *repaired, *found.notes)
    placement = {**placement, **found.placement}
    digest = submission_digest(content.digest, files)
    return Submission(notebook, placement, told, dict(files), frozenset(found.answered), digest)
