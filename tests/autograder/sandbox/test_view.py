"""The view of the sandbox; a course, a secret or a home folder in it is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.errors import ExposedFiles
from autograder.proxy.process import StudentProcess
from autograder.runs.class_run import ClassRun
from autograder.runs.doctor import examine
from autograder.sandbox import bubblewrap
from autograder.sandbox import view as module
from autograder.sandbox.launcher import ForkServer
from autograder.sandbox.view import Shown, refuse_exposed, shown
from autograder.wall.protocol import RunCell
from tests.courses.handed_in import as_bytes, as_handed_in
from tests.courses.tiny import SMALL, write_course


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """``show(folder)``: from now on the sandbox shows this folder too."""

    def also(folder: Path) -> None:
        monkeypatch.setattr(module, "shown", lambda: [*shown(), Shown(folder, "/also")])

    return also


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return write_course(tmp_path / "teaching" / "course")


def refused(course: Course) -> str:
    with pytest.raises(ExposedFiles) as caught:
        refuse_exposed(course)
    return str(caught.value)


def test_a_course_outside_is_fine_and_so_is_an_environment_in_the_course(
    course: Course, show: Callable[[Path], None]
) -> None:
    (course.root / ".venv").mkdir()
    show(course.root / ".venv")
    refuse_exposed(course)


def test_a_course_that_is_an_environment_is_refused(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(course.root))  # as after `python -m venv .` in it
    told = refused(course)
    assert f"the course folder ({course.root}) lies in {course.root}" in told
    assert "it is the Python environment that grades" in told
    assert "python3 -m venv .venv" in told
    with pytest.raises(ExposedFiles, match="lies in"):
        ClassRun(course, "tiny").grade()


def test_grade_and_doctor_refuse_a_course_below_usr(tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root writes below /usr")
    root = Path("/usr/local/share") / f"course-{os.getpid()}"
    try:
        course = write_course(root)
        with pytest.raises(ExposedFiles, match="lies in /usr, which every submission can read"):
            ClassRun(course, "tiny").grade()
        report = examine(course, "bubblewrap")
        assert not report.ready
        (lacking,) = [line.what for line in report.lines if line.needed and not line.ok]
        assert "the course folder" in lacking
        assert "Move the course to a folder of its own" in lacking
    finally:
        shutil.rmtree(root)


@pytest.mark.parametrize(
    "name",
    ["source", "solutions", "submitted", "autograded", "feedback", ".autograder", "gradebook.db"],
)
def test_a_part_that_is_a_link_into_a_shown_folder_is_refused(
    course: Course, tmp_path: Path, show: Callable[[Path], None], name: str
) -> None:
    there = tmp_path / "open"
    there.mkdir()
    show(there)
    refuse_exposed(course)
    if (course.root / name).exists():
        shutil.move(course.root / name, there / name)
    elif "." in name[1:]:
        (there / name).touch()
    else:
        (there / name).mkdir()
    (course.root / name).symlink_to(there / name)
    assert str(there) in refused(course)


def test_an_assignment_or_a_secret_that_is_a_link_into_a_shown_folder_is_refused(
    course: Course, tmp_path: Path, show: Callable[[Path], None]
) -> None:
    there = tmp_path / "open"
    there.mkdir()
    show(there)
    course.state.mkdir()
    (there / "secret").write_text("5" * 64)
    (course.state / "secret").symlink_to(there / "secret")
    assert "the course's secret" in refused(course)
    (course.state / "secret").unlink()
    shutil.move(course.source / "tiny", there / "tiny")
    (course.source / "tiny").symlink_to(there / "tiny")
    assert "the hidden tests' tiny" in refused(course)


def test_a_link_deep_in_the_hidden_tests_is_followed_and_refused(
    course: Course, tmp_path: Path, show: Callable[[Path], None]
) -> None:
    there = tmp_path / "open"
    there.mkdir()
    show(there)
    deep = course.source / "tiny" / "private" / "more"
    deep.mkdir(parents=True)
    (there / "answers.pt").touch()
    (deep / "answers.pt").symlink_to(there / "answers.pt")
    assert "the hidden tests' tiny/private/more/answers.pt" in refused(course)


def test_without_a_home_folder_there_is_none_to_refuse(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", none)
    refuse_exposed(course)


def test_an_engine_that_is_installed_in_the_environment_is_hidden_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "site-packages" / "autograder"
    shutil.copytree(Path(module.__file__).parents[1], installed)
    own = shown()
    monkeypatch.setattr(module.autograder, "__file__", str(installed / "__init__.py"))
    also = [*own, Shown(tmp_path / "site-packages", "/also")]
    monkeypatch.setattr(module, "shown", lambda: also)
    monkeypatch.setattr(bubblewrap, "shown", lambda: also)
    assert module.hidden() == ["/also/autograder"]
    with ForkServer(replace(SMALL, warm_modules=("numpy",))) as parent:
        student = StudentProcess(parent.start_student())
        look = "import os\nprint(os.listdir('/also'), os.listdir('/also/autograder'))"
        assert student.ask(RunCell(look)).stdout == "['autograder'] []\n"
        student.close()


def test_a_shown_folder_within_the_hidden_tests_is_refused(
    course: Course, show: Callable[[Path], None]
) -> None:
    show(course.source / "tiny")
    assert "the folder of hidden tests" in refused(course)


def test_a_course_that_is_reached_by_a_link_or_shown_by_a_link_is_refused(
    course: Course, tmp_path: Path, show: Callable[[Path], None]
) -> None:
    (tmp_path / "link").symlink_to(course.root.parent)
    show(tmp_path / "link")
    refused(course)
    refused(Course.find(tmp_path / "link" / "course"))


def test_a_home_folder_in_a_shown_folder_is_refused_and_one_around_it_is_not(
    course: Course, tmp_path: Path, show: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "people" / "ada"
    (home / ".pyenv" / "versions").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    show(home / ".pyenv" / "versions")
    refuse_exposed(course)
    show(home.parent)
    told = refused(course)
    assert f"your home folder ({home}) lies in {home.parent}" in told
    assert "set HOME to another folder" in told
    monkeypatch.setenv("HOME", str(tmp_path / "not there"))
    refuse_exposed(course)


def test_the_weak_mode_shows_everything_anyway_and_says_so(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(course.root))
    told = "\n".join(line.what for line in examine(course, "process").lines)
    assert "WEAK" in told
    assert "no submission can read" not in told


@pytest.mark.skipif(os.getuid() != 0, reason="only root mounts")
@pytest.mark.parametrize("what", ["the course", "a part of it", "around the course"])
def test_a_second_mount_of_the_course_in_a_shown_folder_is_refused(
    course: Course, tmp_path: Path, what: str
) -> None:
    """In a mount namespace of its own, so that nothing of it is left."""
    there = tmp_path / "open" / "mounted here"
    there.mkdir(parents=True)
    source = {
        "the course": course.root,
        "a part of it": course.source / "tiny",
        "around the course": course.root.parent,
    }[what]
    program = f"""
