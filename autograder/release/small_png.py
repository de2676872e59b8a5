"""Figures in fewer bytes: fewer colours first, then fewer pixels."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

# Rare colours have to survive, such as one red line in a grey plot: so no median cut.
_PALETTES = (
    (256, Image.Quantize.FASTOCTREE),
    (128, Image.Quantize.MAXCOVERAGE),
    (64, Image.Quantize.MAXCOVERAGE),
)
_QUICK = (64, Image.Quantize.FASTOCTREE)  # tells in a tenth of the time whether a scale can do
_SCALES = (1.0, 0.8, 0.65, 0.5, 0.4, 0.3)


@dataclass(frozen=True)
class SmallPng:
    """The bytes of a PNG, and the size in pixels at which to show it."""

    data: bytes
    width: int
    height: int
    is_scaled: bool


@lru_cache(maxsize=256)  # a release and the test of its freshness ask for the same figures
def small_png(data: bytes, most: int) -> SmallPng | None:
    """The figure in at most ``most`` bytes; None if it does not fit or is no picture.

    The result depends on the bytes and on the version of Pillow only.
    """
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as opened:
            picture = _on_white(opened)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    if len(data) <= most:
        return SmallPng(data, *picture.size, False)
    for scale in _SCALES:
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        scaled = picture if scale == 1.0 else picture.resize(size, Image.Resampling.LANCZOS)
        if len(_encoded(scaled, *_QUICK)) > 1.15 * most:
            continue
        for colours, method in _PALETTES:
            found = _encoded(scaled, colours, method)
            if len(found) <= most:
                return SmallPng(found, *picture.size, scale != 1.0)
    return None


def _on_white(picture: Image.Image) -> Image.Image:
    """The picture without transparency, as a page with a white ground shows it."""
    picture = picture.convert("RGBA")
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture).convert("RGB")


def _encoded(picture: Image.Image, colours: int, method: Image.Quantize) -> bytes:
    file = io.BytesIO()
    few = picture.quantize(colours, method, dither=Image.Dither.NONE)
    few.save(file, "PNG", optimize=True)
    return file.getvalue()
