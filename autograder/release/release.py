"""Release an assignment: its source becomes ``assignments/`` and ``solutions/``."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.atomic_write import write_whole
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment
from autograder.errors import SourceError
from autograder.files.file_kinds import WEIGHTS
from autograder.mistakes.collect import read_assignment, tell
from autograder.mistakes.lesson import Lesson
from autograder.mistakes.running import running_mistakes
from autograder.mistakes.worked import budget_mistakes, raised_mistake
from autograder.nbgrader_api.public_files import clear_release
from autograder.pairing.pair import Step, edited_notebooks, take_edits, write_notebooks
from autograder.records.gradebook import enter_cells, open_gradebook
from autograder.registration.registration import Registration, planned_registration
from autograder.release.configuration import check_configuration
from autograder.release.figures import (
    are_marked,
    is_drawn,
    mark_figures,
    same_cells,
    same_release,
    up_to_last_figure,
    with_figures,
)
from autograder.release.instructor import instructor_notebook
from autograder.release.private_text import PrivateText
from autograder.release.samples import reference_weights
from autograder.release.shadows import (
    bytes_of,
    copy_beside,
    generated_files,
    judged_path,
    leftovers,
    notebook_of,
    released_path,
    worked_path,
)
from autograder.release.solutions import execute, same_sources, with_answers

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReleaseReport:
    """The files of a release, made or planned. Paths are relative to the course.

    ``taken`` are the edited notebooks whose lessons follow them, and notebooks with a note.
    """

    assignment: str
    notebooks: tuple[str, ...]
    max_points: float
    changed: tuple[Path, ...]
    removed: tuple[Path, ...]
    executed: tuple[str, ...]
    registration: Registration
    taken: tuple[Step, ...] = ()


def release(course: Course, assignment: str) -> ReleaseReport:
    """Bring ``assignments/``, ``solutions/`` and the gradebook in line with the source.

    A notebook that was edited in JupyterLab goes into its lesson first. If both were edited,
    nothing is released. Correct files are not touched. A worked notebook is run again only if one
    of its cells changed; the weights that it writes are kept beside it. If the source cannot be
    released, no generated file changes.

    Raises SourceError if the source breaks a rule or a worked notebook does not run, BothEdited,
    and UnreadableNotebook.
    """
    taken = take_edits(course, assignment)
    made = _make(course, assignment)
    lessons = dict(zip(map(worked_path, made.bundles), made.lessons, strict=True))
    mistakes: list[str] = []
    for path, notebook in made.worked.items():
        with tempfile.TemporaryDirectory() as scratch:
            copy_beside(course, assignment, Path(scratch))
            _log.info("running the worked notebook %s", path)
            try:
                seconds = execute(notebook, path.name, Path(scratch))
            except SourceError as error:
                mistakes.append(raised_mistake(lessons[path], notebook, error))
                continue
            mistakes += budget_mistakes(lessons[path], seconds, course.settings)
            for file in sorted(Path(scratch).glob(f"*{WEIGHTS}")):
                made.shadows[path.with_name(file.name)] = file.read_bytes()
        if any(map(is_drawn, notebook.cells)):
            drawn = up_to_last_figure(notebook_of(made.shadows[released_path(course, path)]))
            with tempfile.TemporaryDirectory() as scratch:
                copy_beside(course, assignment, Path(scratch))
                execute(drawn, path.name, Path(scratch), allow_errors=True)
            mark_figures(notebook, drawn)
        made.shadows[path] = bytes_of(notebook)
    tell(mistakes, assignment)
    _show_figures(course, made.bundles, made.shadows)

    with open_gradebook(course) as gradebook:
        registration = enter_cells(course, gradebook, made.bundles)
    _log.info("registered %s in %s", assignment, course.gradebook)
    texts = {bundle.path: bundle.data.decode() for bundle in made.bundles}
    told = [step for step in write_notebooks(course, texts) if step.notes]
    report = made.report(course, registration, [*taken, *told])
    for path in report.changed:
        write_whole(course.root / path, made.shadows[path])
    for path in report.removed:
        (course.root / path).unlink(missing_ok=True)
    clear_release(course.assignments / assignment)
    return report


def planned_release(course: Course, assignment: str) -> ReleaseReport:
    """The report that ``release`` would give. Writes nothing and runs no worked notebook.

    Raises SourceError if the source breaks a rule.
    """
    made = _make(course, assignment)
    _show_figures(course, made.bundles, made.shadows, unknown=tuple(made.worked))
    made.shadows.update(dict.fromkeys(made.worked, b""))
    edited = [Step(name) for name in edited_notebooks(course, assignment)]
    return made.report(course, planned_registration(course, made.bundles), edited)


def stale(course: Course, assignment: str) -> list[str]:
    """Generated files that differ from a new release; empty if all are fresh.

    Reference modules are compared byte for byte, released notebooks by their cells and by the
    cells that show figures, worked notebooks by the text of their cells. Writes no file of the
    course and runs no notebook.
    """
    bundles, _ = read_assignment(course, assignment)
    instructors = _instructors(course, bundles)
    shadows = generated_files(course, assignment, bundles, instructors)
    _show_figures(course, bundles, shadows)
    complaints = []
    for path, content in sorted(shadows.items()):
        file = course.root / path
        if not file.is_file():
            complaints.append(f"{path} is missing")
        elif not same_release(file.read_bytes(), content, path.suffix):
            complaints.append(f"{path} is out of date")
    for bundle in bundles:
        if not _is_fresh(course, bundle, with_answers(instructors[bundle.name], bundle)):
            complaints.append(f"{worked_path(bundle)} is out of date")
    extra = leftovers(course, assignment, {*shadows, *map(worked_path, bundles)})
    complaints += [
        f"source/{name}.ipynb was edited, and its lesson was not"
        for name in edited_notebooks(course, assignment)
    ]
    return complaints + [f"{path} has no source" for path in extra]


def register_cells(course: Course, assignment: str) -> Registration:
    """Record the assignment's cells in the gradebook as a release does, and write nothing else."""
    bundles = load_assignment(course, assignment)
    with open_gradebook(course) as gradebook:
        return enter_cells(course, gradebook, bundles)


