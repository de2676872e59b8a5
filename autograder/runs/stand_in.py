"""The replacement of nbgrader's autograding: it runs `autograder grade`.

nbgrader would run a student's code and the tests in one kernel, where each can change the other.
If a course configures ``StandIn``,

    c.Autograde.exporter_class = "autograder.nbgrader_plugin.StandIn"

then `nbgrader autograde` and formgrader's button grade in the sandbox. nbgrader's own steps are
skipped altogether. They would refuse a renamed file or a zip, set points to zero before the
grading, and change the time of the hand-in, which decides whether a manual grade needs another
look.

Grading runs in a separate process. Formgrader calls this module in the Jupyter server, which has
threads and serves other requests, so it must not fork and should not load torch.
"""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url
from traitlets.config import Application

from autograder.course.layout import Course
from autograder.errors import AutograderError
from autograder.files.student_folders import chosen, folders_in
from autograder.nbgrader_api import paths as paths  # names, not patterns

_GRADE = (
    "from autograder.sandbox.prctl import die_with_parent; die_with_parent(); "
    "from autograder.cli.app import main; main()"
)
_COLUMNS = "72"  # of formgrader's box for logs


class StandIn(NotebookExporter):  # type: ignore[misc] # nbconvert is untyped
    """Marks a course that is graded in the sandbox; it converts no notebook."""

    def from_filename(self, filename: str, *args: Any, **more: Any) -> NoReturn:
        """Refuse: if nbgrader calls this, it is about to run the notebook."""
        raise NbGraderException(f"{filename} is not run here: grade it with `autograder grade`")


def _standing_in(own_start: Callable[[Autograde], None]) -> Callable[[Autograde], None]:
    """``Autograde.start`` for courses that configure StandIn, and nbgrader's own for others."""

    @functools.wraps(own_start)
    def start(self: Autograde) -> None:
        if issubclass(self.exporter_class, StandIn):
            _grade(self)
        else:
            own_start(self)

    return start


# A configuration can name no class that nbgrader uses earlier than the exporter, and the exporter
# is still too late: nbgrader has already refused a student with a zip before it creates it.
# Therefore the class, once loaded as the exporter, replaces the start.
Autograde.start = _standing_in(Autograde.start)


def _grade(converter: Autograde) -> None:
    """Grade the students of an nbgrader command.

    As in nbgrader, a failure is logged with its reason and raises NbGraderException: the command
    ends with 1 and formgrader shows the log as an error.
    """
    try:
        course = Course.find(Path(converter.coursedir.root))
    except AutograderError as error:
        _refuse(converter, str(error))
    _check(converter, course)
    chosen = _submissions(converter.coursedir, course)
    if not chosen:
        asked = f"{converter.coursedir.student_id}/{converter.coursedir.assignment_id}"
        _refuse(converter, f"nothing was handed in: {course.submitted} holds no folder {asked}")
    failed = [name for name, students in chosen.items() if not _run(converter, name, students)]
    if failed:
        _refuse(converter, f"some of {', '.join(failed)} was not graded; the reason is above")


def _check(converter: Autograde, course: Course) -> None:
    """Refuse options that mean something else here; warn about options without effect."""
    if converter.config.Execute.get("enabled") is False:
        _refuse(
            converter,
            "--no-execute would trust the points in a student's notebook. Every submission is run; "
            "unchanged submissions are run again only with --force.",
        )
    directory = converter.coursedir
    for name in ("submitted", "autograded"):
        steps = getattr(directory, f"{name}_directory")
        given = Path(directory.format_path(steps, "STUDENT", "ASSIGNMENT"))
        expected = course.root / name / "STUDENT" / "ASSIGNMENT"
        if given.resolve() != expected.resolve():
            _refuse(converter, f"{given} should be {expected}, where grading reads and writes")
    url = make_url(directory.db_url)
    if url.get_backend_name() != "sqlite" or not _same_file(url.database, course.gradebook):
        _refuse(converter, f"{url!r} should be {course.gradebook}, where grading writes points")
    if directory.notebook_id != "*":
        converter.log.warning("A student is graded as a whole: --notebook has no effect")


def _same_file(one: str | None, other: Path) -> bool:
    return one is not None and Path(one).resolve() == other.resolve()


def _submissions(directory: CourseDirectory, course: Course) -> dict[str, tuple[str, ...]]:
    """The students to grade, by assignment; without names, all students, as on our command line."""
    excluded = set(directory.student_id_exclude.split(","))
    found: dict[str, tuple[str, ...]] = {}
    for student in chosen(folders_in(course.submitted), directory.student_id):
        if student not in excluded:
            folders = folders_in(course.submitted / student)
            for assignment in chosen(folders, directory.assignment_id):
                found[assignment] = (*found.get(assignment, ()), student)
    if directory.student_id == "*" and excluded == {""}:
        return dict.fromkeys(found, ())
    return found


def _run(converter: Autograde, assignment: str, students: tuple[str, ...]) -> bool:
    """Run `autograder grade`; return whether every notebook got a verdict.

    On a terminal, the output of `autograder grade` is shown; otherwise it is logged.
    """
    command = [
        *(sys.executable, "-c", _GRADE, "grade", assignment),
        *("--course", converter.coursedir.root),
        *(["--force"] if converter.force else []),
        *(f"--student={student}" for student in students),
    ]
    shown = isinstance(converter.parent, Application)
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8:replace"}
    with subprocess.Popen(
        command,
        cwd=converter.coursedir.root,
        env=environment if shown else {**environment, "COLUMNS": _COLUMNS},
        stdin=subprocess.DEVNULL,
        stdout=None if shown else subprocess.PIPE,
        stderr=None if shown else subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,  # gets Ctrl-C once, from here
    ) as process:
        try:
            out, err = process.communicate()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            process.communicate()  # the command prints the kept results
            raise SystemExit(130) from None
    for line in (out or "").splitlines():
        converter.log.info(line)
    for line in (err or "").splitlines():
        converter.log.error(line)
    return process.returncode == 0


def _refuse(converter: Autograde, reason: str) -> NoReturn:
    converter.log.error(reason)
    raise NbGraderException(reason)
