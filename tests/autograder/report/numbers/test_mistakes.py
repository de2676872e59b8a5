from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest

from autograder.report.class_data import ClassData
from autograder.report.numbers.mistakes import mistakes
from autograder.results import NotebookResult, Outcome, TestResult
from tests.autograder.report.kit import SENTENCES, class_data, work_of

FOUND = class_data(80)


def test_mistakes_are_ranked_and_name_their_students() -> None:
    expected: dict[str, list[str]] = defaultdict(list)
    for student in FOUND.students:
        for result in student.results.values():
            for test in result.tests:
                if test.diagnosis:
                    expected[test.diagnosis].append(student.id)
    found = mistakes(FOUND)
    assert {one.id: list(one.students) for one in found} == expected
    counts = [len(one.students) for one in found]
    assert counts == sorted(counts, reverse=True)
    assert found[0].sentence in SENTENCES


def test_the_rate_is_of_the_students_whose_notebook_was_read() -> None:
    one = next(one for one in mistakes(FOUND) if one.notebook == "04_lenet")
    read = [
        student
        for student in FOUND.students
        if student.has_files and student.results["04_lenet"].outcome is not Outcome.MISSING
    ]
    assert one.rate == pytest.approx(len(one.students) / len(read))


def wrong(student: str, sentence: str, outcome: Outcome = Outcome.FAILED) -> NotebookResult:
    test = TestResult("t", "f", 0.0, 1.0, outcome, "f.relation", sentence=sentence)
    return NotebookResult(student, "conv", "01_convolution", (test,), outcome=outcome)


def of(*results: NotebookResult) -> ClassData:
    return replace(FOUND, students=tuple(map(work_of, results)))


def test_a_mistake_without_an_entry_in_the_bank_has_the_sentence_that_most_were_told() -> None:
    found = mistakes(of(wrong("a", "Twice."), wrong("b", "Thrice."), wrong("c", "Thrice.")))
    assert [(one.id, one.sentence, one.students) for one in found] == [
        ("f.relation", "Thrice.", ("a", "b", "c"))
    ]


@pytest.mark.parametrize(
    "outcome", [Outcome.PASSED, Outcome.NEEDS_MANUAL_GRADE, Outcome.GRADER_ERROR]
)
def test_an_answer_that_is_right_or_open_has_no_mistake(outcome: Outcome) -> None:
    assert mistakes(of(wrong("a", "x", outcome))) == ()


def test_an_excused_student_is_not_named() -> None:
    found = of(wrong("a", "x"), wrong("b", "x"))
    first, second = found.students
    found = replace(found, students=(replace(first, is_excused=True), second))
    assert [one.students for one in mistakes(found)] == [("b",)]
