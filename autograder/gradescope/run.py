"""Grades one submission in Gradescope's container: ``python -m autograder.gradescope.run``.

The layout is documented at https://gradescope-autograders.readthedocs.io/en/latest/specs/ : the
submission lies in ``submission``, the files of the zip lie in ``source``, and the verdict goes to
``results/results.json``. Standard output is a log that Gradescope shows to instructors only.
"""

from __future__ import annotations

import argparse
import json
import secrets
import stat
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder import __version__
from autograder.atomic_write import write_whole
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment
from autograder.gradescope.container import memory_for_a_submission_mb
from autograder.gradescope.descendants import adopt_orphans, end_descendants
from autograder.gradescope.document import Visibility, graded, without_verdict
from autograder.gradescope.protection import holds, lacks
from autograder.grading.seeds import course_secret
from autograder.results import NotebookResult, Outcome
from autograder.runs.plan import Plan, Planner, Rules
from autograder.workers.pool import Loss, Pool
from autograder.workers.worker import Work

STUDENT = "student"  # the name of the one who handed in, as the grader's folders call it
COURSE = "course"  # the folder of the course in the zip
MANIFEST = "autograder.json"
_RESERVE_BYTES = 4 << 20  # room on the disk that no submission can take
Say = Callable[[str], None]


@dataclass(frozen=True)
class Manifest:
    """The assignment of an autograder, and when students see its tests."""

    assignment: str
    visibility: Visibility

    def to_json(self) -> str:
        """JSON text for ``from_json``."""
        return json.dumps({"assignment": self.assignment, "visibility": self.visibility.value})

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """The inverse of ``to_json``."""
        data = json.loads(text)
        return cls(str(data["assignment"]), Visibility(data["visibility"]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Grade the submission under ``--root``; 1 if it has no verdict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path("/autograder"))
    return run(parser.parse_args(arguments).root.absolute(), _say)


def run(root: Path, say: Say) -> int:
    """Grade the submission in ``root``, and write ``results/results.json``; 1 without a verdict.

    The results are written after all processes of the submission are gone. If the grader fails,
    they hold no score, and the log says why.
    """
    reference = secrets.token_hex(4)
    results = root / "results"
    reserve = results / ".reserve"
    _close(root)
    adopt_orphans()
    try:
        write_whole(reserve, bytes(_RESERVE_BYTES))
        document = _grade(root, reference, say)
    except BaseException:  # also an interrupt: the results must be written
        say(f"THE GRADER FAILED, reference {reference}. The submission gets no score.")
        say(traceback.format_exc())
        document = without_verdict(reference)
    finally:
        left = end_descendants()
        with suppress(OSError):
            reserve.unlink()
    if left:
        say(f"NOT PROTECTED: {left} processes of the submission could not be ended")
    write_whole(results / "results.json", json.dumps(document, indent=1) + "\n")
    return 0 if "score" in document else 1


def _grade(root: Path, reference: str, say: Say) -> dict[str, Any]:
    started = time.monotonic()
    source = root / "source"
    manifest = Manifest.from_json((source / MANIFEST).read_text())
    course = _with_memory_of_container(Course.find(source / COURSE))
    say(f"autograder {__version__}, {manifest.assignment}, run {reference}")
    for line in holds(course.settings):
        say(f"protected: {line}")
    for line in lacks(course.settings):
        say(f"NOT PROTECTED: {line}")
    _link(course.submitted / STUDENT / manifest.assignment, root / "submission")
    bundles = load_assignment(course, manifest.assignment)
    rules = Rules.of(course, bundles, course_secret(course), "process")
    plan = Planner(course, manifest.assignment, rules, is_forced=True).plan([STUDENT])
    results = _results(course, plan, rules, bundles, say)
    seconds = time.monotonic() - started
    return graded(bundles, results, manifest.visibility, seconds, reference)


def _results(
    course: Course, plan: Plan, rules: Rules, bundles: list[NotebookBundle], say: Say
) -> list[NotebookResult]:
    """The results in the order of the notebooks, each told in the log."""
    student = plan.student(STUDENT)
    work = Work(course.root, course.settings, rules.sandbox, rules.bundles, rules.secret)
    if plan.waiting:
        with Pool(work, 1, lambda loss: say(_lost(loss))) as pool:
            for task, done in pool.grade(map(plan.task, plan.waiting)):
                student.results[task.notebook] = done.result
    results = [student.results[bundle.name] for bundle in bundles]
    for result in results:
        _tell(result, say)
    return results


def _tell(result: NotebookResult, say: Say) -> None:
    """Log a result, the limits that ended a process, and failures of the grader."""
    say(
        f"{result.notebook}: {result.outcome}, {result.points:g} of {result.max_points:g} points "
        f"in {result.seconds:.1f} s"
    )
    for stop in result.stops:
        why = stop.limit or stop.signal or "it ended itself"
        say(f"{result.notebook}, {stop.stage}: {stop.outcome} ({why})")
    for test in result.tests:
        if test.outcome is Outcome.GRADER_ERROR:
            say(f"THE GRADER FAILED in {result.notebook}, {test.grade_id}. {test.mistake}")
            say(test.log)


def _lost(loss: Loss) -> str:
    return f"{loss.event.replace('_', ' ')} after {loss.duration_s:.0f} s ({loss.signal})"


def _with_memory_of_container(course: Course) -> Course:
    """The course with a limit of memory that leaves the container room for the grader."""
    memory_mb = memory_for_a_submission_mb(course.settings.memory_mb)
    return replace(course, settings=replace(course.settings, memory_mb=memory_mb))


def _close(root: Path) -> None:
    """Close the folders of the grader for other users, and so for submissions."""
    (root / "results").mkdir(exist_ok=True)
    for name in ("source", "results", "submission_metadata.json"):
        path = root / name
        with suppress(FileNotFoundError):
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o077)


def _link(path: Path, target: Path) -> None:
    """A link to the folder of the submission, where the grader looks for a student's files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def _say(line: str) -> None:
    sys.stdout.write(line.rstrip("\n") + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
