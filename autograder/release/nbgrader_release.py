"""nbgrader's own release of a lesson: the same as ours.

``nbgrader generate_assignment`` and formgrader's button convert the notebooks that are made from
the lessons at that moment. A notebook beside a lesson is a copy for JupyterLab; if it was edited,
its edits go into the lesson first. The figures are the last step. ``nbgrader_config.py`` calls
``install``.

An assignment without a lesson is released as in nbgrader.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NoReturn

from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment, GenerateSolution
from nbgrader.converters.base import BaseConverter, NbGraderException
from sqlalchemy.engine import make_url

from autograder.course.layout import CONFIG_NAME, Course
from autograder.course.source import NotebookBundle, load_assignment
from autograder.errors import AutograderError
from autograder.nbgrader_api.public_files import clear_release, public_files
from autograder.pairing.pair import take_edits
from autograder.registration.differences import Effect
from autograder.registration.registration import planned_registration
from autograder.release.figures import ShowFigures
from autograder.release.instructor import instructor_notebook
from autograder.release.private_text import PrivateText

_Step = Callable[[BaseConverter], None]
_Conversion = Callable[[BaseConverter, str], None]


def install() -> None:
    """Make nbgrader convert lessons; a second call changes nothing."""
    for kind in (GenerateAssignment, GenerateSolution):
        if "init_notebooks" not in vars(kind):
            kind.init_notebooks = _with_lessons(kind.init_notebooks)
            kind.convert_single_notebook = _from_lesson(kind.convert_single_notebook)


def _with_lessons(find: _Step) -> _Step:
    """``init_notebooks`` of a converter that also finds the notebooks of lessons."""

    @functools.wraps(find)
    def init_notebooks(self: BaseConverter) -> None:
        try:
            made = _made(self)
        except AutograderError as error:
            _refuse(self, str(error))
        self.from_lessons = {path: one for ones in made.values() for path, one in ones.items()}
        self.assignments, self.notebooks = {}, []
        if not made or "*" in self.coursedir.assignment_id:
            find(self)
        self.assignments |= {folder: list(notebooks) for folder, notebooks in made.items()}
        if isinstance(self, GenerateAssignment):
            _finish(self)

    return init_notebooks


def _from_lesson(convert: _Conversion) -> _Conversion:
    """``convert_single_notebook`` of a converter, which reads no file if there is a lesson."""

    @functools.wraps(convert)
    def convert_single_notebook(self: BaseConverter, path: str) -> None:
        if (notebook := getattr(self, "from_lessons", {}).get(path)) is None:
            convert(self, path)
            return
        self.log.info("Converting notebook %s", path)
        resources = self.init_single_notebook_resources(path)
        output, resources = self.exporter.from_notebook_node(notebook, resources=resources)
        self.write_single_notebook(output, resources)

    return convert_single_notebook


def _made(converter: BaseConverter) -> dict[str, dict[str, NotebookNode]]:
    """The notebooks of the selected lessons, by folder and path, as nbgrader writes both.

    Raises AutograderError if a lesson cannot be released.
    """
    directory = converter.coursedir
    root, made = Path(directory.root), {}
    if not (root / CONFIG_NAME).is_file() or directory.source_directory != "source":
        return {}
    course = Course.find(root)
    for name in course.assignment_names():
        if not _is_chosen(name, directory.assignment_id):
            continue
        for step in take_edits(course, name):
            converter.log.info("Took the edits in %s.ipynb into the lesson", step.name)
        bundles = load_assignment(course, name)
        if isinstance(converter, GenerateAssignment):
            _check(converter, course, bundles)
        chosen = [one for one in bundles if _is_chosen(one.name, directory.notebook_id)]
        if not chosen:
            _refuse(converter, f"{name} has no notebook {directory.notebook_id}")
        folder = str(directory.format_path(directory.source_directory, ".", name))
        made[folder] = {
            f"{folder}/{one.name}.ipynb": instructor_notebook(course, one) for one in chosen
        }
    return made


def _is_chosen(name: str, asked: str) -> bool:
    return name == asked or fnmatchcase(name, asked)


def _check(converter: GenerateAssignment, course: Course, bundles: list[NotebookBundle]) -> None:
    """Refuse a release that would show a private text, or that the gradebook would refuse.

    nbgrader finds out about the gradebook when it has removed the older release.
    """
    assignment = bundles[0].assignment
    private, folder = PrivateText(course, assignment, bundles), course.source / assignment
    files = public_files(folder)
    private.refuse_in({str(path.relative_to(course.root)): path.read_bytes() for path in files})
    for bundle in bundles:
        private.refuse_in_cells(bundle)
    database = make_url(converter.coursedir.db_url).database or ""
    if converter.no_database or Path(database).resolve() != course.gradebook.resolve():
        return
    planned = planned_registration(course, bundles)
    changed = {one.effect for one in planned.differences} - {Effect.TEXT, Effect.POINTS}
    if planned.submissions and changed:
        _refuse(
            converter,
            f"{assignment} has submissions, and its cells changed. `autograder release "
            f"{assignment}` releases it; with --dry-run it says which manual grades would be lost.",
        )


def _finish(converter: GenerateAssignment) -> None:
    """Add the last step, and clear older releases of private files."""
    if ShowFigures not in converter.preprocessors:
        converter.preprocessors = [*converter.preprocessors, ShowFigures]
    directory = converter.coursedir
    for folder in converter.assignments:
        released = directory.format_path(directory.release_directory, ".", Path(folder).name)
        for path in clear_release(Path(released)):
            converter.log.warning("Removed from the release, since it is private: %s", path)


def _refuse(converter: BaseConverter, reason: str) -> NoReturn:
    converter.log.error(reason)
    raise NbGraderException(reason)
