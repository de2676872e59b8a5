"""``instance_normalization(x, gamma, beta, epsilon)`` on arrays."""

from typing import Any

from benchmarks.naming.adapters.common import to_numpy, to_tensor

theirs: Any = None


def instance_norm(x: Any, gamma: Any, beta: Any, eps: float = 1e-5) -> Any:
    """Return x, each channel of each image normalised with its own statistics."""
    g, b = (to_numpy(value).reshape(1, -1, 1, 1) for value in (gamma, beta))
    return to_tensor(theirs(to_numpy(x), g, b, eps), x)
