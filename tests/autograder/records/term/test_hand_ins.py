from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import insert

from autograder.lateness.policy import HandIn
from autograder.nbgrader_api.database import ORIGINS, database_url
from autograder.records.term.hand_ins import NO_FILES, HandIns, read_hand_ins
from autograder.records.term.times import Extension, read_times, set_extension
from tests.courses.terms import (
    COURSE_ID,
    DAY,
    DUE,
    HOUR,
    Handed,
    WholeTerm,
    counted,
    opened,
    write_term,
)


def read(path: Path, *students: str) -> dict[str, HandIns]:
    with opened(path) as session:
        return read_hand_ins(session, read_times(session).due, students or None)


def test_a_hand_in_has_its_own_time_points_and_maximum(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.db"
    handed = [
        Handed("ada", "conv", "01_a", DUE - HOUR, (1.5, 0.0)),
        Handed("ada", "conv", "02_b", DUE + 2 * HOUR, (5.0, 4.0), margin=HOUR),
        Handed("bob", "conv", "02_b", DUE),
    ]
    write_term(path, WholeTerm({"conv": DUE, "next": None}, handed, students=["cy"]))
    with opened(path) as session:
        set_extension(session, "ada", "conv", Extension(by=DAY))
        session.commit()
    found = read(path)
    due = DUE + DAY
    assert found["ada"].by_place == {
        ("conv", "01_a"): HandIn("ada", "conv", "01_a", DUE - HOUR, due, 1.5, 10.0),
        ("conv", "02_b"): HandIn("ada", "conv", "02_b", DUE + 2 * HOUR, due, 9.0, 10.0, HOUR),
    }
    assert list(found["bob"].by_place) == [("conv", "02_b")]  # the other one is missing
    assert "cy" not in found


def test_points_are_nbgraders_with_manual_points_and_extra_credit(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.db"
    write_term(path, WholeTerm({"conv": DUE}, [Handed("ada", "conv", "01_a", DUE)]))
    with Gradebook(database_url(path), COURSE_ID) as gradebook:
        first = gradebook.find_grade("test_0", "01_a", "conv", "ada")
        first.manual_score, first.extra_credit = 0.5, 0.25
        gradebook.find_grade("test_1", "01_a", "conv", "ada").auto_score = None
        gradebook.db.commit()
        score = gradebook.find_submission("conv", "ada").score
    assert read(path)["ada"].by_place["conv", "01_a"].points == score == 0.75


def test_an_older_record_has_the_one_time_of_its_submission(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.db"
    handed = [
        Handed("ada", "conv", "01_a", DUE - HOUR, is_old=True),
        Handed("ada", "conv", "02_b", DUE + HOUR, is_old=True),
    ]
    write_term(path, WholeTerm({"conv": DUE}, handed))
    with opened(path) as session:
        ORIGINS.create(session.connection())
        (first, _) = session.connection().exec_driver_sql(
            "SELECT s.id FROM submitted_notebook s JOIN notebook n ON n.id = s.notebook_id "
            "ORDER BY n.name"
        )
        row = {"notebook_id": first[0], "handed_in": NO_FILES, "source": ""}
        session.execute(insert(ORIGINS).values(row))
        session.commit()
    (only,) = read(path)["ada"].by_place.values()
    assert (only.notebook, only.handed_in_at) == ("02_b", DUE + HOUR)


@pytest.mark.parametrize(
    ("handed", "doubt"),
    [
        (Handed("ada", "conv", "01_a", None), "timestamp.txt is missing"),
        (Handed("ada", "conv", "01_a", None, is_old=True), "timestamp.txt is missing"),
        (Handed("ada", "conv", "01_a", None, doubt="two readings"), "two readings"),
        (Handed("ada", "conv", "01_a", DUE, doubt="no zone", margin=14 * HOUR), "no zone"),
        (Handed("ada", "conv", "01_a", DUE - DAY, doubt="no zone", margin=14 * HOUR), None),
        (Handed("ada", "open", "01_a", None), None),
    ],
)
def test_a_time_that_does_not_tell_is_a_doubt_where_there_is_a_due_date(
    tmp_path: Path, handed: Handed, doubt: str | None
) -> None:
    path = tmp_path / "gradebook.db"
    write_term(path, WholeTerm({"conv": DUE, "open": None}, [handed]))
    told = read(path)["ada"].doubts
    assert (doubt is None and not told) or doubt in told[handed.assignment, "01_a"]


def test_queries_do_not_grow_with_the_class_and_named_students_are_read_alone(
    tmp_path: Path,
) -> None:
    counts = []
    for size in (3, 600):
        path = tmp_path / f"{size}.db"
        names = [f"s{number}" for number in range(size)]
        handed = [Handed(name, "conv", "01_a", DUE) for name in names]
        write_term(path, WholeTerm({"conv": DUE}, handed))
        with opened(path) as session:
            times = read_times(session)
            with counted(session) as asked:
                assert len(read_hand_ins(session, times.due)) == size
            counts.append(len(asked))
        assert set(read(path, "s1", "nobody")) == {"s1"}
        assert set(read(path, *names[1:])) == set(names[1:])
    assert counts[0] == counts[1]
