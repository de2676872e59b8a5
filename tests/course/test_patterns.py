"""Mistakes in the form that real students give them: written by us after their patterns.

Each answer has its own way to the result, not the reference's, and one or two mistakes.
"""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from autograder.checks import CheckResult
from autograder.course.layout import Course
from autograder.course.misconceptions import WrongAnswer
from autograder.course.source import load_assignment
from autograder.grading.grader import TrustedNotebook
from tests.course.subject import Subject

ROOT = Path(__file__).resolve().parents[2]

CONV = """
def conv2d(x, weight, bias=None, stride=1, padding=0):
    N, C, H, W = x.shape
    F_, _, HH, WW = weight.shape
    xp = torch.zeros(N, C, H + 2 * padding, W + 2 * padding, dtype=x.dtype)
    xp[:, :, padding : padding + H, padding : padding + W] = x
    H_ = {height}
    W_ = {width}
    {before}
    out = torch.zeros(N, F_, H_, W_, dtype={dtype})
    for n in range(N):
        for f in range(F_):
            for i in range(H_):
                for j in range(W_):
                    a, b = i * {step}, j * {step}
                    out[n, f, i, j] = (xp[n, :, a : a + HH, b : b + WW] * weight[f]).sum()
                    {bias}
    {last}
"""
HEIGHT, WIDTH = "1 + (H + 2 * padding - HH) // stride", "1 + (W + 2 * padding - WW) // stride"
BIAS = "out[n, f, i, j] += 0 if bias is None else bias[f]"


def conv(**parts: str) -> str:
    right = dict(
        height=HEIGHT, width=WIDTH, before="", dtype="x.dtype", step="stride", bias=BIAS,
        last="return out",
    )  # fmt: skip
    return CONV.format(**(right | parts))


BACKWARD = """
def conv2d_backward(dout, x, weight, stride=1, padding=0):
    N, C, H, W = x.shape
    F_, _, HH, WW = weight.shape
    _, _, H_, W_ = dout.shape
    xp = torch.zeros(N, C, H + 2 * padding, W + 2 * padding, dtype=x.dtype)
    xp[:, :, padding : padding + H, padding : padding + W] = x
    dxp, dw = torch.zeros_like(xp), torch.zeros_like(weight)
    dx = torch.zeros_like(x)
    for n in range(N):
        for f in range(F_):
            for i in range(H_):
                for j in range(W_):
                    a, b = i * {step}, j * {step}
                    dw[f] += xp[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW] * dout[n, f, i, j]
                    dxp[n, :, a : a + HH, b : b + WW] += weight[f] * dout[n, f, i, j]
    {crop}
    return {returned}, dw, {dbias}
"""
CROP = "dx = dxp[:, :, padding : padding + H, padding : padding + W]"


def backward(**parts: str) -> str:
    right = dict(step="stride", crop=CROP, returned="dx", dbias="dout.sum((0, 2, 3))")
    return BACKWARD.format(**(right | parts))


POOL = """
def max_pool2d_backward(dout, x, kernel_size, stride=None):
    s = kernel_size if stride is None else stride
    k = {k}
    dx = torch.zeros_like(x)
    N, C, H_, W_ = dout.shape
    for n in range(N):
        for c in range(C):
            for i in range(H_):
                for j in range(W_):
                    window = x[n, c, i * s : i * s + k, j * s : j * s + k]
                    {write}
    return dx
"""
WHERE = "dx[n, c, i * s : i * s + k, j * s : j * s + k]"


def pool(write: str, k: str = "kernel_size") -> str:
    return POOL.format(write=write, k=k)


NORM = """
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    mu, var = x.mean(0, keepdim={keep}), x.var(0, unbiased=False, keepdim={keep})
    n = len(x)
    out = gamma * (x - mu) / {std} + beta
    running_mean = (1 - momentum) * running_mean + momentum * mu
    running_var = (1 - momentum) * running_var + momentum * var * n / (n - 1)
    return out, running_mean, running_var
"""
NORM_BACKWARD = """
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    mu, std = x.mean(0), (x.var(0, unbiased=False) + eps).sqrt()
    hat = (x - mu) / std
    d = dout * gamma
    dx = {dx}
    return dx, {dgamma}, dout.sum(0)
"""
DX = "(d - d.mean(0) - hat * (d * hat).mean(0)) / std"

