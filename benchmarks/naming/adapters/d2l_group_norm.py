"""``group_norm(x, gamma, beta, G, eps)`` on tensors, with gamma and beta of shape (1, C, 1, 1)."""

from typing import Any

theirs: Any = None


def group_norm(x: Any, num_groups: int, gamma: Any, beta: Any, eps: float = 1e-5) -> Any:
    """Return x, each group of channels of each image normalised with its own statistics."""
    return theirs(x, gamma.reshape(1, -1, 1, 1), beta.reshape(1, -1, 1, 1), num_groups, eps)
