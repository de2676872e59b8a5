"""Grade wrong answers, and count how many are named and how many names are right."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder.course.layout import Course
from autograder.errors import AutograderError
from benchmarks.naming.answers import read_answers, read_judgements
from benchmarks.naming.grading import graded
from benchmarks.naming.manifest import ManifestError, write_lines
from benchmarks.naming.measure import measured, report

_ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Print the measure. 2 for a malformed file."""
    parser = argparse.ArgumentParser("python -m benchmarks.naming", description=__doc__)
    parser.add_argument("answers", type=Path, help="JSON lines {id, exercise, code, truth}")
    parser.add_argument("--judgements", type=Path, help="JSON lines {id, diagnosis, right}")
    parser.add_argument("--json", type=Path, help="write one line for each answer to this file")
    parser.add_argument("--exercise", action="append", help="only this exercise; may be repeated")
    parser.add_argument("--course", type=Path, default=_ROOT)
    parser.add_argument("--sandbox", default="")
    parser.add_argument("--workers", type=int, default=0)
    given = parser.parse_args(arguments)
    try:
        answers = read_answers(given.answers)
        judgements = read_judgements(given.judgements) if given.judgements else {}
        if given.exercise:
            answers = [answer for answer in answers if answer.exercise in given.exercise]
        course = Course.find(given.course)
        verdicts = list(graded(course, answers, given.sandbox, given.workers, _progress))
    except (ManifestError, AutograderError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    if given.json:
        verdicts.sort(key=lambda verdict: verdict.id)
        write_lines(given.json, (verdict.document for verdict in verdicts))
    print(report(measured(answers, verdicts, judgements)))
    return 0


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty() or done % 100 == 0:
        end = "\r" if sys.stderr.isatty() and done < total else "\n"
        print(f"{done} of {total} graded", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
