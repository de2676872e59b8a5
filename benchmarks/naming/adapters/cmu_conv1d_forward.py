"""``Conv1d_stride1.forward(A) -> Z``, without stride and padding.

Every ``stride``-th number of the output is taken.
"""

from typing import Any

import numpy as np

from benchmarks.naming.adapters.common import to_numpy, to_tensor

theirs: Any = None
layer: Any = None  # the class of theirs


def conv1d(x: Any, weight: Any, bias: Any = None, stride: int = 1, padding: int = 0) -> Any:
    """Return the output of a convolution layer over sequences."""
    c_out, c_in, k = weight.shape
    conv = layer(c_in, c_out, k)
    conv.W = to_numpy(weight)
    conv.b = np.zeros(c_out) if bias is None else to_numpy(bias)
    out = theirs(conv, np.pad(to_numpy(x), ((0, 0), (0, 0), (padding, padding))))
    return to_tensor(out[:, :, ::stride], x)
