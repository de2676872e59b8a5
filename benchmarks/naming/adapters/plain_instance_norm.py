"""``instance_norm(x, eps)`` on tensors, without scale and shift, which come here."""

from typing import Any

theirs: Any = None


def instance_norm(x: Any, gamma: Any, beta: Any, eps: float = 1e-5) -> Any:
    """Return x, each channel of each image normalised with its own statistics."""
    return theirs(x, eps) * gamma.reshape(1, -1, 1, 1) + beta.reshape(1, -1, 1, 1)
