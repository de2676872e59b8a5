"""The hidden test of layer_norm."""

import torch

from autograder.checks import Call, check
from solutions.conv import normalization as reference


def make(draw, N, D, large_eps=0, plain=0):
    x = 2 * draw.tensor(N, D) + 2 * draw.tensor(N, 1)
    x[:, 0] += 2 * (x.var(1, unbiased=False) < 0.3)
    gamma, beta = 2 * draw.tensor(D) + 0.5, draw.tensor(D)
    if draw.is_readable:
        x, gamma = draw.tensor(N, D), draw.tensor(D)
    if plain:
        gamma, beta = torch.ones_like(gamma), torch.zeros_like(beta)
    return Call(x, gamma, beta, eps=0.5 if large_eps else 1e-5)


def test(layer_norm):
    return check(
        layer_norm,
        reference.layer_norm,
        make,
        groups={
            "gamma = 1 and beta = 0": [dict(N=3, D=5, plain=1), dict(N=4, D=4, plain=1)],
            "one sample": dict(N=1, D=6),
            "several samples": [dict(N=5, D=3), dict(N=2, D=7)],
            "as many samples as features": dict(N=4, D=4),
            "a large eps": dict(N=3, D=4, large_eps=1),
        },
        sizes=dict(N=(1, 5), D=(2, 5), large_eps=(0, 1), plain=(0, 1)),
        extras=[dict(N=3, D=4, large_eps=1), dict(N=1, D=4)],
        forbid="convolution",
    )