@dataclass(frozen=True)
class _Made:
    """The parts of a release; ``worked`` holds the notebooks to run, by path.

    ``instructors`` are the instructor's notebooks, by name, from which all others are made.
    """

    assignment: str
    bundles: list[NotebookBundle]
    lessons: list[Lesson]
    instructors: dict[str, NotebookNode]
    shadows: dict[Path, bytes]
    worked: dict[Path, NotebookNode]

    def report(
        self, course: Course, registration: Registration, taken: Sequence[Step]
    ) -> ReleaseReport:
        """The report, with the files that differ from the existing ones."""
        wanted = {*self.shadows, *map(worked_path, self.bundles)}
        return ReleaseReport(
            self.assignment,
            tuple(bundle.name for bundle in self.bundles),
            sum(cell.points for bundle in self.bundles for cell in bundle.graded),
            tuple(path for path in sorted(self.shadows) if self._differs(course, path)),
            tuple(leftovers(course, self.assignment, wanted)),
            tuple(path.stem for path in self.worked),
            registration,
            tuple(taken),
        )

    def _differs(self, course: Course, path: Path) -> bool:
        file = course.root / path
        if not file.is_file():
            return True
        data, wanted = file.read_bytes(), self.shadows[path]
        worked = next((one for one in self.worked if path == released_path(course, one)), None)
        if worked is None:
            return not same_release(data, wanted, path.suffix)
        return data != wanted if self.shadows[worked] else not same_cells(data, wanted)


def _make(course: Course, assignment: str) -> _Made:
    check_configuration(course, assignment)
    bundles, lessons = read_assignment(course, assignment)
    instructors = _instructors(course, bundles)
    shadows = generated_files(course, assignment, bundles, instructors)
    released = Path(course.assignments.name, assignment)
    PrivateText(course, assignment, bundles).refuse_in(
        {str(path): data for path, data in shadows.items() if path.is_relative_to(released)}
    )
    modules = {path: data for path, data in shadows.items() if path.suffix == ".py"}
    weights = reference_weights(course, assignment)
    judged = course.root / judged_path(assignment)
    before = judged.read_bytes() if judged.is_file() else b""
    tell(running_mistakes(course, bundles, modules, weights, before), assignment)
    worked = {
        worked_path(bundle): notebook
        for bundle in bundles
        if not _is_fresh(course, bundle, notebook := with_answers(instructors[bundle.name], bundle))
    }
    return _Made(assignment, bundles, lessons, instructors, shadows, worked)


def _instructors(course: Course, bundles: list[NotebookBundle]) -> dict[str, NotebookNode]:
    return {bundle.name: instructor_notebook(course, bundle) for bundle in bundles}


def _show_figures(
    course: Course,
    bundles: list[NotebookBundle],
    shadows: dict[Path, bytes],
    unknown: tuple[Path, ...] = (),
) -> None:
    """Put the figures of the worked notebooks into the released notebooks, in place.

    ``unknown`` are worked notebooks that have to be run first, which is not done here.
    """
    for path in map(worked_path, bundles):
        file, released = course.root / path, released_path(course, path)
        data = shadows[path] if path in shadows else file.read_bytes() if file.is_file() else b""
        if data and path not in unknown:
            shown = with_figures(notebook_of(shadows[released]), notebook_of(data))
            shadows[released] = bytes_of(shown)


def _is_fresh(course: Course, bundle: NotebookBundle, wanted: NotebookNode) -> bool:
    path = course.root / worked_path(bundle)
    if not path.is_file():
        return False
    worked = nbformat.read(path, as_version=4)
    return same_sources(worked, wanted) and are_marked(worked)
