from __future__ import annotations

from typing import Any

import torch

from tests.autograder.evidence.kit import BANK, diagnosed, sums


def test_a_relation_names_its_output_if_others_are_right() -> None:
    def answer(x: torch.Tensor, s: int, b: float) -> Any:
        rows, columns = sums(x, s, b)
        return rows, -columns

    result = diagnosed(answer, BANK)
    assert ".relation_" in str(result.diagnosis)
    assert "What this looks like, in columns" in result.message


def test_a_relation_of_all_outputs_names_none() -> None:
    result = diagnosed(lambda x, s, b: tuple(-output for output in sums(x, s, b)), BANK)
    assert "What this looks like: " in result.message
