from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy.orm import Session

from autograder.course.layout import Course
from autograder.nbgrader_api.database import database_url, prepare_database
from autograder.people.person import Person, shown
from autograder.people.roster import people_of, read_people, write_people
from tests.courses.tiny import write_course

ADA = Person(
    "ada", "Ada", "Lovelace", "ada@example.org", "A1", {"canvas": "1203", "sis": "007"},
    datetime(2026, 10, 3, 12, tzinfo=UTC),
)  # fmt: skip
SUN = Person("s1", "", "孙悟空", section="B, “second”")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = write_course(tmp_path / "course")
    prepare_database(database_url(course.gradebook))
    return course


def write(course: Course, *people: Person) -> None:
    engine = sqlalchemy.create_engine(database_url(course.gradebook))
    with Session(engine) as session:
        write_people(session, people)
        session.commit()
    engine.dispose()


def test_people_come_back_as_they_were_written(course: Course) -> None:
    write(course, SUN, ADA)
    assert people_of(course) == {"ada": ADA, "s1": SUN}
    write(course, Person("ada", "Augusta", "King"))
    assert people_of(course)["ada"] == Person("ada", "Augusta", "King")


def test_names_stand_in_the_rows_of_nbgrader(course: Course) -> None:
    write(course, ADA, SUN)
    with closing(sqlite3.connect(course.gradebook)) as file:
        rows = file.execute(
            "SELECT id, first_name, last_name, email, lms_user_id FROM student ORDER BY id"
        ).fetchall()
    assert rows == [
        ("ada", "Ada", "Lovelace", "ada@example.org", "1203"),
        ("s1", "", "孙悟空", None, None),
    ]


def test_a_gradebook_without_our_table_has_people_too(course: Course) -> None:
    with closing(sqlite3.connect(course.gradebook)) as file:
        file.execute("INSERT INTO student (id, first_name, lms_user_id) VALUES ('bob', 'Bob', '9')")
        file.commit()
    assert people_of(course) == {"bob": Person("bob", "Bob", other_ids={"lms": "9"})}


def test_a_course_without_a_gradebook_has_nobody(tmp_path: Path) -> None:
    course = write_course(tmp_path / "new")
    assert people_of(course) == {}
    assert not course.gradebook.exists()


def test_an_id_of_another_program_survives_a_change(course: Course) -> None:
    with closing(sqlite3.connect(course.gradebook)) as file:
        file.execute("INSERT INTO student (id, lms_user_id) VALUES ('bob', '9')")
        file.commit()
    write(course, *people_of(course).values())
    assert people_of(course)["bob"].other_ids == {"lms": "9"}


def test_reading_leaves_the_session_as_it_is(course: Course) -> None:
    engine = sqlalchemy.create_engine(database_url(course.gradebook))
    with Session(engine) as session:
        assert read_people(session) == {}
        assert not session.new
        assert not session.dirty
    engine.dispose()


@pytest.mark.parametrize(
    ("person", "name", "sort_name", "text"),
    [
        (Person("ada", "Ada", "Lovelace"), "Ada Lovelace", "Lovelace, Ada", "Ada Lovelace (ada)"),
        (Person("s1", "", "孙悟空"), "孙悟空", "孙悟空", "孙悟空 (s1)"),
        (Person("s2", "Pelé"), "Pelé", "Pelé", "Pelé (s2)"),
        (Person("s3"), "", "", "s3"),
        (Person("Sukarno", "Sukarno"), "Sukarno", "Sukarno", "Sukarno"),
    ],
)
def test_text_shows_the_name_before_the_id(
    person: Person, name: str, sort_name: str, text: str
) -> None:
    assert (person.name, person.sort_name, person.shown) == (name, sort_name, text)
    assert shown(person.id, {person.id: person}) == text
    assert shown(person.id, {}) == person.id
