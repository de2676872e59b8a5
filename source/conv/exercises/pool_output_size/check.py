"""The hidden test of pool_output_size."""

from autograder.checks import check
from solutions.conv import pooling as reference


def make(draw, size, kernel, stride):
    return size, kernel, stride


def axis(stride, overlap=0, gap=0, rest=0):
    """An axis drawn from the seed; ``rest`` pixels are left over, -1 stands for one step but one."""

    def drawn(draw):
        S, steps = draw.integer(*stride), draw.integer(40, 300)
        left, K = rest if rest >= 0 else S - 1, S + overlap - gap
        return dict(size=steps * S + K + left, kernel=K, stride=S)

    return drawn


def test(pool_output_size):
    return check(
        pool_output_size,
        reference.pool_output_size,
        make,
        groups={
            "windows side by side": [axis((2, 4)), axis((5, 9))],
            "windows that overlap": [axis((2, 6), overlap=1), axis((1, 3), overlap=2)],
            "a remainder that is left away": [
                axis((2, 6), overlap=1, rest=1),
                axis((3, 6), rest=-1),
                axis((4, 7), rest=1),
            ],
            "gaps between the windows": [axis((3, 7), gap=1), axis((4, 7), gap=2)],
        },
        sizes=dict(size=(1, 40), kernel=(1, 6), stride=(1, 5)),
        where=lambda size, kernel, stride: kernel <= size,
        extras=None,
    )
