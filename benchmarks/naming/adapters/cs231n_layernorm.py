"""``layernorm_forward(x, gamma, beta, ln_param) -> out, cache``."""

from typing import Any

from benchmarks.naming.adapters.common import first, to_numpy, to_tensor

theirs: Any = None


def layer_norm(x: Any, gamma: Any, beta: Any, eps: float = 1e-5) -> Any:
    """Return x, each sample normalised with the mean and variance of its own features."""
    out = first(theirs(to_numpy(x), to_numpy(gamma), to_numpy(beta), {"eps": eps}))
    return to_tensor(out, x)
