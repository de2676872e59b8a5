"""The hidden test of compose_kernels."""

from autograder.checks import check
from solutions.conv import convolution as reference


def make(draw, A_H, A_W, B_H, B_W):
    return draw.tensor(A_H, A_W), draw.tensor(B_H, B_W)


def test(compose_kernels):
    return check(
        compose_kernels,
        reference.compose_kernels,
        make,
        groups={
            "two 3x3 kernels make a 5x5 kernel": dict(A_H=3, A_W=3, B_H=3, B_W=3),
            "a larger and a smaller kernel": [
                dict(A_H=4, A_W=4, B_H=2, B_W=2),
                dict(A_H=2, A_W=2, B_H=4, B_W=4),
            ],
            "kernels that are not square": [
                dict(A_H=2, A_W=3, B_H=3, B_W=1),
                dict(A_H=1, A_W=4, B_H=2, B_W=3),
            ],
            "one kernel is a single number": [
                dict(A_H=1, A_W=1, B_H=2, B_W=3),
                dict(A_H=3, A_W=2, B_H=1, B_W=1),
            ],
        },
        sizes=dict(A_H=(1, 4), A_W=(1, 4), B_H=(1, 4), B_W=(1, 4)),
        extras=[dict(A_H=2, A_W=3, B_H=3, B_W=4), dict(A_H=3, A_W=2, B_H=1, B_W=1)],
        forbid="convolution",
    )
