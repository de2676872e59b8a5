from __future__ import annotations

from dataclasses import replace

from autograder.report.class_data import Late, State
from autograder.report.document import Need
from autograder.report.numbers.needs import needs
from autograder.results import NotebookResult, Outcome, TestResult
from tests.autograder.report.kit import class_data, work_of

FOUND = replace(class_data(1), students=())


def of(*students, **fields) -> dict[str, Need]:  # type: ignore[no-untyped-def]
    return {one.kind: one for one in needs(replace(FOUND, students=students, **fields))}


def result(
    outcome: Outcome, student: str = "ada", notebook: str = "01_convolution", **fields: object
) -> NotebookResult:
    test = TestResult("t", "f", 0.0, 1.0, outcome, **fields)  # type: ignore[arg-type]
    return NotebookResult(student, "conv", notebook, (test,), outcome=outcome, notes=("broken",))


def test_nothing_needs_a_person_where_all_is_graded() -> None:
    assert of(work_of(result(Outcome.PASSED)), work_of(result(Outcome.FAILED, "bob"))) == {}


def test_notebooks_that_were_not_graded_since_the_last_change_name_the_command() -> None:
    states = {
        "01_convolution": State.NEVER, "02_pooling": State.FILES_CHANGED,
        "03_normalization": State.COURSE_CHANGED, "04_lenet": State.MISSING,
    }  # fmt: skip
    ada = replace(work_of(result(Outcome.PASSED)), states=states)
    found = of(ada, replace(ada, id="bob", states={"02_pooling": State.FILES_CHANGED}))
    assert list(found) == ["never graded", "files changed", "course changed"]
    assert {one.command for one in found.values()} == {"autograder grade conv"}
    assert [one.count for one in found.values()] == [1, 2, 1]
    assert found["files changed"].students == ("ada", "bob")


def test_answers_to_grade_by_hand_are_counted_by_question() -> None:
    found = of(*(work_of(result(Outcome.NEEDS_MANUAL_GRADE, name)) for name in ("ada", "bob")))
    one = found["manual"]
    assert (one.count, one.students) == (2, ("ada", "bob"))
    assert one.details == ("01_convolution: f: 2 answers",)
    assert one.command == "autograder questions conv"


def test_a_grader_error_is_told_with_its_reason_and_a_mistake_of_the_course_with_its_cell() -> None:
    ours = work_of(result(Outcome.GRADER_ERROR, log="Traceback\n MemoryError: a worker died\n"))
    course = work_of(result(Outcome.GRADER_ERROR, "bob", mistake="its check gives 3 of 2 points"))
    found = of(replace(ours, name="Ada Lovelace"), course)
    assert found["grader_error"].details == (
        "Ada Lovelace (ada), 01_convolution: MemoryError: a worker died",
    )
    assert found["course"].details == (
        "source/conv/01_convolution.py, cell t: its check gives 3 of 2 points",
    )
    assert found["course"].command == "autograder release conv"


def test_unreadable_and_unused_files_and_odd_folders_are_told() -> None:
    ada = replace(work_of(result(Outcome.UNREADABLE)), unused=("a.pdf: not used", "b.7z: odd"))
    found = of(ada, odd_folders=("bob/Conv is not the assignment's folder.",))
    assert found["unreadable"].details == ("ada, 01_convolution: broken",)
    assert found["unused"].details == ("ada: a.pdf: not used", "ada: b.7z: odd")
    assert (found["unused"].count, found["unused"].students) == (2, ("ada",))
    assert found["folders"].count == 1


def test_a_time_that_is_not_known_asks_for_a_decision() -> None:
    ada = replace(work_of(result(Outcome.PASSED)), late=Late(doubt="the file says “PST”"))
    one = of(ada)["late"]
    assert one.details == ("ada: the file says “PST”",)
    assert one.command == "autograder late conv"


def test_who_handed_in_nothing_is_named_unless_excused_or_gone() -> None:
    ada = replace(work_of(result(Outcome.PASSED)), has_files=False, results={})
    people = (
        ada, replace(ada, id="bob", is_excused=True), replace(ada, id="cleo", is_gone=True),
    )  # fmt: skip
    assert of(*people)["nothing"].students == ("ada",)


def test_the_work_of_an_excused_student_asks_for_nothing() -> None:
    ada = replace(work_of(result(Outcome.UNREADABLE)), is_excused=True, unused=("x: not used",))
    assert of(ada) == {}


def test_the_most_urgent_need_comes_first() -> None:
    kinds = [one.kind for one in needs(class_data(200))]
    order = [
        "never graded", "files changed", "course changed", "course", "grader_error", "late",
        "manual", "unreadable", "unused", "folders", "nothing",
    ]  # fmt: skip
    assert kinds == [kind for kind in order if kind in kinds]
    assert {"grader_error", "late", "manual", "unreadable", "unused", "nothing"} <= set(kinds)
