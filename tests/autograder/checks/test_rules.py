from __future__ import annotations

import pytest

from autograder.checks.rules import broken_rule


@pytest.mark.parametrize(
    ("rule", "operations", "words"),
    [
        (None, ["convolution"], None),
        ("convolution", [], None),
        ("convolution", ["add", "autograd", "mul"], None),
        ("convolution", ["add", "im2col"], "F.unfold"),
        ("convolution", ["avg_pool2d", "convolution"], "torch's own pooling (F.avg_pool2d)"),
        ("convolution+autograd", ["autograd"], "autograd (backward or torch.autograd.grad)"),
        ("convolution+autograd", ["col2im"], "F.fold"),
    ],
)
def test_the_first_forbidden_operation_is_named_in_words(
    rule: str | None, operations: list[str], words: str | None
) -> None:
    assert broken_rule(rule, operations) == words
