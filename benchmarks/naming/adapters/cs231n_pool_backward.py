"""``max_pool_backward_naive(dout, cache) -> dx``.

The cache is (x, pool_param), unless their forward pass makes another one.
"""

from typing import Any

import numpy as np

from benchmarks.naming.adapters.common import first, same_cache, to_numpy, to_tensor

theirs: Any = None
forward: Any = None


def max_pool2d_backward(dout: Any, x: Any, kernel_size: int, stride: int | None = None) -> Any:
    """Return dx, the gradient of a loss with respect to the input of max_pool2d."""
    stride = kernel_size if stride is None else stride
    param = {"pool_height": kernel_size, "pool_width": kernel_size, "stride": stride}
    small = np.ones((1, 1, 4, 4)), {"pool_height": 2, "pool_width": 2, "stride": 2}
    given = to_numpy(x), param
    cache = given if same_cache(forward, small) else forward(*given)[1]
    return to_tensor(first(theirs(to_numpy(dout), cache)), x)
