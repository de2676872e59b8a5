"""The zip that Gradescope takes as an autograder.

See https://gradescope-autograders.readthedocs.io/en/latest/specs/ and its page "Base Images".
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from autograder.atomic_write import write_whole
from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.errors import UsageError
from autograder.gradescope.course_copy import Files, course_files
from autograder.gradescope.document import Visibility, manual_questions, without_verdict
from autograder.gradescope.run import COURSE, MANIFEST, Manifest
from autograder.gradescope.wheel import constraints, wheel

_TEMPLATES = Path(__file__).parent / "templates"
_SCRIPTS = ("setup.sh", "run_autograder")
_PYTHONS = ("3.11", "3.12", "3.13")
START_S = 90.0  # of Gradescope's time, for everything but the notebooks
MOST_MINUTES = 40  # Gradescope's own maximum
_EPOCH = (1980, 1, 1, 0, 0, 0)

REFUSAL = (
    "Gradescope's containers have no namespaces, so submissions are less isolated there than "
    "here. A submission sees the container's files that every user may read. It can fill the "
    "container's disk, and memory and processes are only watched from outside. "
    "docs/gradescope.md lists what holds. If that is enough for this assignment, add "
    "--weak-isolation."
)


@dataclass(frozen=True)
class Autograder:
    """A zip that was written, and the settings that its assignment needs on Gradescope.

    ``manual`` are the questions that a person grades, with their points. ``notebook_s`` is the
    time limit of a notebook, and ``shortened`` says that it is less than the course's.
    """

    path: Path
    points: float
    manual: tuple[tuple[str, float], ...]
    minutes: int
    notebook_s: float
    shortened: bool


def write_autograder(
    course: Course,
    assignment: str,
    path: Path,
    weak_isolation: bool = False,
    visibility: Visibility = Visibility.VISIBLE,
    minutes: int = 10,
) -> Autograder:
    """Write the zip of an assignment to ``path``; only its owner can read it.

    ``minutes`` is the timeout that is set on Gradescope: the notebooks share it. Raises UsageError
    without ``weak_isolation``, for a path that is a folder, and for an assignment that is not
    released; DiskError if the zip cannot be written.
    """
    if not weak_isolation:
        raise UsageError(REFUSAL)
    if path.is_dir():
        raise UsageError(f"{path} is a folder; --out names the zip itself, such as {path}.zip")
    bundles = load_assignment(course, assignment)
    share_s = max(30.0, (60.0 * minutes - START_S) / len(bundles))
    name, package = wheel()
    files: Files = {script: _script(script) for script in _SCRIPTS}
    files |= {
        "constraints.txt": constraints().encode(),
        name: package,
        MANIFEST: Manifest(assignment, visibility).to_json().encode(),
        "unfinished.json": json.dumps(without_verdict()).encode(),
    }
    copied = course_files(course, assignment, share_s)
    files |= {f"{COURSE}/{place}": data for place, data in copied.items()}
    write_whole(path, _zipped(files))
    path.chmod(0o600)
    return Autograder(
        path,
        sum(cell.points for bundle in bundles for cell in bundle.tests),
        tuple(manual_questions(bundles)),
        minutes,
        min(share_s, course.settings.submission_s),
        share_s < course.settings.submission_s,
    )


def _script(name: str) -> bytes:
    """A script of the zip; it tries the Python first that grades here."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    pythons = " ".join(dict.fromkeys((here, *_PYTHONS)))
    text = (_TEMPLATES / name).read_text(encoding="utf-8")
    return text.replace("@PYTHONS@", pythons).encode()


def _zipped(files: Files) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = (0o100700 if name in _SCRIPTS else 0o100600) << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
