"""The hidden test of corr2d."""

from autograder.checks import check
from solutions.conv import convolution as reference


def make(draw, H, W, K_H, K_W):
    return draw.tensor(H, W), draw.tensor(K_H, K_W)


def test(corr2d):
    return check(
        corr2d,
        reference.corr2d,
        make,
        groups={
            "a square image and a square kernel": dict(H=5, W=5, K_H=3, K_W=3),
            "an image that is not square": [
                dict(H=4, W=7, K_H=3, K_W=3),
                dict(H=7, W=4, K_H=2, K_W=2),
            ],
            "a kernel that is not square": [
                dict(H=5, W=5, K_H=2, K_W=3),
                dict(H=6, W=6, K_H=4, K_W=1),
                dict(H=6, W=6, K_H=1, K_W=4),
            ],
            "a kernel as large as the image": dict(H=3, W=4, K_H=3, K_W=4),
            "a kernel that is a single number": dict(H=3, W=5, K_H=1, K_W=1),
        },
        sizes=dict(H=(1, 7), W=(1, 7), K_H=(1, 4), K_W=(1, 4)),
        where=lambda H, W, K_H, K_W: K_H <= H and K_W <= W,
        extras=[dict(H=5, W=7, K_H=2, K_W=3), dict(H=4, W=6, K_H=1, K_W=1)],
        forbid="convolution",
    )
