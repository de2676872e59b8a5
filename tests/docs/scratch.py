"""Small courses in which the commands of the documentation run.

Their assignments have the names of this course's, ``conv`` and ``places``, so pages need no other
names. Each has one short notebook with two exercises and an open question.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from autograder.authoring.templates import text_of
from autograder.course.layout import Course
from autograder.course.source import load_assignment
from tests.courses.handed_in import as_bytes, as_handed_in
from tests.docs.lesson import write_lesson

# Commands start sooner with torch alone, and an endless loop of a made-up class ends sooner.
SMALL = """
c.Autograder.warm_modules = ["torch"]
c.Autograder.cell_s = 30
"""
FLIPPED = """\
def corr2d(X, K):
    windows = X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1)
    return (windows * K.flip(0, 1)).sum((-2, -1))
"""

NOTEBOOKS = {"conv": "01_convolution", "places": "01_train_cnn"}
# The answers of three students: all right, a known mistake, half done.
ANSWERS: dict[str, dict[str, str]] = {
    "ada": {},
    "bob": {"corr2d": FLIPPED},
    "cleo": {"corr2d": "def corr2d(X, K):\n    raise NotImplementedError()"},
}
NAMES = ("Ada", "Bob", "Cleo")
COMPETITION = """\
slug = "places"
title = "Scenes"
metric = "top5_error"
labels = "labels.txt"
public_fraction = 0.3
daily_limit = 3
team_size = 2
"""
FULL_NAMES = {"ada": "Ada Lovelace", "bob": "Robert Moses", "cleo": "Cleo Ng"}
HANDED_IN_AT = "2026-10-01 21:30:00 UTC"


class Scratch:
    """Makes courses; the work that all copies share is done once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Path] = {}
        self._copies = 0

    def fresh(self, name: str) -> Path:
        """A fresh copy of a course, by its name in COURSES."""
        self._copies += 1
        copy = self._folder / f"copy{self._copies}" / "course"
        shutil.copytree(self._original(name), copy)
        return copy

    def _original(self, name: str) -> Path:
        if name not in self._made:
            before, make = COURSES[name]
            root = self._folder / "originals" / name.replace(" ", "-")
            shutil.rmtree(root, ignore_errors=True)  # of an attempt that failed
            if before:
                shutil.copytree(self._original(before), root)
            else:
                root.mkdir(parents=True)
            make(root)
            self._made[name] = root
        return self._made[name]


def _nothing(root: Path) -> None:
    """An empty folder."""


def _released(root: Path) -> None:
    """Both assignments, released."""
    config = text_of("nbgrader_config.py", course_id="cnn")
    (root / "nbgrader_config.py").write_text(config + SMALL)
    (root / ".gitignore").write_text(text_of("gitignore"))
    for assignment, notebook in NOTEBOOKS.items():
        write_lesson(root, assignment, notebook)
    _run(root, "release", *NOTEBOOKS)


def _handed_in(root: Path) -> None:
    """Three students handed in ``conv``."""
    course = Course.find(root)
    (bundle,) = load_assignment(course, "conv")
    for student, answers in ANSWERS.items():
        folder = course.submitted / student / "conv"
        folder.mkdir(parents=True)
        notebook = as_bytes(as_handed_in(bundle, answers))
        (folder / f"{bundle.name}.ipynb").write_bytes(notebook)
        (folder / "timestamp.txt").write_text(HANDED_IN_AT)


def _clones(root: Path) -> None:
    """Git repositories of the three students, as GitHub Classroom made them."""
    (bundle,) = load_assignment(Course.find(root), "conv")
    git = ["git", "-c", "user.name=student", "-c", "user.email=student@example.edu"]
    for student, answers in ANSWERS.items():
        folder = root / "clones" / student
        folder.mkdir(parents=True)
        notebook = as_bytes(as_handed_in(bundle, answers))
        (folder / f"{bundle.name}.ipynb").write_bytes(notebook)
        for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "hand in"]):
            subprocess.run([*git, *command], cwd=folder, check=True, timeout=300)


def _graded(root: Path) -> None:
    """The three students, graded."""
    _run(root, "grade", "conv", "--json", "out.json")


def _term(root: Path) -> None:
    """A download of Moodle with the hand-ins of the three students."""
    (bundle,) = load_assignment(Course.find(root), "conv")
    (root / "downloads").mkdir()
    with zipfile.ZipFile(root / "downloads" / "moodle.zip", "w") as download:
        for number, (student, answers) in enumerate(ANSWERS.items()):
            folder = f"{FULL_NAMES[student]}_{4711 + number}_assignsubmission_file"
            entry = zipfile.ZipInfo(
                f"{folder}/{bundle.name}.ipynb", (2026, 10, 1 + number, 20, 0, 0)
            )
            download.writestr(entry, as_bytes(as_handed_in(bundle, answers)))


def _board(root: Path) -> None:
    """The files of a competition: its description, the labels, a class, a baseline."""
    labels = {f"test/{number:08}.jpg": number % 10 for number in range(40)}
    (root / "places.toml").write_text(COMPETITION)
    (root / "labels.txt").write_text("".join(f"{n} {label}\n" for n, label in labels.items()))
    guesses = "".join(f"{n} {label} 1 2 3 4\n" for n, label in labels.items() if label > 4)
    guesses += "".join(f"{n} 5 6 7 8 9\n" for n, label in labels.items() if label <= 4)
    (root / "resnet18.txt").write_text(guesses)
    rows = "".join(f"{name.lower()},{name},{name.lower()}@example.edu\n" for name in NAMES)
    (root / "class.csv").write_text(f"id,name,email\n{rows}")


def _run(root: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=root, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


# The courses that pages name: the course that each starts from, and the change.
COURSES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "an empty folder": ("", _nothing),
    "released": ("", _released),
    "handed in": ("released", _handed_in),
    "board": ("", _board),
    "clones": ("released", _clones),
    "term": ("released", _term),
    "graded": ("handed in", _graded),
}
