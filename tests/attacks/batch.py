"""The whole suite graded as one class with honest students, and everything it left behind."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil
from nbformat import NotebookNode

from autograder.course.layout import Course
from autograder.course.source import load_bundle
from autograder.results import NotebookResult, Outcome
from autograder.runs.class_run import ClassRun
from tests.attacks.kinds import FULL, Attack
from tests.courses.attacked import write_course
from tests.courses.handed_in import as_handed_in

HONEST = {
    "right": {},
    "adds": {"scale": "def scale(x, k):\n    return x + k"},
    "partly": {"scale": "def scale(x, k):\n    return x * k if x.shape[1] != 2 else x.clone()"},
    "stub": {"add": "def add(a, b):\n    raise NotImplementedError()"},
    "raises": {"double": "def double(n):\n    return [][n]"},
    "float32": {"scale": "def scale(x, k):\n    return (x * k).float()"},
    "forks": {"add": "import subprocess\nsubprocess.run(['true'], check=True)\n"
              "def add(a, b):\n    return a + b"},
}  # fmt: skip
EVERY = 16  # submissions between two honest ones


@dataclass
class Canaries:
    """Things of the grader that no submission may see, let alone change."""

    token: str
    word: str
    files: dict[Path, tuple[bytes, int]]
    tcp: socket.socket
    abstract: socket.socket

    @classmethod
    def put_out(cls, course: Course, token: str) -> Canaries:
        word = f"canary-{secrets.token_hex(12)}"
        home = Path(tempfile.mkdtemp(prefix=".autograder-canary-", dir=Path.home()))
        tmp = Path(tempfile.mkdtemp(prefix="canary-", dir="/tmp"))
        shm = Path(tempfile.mkdtemp(prefix="canary-", dir="/dev/shm"))
        paths = [folder / f"canary.{token}" for folder in (course.root, home, tmp, shm)]
        for path in paths:
            path.write_text(word)
            path.chmod(0o666)
        paths += [*course.source.rglob("*.py"), course.root / "nbgrader_config.py"]
        tcp = socket.create_server(("127.0.0.1", 0))
        abstract = socket.socket(socket.AF_UNIX)
        abstract.bind(f"\0canary-{token}")
        abstract.listen()
        files = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}
        return cls(token, word, files, tcp, abstract)

    @property
    def placeholders(self) -> dict[str, str]:
        """The placeholder in attacks for a place, and the place."""
        course, home, tmp, shm = list(self.files)[:4]
        return {
            "@COURSE@": str(course.parent),
            "@FILES@": repr([str(path) for path in (course, home, tmp, shm)]),
            "@PORT@": str(self.tcp.getsockname()[1]),
            "@SOCKET@": f"canary-{self.token}",
            "@TOKEN@": self.token,
        }

    def collect(self) -> list[str]:
        """The changed files and connections; the canaries are removed."""
        touched = []
        for path, (data, changed) in self.files.items():
            if not path.exists() or (path.read_bytes(), path.stat().st_mtime_ns) != (data, changed):
                touched.append(str(path))
        for name, server in (("TCP", self.tcp), ("abstract unix socket", self.abstract)):
            server.setblocking(False)
            try:
                server.accept()[0].close()
                touched.append(name)
            except BlockingIOError:
                pass
            server.close()
        for path in list(self.files)[1:4]:
            extra = [other.name for other in path.parent.iterdir() if other != path]
            touched += [f"{path.parent}/{name}" for name in extra]
            shutil.rmtree(path.parent)
        return touched


@dataclass
class Batch:
    """The result of one run of the class."""

    course: Course
    results: dict[str, NotebookResult]
    touched: list[str] = field(default_factory=list)
    survivors: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    word: str = ""
    seconds: float = 0.0


def students_of(attacks: list[Attack]) -> dict[str, Attack | str]:
    """The submissions in the order of grading; honest students, by name, are mixed in."""
    found: dict[str, Attack | str] = {}
    honest = list(HONEST)
    for index, attack in enumerate(attacks):
        if index % EVERY == 0:
            kind = honest[index // EVERY % len(honest)]
            found[f"s{index:03d}-a-{kind}"] = kind
        found[attack.student or f"s{index:03d}-b"] = attack
    return found


def hand_in(course: Course, students: dict[str, Attack | str], places: dict[str, str]) -> None:
    """Write everybody's files into ``submitted/``."""
    bundle = load_bundle(course.source / "small" / "01_small.py")

    def placed(text: str) -> str:
        for name, place in places.items():
            text = text.replace(name, place)
        return text

    for student, what in students.items():
        folder = course.submitted / student / "small"
        folder.mkdir(parents=True)
        attack = Attack(0, what, "", HONEST[what]) if isinstance(what, str) else what
        texts = {name: placed(text) for name, text in attack.answers.items()}
        given: Any = as_handed_in(bundle, texts)
        if attack.change is not None:
            changed = attack.change(given)
            given = changed if isinstance(changed, (bytes, NotebookNode)) else given
        if attack.file_name:
            data = given if isinstance(given, bytes) else json.dumps(given).encode()
            (folder / attack.file_name).write_bytes(data)
        for name, data in attack.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        for name, target in attack.links.items():
            (folder / name).symlink_to(placed(target))


