"""Similar answers of a class, as a part of the report."""

from __future__ import annotations

from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.report.class_data import ClassData
from autograder.report.document import Similar
from autograder.report.numbers.judging import counting
from autograder.report.similar.answers import read_answers
from autograder.report.similar.fingerprints import check_installed
from autograder.report.similar.pairs import pairs

MOST_PAIRS = 30  # pairs on the page


def find_similar(course: Course, found: ClassData, section: str = "") -> Similar:
    """The most alike answers of a class; with a section, pairs with one of its students.

    Raises UsageError if copydetect is not installed.
    """
    check_installed()
    students = [one.id for one in counting(found)]
    bundles = load_assignment(course, found.assignment)
    answers = read_answers(course, found.assignment, bundles, students)
    own = {one.id for one in found.students if not section or one.section == section}
    alike = [pairs(one, MOST_PAIRS, own) for one in answers.exercises]
    first = [pair for one in alike for pair in one.first]
    first.sort(key=lambda pair: (pair.is_short, -pair.share * pair.tokens))
    return Similar(
        answers=sum(len(one.codes) for one in answers.exercises),
        skipped=answers.skipped,
        found=sum(one.count for one in alike),
        pairs=tuple(first[:MOST_PAIRS]),
    )
