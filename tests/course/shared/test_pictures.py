"""Names and pictures of places."""

from __future__ import annotations

import pytest
import torch

from source.shared.pictures import picture, word


@pytest.mark.parametrize(
    ("name", "words"),
    [("b/beach", "beach"), ("/c/church/outdoor", "church outdoor"), ("i/ice_cream", "ice cream")],
)
def test_a_class_name_reads_as_words(name: str, words: str) -> None:
    assert word(name) == words


def test_a_picture_has_its_colours_last_and_values_from_0_to_1() -> None:
    image = torch.tensor([-1.0, 0.5, 2.0]).view(3, 1, 1).expand(3, 2, 4).requires_grad_()
    shown = picture(image)
    assert shown.shape == (2, 4, 3)
    assert shown[0, 0].tolist() == [0, 0.5, 1]
