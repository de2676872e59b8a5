"""``Conv2d_stride1.backward(dLdZ) -> dLdA``, for square kernels, without stride and padding.

A kernel that is not square is filled up with zeros, and the images with it; with a stride, zeros
stand between the numbers of the output's gradient. These zeros are cut off the gradients
again.
"""

from typing import Any

import numpy as np

from benchmarks.naming.adapters.common import to_numpy, to_tensor

theirs: Any = None
layer: Any = None  # the class of theirs


def conv2d_backward(dout: Any, x: Any, weight: Any, stride: int = 1, padding: int = 0) -> Any:
    """Return (dx, dweight, dbias), the gradients of a loss through conv2d."""
    c_out, c_in, k_h, k_w = weight.shape
    k = max(k_h, k_w)
    conv = layer(c_in, c_out, k)
    conv.W = np.pad(to_numpy(weight), ((0, 0), (0, 0), (0, k - k_h), (0, k - k_w)))
    conv.b = np.zeros(c_out)
    more = ((0, 0), (0, 0), (padding, padding + k - k_h), (padding, padding + k - k_w))
    images = np.pad(to_numpy(x), more)
    conv.forward(images)
    n, _, h, w = images.shape
    spread = np.zeros((n, c_out, h - k + 1, w - k + 1), dtype=images.dtype)
    spread[:, :, ::stride, ::stride] = to_numpy(dout)
    dx = theirs(conv, spread)
    dx = dx[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    dw = conv.dLdW[:, :, :k_h, :k_w]
    return to_tensor(dx, x), to_tensor(dw, x), to_tensor(conv.dLdb, x)
