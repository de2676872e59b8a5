"""``Conv.backward(dout, cache) -> dx, dw, db`` on tensors, with the cache of their forward pass."""

from typing import Any

import torch

theirs: Any = None
forward: Any = None


def conv2d_backward(dout: Any, x: Any, weight: Any, stride: int = 1, padding: int = 0) -> Any:
    """Return (dx, dweight, dbias), the gradients of a loss through conv2d."""
    b = torch.zeros(len(weight), dtype=x.dtype, device=x.device)
    given = x, weight, b, {"stride": stride, "pad": padding}
    try:
        made = forward(*given)[1]
    except Exception:  # the forward pass is missing or raises
        made = None
    return theirs(dout, given if made is None else made)
