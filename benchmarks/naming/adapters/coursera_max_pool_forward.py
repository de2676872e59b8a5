"""``pool_forward(A_prev, hparameters, mode) -> A, cache`` with channels last, mode "max"."""

from typing import Any

import numpy as np

from benchmarks.naming.adapters.common import first, to_numpy, to_tensor

theirs: Any = None


def max_pool2d(x: Any, kernel_size: int, stride: int | None = None) -> Any:
    """Return the largest number of each window."""
    stride = kernel_size if stride is None else stride
    images = to_numpy(x).transpose(0, 2, 3, 1)
    out = first(theirs(images, {"stride": stride, "f": kernel_size}, mode="max"))
    return to_tensor(np.asarray(out).transpose(0, 3, 1, 2), x)
