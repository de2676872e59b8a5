"""Tensors with equal numbers in another order in memory, for the hidden tests."""

import torch


def column_by_column(x):
    """A copy of x whose last two axes lie column by column in memory."""
    return x.transpose(-1, -2).contiguous().transpose(-1, -2)


def part_of_larger(x):
    """A copy of images x (N, C, H, W) as a part of larger ones."""
    H, W = x.shape[2:]
    return torch.nn.functional.pad(x, (2, 1, 3, 2, 1, 0))[:, 1:, 3 : 3 + H, 2 : 2 + W]


def colours_last(x):
    """A copy of images x (..., C, H, W) with the colours side by side, as in a picture file."""
    return x.movedim(-3, -1).contiguous().movedim(-1, -3)
