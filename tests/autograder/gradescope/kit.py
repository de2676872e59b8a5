"""A folder laid out as Gradescope's container, and the real script run in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.gradescope.archive import write_autograder
from autograder.gradescope.document import Visibility
from tests.courses.handed_in import Answers, as_bytes, as_handed_in

METADATA = {
    "id": 123456,
    "created_at": "2018-07-01T14:22:32.365935-07:00",
    "assignment": {"id": 25828, "course_id": 1234, "title": "Tiny", "total_points": "9.0"},
    "users": [{"email": "student@example.com", "id": 1234, "name": "Student User"}],
    "previous_submissions": [],
}


@dataclass(frozen=True)
class Container:
    """A folder like ``/autograder``, and the Python environment of its grader."""

    root: Path
    environment: Path = Path(sys.prefix)

    @property
    def results(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.root / "results" / "results.json").read_text())
        return found

    def hand_in(self, files: Mapping[str, bytes]) -> None:
        """Put the files of a submission where Gradescope puts them."""
        folder = self.root / "submission"
        folder.mkdir(exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)

    def run(self) -> subprocess.CompletedProcess[str]:
        """Run the script of the zip, as Gradescope does."""
        return subprocess.run(
            [str(self.root / "run_autograder")],
            env={
                "PATH": os.environ["PATH"],
                "AUTOGRADER_ROOT": str(self.root),
                "AUTOGRADER_ENVIRONMENT": str(self.environment),
            },
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=300,
        )


def make_zip(course: Course, assignment: str, path: Path, **options: Any) -> Path:
    """The zip of an assignment."""
    return write_autograder(course, assignment, path, weak_isolation=True, **options).path


def unpack(zip_path: Path, root: Path, environment: Path = Path(sys.prefix)) -> Container:
    """The folder that Gradescope makes of a zip, with the modes of its entries."""
    source = root / "source"
    source.mkdir(parents=True)
    with zipfile.ZipFile(zip_path) as archive:
        for entry in archive.infolist():
            path = Path(archive.extract(entry, source))
            path.chmod(entry.external_attr >> 16 & 0o777)
    script = root / "run_autograder"
    script.write_bytes((source / "run_autograder").read_bytes())
    script.chmod(0o755)
    (root / "results").mkdir()
    (root / "submission").mkdir()
    (root / "submission_metadata.json").write_text(json.dumps(METADATA))
    return Container(root, environment)


def container(
    course: Course, assignment: str, root: Path, environment: Path = Path(sys.prefix)
) -> Container:
    """A container with the autograder of an assignment."""
    root.mkdir(parents=True)
    made = make_zip(course, assignment, root / "made.zip", visibility=Visibility.VISIBLE)
    return unpack(made, root / "autograder", environment)


def notebook_of(course: Course, assignment: str, answers: Answers | None = None) -> bytes:
    """The only notebook of an assignment, as a student hands it in."""
    (bundle,) = load_assignment(course, assignment)
    return as_bytes(as_handed_in(bundle, answers))
