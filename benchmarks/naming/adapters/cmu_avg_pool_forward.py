"""``MeanPool2d_stride1.forward(A) -> Z``; every ``stride``-th number of it is taken."""

from typing import Any

from benchmarks.naming.adapters.common import to_numpy, to_tensor

theirs: Any = None
layer: Any = None  # the class of theirs


def avg_pool2d(x: Any, kernel_size: int, stride: int | None = None) -> Any:
    """Return the mean of each window."""
    stride = kernel_size if stride is None else stride
    out = theirs(layer(kernel_size), to_numpy(x))
    return to_tensor(out[:, :, ::stride, ::stride], x)
