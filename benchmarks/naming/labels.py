"""Add readers' labels to a manifest.

``python -m benchmarks.naming.labels MANIFEST LABELS.jsonl...`` reads lines ``{id, label}``. An
answer has as many labels as mistakes that a reader found; the same label is kept once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.naming.manifest import (
    ManifestError,
    Row,
    read_lines,
    read_manifest,
    write_manifest,
)


def labelled(rows: Sequence[Row], files: Sequence[Path]) -> list[Row]:
    """The rows with the labels of these files added.

    Raises ManifestError for a malformed line, and for an id that the manifest does not have.
    """
    found = {row.id: list(row.labels) for row in rows}
    for file in files:
        for where, item in read_lines(file):
            label = item.get("label")
            if item.get("id") not in found or not isinstance(label, str) or not label:
                raise ManifestError(f"{where}: expected a label, and an id of the manifest")
            if label not in found[item["id"]]:
                found[item["id"]].append(label)
    return [replace(row, labels=found[row.id]) for row in rows]


def main(arguments: list[str]) -> int:
    """Rewrite the manifest; 2 for a malformed file, which changes nothing."""
    manifest, *files = map(Path, arguments)
    try:
        rows = labelled(read_manifest(manifest), files)
    except ManifestError as error:
        print(error, file=sys.stderr)
        return 2
    write_manifest(manifest, rows)
    print(f"{sum(bool(row.labels) for row in rows)} of {len(rows)} answers have labels")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