OWN_LINE = {"exception_other"}  # without the wall, there is no traceback with the own line
# The answer, and all names that are right for it: one of them has to be said, and no other one.
ANSWERS = {
    "a size by division": (conv(height=HEIGHT.replace("//", "/")), OWN_LINE | {"exception_float_size"}),
    "the width from the height": (
        conv(width=HEIGHT),
        {"square_output_assumed", "square_kernel_assumed", "relation_output_size",
         "exception_index_out_of_bounds", "exception_broadcast", "relation_condition"},
    ),
    "an assertion": (
        conv(before="assert (H + 2 * padding - HH) % stride == 0"), OWN_LINE | {"exception_own_assertion"}
    ),
    "always float64": (conv(dtype="torch.double"), {"relation_dtype", "dtype_lost"}),
    "always float32": (conv(dtype="torch.float32"), {"relation_dtype", "dtype_lost"}),
    "no return": (conv(last="pass"), {"relation_none"}),
    "no bias and no stride": (
        conv(bias="pass", step="1"), {"bias_ignored", "bias_omitted", "stride_ignored",
         "windows_not_moved_by_stride", "stride_only_in_output_size", "relation_fixed_argument", "relation_ignored_argument"},
    ),
    "the border by -P": (
        backward(crop="dx = dxp[:, :, padding:-padding, padding:-padding]"),
        {"empty_slice_without_padding"},
    ),
    "the border by 1": (
        backward(crop="dx = dxp[:, :, 1:-1, 1:-1]"), {"relation_fixed_argument", "relation_cut",
         "padding_taken_as_one"},
    ),
    "the stride forgotten in dx": (
        backward(step="1"), {"relation_fixed_argument", "stride_ignored", "stride_ignored_in_dx"}
    ),
    "no dx": (backward(returned="None"), {"relation_none"}),
    "dbias over the batch only": (backward(dbias="dout.sum(0)"), {"relation_not_summed",
         "dbias_summed_over_batch_only", "bias_over_wrong_axes"}),
    "ties": (
        pool(f"{WHERE} += (window == window.max()) * dout[n, c, i, j]"), {"every_tie_gets_all"}
    ),
    "ties and overlap": (
        pool(f"{WHERE} = (window == window.max()) * dout[n, c, i, j]"),
        {"window_overwritten_with_ties"},
    ),
    "windows of the stride": (
        pool(f"{WHERE}.view(-1) if False else None\n                    "
             "m = int(window.argmax())\n                    "
             "dx[n, c, i * s + m // window.shape[1], j * s + m % window.shape[1]] "
             "+= dout[n, c, i, j]", k="s"),
        {"relation_changed_argument", "relation_condition", "relation_exchanged_arguments"},
    ),
    "rows and eps": (
        NORM.format(keep="True", std="(var.sqrt() + eps)"),
        {"statistics_as_rows", "eps_outside_the_root"},
    ),
    "eps outside": (NORM.format(keep="False", std="(var.sqrt() + eps)"), {"eps_outside_the_root"}),
    "dgamma for each sample": (
        NORM_BACKWARD.format(dx=DX, dgamma="dout * hat"),
        {"relation_not_summed", "not_summed_over_the_batch"},
    ),
    "constant statistics": (
        NORM_BACKWARD.format(dx="d / std", dgamma="(dout * hat).sum(0)"),
        {"statistics_taken_as_constants"},
    ),
}  # fmt: skip


@functools.cache
def subject(exercise: str) -> Subject:
    for bundle in load_assignment(Course.find(ROOT), "conv"):
        if bundle.answer_for(exercise) is not None:
            trusted = TrustedNotebook.load(bundle, ROOT)
            cell = next(one for one in trusted.tests if one.cell.exercise == exercise)
            return Subject.of(trusted, cell)
    raise LookupError(exercise)


def result(code: str) -> CheckResult:
    exercise = code.partition("def ")[2].partition("(")[0]
    return subject(exercise).result(WrongAnswer(f"{exercise}.pattern", exercise, "", code))


@pytest.mark.parametrize("name", ANSWERS)
def test_a_mistake_in_another_form_is_named(name: str) -> None:
    code, right = ANSWERS[name]
    found = result(code)
    said = {one.partition(".")[2] for one in (found.diagnosis or "", *found.also) if one}
    assert said, found.message
    assert said <= right, (said, found.message)


@pytest.mark.parametrize(
    "code",
    [
        conv(),
        backward(),
        pool("m = int(window.argmax())\n                    "
             "dx[n, c, i * s + m // k, j * s + m % k] += dout[n, c, i, j]"),
        NORM.format(keep="False", std="(var + eps).sqrt()"),
        NORM_BACKWARD.format(dx=DX, dgamma="(dout * hat).sum(0)"),
    ],
)  # fmt: skip
def test_the_same_forms_without_a_mistake_are_right(code: str) -> None:
    found = result(code)
    assert (found.points, found.diagnosis, found.evidence) == (1, None, None)
