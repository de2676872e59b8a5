"""``custom_layer_norm(x, eps)`` on tensors with three axes or more, without scale and shift.

The scale and the shift come here.
"""

from typing import Any

theirs: Any = None


def layer_norm(x: Any, gamma: Any, beta: Any, eps: float = 1e-5) -> Any:
    """Return x, each sample normalised with the mean and variance of its own features."""
    return theirs(x[:, :, None], eps)[:, :, 0] * gamma + beta
