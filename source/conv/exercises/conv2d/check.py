"""The hidden test of conv2d."""

from autograder.checks import Call, check
from solutions.conv import convolution as reference


def make(draw, N, C_in, C_out, H, W, K_H, K_W, S, P, with_bias):
    x, weight = draw.tensor(N, C_in, H, W), draw.tensor(C_out, C_in, K_H, K_W)
    bias = draw.tensor(C_out) if with_bias else None
    return Call(x, weight, bias, stride=S, padding=P)


plain = dict(N=1, C_in=1, C_out=1, H=5, W=5, K_H=3, K_W=3, S=1, P=0, with_bias=0)


def test(conv2d):
    return check(
        conv2d,
        reference.conv2d,
        make,
        groups={
            "one image, one channel, one filter": plain,
            "several channels in": plain | dict(C_in=3),
            "several filters": plain | dict(C_out=3),
            "several images in the batch": plain | dict(N=3),
            "a bias for each filter": [
                plain | dict(C_in=2, C_out=3, with_bias=1),
                plain | dict(N=2, with_bias=1),
            ],
            "images that are not square": [plain | dict(H=4, W=7), plain | dict(H=7, W=4)],
            "kernels that are not square": [
                plain | dict(K_H=2, K_W=3),
                plain | dict(K_H=4, K_W=1),
                plain | dict(K_H=1, K_W=4),
            ],
            "padding": [
                plain | dict(P=1),
                plain | dict(P=2),
                plain | dict(N=2, C_in=2, H=3, W=4, K_H=1, K_W=1, P=2),
            ],
            "a stride that divides": [plain | dict(S=2), plain | dict(H=7, W=9, K_H=1, K_W=3, S=3)],
            "a stride that leaves a remainder": [
                plain | dict(H=6, W=8, S=2),
                plain | dict(H=7, W=6, K_H=2, K_W=2, S=3),
            ],
            "stride and padding together": [
                plain | dict(N=2, C_in=2, C_out=3, H=6, W=7, S=2, P=1),
                plain | dict(C_in=2, H=4, W=5, K_H=2, K_W=5, S=3, P=2),
                plain | dict(C_in=3, C_out=3, H=4, W=5, K_H=2, S=2, P=1),
            ],
            "kernels of one pixel, and as large as the image": [
                plain | dict(C_in=3, C_out=2, H=3, W=4, K_H=1, K_W=1),
                plain | dict(N=2, C_in=2, H=3, W=4, K_H=3, K_W=4),
            ],
        },
        sizes=dict(
            N=(1, 3),
            C_in=(1, 3),
            C_out=(1, 3),
            H=(1, 6),
            W=(1, 6),
            K_H=(1, 3),
            K_W=(1, 3),
            S=(1, 3),
            P=(0, 2),
            with_bias=(0, 1),
        ),  # fmt: skip
        where=lambda H, W, K_H, K_W, P, **_: K_H <= H + 2 * P and K_W <= W + 2 * P,
        extras=[
            dict(N=2, C_in=3, C_out=2, H=5, W=6, K_H=2, K_W=3, S=2, P=1, with_bias=1),
            dict(N=2, C_in=3, C_out=2, H=4, W=5, K_H=2, K_W=3, S=1, P=0, with_bias=1),
            dict(N=2, C_in=2, C_out=2, H=3, W=4, K_H=1, K_W=1, S=1, P=0, with_bias=1),
        ],
        forbid="convolution",
    )
