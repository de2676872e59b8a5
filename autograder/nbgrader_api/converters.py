"""nbgrader's own converters, run in this process: quiet on success, quoted on failure."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url

from autograder.course.layout import Course
from autograder.errors import AutograderError
from autograder.nbgrader_api import paths as paths  # names are not patterns
from autograder.nbgrader_api.database import database_url, explained, prepare_database, trouble


class ConversionError(AutograderError):
    """nbgrader refused a conversion; the text quotes its reason."""


def course_directory(course: Course, root: Path | None = None, **traits: str) -> CourseDirectory:
    """nbgrader's view of the course, or of a copy of its layout under ``root``.

    ``traits`` are set on it (``assignment_id``, ``student_id``, ``db_url``).
    """
    return CourseDirectory(
        config=course.config,
        root=str(root or course.root),
        source_directory="source",
        release_directory=course.assignments.name,
        submitted_directory=course.submitted.name,
        autograded_directory=course.autograded.name,
        feedback_directory=course.feedback.name,
        **{"db_url": database_url(course.gradebook), **traits},
    )


def convert(kind: type[BaseConverter], directory: CourseDirectory, **traits: Any) -> None:
    """Run an nbgrader converter over the selected notebooks, and replace old results.

    ``directory`` selects the notebooks. Raises ConversionError with nbgrader's own log if it fails,
    GradebookError if the gradebook is the cause. As in nbgrader, the working directory of the
    process changes meanwhile, so only one converter may run at a time.
    """
    log = logging.Logger("nbgrader", level=logging.WARNING)
    lines = _Lines()
    log.addHandler(lines)
    directory.log = log
    converter = kind(coursedir=directory, config=directory.config, log=log, **traits)
    converter.force = True
    path = Path(make_url(directory.db_url).database or "gradebook.db")
    if not getattr(converter, "no_database", False):
        with explained(path):
            prepare_database(directory.db_url)
    try:
        converter.start()
    except NbGraderException as error:
        if lines.handled is not None and (found := trouble(path, lines.handled)) is not None:
            raise found from error
        raise ConversionError(lines.reason() or str(error)) from error


class _Lines(logging.Handler):
    """Keeps the log records, and the exception that nbgrader handled when it wrote the last."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.errors: list[str] = []
        self.handled: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            self.errors.append(record.getMessage().strip())
            self.handled = sys.exception() or self.handled

    def reason(self) -> str:
        """The last line of the first traceback in the log; without one, all errors."""
        for text in self.errors:
            if text.startswith("Traceback"):
                return text.splitlines()[-1]
        return "\n".join(self.errors)