def run_batch(root: Path, attacks: list[Attack]) -> tuple[Batch, Batch]:
    """The class with the attackers, and the honest students alone."""
    token = str(secrets.randbelow(10**9) + 10**9)
    students = students_of(attacks)
    honest = {name: what for name, what in students.items() if isinstance(what, str)}
    full = _run(write_course(root / "all [0-9]*", token), token, students)
    alone = _run(write_course(root / "honest", token), token, honest)
    return full, alone


def _run(course: Course, token: str, students: dict[str, Attack | str]) -> Batch:
    canaries = Canaries.put_out(course, token)
    scratch = course.root.parent / f"tmp-{course.root.name}"
    scratch.mkdir()
    course.state.mkdir()
    (course.state / "secret").write_text("5" * 64)  # the same cases in every run
    hand_in(course, students, canaries.placeholders)
    seen: dict[int, psutil.Process] = {}
    seen_at = 0.0

    def watch(_: object) -> None:
        nonlocal seen_at
        if time.monotonic() - seen_at > 0.5:
            seen_at = time.monotonic()
            for process in psutil.Process().children(recursive=True):
                seen.setdefault(process.pid, process)

    before, tempfile.tempdir = tempfile.tempdir, str(scratch)
    started = time.monotonic()
    try:
        results = ClassRun(course, "small").grade(watch)
        seconds = time.monotonic() - started
    finally:
        tempfile.tempdir = before
        touched = canaries.collect()
    _, alive = psutil.wait_procs(seen.values(), timeout=10)
    survivors = [f"{process.pid} {process}" for process in alive]
    for process in psutil.process_iter(["cmdline"]):
        words = " ".join(process.info["cmdline"] or [])
        if token in words and process.pid != os.getpid():
            survivors.append(f"{process.pid} {words[:200]}")
    left = [str(path) for path in scratch.rglob("*")]
    left += [name for name in os.listdir("/dev/shm") if token in name]
    by_student = {result.student: result for result in results}
    return Batch(course, by_student, touched, survivors, left, canaries.word, seconds)


def essence(result: NotebookResult) -> str:
    """All of a result that should not depend on the clock, to the last digit."""
    data = asdict(result)
    for name in ("seconds", "student_cpu_s", "grader_cpu_s"):
        data.pop(name)
    return json.dumps(data, sort_keys=True, default=str, indent=1)


def problem(result: NotebookResult, attack: Attack, root: Path) -> str:
    """The faults of a verdict on an attack; empty if it is right."""
    tests = {test.grade_id: test for test in result.tests}
    told = "\n".join([*(test.message for test in result.tests), *result.notes])
    points = {name: tests[name].points for name in FULL}
    struck = next((name for name in FULL if attack.earns[name] < FULL[name]), None)
    seen = tests[struck].outcome if struck else result.outcome
    unclear = [name for name in FULL if points[name] < FULL[name] and not tests[name].message]
    ours = (str(root), "site-packages", "/autograder/", "the-hidden-watchword")
    found = {
        "points": points != dict(attack.earns),
        "a failure of the grader": result.outcome is Outcome.GRADER_ERROR,
        f"the outcome {seen.value}": seen not in attack.outcomes,
        f"what is told lacks {attack.says!r}": attack.says not in told,
        f"nothing is told of {', '.join(unclear)}": bool(unclear),
        "a long message": any(len(test.message) > 10_010 for test in result.tests),
        "our own files are told": any(name in told for name in ours),
    }
    wrong = [name for name, is_wrong in found.items() if is_wrong]
    if not wrong:
        return ""
    story = [
        f"{t.grade_id}: {t.points} {t.outcome.value} {t.message} {t.log}" for t in result.tests
    ]
    return "\n".join([f"{attack.row} {attack.name}: {'; '.join(wrong)}", *story, *result.notes])[
        :5000
    ]


def problems(full: Batch, alone: Batch, attacks: list[Attack]) -> list[str]:
    """Everything that does not hold after a run."""
    found = [
        problem(full.results[student], what, full.course.root)
        for student, what in students_of(attacks).items()
        if isinstance(what, Attack)
    ]
    found += [
        f"{student} was affected"
        for student, result in alone.results.items()
        if essence(result) != essence(full.results[student])
    ]
    return [one for one in found if one] + full.touched + full.survivors + full.left
