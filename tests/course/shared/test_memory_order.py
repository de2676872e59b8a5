"""Other orders in memory: the numbers stay."""

from __future__ import annotations

import pytest
import torch

from source.shared.memory_order import colours_last, column_by_column, part_of_larger

IMAGES = torch.rand(2, 3, 5, 4)


@pytest.mark.parametrize("order", [colours_last, column_by_column, part_of_larger])
def test_numbers_stay_and_their_order_in_memory_changes(order: object) -> None:
    found = order(IMAGES)  # type: ignore[operator]
    assert torch.equal(found, IMAGES)
    assert not found.is_contiguous()
    assert found.data_ptr() != IMAGES.data_ptr()


def test_columns_colours_and_larger_images_lie_as_named() -> None:
    assert column_by_column(torch.rand(5, 4)).stride() == (1, 5)
    assert column_by_column(IMAGES).stride()[2:] == (1, 5)
    assert colours_last(IMAGES[0]).stride() == (1, 12, 3)
    assert colours_last(IMAGES).stride()[1] == 1
    assert part_of_larger(IMAGES).stride() == (280, 70, 7, 1)
