"""nbgrader's own release of a lesson: the same as ours.

``nbgrader generate_assignment`` and formgrader's button read ``source/ASSIGNMENT/*.ipynb``. These
are made from the lessons, so they are made anew before nbgrader looks for them. The figures are its
last step. ``nbgrader_config.py`` calls ``install``.

An assignment without a lesson is released as in nbgrader.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NoReturn

from nbgrader.converters import GenerateAssignment, GenerateSolution
from nbgrader.converters.base import BaseConverter, NbGraderException
from sqlalchemy.engine import make_url

from autograder.course.layout import CONFIG_NAME, Course
from autograder.course.source import NotebookBundle, load_assignment
from autograder.errors import AutograderError
from autograder.nbgrader_api.public_files import clear_release, public_files
from autograder.registration.differences import Effect
from autograder.registration.registration import planned_registration
from autograder.release.figures import ShowFigures
from autograder.release.instructor import instructor_notebook, write_beside_lesson
from autograder.release.private_text import PrivateText


def install() -> None:
    """Make nbgrader release lessons; a second call changes nothing."""
    for kind in (GenerateAssignment, GenerateSolution):
        if "init_notebooks" not in vars(kind):
            kind.init_notebooks = _from_lessons(kind.init_notebooks)


def _from_lessons(find: Callable[[BaseConverter], None]) -> Callable[[BaseConverter], None]:
    """``init_notebooks`` of a converter, after the notebooks were made from their lessons."""

    @functools.wraps(find)
    def init_notebooks(self: BaseConverter) -> None:
        try:
            lessons = _made(self)
        except AutograderError as error:
            _refuse(self, str(error))
        find(self)
        for folder, notebooks in self.assignments.items():
            if (names := lessons.get(Path(folder).name)) is not None:
                self.assignments[folder] = [one for one in notebooks if Path(one).stem in names]
        if isinstance(self, GenerateAssignment):
            _finish(self)

    return init_notebooks


def _made(converter: BaseConverter) -> dict[str, set[str]]:
    """Make the notebooks of the selected assignments; their names, by assignment.

    Raises AutograderError if a lesson cannot be released.
    """
    directory = converter.coursedir
    root, asked = Path(directory.root), directory.assignment_id
    if not (root / CONFIG_NAME).is_file() or directory.source_directory != "source":
        return {}
    course, made = Course.find(root), {}
    for name in course.assignment_names():
        if name == asked or fnmatchcase(name, asked):
            bundles = load_assignment(course, name)
            if isinstance(converter, GenerateAssignment):
                _check(converter, course, bundles)
            for bundle in bundles:
                write_beside_lesson(bundle, instructor_notebook(course, bundle))
            made[name] = {bundle.name for bundle in bundles}
    return made


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
