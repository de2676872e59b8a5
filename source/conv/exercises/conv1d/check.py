"""The hidden test of conv1d."""

from autograder.checks import Call, check
from solutions.conv import convolution as reference


def make(draw, N, C_in, C_out, L, K, S, P, with_bias):
    x, weight = draw.tensor(N, C_in, L), draw.tensor(C_out, C_in, K)
    bias = draw.tensor(C_out) if with_bias else None
    return Call(x, weight, bias, stride=S, padding=P)


plain = dict(N=1, C_in=1, C_out=1, L=7, K=3, S=1, P=0, with_bias=0)


def test(conv1d):
    return check(
        conv1d,
        reference.conv1d,
        make,
        groups={
            "one signal, one channel, one filter": plain,
            "several signals, channels and filters": plain | dict(N=2, C_in=3, C_out=4),
            "a bias for each filter": [
                plain | dict(N=2, C_out=3, with_bias=1),
                plain | dict(N=2, with_bias=1),
            ],
            "padding": [plain | dict(P=1), plain | dict(K=2, P=3)],
            "a stride that leaves a remainder": [
                plain | dict(L=8, S=2),
                plain | dict(L=9, K=2, S=3),
            ],
            "stride and padding together": [
                plain | dict(N=2, C_in=2, C_out=3, L=8, S=2, P=2),
                plain | dict(C_in=3, C_out=3, L=7, K=2, S=3, P=1),
            ],
            "a kernel of one sample, and one as long as the signal": [
                plain | dict(C_in=2, K=1),
                plain | dict(C_out=2, L=5, K=5),
            ],
        },
        sizes=dict(
            N=(1, 3),
            C_in=(1, 3),
            C_out=(1, 3),
            L=(1, 9),
            K=(1, 4),
            S=(1, 3),
            P=(0, 3),
            with_bias=(0, 1),
        ),  # fmt: skip
        where=lambda L, K, P, **_: K <= L + 2 * P,
        extras=[
            dict(N=2, C_in=3, C_out=2, L=8, K=3, S=2, P=1, with_bias=1),
            dict(N=2, C_in=3, C_out=2, L=6, K=3, S=1, P=0, with_bias=1),
            dict(N=2, C_in=2, C_out=2, L=5, K=1, S=1, P=0, with_bias=1),
        ],
        forbid="convolution",
    )
