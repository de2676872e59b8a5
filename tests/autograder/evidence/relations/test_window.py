from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from autograder.checks import Call, Draw
from tests.autograder.evidence.relations.relation_cases import told


def size(n: int, k: int, s: int, p: int) -> int:
    return (n + 2 * p - k) // s + 1


def pool(x: torch.Tensor, kernel: int, stride: int = 1, padding: int = 0) -> torch.Tensor:
    """Values that depend on all of x, in the output size of a window."""
    h, w = (size(n, kernel, stride, padding) for n in x.shape[-2:])
    return _made(x, h, w)


def _made(x: torch.Tensor, h: int, w: int) -> torch.Tensor:
    rows, columns = torch.arange(h)[:, None], torch.arange(w)
    return torch.sin(x.sum() + 3.1 * rows + 1.7 * rows * columns + columns)[None]


def make(draw: Draw, H: int, W: int, K: int, S: int, P: int) -> Call:
    return Call(draw.tensor(1, H, W), K, stride=S, padding=P)


GROUPS = {
    "plain": dict(H=5, W=6, K=2, S=1, P=0),
    "a stride": [dict(H=7, W=8, K=2, S=2, P=0), dict(H=8, W=9, K=3, S=4, P=0)],
    "padding": dict(H=5, W=6, K=3, S=1, P=1),
    "both": [dict(H=6, W=7, K=2, S=2, P=1), dict(H=7, W=9, K=2, S=3, P=2)],
}
Size = Callable[[int, int, int, int], int]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda n, k, s, p: -(-(n + 2 * p - k) // s) + 1, "rounded up"),
        (lambda n, k, s, p: (n + p - k) // s + 1, "counted once"),
        (lambda n, k, s, p: (n + 2 * p - k) // s, "one less than it should be"),
        (lambda n, k, s, p: (n + 2 * p - k + 1) // s, "1 added before the division"),
        (lambda n, k, s, p: n + 2 * p, "the size of the padded input"),
    ],
)
def test_a_known_wrong_formula_is_told_whatever_the_values_are(wrong: Size, words: str) -> None:
    def other(x: torch.Tensor, kernel: int, stride: int = 1, padding: int = 0) -> torch.Tensor:
        h, w = (wrong(n, kernel, stride, padding) for n in x.shape[-2:])
        return _made(x + 1, h, w)

    names, message = told(other, pool, make, GROUPS)
    assert names == ["output_size"]
    assert words in message


def test_a_size_of_no_formula_is_not_told() -> None:
    def other(x: torch.Tensor, kernel: int, stride: int = 1, padding: int = 0) -> torch.Tensor:
        h, w = (size(n, kernel, stride, padding) for n in x.shape[-2:])
        return _made(x + 1, h + h % 3 + 3, w + 5)

    assert told(other, pool, make, GROUPS)[0] == []


def test_one_axis_is_told_as_one_axis() -> None:
    def other(x: torch.Tensor, kernel: int, stride: int = 1, padding: int = 0) -> torch.Tensor:
        h, w = x.shape[-2:]
        return _made(x + 1, size(h, kernel, stride, padding), size(w, kernel, 1, padding))

    names, message = told(other, pool, make, GROUPS)
    assert names == ["output_size"]
    assert "Along axis 2 the size of your output is the one for stride 1" in message


def test_a_formula_that_right_cases_contradict_is_not_preferred() -> None:
    def other(x: torch.Tensor, kernel: int, stride: int = 1, padding: int = 0) -> torch.Tensor:
        h, w = (round((n + 2 * padding - kernel) / stride) + 1 for n in x.shape[-2:])
        is_right = h == size(x.shape[-2], kernel, stride, padding)
        return _made(x if is_right else x + 1, h, w)

    groups = {
        "one left": [dict(H=6, W=9, K=2, S=3, P=0), dict(H=9, W=6, K=2, S=3, P=0)],
        "two left": [dict(H=7, W=10, K=2, S=3, P=0), dict(H=10, W=7, K=2, S=3, P=0)],
    }
    _, message = told(other, pool, make, groups)
    assert "rounded to the nearest whole number" in message
