from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.errors import UnreadableSubmission, UsageError
from autograder.nbgrader_api.database import database_url
from autograder.notebooks.notebook import read_notebook
from autograder.people.roster import people_of
from autograder.release.samples import answered, reference_answers, released_notebook
from autograder.runs.simulate import simulate
from autograder.submission.folder import sort_files
from tests.autograder.reads import counting


def files(course: Course) -> dict[str, bytes]:
    top = course.submitted
    return {str(p.relative_to(top)): p.read_bytes() for p in top.rglob("*") if p.is_file()}


def test_a_class_has_every_kind_of_student(released: Course) -> None:
    told = simulate(released, "tiny", 12, seed=1)
    assert [student.name for student in told] == [f"student{n:02d}" for n in range(1, 13)]
    stories = "\n".join(student.story for student in told)
    for words in (
        "everything right", "late", "endless loop", "ends the process", "another name",
        "broken download", "first half", "nothing written", "add.", "scale.",
    ):  # fmt: skip
        assert words in stories


def test_the_same_seed_makes_the_same_class_and_another_seed_another(
    released: Course, released_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import shutil

    def made(seed: int) -> dict[str, bytes]:
        root = tmp_path_factory.mktemp("again")
        shutil.copytree(released_root, root, dirs_exist_ok=True)
        course = Course.find(root)
        simulate(course, "tiny", 24, seed)
        return files(course)

    first = made(1)
    assert made(1) == first
    assert made(2) != first


def test_students_have_names_in_the_gradebook_and_the_same_seed_names_the_same(
    released: Course,
) -> None:
    told = simulate(released, "tiny", 12, seed=7)
    people = people_of(released)
    assert [people[one.name] for one in told] == [one.person for one in told]
    assert all(one.person.name for one in told)
    again = simulate(released, "tiny", 24, seed=7)
    assert [one.person for one in again][:12] == [one.person for one in told]
    assert simulate(released, "tiny", 12, seed=8)[0].person != told[0].person


def test_what_students_hand_in_is_what_their_story_says(released: Course) -> None:
    (bundle,) = load_assignment(released, "tiny")
    reference = reference_answers(bundle)
    for student in simulate(released, "tiny", 12, seed=3):
        folder = released.submitted / student.name / "tiny"
        (path,) = sort_files(folder, [bundle], folder / "unpacked").notebooks.values()
        if "broken" in student.story:
            with pytest.raises(UnreadableSubmission):
                read_notebook(path.read_bytes())
            continue
        notebook = nbformat.read(path, as_version=4)
        answers = {
            cell.metadata.nbgrader.grade_id: cell.source
            for cell in notebook.cells
            if cell.metadata.get("nbgrader", {}).get("grade_id") in reference
        }
        right = {name for name, source in answers.items() if source == reference[name]}
        if "everything right" in student.story:
            assert right == set(reference)
        elif "nothing" in student.story:
            assert right == set()
        else:
            assert right < set(reference)
        assert (folder / "timestamp.txt").read_text().endswith(" UTC")


def test_no_hidden_test_is_handed_out(released: Course) -> None:
    simulate(released, "tiny", 12, seed=1)
    for name, data in files(released).items():
        assert b"HIDDEN" not in data, name
        assert b"one row" not in data, name


def test_a_large_class_repeats_the_kinds_with_names_of_equal_length(released: Course) -> None:
    told = simulate(released, "tiny", 101, seed=1)
    assert told[0].name == "student001"
    assert told[-1].name == "student101"
    assert len({student.name for student in told}) == 101


def test_the_due_date_is_set_once_so_that_somebody_can_be_late(released: Course) -> None:
    def due() -> object:
        with Gradebook(database_url(released.gradebook)) as gradebook:
            return gradebook.find_assignment("tiny").duedate

    simulate(released, "tiny", 1, seed=1)
    first = due()
    assert first is not None
    simulate(released, "tiny", 2, seed=2)
    assert due() == first


def test_an_assignment_that_was_not_released_is_a_usage_error(tiny_course: Course) -> None:
    with pytest.raises(UsageError, match="run `autograder release tiny` first"):
        simulate(tiny_course, "tiny", 3, seed=1)


def test_answers_are_written_into_a_copy(released: Course) -> None:
    (bundle,) = load_assignment(released, "tiny")
    release = released_notebook(released, bundle)
    before = nbformat.writes(release)
    filled = answered(release, {"add": "def add(a, b): return 3"}, {"why": "So."})
    assert nbformat.writes(release) == before
    sources = [cell.source for cell in filled.cells]
    assert "def add(a, b): return 3" in sources
    assert "So." in sources


def test_the_release_and_the_source_are_read_once_for_all_students(
    released: Course, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with counting(released.root, tmp_path_factory.mktemp("reads") / "log") as reads:
        simulate(Course.find(released.root), "tiny", 12, seed=1)
        opened = reads.counted("opened")
    assert opened["assignments/tiny/01_tiny.ipynb"] == 1
    assert opened["source/tiny/01_tiny.py"] == 1
    assert opened["nbgrader_config.py"] == 1
