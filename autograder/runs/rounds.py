"""Which sample answers share a notebook, and which exercises are tested in it."""

from __future__ import annotations

import builtins
import dis
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import zip_longest
from types import CodeType
from typing import Protocol

from autograder.course.source import NotebookBundle, SourceCell
from autograder.lesson.free_names import global_names

ROUND_SIZE = 4
WATCHING = 2  # exercises of a round that are tested although they cannot notice anything


class Answer(Protocol):
    """An answer to an exercise: a misconception, or a right or wrong answer of the course."""

    @property
    def id(self) -> str: ...
    @property
    def exercise(self) -> str: ...
    @property
    def code(self) -> str: ...


@dataclass(frozen=True)
class Round:
    """Answers in one notebook, one an exercise, and the exercises to test in it."""

    wrong: Mapping[str, Answer] = field(default_factory=dict)  # by exercise; these lose points
    right: Mapping[str, Answer] = field(default_factory=dict)  # by exercise; these earn everything
    tested: frozenset[str] | None = None  # None: all

    @property
    def answers(self) -> dict[str, Answer]:
        """All answers that are not the reference's, by exercise."""
        return {**self.right, **self.wrong}

    def alone(self) -> dict[str, Round]:
        """Each answer in a notebook of its own, by the answer's id; all exercises are tested."""
        return {wrong.id: Round(wrong={name: wrong}) for name, wrong in self.wrong.items()} | {
            right.id: Round(right={name: right}) for name, right in self.right.items()
        }


class Influence:
    """The exercises that can notice a wrong answer to another exercise.

    An exercise notices it if its test or its answer reads, directly or through other cells of the
    notebook, a name that the wrong answer or the right one defines. Every exercise notices a wrong
    answer that replaces one of Python's own names.
    """

    def __init__(self, bundle: NotebookBundle) -> None:
        self._answers = {cell.exercise: cell for cell in bundle.answers}
        self._tests: dict[str, list[SourceCell]] = {}
        for cell in bundle.tests:
            self._tests.setdefault(cell.exercise, []).append(cell)
        self._reads: dict[str, set[str]] = {}  # name -> the names that its cells read
        for cell in bundle.cells:
            if cell.kind == "code" and not (cell.is_test or cell.is_try):
                self._note(cell.solution)
        self._known: dict[str, set[str]] = {}  # exercise -> the names that it reaches
        self._defined = {name: defined(cell.solution) for name, cell in self._answers.items()}

    def _note(self, code: str) -> None:
        read = read_names(code)
        for name in defined(code):
            self._reads.setdefault(name, set()).update(read)

    def _reached(self, exercise: str) -> set[str]:
        """All names that a test of this exercise may read if its answer is right."""
        cells = [cell.source for cell in self._tests.get(exercise, [])]
        if exercise in self._answers:
            cells.append(self._answers[exercise].solution)
        todo = {name for code in cells for name in read_names(code)}
        found: set[str] = set()
        while todo:
            name = todo.pop()
            found.add(name)
            todo |= self._reads.get(name, set()) - found
        return found

    def notices(self, exercise: str, wrong: Answer) -> bool:
        """Whether ``exercise``, answered right, can notice a wrong answer to another one."""
        if exercise == wrong.exercise:
            return False
        if exercise not in self._known:
            self._known[exercise] = self._reached(exercise)
        names = self._defined.get(wrong.exercise, frozenset()) | defined(wrong.code)
        return bool(names & self._known[exercise]) or not names.isdisjoint(vars(builtins))


def rounds(bundle: NotebookBundle, bank: Iterable[Answer]) -> Iterator[Round]:
    """Wrong answers in rounds of a few exercises each; exercises with the most of them first.

    A round tests its exercises, every exercise that can notice one of its wrong answers, and some
    others in turn: they notice changed settings or modules, which names do not show.
    """
    influence = Influence(bundle)
    exercises = [answer.exercise for answer in bundle.answers]
    left: dict[str, list[Answer]] = {}
    for wrong in bank:
        left.setdefault(wrong.exercise, []).append(wrong)
    turn = 0
    while left:
        fullest = sorted(left, key=lambda exercise: -len(left[exercise]))[:ROUND_SIZE]
        chosen = {exercise: left[exercise].pop() for exercise in fullest}
        noticing = {
            exercise
            for exercise in exercises
            if any(influence.notices(exercise, wrong) for wrong in chosen.values())
        }
        others = [name for name in exercises if name not in noticing | chosen.keys()]
        watching = {others[(turn + step) % len(others)] for step in range(WATCHING) if others}
        turn += WATCHING
        yield Round(wrong=chosen, tested=frozenset(chosen.keys() | noticing | watching))
        left = {exercise: wrongs for exercise, wrongs in left.items() if wrongs}


def right_rounds(answers: Iterable[Answer]) -> Iterator[Round]:
    """Right answers in rounds of one for each exercise; a round tests all exercises."""
    columns: dict[str, list[Answer]] = {}
    for answer in answers:
        columns.setdefault(answer.exercise, []).append(answer)
    for row in zip_longest(*columns.values()):
        yield Round(right={answer.exercise: answer for answer in row if answer is not None})


@cache
def read_names(code: str) -> frozenset[str]:
    """Names that a cell reads and does not define."""
    return frozenset(global_names(compile(code, "<cell>", "exec")))


@cache
def defined(code: str) -> frozenset[str]:
    """Names that a cell defines, or a function in it by ``global``, for the cells after it."""
    return frozenset(_stored(compile(code, "<cell>", "exec"), "STORE_NAME", "STORE_GLOBAL"))


def _stored(code: CodeType, *operations: str) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in operations:
            yield str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _stored(constant, "STORE_GLOBAL")
