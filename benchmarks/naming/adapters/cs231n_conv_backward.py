"""``conv_backward_naive(dout, cache) -> dx, dw, db``.

The cache is (x, w, b, conv_param), unless their forward pass makes another one.
"""

from typing import Any

import numpy as np

from benchmarks.naming.adapters.common import same_cache, to_numpy, to_tensor

theirs: Any = None
forward: Any = None


def conv2d_backward(dout: Any, x: Any, weight: Any, stride: int = 1, padding: int = 0) -> Any:
    """Return (dx, dweight, dbias), the gradients of a loss through conv2d."""
    b = np.zeros(len(weight), dtype=to_numpy(x).dtype)
    given = to_numpy(x), to_numpy(weight), b, {"stride": stride, "pad": padding}
    small = np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3)), np.ones(1), {"stride": 1, "pad": 1}
    cache = given if same_cache(forward, small) else forward(*given)[1]
    found = theirs(to_numpy(dout), cache)
    if not isinstance(found, tuple):
        return found
    return tuple(to_tensor(value, x) for value in found)
