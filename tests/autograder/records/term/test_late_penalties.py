from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from nbgrader.api import Gradebook, SubmittedAssignment, SubmittedNotebook

from autograder.config.nbgrader_config import ConfigFile
from autograder.nbgrader_api.database import database_url
from autograder.records.term.late_penalties import follow_changes, refresh, refresh_penalties
from autograder.records.term.times import Excuse, Extension, read_times, set_excuse, set_extension
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

LATER = DUE + 7 * DAY
POLICY = 'c = get_config()\nc.Autograder.late_policy = "late_days"\nc.Autograder.late_days = {}\n'


def write_course(root: Path, late_days: int = 1, policy: str = POLICY) -> Path:
    """A course in which ada hands in conv 26 hours late and next an hour late, with 8 points."""
    root.mkdir(exist_ok=True)
    (root / "nbgrader_config.py").write_text(policy.format(late_days))
    handed = [
        Handed("ada", "conv", "01_a", DUE + 26 * HOUR),
        Handed("ada", "next", "01_c", LATER + HOUR),
        Handed("bob", "next", "01_c", LATER + HOUR),
    ]
    write_term(root / "gradebook.db", WholeTerm({"conv": DUE, "next": LATER}, handed))
    with nbgraders(root) as gradebook:
        refresh_penalties(gradebook, ConfigFile(root / "nbgrader_config.py").load())
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    follow_changes()
    return write_course(tmp_path / "course")


@contextmanager
def nbgraders(root: Path) -> Iterator[Gradebook]:
    """The gradebook as formgrader and nbgrader's commands open it."""
    with Gradebook(database_url(root / "gradebook.db"), COURSE_ID) as gradebook:
        yield gradebook


def stored(root: Path, student: str = "ada") -> dict[str, float | None]:
    with opened(root / "gradebook.db") as session:
        return {
            one.assignment.name: one.late_submission_penalty
            for one in session.query(SubmittedNotebook)
            if one.student.id == student
        }


def test_the_columns_are_the_ledgers(root: Path) -> None:
    assert stored(root) == {"conv": 2.0, "next": 2.0}
    assert stored(root, "bob") == {"next": None}  # a late day of its own


def test_a_manual_grade_changes_the_penalty_of_its_notebook(root: Path) -> None:
    with nbgraders(root) as gradebook:
        grade = gradebook.find_grade("test_0", "01_a", "conv", "ada")
        grade.manual_score, grade.extra_credit = 1.0, 0.5
        gradebook.db.commit()
        assert gradebook.find_submission("conv", "ada").late_submission_penalty == 5.5 / 4
    assert stored(root) == {"conv": 5.5 / 4, "next": 2.0}


def test_a_new_due_date_changes_the_penalties_of_other_assignments(root: Path) -> None:
    with nbgraders(root) as gradebook:
        gradebook.update_or_create_assignment("conv", duedate=str(DUE + 2 * DAY))
    assert stored(root) == {"conv": None, "next": None}


def test_an_extension_through_nbgrader_changes_other_assignments_and_replaces_ours(
    root: Path,
) -> None:
    with opened(root / "gradebook.db") as session:
        set_extension(session, "ada", "conv", Extension(until=DUE + HOUR, reason="bus"))
        session.commit()
    with nbgraders(root) as gradebook:
        gradebook.grant_extension("conv", "ada", days=2)
    assert stored(root) == {"conv": None, "next": None}
    with opened(root / "gradebook.db") as session:
        assert read_times(session).extensions["ada", "conv"] == Extension(by=2 * DAY)
    with nbgraders(root) as gradebook:
        gradebook.grant_extension("conv", "ada")
    assert stored(root) == {"conv": 2.0, "next": 2.0}


def test_a_submission_that_is_removed_gives_its_late_days_back(root: Path) -> None:
    with nbgraders(root) as gradebook:
        gradebook.remove_submission("conv", "ada")
    assert stored(root) == {"next": None}


def test_a_penalty_that_nbgrader_writes_is_replaced(root: Path) -> None:
    with nbgraders(root) as gradebook:
        notebook = gradebook.find_submission_notebook("01_a", "conv", "ada")
        notebook.late_submission_penalty = None  # as nbgrader's step does without a plugin
        gradebook.db.commit()
        assert notebook.late_submission_penalty == 2.0


def test_excuses_and_extensions_of_ours_reach_both_columns(root: Path) -> None:
    config = ConfigFile(root / "nbgrader_config.py").load()
    with opened(root / "gradebook.db") as session:
        set_excuse(session, "ada", "conv", Excuse())
        set_extension(session, "bob", "next", Extension(by=DAY))
        refresh(session, config)
        session.commit()
        found = {
            (one.student_id, one.assignment.name): one.extension
            for one in session.query(SubmittedAssignment)
        }
    assert stored(root) == {"conv": None, "next": None}
    assert found == {("ada", "conv"): None, ("ada", "next"): None, ("bob", "next"): DAY}


def test_a_refresh_of_nothing_writes_nothing(root: Path) -> None:
    with opened(root / "gradebook.db") as session, counted(session) as statements:
        refresh(session, ConfigFile(root / "nbgrader_config.py").load())
    assert all(text.startswith("SELECT") for text in statements)


def test_two_courses_in_one_process_keep_their_policies(root: Path, tmp_path: Path) -> None:
    other = write_course(tmp_path / "other", late_days=0)
    with nbgraders(root) as one, nbgraders(other) as two:
        for gradebook in (one, two):
            gradebook.find_grade("test_0", "01_c", "next", "bob").manual_score = 0.0
        two.db.commit()
        one.db.commit()
    assert (stored(root, "bob"), stored(other, "bob")) == ({"next": None}, {"next": 1.0})
    assert stored(other) == {"conv": 4.0, "next": 2.0}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (POLICY.format(1).replace('"late_days"', '"gone:Policy"'), "late_policy: gone:Policy"),
        ("c = get_config(", "SyntaxError"),
    ],
)
def test_a_grade_is_saved_although_the_policy_cannot_be_used(
    root: Path, caplog: pytest.LogCaptureFixture, text: str, said: str
) -> None:
    (root / "nbgrader_config.py").write_text(text)
    with nbgraders(root) as gradebook, caplog.at_level(logging.ERROR):
        gradebook.find_grade("test_0", "01_c", "next", "ada").manual_score = 5.0
        gradebook.db.commit()
    with nbgraders(root) as gradebook:
        assert gradebook.find_submission("next", "ada").score == 9.0
    assert "late penalties are not up to date: " in caplog.text and said in caplog.text


def test_a_gradebook_without_tables_of_ours_has_penalties(root: Path) -> None:
    with opened(root / "gradebook.db") as session:
        for name in ("hand_in", "extension", "excuse"):
            session.connection().exec_driver_sql(f"DROP TABLE autograder_{name}")
        session.commit()
    with nbgraders(root) as gradebook:
        gradebook.find_grade("test_0", "01_a", "conv", "ada").manual_score = 0.0
        gradebook.db.commit()
    assert stored(root) == {"conv": 1.0, "next": 2.0}
