"""Feedback: one page for each student and notebook. If a page fails, the other pages stay."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbgrader.api import MissingEntry

from autograder.atomic_write import write_whole
from autograder.course.layout import Course
from autograder.errors import AutograderError, UsageError
from autograder.files.student_folders import folders_in
from autograder.nbgrader_api.converters import course_directory
from autograder.nbgrader_api.late_penalties import refresh_penalties
from autograder.records.gradebook import open_gradebook
from autograder.rendering.plain_page import plain_page, recorded
from autograder.rendering.process import PageFailed, PageProcess, PageRequest, RenderedPage

if TYPE_CHECKING:
    pass

_log = logging.getLogger(__name__)
_OURS = ("autograder.rendering.exporter.GetVerdicts",)
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
        if notebooks_in(course.autograded / student / assignment)
    ]
    wanted = sorted(graded if students is None else set(students))
    if missing := [student for student in wanted if student not in graded]:
        raise UsageError(f"not graded yet in {assignment}: {', '.join(missing)}")
    if not wanted:
        raise UsageError(f"no submission of {assignment} has been graded yet")
    written = Feedback()
    with PageProcess() as process:
        writer = FeedbackWriter(course, process, course_directory(course).db_url, _OURS)
        writer.refresh()
        for student in wanted:
            writer.write(written, student, assignment)
    return written


def notebooks_in(folder: Path) -> list[Path]:
    """The notebooks in a folder, sorted by name."""
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if path.suffix == ".ipynb" and path.is_file()]


@dataclass
class FeedbackWriter:
    """Writes the pages of students, one student after the other."""

    course: Course
    process: PageProcess
    db_url: str
    preprocessors: tuple[str, ...]

    def refresh(self) -> None:
        """Bring the late penalties up to date."""
        with open_gradebook(self.course) as gradebook:
            refresh_penalties(gradebook, self.course.config)

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
        notebooks = notebooks_in(source)
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
                _log.info("page %s", target)
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
