"""``Conv2d_stride1.forward(A) -> Z``, for square kernels, without stride and padding.

A kernel that is not square is filled up with zeros, and the images with it. Every ``stride``-th
number of the output is taken.
"""

from typing import Any

import numpy as np

from benchmarks.naming.adapters.common import to_numpy, to_tensor

theirs: Any = None
layer: Any = None  # the class of theirs


def conv2d(x: Any, weight: Any, bias: Any = None, stride: int = 1, padding: int = 0) -> Any:
    """Return the output of a convolution layer."""
    c_out, c_in, k_h, k_w = weight.shape
    k = max(k_h, k_w)
    conv = layer(c_in, c_out, k)
    conv.W = np.pad(to_numpy(weight), ((0, 0), (0, 0), (0, k - k_h), (0, k - k_w)))
    conv.b = np.zeros(c_out) if bias is None else to_numpy(bias)
    more = ((0, 0), (0, 0), (padding, padding + k - k_h), (padding, padding + k - k_w))
    out = theirs(conv, np.pad(to_numpy(x), more))
    return to_tensor(out[:, :, ::stride, ::stride], x)
