"""The hidden test of batchnorm_eval."""

from autograder.checks import Call, check
from solutions.conv import normalization as reference


def make(draw, N, D, large_eps=0):
    x = draw.tensor(N, D) + 1
    gamma, beta = 2 * draw.tensor(D) + 0.5, draw.tensor(D)
    mean, var = 2 * draw.tensor(D), draw.uniform(0.5, 4, D)
    if draw.is_readable:
        gamma, mean, var = draw.tensor(D), draw.tensor(D), draw.uniform(0.5, 2, D) ** 2
    return Call(x, gamma, beta, mean, var, eps=0.5 if large_eps else 1e-5)


def test(batchnorm_eval):
    return check(
        batchnorm_eval,
        reference.batchnorm_eval,
        make,
        groups={
            "one sample": [dict(N=1, D=1, large_eps=0), dict(N=1, D=4, large_eps=0)],
            "a batch": [
                dict(N=5, D=3, large_eps=0),
                dict(N=2, D=4, large_eps=0),
                dict(N=3, D=3, large_eps=0),
            ],
            "a large eps": dict(N=3, D=2, large_eps=1),
        },
        sizes=dict(N=(1, 5), D=(1, 5), large_eps=(0, 1)),
        extras=dict(N=4, D=3, large_eps=1),
        forbid="convolution",
    )
