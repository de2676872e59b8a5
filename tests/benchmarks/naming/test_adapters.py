"""A right function of the other course is a right answer to the exercise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from benchmarks.naming.adapters.common import same_cache, to_numpy, to_tensor
from benchmarks.naming.rebuild import rebuilt_text

CONV = """
def forward(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    out = np.einsum("nchwij,fcij->nfhw", windows, w) + b[:, None, None]
    return out, CACHE


def backward(dout, cache):
    CACHE = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            at = np.s_[:, :, i * stride : i * stride + w.shape[2], j * stride : j * stride + w.shape[3]]
            dw += np.einsum("nf,ncij->fcij", dout[:, :, i, j], padded[at])
            dpadded[at] += np.einsum("nf,fcij->ncij", dout[:, :, i, j], w)
    h, w_ = x.shape[2:]
    return dpadded[:, :, pad : pad + h, pad : pad + w_], dw, dout.sum(axis=(0, 2, 3))
"""
POOL = """
def forward(x, pool_param):
    size, stride = pool_param["pool_height"], pool_param["stride"]
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    return windows[:, :, ::stride, ::stride].max(axis=(4, 5)), CACHE


def backward(dout, cache):
    CACHE = cache
    size, stride = pool_param["pool_height"], pool_param["stride"]
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        window = x[n, c, i * stride : i * stride + size, j * stride : j * stride + size]
        a, b = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, i * stride + a, j * stride + b] += dout[n, c, i, j]
    return dx
"""
BATCH_NORM = """
def forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    var = bn_param.get("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "test":
        return gamma * (x - mean) / np.sqrt(var + eps) + beta, None
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    bn_param["running_mean"] = momentum * mean + (1 - momentum) * x.mean(axis=0)
    bn_param["running_var"] = momentum * var + (1 - momentum) * x.var(axis=0)
    return gamma * x_hat + beta, (x_hat, gamma, np.sqrt(x.var(axis=0) + eps))


def batchnorm_backward(dout, cache):
    x_hat, gamma, std = cache
    d = dout * gamma
    dx = (d - d.mean(axis=0) - x_hat * (d * x_hat).mean(axis=0)) / std
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward_alt(dout, cache):
    return batchnorm_backward(dout, cache)
"""
LAYER_NORM = """
def forward(x, gamma, beta, ln_param):
    mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + ln_param.get("eps", 1e-5)) + beta, None
"""
GROUP_NORM = """
def forward(x, gamma, beta, G, gn_param):
    groups = x.reshape(len(x), G, -1)
    mean, var = groups.mean(axis=2, keepdims=True), groups.var(axis=2, keepdims=True)
    x_hat = ((groups - mean) / np.sqrt(var + gn_param.get("eps", 1e-5))).reshape(x.shape)
    return GAMMA * x_hat + BETA, None
