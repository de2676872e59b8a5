from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.naming.manifest import (
    ManifestError,
    Row,
    read_manifest,
    row_id,
    split_of,
    write_manifest,
)
from benchmarks.naming.rebuild import ADAPTERS

COMMITTED = Path(__file__).parents[3] / "benchmarks" / "naming" / "manifest.jsonl"
SHA = "ab" * 32
ROW = Row(
    id=row_id("add", SHA),
    repository="someone/course",
    commit="12" * 20,
    path="sums.py",
    function="plus",
    sha256=SHA,
    exercise="add",
    adapter="cs231n_layernorm",
    split=split_of("someone/course"),
)


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_manifest(tmp_path / "rows.jsonl", [ROW])
    assert read_manifest(tmp_path / "rows.jsonl") == [ROW]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (dict(commit="12"), "'commit' is not 40 hexadecimal digits"),
        (dict(sha256="x" * 64), "'sha256' is not 64 hexadecimal digits"),
        (dict(id="add-1"), f"the id is not {ROW.id}"),
        (dict(labels="swapped"), "'labels' is missing or no list"),
        (dict(more=1), "unknown fields: more"),
        (dict(split="held-out" if ROW.split == "dev" else "dev"), "belongs to"),
        (dict(split="test"), "'test' is no split"),
    ],
)
def test_a_row_that_breaks_a_rule_is_told(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    (tmp_path / "rows.jsonl").write_text(json.dumps({**asdict(ROW), **change}))
    with pytest.raises(ManifestError, match=told) as caught:
        read_manifest(tmp_path / "rows.jsonl")
    assert "line 1" in str(caught.value)


def test_a_repeated_id_is_told(tmp_path: Path) -> None:
    write_manifest(tmp_path / "rows.jsonl", [ROW, replace(ROW, path="other.py")])
    with pytest.raises(ManifestError, match="used twice"):
        read_manifest(tmp_path / "rows.jsonl")


def test_a_repository_belongs_to_one_split_however_it_is_written() -> None:
    names = [f"owner{number}/name" for number in range(1000)]
    assert [split_of(name) for name in names] == [split_of(name.upper()) for name in names]
    assert 350 < sum(split_of(name) == "dev" for name in names) < 450


def test_the_committed_manifest_is_valid() -> None:
    rows = read_manifest(COMMITTED)
    assert {row.adapter for row in rows} <= {path.stem for path in ADAPTERS.glob("*.py")}
    codes = [(row.exercise, row.sha256) for row in rows]
    assert len(codes) == len(set(codes))