from pathlib import Path
from autograder.sandbox import bubblewrap
from autograder.sandbox import view as module
from autograder.course.layout import Course
from autograder.errors import ExposedFiles
own = module.shown()
module.shown = lambda: [*own, module.Shown(Path({str(there.parent)!r}), "/also")]
try: module.refuse_exposed(Course.find(Path({str(course.root)!r})))
except ExposedFiles: print("refused")
"""
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", 'mount --bind "$1" "$2" && exec "$0" -c "$3"',
         sys.executable, str(source), str(there), program],
        capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    if "mount:" in done.stderr or "unshare failed" in done.stderr:
        pytest.skip(f"this machine lets root make no mounts: {done.stderr[-300:]}")
    assert done.stdout == "refused\n", done.stderr


def test_of_the_engine_only_the_harmless_packages_are_shown(parent: ForkServer) -> None:
    engine = Path(module.__file__).parents[1]
    sources = {one.source for one in shown() if one.target.startswith("/engine")}
    assert sources == {
        engine / "__init__.py",
        engine / "wall",
        engine / "torch_watch",
        engine / "jail",
        engine / "shell",
        engine / "student",
    }
    student = StudentProcess(parent.start_student())
    try:
        look = (
            "import os, autograder\n"
            "print(sorted(os.listdir('/engine')), sorted(os.listdir('/engine/autograder')))\n"
            "print(os.path.dirname(autograder.__file__))"
        )
        printed = student.ask(RunCell(look)).stdout
    finally:
        student.close()
    assert printed.splitlines() == [
        "['autograder'] ['__init__.py', 'jail', 'shell', 'student', 'torch_watch', 'wall']",
        "/engine/autograder",
    ]


def test_what_a_path_file_of_the_environment_names_is_not_shown(
    student: object, parent: ForkServer
) -> None:
    """An editable install names its folder, often the course's, in a file in site-packages."""
    process = StudentProcess(parent.start_student())
    try:
        named = f"import os\nprint(os.path.exists({str(Path(module.__file__).parents[2])!r}))"
        assert process.ask(RunCell(named)).stdout == "False\n"
    finally:
        process.close()


@pytest.mark.parametrize(
    "name", ["[a]*?", "line\nbreak", ".hidden", "-dash", "a b'c\"d", "~", "$HOME", "%s{x}", "ü:,\\"]
)
def test_a_course_whose_path_is_a_pattern_is_read(tmp_path: Path, name: str) -> None:
    course = Course.find(write_course(tmp_path / name).root)
    assert course.settings.sandbox == "bubblewrap"
    refuse_exposed(course)
    assert course.assignment_names() == ["tiny"]
    assert [path.name for path in course.notebook_sources("tiny")] == ["01_tiny.py"]


@pytest.mark.slow
def test_a_course_whose_path_is_a_pattern_is_graded(released_root: Path, tmp_path: Path) -> None:
    root = tmp_path / "[a]*?{b}" / "$HOME\n~ %s"
    shutil.copytree(released_root, root)
    course = Course.find(root)
    (bundle,) = load_assignment(course, "tiny")
    folder = course.submitted / "ada" / "tiny"
    folder.mkdir(parents=True)
    (folder / "01_tiny.ipynb").write_bytes(as_bytes(as_handed_in(bundle)))
    (result,) = ClassRun(course, "tiny", workers=1).grade()
    assert result.points == sum(test.max_points for test in result.tests if test.grade_id != "why")
