from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest

from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.errors import UsageError
from autograder.gradescope.archive import write_autograder
from autograder.gradescope.course_copy import course_files
from autograder.gradescope.document import Visibility
from autograder.workers.cache import source_digest
from tests.autograder.gradescope.kit import make_zip, unpack
from tests.courses.adding import CHECK, CONFIG, LESSON, write_course
from tests.courses.build import build_course

SCHEMA = json.loads((Path(__file__).parent / "results.schema.json").read_text())
REFERENCE = "def add(a, b):\n    return a + b\n"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course with a whole term behind it: a gradebook, students, a secret, other assignments."""
    made = write_course(tmp_path / "course")
    root = made.root
    config = root / "nbgrader_config.py"
    config.write_text(config.read_text() + 'c.CourseDirectory.db_url = "sqlite:///token-of-db"\n')
    config.write_text(config.read_text() + "c.Autograder.cell_s = 7\nc.Autograder.workers = 9\n")
    for path, text in {
        "solutions/__init__.py": "",
        "solutions/sums/__init__.py": "",
        "solutions/sums/adding.py": REFERENCE,
        "solutions/sums/01_adding.ipynb": "{}",
        "solutions/other/helper.py": "secret = 1",
        "source/shared/expect.py": "def expect(): ...\n",
        "source/other/01_next.py": "# next week",
        "source/sums/01_adding.ipynb": "{}",
        "source/sums/private/held_out.npz": "labels",
        "source/sums/exercises/add/right.py": "a = 1",
        "source/sums/exercises/add/__pycache__/check.pyc": "x",
        "gradebook.db": "grades",
        "submitted/ada/sums/01_adding.ipynb": "work of ada",
        "feedback/ada/sums/01_adding.html": "x",
        ".autograder/secret": "the secret of the course",
        ".autograder/results/x.json": "{}",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return Course.find(root)


def entries(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_weaker_isolation_must_be_asked_for_by_name(course: Course, tmp_path: Path) -> None:
    out = tmp_path / "out.zip"
    with pytest.raises(UsageError, match="no namespaces") as caught:
        write_autograder(course, "sums", out)
    assert "--weak-isolation" in str(caught.value) and "disk" in str(caught.value)
    assert not out.exists()


def test_the_zip_holds_the_assignment_and_nothing_else_of_the_course(
    course: Course, tmp_path: Path
) -> None:
    found = entries(make_zip(course, "sums", tmp_path / "out.zip"))
    assert {"setup.sh", "run_autograder"} <= found.keys()  # at the root of the zip
    assert sorted(name for name in found if name.startswith("course/")) == [
        "course/.autograder/secret",
        "course/nbgrader_config.py",
        "course/solutions/__init__.py",
        "course/solutions/sums/__init__.py",
        "course/solutions/sums/adding.py",
        "course/source/shared/expect.py",
        "course/source/sums/01_adding.py",
        "course/source/sums/exercises/add/check.py",
        "course/source/sums/exercises/add/misconceptions.toml",
        "course/source/sums/private/held_out.npz",
    ]
    for private in (b"the secret of the course", b"token-of-db", b"work of ada"):
        assert not any(private in data for data in found.values())
    jsonschema.validate(json.loads(found["unfinished.json"]), SCHEMA)
    assert "score" not in json.loads(found["unfinished.json"])


def test_each_zip_has_a_secret_of_its_own_and_only_its_owner_reads_it(
    course: Course, tmp_path: Path
) -> None:
    one, two = tmp_path / "1.zip", tmp_path / "2.zip"
    secrets = {
        entries(make_zip(course, "sums", out))["course/.autograder/secret"] for out in (one, two)
    }
    assert len(secrets) == 2
    assert all(re.fullmatch(rb"[0-9a-f]{64}", secret) for secret in secrets)
    assert one.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(one) as archive:
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in archive.infolist()}
    assert modes["setup.sh"] == modes["run_autograder"] == 0o700
    assert all(mode & 0o077 == 0 for mode in modes.values())


def test_the_copy_is_graded_like_the_course(course: Course, tmp_path: Path) -> None:
    made = unpack(make_zip(course, "sums", tmp_path / "out.zip", minutes=3), tmp_path / "root")
    copy = Course.find(made.root / "source" / "course")
    (here,), (there,) = load_assignment(course, "sums"), load_assignment(copy, "sums")
    assert source_digest(there) == source_digest(here)
    assert there.released == here.released
    assert copy.settings.sandbox == "process"
    assert (copy.settings.cell_s, copy.settings.workers) == (7, 1)
    assert copy.settings.submission_s == 90  # three minutes, less the time to start
    assert copy.settings.warm_modules == course.settings.warm_modules


def test_a_reference_of_another_assignment_comes_along(tmp_path: Path) -> None:
    course = build_course(tmp_path / "course", CONFIG, "sums", {"01_adding": LESSON})
    check = course.source / "sums" / "exercises" / "add" / "check.py"
    check.parent.mkdir(parents=True)
    check.write_text(CHECK.replace("solutions.sums", "solutions.first"))
    with pytest.raises(UsageError, match="autograder release first"):
        course_files(course, "sums", 60.0)
    first = course.solutions / "first"
    first.mkdir(parents=True)
    (first / "adding.py").write_text(f"from solutions.zero import base\n{REFERENCE}")
    (course.solutions / "zero").mkdir()
    (course.solutions / "zero" / "base.py").write_text("")
    found = course_files(course, "sums", 60.0)
    assert {"solutions/first/adding.py", "solutions/zero/base.py"} <= found.keys()


def test_notebooks_share_the_time_that_gradescope_gives(course: Course, tmp_path: Path) -> None:
    made = write_autograder(course, "sums", tmp_path / "a.zip", weak_isolation=True)
    assert (made.notebook_s, made.shortened) == (course.settings.submission_s, False)
    made = write_autograder(course, "sums", tmp_path / "b.zip", weak_isolation=True, minutes=4)
    assert (made.notebook_s, made.shortened) == (150, True)
    assert (made.points, made.manual) == (2, (("why", 1.0),))


def test_a_folder_is_no_zip(course: Course, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        make_zip(course, "sums", tmp_path)


def test_the_manifest_says_what_students_see(course: Course, tmp_path: Path) -> None:
    out = make_zip(course, "sums", tmp_path / "o.zip", visibility=Visibility.AFTER_PUBLISHED)
    assert json.loads(entries(out)["autograder.json"]) == {
        "assignment": "sums",
        "visibility": "after_published",
    }


def test_the_wheel_holds_the_engine_and_pip_can_read_it(course: Course, tmp_path: Path) -> None:
    found = entries(make_zip(course, "sums", tmp_path / "out.zip"))
    (name,) = [name for name in found if name.endswith(".whl")]
    with zipfile.ZipFile(io.BytesIO(found[name])) as package:
        inside = package.namelist()
        metadata = package.read(next(one for one in inside if one.endswith("/METADATA"))).decode()
    assert {"autograder/cli/app.py", "autograder/gradescope/templates/setup.sh"} <= set(inside)
    assert not [one for one in inside if "__pycache__" in one or one.startswith("classroom")]
    assert "Requires-Dist: torch>=" in metadata and "extra ==" not in metadata
    (tmp_path / name).write_bytes(found[name])
    target = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    done = subprocess.run(
        [*command, "--target", str(target), str(tmp_path / name)],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (target / "autograder" / "evidence").is_dir()
    constraints = found["constraints.txt"].decode()
    assert re.search(r"^torch==[\d.]+$", constraints, re.MULTILINE)  # no local label
    assert "autograder" not in constraints and "+" not in constraints


def test_the_scripts_are_sound(course: Course, tmp_path: Path) -> None:
    found = entries(make_zip(course, "sums", tmp_path / "out.zip"))
    for name in ("setup.sh", "run_autograder"):
        path = tmp_path / name
        path.write_bytes(found[name])
        assert found[name].startswith(b"#!/usr/bin/env bash\n") and b"\r" not in found[name]
        assert subprocess.run(["bash", "-n", str(path)], timeout=60).returncode == 0
        if checker := shutil.which("shellcheck"):
            done = subprocess.run([checker, str(path)], capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, done.stdout
    setup = found["setup.sh"].decode()
    assert "--constraint" in setup and "download.pytorch.org/whl/cpu" in setup
    assert f"VERSIONS=({sys.version_info.major}.{sys.version_info.minor} " in setup
    assert "@" not in re.sub(r'"\$\{[^"]*\[@\]\}"', "", setup)
