"""Keep the wrong answers of a manifest.

``python -m benchmarks.naming.keep MANIFEST VERDICTS OUT.jsonl`` takes the verdicts from the file
that ``python -m benchmarks.naming --json`` wrote. Labels in an older OUT.jsonl stay.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

from benchmarks.naming.grading import Verdict
from benchmarks.naming.manifest import read_lines, read_manifest, write_manifest


def main(arguments: list[str]) -> int:
    """Write the rows whose answers lost points, and print how many there are."""
    manifest, verdicts, out = map(Path, arguments)
    wrong = {item["id"] for _, item in read_lines(verdicts) if Verdict(**item).is_wrong}
    labels = {row.id: row.labels for row in read_manifest(out)} if out.is_file() else {}
    rows = [
        replace(row, labels=labels.get(row.id, row.labels))
        for row in read_manifest(manifest)
        if row.id in wrong
    ]
    write_manifest(out, rows)
    for (split, python), count in sorted(Counter((row.split, row.python) for row in rows).items()):
        print(f"{count:6} wrong answers, {split}, written for Python {python}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
