"""Tensors as tables of numbers."""

from __future__ import annotations

from dataclasses import dataclass

import torch

MAX_SHOWN_VALUES = 64
_MAX_CELLS = 12


@dataclass(frozen=True)
class Picture:
    """A tensor as tables of numbers, each with a mark: it is wrong."""

    title: str
    shape: tuple[int, ...]
    tables: list[list[list[tuple[str, bool]]]]


def pictures_of(got: torch.Tensor, expected: torch.Tensor) -> list[Picture]:
    """Got and expected, to stand side by side; cells of ``got`` that differ are marked."""
    if max(got.numel(), expected.numel()) > MAX_SHOWN_VALUES:
        return []
    wrong = None
    if got.shape == expected.shape:
        a, b = got.detach(), expected.detach()
        wide = torch.promote_types(torch.promote_types(a.dtype, b.dtype), torch.float64)
        wrong = ~torch.isclose(a.to(wide), b.to(wide), rtol=1e-4, atol=1e-5)
    return [_picture("got", got, wrong), _picture("expected", expected, None)]


def _picture(title: str, value: torch.Tensor, wrong: torch.Tensor | None) -> Picture:
    shape = tuple(value.shape)
    rows, columns = (shape[-2], shape[-1]) if len(shape) > 1 else (1, value.numel())
    if rows > _MAX_CELLS or columns > _MAX_CELLS or value.numel() == 0:
        return Picture(title, shape, [])
    slices = value.detach().reshape(-1, rows, columns)
    marks = (
        wrong.reshape(-1, rows, columns)
        if wrong is not None
        else torch.zeros(slices.shape, dtype=torch.bool)
    )
    tables = [_table(one, mark) for one, mark in zip(slices, marks, strict=True)]
    return Picture(title, shape, tables)


def _table(values: torch.Tensor, marks: torch.Tensor) -> list[list[tuple[str, bool]]]:
    return [
        [(f"{number:.4g}", bad) for number, bad in zip(row, mark, strict=True)]
        for row, mark in zip(values.tolist(), marks.tolist(), strict=True)
    ]
