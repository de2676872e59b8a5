"""``BatchNorm.forward(x, gamma, beta, bn_param) -> out, cache`` on tensors, in mode "train".

For functions whose running variance takes the unbiased variance of the batch, as ours does. Their
momentum is the share of the old statistics.
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
    param = {
        "mode": "train",
        "eps": eps,
        "momentum": 1 - momentum,
        "running_mean": running_mean.clone(),
        "running_var": running_var.clone(),
    }
    out = first(theirs(x, gamma, beta, param))
    return out, param["running_mean"], param["running_var"]
