from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.naming.labels import main
from benchmarks.naming.manifest import Row, read_manifest, row_id, split_of, write_manifest

SHA = "ab" * 32
ROW = Row(
    row_id("add", SHA), "someone/course", "12" * 20, "sums.py", "plus", SHA, "add", "adapter",
    split_of("someone/course"), labels=["known"],
)  # fmt: skip


def test_labels_are_added_once(tmp_path: Path) -> None:
    manifest, labels = tmp_path / "rows.jsonl", tmp_path / "labels.jsonl"
    write_manifest(manifest, [ROW])
    labels.write_text(
        f'{{"id": "{ROW.id}", "label": "known"}}\n{{"id": "{ROW.id}", "label": "new"}}\n'
    )
    assert main([str(manifest), str(labels), str(labels)]) == 0
    assert read_manifest(manifest)[0].labels == ["known", "new"]


@pytest.mark.parametrize("line", ['{"id": "gone", "label": "new"}', f'{{"id": "{ROW.id}"}}'])
def test_a_wrong_line_changes_nothing(
    tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest, labels = tmp_path / "rows.jsonl", tmp_path / "labels.jsonl"
    write_manifest(manifest, [ROW])
    before = manifest.read_text()
    labels.write_text(line)
    assert main([str(manifest), str(labels)]) == 2
    assert "line 1" in capsys.readouterr().err
    assert manifest.read_text() == before
