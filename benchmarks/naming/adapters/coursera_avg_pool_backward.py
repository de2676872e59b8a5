"""``pool_backward(dA, cache, mode) -> dA_prev`` with channels last, mode "average"."""

from typing import Any

import numpy as np

from benchmarks.naming.adapters.common import to_numpy, to_tensor

theirs: Any = None


def avg_pool2d_backward(dout: Any, x: Any, kernel_size: int, stride: int | None = None) -> Any:
    """Return dx, the gradient of a loss with respect to the input of avg_pool2d."""
    stride = kernel_size if stride is None else stride
    images = to_numpy(x).transpose(0, 2, 3, 1)
    cache = images, {"stride": stride, "f": kernel_size}
    dx = theirs(to_numpy(dout).transpose(0, 2, 3, 1), cache, mode="average")
    return to_tensor(np.asarray(dx).transpose(0, 3, 1, 2), x)
