"""The hidden test of max_pool2d."""

from autograder.checks import Call, check
from solutions.conv import pooling as reference


def make(draw, N, C, H, W, K, S, shift):
    """Stride 0 stands for none given; a shift of 1 makes all numbers negative."""
    x = draw.tensor(N, C, H, W)
    x = x - x.max() - 1 if shift else x
    return Call(x, K, stride=S) if S else Call(x, K)


plain = dict(N=1, C=1, H=4, W=4, K=2, S=0, shift=0)


def test(max_pool2d):
    return check(
        max_pool2d,
        reference.max_pool2d,
        make,
        groups={
            "windows side by side": [plain, plain | dict(H=6, W=6, K=3)],
            "several images and channels": [plain | dict(N=3), plain | dict(N=2, C=3)],
            "images that are not square": [plain | dict(H=4, W=8), plain | dict(H=6, W=2)],
            "negative numbers": plain | dict(C=2, shift=1),
            "windows that overlap": [
                plain | dict(H=5, W=7, K=3, S=2),
                plain | dict(H=4, W=5, K=3, S=1),
            ],
            "gaps between the windows": plain | dict(H=7, W=8, K=2, S=3),
            "windows that stick out are left away": [
                plain | dict(H=5, W=7, K=2),
                plain | dict(N=2, H=7, W=6, K=3, S=2),
            ],
            "a window as large as the image, and one of a pixel": [
                plain | dict(H=3, W=3, K=3),
                plain | dict(C=2, H=3, W=4, K=1),
            ],
        },
        sizes=dict(N=(1, 3), C=(1, 3), H=(1, 7), W=(1, 7), K=(1, 3), S=(0, 3), shift=(0, 1)),
        where=lambda H, W, K, **_: K <= H and K <= W,
        extras=[
            dict(N=2, C=3, H=5, W=6, K=2, S=1, shift=0),
            dict(N=2, C=3, H=4, W=6, K=2, S=0, shift=0),
            dict(N=2, C=3, H=3, W=4, K=1, S=2, shift=0),
        ],
        forbid="convolution",
    )
