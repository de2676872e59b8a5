"""One batch of every attack together with honest students, and the checks after it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from autograder.pages.feedback import write_feedback
from autograder.results import Outcome
from tests.attacks import rows_pages
from tests.attacks.batch import HONEST, Batch, essence, problem, run_batch, students_of
from tests.attacks.kinds import Attack
from tests.attacks.rows_pages import MARK
from tests.attacks.suite import ATTACKS
from tests.attacks.table import ROWS

# One batch for all of them, graded once.
pytestmark = [pytest.mark.slow, pytest.mark.attacks]

STUDENTS = {
    id(what): student for student, what in students_of(ATTACKS).items() if isinstance(what, Attack)
}


HONEST_ONE = next(name for name, what in students_of(ATTACKS).items() if isinstance(what, str))


@pytest.fixture(scope="session")
def batches(tmp_path_factory: pytest.TempPathFactory) -> tuple[Batch, Batch]:
    return run_batch(tmp_path_factory.mktemp("attacked"), ATTACKS)


@pytest.fixture(scope="session")
def batch(batches: tuple[Batch, Batch]) -> Batch:
    return batches[0]


def name_of(attack: Attack) -> str:
    return f"{attack.row}: {attack.name}".encode("ascii", "replace").decode()


@pytest.mark.parametrize("attack", ATTACKS, ids=name_of)
def test_it_earns_what_its_honest_part_deserves_and_is_told_clearly(
    batch: Batch, attack: Attack
) -> None:
    result = batch.results[STUDENTS[id(attack)]]
    wrong = problem(result, attack, batch.course.root)
    assert not wrong, wrong


def test_there_are_enough_of_them() -> None:
    assert {attack.row for attack in ATTACKS} == set(ROWS)
    assert len([attack for attack in ATTACKS if attack.row != 22]) >= 120
    assert len([attack for attack in ATTACKS if attack.row == 22]) >= 25


def test_honest_students_are_unaffected_to_the_last_digit(batches: tuple[Batch, Batch]) -> None:
    full, alone = batches
    assert len(alone.results) >= len(HONEST)
    for student, result in alone.results.items():
        assert essence(full.results[student]) == essence(result)


def test_no_canary_was_touched(batches: tuple[Batch, Batch]) -> None:
    for batch in batches:
        assert batch.touched == []


def test_nothing_of_the_grader_was_read(batch: Batch) -> None:
    for result in batch.results.values():
        assert batch.word not in json.dumps(result.to_json()), result.student


def test_no_process_is_left(batches: tuple[Batch, Batch]) -> None:
    for batch in batches:
        assert batch.survivors == []


def test_no_file_is_left(batches: tuple[Batch, Batch]) -> None:
    for batch in batches:
        assert batch.left == []


def test_what_was_unpacked_of_refused_archives_is_gone(batch: Batch) -> None:
    unpacked = [path for path in (batch.course.state / "unpacked").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in unpacked) < 1 << 20


def test_outputs_that_are_kept_are_limited(batch: Batch) -> None:
    for result in batch.results.values():
        kept = sum(len(o.stdout) + len(o.stderr) for o in result.outputs.values())
        assert kept <= 3 << 20, result.student


@pytest.mark.parametrize("attack", [a for a in ATTACKS if a.row in (21, 19, 28)], ids=name_of)
def test_pages_hold_no_script_of_a_student(batch: Batch, attack: Attack) -> None:
    if Outcome.MISSING in attack.outcomes:
        return
    (page,) = write_feedback(batch.course, "small", [STUDENTS[id(attack)]]).pages
    text = page.read_text().lower()
    for bad in ("<script>document.title", "<img src=x", "<script>owned", 'href="javascript:'):
        assert bad not in text


def test_feedback_of_odd_ids_is_their_own_and_holds_no_notebook(batch: Batch) -> None:
    ids = [attack.student for attack in ATTACKS if attack.row == 28 and attack.student]
    write_feedback(batch.course, "small", ids)
    for student in ids:
        folder = batch.course.feedback / student
        files = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
        assert files <= {
            Path("small/01_small.html"),
            Path("small/index.html"),
            Path("small/timestamp.txt"),
        }, student
        assert "the-hidden-watchword" not in (folder / "small/01_small.html").read_text(), student
        assert "the-hidden-watchword" not in (folder / "small/index.html").read_text(), student


@pytest.mark.parametrize("attack", [a for a in ATTACKS if a.row == 26], ids=name_of)
def test_no_file_for_students_holds_inputs_of_hidden_cases(batch: Batch, attack: Attack) -> None:
    student = STUDENTS[id(attack)]
    (page,) = write_feedback(batch.course, "small", [student])
    files = [page, *(batch.course.autograded / student).rglob("*.ipynb")]
    for file in files:
        assert not re.search(rf"{MARK}\d", file.read_text()), file
    assert not re.search(rf"{MARK}\d", json.dumps(batch.results[student].public()))


@pytest.mark.parametrize("attack", rows_pages.ATTACKS, ids=name_of)
def test_a_page_that_is_hard_to_make_is_made_and_so_is_the_next_one(
    batch: Batch, attack: Attack
) -> None:
    written = write_feedback(batch.course, "small", [STUDENTS[id(attack)], HONEST_ONE])
    assert len(written.pages) == 2
    assert not [trouble for trouble in written.troubles if trouble.startswith(HONEST_ONE)]
