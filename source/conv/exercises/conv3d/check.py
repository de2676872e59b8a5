"""The hidden test of conv3d."""

from autograder.checks import Call, check
from solutions.conv import convolution as reference


def make(draw, N, C_in, C_out, D, H, W, K_D, K_H, K_W, S, P, with_bias):
    x, weight = draw.tensor(N, C_in, D, H, W), draw.tensor(C_out, C_in, K_D, K_H, K_W)
    bias = draw.tensor(C_out) if with_bias else None
    return Call(x, weight, bias, stride=S, padding=P)


plain = dict(N=1, C_in=1, C_out=1, D=3, H=3, W=3, K_D=2, K_H=2, K_W=2, S=1, P=0, with_bias=0)


def test(conv3d):
    return check(
        conv3d,
        reference.conv3d,
        make,
        groups={
            "one cube, one channel, one filter": plain,
            "several cubes, channels and filters": plain | dict(N=2, C_in=3, C_out=2),
            "a bias for each filter": [
                plain | dict(C_out=3, with_bias=1),
                plain | dict(N=2, with_bias=1),
            ],
            "depth, height and width differ": [plain | dict(D=2, H=3, W=4), plain | dict(D=4, W=2)],
            "kernels whose three sides differ": [
                plain | dict(D=4, H=4, W=4, K_D=1, K_H=2, K_W=3),
                plain | dict(D=4, H=4, W=4, K_D=3, K_H=1, K_W=2),
            ],
            "padding on all six sides": [plain | dict(P=1), plain | dict(D=2, H=1, W=2, P=2)],
            "a stride that leaves a remainder": plain | dict(D=5, H=4, W=3, S=2),
            "stride and padding together": [
                plain | dict(N=2, C_in=2, D=4, H=3, W=5, S=2, P=1),
                plain | dict(C_in=2, C_out=2, D=3, H=4, W=2, S=3, P=1),
            ],
        },
        sizes=dict(
            N=(1, 2),
            C_in=(1, 2),
            C_out=(1, 2),
            D=(1, 4),
            H=(1, 4),
            W=(1, 4),
            K_D=(1, 3),
            K_H=(1, 3),
            K_W=(1, 3),
            S=(1, 3),
            P=(0, 1),
            with_bias=(0, 1),
        ),  # fmt: skip
        where=lambda D, H, W, K_D, K_H, K_W, P, **_: (
            K_D <= D + 2 * P and K_H <= H + 2 * P and K_W <= W + 2 * P
        ),
        extras=[
            dict(N=2, C_in=2, C_out=3, D=3, H=4, W=5, K_D=1, K_H=2, K_W=3, S=2, P=1, with_bias=1),
            dict(N=2, C_in=2, C_out=3, D=2, H=3, W=4, K_D=1, K_H=2, K_W=3, S=1, P=0, with_bias=1),
            dict(N=2, C_in=2, C_out=2, D=2, H=1, W=3, K_D=1, K_H=1, K_W=1, S=1, P=0, with_bias=1),
        ],
        forbid="convolution",
    )
