"""The hidden test of find_template."""

from autograder.checks import check
from solutions.conv import convolution as reference

FREE, FIRST, LAST, BOTTOM, RIGHT = range(5)


def make(draw, H, W, K_H, K_W, place=FREE, percent=100, offset=0, wall=0, negative=0, loud=0):

    def normal(*shape):
        """Numbers about as large as standard-normal ones."""
        return draw.uniform(-2, 2, *shape) if draw.is_readable else draw.tensor(*shape)

    if not draw.is_readable:
        H, W = H + draw.integer(0, 4), W + draw.integer(0, 4)
    lowest, rightmost = H - K_H, W - K_W - wall
    row = draw.integer(K_H if negative or loud else 1, lowest - 1)  # not on the other window
    col = draw.integer(1, rightmost - 1)
    row = {FIRST: 0, LAST: lowest, BOTTOM: lowest}.get(place, row)
    col = {FIRST: 0, LAST: rightmost, RIGHT: rightmost}.get(place, col)
    image = (0.02 if draw.is_readable else 0.1) * draw.tensor(H, W) + 1
    template = normal(K_H, K_W) + 1
    if wall:
        image[:, W - wall :] = 9.0
    if negative:
        image[:K_H, :K_W] = 3 - 2 * template
    if loud:
        image[:K_H, :K_W] = 4 * template + 4 * normal(K_H, K_W)
    image[row : row + K_H, col : col + K_W] = percent / 100 * template + offset
    if negative:  # the copy is a little worse than the negative, in absolute terms
        image[row : row + K_H, col : col + K_W] += 0.05 * normal(K_H, K_W)
    if draw.is_readable:
        image = (image * 100).round() / 100
    return image, template


small = dict(H=9, W=11, K_H=3, K_W=4)


def fits(H, W, K_H, K_W, wall=0, negative=0, loud=0, **_):
    """Whether there is room between the borders, and a template of a few numbers."""
    above = K_H if negative or loud else 1
    return above < H - K_H and W - K_W - wall > 1 and K_H * K_W > 3


def test(find_template):
    return check(
        find_template,
        reference.find_template,
        make,
        groups={
            "the template itself, in noise": [
                small,
                dict(H=12, W=7, K_H=4, K_W=3),
                dict(H=6, W=14, K_H=1, K_W=8),
            ],
            "a square template in an image that is not square": [
                dict(H=8, W=14, K_H=3, K_W=3, percent=50, offset=1),
                dict(H=14, W=8, K_H=3, K_W=3, percent=50, offset=-1),
            ],
            "a bright wall beside it": [
                dict(**small, offset=-1, wall=5),
                dict(H=8, W=12, K_H=4, K_W=3, percent=50, wall=6),
            ],
            "the template in the shade: paler and darker": [
                dict(**small, percent=30, offset=-2),
                dict(**small, percent=20, offset=2, wall=4),
            ],
            "a louder window that is only somewhat like it": [
                dict(**small, percent=40, offset=-2, loud=1),
                dict(**small, percent=20, offset=3, loud=1),
            ],
            "its photographic negative stands in a corner": [
                dict(**small, offset=-2, negative=1),
                dict(**small, percent=50, offset=2, negative=1),
            ],
            "the template at the borders and in the first and in the last corner": [
                dict(**small, percent=50, place=FIRST),
                dict(**small, percent=50, place=LAST),
                dict(**small, percent=50, place=BOTTOM),
                dict(**small, percent=50, place=RIGHT),
            ],
        },
        shrink=dict(H=(3, 12), W=(3, 14), K_H=(1, 4), K_W=(2, 8), wall=(0, 6)),
        where=fits,
        extras=[
            dict(H=9, W=12, K_H=4, K_W=3, percent=50, offset=-2, wall=5),
            dict(**small, percent=40, offset=3),
        ],
        forbid="convolution, not normalisation",
    )
