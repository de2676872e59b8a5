"""``batchnorm_backward(dout, cache) -> dx, dgamma, dbeta``, with the cache of their forward."""

from typing import Any

import numpy as np

from benchmarks.naming.adapters.common import to_numpy, to_tensor

theirs: Any = None
forward: Any = None
other: Any = None  # the function of this name in the other course


def batchnorm_backward(dout: Any, x: Any, gamma: Any = None, eps: float = 1e-5) -> Any:
    """Return (dx, dgamma, dbeta), the gradients of a loss through batchnorm_train's output."""
    if gamma is None:
        return (other or theirs)(dout, x)
    beta = np.zeros(len(gamma), dtype=to_numpy(x).dtype)
    param = {"mode": "train", "eps": eps}
    cache = forward(to_numpy(x), to_numpy(gamma), beta, param)[1]
    found = theirs(to_numpy(dout), cache)
    if not isinstance(found, tuple):
        return found
    return tuple(to_tensor(value, x) for value in found)
