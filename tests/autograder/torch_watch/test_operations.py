from __future__ import annotations

import signal
import sys
from collections.abc import Callable

import pytest
import torch
from torch.nn import functional as F

from autograder.checks.rules import broken_rule
from autograder.torch_watch.families import Family
from autograder.torch_watch.operations import family_of, watch_operations

x, weight = torch.ones(1, 1, 4, 5), torch.ones(2, 1, 2, 3)
alias = F.conv2d


def seen(run: Callable[[], object]) -> list[str]:
    with watch_operations() as watched:
        run()
    return watched.names()


@pytest.mark.parametrize(
    "run",
    [
        lambda: F.conv2d(x, weight),
        lambda: torch.conv2d(x, weight),
        lambda: alias(x, weight),
        lambda: getattr(F, "conv" + "2d")(x, weight),
        lambda: torch.nn.Conv2d(1, 2, 2)(x),
        lambda: torch.ops.aten.conv2d.default(x, weight),
        lambda: torch.ops.aten.convolution(
            x, weight, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1
        ),
        lambda: F.conv1d(x[0, :, :1], weight[:, :, 0]),
        lambda: F.conv_transpose2d(x, weight.transpose(0, 1)),
        lambda: torch.func.functional_call(torch.nn.Conv2d(1, 1, 2), {}, (x,)),
    ],
)
def test_a_convolution_is_seen_under_any_name(run: Callable[[], object]) -> None:
    assert "convolution" in (broken_rule("convolution", seen(run)) or "")


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda: F.unfold(x, 2), "F.unfold"),
        (lambda: F.fold(torch.ones(1, 4, 6), (3, 4), 2), "F.fold"),
        (lambda: F.max_pool2d(x, 2), "pooling"),
        (lambda: torch.nn.AvgPool2d(2)(x), "pooling"),
        (lambda: F.batch_norm(x, torch.zeros(1), torch.ones(1)), "normalisation"),
        (lambda: F.layer_norm(x, (5,)), "normalisation"),
    ],
)
def test_other_ready_made_layers_are_seen(run: Callable[[], object], words: str) -> None:
    assert words in (broken_rule("convolution", seen(run)) or "")


@pytest.mark.parametrize(
    "run",
    [
        lambda: x.unfold(2, 2, 1).sum(),
        lambda: torch.einsum("nchw,ochw->no", x[..., :2, :3], weight),
        lambda: torch.as_strided(x, (2, 2), (1, 1)) @ torch.ones(2, 2),
        lambda: F.pad(x, (1, 1)).numpy(),
    ],
)
def test_what_an_answer_may_use_breaks_no_rule(run: Callable[[], object]) -> None:
    assert broken_rule("convolution+autograd", seen(run)) is None


def test_a_backward_pass_is_seen_and_counts_only_where_it_is_forbidden() -> None:
    leaf = torch.ones(2, requires_grad=True)
    for run in (
        lambda: (leaf * 2).sum().backward(),
        lambda: torch.autograd.grad((leaf * 2).sum(), leaf),
        lambda: torch.func.grad(lambda v: (v * v).sum())(torch.ones(2)),
        lambda: torch.autograd.functional.jacobian(lambda v: v * 2, torch.ones(2)),
    ):
        operations = seen(run)
        assert "autograd" in (broken_rule("convolution+autograd", operations) or "")
        assert broken_rule("convolution", operations) is None


def test_nothing_is_seen_outside_the_block_and_everything_is_left_as_it_was() -> None:
    backward = torch.autograd._engine_run_backward  # type: ignore[attr-defined]
    before = sys.getprofile(), sys.gettrace(), map, signal.getsignal(signal.SIGVTALRM)
    with pytest.raises(ValueError, match="stop"), watch_operations(counts=True) as watched:
        raise ValueError("stop")
    count = watched.count
    F.conv2d(x, weight)
    assert watched.names() == []
    assert watched.count == count
    assert torch.autograd._engine_run_backward is backward  # type: ignore[attr-defined]
    assert before == (sys.getprofile(), sys.gettrace(), map, signal.getsignal(signal.SIGVTALRM))
    assert not torch._C._autograd._profiler_enabled()  # type: ignore[attr-defined]


def test_a_watched_block_may_be_inside_another() -> None:
    leaf = torch.ones(2, requires_grad=True)
    with watch_operations() as outer:
        with watch_operations() as inner:
            leaf.sum().backward()
            F.conv2d(x, weight)
        assert any(family_of(name) is Family.AUTOGRAD for name in inner.names())
    for watched in (outer, inner):
        families = {family_of(name) for name in watched.names()}
        assert families >= {Family.AUTOGRAD, Family.CONVOLUTION}


def test_a_rule_that_does_not_exist_is_our_mistake() -> None:
    with pytest.raises(KeyError):
        broken_rule("pooling only", [])
    assert broken_rule(None, ["convolution"]) is None
