"""Copies of the source's cells, and the student's own cells."""

from __future__ import annotations

from collections.abc import Iterator

from nbformat import NotebookNode

from autograder.course.source import NotebookBundle, SourceCell
from autograder.notebooks.cell_kinds import same_text
from autograder.notebooks.notebook import grade_id_of, is_as_released

_ALIKE = 0.6  # the share of a given cell's lines that a copy still has
_LINK = "colab.research.google.com"


class CellMap:
    """The notebook's copies of given cells, and the student's own cells."""

    def __init__(
        self, bundle: NotebookBundle, notebook: NotebookNode, placement: dict[str, int]
    ) -> None:
        self.bundle = bundle
        self.notebook = notebook
        self.given: dict[int, int] = {}  # position of a copy -> position in the source
        self.copies: dict[int, int] = {}  # position in the source -> position of its first copy
        self._texts = [same_text(text) for text in bundle.released]
        self._blanks = {
            same_text(text)
            for cell, text in zip(bundle.cells, bundle.released, strict=True)
            if cell.is_manual
        } | {same_text(bundle.stubs.text), same_text(bundle.stubs.code)}
        self._by_id = {cell.grade_id: i for i, cell in enumerate(bundle.cells) if cell.grade_id}
        cells = enumerate(notebook.cells)
        self._unchanged = {i for i, cell in cells if not _attached(cell) and is_as_released(cell)}
        self._find_copies(placement)
        self._find_alike()

    def is_blank(self, index: int, source: SourceCell) -> bool:
        """Whether a cell holds only the released text; white space may differ."""
        cell = self.notebook.cells[index]
        if _attached(cell):
            return False
        if index in self._unchanged:
            return True
        released = self._texts[self._by_id[source.grade_id]]
        return same_text(cell.source) in (released, same_text(self.bundle.stubs.text))

    def is_empty(self, index: int) -> bool:
        """Whether a cell is empty."""
        cell = self.notebook.cells[index]
        return not cell.source.strip() and not _attached(cell)

    def blanks_of(self, index: int) -> list[int]:
        """The unchanged cell of a question that lost its id, found below the cell before it."""
        before = self._copy_before(index)
        for position in range(before + 1, len(self.notebook.cells)):
            cell = self.notebook.cells[position]
            if position in self.given:
                break
            if same_text(cell.source) == self._texts[index] and not grade_id_of(cell):
                return [position]
        return []

    def beside(self, index: int, place: int | None) -> list[int]:
        """The student's own cells beside a question, up to the next given cell on either side.

        If there are none, the text cells right above the question that belong to no other question.
        """
        run = self._beside(index, place)
        before = self._copy_before(index)
        if not run and before >= 0 and self._is_text(self.given[before]):
            others = self._beside_others(index)
            run = {i for i in self._run(before - 1, -1, index) if self._is_note(i)} - others
        return sorted(run)

    def below(self, index: int, place: int | None) -> list[int]:
        """The student's own text cells further below.

        Cells beside another question count only if this question's cell is gone.
        """
        start = self._copy_before(index) if place is None else place
        others = set() if place is None else self._beside_others(index)
        numbers = range(start + 1, len(self.notebook.cells))
        return [i for i in numbers if self._is_note(i) and i not in others]

    def _beside(self, index: int, place: int | None) -> set[int]:
        run = set(self._run(self._copy_before(index) + 1, 1, index))
        if place is not None:
            run |= {*self._run(place - 1, -1, index), *self._run(place + 1, 1, index)}
        return run

    def _beside_others(self, index: int) -> set[int]:
        questions = (n for n, cell in enumerate(self.bundle.cells) if cell.is_manual and n != index)
        return {i for n in questions for i in self._beside(n, self.copies.get(n))}

    def added_to_given(self, index: int) -> str:
        """The student's lines in the given text above or below an open question."""
        numbers = [index - 1]
        if index + 2 >= len(self.bundle.cells) or not self.bundle.cells[index + 2].is_manual:
            numbers.append(index + 1)
        return "\n".join(part for number in numbers if (part := self._added_to(number)))

    def _added_to(self, number: int) -> str:
        position = self.copies.get(number)
        if position is None or position in self._unchanged or not self._is_text(number):
            return ""
        cell = self.notebook.cells[position]
        stubs = f"{self.bundle.stubs.text}\n{self.bundle.stubs.code}"
        known = {*_lines(self.bundle.released[number]), *_lines(stubs)}
        own = [line for line in cell.source.splitlines() if set(_lines(line)) - known]
        return "\n".join(own) or ("(a picture)" if _attached(cell) else "")

    def _find_copies(self, placement: dict[str, int]) -> None:
        by_text: dict[str, list[int]] = {}
        for number, text in enumerate(self._texts):
            if text and not self.bundle.cells[number].is_solution:
                by_text.setdefault(text, []).append(number)
        placed = {place: self._by_id[name] for name, place in placement.items()}
        for position, cell in enumerate(self.notebook.cells):
            number = self._by_id.get(grade_id_of(cell), placed.get(position, -1))
            if number < 0:
                same = by_text.get(same_text(cell.source), [])
                number = next((n for n in same if n not in self.copies), same[0] if same else -1)
            if number >= 0:
                self.given[position] = number
                self.copies.setdefault(number, position)

    def _find_alike(self) -> None:
        """Changed copies of given text cells, found by their remaining lines."""
        lines: dict[str, set[int]] = {}
        counts: dict[int, int] = {}
        for number in range(len(self.bundle.cells)):
            if self._is_text(number) and number not in self.copies:
                own = set(_lines(self.bundle.released[number]))
                counts[number] = len(own)
                for line in own:
                    lines.setdefault(line, set()).add(number)
        if not counts:
            return
        for position, cell in enumerate(self.notebook.cells):
            if position in self.given or cell.cell_type == "code":
                continue
            shared: dict[int, int] = {}
            for line in set(_lines(cell.source)):
                for number in lines.get(line, ()):
                    shared[number] = shared.get(number, 0) + 1
            best = max(shared, key=lambda n: shared[n] / counts[n], default=None)
            if (
                best is not None
                and best not in self.copies
                and shared[best] >= _ALIKE * counts[best]
            ):
                self.given[position] = best
                self.copies[best] = position

    def _copy_before(self, index: int) -> int:
        """The position of the nearest earlier source cell that the notebook has; -1 without one."""
        return next((self.copies[n] for n in range(index - 1, -1, -1) if n in self.copies), -1)

    def _run(self, start: int, step: int, index: int) -> Iterator[int]:
        """The student's own cells from a position on, up to the next given cell elsewhere."""
        position = start
        while 0 <= position < len(self.notebook.cells):
            if self.given.get(position, index) != index:
                return
            if self._is_own(position):
                yield position
            position += step

    def _is_text(self, number: int) -> bool:
        source = self.bundle.cells[number]
        return source.kind == "markdown" and not source.is_solution

    def _is_note(self, position: int) -> bool:
        return self._is_own(position) and self.notebook.cells[position].cell_type != "code"

    def _is_own(self, position: int) -> bool:
        cell = self.notebook.cells[position]
        if position in self.given or (position in self._unchanged and not cell.get("outputs")):
            return False
        pictures = _attached(cell) or bool(cell.get("outputs"))
        text = same_text(cell.source)
        return pictures or bool(text and text not in self._blanks)


def _attached(cell: NotebookNode) -> bool:
    """Whether a cell holds pictures beside its text."""
    return any((cell.get("attachments") or {}).values())


def _plain(line: str) -> str:
    return " ".join(line.split())


def _lines(text: str) -> list[str]:
    return [_plain(line) for line in text.splitlines() if line.strip() and _LINK not in line]
