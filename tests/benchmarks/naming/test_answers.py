from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.naming.answers import Answer, read_answers, read_judgements
from benchmarks.naming.manifest import ManifestError


def test_truth_is_a_text_a_list_or_null(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(
        '{"id": "1", "exercise": "add", "code": "", "truth": "subtracts"}\n\n'
        '{"id": "2", "exercise": "add", "code": "", "truth": ["a", "b"]}\n'
        '{"id": "3", "exercise": "add", "code": "", "truth": null}\n'
        '{"id": "4", "exercise": "add", "code": ""}\n'
    )
    assert [answer.truth for answer in read_answers(path)] == [("subtracts",), ("a", "b"), (), ()]


def test_an_id_counts_with_and_without_its_exercise() -> None:
    for label in ("subtracts", "add.subtracts"):
        assert Answer("1", "add", "", (label,)).is_labelled("add.subtracts")
    assert not Answer("1", "add", "", ("subtracts from",)).is_labelled("add.subtracts")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 1"),
        ("[]", "not an object"),
        ('{"id": "1", "exercise": "add"}', "'code' is missing"),
        ('{"id": "1", "exercise": "add", "code": "", "truth": 3}', "'truth' is no text"),
        ('{"id": "1", "exercise": "add", "code": ""}\n' * 2, "used twice"),
    ],
)
def test_a_malformed_line_is_told(tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / "answers.jsonl").write_text(line)
    with pytest.raises(ManifestError, match=told):
        read_answers(tmp_path / "answers.jsonl")


def test_judgements_by_answer_and_name(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    path.write_text('{"id": "1", "diagnosis": "add.subtracts", "right": false}\n')
    assert read_judgements(path) == {("1", "add.subtracts"): False}
    path.write_text(path.read_text() + path.read_text().replace("false", "true"))
    with pytest.raises(ManifestError, match="judged in two ways"):
        read_judgements(path)
    path.write_text('{"id": "1", "diagnosis": "add.subtracts"}\n')
    with pytest.raises(ManifestError, match="expected id"):
        read_judgements(path)
