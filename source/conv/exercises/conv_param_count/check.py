"""The hidden test of conv_param_count."""

from autograder.checks import Call, check
from solutions.conv import convolution as reference

PLACED, LEFT_OUT = 1, 2  # how the optional argument is passed; 0: by name


def make(draw, c_in, c_out, k_h, k_w, with_bias, form=0):
    if form == LEFT_OUT:
        return c_in, c_out, k_h, k_w
    if form == PLACED:
        return c_in, c_out, k_h, k_w, bool(with_bias)
    return Call(c_in, c_out, k_h, k_w, bias=bool(with_bias))


def layer(square, with_bias, form=0):
    """A layer drawn from the seed, whose four sizes all differ unless its filters are square."""

    def drawn(draw):
        k_h = draw.integer(3, 15)
        k_w = k_h if square else k_h + draw.integer(2, 9)
        sizes = dict(c_in=draw.integer(30, 300), c_out=draw.integer(301, 900), k_h=k_h, k_w=k_w)
        return sizes | dict(with_bias=with_bias, form=form)

    return drawn


def test(conv_param_count):
    return check(
        conv_param_count,
        reference.conv_param_count,
        make,
        groups={
            "square filters and their biases": [layer(square=True, with_bias=1)] * 2,
            "without biases": [layer(square=True, with_bias=0)] * 2,
            "filters that are not square": [layer(square=False, with_bias=1)] * 2,
            "with and without biases, all arguments by their place": [
                layer(square=False, with_bias=0, form=PLACED),
                layer(square=False, with_bias=1, form=PLACED),
            ],
            "optional arguments left out": [layer(square=False, with_bias=1, form=LEFT_OUT)] * 2,
        },
        sizes=dict(c_in=(1, 9), c_out=(1, 9), k_h=(1, 7), k_w=(1, 7), with_bias=(0, 1)),
        extras=None,
    )
