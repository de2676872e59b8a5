from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.naming.grading import Verdict
from benchmarks.naming.keep import main, reason_to_leave_out
from benchmarks.naming.manifest import (
    Row,
    read_manifest,
    row_id,
    split_of,
    write_lines,
    write_manifest,
)


def row(sha: str) -> Row:
    return Row(
        row_id("add", sha), "someone/course", "12" * 20, "sums.py", "plus", sha, "add", "adapter",
        split_of("someone/course"),
    )  # fmt: skip


def test_wrong_answers_stay_with_the_labels_that_they_had(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong, right, old = (row(digit * 64) for digit in "abc")
    manifest, verdicts, out = (tmp_path / name for name in ("all", "verdicts", "kept"))
    write_manifest(manifest, [wrong, right, old])
    write_manifest(out, [replace(wrong, labels=["a label"])])
    gone = "TypeError: reshape() got an unexpected keyword argument 'newshape'"
    found = [
        Verdict(wrong.id, "add", "failed", 0.0, 2.0),
        Verdict(right.id, "add", "passed", 2.0, 2.0),
        Verdict(old.id, "add", "error", 0.0, 2.0, message=gone),
    ]
    write_lines(verdicts, (verdict.document for verdict in found))
    assert main([str(manifest), str(verdicts), str(out)]) == 0
    assert read_manifest(out) == [replace(wrong, labels=["a label"])]
    assert "1 left out: needs an older numpy" in capsys.readouterr().out


def test_a_backward_pass_that_fits_no_forward_pass_is_left_out() -> None:
    told = "ValueError: not enough values to unpack (expected 3, got 2)."
    verdict = Verdict("1", "max_pool2d_backward", "error", 0.0, 4.0, message=told)
    assert reason_to_leave_out(verdict) == "unpacks another cache"
    assert reason_to_leave_out(replace(verdict, points=1.0)) == ""
    assert reason_to_leave_out(replace(verdict, exercise="max_pool2d")) == ""
