from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.grading.seeds import course_secret
from autograder.report import known
from autograder.report.class_data import State
from autograder.report.known import Known, known_results
from autograder.report.plain_files import plain_files
from autograder.results import CellOutput, NotebookResult, Outcome, TestResult
from autograder.runs.plan import Rules, digest_of, hand_in_of
from autograder.workers.cache import ResultStore
from tests.courses.handed_in import hand_in

TEST = TestResult(
    "test_add", "add", 2.0, 2.0, Outcome.PASSED, message="m" * 900, html="<p>" * 900, printed="x"
)


def graded(course: Course, student: str = "ada", sandbox: str = "bubblewrap") -> None:
    """Store a result for the files of a student, as a run does."""
    bundles = load_assignment(course, "tiny")
    rules = Rules.of(course, bundles, course_secret(course), sandbox)
    handed_in = hand_in_of(course, "tiny", student, bundles, course.state / "scratch")
    files = digest_of(handed_in, "01_tiny")
    result = NotebookResult(
        student, "tiny", "01_tiny", (TEST,), sandbox=sandbox, handed_in=files,
        outputs={1: CellOutput("out")},
    )  # fmt: skip
    ResultStore(course).save(result, rules.key("01_tiny", files, handed_in.notes))


def state(course: Course, student: str = "ada") -> State:
    return read(course, student).states["01_tiny"]


def read(course: Course, student: str = "ada") -> Known:
    (found,) = known_results(course, "tiny", load_assignment(course, "tiny"), [student])
    return found


def folder(course: Course) -> Path:
    return course.submitted / "ada" / "tiny"


def test_a_result_of_the_same_files_is_current(tiny_course: Course) -> None:
    hand_in(tiny_course, "ada")
    assert state(tiny_course) is State.NEVER
    graded(tiny_course)
    found = read(tiny_course)
    assert found.states == {"01_tiny": State.CURRENT}
    (test,) = found.results["01_tiny"].tests
    assert (test.points, test.html, test.printed, len(test.message)) == (2.0, "", "", 200)
    assert found.results["01_tiny"].outputs == {}


def test_the_isolation_of_the_run_does_not_matter(tiny_course: Course) -> None:
    hand_in(tiny_course, "ada")
    graded(tiny_course, sandbox="process")
    assert state(tiny_course) is State.CURRENT


def test_changed_files_are_told_and_the_last_result_stays(tiny_course: Course) -> None:
    hand_in(tiny_course, "ada")
    graded(tiny_course)
    hand_in(tiny_course, "ada", {"add": "def add(a, b):\n    return a - b"})
    found = read(tiny_course)
    assert found.states == {"01_tiny": State.FILES_CHANGED}
    assert found.results["01_tiny"].points == 2.0


def test_a_module_beside_the_notebook_is_a_part_of_its_files(tiny_course: Course) -> None:
    hand_in(tiny_course, "ada")
    (folder(tiny_course) / "mine.py").write_text("x = 1\n")
    graded(tiny_course)
    assert state(tiny_course) is State.CURRENT
    (folder(tiny_course) / "mine.py").write_text("x = 2\n")
    assert state(tiny_course) is State.FILES_CHANGED


def test_a_changed_check_or_setting_is_told(tiny_course: Course) -> None:
    hand_in(tiny_course, "ada")
    graded(tiny_course)
    lesson = tiny_course.source / "tiny" / "01_tiny.py"
    lesson.write_text(
        lesson.read_text().replace('"small numbers": dict(size=9)', '"small": dict(size=9)')
    )
    assert state(tiny_course) is State.COURSE_CHANGED


def test_another_copy_of_the_notebook_is_a_change(tiny_course: Course) -> None:
    hand_in(tiny_course, "ada")
    graded(tiny_course)
    shutil.copy(folder(tiny_course) / "01_tiny.ipynb", folder(tiny_course) / "01_tiny (1).ipynb")
    assert state(tiny_course) is not State.CURRENT


@pytest.mark.parametrize("name", ["notes.pdf", "backup.7z"])
def test_files_that_were_not_used_are_told(tiny_course: Course, name: str) -> None:
    hand_in(tiny_course, "ada")
    (folder(tiny_course) / name).write_bytes(b"7z\xbc\xaf\x27\x1c" if "7z" in name else b"%PDF-1.4")
    (folder(tiny_course) / "01_tiny.ipynb").unlink()
    found = read(tiny_course)
    assert found.states == {"01_tiny": State.MISSING}
    assert found.results["01_tiny"].outcome is Outcome.MISSING
    assert [note for note in found.unused if name in note]


def test_a_notebook_in_an_archive_is_read_without_a_trace_in_the_course(
    tiny_course: Course,
) -> None:
    hand_in(tiny_course, "ada")
    notebook = folder(tiny_course) / "01_tiny.ipynb"
    with zipfile.ZipFile(folder(tiny_course) / "all.zip", "w") as archive:
        archive.write(notebook, "01_tiny.ipynb")
    notebook.unlink()
    graded(tiny_course)
    before = sorted(path for path in tiny_course.root.rglob("*"))
    assert state(tiny_course) is State.CURRENT
    assert sorted(path for path in tiny_course.root.rglob("*")) == before


def test_unchanged_plain_files_are_not_parsed(
    tiny_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(tiny_course, "ada")
    graded(tiny_course)

    def parsed(*_: object) -> None:
        raise AssertionError("the files were sorted")

    monkeypatch.setattr(known, "hand_in_of", parsed)
    assert state(tiny_course) is State.CURRENT


def test_plain_files_are_refused_if_anything_else_lies_there(tiny_course: Course) -> None:
    bundles = load_assignment(tiny_course, "tiny")
    hand_in(tiny_course, "ada")
    here = folder(tiny_course)
    (here / "mine.py").write_text("x = 1\n")
    found = plain_files(here, bundles)
    assert found is not None
    assert (list(found.notebooks), list(found.beside)) == (["01_tiny"], ["mine.py"])
    for make in (
        lambda: (here / "folder").mkdir(),
        lambda: (here / "link.py").symlink_to("mine.py"),
        lambda: (here / "02.ipynb").write_text("{}"),
        lambda: (here / "01_tiny.zip").write_bytes(b"PK"),
    ):
        make()
        assert plain_files(here, bundles) is None
        for path in here.iterdir():
            if path.name not in ("01_tiny.ipynb", "timestamp.txt", "mine.py"):
                path.rmdir() if path.is_dir() else path.unlink()
    assert plain_files(here, bundles) is not None
    (here / "01_tiny.ipynb").unlink()
    assert plain_files(here, bundles) is None
    assert plain_files(here / "nowhere", bundles) is None
