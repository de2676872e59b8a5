"""A course of two notebooks, and a store of received files for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from autograder.course.layout import Course
from autograder.files.hand_in_time import HandInTime
from autograder.received.disk.incoming import Incoming
from autograder.received.store import Store
from autograder.received.versions.origin import Origin
from tests.courses.build import build_course, config
from tests.courses.cells import answer, graded, notebook, text
from tests.courses.handed_in import as_bytes, as_handed_in

NAMES = ("01_first", "02_second")
START = datetime(2026, 2, 1, 10)


def lesson(name: str) -> str:
    solution = f"def {name}(n):\n    ### BEGIN SOLUTION\n    return n\n    ### END SOLUTION\n"
    return notebook(text(f"# {name}"), answer(name, solution), graded(name, 1, f"assert {name}(1)"))


def write_course(root: Path) -> Course:
    """A course with one assignment, ``two``, of the notebooks 01_first and 02_second."""
    notebooks = {name: lesson(name[3:]) for name in NAMES}
    return build_course(root, config("pair"), "two", notebooks)


def handed_in(store: Store, name: str, mark: str = "") -> bytes:
    """The bytes of a notebook as a student hands it in; ``mark`` makes them differ."""
    bundles, _ = store.bundles("two")
    (bundle,) = [one for one in bundles if one.name == name]
    solution = f"def {name[3:]}(n):\n    return n  # {mark}\n"
    return as_bytes(as_handed_in(bundle, {name[3:]: solution}))


def at(hours: float) -> HandInTime:
    """A time of hand-in, in hours after START."""
    return HandInTime(START + timedelta(hours=hours))


def origin(hours: float, kind: str = "moodle", **fields: object) -> Origin:
    return Origin(kind, time=at(hours), **fields)  # type: ignore[arg-type]


def files(**contents: bytes) -> list[Incoming]:
    """Files by name; ``__`` stands for a dot."""
    return [Incoming(name.replace("__", "."), data) for name, data in contents.items()]


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
