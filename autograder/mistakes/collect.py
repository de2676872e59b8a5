"""All mistakes of an assignment's source, told together."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment
from autograder.errors import SourceError
from autograder.mistakes.banks import bank_mistakes, homeless_banks
from autograder.mistakes.code import check_mistakes, hidden_name_mistakes, syntax_mistakes
from autograder.mistakes.exercises import exercise_mistakes, folder_mistakes
from autograder.mistakes.leaks import leak_mistakes
from autograder.mistakes.lesson import Lesson, named, names_defined
from autograder.mistakes.markers import marker_mistakes
from autograder.mistakes.placeholders import placeholder_mistakes

SECRET = "secret"  # the file in the folder of the engine's state
_SHORTEST = 12  # characters of a secret that can be told from other words


def read_assignment(course: Course, assignment: str) -> tuple[list[NotebookBundle], list[Lesson]]:
    """All notebooks and lessons of an assignment, without a mistake that their text shows.

    Reads files and runs no code. Raises SourceError that tells all mistakes, each with its place
    and the next step.
    """
    paths = course.notebook_sources(assignment)
    mistakes, lessons = [], []
    for path in paths:
        try:
            lessons.append(Lesson.read(path))
        except SourceError as error:
            mistakes.append(str(error))
        except UnicodeDecodeError as error:
            mistakes.append(f"{named(path)}: not UTF-8: {error.reason}. Save it as UTF-8")
    for lesson in lessons:
        mistakes += _of_lesson(lesson)
    if len(lessons) == len(paths):
        folder = course.source / assignment
        mistakes += folder_mistakes(folder, lessons)
        mistakes += homeless_banks(folder, {lesson.name for lesson in lessons})
    tell(mistakes, assignment)
    bundles = load_assignment(course, assignment, [lesson.parsed for lesson in lessons])
    for bundle, lesson in zip(bundles, lessons, strict=True):
        mistakes += _of_release(course, bundle, lesson)
    tell(mistakes, assignment)
    return bundles, lessons


def tell(mistakes: Sequence[str], assignment: str) -> None:
    """Raise SourceError with all mistakes, if there are any; a repeated one is told once."""
    told = list(dict.fromkeys(mistakes))
    if len(told) == 1:
        raise SourceError(told[0])
    if told:
        lines = "\n".join(f"- {one}" for one in told)
        raise SourceError(
            f"{len(told)} mistakes in source/{assignment}. Nothing is released.\n{lines}"
        )


def _of_lesson(lesson: Lesson) -> Iterator[str]:
    yield from marker_mistakes(lesson)
    yield from syntax_mistakes(lesson)
    yield from exercise_mistakes(lesson)
    yield from check_mistakes(lesson)
    yield from bank_mistakes(lesson)
    yield from placeholder_mistakes(lesson)


def _of_release(course: Course, bundle: NotebookBundle, lesson: Lesson) -> Iterator[str]:
    defined = {name for cell in bundle.cells for name in names_defined(cell.source)}
    yield from hidden_name_mistakes(lesson, defined)
    places = [lesson.place(cell) for cell in lesson.cells]
    yield from leak_mistakes(bundle.released, places, _secrets(course))


def _secrets(course: Course) -> dict[str, str]:
    """Texts that no release may hold, with the words for them."""
    found = {str(course.root): "the path of the course on this machine"}
    with contextlib.suppress(OSError):
        secret = (course.state / SECRET).read_bytes()
        for text in (secret.decode("latin-1").strip(), secret.hex()):
            if len(text) >= _SHORTEST:
                found[text] = "the secret of the course"
    return found
