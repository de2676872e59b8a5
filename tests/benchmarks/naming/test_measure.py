from __future__ import annotations

from benchmarks.naming.answers import Answer
from benchmarks.naming.grading import NO_EXERCISE, Verdict
from benchmarks.naming.measure import Count, measured, report, share


def wrong(id_: str, diagnosis: str | None = None, evidence: str | None = None) -> Verdict:
    return Verdict(id_, "add", "failed", 0.0, 2.0, diagnosis, evidence)


ANSWERS = [
    Answer("1", "add", "", ("subtracts",)),
    Answer("2", "add", "", ("free text of a reader",)),
    Answer("3", "add", "", ("doubles",)),
    *(Answer(str(number), "add", "") for number in range(4, 9)),
]
VERDICTS = [
    wrong("1", "add.subtracts", "whole"),  # the label
    wrong("2", "add.subtracts", "group"),  # judged right
    wrong("3", "add.subtracts", "group"),  # judged wrong
    wrong("4", "add.subtracts"),  # not judged
    wrong("5"),
    Verdict("6", "add", "passed", 2.0, 2.0),
    Verdict("7", "sub", NO_EXERCISE),
    Verdict("8", "add", "grader_error", 0.0, 2.0),
]
JUDGEMENTS = {("2", "add.subtracts"): True, ("3", "subtracts"): False}


def test_counts() -> None:
    found = measured(ANSWERS, VERDICTS, JUDGEMENTS)
    assert found.total == Count(wrong=5, named=4, right=2, false=1)
    assert found.total.unjudged == 1
    assert found.exercises == {"add": found.total}
    assert found.evidence["whole"] == Count(1, 1, 1, 0)
    assert found.evidence["group"] == Count(2, 2, 1, 1)
    assert found.unjudged == {"add.subtracts": 1}
    assert found.false == [("3", "add.subtracts")]


def test_answers_with_full_points_and_ungraded_ones_are_told_and_left_out() -> None:
    found = measured(ANSWERS, VERDICTS, JUDGEMENTS)
    assert found.full_points == ["6"]
    assert found.ungraded == {"7": NO_EXERCISE, "8": "grader_error"}
    text = report(found)
    assert "1 answers get full points and are not counted:\n  6" in text
    assert "could not be graded (no such exercise):\n  7" in text


def test_a_label_does_not_outweigh_a_judgement() -> None:
    found = measured(ANSWERS[:1], VERDICTS[:1], {("1", "add.subtracts"): False})
    assert (found.total.right, found.total.false) == (0, 1)


def test_the_report_has_coverage_and_precision_with_intervals() -> None:
    text = report(measured(ANSWERS, VERDICTS, JUDGEMENTS))
    (total, _) = [line for line in text.splitlines() if line.startswith("total")]
    assert total.split("  ")[-1].strip() == share(2, 3) == "66.7% (21% - 94%)"
    assert "80.0% (38% - 96%)" in total
    assert "Names without a judgement, 1 answers:\n     1  add.subtracts" in text


def test_nothing_to_measure() -> None:
    assert "total" in report(measured([], [], {}))
