"""nbgrader's own look-ups with ids and course folders that would be patterns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files, is_ignored
from sqlalchemy.engine import make_url
from traitlets.config import Config

from autograder.course.layout import Course
from autograder.nbgrader_api.converters import course_directory
from autograder.nbgrader_api.database import database_url, prepare_database
from autograder.nbgrader_api.paths import glob
from autograder.records.nbgrader_hooks import _upgrade as upgrade_gradebook
from tests.courses.odd_ids import ODD_IDS
from tests.courses.tiny import write_course

PLACES = ("plain", "cnn [2026]", "[!a]*?", ".hidden", "line\nbreak", "50%25?x=1")


@pytest.fixture(params=PLACES)
def course(request: pytest.FixtureRequest, tmp_path: Path) -> Course:
    course = write_course(tmp_path / str(request.param))
    for student in ODD_IDS:
        for step in ("submitted", "autograded"):
            folder = course.root / step / student / "tiny"
            folder.mkdir(parents=True)
            (folder / "01_tiny.ipynb").write_text("{}")
            (folder / "timestamp.txt").write_text("2026-02-01 10:00:00 UTC")
    (course.root / "submitted" / ".git" / "tiny").mkdir(parents=True)
    return course


def converter(course: Course, student: str = "*") -> GenerateFeedback:
    directory = course_directory(course, assignment_id="tiny")
    directory.student_id = student
    return GenerateFeedback(coursedir=directory, config=course.config)


def found_by(converter: Any) -> set[str]:
    converter.init_notebooks()
    for folder, notebooks in converter.assignments.items():
        assert notebooks == [f"{folder}/01_tiny.ipynb"]
        names = converter.init_single_notebook_resources(notebooks[0])["nbgrader"]
        assert names["student"] == Path(folder).parent.name
        assert (names["assignment"], names["notebook"]) == ("tiny", "01_tiny")
    return {Path(folder).parent.name for folder in converter.assignments}


def test_a_converter_finds_every_student(course: Course) -> None:
    assert found_by(converter(course)) == set(ODD_IDS)


@pytest.mark.parametrize("student", [name for name in ODD_IDS if name not in ("*", "a b ")])
def test_a_converter_takes_an_id_for_a_name_first(course: Course, student: str) -> None:
    assert found_by(converter(course, student)) == {student}


def test_a_pattern_is_one_where_no_such_id_exists(course: Course) -> None:
    assert found_by(converter(course, "a?b")) == {"a\nb"}


def test_no_notebook_is_copied_among_feedback(course: Course) -> None:
    feedback = converter(course)
    for student in ODD_IDS:
        feedback.init_assignment("tiny", student)
    copied = {path.name for path in course.feedback.rglob("*") if path.is_file()}
    assert copied == {"timestamp.txt"}


def test_formgrader_lists_every_student(course: Course) -> None:
    directory = course_directory(course)
    prepare_database(directory.db_url)
    api = NbGraderAPI(coursedir=directory, config=Config())
    assert api.get_submitted_students("tiny") == set(ODD_IDS)
    assert api.get_submitted_students("*") == set(ODD_IDS)
    assert api.get_source_assignments() == {"tiny"}


def test_the_gradebook_lies_in_the_course(course: Course) -> None:
    prepare_database(database_url(course.gradebook))
    assert course.gradebook.stat().st_size > 0
    bare = CourseDirectory(root=str(course.root))
    assert make_url(bare.db_url).database == str(course.gradebook)


def test_the_gradebook_can_be_upgraded(course: Course) -> None:
    prepare_database(database_url(course.gradebook))
    upgrade_gradebook(CourseDirectory(root=str(course.root)).db_url)


def test_what_is_ignored_is_told_by_the_last_name(course: Course) -> None:
    (course.source / "tiny" / "misconceptions" / "x.pyc").touch()
    files = find_all_files(str(course.source), ["[0-9]*_*.py", "misconceptions"])
    assert files == []
    assert is_ignored(str(course.root / "a.pyc"), ["*.pyc"])
    assert not is_ignored(str(course.root / "a.py"), ["*.pyc"])


def test_of_a_plain_path_only_the_last_name_is_a_pattern(course: Course) -> None:
    assert glob(f"{course.source}/tiny/0*.py") == [f"{course.source}/tiny/01_tiny.py"]
