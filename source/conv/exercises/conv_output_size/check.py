"""The hidden test of conv_output_size."""

from autograder.checks import Call, check
from solutions.conv import convolution as reference

DEFAULTS = dict(padding=0, stride=1)
PLACED, LEFT_OUT = 1, 2  # how optional arguments are passed; 0: by name


def make(draw, size, kernel, padding, stride, form=0):
    if form == PLACED:
        return size, kernel, padding, stride
    given = dict(padding=padding, stride=stride)
    if form == LEFT_OUT:
        given = {name: value for name, value in given.items() if value != DEFAULTS[name]}
    return Call(size, kernel, **given)


def axis(padded=False, stride=(1, 1), rest=0, form=0):
    """An axis drawn from the seed; ``rest`` pixels are left over, -1 stands for one step but one."""

    def drawn(draw):
        S, P = draw.integer(*stride), draw.integer(12, 24) if padded else 0
        left, kernel = rest if rest >= 0 else S - 1, draw.integer(8, 19)
        steps = draw.integer(60, 400)
        size = steps * S + left + kernel - 2 * P
        return dict(size=size, kernel=kernel, padding=P, stride=S, form=form)

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
                axis(padded=True, stride=(3, 6), rest=1, form=PLACED),
                axis(padded=True, stride=(2, 6), form=PLACED),
            ],
            "optional arguments left out": [
                axis(form=LEFT_OUT),
                axis(padded=True, form=LEFT_OUT),
                axis(stride=(2, 6), rest=1, form=LEFT_OUT),
            ],
        },
        sizes=dict(size=(1, 40), kernel=(1, 9), padding=(0, 4), stride=(1, 5)),
        where=lambda size, kernel, padding, **_: kernel <= size + 2 * padding,
        extras=None,
    )
