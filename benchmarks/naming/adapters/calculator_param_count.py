"""``conv_params(input_channels, output_channels, kernel_height, kernel_width)``, with a bias."""

from typing import Any

theirs: Any = None


def conv_param_count(c_in: int, c_out: int, k_h: int, k_w: int, bias: bool = True) -> Any:
    """Return the number of parameters of a convolution layer."""
    return theirs(c_in, c_out, k_h, k_w) - (0 if bias else c_out)
