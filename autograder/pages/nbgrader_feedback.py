"""``nbgrader generate_feedback`` and formgrader's button, for courses with our exporter."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException

from autograder.course.layout import Course
from autograder.files.student_folders import chosen, folders_in
from autograder.pages.feedback import Feedback, FeedbackWriter, notebooks_in
from autograder.rendering.exporter import FeedbackExporter, GetVerdicts
from autograder.rendering.links import start_name
from autograder.rendering.process import PageProcess

__all__ = ["FeedbackExporter", "GetVerdicts", "generate"]


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
        if notebooks_in(course.autograded / student / assignment)
    ]
    if not found:
        asked = f"{directory.student_id}/{directory.assignment_id}"
        _refuse(converter, f"No notebooks were matched: {course.autograded} holds no {asked}")
    feedback = Feedback()
    with PageProcess() as process:
        writer = FeedbackWriter(
            course, process, directory.db_url, _names_of(converter.preprocessors)
        )
        writer.refresh()
        for student, assignment in found:
            if not (converter.force or _is_old(converter, course, student, assignment)):
                converter.log.info("Skipping existing assignment: %s/%s", student, assignment)
                continue
            before, starts_before = len(feedback.pages), len(feedback.starts)
            converter.run_pre_convert_hook()
            writer.write(
                feedback, student, assignment, lambda name: _fits(name, directory.notebook_id)
            )
            converter.set_permissions(assignment, student)
            converter.run_post_convert_hook()
            for path in (*feedback.pages[before:], *feedback.starts[starts_before:]):
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
    names = [path.stem for path in notebooks_in(source)]
    expected = [start_name(names), *(f"{name}.html" for name in names)]
    if any(not (folder / name).is_file() for name in expected):
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


def _standing_in(
    own_start: Callable[[GenerateFeedback], None],
) -> Callable[[GenerateFeedback], None]:
    """``GenerateFeedback.start`` for courses with our exporter; nbgrader's for others."""

    @functools.wraps(own_start)
    def start(self: GenerateFeedback) -> None:
        if issubclass(self.exporter_class, FeedbackExporter):
            generate(self)
        else:
            own_start(self)

    return start


# nbgrader removes all pages of a student if one fails, and uses ids as patterns.
GenerateFeedback.start = _standing_in(GenerateFeedback.start)
