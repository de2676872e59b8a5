"""The hidden test of conv2d_fast."""

from autograder.checks import Call, check
from solutions.conv import convolution as reference


def make(draw, N, C_in, C_out, H, W, K_H, K_W, S, P, with_bias):
    x, weight = draw.tensor(N, C_in, H, W), draw.tensor(C_out, C_in, K_H, K_W)
    if C_in > 100:  # so that sums of many products are no larger than elsewhere
        weight = weight / C_in**0.5
    bias = draw.tensor(C_out) if with_bias else None
    return Call(x, weight, bias, stride=S, padding=P)


plain = dict(N=2, C_in=2, C_out=3, H=6, W=6, K_H=2, K_W=2, S=1, P=0, with_bias=0)
wide = dict(N=2, C_in=2, C_out=2, H=3, W=4, K_H=1, K_W=2, S=1, P=0, with_bias=1)


def test(conv2d_fast):
    return check(
        conv2d_fast,
        reference.conv2d_fast,
        make,
        groups={
            "no padding, stride 1": [plain, plain | dict(H=3, W=4, K_H=3, K_W=4)],
            "a bias for each filter": [
                plain | dict(with_bias=1),
                plain | dict(C_out=1, with_bias=1),
            ],
            "images and kernels that are not square": [
                plain | dict(H=5, W=8, K_H=2, K_W=3),
                plain | dict(H=7, W=5, K_H=3, K_W=1),
            ],
            "padding": [plain | dict(P=1), plain | dict(H=3, W=4, K_H=3, K_W=2, P=2)],
            "a stride that leaves a remainder": [
                plain | dict(N=4, H=8, W=9, S=2),
                plain | dict(H=7, W=6, K_H=2, K_W=3, S=3),
            ],
            "stride and padding together": [
                plain | dict(N=4, H=8, W=9, K_H=2, K_W=3, S=2, P=1),
                plain | dict(H=4, W=5, K_H=2, K_W=5, S=3, P=2),
            ],
            "a large image, without a loop over positions": [
                wide,
                wide | dict(H=256),
                wide | dict(W=256),
            ],
            "many images, without a loop over the batch": [wide, wide | dict(N=256)],
            "many filters, without a loop over them": [wide, wide | dict(C_out=256)],
            "many channels in, without a loop over them": [wide, wide | dict(C_in=256)],
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
            dict(N=3, C_in=3, C_out=2, H=7, W=8, K_H=2, K_W=3, S=2, P=1, with_bias=1),
            dict(N=2, C_in=3, C_out=2, H=4, W=5, K_H=2, K_W=3, S=1, P=0, with_bias=1),
            dict(N=2, C_in=2, C_out=2, H=3, W=4, K_H=1, K_W=1, S=1, P=0, with_bias=1),
        ],
        forbid="convolution",
        max_ops=lambda sizes: 60 + 30 * sizes["K_H"] * sizes["K_W"],
        no_loops=(
            "a large image, without a loop over positions",
            "many images, without a loop over the batch",
            "many filters, without a loop over them",
            "many channels in, without a loop over them",
        ),
    )
