"""A lesson and its notebook for JupyterLab: which of the two was edited, and both the same again.

The notebook lies beside the lesson, ``source/ASSIGNMENT/NOTEBOOK.ipynb``. It is a copy for the
editor: a release reads the lesson. The notebook carries a mark of the lesson that it was made of.
Once it was converted back, a newer mark lies in ``.autograder/``, because JupyterLab has the
notebook open.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import nbformat
from nbformat import NotebookNode

from autograder.atomic_write import write_whole
from autograder.course.layout import Course
from autograder.errors import AutograderError, SourceError, UsageError
from autograder.lesson.check_module import EXERCISES, check_path, read_check
from autograder.pairing.edited_notebook import Edited, from_notebook
from autograder.pairing.paired import (
    Lesson,
    Mark,
    mark_of,
    notebook_digest,
    plain_check,
    to_notebook,
)

Side = Literal["notebook", "lesson"]
_log = logging.getLogger(__name__)


class UnreadableNotebook(AutograderError):
    """The notebook of a lesson is no notebook, for example because it is half saved."""


class BothEdited(AutograderError):
    """The lesson and its notebook were edited, in different ways; the text gives the next step."""


@dataclass(frozen=True)
class Step:
    """One step that made a lesson and its notebook the same.

    ``taken`` is the edited side, empty if there was nothing to do. ``files`` are the written files,
    relative to the folder of the assignment; ``notes`` are sentences for the author.
    """

    name: str  # ASSIGNMENT/NOTEBOOK
    taken: Side | Literal[""] = ""
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """A lesson, the checks of its exercises, and its notebook."""

    course: Course
    path: Path  # of the lesson
    text: str | None = None  # of the lesson, if the caller has it

    @classmethod
    def named(cls, course: Course, name: str) -> Pair:
        """The pair called ASSIGNMENT/NOTEBOOK. One of the two files may be missing.

        Raises UsageError if both are missing.
        """
        assignment, slash, notebook = name.removesuffix(".py").removesuffix(".ipynb").partition("/")
        path = course.source / assignment / f"{notebook}.py"
        found = path.is_file() or path.with_suffix(".ipynb").is_file()
        if not (slash and notebook and found) or path.parent.parent != course.source:
            lessons = sorted(course.source.glob("*/[0-9]*_*.py"))
            known = ", ".join(f"{one.parent.name}/{one.stem}" for one in lessons) or "none"
            raise UsageError(f"no lesson {name!r} in {course.source} (there: {known})")
        return cls(course, path)

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def notebook(self) -> Path:
        return self.path.with_suffix(".ipynb")

    def files(self) -> list[Path]:
        """All files of the pair that exist, to watch for changes."""
        checks = sorted((self.path.parent / EXERCISES).glob("*/check.py"))
        return [path for path in (self.path, self.notebook, *checks) if path.is_file()]

    def is_edited(self) -> bool:
        """Whether the notebook was edited after it was last the same as the lesson.

        Raises UnreadableNotebook.
        """
        notebook = self._read_notebook()
        return notebook is not None and self._was_edited(notebook)

    def bring_together(self, take: Side | Literal[""] = "", *, write_notebook: bool = True) -> Step:
        """Convert the side that was edited; ``take`` decides where both were.

        ``write_notebook=False`` only converts an edited notebook. Raises BothEdited,
        UnreadableNotebook, and SourceError if the lesson breaks a rule or the notebook holds
        something that a lesson cannot hold. After an error, no file has changed.
        """
        notebook = self._read_notebook()
        if not (write_notebook or take) and not (notebook and self._was_edited(notebook)):
            return Step(self.name)
        lesson = self._read_lesson() if take != "notebook" else self._readable_lesson()
        if notebook is None:
            if lesson is None:
                raise UsageError(f"{self.notebook} is missing")
            return self._write_notebook(lesson, None) if write_notebook else Step(self.name)
        mark = self._mark(notebook)
        lesson_edited = mark is None or lesson is None or lesson.digest != mark.lesson
        if take == "notebook" or lesson is None:
            edited = self._lesson_in(notebook, lesson)
            return self._write_lesson(edited, lesson, notebook, over=bool(take))
        if take == "lesson":
            return self._write_notebook(lesson, notebook)
        if self._was_edited(notebook):
            edited = self._lesson_in(notebook, lesson)
            if lesson_edited and edited.lesson.digest != lesson.digest:
                raise BothEdited(self._both_edited())
            return self._write_lesson(edited, lesson, notebook)
        if lesson_edited and write_notebook:
            return self._write_notebook(lesson, notebook)
        return Step(self.name)

    def _lesson_in(self, notebook: NotebookNode, lesson: Lesson | None) -> Edited:
        try:
            return from_notebook(notebook, lesson)
        except SourceError as error:
            raise SourceError(f"source/{self.name}.ipynb, {error}") from error

    def _both_edited(self) -> str:
        return (
            f"{self.name}: the lesson and its notebook were both edited since they were the same. "
            f"Keep one of them: `autograder edit --take notebook {self.name}` writes the notebook "
            f"over the lesson and its checks, `autograder edit --take lesson {self.name}` writes "
            "the lesson over the notebook"
        )

    # The files.

    def _read_notebook(self) -> NotebookNode | None:
        """The notebook; None if there is none."""
        try:
            text = self.notebook.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableNotebook(f"{self.notebook} cannot be read: {error}") from error
        try:
            notebook = nbformat.reads(text, as_version=4)
            [(cell.cell_type, cell.source + "", dict(cell.metadata)) for cell in notebook.cells]
            dict(notebook.metadata)
        except Exception as error:  # any JSON that is no notebook
            raise UnreadableNotebook(
                f"{self.notebook} is no complete notebook, so the lesson stays as it is: save it "
                "again, or delete it and make it anew with `autograder edit`"
            ) from error
        return notebook

    def _read_lesson(self) -> Lesson | None:
        """The lesson with its checks; None if there is none."""
        name = f"source/{self.name}.py"
        try:
            text = self.path.read_text(encoding="utf-8") if self.text is None else self.text
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as error:
            raise SourceError(f"{name}: not UTF-8: {error}") from error
        checks: dict[str, str] = {}
        lesson = Lesson(text.replace("\r\n", "\n"), checks, name)
        for exercise in lesson.own_checks:
            checks[exercise] = read_check(check_path(self.path.parent, exercise))
        return lesson

    def _readable_lesson(self) -> Lesson | None:
        """The lesson; None if it cannot be read, and will be written over."""
        try:
            return self._read_lesson()
        except SourceError:
            return None

    def _write_lesson(
        self,
        edited: Edited,
        before: Lesson | None,
        notebook: NotebookNode,
        *,
        over: bool = False,
    ) -> Step:
        """Write the checks that differ, then the lesson, then the mark.

        ``over`` also writes over checks that the lesson did not have.
        """
        folder, lesson = self.path.parent, edited.lesson
        old = before.checks if before else {}
        if not over:
            self._refuse_foreign_checks(lesson, old)
        notes, written = list(edited.notes), []
        for name, new in edited.renamed.items():
            if (folder / EXERCISES / name).is_dir() and not (folder / EXERCISES / new).exists():
                (folder / EXERCISES / name).rename(folder / EXERCISES / new)
                notes.append(
                    f"{EXERCISES}/{name} is now {EXERCISES}/{new}; names inside its files are "
                    "yours to change"
                )
        for exercise, text in lesson.checks.items():
            path = check_path(folder, exercise)
            if not path.is_file() or plain_check(read_check(path)) != text:
                write_whole(path, text)
                written.append(path.relative_to(folder).as_posix())
        if before is None or lesson.digest != Lesson(before.text, lesson.checks).digest:
            write_whole(self.path, lesson.text)
            written.append(self.path.name)
        for exercise in sorted({*old} - {*lesson.checks} - {*edited.renamed}):
            notes.append(
                f"{EXERCISES}/{exercise} is not used any more; delete the folder if you do not "
                "need it"
            )
        self._remember(notebook, Mark(lesson.digest, notebook_digest(notebook)))
        taken: Side | Literal[""] = "notebook" if written or notes else ""
        return Step(self.name, taken, tuple(written), tuple(notes))

    def _refuse_foreign_checks(self, lesson: Lesson, own: Iterable[str]) -> None:
        """Refuse to write over the check of an exercise that the lesson did not have."""
        for exercise, text in lesson.checks.items():
            path = check_path(self.path.parent, exercise)
            if exercise not in own and path.is_file() and plain_check(read_check(path)) != text:
                where = path.relative_to(self.path.parent).as_posix()
                raise SourceError(
                    f"{self.name}: {where} is there already, with another text than the notebook's "
                    f"hidden tests of {exercise}: delete that file, or name the exercise otherwise"
                )

    def _write_notebook(self, lesson: Lesson, old: NotebookNode | None) -> Step:
        made = to_notebook(lesson)
        notes = []
        if old is not None:
            _keep_outputs(made, old)
            if mark_of(old) is None:
                kept = self.course.state / "replaced" / self.path.parent.name / self.notebook.name
                write_whole(kept, self.notebook.read_bytes())
                notes.append(
                    f"{self.notebook.name} was not made of this lesson; it is kept as "
                    f"{kept.relative_to(self.course.root).as_posix()}"
                )
        write_whole(self.notebook, nbformat.writes(made) + "\n")
        self._newer_mark.unlink(missing_ok=True)
        return Step(self.name, "lesson", (self.notebook.name,), tuple(notes))

    # The mark.

    @property
    def _newer_mark(self) -> Path:
        return self.course.state / "notebooks" / self.path.parent.name / f"{self.path.stem}.json"

    def _mark(self, notebook: NotebookNode) -> Mark | None:
        """The state at the last time that lesson and notebook were the same."""
        first = mark_of(notebook)
        try:
            data = json.loads(self._newer_mark.read_text(encoding="utf-8"))
            newer, made = Mark(**data["mark"]), data["made"]
        except (OSError, ValueError, KeyError, TypeError):
            return first
        return newer if made == (asdict(first) if first else None) else first

    def _was_edited(self, notebook: NotebookNode) -> bool:
        mark = self._mark(notebook)
        return mark is not None and notebook_digest(notebook) != mark.notebook

    def _remember(self, notebook: NotebookNode, mark: Mark) -> None:
        first = mark_of(notebook)
        data = {"made": asdict(first) if first else None, "mark": asdict(mark)}
        write_whole(self._newer_mark, json.dumps(data, indent=2) + "\n")


def take_edits(course: Course, assignment: str) -> list[Step]:
    """Convert the edited notebooks of an assignment, and list them.

    Raises as ``Pair.bring_together``.
    """
    pairs = [Pair(course, path) for path in course.notebook_sources(assignment)]
    steps = [pair.bring_together(write_notebook=False) for pair in pairs]
    return [step for step in steps if step.taken]


def write_notebooks(course: Course, lessons: Mapping[Path, str]) -> list[Step]:
    """Write the notebooks whose lessons are newer; ``lessons`` maps paths to texts."""
    pairs = [Pair(course, path, text) for path, text in lessons.items()]
    return [step for step in (pair.bring_together() for pair in pairs) if step.taken]


def edited_notebooks(course: Course, assignment: str) -> list[str]:
    """The notebooks that were edited since they were the same as their lessons, by name.

    A notebook that cannot be read is one of them.
    """
    pairs = [Pair(course, path) for path in course.notebook_sources(assignment)]
    return [pair.name for pair in pairs if _may_be_edited(pair)]


def _may_be_edited(pair: Pair) -> bool:
    try:
        return pair.is_edited()
    except UnreadableNotebook:
        return True


def _keep_outputs(made: NotebookNode, old: NotebookNode) -> None:
    """Give unchanged cells of code the outputs and ids that they had."""
    known = {cell.source: cell for cell in old.cells if cell.cell_type == "code"}
    for cell in made.cells:
        before = known.pop(cell.source, None) if cell.cell_type == "code" else None
        if before is not None:
            cell.outputs = before.get("outputs", [])
            cell.execution_count = before.get("execution_count")
