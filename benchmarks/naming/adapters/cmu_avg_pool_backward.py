"""``MeanPool2d_stride1.backward(dLdZ) -> dLdA``.

With a stride, zeros stand between the numbers of the output's gradient.
"""

from typing import Any

import numpy as np

from benchmarks.naming.adapters.common import to_numpy, to_tensor

theirs: Any = None
layer: Any = None  # the class of theirs


def avg_pool2d_backward(dout: Any, x: Any, kernel_size: int, stride: int | None = None) -> Any:
    """Return dx, the gradient of a loss with respect to the input of avg_pool2d."""
    stride = kernel_size if stride is None else stride
    pool = layer(kernel_size)
    pool.forward(to_numpy(x))
    n, c, h, w = x.shape
    spread = np.zeros((n, c, h - kernel_size + 1, w - kernel_size + 1), to_numpy(x).dtype)
    spread[:, :, ::stride, ::stride] = to_numpy(dout)
    return to_tensor(theirs(pool, spread), x)
