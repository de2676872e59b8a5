from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from autograder.course.layout import Course
from autograder.results import GRADER_FAILED
from autograder.runs.class_run import ClassRun
from tests.autograder.gradescope.kit import Container, container, notebook_of
from tests.courses.build import build_course, config
from tests.courses.cells import graded, notebook, question, setup, text
from tests.courses.handed_in import Answers
from tests.courses.tiny import ADD, SCALE

SCHEMA = json.loads((Path(__file__).parent / "results.schema.json").read_text())
LIMITS = """\
c.Autograder.cell_s = 4
c.Autograder.submission_s = 30
c.Autograder.scratch_mb = 8
c.Autograder.warm_modules = ["numpy", "torch"]
"""
NOTEBOOK = notebook(
    text("# Small"),
    setup("import torch"),
    ADD,
    graded(
        "add",
        2,
        """\
assert add(1, 2) == 3
### BEGIN HIDDEN TESTS
from autograder.checks import check

check(
    add,
    lambda a, b: a + b,
    lambda draw, size: (draw.integer(1, size), draw.integer(1, size)),
    points=2,
    groups={"small numbers": dict(size=9), "large numbers": dict(size=10**9)},
    extras=None,
    name="add",
)
### END HIDDEN TESTS
""",
    ),
    SCALE,
    graded("scale", 4, "assert scale(torch.ones(2), 3).tolist() == [3.0, 3.0]"),
    question("why", "### BEGIN SOLUTION\nBecause.\n### END SOLUTION\n"),
)
SUBTRACTS = "def add(a, b):\n    return a - b if a > 100 else a + b\n"
HANGS = "def scale(x, k):\n    while True:\n        pass\n"


def write_course(root: Path, notebook: str = NOTEBOOK) -> Course:
    return build_course(root, config("small", LIMITS), "small", {"01_small": notebook})


def handed_in(course: Course, answers: Answers | None = None) -> dict[str, bytes]:
    return {"01_small.ipynb": notebook_of(course, "small", answers)}


