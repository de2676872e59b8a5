"""``BatchNorm.forward(x, gamma, beta, bn_param) -> out, cache`` on tensors, in mode "train".

Their momentum is the share of the old statistics, and most running variances take the biased
variance of the batch. Both are converted, so that such a function is a right answer.
"""

from typing import Any

from benchmarks.naming.adapters.common import first

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
        "running_mean": running_mean.clone(),
        "running_var": running_var * (n - 1) / n,
    }
    out = first(theirs(x, gamma, beta, param))
    return out, param["running_mean"], param["running_var"] * n / (n - 1)
