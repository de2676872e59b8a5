"""The hidden test of instance_norm."""

import torch

from autograder.checks import Call, check
from solutions.conv import normalization as reference


def make(draw, N, C, H, W, large_eps=0, plain=0):
    x = 2 * draw.tensor(N, C, H, W) + 2 * draw.tensor(N, C, 1, 1)
    x[:, :, 0, 0] += 2 * (x.var((2, 3), unbiased=False) < 0.3)
    gamma, beta = 2 * draw.tensor(C) + 0.5, draw.tensor(C)
    if draw.is_readable:
        x, gamma = draw.tensor(N, C, H, W), draw.tensor(C)
    if plain:
        gamma, beta = torch.ones_like(gamma), torch.zeros_like(beta)
    return Call(x, gamma, beta, eps=0.5 if large_eps else 1e-5)


def test(instance_norm):
    return check(
        instance_norm,
        reference.instance_norm,
        make,
        groups={
            "gamma = 1 and beta = 0": dict(N=2, C=3, H=4, W=5, plain=1),
            "one image, one channel": dict(N=1, C=1, H=3, W=4),
            "several channels": dict(N=1, C=3, H=4, W=3),
            "several images": dict(N=3, C=2, H=3, W=4),
            "all axes of one size": dict(N=3, C=3, H=3, W=3),
            "maps that are one row or one column": [
                dict(N=2, C=3, H=1, W=4),
                dict(N=2, C=2, H=5, W=1),
            ],
            "a large eps": dict(N=2, C=2, H=3, W=3, large_eps=1),
        },
        sizes=dict(N=(1, 3), C=(1, 3), H=(1, 4), W=(1, 4), large_eps=(0, 1), plain=(0, 1)),
        where=lambda H, W, **_: H * W > 1,
        extras=[dict(N=2, C=3, H=3, W=4, large_eps=1), dict(N=1, C=1, H=3, W=4)],
        forbid="convolution",
    )
