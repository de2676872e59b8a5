"""The hidden test of conv_output_size."""

from autograder.checks import Call, check
from solutions.conv import convolution as reference


def make(draw, size, kernel, padding, stride, by_place=0):
    if by_place:
        return size, kernel, padding, stride
    return Call(size, kernel, padding=padding, stride=stride)


def axis(padded=False, stride=(1, 1), rest=0, by_place=0):
    """An axis drawn from the seed; ``rest`` pixels are left over, -1 stands for one step but one."""

    def drawn(draw):
        S, P = draw.integer(*stride), draw.integer(12, 24) if padded else 0
        left, kernel = rest if rest >= 0 else S - 1, draw.integer(8, 19)
        steps = draw.integer(60, 400)
        size = steps * S + left + kernel - 2 * P
        return dict(size=size, kernel=kernel, padding=P, stride=S, by_place=by_place)

    return drawn


def whole(draw):
    """A kernel as large as its input."""
    size = draw.integer(20, 400)
    return dict(size=size, kernel=size, padding=0, stride=1)


def test(conv_output_size):
    return check(
        conv_output_size,
        reference.conv_output_size,
        make,
        groups={
            "no padding, stride 1": [axis(), axis(), whole],
            "padding, counted on both sides": [axis(padded=True), axis(padded=True)],
            "a stride that divides": [axis(stride=(2, 6)), axis(stride=(2, 6))],
            "a stride that leaves a remainder": [
                axis(stride=(3, 6), rest=1),
                axis(stride=(2, 6), rest=-1),
                axis(padded=True, stride=(4, 7), rest=2),
            ],
            "all arguments by their place": [
                axis(padded=True, stride=(3, 6), rest=1, by_place=1),
                axis(padded=True, stride=(2, 6), by_place=1),
            ],
        },
        sizes=dict(size=(1, 40), kernel=(1, 9), padding=(0, 4), stride=(1, 5)),
        where=lambda size, kernel, padding, stride: kernel <= size + 2 * padding,
        extras=None,
    )
