"""The hidden test of overlay."""

from autograder.checks import check
from solutions.places import cam as reference


def make(draw, H, W, map_low=0, map_high=100, low=0, high=100):
    image = draw.uniform(low / 100, high / 100, 3, H, W)
    if draw.is_readable:  # not from 0 to 1, so that another scale shows
        image = (8 * image + 1).round() / 10
    return image, draw.uniform(map_low / 100, map_high / 100, H, W)


def test(overlay):
    return check(
        overlay,
        reference.overlay,
        make,
        groups={
            "a square image": dict(H=5, W=5),
            "an image that is not square": [dict(H=4, W=7), dict(H=6, W=3)],
            "an image of three rows, one of three columns": [dict(H=3, W=5), dict(H=5, W=3)],
            "a map of zeros, and one of ones": [
                dict(H=4, W=5, map_high=0),
                dict(H=4, W=5, map_low=100),
            ],
            "a map that does not reach 0 or 1": dict(H=4, W=5, map_low=30, map_high=60),
            "a dark picture, and a bright one": [
                dict(H=4, W=5, high=20),
                dict(H=4, W=5, low=80),
            ],
        },
        shrink=dict(H=(1, 6), W=(1, 7)),
        extras=[dict(H=4, W=6), dict(H=1, W=5), dict(H=4, W=1)],
    )