"""


@dataclass
class Drawn:
    """Random tensors of float64, the same in each run."""

    generator: torch.Generator

    def __call__(self, *shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=self.generator, dtype=torch.float64)


@pytest.fixture
def draw() -> Drawn:
    return Drawn(torch.Generator().manual_seed(1))


def answer(code: str, name: str, adapter: str, theirs: str, **uses: str) -> Any:
    """The function of an exercise, made from these functions."""
    names: dict[str, Any] = {}
    exec(rebuilt_text(code, adapter, {"theirs": theirs, **uses}), names)
    return names[name]


def gradients(function: Any, dout: torch.Tensor, *arguments: torch.Tensor) -> Any:
    """The gradients by autograd."""
    leaves = [argument.clone().requires_grad_() for argument in arguments]
    return torch.autograd.grad(function(*leaves), leaves, dout)


@pytest.mark.parametrize("cache", ["(x, w, b, conv_param)", "(conv_param, w, x)"])
@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1)])
def test_convolution(draw: Drawn, cache: str, stride: int, padding: int) -> None:
    x, w, b = draw(2, 3, 5, 6), draw(4, 3, 3, 2), draw(4)
    code = CONV.replace("CACHE", cache)
    conv2d = answer(code, "conv2d", "cs231n_conv_forward", "forward")
    expected = functional.conv2d(x, w, b, stride, padding)
    torch.testing.assert_close(conv2d(x, w, b, stride, padding), expected)
    without = functional.conv2d(x, w, None, stride, padding)
    torch.testing.assert_close(conv2d(x, w, stride=stride, padding=padding), without)
    back = answer(code, "conv2d_backward", "cs231n_conv_backward", "backward", forward="forward")
    dout = draw(*expected.shape)
    found = back(dout, x, w, stride, padding)
    right = gradients(lambda *args: functional.conv2d(*args, stride, padding), dout, x, w, b)
    torch.testing.assert_close(found, right)


@pytest.mark.parametrize("cache", ["(x, pool_param)", "(pool_param, x)"])
@pytest.mark.parametrize("stride", [None, 1])
def test_pooling(draw: Drawn, cache: str, stride: int | None) -> None:
    x, code = draw(2, 3, 5, 6), POOL.replace("CACHE", cache)
    pool = answer(code, "max_pool2d", "cs231n_pool_forward", "forward")
    expected = functional.max_pool2d(x, 2, stride)
    torch.testing.assert_close(pool(x, 2, stride), expected)
    back = answer(
        code, "max_pool2d_backward", "cs231n_pool_backward", "backward", forward="forward"
    )
    dout = draw(*expected.shape)
    (right,) = gradients(lambda x: functional.max_pool2d(x, 2, stride), dout, x)
    torch.testing.assert_close(back(dout, x, 2, stride), right)


def test_batch_norm_in_training(draw: Drawn) -> None:
    x, gamma, beta, mean, var = draw(5, 3), draw(3), draw(3), draw(3), draw(3).abs()
    before = mean.clone(), var.clone()
    train = answer(BATCH_NORM, "batchnorm_train", "cs231n_batchnorm_train", "forward")
    out, new_mean, new_var = train(x, gamma, beta, mean, var, momentum=0.3, eps=0.5)
    right = before[0].clone(), before[1].clone()
    expected = functional.batch_norm(x, *right, gamma, beta, True, momentum=0.3, eps=0.5)
    torch.testing.assert_close((out, new_mean, new_var), (expected, *right))
    torch.testing.assert_close((mean, var), before)


def test_batch_norm_in_evaluation(draw: Drawn) -> None:
    x, gamma, beta, mean, var = draw(5, 3), draw(3), draw(3), draw(3), draw(3).abs()
    evaluate = answer(BATCH_NORM, "batchnorm_eval", "cs231n_batchnorm_eval", "forward")
    expected = functional.batch_norm(x, mean, var, gamma, beta, eps=0.5)
    torch.testing.assert_close(evaluate(x, gamma, beta, mean, var, eps=0.5), expected)


@pytest.mark.parametrize("name", ["batchnorm_backward", "batchnorm_backward_alt"])
def test_batch_norm_backward(draw: Drawn, name: str) -> None:
    x, gamma, dout = draw(5, 3), draw(3), draw(5, 3)
    adapter, uses = "cs231n_batchnorm_backward", dict(forward="forward", other="batchnorm_backward")
    back = answer(BATCH_NORM, "batchnorm_backward", adapter, name, **uses)

    def batch_norm(x: Any, gamma: Any, beta: Any) -> Any:
        return functional.batch_norm(x, None, None, gamma, beta, True, eps=0.5)

    right = gradients(batch_norm, dout, x, gamma, torch.zeros_like(gamma))
    torch.testing.assert_close(back(dout, x, gamma, eps=0.5), right)


def test_layer_norm(draw: Drawn) -> None:
    x, gamma, beta = draw(5, 3), draw(3), draw(3)
    layer_norm = answer(LAYER_NORM, "layer_norm", "cs231n_layernorm", "forward")
    expected = functional.layer_norm(x, (3,), gamma, beta, eps=0.5)
    torch.testing.assert_close(layer_norm(x, gamma, beta, eps=0.5), expected)


@pytest.mark.parametrize("form", ["{}", "{}[None, :, None, None]"])
def test_group_norm_takes_gamma_in_either_shape(draw: Drawn, form: str) -> None:
    x, gamma, beta = draw(2, 4, 3, 4), draw(4), draw(4)
    code = GROUP_NORM.replace("GAMMA", form.format("gamma")).replace("BETA", form.format("beta"))
    group_norm = answer(code, "group_norm", "cs231n_groupnorm", "forward")
    expected = functional.group_norm(x, 2, gamma, beta, eps=0.5)
    torch.testing.assert_close(group_norm(x, 2, gamma, beta, eps=0.5), expected)


def test_values_that_are_no_arrays_stay() -> None:
    like = torch.zeros(1)
    assert to_tensor(None, like) is None
    assert to_numpy("text") == "text"
    assert to_tensor(np.float64(2), like).dtype == torch.float32


def test_caches() -> None:
    x = np.zeros(2)
    assert same_cache(lambda x: (x, (x,)), (x,))
    assert same_cache(None, (x,))  # no forward pass
    assert not same_cache(lambda x: (x, (x + 1,)), (x,))
    assert not same_cache(lambda x: (x, (x, x)), (x,))
