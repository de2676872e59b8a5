"""``MaxPool.backward(dout, cache) -> dx`` on tensors, with the cache of their forward pass."""

from typing import Any

from benchmarks.naming.adapters.common import first

theirs: Any = None
forward: Any = None


def max_pool2d_backward(dout: Any, x: Any, kernel_size: int, stride: int | None = None) -> Any:
    """Return dx, the gradient of a loss with respect to the input of max_pool2d."""
    stride = kernel_size if stride is None else stride
    param = {"pool_height": kernel_size, "pool_width": kernel_size, "stride": stride}
    try:
        made = forward(x, param)[1]
    except Exception:  # the forward pass is missing or raises
        made = None
    return first(theirs(dout, (x, param) if made is None else made))
