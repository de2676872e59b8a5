"""The hidden test of class_activation_map."""

import torch

from autograder.checks import check
from solutions.places import cam as reference


def make(draw, C, H, W, classes, class_idx, percent=100, sign=0, constant=0):
    features = draw.tensor(C, H, W)
    if sign:
        features = sign * features.abs()
    if constant == 1:  # exact in every order of adding up: whole numbers
        features = torch.full_like(features, 3.0) * torch.arange(C).to(features)[:, None, None]
    fc_weight = percent / 100 * draw.tensor(classes, C)
    if constant == 1:
        fc_weight = fc_weight.round()
    if constant == 2:
        fc_weight[class_idx] = 0
    return features, fc_weight, class_idx


plain = dict(C=4, H=5, W=5, classes=4, class_idx=2)


def test(class_activation_map):
    return check(
        class_activation_map,
        reference.class_activation_map,
        make,
        groups={
            "as many classes as channels, a square map": plain,
            "a map that is not square": [plain | dict(H=3, W=6), plain | dict(H=6, W=4)],
            "a single row, a single column": [plain | dict(H=1, W=6), plain | dict(H=5, W=1)],
            "more channels than classes, and fewer": [
                plain | dict(C=7, classes=3),
                plain | dict(C=3, H=4, W=6, classes=8, class_idx=6),
            ],
            "the first class, and the last": [
                plain | dict(C=3, H=2, W=4, class_idx=0),
                plain | dict(C=5, H=2, W=4, class_idx=3),
            ],
            "features that a ReLU has left": plain | dict(C=6, H=4, W=3, sign=1),
            "features below zero": plain | dict(C=2, H=4, W=3, sign=-1),
            "a map of large values, and one of small values": [
                plain | dict(H=4, percent=20_000),
                plain | dict(H=4, percent=1),
            ],
            "a map in which all numbers are equal, beside one in which they are not": [
                plain | dict(H=3, W=4),
                plain | dict(H=3, W=4, constant=1),
                plain | dict(H=3, W=4, constant=2),
            ],
        },
        shrink=dict(C=(1, 7), H=(1, 6), W=(1, 6), classes=(1, 8), class_idx=(0, 6)),
        where=lambda classes, class_idx, **_: class_idx < classes,
        extras=[
            plain | dict(H=4, W=6, percent=10_000),
            plain | dict(C=1, H=4),
            plain | dict(H=1, W=6, sign=1),
            plain | dict(W=1, sign=-1),
        ],
    )
