"""The hidden test of group_norm."""

import torch

from autograder.checks import Call, check
from solutions.conv import normalization as reference


def make(draw, N, G, per_group, H, W, large_eps=0, plain=0):
    C = G * per_group
    x = 2 * draw.tensor(N, C, H, W) + 2 * draw.tensor(N, C, 1, 1)
    groups = x.reshape(N, G, -1)
    x[:, ::per_group, 0, 0] += 2 * (groups.var(2, unbiased=False) < 0.3)
    gamma, beta = 2 * draw.tensor(C) + 0.5, draw.tensor(C)
    if draw.is_readable:
        x, gamma = draw.tensor(N, C, H, W), draw.tensor(C)
    if plain:
        gamma, beta = torch.ones_like(gamma), torch.zeros_like(beta)
    return Call(x, G, gamma, beta, eps=0.5 if large_eps else 1e-5)


def test(group_norm):
    return check(
        group_norm,
        reference.group_norm,
        make,
        groups={
            "gamma = 1 and beta = 0": [
                dict(N=2, G=2, per_group=3, H=4, W=5, plain=1),
                dict(N=1, G=3, per_group=2, H=3, W=3, plain=1),
            ],
            "one group": dict(N=2, G=1, per_group=4, H=3, W=2),
            "as many groups as channels": dict(N=2, G=3, per_group=1, H=3, W=4),
            "groups of several channels": [
                dict(N=1, G=2, per_group=3, H=3, W=4),
                dict(N=1, G=4, per_group=2, H=2, W=3),
            ],
            "several images": dict(N=3, G=2, per_group=2, H=4, W=3),
            "as many images, groups and channels in a group": dict(N=2, G=2, per_group=2, H=2, W=2),
            "a large eps": dict(N=2, G=2, per_group=2, H=3, W=3, large_eps=1),
        },
        sizes=dict(
            N=(1, 3), G=(1, 3), per_group=(1, 3), H=(1, 3), W=(1, 3), large_eps=(0, 1), plain=(0, 1)
        ),
        where=lambda per_group, H, W, **_: per_group * H * W > 1,
        extras=[
            dict(N=2, G=2, per_group=3, H=3, W=4, large_eps=1),
            dict(N=1, G=1, per_group=3, H=2, W=4),
            dict(N=2, G=3, per_group=1, H=3, W=2),
        ],
        forbid="convolution",
    )
