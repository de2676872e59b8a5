"""The hidden test of top5_error."""

import torch

from autograder.checks import check
from solutions.places import leaderboard as reference


def make(draw, N, classes, place=-1, of=10):
    scores = draw.tensor(N, classes).double()
    order = scores.topk(6, dim=1).indices
    top5 = order[:, :5].contiguous()
    if (
        place >= 0
    ):  # labels stand at this place (5: nowhere), about so many of ten; the others don't
        wrong = scores.argmin(dim=1) if place < 5 else order[:, draw.integer(0, 4)]
        picked = torch.tensor([draw.integer(1, 10) <= of for _ in range(N)])
        labels = torch.where(picked, order[:, place], wrong)
    else:
        labels = (scores + 2.0 * draw.tensor(N, classes)).argmax(dim=1)
        labels[0] = scores[0].argmin()
    return top5, labels


half = [dict(N=1, classes=9, place=k % 6, of=5) for k in range(12)]


def test(top5_error):
    return check(
        top5_error,
        reference.top5_error,
        make,
        groups={
            "some found, some not": [dict(N=37, classes=12), dict(N=40, classes=20)],
            "found at the same place, all of them or some": [
                *(dict(N=6, classes=9, place=place) for place in (0, 2, 4)),
                *(dict(N=43, classes=9, place=place, of=5) for place in (0, 1, 2, 3, 4)),
            ],
            "none found, or hardly any": [
                dict(N=6, classes=9, place=5),
                dict(N=61, classes=9, place=5, of=6),
                dict(N=67, classes=30, place=5, of=8),
            ],
            "exactly five images": [dict(N=5, classes=9, place=k, of=5) for k in range(6)],
            "a single image": [
                dict(N=1, classes=7, place=1),
                dict(N=1, classes=7, place=5),
                *half,
            ],
            "many images": [dict(N=300, classes=30), dict(N=277, classes=12)],
        },
        sizes=dict(N=(1, 8), classes=(6, 12)),
        extras=None,
        left_alone=True,
    )
