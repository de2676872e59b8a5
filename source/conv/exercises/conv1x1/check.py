"""The hidden test of conv1x1."""

from autograder.checks import Call, check
from solutions.conv import convolution as reference


def make(draw, N, C_in, C_out, H, W, with_bias):
    x, weight = draw.tensor(N, C_in, H, W), draw.tensor(C_out, C_in)
    return Call(x, weight, draw.tensor(C_out)) if with_bias else Call(x, weight)


def test(conv1x1):
    return check(
        conv1x1,
        reference.conv1x1,
        make,
        groups={
            "more channels out than in": dict(N=1, C_in=2, C_out=5, H=4, W=4, with_bias=0),
            "fewer channels out than in": dict(N=1, C_in=4, C_out=2, H=3, W=3, with_bias=0),
            "a bias for each filter": [
                dict(N=1, C_in=2, C_out=3, H=2, W=2, with_bias=1),
                dict(N=2, C_in=3, C_out=1, H=2, W=3, with_bias=1),
            ],
            "several images that are not square": dict(N=3, C_in=3, C_out=3, H=2, W=5, with_bias=1),
        },
        sizes=dict(N=(1, 3), C_in=(1, 4), C_out=(1, 4), H=(1, 4), W=(1, 4), with_bias=(0, 1)),
        extras=[
            dict(N=2, C_in=3, C_out=2, H=3, W=4, with_bias=1),
            dict(N=1, C_in=3, C_out=3, H=1, W=4, with_bias=0),
        ],
        forbid="convolution",
    )
