from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from autograder.checks.drawing import MAX_COLUMNS, MAX_ROWS, Drawing, Table, drawing
from autograder.trials.compare import difference


def drawn(got: torch.Tensor, expected: torch.Tensor, name: str = "the output") -> Drawing:
    found = difference(got, expected, what=name)
    assert found is not None
    made = drawing(found.got, found.expected, found.wrong, found.what)
    assert made is not None
    return made


def texts(table: Table) -> list[list[str]]:
    return [[cell.text + cell.mark for cell in row] for _, row in table.rows]


def grounds(table: Table) -> list[list[str]]:
    return [[cell.ground for cell in row] for _, row in table.rows]


def test_the_difference_has_signs_marks_and_shades_by_size() -> None:
    expected = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    got = expected + torch.tensor([[0.0, 9.0, 3.0], [-9.0, -0.5, 0.0]])
    _, _, gap = drawn(got, expected).tables
    assert texts(gap) == [["0", "+9▲", "+3▲"], ["−9▼", "−0.5▼", "0"]]
    assert grounds(gap) == [["paper", "over3", "over1"], ["under3", "under1", "paper"]]


def test_wrong_numbers_are_marked_in_got_and_values_are_shaded_alike() -> None:
    expected = torch.tensor([0.0, 1.0, 2.0, 3.0])
    got, right, _ = drawn(torch.tensor([0.0, 3.0, 2.0, 3.0]), expected).tables
    assert [cell.is_wrong for cell in got.rows[0][1]] == [False, True, False, False]
    assert grounds(got) == [["paper", "value3", "value2", "value3"]]
    assert grounds(right) == [["paper", "value1", "value2", "value3"]]


def test_of_four_axes_the_slice_with_the_largest_error_is_shown() -> None:
    expected = torch.zeros(2, 3, 2, 2)
    got = expected.clone()
    got[1, 0, 1, 1], got[0, 2, 0, 0] = 5, 1
    made = drawn(got, expected)
    assert made.part == "image 1, channel 0 (2 of 6 such slices are wrong)"
    assert texts(made.tables[2]) == [["0", "0"], ["0", "+5▲"]]
    assert made.tables[0].shape == "2 images, 3 channels, 2 rows, 2 columns"
    assert drawn(got, expected, "dweight").part.startswith("filter 1, channel 0")


def test_of_three_axes_the_slice_has_an_index() -> None:
    expected = torch.zeros(2, 2, 2)
    got = expected.clone()
    got[1] = 1
    assert drawn(got, expected).part == "index [1] (1 of 2 such slices is wrong)"


def test_of_a_large_matrix_the_part_around_the_largest_error_is_shown() -> None:
    expected = torch.zeros(30, 40)
    got = expected.clone()
    got[29, 20], got[0, 0] = 5, 1
    made = drawn(got, expected)
    assert made.part == "rows 22 to 29 of 30, columns 16 to 23 of 40"
    gap = made.tables[2]
    assert [index for index, _ in gap.rows] == list(range(22, 30))
    assert gap.columns == tuple(range(16, 24))
    assert gap.rows[7][1][4].text == "+5"
    assert (len(gap.rows), len(gap.columns)) == (MAX_ROWS, MAX_COLUMNS)


def test_images_of_one_pixel_are_drawn_together() -> None:
    expected = torch.zeros(2, 3, 1, 1)
    got = expected.clone()
    got[1, 2] = 1
    assert texts(drawn(got, expected).tables[2]) == [["0", "0", "0"], ["0", "0", "+1▲"]]


def test_two_shapes_stand_side_by_side_without_a_difference() -> None:
    made = drawn(torch.zeros(1, 1, 2, 1), torch.zeros(1, 1, 3, 3))
    assert [table.title for table in made.tables] == ["got", "expected"]
    assert [table.shape for table in made.tables] == [
        "1 image, 1 channel, 2 rows, 1 column",
        "1 image, 1 channel, 3 rows, 3 columns",
    ]
    assert made.part == ""
    assert drawn(torch.zeros(0), torch.zeros(3)).tables[0].rows == ()
    assert drawn(torch.zeros(2, 3, 4), torch.zeros(2, 3)).part == "the first values of each"


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (torch.tensor([math.nan, 1.0]), torch.tensor([0.0, 1.0])),
        (torch.tensor([math.inf, 1.0]), torch.tensor([0.0, 1.0])),
        (torch.tensor([True, False]), torch.tensor([False, False])),
        (torch.tensor([1 + 2j, 0]), torch.tensor([1 + 1j, 0])),
        (torch.tensor([1.0, 0.0]), torch.tensor([1j, 0])),
    ],
    ids=str,
)
def test_errors_without_a_size_have_a_mark(got: torch.Tensor, expected: torch.Tensor) -> None:
    made = drawn(got, expected)
    assert texts(made.tables[2]) == [["≠", "0"]]
    assert made.legend == [("≠", "wrong", "another value")]


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (1, 2),
        (torch.zeros(()), torch.ones(())),
        (torch.zeros([1] * 7), torch.ones(2)),
        (None, None),
    ],
)
def test_single_numbers_and_odd_values_are_not_drawn(got: Any, expected: Any) -> None:
    assert drawing(got, expected) is None


def test_small_errors_of_float64_are_marked() -> None:
    expected = torch.ones(2, dtype=torch.float64)
    made = drawn(expected + torch.tensor([1e-5, 0.0]), expected)
    assert texts(made.tables[2]) == [["+1e-05▲", "0"]]
    assert made.legend == [("▲", "over2", "too large")]


def test_tables_of_long_numbers_can_scroll() -> None:
    assert drawn(torch.full((2, 5), 1.2345), torch.zeros(2, 5)).tables[0].is_wide
    assert not drawn(torch.ones(2, 2), torch.zeros(2, 2)).tables[0].is_wide


@pytest.mark.parametrize("scale", [1e-300, 1e-7, 1.0, 1e7, 1e300])
def test_errors_of_any_size_have_one_of_the_grounds(scale: float) -> None:
    generator = torch.Generator().manual_seed(1)
    for _ in range(40):
        got = scale * torch.randn(3, 3, generator=generator, dtype=torch.float64)
        wrong = torch.ones(3, 3, dtype=torch.bool)
        made = drawing(got, -got * 0.1, wrong, "the output")
        assert made is not None
        known = {"paper", *(f"{name}{n}" for name in ("value", "over", "under") for n in (1, 2, 3))}
        assert {
            ground for table in made.tables for row in grounds(table) for ground in row
        } <= known
