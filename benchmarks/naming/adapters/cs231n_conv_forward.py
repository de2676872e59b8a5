"""``conv_forward_naive(x, w, b, conv_param) -> out, cache``."""

from typing import Any

import numpy as np

from benchmarks.naming.adapters.common import first, to_numpy, to_tensor

theirs: Any = None


def conv2d(x: Any, weight: Any, bias: Any = None, stride: int = 1, padding: int = 0) -> Any:
    """Return the output of a convolution layer."""
    b = np.zeros(len(weight), dtype=to_numpy(x).dtype) if bias is None else to_numpy(bias)
    param = {"stride": stride, "pad": padding}
    return to_tensor(first(theirs(to_numpy(x), to_numpy(weight), b, param)), x)
