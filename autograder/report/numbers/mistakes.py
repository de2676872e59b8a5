"""Named mistakes by frequency, with their students."""

from __future__ import annotations

from collections import Counter

from autograder.report.class_data import ClassData
from autograder.report.document import Mistake
from autograder.report.numbers.judging import NO_NOTEBOOK, RIGHT_OR_OPEN, answers

Key = tuple[str, str, str]  # notebook, exercise, id


def mistakes(found: ClassData) -> tuple[Mistake, ...]:
    """The named mistakes, the most frequent first.

    The bank has the sentence of a misconception. A relation or exception has the sentence that most
    students were told.
    The rate counts students whose notebook was read.
    """
    students: dict[Key, list[str]] = {}
    said: dict[Key, Counter[str]] = {}
    read: dict[str, set[str]] = {}
    for student, result, test in answers(found):
        if result.outcome not in NO_NOTEBOOK:
            read.setdefault(result.notebook, set()).add(student.id)
        if test.diagnosis and test.outcome not in RIGHT_OR_OPEN:
            key = (result.notebook, test.exercise, test.diagnosis)
            if student.id not in students.setdefault(key, []):
                students[key].append(student.id)
            said.setdefault(key, Counter())[test.sentence] += 1
    ranked = sorted(students.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(
        Mistake(
            id=key[2],
            notebook=key[0],
            exercise=key[1],
            sentence=found.sentences.get(key[2]) or said[key].most_common(1)[0][0],
            students=tuple(own),
            rate=len(own) / len(read[key[0]]),
        )
        for key, own in ranked
    )
