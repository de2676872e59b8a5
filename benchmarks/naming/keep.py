"""Keep the wrong answers of a manifest.

``python -m benchmarks.naming.keep MANIFEST VERDICTS OUT.jsonl`` takes the verdicts from the file
that ``python -m benchmarks.naming --json`` wrote. Labels in an older OUT.jsonl stay.

Two kinds of answers are left out and counted: code that uses an argument which numpy no longer has,
and a backward pass that unpacks another cache than the forward pass in its file makes.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.naming.grading import Verdict
from benchmarks.naming.manifest import read_lines, read_manifest, write_manifest

_NUMPY = "needs an older numpy"
_CACHE = "unpacks another cache"


def reason_to_leave_out(verdict: Verdict) -> str:
    """Why a wrong answer is left out, or an empty text."""
    if "unexpected keyword argument 'newshape'" in verdict.message:
        return _NUMPY
    if verdict.exercise.endswith("_backward") and verdict.points == 0:
        return _CACHE if re.search(r"ValueError: .*values to unpack", verdict.message) else ""
    return ""


def main(arguments: list[str]) -> int:
    """Write the rows whose answers lost points, and print how many there are."""
    manifest, verdicts, out = map(Path, arguments)
    wrong = [verdict for verdict in map(_read, read_lines(verdicts)) if verdict.is_wrong]
    reasons = {verdict.id: reason_to_leave_out(verdict) for verdict in wrong}
    labels = {row.id: row.labels for row in read_manifest(out)} if out.is_file() else {}
    rows = [
        replace(row, labels=labels.get(row.id, row.labels))
        for row in read_manifest(manifest)
        if reasons.get(row.id) == ""
    ]
    write_manifest(out, rows)
    for (split, python), count in sorted(Counter((row.split, row.python) for row in rows).items()):
        print(f"{count:6} wrong answers, {split}, written for Python {python}")
    for reason, count in Counter(filter(None, reasons.values())).items():
        print(f"{count:6} left out: {reason}")
    return 0


def _read(line: tuple[str, dict[str, Any]]) -> Verdict:
    return Verdict(**line[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
