"""The hidden test of max_pool2d_backward."""

from autograder.checks import Call, check
from solutions.conv import pooling as reference


def make(draw, N, C, H, W, K, S, levels, total):
    """Stride 0 stands for none given; with levels, x has only so many values, and ties.

    With total, the loss is the output's sum times a number: dout is that number, expanded.
    """
    x = draw.tensor(N, C, H, W)
    if levels:
        x = (x if draw.is_readable else x * 10).round().remainder(levels)
    H_out, W_out = (reference.pool_output_size(size, K, S or K) for size in (H, W))
    shape = N, C, H_out, W_out
    dout = draw.tensor(1, 1, 1, 1).expand(shape) if total else draw.tensor(*shape)
    return Call(dout, x, K, stride=S) if S else Call(dout, x, K)


plain = dict(N=1, C=1, H=4, W=4, K=2, S=0, levels=0, total=0)


def test(max_pool2d_backward):
    return check(
        max_pool2d_backward,
        reference.max_pool2d_backward,
        make,
        groups={
            "windows side by side": [plain, plain | dict(H=6, W=6, K=3)],
            "several images and channels": [plain | dict(N=3), plain | dict(N=2, C=3)],
            "images that are not square": [plain | dict(H=4, W=8), plain | dict(H=6, W=2)],
            "windows that overlap": [
                plain | dict(H=5, W=7, K=3, S=2),
                plain | dict(N=2, C=2, H=4, W=5, K=3, S=1),
                plain | dict(H=6, W=5, K=2, S=1),
            ],
            "ties": [
                plain | dict(levels=1),
                plain | dict(H=6, W=6, K=3, levels=2),
                plain | dict(N=2, C=2, H=5, W=6, K=3, S=1, levels=2),
            ],
            "pixels that no window looks at": [
                plain | dict(H=5, W=7),
                plain | dict(N=2, H=7, W=8, K=2, S=3),
            ],
            "a window as large as the image": plain | dict(C=2, H=3, W=3, K=3),
            "the loss is a sum of outputs": plain | dict(N=2, C=2, H=5, W=6, K=3, S=1, total=1),
        },
        sizes=dict(
            N=(1, 3),
            C=(1, 3),
            H=(1, 6),
            W=(1, 6),
            K=(1, 3),
            S=(0, 3),
            levels=(0, 3),
            total=(0, 1),
        ),  # fmt: skip
        where=lambda H, W, K, **_: K <= H and K <= W,
        extras=[
            dict(N=2, C=3, H=5, W=6, K=3, S=1, levels=0, total=0),
            dict(N=2, C=3, H=4, W=6, K=2, S=0, levels=0, total=0),
            dict(N=2, C=3, H=4, W=5, K=3, S=1, levels=2, total=0),
        ],
        forbid="convolution+autograd",
    )
