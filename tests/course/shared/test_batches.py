"""Batches that are parts of the data."""

from __future__ import annotations

import torch

from source.shared.batches import batches_of


def test_batches_are_parts_of_the_data_and_the_last_is_smaller() -> None:
    x, y = torch.arange(10.0).view(5, 2), torch.arange(5)
    batches = list(batches_of(x, y, 2))
    assert [labels.tolist() for _, labels in batches] == [[0, 1], [2, 3], [4]]
    for images, _ in batches:
        images.zero_()
    assert not x.any()
