"""Feedback: one page for each student and notebook. If a page fails, the other pages stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from nbgrader.api import MissingEntry
from nbgrader.converters.base import NbGraderException

from autograder.atomic_write import write_whole
from autograder.course.layout import Course
from autograder.course.nbgrader_config import course_config
from autograder.errors import AutograderError, UsageError
from autograder.pages.plain_page import plain_page, recorded
from autograder.pages.process import PageFailed, PageProcess, PageRequest, RenderedPage
from autograder.records.converters import course_directory
from autograder.records.gradebook import open_gradebook
from autograder.records.late_penalties import refresh_penalties
from autograder.submission.student_folders import chosen, folders_in

if TYPE_CHECKING:
    from nbgrader.converters import GenerateFeedback

_OURS = ("autograder.pages.exporter.GetVerdicts",)
_FULL_SHARE = 0.75  # of a page's seconds; the rest is for the plain page if rendering fails
_TIMESTAMP = "timestamp.txt"  # nbgrader compares this file to find old pages


@dataclass
class Feedback:
    """The written pages, and a line for each page that is missing or incomplete."""

    pages: list[Path] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Path]:
        return iter(self.pages)

    def __len__(self) -> int:
        return len(self.pages)


def write_feedback(
    course: Course, assignment: str, students: Iterable[str] | None = None
) -> Feedback:
    """Write ``feedback/STUDENT/ASSIGNMENT/NOTEBOOK.html`` for these students.

    Without ``students``, pages are written for all students with autograded notebooks. A page is
    replaced only when the new page is complete. If a notebook cannot be rendered, a plain page with
    its points replaces it. If that fails too, the old page stays. Both cases are listed among the
    troubles.

    Raises UsageError if there is no autograded notebook, GradebookError if the gradebook cannot be
    read.
    """
    graded = [
        student
        for student in folders_in(course.autograded)
        if assignment in folders_in(course.autograded / student)
        if _notebooks_in(course.autograded / student / assignment)
    ]
    wanted = sorted(graded if students is None else set(students))
    if missing := [student for student in wanted if student not in graded]:
        raise UsageError(f"not graded yet in {assignment}: {', '.join(missing)}")
    if not wanted:
        raise UsageError(f"no submission of {assignment} has been graded yet")
    written = Feedback()
    with PageProcess() as process:
        writer = _Writer(course, process, course_directory(course).db_url, _OURS)
        writer.refresh()
        for student in wanted:
            writer.write(written, student, assignment)
    return written


def _notebooks_in(folder: Path) -> list[Path]:
    """The notebooks in a folder, sorted by name."""
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if path.suffix == ".ipynb" and path.is_file()]


@dataclass
class _Writer:
    """Writes the pages of students, one student after the other."""

    course: Course
    process: PageProcess
    db_url: str
    preprocessors: tuple[str, ...]

    def refresh(self) -> None:
        """Bring the late penalties up to date."""
        with open_gradebook(self.course) as gradebook:
            refresh_penalties(gradebook, course_config(self.course))

    def write(
        self,
        feedback: Feedback,
        student: str,
        assignment: str,
        wanted: Callable[[str], bool] = lambda notebook: True,
    ) -> None:
        """Write one student's pages of an assignment, within the time limit of one student."""
        source = self.course.autograded / student / assignment
        folder = self.course.feedback / student / assignment
        notebooks = _notebooks_in(source)
        asked = [path for path in notebooks if wanted(path.stem)]
        left_s = self.course.settings.feedback_s
        for number, path in enumerate(asked):
            before_s = self.process.cpu_s
            request = PageRequest(
                str(path), student, assignment, path.stem, str(self.course.root), self.db_url,
                left_s / (len(asked) - number), self.preprocessors,
            )  # fmt: skip
            try:
                page = self._page(request)
                target = folder / f"{path.stem}.html"
                write_whole(target, page.html)
                feedback.pages.append(target)
                troubles = page.troubles
            except _NoPage as error:
                troubles = (f"no page: {error}",)
            feedback.troubles += [f"{student}, {path.stem}: {trouble}" for trouble in troubles]
            left_s = max(1.0, left_s - (self.process.cpu_s - before_s))
        self._tidy(source, folder, {f"{path.stem}.html" for path in notebooks})

    def _page(self, request: PageRequest) -> RenderedPage:
        """The page, else a plain page, else a page with only the points. Raises _NoPage."""
        share = request.seconds * _FULL_SHARE
        try:
            return self.process.render(replace(request, seconds=share))
        except PageFailed as error:
            reason = str(error)
        said = (f"a plain page: {reason}",)
        # The page shows no reason, because the reason may contain paths of the grader or hidden
        # text.
        plain = replace(request, seconds=request.seconds - share, plain=True)
        try:
            return RenderedPage(self.process.render(plain).html, said)
        except PageFailed:
            pass
        try:
            points = recorded(self.db_url, request.student, request.assignment, request.notebook)
        except MissingEntry:
            raise _NoPage(f"{reason}; the gradebook does not know it") from None
        return RenderedPage(plain_page(points, ()), said)

    def _tidy(self, source: Path, folder: Path, pages: set[str]) -> None:
        """Copy the time of the hand-in, and remove pages whose notebook no longer exists."""
        if not folder.is_dir():
            return
        stamp = source / _TIMESTAMP
        if stamp.is_file() and not stamp.is_symlink():
            write_whole(folder / _TIMESTAMP, stamp.read_bytes())
        for path in folder.iterdir():
            if path.name not in pages and (path.name != _TIMESTAMP or not stamp.is_file()):
                if path.is_file() or path.is_symlink():
                    path.unlink()


