"""What stands in for nbgrader's own autograding: the same command that `autograder grade` is.

nbgrader would run a student's code and the tests in one kernel, where either can change the other.
A course that names ``StandIn`` in its configuration,

    c.Autograde.exporter_class = "autograder.nbgrader_plugin.StandIn"

has `nbgrader autograde` and formgrader's button grade behind the wall instead. nbgrader's own
steps are left out as a whole: they would give up on a renamed file or a zip, set points to zero
before anybody looked, and move the time of handing in, by which it is decided whether a manual
grade needs another look.

Grading gets a process of its own. Formgrader calls it in the process of the Jupyter server, which
has threads and serves others, so nothing may be forked from it and torch should not live in it.
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
from autograder.records import nbgrader_names as nbgrader_names  # names are no patterns
from autograder.submission.student_folders import chosen, folders_in

_GRADE = (
    "from autograder.sandbox.prctl import die_with_parent; die_with_parent(); "
    "from autograder.cli.app import main; main()"
)
_COLUMNS = "72"  # of the box in which formgrader shows a log


class StandIn(NotebookExporter):  # type: ignore[misc] # nbconvert is untyped
    """Marks a course that is graded behind the wall; converts nothing itself."""

    def from_filename(self, filename: str, *args: Any, **more: Any) -> NoReturn:
        """Refuse: were this ever reached, nbgrader would be about to run the notebook."""
        raise NbGraderException(f"{filename} is not run here: grade it with `autograder grade`")


def _standing_in(own_start: Callable[[Autograde], None]) -> Callable[[Autograde], None]:
    """``Autograde.start``, for courses that name StandIn; nbgrader's own for all others."""

    @functools.wraps(own_start)
    def start(self: Autograde) -> None:
        if issubclass(self.exporter_class, StandIn):
            _grade(self)
        else:
            own_start(self)

    return start


# Of all that a configuration can name, an exporter comes first, and still too late: before nbgrader
# makes it, it has given up on a student who handed in a zip. So the class that was loaded to be
# that exporter takes the place of the start.
Autograde.start = _standing_in(Autograde.start)


def _grade(converter: Autograde) -> None:
    """Grade what nbgrader was asked to. Raises NbGraderException, as nbgrader does, after saying
    why in the log: then the command ends with 1 and formgrader shows the log as an error."""
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
        _refuse(converter, f"not all of {', '.join(failed)} was graded; the reason is above")


def _check(converter: Autograde, course: Course) -> None:
    """Refuse what would mean something else here; say what has no meaning here."""
    if converter.config.Execute.get("enabled") is False:
        _refuse(
            converter,
            "--no-execute would take a student's word for the points. Every submission is run; "
            "what did not change since it was graded is not run again unless --force says so.",
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
    """The students to grade, by assignment; none named stands for all, as on our command line."""
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
    """Run `autograder grade`; says whether all of it got a verdict.

    A command on a terminal shows there what `autograder grade` shows; else that is logged.
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
        start_new_session=True,  # Ctrl-C reaches it once, from here
    ) as process:
        try:
            out, err = process.communicate()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            process.communicate()  # it says what was kept
            raise SystemExit(130) from None
    for line in (out or "").splitlines():
        converter.log.info(line)
    for line in (err or "").splitlines():
        converter.log.error(line)
    return process.returncode == 0


def _refuse(converter: Autograde, reason: str) -> NoReturn:
    converter.log.error(reason)
    raise NbGraderException(reason)
