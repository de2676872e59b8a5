"""``Conv.forward(x, w, b, conv_param) -> out, cache`` on tensors."""

from typing import Any

import torch

from benchmarks.naming.adapters.common import first

theirs: Any = None


def conv2d(x: Any, weight: Any, bias: Any = None, stride: int = 1, padding: int = 0) -> Any:
    """Return the output of a convolution layer."""
    b = torch.zeros(len(weight), dtype=x.dtype, device=x.device) if bias is None else bias
    return first(theirs(x, weight, b, {"stride": stride, "pad": padding}))
