"""``custom_group_norm(x, groups, eps)`` on tensors, without scale and shift, which come here."""

from typing import Any

theirs: Any = None


def group_norm(x: Any, num_groups: int, gamma: Any, beta: Any, eps: float = 1e-5) -> Any:
    """Return x, each group of channels of each image normalised with its own statistics."""
    return theirs(x, num_groups, eps) * gamma.reshape(1, -1, 1, 1) + beta.reshape(1, -1, 1, 1)
