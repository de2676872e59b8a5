from __future__ import annotations

from typing import Any

import pytest
import torch

from autograder.checks import Call, Draw, assignments, check
from autograder.checks.snippet import snippet

X = torch.tensor([[1.0, 2.0], [3.0, 4.0]])


def test_a_case_is_assignments_and_the_call() -> None:
    call = Call(X, torch.ones(1, 1), None, stride=2, padding=0)
    assert snippet("conv2d", call, ("x", "weight", "bias", "stride")).code == (
        "x = torch.tensor([[1., 2.], [3., 4.]])\n"
        "weight = torch.tensor([[1.]])\n"
        "conv2d(x, weight, None, stride=2, padding=0)"
    )


def test_numbers_by_place_are_told_by_name() -> None:
    found = snippet("count", Call(3, 10, 5, 6), ("C_in", "C_out", "K_H", "K_W"))
    assert found.code == "count(3, 10, 5, 6)  # C_in, C_out, K_H, K_W"
    assert snippet("pool", Call(X, 2), ("x", "K")).code.endswith("\npool(x, 2)")


def test_the_settings_of_a_probe_are_listed() -> None:
    found = snippet("BatchNorm", Call(3, X, 1), (), settings=("C", "x"))
    assert not found.runs
    assert found.code == (
        "# BatchNorm is tried with\nC = 3\nx = torch.tensor([[1., 2.], [3., 4.]])\nsetting_3 = 1"
    )


def test_a_variable_never_hides_the_exercise() -> None:
    code = snippet("f", Call(X), ("f",)).code
    assert code.endswith("\nf(f_)")
    assert code.startswith("f_ = ")


def test_by_place_keeps_the_layout_of_the_case() -> None:
    code = snippet("f", Call(X.t().contiguous().t()), ("x",), layout="transposed").code
    assert "x = x.t().contiguous().t()  # another order in memory" in code


def tried(function: Any, x: torch.Tensor, K: int) -> torch.Tensor:
    value: torch.Tensor = function(x, K=K)
    return value


def as_call(x: torch.Tensor, K: int) -> Call:
    return Call(x, K=K)


def as_text(x: torch.Tensor, K: int) -> str:
    return f"{assignments(x=x)}\npool(x, {K}).sum()"


@pytest.mark.parametrize(
    ("write", "last"), [(as_call, "pool(x, K=2)"), (as_text, "pool(x, 2).sum()")]
)
def test_a_check_writes_its_own_snippet_for_a_case_with_use(write: Any, last: str) -> None:
    def pool(x: torch.Tensor, K: int) -> torch.Tensor:
        return x * K

    def make(draw: Draw) -> tuple[torch.Tensor, int]:
        return X, 2

    result = check(
        lambda x, K: x, pool, make, groups={"a": {}}, extras=None, use=tried, snippet=write
    )
    assert f"x = torch.tensor([[1., 2.], [3., 4.]])\n{last}" in result.message
    assert last in result.html
