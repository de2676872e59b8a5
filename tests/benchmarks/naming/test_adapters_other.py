"""Right functions in the form of other courses are right answers behind their adapters."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from benchmarks.naming.manifest import read_manifest
from benchmarks.naming.rebuild import ADAPTERS, rebuilt_text
from tests.benchmarks.naming.right_answers import CMU, COURSERA, CS131, EECS498, OTHER


def answer(code: str, adapter: str, function: str, **uses: str) -> Any:
    """The names that an answer of this form defines."""
    text = rebuilt_text(code, adapter, {"theirs": function, **uses})
    names: dict[str, Any] = {}
    exec(compile(text, "<answer>", "exec"), names)
    return SimpleNamespace(**names)


def same(found: Any, expected: Any) -> None:
    """Equal values, shapes and dtypes."""
    torch.testing.assert_close(found, expected, rtol=1e-7, atol=1e-9)


def randn(*shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(sum(shape))
    return torch.randn(shape, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize(
    ("code", "adapter", "function", "uses"),
    [
        (EECS498, "eecs498_conv_forward", "Conv.forward", {}),
        (COURSERA, "coursera_conv_forward", "conv_forward", {}),
        (CMU, "cmu_conv2d_forward", "Conv2d_stride1.forward", {"layer": "Conv2d_stride1"}),
    ],
)
@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1), (3, 2)])
def test_conv2d(
    code: str, adapter: str, function: str, uses: dict[str, str], stride: int, padding: int
) -> None:
    conv2d = answer(code, adapter, function, **uses).conv2d
    x, weight, bias = randn(2, 3, 7, 9), randn(4, 3, 2, 3), randn(4)
    same(conv2d(x, weight, bias, stride, padding), F.conv2d(x, weight, bias, stride, padding))
    same(conv2d(x, weight), F.conv2d(x, weight))


@pytest.mark.parametrize(
    ("code", "adapter", "function", "uses"),
    [
        (EECS498, "eecs498_conv_backward", "Conv.backward", {"forward": "Conv.forward"}),
        (EECS498, "eecs498_conv_backward", "Conv.backward", {}),
        (COURSERA, "coursera_conv_backward", "conv_backward", {}),
        (CMU, "cmu_conv2d_backward", "Conv2d_stride1.backward", {"layer": "Conv2d_stride1"}),
    ],
)
@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1), (3, 2)])
def test_conv2d_backward(
    code: str, adapter: str, function: str, uses: dict[str, str], stride: int, padding: int
) -> None:
    inputs = [value.requires_grad_() for value in (randn(2, 3, 7, 9), randn(4, 3, 2, 3), randn(4))]
    out = F.conv2d(*inputs, stride, padding)
    dout = torch.randn_like(out)
    expected = torch.autograd.grad(out, inputs, dout)
    x, weight, _ = (value.detach() for value in inputs)
    found = answer(code, adapter, function, **uses).conv2d_backward(
        dout, x, weight, stride, padding
    )
    same(tuple(found), expected)


def test_conv1d() -> None:
    conv1d = answer(
        CMU, "cmu_conv1d_forward", "Conv1d_stride1.forward", layer="Conv1d_stride1"
    ).conv1d
    x, weight, bias = randn(2, 3, 9), randn(4, 3, 3), randn(4)
    same(conv1d(x, weight, bias, 2, 1), F.conv1d(x, weight, bias, 2, 1))


POOLS = [
    (EECS498, "eecs498_pool", "MaxPool.forward", "MaxPool.backward", {}, "max"),
    (COURSERA, "coursera_max_pool", "pool_forward", "pool_backward", {}, "max"),
    (COURSERA, "coursera_avg_pool", "pool_forward", "pool_backward", {}, "avg"),
    *(
        (CMU, f"cmu_{kind}_pool", f"{name}.forward", f"{name}.backward", {"layer": name}, kind)
        for kind, name in (("max", "MaxPool2d_stride1"), ("avg", "MeanPool2d_stride1"))
    ),
]


@pytest.mark.parametrize(("code", "adapter", "forward", "backward", "uses", "kind"), POOLS)
@pytest.mark.parametrize(("kernel", "stride"), [(2, None), (3, 2), (2, 3)])
def test_pooling(
    code: str,
    adapter: str,
    forward: str,
    backward: str,
    uses: dict[str, str],
    kind: str,
    kernel: int,
    stride: int | None,
) -> None:
    x = randn(2, 3, 6, 8).requires_grad_()
    pool = F.max_pool2d if kind == "max" else F.avg_pool2d
    out = pool(x, kernel, stride)
    dout = torch.randn_like(out)
    (dx,) = torch.autograd.grad(out, [x], dout)
    there = answer(code, f"{adapter}_forward", forward, **uses)
    same(getattr(there, f"{kind}_pool2d")(x.detach(), kernel, stride), out.detach())
    uses = uses or ({"forward": forward} if adapter.startswith("eecs") else {})
    back = answer(code, f"{adapter}_backward", backward, **uses)
    same(getattr(back, f"{kind}_pool2d_backward")(dout, x.detach(), kernel, stride), dx)


@pytest.mark.parametrize(
    ("code", "adapter", "function", "uses"),
    [
        (EECS498, "eecs498_batchnorm", "BatchNorm", {"forward": "BatchNorm.forward"}),
        (CMU, "cmu_batchnorm", "BatchNorm1d", {"layer": "BatchNorm1d"}),
        (
            OTHER, "uvadlc_batchnorm", "CustomBatchNormManualFunction",
            {"forward": "CustomBatchNormManualFunction.forward"},
        ),
    ],
)  # fmt: skip
def test_batch_norm(code: str, adapter: str, function: str, uses: dict[str, str]) -> None:
    inputs = [value.requires_grad_() for value in (randn(6, 3), randn(3), randn(4)[:3])]
    mean, var = torch.zeros(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64)
    given = [value.detach() for value in inputs]
    new = answer(code, f"{adapter}_train", f"{function}.forward", **uses).batchnorm_train(
        *given, mean, var, 0.3, 0.5
    )
    expected_mean, expected_var = mean.clone(), var.clone()
    out = F.batch_norm(inputs[0], expected_mean, expected_var, *inputs[1:], True, 0.3, 0.5)
    same(new, (out.detach(), expected_mean, expected_var))
    assert mean.eq(0).all()
    assert var.eq(1).all()
    dout = torch.randn_like(out)
    found = answer(code, f"{adapter}_backward", f"{function}.backward", **uses)
    same(
        tuple(found.batchnorm_backward(dout, *given[:2], 0.5)),
        torch.autograd.grad(out, inputs, dout),
    )
    if code is OTHER:
        return
    there = answer(code, f"{adapter}_eval", f"{function}.forward", **uses)
    found = there.batchnorm_eval(*given, mean + 1, var * 2, 0.5)
    same(found, F.batch_norm(given[0], mean + 1, var * 2, *given[1:], eps=0.5))


def test_batch_norm_with_the_unbiased_variance() -> None:
    code = EECS498.replace('("running_var", var)', '("running_var", x.var(0))')
    name = "eecs498_batchnorm_train_unbiased"
    x, gamma, beta, mean, var = randn(6, 3), randn(3), randn(3), randn(3), randn(3).square()
    found = answer(code, name, "BatchNorm.forward").batchnorm_train(x, gamma, beta, mean, var, 0.3)
    out = F.batch_norm(x, mean, var, gamma, beta, True, 0.3)
    same(found, (out, mean, var))


def test_spatial_batch_norm() -> None:
    there = answer(
        EECS498, "eecs498_spatial_batchnorm", "SpatialBatchNorm.forward", flat="BatchNorm"
    )
    found = there.BatchNorm(3, 0.5, 0.3).double()
    expected = torch.nn.BatchNorm2d(3, 0.5, 0.3).double()
    for _ in range(2):
        x = randn(4, 3, 5, 2)
        same(found(x), expected(x))
    same(dict(found.state_dict()), dict(expected.state_dict()))
    same(found.eval()(x), expected.eval()(x))
    same(found(x[:, :, 0, 0]), expected(x)[:, :, 0, 0])


@pytest.mark.parametrize("function", ["conv_nested", "cross_correlation"])
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (3, 2), (4, 4)])
def test_corr2d(function: str, size: tuple[int, int]) -> None:
    X, K = randn(6, 7), randn(*size)
    found = answer(CS131, f"cs131_{function}", function).corr2d(X, K)
    same(found, F.conv2d(X[None, None], K[None, None])[0, 0])


@pytest.mark.parametrize("size", [(3, 3), (2, 4), (4, 3)])
def test_find_template(size: tuple[int, int]) -> None:
    name = "normalized_cross_correlation"
    image = randn(9, 8)
    template = image[4 : 4 + size[0], 2 : 2 + size[1]] * 0.5 + 3
    assert answer(CS131, f"cs131_{name}", name).find_template(image, template) == (4, 2)


def test_other_norms() -> None:
    x, gamma, beta = randn(5, 4), randn(4), randn(3, 1).reshape(-1)[:1].repeat(4)
    expected = F.layer_norm(x, (4,), gamma, beta, 0.5)
    name = "LayerNormalization"
    module = answer(EECS498, "layernorm_module", f"{name}.forward", layer=name)
    same(module.layer_norm(x, gamma, beta, 0.5), expected)
    plain = answer(OTHER, "plain_layer_norm", "custom_layer_norm")
    same(plain.layer_norm(x, gamma, beta, 0.5), expected)
    images = randn(2, 4, 3, 5)
    expected = F.group_norm(images, 4, gamma, beta, 0.5)
    for adapter, function in (
        ("deepml_instance_norm", "instance_normalization"), ("plain_instance_norm", "instance_norm")
    ):  # fmt: skip
        there = answer(OTHER, adapter, function)
        same(there.instance_norm(images, gamma, beta, 0.5), expected)
    expected = F.group_norm(images, 2, gamma, beta, 0.5)
    for adapter, function in (
        ("plain_group_norm", "custom_group_norm"), ("d2l_group_norm", "group_norm")
    ):  # fmt: skip
        there = answer(OTHER, adapter, function)
        same(there.group_norm(images, 2, gamma, beta, 0.5), expected)


@pytest.mark.parametrize("function", ["train_step", "train_one_epoch"])
def test_training(function: str) -> None:
    model = torch.nn.Linear(3, 2)
    batches = [
        (torch.randn(4, 3), torch.tensor([0, 1, 1, 0])),
        (torch.randn(1, 3), torch.ones(1).long()),
    ]
    still = torch.optim.SGD(model.parameters(), lr=0.0)
    train = answer(OTHER, "train_with_loss", function).train_one_epoch
    x, y = (torch.cat(part) for part in zip(*batches, strict=True))
    expected = F.cross_entropy(model(x), y).item()
    assert train(model, batches, still, "cpu") == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("adapter", "function"),
    [("evaluate_on_device", "evaluate_model"), ("evaluate_with_loss", "test_step")],
)
def test_evaluation(adapter: str, function: str) -> None:
    batches = [(torch.eye(2), torch.tensor([0, 1])), (torch.eye(2)[:1], torch.tensor([1]))]
    model = torch.nn.Identity().train()
    found = answer(OTHER, adapter, function).evaluate(model, batches, "cpu")
    assert found == pytest.approx(2 / 3)
    assert isinstance(found, float)
    assert model.training


def test_the_manifest_is_right() -> None:
    rows = read_manifest(ADAPTERS.parent / "manifest_other.jsonl")
    assert {row.split for row in rows} == {"dev", "held-out"}
    adapters = {path.stem for path in ADAPTERS.glob("*.py")}
    assert {row.adapter for row in rows} <= adapters
    others = {row.id for row in read_manifest(ADAPTERS.parent / "manifest.jsonl")}
    assert others.isdisjoint(row.id for row in rows)


def test_small_ones() -> None:
    size = answer(OTHER, "calculator_output_size", "calc_out_size").conv_output_size
    assert size(32, 5, 2, 3) == 11
    count = answer(OTHER, "calculator_param_count", "conv_params").conv_param_count
    assert count(3, 10, 5, 5) == 760
    assert count(3, 10, 5, 5, bias=False) == 750
    conv, bn = torch.nn.Conv2d(2, 3, 3).eval(), torch.nn.BatchNorm2d(3).eval()
    fused = answer(OTHER, "fuse_conv_bn", "fuse_conv_and_bn").fuse_conv_bn(conv, bn)
    x = torch.randn(1, 2, 5, 5)
    torch.testing.assert_close(fused(x), bn(conv(x)))
