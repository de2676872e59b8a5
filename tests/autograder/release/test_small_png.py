from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from autograder.release.small_png import small_png
from tests.courses.pictures import noise, png_of

RED = (220, 20, 30)


def smooth() -> np.ndarray:
    """A picture with many colours, and a small red mark."""
    row, column = np.mgrid[:300, :400]
    pixels = np.stack([row * 255 // 300, column * 255 // 400, (row + column) % 256], axis=-1)
    pixels = (pixels + np.random.default_rng(0).integers(0, 9, pixels.shape)).clip(0, 255)
    pixels[100:110, 100:110] = RED
    return pixels.astype(np.uint8)


def opened(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_a_small_figure_keeps_its_bytes() -> None:
    data = png_of(noise(10, 10))
    found = small_png(data, 1000)
    assert found is not None
    assert (found.data, found.width, found.height, found.is_scaled) == (data, 10, 10, False)


def test_a_figure_gets_fewer_colours_before_it_gets_fewer_pixels() -> None:
    pixels = smooth()
    found = small_png(png_of(pixels), 60_000)
    assert found is not None and len(found.data) <= 60_000 < len(png_of(pixels))
    assert not found.is_scaled
    seen = opened(found.data)
    assert np.abs(seen - pixels).mean() < 10
    assert np.abs(seen[105, 105] - RED).max() < 20


def test_a_figure_that_is_scaled_is_shown_in_its_own_size() -> None:
    found = small_png(png_of(noise(200, 300)), 20_000)
    assert found is not None and found.is_scaled and len(found.data) <= 20_000
    assert (found.width, found.height) == (300, 200)
    assert opened(found.data).shape[1] < 300


def test_transparent_pixels_become_white() -> None:
    pixels = np.dstack([noise(200, 200), np.zeros((200, 200), np.uint8)])
    found = small_png(png_of(pixels), 5_000)
    assert found is not None and opened(found.data).min() == 255


@pytest.mark.parametrize("data", [b"", b"GIF89a", png_of(noise(9, 9))[:60]])
def test_bytes_that_are_no_picture_are_left_out(data: bytes) -> None:
    assert small_png(data, 1000) is None


def test_a_figure_that_cannot_fit_is_left_out() -> None:
    assert small_png(png_of(noise(400, 400)), 500) is None
