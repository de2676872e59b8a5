"""The hidden test of conv_mac_count."""

from autograder.checks import check
from solutions.conv import convolution as reference


def make(draw, c_in, c_out, k_h, k_w, h_out, w_out):
    return c_in, c_out, k_h, k_w, h_out, w_out


def layer(square_filters, square_output):
    """A layer drawn from the seed; what is not square is twice as long or more on one side."""

    def drawn(draw):
        k_h, h_out = draw.integer(3, 9), draw.integer(11, 60)
        return dict(
            c_in=draw.integer(60, 200),
            c_out=draw.integer(201, 400),
            k_h=k_h,
            k_w=k_h if square_filters else draw.integer(2, 3) * k_h + 1,
            h_out=h_out,
            w_out=h_out if square_output else draw.integer(2, 3) * h_out + 1,
        )

    return drawn


def test(conv_mac_count):
    return check(
        conv_mac_count,
        reference.conv_mac_count,
        make,
        groups={
            "square filters, a square output": [layer(True, True)] * 2,
            "filters that are not square": [layer(False, True)] * 2,
            "an output that is not square": [layer(True, False)] * 2,
        },
        sizes=dict(c_in=(1, 9), c_out=(1, 9), k_h=(1, 7), k_w=(1, 7), h_out=(1, 30), w_out=(1, 30)),
        extras=None,
    )
