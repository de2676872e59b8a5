"""The hidden test of conv2d_backward."""

from autograder.checks import Call, check
from solutions.conv import convolution as reference


def make(draw, N, C_in, C_out, H, W, K_H, K_W, S, P, total):
    """With total, the loss is the output's sum times a number: dout is that number, expanded."""
    x, weight = draw.tensor(N, C_in, H, W), draw.tensor(C_out, C_in, K_H, K_W)
    H_out = reference.conv_output_size(H, K_H, padding=P, stride=S)
    W_out = reference.conv_output_size(W, K_W, padding=P, stride=S)
    shape = N, C_out, H_out, W_out
    dout = draw.tensor(1, 1, 1, 1).expand(shape) if total else draw.tensor(*shape)
    return Call(dout, x, weight, stride=S, padding=P)


plain = dict(N=1, C_in=1, C_out=1, H=5, W=5, K_H=3, K_W=3, S=1, P=0, total=0)


def test(conv2d_backward):
    return check(
        conv2d_backward,
        reference.conv2d_backward,
        make,
        groups={
            "one image, one channel, no padding": plain,
            "several channels in": plain | dict(C_in=3),
            "several filters": plain | dict(C_out=3),
            "several images in the batch": plain | dict(N=3),
            "images and kernels that are not square": [
                plain | dict(H=4, W=7),
                plain | dict(K_H=2, K_W=4),
                plain | dict(H=6, W=4, K_H=3, K_W=1),
            ],
            "padding": [plain | dict(P=1), plain | dict(H=4, K_H=2, P=2)],
            "a stride that divides": plain | dict(H=7, W=5, S=2),
            "a stride after which rows and columns are never visited": [
                plain | dict(H=6, W=8, S=2),
                plain | dict(H=7, W=6, K_H=2, K_W=2, S=3),
            ],
            "stride and padding together": [
                plain | dict(N=2, C_in=2, C_out=3, H=6, W=7, S=2, P=1),
                plain | dict(C_in=2, H=4, W=5, K_H=2, K_W=4, S=3, P=2),
                plain | dict(C_in=3, C_out=3, H=4, W=5, K_H=2, S=2, P=1),
            ],
            "the loss is a sum of outputs": plain | dict(N=2, C_in=2, C_out=3, H=4, W=5, total=1),
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
            total=(0, 1),
        ),  # fmt: skip
        where=lambda H, W, K_H, K_W, P, **_: K_H <= H + 2 * P and K_W <= W + 2 * P,
        extras=[
            dict(N=2, C_in=3, C_out=2, H=5, W=6, K_H=2, K_W=3, S=2, P=1, total=0),
            dict(N=2, C_in=3, C_out=2, H=4, W=5, K_H=2, K_W=3, S=1, P=0, total=0),
            dict(N=2, C_in=2, C_out=2, H=3, W=4, K_H=1, K_W=1, S=1, P=0, total=0),
        ],
        forbid="convolution+autograd",
    )
