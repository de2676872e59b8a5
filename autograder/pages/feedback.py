"""Feedback: a page for each student and notebook, and a start page for each student.

If a page fails, the other pages stay.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from autograder.atomic_write import write_whole
from autograder.course.layout import Course
from autograder.errors import AutograderError, UsageError
from autograder.files.student_folders import folders_in
from autograder.nbgrader_api.converters import course_directory
from autograder.nbgrader_api.database import explained
from autograder.pages.written_pages import WrittenPages, results_digest
from autograder.records.gradebook import open_gradebook
from autograder.records.recorded_grades import RecordedNotebook, read_submission
from autograder.records.term.late_penalties import refresh_penalties
from autograder.records.term.ledger import Term
from autograder.rendering.links import links_of, start_name
from autograder.rendering.plain_page import plain_page
from autograder.rendering.process import PageFailed, PageProcess, PageRequest, RenderedPage
from autograder.rendering.start_page import ShownNotebook, start_page
from autograder.rendering.verdicts import PageVerdicts, verdicts_from_grades

_log = logging.getLogger(__name__)
_OURS = ("autograder.rendering.exporter.GetVerdicts",)
_FULL_SHARE = 0.75  # of a page's seconds; the rest is for the plain page if rendering fails
_TIMESTAMP = "timestamp.txt"  # nbgrader compares this file to find old pages
_SECRET = "submission_secret.txt"  # nbgrader derives the names of released pages from it
_MAX_COPIED = 1_000  # bytes of a file that is copied


@dataclass
class Feedback:
    """The written pages, and a line for each page that is missing or incomplete.

    ``pages`` show notebooks; ``starts`` are the start pages of students. ``left`` are the students
    whose pages were left as they are.
    """

    pages: list[Path] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    starts: list[Path] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Path]:
        return iter(self.pages)

    def __len__(self) -> int:
        return len(self.pages)


def write_feedback(
    course: Course,
    assignment: str,
    students: Iterable[str] | None = None,
    *,
    changed_only: bool = False,
) -> Feedback:
    """Write ``feedback/STUDENT/ASSIGNMENT/NOTEBOOK.html`` and a start page for these students.

    Without ``students``, pages are written for all students with autograded notebooks. A page is
    replaced only when the new page is complete. If a notebook cannot be rendered, a plain page with
    its points replaces it. If that fails too, the old page stays. Both cases are listed among the
    troubles. With ``changed_only``, students are left out whose results did not change since all of
    their pages were written.

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
            if changed_only and writer.is_up_to_date(student, assignment):
                written.left.append(student)
            else:
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
    terms: dict[str, Term] = field(default_factory=dict)

    def refresh(self) -> None:
        """Bring the late penalties up to date, and read the students' terms."""
        with open_gradebook(self.course) as gradebook:
            self.terms = refresh_penalties(gradebook, self.course.config)

    def is_up_to_date(self, student: str, assignment: str) -> bool:
        """Whether all pages of a student are there and show the present results."""
        notebooks = notebooks_in(self.course.autograded / student / assignment)
        names = [path.stem for path in notebooks]
        folder = self.course.feedback / student / assignment
        pages = [start_name(names), *(f"{name}.html" for name in names)]
        if not all((folder / page).is_file() for page in pages):
            return False
        digest = results_digest(notebooks, self._recorded(student, assignment))
        return WrittenPages(self.course).are_of(student, assignment, digest)

    def write(
        self,
        feedback: Feedback,
        student: str,
        assignment: str,
        wanted: Callable[[str], bool] = lambda notebook: True,
    ) -> None:
        """Write one student's pages of an assignment, within the time limit of one student.

        The start page is always written. It needs the verdicts of all pages, so the pages that are
        not wanted are rendered too.
        """
        source = self.course.autograded / student / assignment
        folder = self.course.feedback / student / assignment
        notebooks = notebooks_in(source)
        names = [path.stem for path in notebooks]
        recorded = self._recorded(student, assignment)
        written, digest = WrittenPages(self.course), results_digest(notebooks, recorded)
        written.forget(student, assignment)
        troubles_before = len(feedback.troubles)
        with_mistakes = {name for name, one in recorded.items() if one.has_mistakes}
        verdicts: dict[str, PageVerdicts] = {}
        left_s = self.course.settings.feedback_s
        for number, path in enumerate(notebooks):
            before_s = self.process.cpu_s
            known = recorded.get(path.stem)
            request = PageRequest(
                str(path), student, assignment, path.stem, str(self.course.root), self.db_url,
                left_s / (len(notebooks) - number), self.preprocessors,
                links=links_of(assignment, path.stem, names, with_mistakes),
                remark=known.lateness.remark if known else "",
            )  # fmt: skip
            try:
                page = self._page(request, known)
                if page.verdicts is not None:
                    verdicts[path.stem] = page.verdicts
                troubles = page.troubles
                if wanted(path.stem):
                    self._keep(feedback.pages, folder / f"{path.stem}.html", page.html)
            except _NoPage as error:
                troubles = (f"no page: {error}",)
            if wanted(path.stem):
                who = known.who if known and known.who else student
                feedback.troubles += [f"{who}, {path.stem}: {trouble}" for trouble in troubles]
            left_s = max(1.0, left_s - (self.process.cpu_s - before_s))
        start = start_name(names)
        if recorded:
            shown = [
                ShownNotebook(one, verdicts.get(name) or verdicts_from_grades(one), name in names)
                for name, one in recorded.items()
            ]
            self._keep(feedback.starts, folder / start, start_page(student, assignment, shown))
        self._tidy(source, folder, {start, *(f"{name}.html" for name in names)})
        if all(map(wanted, names)) and len(feedback.troubles) == troubles_before:
            written.save(student, assignment, digest)

    def _recorded(self, student: str, assignment: str) -> dict[str, RecordedNotebook]:
        """The student's notebooks in the gradebook, in the order of their names."""
        zone = ZoneInfo(self.course.settings.time_zone)
        with explained(self.course.gradebook):
            term = self.terms.get(student)
            return read_submission(self.db_url, student, assignment, term, zone)

    def _keep(self, written: list[Path], target: Path, html: str) -> None:
        write_whole(target, html)
        written.append(target)
        _log.info("page %s", target)

    def _page(self, request: PageRequest, recorded: RecordedNotebook | None) -> RenderedPage:
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
        if recorded is None:
            raise _NoPage(f"{reason}; the gradebook does not know it") from None
        return RenderedPage(plain_page(recorded, request.student, request.links, ()), said)

    def _tidy(self, source: Path, folder: Path, pages: set[str]) -> None:
        """Copy the files for nbgrader beside the pages, and remove all other files.

        nbgrader's ``release_feedback`` reads the time and the secret of the hand-in.
        """
        if not folder.is_dir():
            return
        kept = set(pages)
        submitted = self.course.submitted / source.parent.name / source.name
        for name, origin in ((_TIMESTAMP, source), (_SECRET, submitted)):
            path = origin / name
            if path.is_file() and not path.is_symlink() and path.stat().st_size <= _MAX_COPIED:
                write_whole(folder / name, path.read_bytes())
                kept.add(name)
        for path in folder.iterdir():
            if path.name not in kept and (path.is_file() or path.is_symlink()):
                path.unlink()


class _NoPage(AutograderError):
    """Even the page with only the points failed."""
