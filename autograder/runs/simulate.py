"""Create a class: right, partly right and wrong answers, late, hanging, crashing, broken files."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice

import nbformat
from nbformat import NotebookNode

from autograder.course.layout import Course
from autograder.course.misconceptions import WrongAnswer, load_bank
from autograder.course.source import NotebookBundle, load_assignment
from autograder.people.made_up import made_up
from autograder.people.person import Person
from autograder.people.roster import write_people
from autograder.records.gradebook import give_due_date, open_gradebook
from autograder.release.samples import Samples, answered, reference_answers

_ESSAY = "I tried it in the notebook: the figure shows it, and the formula says why."
_HANG = "\n\nwhile True:  # wait until the kernel is warm\n    pass\n"
_CRASH = "import os\n\nos._exit(1)  # the notebook said: restart the kernel\n"


@dataclass(frozen=True)
class SimulatedStudent:
    """One made-up student, with the answers and files. ``name`` is the id."""

    name: str
    story: str
    person: Person


@dataclass
class _Class:
    course: Course
    assignment: str
    bundles: list[NotebookBundle]
    banks: dict[str, list[WrongAnswer]]
    source: random.Random
    samples: Samples

    def write(self, name: str, bundle: NotebookBundle, data: bytes, file_name: str = "") -> None:
        folder = self.course.submitted / name / self.assignment
        folder.mkdir(parents=True, exist_ok=True)
        (folder / (file_name or f"{bundle.name}.ipynb")).write_bytes(data)

    def write_weights(self, name: str) -> None:
        """Hand in the networks of the worked notebooks as this student's own."""
        for file_name, data in self.samples.weights.items():
            (self.course.submitted / name / self.assignment / file_name).write_bytes(data)

    def notebook(
        self, bundle: NotebookBundle, changes: dict[str, str] | None = None, essay: bool = True
    ) -> NotebookNode:
        """The reference's answers, with some replaced; with None, the reference itself."""
        essays = {cell.grade_id: _ESSAY for cell in bundle.manual} if essay else {}
        answers = {**reference_answers(bundle), **(changes or {})}
        return answered(self.samples.released(bundle), answers, essays)

    def wrong(self, bundle: NotebookBundle, count: int) -> tuple[dict[str, str], list[str]]:
        """Some misconceptions of different exercises: the changed cells, and their names."""
        bank = list(self.banks[bundle.name])
        self.source.shuffle(bank)
        chosen: dict[str, WrongAnswer] = {}
        for wrong in bank:
            chosen.setdefault(wrong.exercise, wrong)
        picked = list(chosen.values())[:count]
        cells = {exercise: bundle.answer_for(exercise) for exercise in (w.exercise for w in picked)}
        changes = {cell.grade_id: w.code for w in picked if (cell := cells[w.exercise]) is not None}
        return changes, [w.id for w in picked]

    def unwritten(self, bundle: NotebookBundle) -> dict[str, str]:
        """The answers without the later half of the exercises, which stay as released."""
        released = {
            str(cell.metadata.get("nbgrader", {}).get("grade_id")): cell.source
            for cell in self.samples.released(bundle).cells
        }
        late = bundle.answers[len(bundle.answers) // 2 :]
        return {cell.grade_id: released[cell.grade_id] for cell in late}


def simulate(course: Course, assignment: str, students: int, seed: int) -> list[SimulatedStudent]:
    """Write a class of ``students`` into ``submitted/``; the same seed creates the same class.

    The students get made-up names and sections in the gradebook. An assignment without a due date
    gets one, so that some students are late.

    Raises UsageError if the assignment is not released.
    """
    bundles = load_assignment(course, assignment)
    banks = {bundle.name: load_bank(bundle) for bundle in bundles}
    samples = Samples(course, assignment)
    made = _Class(course, assignment, bundles, banks, random.Random(seed), samples)
    width = max(2, len(str(students)))
    names = [f"student{number:0{width}d}" for number in range(1, students + 1)]
    stories = islice(cycle(_stories()), students)
    due = datetime(2026, 10, 1, 23, 59, tzinfo=UTC)
    give_due_date(course, assignment, due)
    people = made_up(names, seed)
    with open_gradebook(course) as gradebook:
        write_people(gradebook.db, people)
        gradebook.db.commit()
    told: list[SimulatedStudent] = []
    for number, (person, story) in enumerate(zip(people, stories, strict=True)):
        name = person.id
        told.append(SimulatedStudent(name, story(made, name), person))
        if story not in (_half_done, _untouched):
            made.write_weights(name)
        handed_in = due + timedelta(hours=5) if number % 12 == 10 else due - timedelta(hours=number)
        stamp = course.submitted / name / assignment / "timestamp.txt"
        stamp.write_text(f"{handed_in:%Y-%m-%d %H:%M:%S} UTC")
    return told


def _stories() -> list[Callable[[_Class, str], str]]:
    """A dozen students; larger classes repeat them with other mistakes."""
    return [
        _right, _one_mistake, _half_done, _three_mistakes, _hangs, _one_mistake,
        _crashes, _renamed, _three_mistakes, _broken, _late_and_right, _untouched,
    ]  # fmt: skip


def _bytes(notebook: NotebookNode) -> bytes:
    return str(nbformat.writes(notebook)).encode()


def _right(made: _Class, name: str) -> str:
    for bundle in made.bundles:
        made.write(name, bundle, _bytes(made.notebook(bundle)))
    return "everything right"


def _late_and_right(made: _Class, name: str) -> str:
    return f"{_right(made, name)}, five hours late"


def _mistakes(made: _Class, name: str, count: int) -> str:
    named: list[str] = []
    for bundle in made.bundles:
        changes, ids = made.wrong(bundle, count)
        made.write(name, bundle, _bytes(made.notebook(bundle, changes)))
        named += ids
    return ", ".join(named)


def _one_mistake(made: _Class, name: str) -> str:
    return _mistakes(made, name, 1)


def _three_mistakes(made: _Class, name: str) -> str:
    return _mistakes(made, name, 3)


def _half_done(made: _Class, name: str) -> str:
    for bundle in made.bundles:
        made.write(name, bundle, _bytes(made.notebook(bundle, made.unwritten(bundle), essay=False)))
    return "the first half of the exercises"


def _untouched(made: _Class, name: str) -> str:
    for bundle in made.bundles:
        made.write(name, bundle, _bytes(made.samples.released(bundle)))
    return "nothing written"


def _in_one_exercise(made: _Class, name: str, spoil: Callable[[str], str]) -> str:
    """The reference, with a broken answer to one exercise of the first notebook."""
    first, *others = made.bundles
    cell = made.source.choice(first.answers)
    made.write(name, first, _bytes(made.notebook(first, {cell.grade_id: spoil(cell.solution)})))
    for bundle in others:
        made.write(name, bundle, _bytes(made.notebook(bundle)))
    return cell.exercise


def _hangs(made: _Class, name: str) -> str:
    exercise = _in_one_exercise(made, name, lambda code: code + _HANG)
    return f"an endless loop in the cell of {exercise}"


def _crashes(made: _Class, name: str) -> str:
    exercise = _in_one_exercise(made, name, lambda code: _CRASH + code)
    return f"the cell of {exercise} ends the process"


def _renamed(made: _Class, name: str) -> str:
    for bundle in made.bundles:
        notebook = made.notebook(bundle)
        notebook.metadata["colab"] = {"provenance": [], "name": f"Copy of {bundle.name}.ipynb"}
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        made.write(name, bundle, _bytes(notebook), f"Copy of {bundle.name} (1).ipynb")
    return "everything right, downloaded from Colab under another name"


def _broken(made: _Class, name: str) -> str:
    first, *others = made.bundles
    whole = _bytes(made.notebook(first))
    made.write(name, first, whole[: len(whole) // 3])
    for bundle in others:
        made.write(name, bundle, _bytes(made.notebook(bundle)))
    return f"a broken download of {first.name}"
