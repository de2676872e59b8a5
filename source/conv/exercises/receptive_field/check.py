"""The hidden test of receptive_field."""

from autograder.checks import check
from solutions.conv import convolution as reference


def make(draw, L, K1, S1, K2, S2, K3, S3):
    return ([(K1, S1), (K2, S2), (K3, S3)][:L],)


def stack(L, strides, first=0):
    """Layers drawn from the seed; each stride is 1, or drawn where it is to be larger."""

    def drawn(draw):
        kernels = [2 * draw.integer(2, 20) + k % 2 for k in range(3)]  # even, odd, even
        kernels[0] = first or kernels[0]
        steps = [draw.integer(2, 5) if larger else 1 for larger in strides]
        pairs = zip(kernels, steps, strict=True)
        names = ((f"K{k}", f"S{k}") for k in (1, 2, 3))
        sizes = {n: v for name, pair in zip(names, pairs, strict=True)
                 for n, v in zip(name, pair, strict=True)}  # fmt: skip
        return dict(L=L) | sizes

    return drawn


def test(receptive_field):
    return check(
        receptive_field,
        reference.receptive_field,
        make,
        groups={
            "one layer": [stack(1, (0, 0, 0)), stack(1, (1, 0, 0)), stack(1, (0, 0, 0))],
            "several layers, all with stride 1": [stack(3, (0, 0, 0)), stack(2, (0, 0, 0))],
            "a stride in the first layer": [stack(3, (1, 0, 0)), stack(2, (1, 0, 0))],
            "strides in several layers": [stack(3, (1, 1, 1)), stack(3, (1, 1, 0))],
            "a 1x1 layer that strides": [stack(2, (1, 0, 0), first=1)] * 2,
        },
        sizes=dict(L=(1, 3), K1=(1, 5), S1=(1, 3), K2=(1, 5), S2=(1, 3), K3=(1, 5), S3=(1, 3)),
        extras=None,
        left_alone=True,
    )
