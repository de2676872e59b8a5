"""``calc_out_size(img_size, kernel, stride, pad)``."""

from typing import Any

theirs: Any = None


def conv_output_size(size: int, kernel: int, padding: int = 0, stride: int = 1) -> Any:
    """Return the size of a convolution's output along one axis."""
    return theirs(size, kernel, stride, padding)
