"""The processor time of a feedback page, in a simulated class that was graded before.

    python -m benchmarks.feedback_cost [STUDENTS]

The time includes the start of the process that renders, the start pages and the gradebook.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.course.layout import Course
from autograder.pages.feedback import write_feedback

ASSIGNMENT = "conv"
STUDENTS = 30


def main() -> None:
    """Grade a class in a copy of the course; print the seconds of one page."""
    students = int(sys.argv[1]) if len(sys.argv) > 1 else STUDENTS
    root = Course.find(Path(__file__).parent).root
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "course"
        ignore = shutil.ignore_patterns(".*", "build", "submitted", "autograded", "feedback")
        shutil.copytree(root, copy, ignore=ignore)
        _run(copy, "simulate", ASSIGNMENT, "--students", str(students), "--seed", "7")
        _run(copy, "grade", ASSIGNMENT)
        before = _cpu_s()
        written = write_feedback(Course.find(copy), ASSIGNMENT)
        seconds = _cpu_s() - before
    print(
        f"feedback of {students} students: {len(written.pages)} pages and {len(written.starts)} "
        f"start pages in {seconds:.1f} s of processor, {seconds / len(written.pages):.3f} s a page"
    )


def _run(course: Path, *words: str) -> None:
    """Run a command of the engine; the exit status tells about submissions, not about this."""
    command = [sys.executable, "-m", "autograder", *words]
    subprocess.run(command, cwd=course, capture_output=True, check=False)


def _cpu_s() -> float:
    """Processor seconds of this program and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
