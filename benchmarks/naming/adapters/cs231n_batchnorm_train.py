"""``batchnorm_forward(x, gamma, beta, bn_param) -> out, cache`` in mode "train".

Their momentum is the share of the old statistics, and their running variance takes the biased
variance of the batch. Both are converted, so that a right function of theirs is a right answer.
"""

from typing import Any

from benchmarks.naming.adapters.common import first, to_numpy, to_tensor

theirs: Any = None


def batchnorm_train(
    x: Any,
    gamma: Any,
    beta: Any,
    running_mean: Any,
    running_var: Any,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Return (out, running_mean, running_var): x normalised, and the new running statistics."""
    n = len(x)
    param = {
        "mode": "train",
        "eps": eps,
        "momentum": 1 - momentum,
        "running_mean": to_numpy(running_mean.clone()),
        "running_var": to_numpy(running_var * (n - 1) / n),
    }
    out = first(theirs(to_numpy(x), to_numpy(gamma), to_numpy(beta), param))
    mean, var = param["running_mean"], param["running_var"]
    return to_tensor(out, x), to_tensor(mean, x), to_tensor(var, x) * n / (n - 1)
