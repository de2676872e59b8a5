"""The source of an assignment: its cells, with their purposes and points."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder.course.help_text import help_text
from autograder.course.layout import Course
from autograder.course.source_format import format_of
from autograder.course.stated_points import Unknown, points_mistake
from autograder.errors import SourceError
from autograder.lesson.check_module import check_path, graded_cell
from autograder.lesson.code_placeholders import fill_code_placeholders
from autograder.lesson.hints import folded
from autograder.lesson.placeholders import fill_placeholders
from autograder.lesson.shared_code import FOLDER, SharedCode

# The kernel of every notebook of a course; the kernel that its author used does not count.
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}

_SOLUTION_BEGINS = re.compile(r"^[ \t]*### BEGIN SOLUTION[ \t]*\n", re.MULTILINE)
_SOLUTION = re.compile(r"^[ \t]*### (BEGIN|END) SOLUTION[ \t]*\n?", re.MULTILINE)
_REGION = re.compile(
    r"^([ \t]*)[^\n]*BEGIN SOLUTION[^\n]*$.*?^[^\n]*END SOLUTION[^\n]*$\n?",
    re.MULTILINE | re.DOTALL,
)
_HIDDEN = re.compile(
    r"^[^\n]*BEGIN HIDDEN TESTS.*?END HIDDEN TESTS[^\n]*\n?", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Stubs:
    """The text that replaces an answer in a release, for code cells and for text cells."""

    code: str = "# YOUR CODE HERE\nraise NotImplementedError()"
    text: str = "YOUR ANSWER HERE"


@dataclass(frozen=True)
class SourceCell:
    """One cell of a source notebook, with its nbgrader metadata as fields.

    ``metadata`` is all metadata of the cell, from which the instructor's notebook is made.
    """

    index: int
    kind: str  # "code", "markdown" or "raw"
    source: str
    grade_id: str
    exercise: str
    tags: frozenset[str]
    is_grade: bool
    is_solution: bool
    points: float
    is_locked: bool = False
    is_task: bool = False
    check: Path | None = None  # the module that its hidden test comes from
    metadata: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_test(self) -> bool:
        """A code cell that awards points automatically."""
        return self._is_judged and self.points != 0

    @property
    def is_try(self) -> bool:
        """A visible test: a test cell worth no points, which shows students their mistakes."""
        return self._is_judged and self.points == 0

    @property
    def _is_judged(self) -> bool:
        return self.kind == "code" and self.is_grade and not self.is_solution

    @property
    def is_manual(self) -> bool:
        """A cell that a person grades."""
        return self.is_grade and self.is_solution

    @property
    def is_answer(self) -> bool:
        """A code cell in which the student writes an answer."""
        return self.kind == "code" and self.is_solution and not self.is_grade

    @property
    def is_restored(self) -> bool:
        """A cell whose text nbgrader puts back before it grades: tests, and given cells."""
        return not self.is_solution and (self.is_grade or self.is_locked)

    @property
    def is_given(self) -> bool:
        """A code cell that students get and should not change, such as the setup."""
        return self.kind == "code" and self.is_locked and not (self.is_grade or self.is_solution)

    @property
    def solution(self) -> str:
        """The cell with its reference answer, without the markers around it."""
        return "".join(self.head_and_body)

    def released(self, stubs: Stubs) -> str:
        """The cell as students get it: without hidden tests, and with a stub as its answer."""
        if not self.is_solution:
            return _HIDDEN.sub("", self.source).rstrip()
        stub = stubs.code if self.kind == "code" else stubs.text

        def indented(region: re.Match[str]) -> str:
            return "".join(f"{region[1]}{line}\n" for line in stub.split("\n"))

        text, regions = _REGION.subn(indented, self.source)
        return text.rstrip("\n") if regions else stub

    @property
    def head_and_body(self) -> tuple[str, str]:
        """The given text above the answer; the answer with the text after it."""
        head, _, body = _SOLUTION_BEGINS.sub("\0", self.source, count=1).rpartition("\0")
        return head, _SOLUTION.sub("", body)


@dataclass(frozen=True)
class NotebookBundle:
    """One source notebook, read for grading."""

    assignment: str
    name: str
    path: Path
    cells: tuple[SourceCell, ...]
    stubs: Stubs = Stubs()
    data: bytes = field(default=b"", compare=False, repr=False)

    @cached_property
    def released(self) -> tuple[str, ...]:
        """The text of each cell as students get it."""
        return tuple(cell.released(self.stubs) for cell in self.cells)

    @cached_property
    def tests(self) -> tuple[SourceCell, ...]:
        """The tests that are worth points."""
        return tuple(cell for cell in self.cells if cell.is_test)

    @cached_property
    def tries(self) -> tuple[SourceCell, ...]:
        """The visible tests without points."""
        return tuple(cell for cell in self.cells if cell.is_try)

    @cached_property
    def answers(self) -> tuple[SourceCell, ...]:
        return tuple(cell for cell in self.cells if cell.is_answer)

    @cached_property
    def manual(self) -> tuple[SourceCell, ...]:
        return tuple(cell for cell in self.cells if cell.is_manual)

    @cached_property
    def graded(self) -> tuple[SourceCell, ...]:
        """The cells that nbgrader records: tests, tries and manual cells, in their order."""
        return tuple(cell for cell in self.cells if cell.is_grade)

    @cached_property
    def setup(self) -> str:
        """The code that every test may use: the cells tagged ``setup``."""
        return "\n\n".join(cell.source for cell in self.cells if "setup" in cell.tags)

    @property
    def module_name(self) -> str:
        """The name of the generated reference module: ``01_convolution`` -> ``convolution``."""
        return re.sub(r"^\d+_", "", self.name)

    def answer_for(self, exercise: str) -> SourceCell | None:
        """The cell that answers this exercise, if there is one."""
        return next((cell for cell in self.answers if cell.exercise == exercise), None)


@dataclass(frozen=True)
class ParsedSource:
    """A source file, and the notebook in it as its author wrote it, with nothing filled in."""

    path: Path
    data: bytes = field(repr=False)
    notebook: NotebookNode = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> ParsedSource:
        """Read a source file. Raises SourceError for headers outside the grammar."""
        data = path.read_bytes()
        text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8").read()
        return cls(path, data, format_of(path).parse(text, "/".join(path.parts[-3:])))

    @property
    def text(self) -> str:
        return io.TextIOWrapper(io.BytesIO(self.data), encoding="utf-8").read()


def read_source(path: Path) -> NotebookNode:
    """A source notebook with its shared code copied in.

    Placeholders are filled in. Raises SourceError if shared code is missing.
    """
    return _filled(ParsedSource.read(path), _shared_code(path))[0]


def load_bundle(
    path: Path,
    shared: SharedCode | None = None,
    help_text: str = "",
    parsed: ParsedSource | None = None,
) -> NotebookBundle:
    """One source notebook, read for grading and for release.

    ``shared`` is the course's shared code, and ``parsed`` the file, if the caller has read them;
    ``help_text`` holds the rules of help and collaboration. Raises SourceError if a graded
    cell breaks a rule: a missing or repeated grade_id, a test without an exercise or points, a test
    whose check gives other points than its header. A test of an exercise that is worth 0 points is
    a try.
    """
    parsed = parsed or ParsedSource.read(path)
    notebook, checks = _filled(parsed, shared or _shared_code(path), help_text)
    cells = tuple(
        _source_cell(index, cell, checks.get(index)) for index, cell in enumerate(notebook.cells)
    )
    seen: set[str] = set()
    for cell in cells:
        if (cell.is_grade or cell.is_solution) and not cell.grade_id:
            raise SourceError(f"{path.name}: cell {cell.index} is graded but has no grade_id")
        if cell.grade_id and cell.grade_id in seen:
            raise SourceError(f"{path.name}: the grade_id {cell.grade_id!r} is used twice")
        if _lacks_facts(cell):
            raise SourceError(f"{path.name}: test {cell.grade_id!r} lacks an exercise or points")
        seen.add(cell.grade_id)
    bundle = NotebookBundle(path.parent.name, path.stem, path, cells, data=parsed.data)
    for cell in bundle.tests:
        with contextlib.suppress(Unknown, SyntaxError):
            if mistake := points_mistake(cell.source, cell.points, bundle.setup):
                raise SourceError(course_mistake(bundle, cell, mistake))
    return bundle


def _lacks_facts(cell: SourceCell) -> bool:
    """Whether a test lacks its exercise or its points; a try states that it is worth 0."""
    if cell.is_try:
        stated = cell.metadata.get("nbgrader", {}).get("points")
        return stated is None or not cell.metadata.get("exercise")
    return cell.is_test and not (cell.exercise and cell.points > 0)


def course_mistake(bundle: NotebookBundle, cell: SourceCell, mistake: str) -> str:
    """A mistake of the course, with its file and cell."""
    if cell.check is not None:
        return f"a mistake of the course, in {'/'.join(cell.check.parts[-5:])}: {mistake}"
    where = "/".join(bundle.path.parts[-3:])
    return f"a mistake of the course, in {where}, cell {cell.grade_id}: {mistake}"


def load_assignment(
    course: Course, assignment: str, parsed: Sequence[ParsedSource] = ()
) -> list[NotebookBundle]:
    """All notebooks of an assignment, in order; each source file is read once.

    ``parsed`` are the files, if the caller has read them.
    """
    stubs, shared = _stubs(course), SharedCode(course.source / FOLDER)
    files = parsed or [ParsedSource.read(path) for path in course.notebook_sources(assignment)]
    words = help_text(course.settings)
    return [replace(load_bundle(one.path, shared, words, one), stubs=stubs) for one in files]


def _shared_code(path: Path) -> SharedCode:
    return SharedCode(path.parent.parent / FOLDER)


def _filled(
    parsed: ParsedSource, shared: SharedCode, help_text: str = ""
) -> tuple[NotebookNode, dict[int, Path]]:
    """The notebook in a source file, and the modules of its graded cells, by index of the cell."""
    path = parsed.path
    name = "/".join(path.parts[-3:])
    notebook = shared.copy_into(deepcopy(parsed.notebook))
    checks = {}
    for index, cell in enumerate(notebook.cells):
        if _awaits_check(cell):
            exercise = cell.metadata["exercise"]
            points = float(cell.metadata["nbgrader"]["points"])
            checks[index] = check_path(path.parent, exercise)
            cell.source = graded_cell(checks[index], exercise, points, shared)
        elif "hint" in cell.metadata.get("tags", []):
            cell.source = folded(cell.source)
    siblings = sorted(one.stem for one in path.parent.glob(f"[0-9]*_*{path.suffix}"))
    fill_code_placeholders(notebook, path.parent.name, siblings)
    fill_placeholders(notebook, name, help_text)
    return notebook, checks


def _awaits_check(cell: NotebookNode) -> bool:
    """Whether a cell is an empty graded cell: its test stands in a module of its own."""
    facts = cell.metadata.get("nbgrader", {})
    is_test = cell.cell_type == "code" and facts.get("grade") and not facts.get("solution")
    return bool(is_test and facts.get("points") and not cell.source.strip())


def _stubs(course: Course) -> Stubs:
    """The stub texts in the configuration of nbgrader's ``ClearSolutions``."""
    given = course.config.ClearSolutions
    code, text = given.get("code_stub", {}), given.get("text_stub", Stubs.text)
    return Stubs(code.get("python", Stubs.code) if isinstance(code, dict) else str(code), text)


def _source_cell(index: int, cell: Any, check: Path | None) -> SourceCell:
    nbgrader = cell.metadata.get("nbgrader", {})
    grade_id = nbgrader.get("grade_id", "")
    return SourceCell(
        index=index,
        kind=cell.cell_type,
        source=cell.source,
        grade_id=grade_id,
        exercise=cell.metadata.get("exercise", "") or (grade_id if nbgrader.get("grade") else ""),
        tags=frozenset(cell.metadata.get("tags", [])),
        is_grade=bool(nbgrader.get("grade")),
        is_solution=bool(nbgrader.get("solution")),
        points=float(nbgrader.get("points", 0) or 0),
        is_locked=bool(nbgrader.get("locked")),
        is_task=bool(nbgrader.get("task")),
        check=check,
        metadata=cell.metadata,
    )
