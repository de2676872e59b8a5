"""``BatchNorm.backward(dout, cache) -> dx, dgamma, dbeta`` on tensors, with their cache."""

from typing import Any

import torch

theirs: Any = None
forward: Any = None


def batchnorm_backward(dout: Any, x: Any, gamma: Any, eps: float = 1e-5) -> Any:
    """Return (dx, dgamma, dbeta), the gradients of a loss through batchnorm_train's output."""
    cache = forward(x, gamma, torch.zeros_like(gamma), {"mode": "train", "eps": eps})[1]
    return theirs(dout, cache)
