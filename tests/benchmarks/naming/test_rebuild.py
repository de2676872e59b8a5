from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks.naming import collect
from benchmarks.naming.manifest import Row, digest, read_manifest, row_id, write_manifest
from benchmarks.naming.rebuild import CannotRebuild, main, rebuilt

REPOSITORY = "someone/course"
FILE = '''\
from builtins import range

import numpy as np


def spread(x, eps):
    return np.sqrt(x.var(axis=1, keepdims=True) + eps)


def layernorm_forward(x, gamma, beta, ln_param):
    """Normalise each row."""
    eps = ln_param.get("eps", 1e-5)
    out = gamma * (x - x.mean(axis=1, keepdims=True)) / spread(x, eps) + beta
    return out, None


def conv_forward_naive(x, w, b, conv_param):
    raise NotImplementedError


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    return np.zeros_like(x), np.zeros_like(w), dout.sum(axis=(0, 2, 3))
'''


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=Us", "-c", "user.email=us@example.org", *arguments]
    done = subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip()


@pytest.fixture
def checkouts(tmp_path: Path) -> Path:
    """A folder with one repository, whose file has two versions."""
    folder = tmp_path / "checkouts" / "someone+course"
    (folder / "cs231n").mkdir(parents=True)
    git(folder, "init", "-q")
    for text in (FILE.replace("axis=1", "axis=0"), FILE):
        (folder / "cs231n" / "layers.py").write_text(text)
        git(folder, "add", ".")
        git(folder, "commit", "-qm", "A version")
    return tmp_path / "checkouts"


@pytest.fixture
def rows(checkouts: Path, tmp_path: Path) -> dict[str, list[Row]]:
    """The collected rows by exercise, the older version first."""
    assert collect.main([str(checkouts), str(tmp_path / "rows.jsonl")]) == 0
    found: dict[str, list[Row]] = {}
    newest = git(checkouts / "someone+course", "rev-parse", "HEAD")
    rows = read_manifest(tmp_path / "rows.jsonl")
    for row in sorted(rows, key=lambda row: row.commit == newest):
        found.setdefault(row.exercise, []).append(row)
    return found


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(code, names)
    return names


def test_each_version_is_collected_once_and_no_stub(
    rows: dict[str, list[Row]], capsys: pytest.CaptureFixture[str]
) -> None:
    # layernorm reads another helper in each version, but its own text has changed too
    assert {exercise: len(found) for exercise, found in rows.items()} == {
        "layer_norm": 2,
        "conv2d_backward": 1,
    }
    assert {row.repository for row in rows["layer_norm"]} == {REPOSITORY}


def test_an_answer_takes_and_gives_tensors(rows: dict[str, list[Row]], checkouts: Path) -> None:
    old, new = (run(rebuilt(row, checkouts))["layer_norm"] for row in rows["layer_norm"])
    x = torch.randn(4, 3)
    gamma, beta = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([0.0, 1.0, 0.0])
    expected = torch.nn.functional.layer_norm(x, (3,), gamma, beta, eps=0.5)
    torch.testing.assert_close(new(x, gamma, beta, eps=0.5), expected)
    assert not torch.allclose(old(x, gamma, beta, eps=0.5), expected)


def test_a_backward_pass_works_without_their_forward_pass(
    rows: dict[str, list[Row]], checkouts: Path
) -> None:
    (row,) = rows["conv2d_backward"]
    assert row.uses == {"forward": "conv_forward_naive"}
    backward = run(rebuilt(row, checkouts))["conv2d_backward"]
    dout = torch.ones(2, 3, 4, 4)
    dx, dweight, dbias = backward(dout, torch.ones(2, 1, 4, 4), torch.ones(3, 1, 3, 3), padding=1)
    assert (dx.shape, dweight.shape) == ((2, 1, 4, 4), (3, 1, 3, 3))
    assert dbias.tolist() == [32.0, 32.0, 32.0]


def test_another_text_than_the_manifest_says_is_told(
    rows: dict[str, list[Row]],
    checkouts: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = rows["layer_norm"][1]
    sha = digest("another text")
    wrong = replace(row, sha256=sha, id=row_id(row.exercise, sha))
    with pytest.raises(CannotRebuild, match=f"has the SHA-256 {row.sha256}"):
        rebuilt(wrong, checkouts)
    write_manifest(tmp_path / "rows.jsonl", [*rows["layer_norm"], wrong])
    out = tmp_path / "answers.jsonl"
    capsys.readouterr()
    assert main([str(tmp_path / "rows.jsonl"), str(checkouts), str(out)]) == 1
    assert wrong.id in capsys.readouterr().out
    written = [json.loads(line) for line in out.read_text().splitlines()]
    assert {item["id"] for item in written} == {row.id for row in rows["layer_norm"]}
    assert {item["truth"] for item in written} == {None}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (dict(repository="someone/gone"), "no git repository"),
        (dict(commit="0" * 40), "is not in commit"),
        (dict(path="gone.py"), "gone.py is not in commit"),
        (dict(function="gone"), "no function gone"),
        (dict(adapter="gone"), "no adapter gone"),
    ],
)
def test_what_is_not_there_is_told(
    rows: dict[str, list[Row]], checkouts: Path, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(CannotRebuild, match=told):
        rebuilt(replace(rows["layer_norm"][0], **change), checkouts)