class _NoPage(AutograderError):
    """Even the page with only the points failed."""


def generate(converter: GenerateFeedback) -> None:
    """The function of ``nbgrader generate_feedback`` and of formgrader's button, for our courses.

    As in nbgrader, pages that are as new as the submission are skipped unless ``force`` is set. If
    a page is incomplete, the reason is logged and NbGraderException is raised.
    """
    directory = converter.coursedir
    course = Course.find(Path(directory.root))
    excluded = set(directory.student_id_exclude.split(","))
    found = [
        (student, assignment)
        for student in chosen(folders_in(course.autograded), directory.student_id)
        if student not in excluded
        for assignment in chosen(folders_in(course.autograded / student), directory.assignment_id)
        if _notebooks_in(course.autograded / student / assignment)
    ]
    if not found:
        asked = f"{directory.student_id}/{directory.assignment_id}"
        _refuse(converter, f"No notebooks were matched: {course.autograded} holds no {asked}")
    feedback = Feedback()
    with PageProcess() as process:
        writer = _Writer(course, process, directory.db_url, _names_of(converter.preprocessors))
        writer.refresh()
        for student, assignment in found:
            if not (converter.force or _is_old(converter, course, student, assignment)):
                converter.log.info("Skipping existing assignment: %s/%s", student, assignment)
                continue
            before = len(feedback.pages)
            converter.run_pre_convert_hook()
            writer.write(
                feedback, student, assignment, lambda name: _fits(name, directory.notebook_id)
            )
            converter.set_permissions(assignment, student)
            converter.run_post_convert_hook()
            for path in feedback.pages[before:]:
                converter.log.info("Wrote %s", path)
    for trouble in feedback.troubles:
        converter.log.error(trouble)
    if feedback.troubles:
        _refuse(converter, f"{len(feedback.troubles)} pages are not whole; the others were written")


def _fits(name: str, wanted: str) -> bool:
    """Whether a name equals the requested name, or matches it as a pattern."""
    return name == wanted or fnmatchcase(name, wanted)


def _is_old(converter: GenerateFeedback, course: Course, student: str, assignment: str) -> bool:
    source = course.autograded / student / assignment
    folder = course.feedback / student / assignment
    if any(not (folder / f"{path.stem}.html").is_file() for path in _notebooks_in(source)):
        return True
    times = [converter.coursedir.get_existing_timestamp(str(path)) for path in (source, folder)]
    return None not in times and times[0] > times[1]


def _names_of(preprocessors: Sequence[type | str]) -> tuple[str, ...]:
    return tuple(
        one if isinstance(one, str) else f"{one.__module__}.{one.__qualname__}"
        for one in preprocessors
    )


def _refuse(converter: GenerateFeedback, reason: str) -> None:
    converter.log.error(reason)
    raise NbGraderException(reason)