@pytest.fixture(scope="module")
def base() -> Iterator[Path]:
    """A folder that every user may enter and nobody else may write, as /autograder."""
    folder = Path(tempfile.mkdtemp(prefix="container-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def course(base: Path) -> Course:
    return write_course(base / "course")


@pytest.fixture(scope="module")
def small(base: Path, course: Course) -> Container:
    return container(course, "small", base / "small")


@pytest.fixture(scope="module")
def open_environment(base: Path) -> Path:
    """A Python environment that another user can read, as on Gradescope."""
    if os.getuid() != 0:
        pytest.skip("only root can start a process as another user")
    python = Path(f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}")
    if not python.is_file():
        pytest.skip("there is no Python of the system in this version")
    made = base / "environment"
    subprocess.run([python, "-m", "venv", "--without-pip", made], check=True, timeout=60)
    (packages,) = made.glob("lib/python*/site-packages")
    paths = [path for path in site.getsitepackages() if Path(path).is_dir()]
    lines = [f"import site; site.addsitedir({path!r})\n" for path in paths]
    (packages / "all.pth").write_text("".join(lines))
    return made


def submit(container: Container, files: dict[str, bytes]) -> tuple[dict[str, Any], str]:
    """The results of a submission, in the documented format, and the log."""
    shutil.rmtree(container.root / "submission")
    container.hand_in(files)
    done = container.run()
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = container.results
    jsonschema.validate(found, SCHEMA)
    return found, done.stdout


def scores(found: dict[str, Any]) -> dict[str, float]:
    return {test["name"]: test["score"] for test in found["tests"] if "score" in test}


@pytest.mark.sandbox
def test_points_and_sentences_are_those_of_the_command_grade(
    small: Container, course: Course
) -> None:
    files = handed_in(course, {"add": SUBTRACTS, "scale": HANGS})
    found, log = submit(small, files)
    folder = course.submitted / "ada" / "small"
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (here,) = ClassRun(course, "small", workers=1).grade()
    by_id = {test.grade_id: test for test in here.tests}
    assert scores(found) == {"add": by_id["test_add"].points, "scale": 0.0}
    assert found["score"] == here.points == 1.0
    for test in found["tests"]:
        assert test["extra_data"]["outcome"] == by_id[test["extra_data"]["grade_id"]].outcome
    add, scale, why = found["tests"]
    assert "Smallest failing case" in add["output"] and "right in 1 of 2" in add["output"]
    assert scale["output"].startswith("It ran out of time.")
    assert scale["extra_data"]["outcome"] == "timed_out"
    assert "score" not in why and "A person grades" in why["output"]
    assert "protected: " in log and "NOT PROTECTED: " in log and "1 of 7 points" in log
    assert not (small.root / "results" / ".reserve").exists()


def test_what_is_missing_or_unreadable_scores_zero_and_is_told(small: Container) -> None:
    found, _ = submit(small, {"notes.txt": b"hello"})
    assert found["score"] == 0.0 and "was not handed in" in found["tests"][0]["output"]
    assert "notes.txt" in found["output"]
    found, _ = submit(small, {"01_small.ipynb": b'{"cells": ['})
    assert found["score"] == 0.0 and "could not be read" in found["tests"][0]["output"]


def test_a_mistake_of_the_course_gives_no_score_and_is_not_blamed_on_the_student(
    base: Path,
) -> None:
    broken = NOTEBOOK.replace(
        "assert scale(torch.ones(2), 3)", 'len("x" * 99)\n# assert scale(torch)'
    )
    course = write_course(base / "broken_course", broken)
    found, log = submit(container(course, "small", base / "broken"), handed_in(course))
    assert "score" not in found and scores(found) == {}
    assert found["output"].startswith(GRADER_FAILED)
    assert "THE GRADER FAILED in 01_small, test_scale" in log and "99" in log
    assert "99" not in json.dumps(found)


def test_a_grader_that_cannot_start_leaves_no_score(base: Path, course: Course) -> None:
    made = container(course, "small", base / "unable")
    (made.root / "source" / "autograder.json").write_text("{")
    found, log = submit(made, handed_in(course))
    assert "score" not in found and found["output"].startswith(GRADER_FAILED)
    assert "THE GRADER FAILED" in log and "Traceback" in log
    gone = Container(made.root, base / "nowhere")
    assert gone.run().returncode == 0
    jsonschema.validate(gone.results, SCHEMA)
    assert "score" not in gone.results and gone.results["output"].startswith(GRADER_FAILED)


ATTACK = """\
import json, os, socket, time

told = {{}}


def attempt(name, act):
    try:
        told[name] = repr(act())
    except BaseException as error:
        told[name] = type(error).__name__


attempt("results", lambda: open({root!r} + "/results/results.json", "w").write("full points"))
attempt("remove", lambda: os.unlink({root!r} + "/results/results.json"))
attempt("tests", lambda: open({root!r} + "/source/course/source/small/01_small.py").read(10))
attempt("metadata", lambda: open({root!r} + "/submission_metadata.json").read(10))
attempt("memory", lambda: open(f"/proc/{{os.getppid()}}/mem", "rb").read(1))
attempt("parent", lambda: os.kill(os.getppid(), 0 if {gently} else 9))
attempt("network", lambda: socket.socket(socket.AF_INET))
attempt("large", lambda: open("large", "wb").write(bytes(9 << 20)))
if os.fork() == 0:
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
    with open({marks!r} + "/later", "w") as file:
        file.write(str(os.getpid()))
    while True:
        time.sleep(0.1)
        try:
            open({root!r} + "/results/results.json", "w").write("later")
        except OSError:
            pass
while not os.path.exists({marks!r} + "/later"):
    time.sleep(0.01)
with open({marks!r} + "/told.json", "w") as file:
    json.dump(told, file)


def add(a, b):
    return a + b
"""


def attack(
    container: Container, course: Course, gently: bool = False
) -> tuple[dict[str, Any], dict[str, str], int]:
    """The results, the submission's notes on its attempts, and its last process."""
    marks = Path(tempfile.mkdtemp(prefix="marks-"))
    marks.chmod(0o777)
    try:
        text = ATTACK.format(root=str(container.root), marks=str(marks), gently=gently)
        found, _ = submit(container, handed_in(course, {"add": text}))
        told = json.loads((marks / "told.json").read_text())
        return found, told, int((marks / "later").read_text())
    finally:
        shutil.rmtree(marks)


def assert_gone(pid: int) -> None:
    assert not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text()


def test_attacks_on_the_results_fail_as_another_user(
    base: Path, course: Course, open_environment: Path
) -> None:
    made = container(course, "small", base / "attacked", open_environment)
    found, told, pid = attack(made, course)
    assert told == {
        "results": "PermissionError",
        "remove": "PermissionError",
        "tests": "PermissionError",
        "metadata": "PermissionError",
        "memory": "PermissionError",
        "parent": "PermissionError",
        "network": "OSError",
        "large": "OSError",
    }
    assert_gone(pid)
    assert scores(found) == {"add": 2.0, "scale": 4.0}


@pytest.mark.slow
def test_attacks_as_the_same_user_cannot_change_the_results(
    small: Container, course: Course
) -> None:
    """Where Landlock is missing they could, and the log says so."""
    from autograder.jail import landlock

    if not landlock.version():
        pytest.skip("this kernel has no Landlock")
    found, told, pid = attack(small, course, gently=True)
    assert told["results"] == told["remove"] == "PermissionError"
    assert told["network"] == told["large"] == "OSError"
    assert_gone(pid)
    assert scores(found) == {"add": 2.0, "scale": 4.0}


FULL = """\
import os

try:
    for number in range(10_000):
        with open(f"part{number}", "wb") as file:
            file.write(bytes(1 << 20))
except OSError:
    pass


def add(a, b):
    return a + b
"""


@pytest.mark.slow
def test_a_full_disk_leaves_room_for_the_results(
    base: Path, course: Course, open_environment: Path
) -> None:
    made = container(course, "small", base / "full", open_environment)
    made.hand_in(handed_in(course, {"add": FULL}))
    script = f"""\
set -e
cp -a {made.root} {base}/kept
mount -t tmpfs -o size=48m tmpfs {made.root}
cp -a {base}/kept/. {made.root}/
mkdir -m 1777 {made.root}/tmp
TMPDIR={made.root}/tmp AUTOGRADER_ROOT={made.root} AUTOGRADER_ENVIRONMENT={open_environment} \
    {made.root}/run_autograder > {base}/log 2>&1
cp {made.root}/results/results.json {base}/results_of_full_disk.json
"""
    unshare = [shutil.which("unshare") or "unshare", "--mount", "--propagation", "private"]
    done = subprocess.run(
        [*unshare, "bash", "-c", script], capture_output=True, text=True, timeout=300
    )
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip("this machine gives no mounts to a process")
    assert done.returncode == 0, done.stderr
    found = json.loads((base / "results_of_full_disk.json").read_text())
    jsonschema.validate(found, SCHEMA)
    assert scores(found) == {"add": 2.0, "scale": 4.0}, (base / "log").read_text()


@pytest.mark.slow
@pytest.mark.skipif("SETUPS" not in os.environ, reason="installs torch anew: `make soak` runs it")
def test_setup_makes_an_environment_that_grades(base: Path, course: Course) -> None:
    """The real ``setup.sh``, with the index that pip is configured with."""
    made = container(course, "small", base / "set_up")
    environment = base / "made_by_setup"
    started = time.monotonic()
    done = subprocess.run(
        ["bash", str(made.root / "source" / "setup.sh")],
        env=os.environ
        | {"AUTOGRADER_ENVIRONMENT": str(environment), "AUTOGRADER_TORCH_INDEX": "file:///nowhere"},
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    print(f"setup.sh took {time.monotonic() - started:.0f} s")
    found, log = submit(Container(made.root, environment), handed_in(course))
    assert found["score"] == 6.0, log
