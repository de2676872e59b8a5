"""``batchnorm_forward(x, gamma, beta, bn_param) -> out, cache`` in mode "test"."""

from typing import Any

from benchmarks.naming.adapters.common import first, to_numpy, to_tensor

theirs: Any = None


def batchnorm_eval(
    x: Any, gamma: Any, beta: Any, running_mean: Any, running_var: Any, eps: float = 1e-5
) -> Any:
    """Return x normalised with the running statistics, scaled and shifted."""
    param = {
        "mode": "test",
        "eps": eps,
        "running_mean": to_numpy(running_mean),
        "running_var": to_numpy(running_var),
    }
    return to_tensor(first(theirs(to_numpy(x), to_numpy(gamma), to_numpy(beta), param)), x)
