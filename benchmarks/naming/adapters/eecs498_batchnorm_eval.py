"""``BatchNorm.forward(x, gamma, beta, bn_param) -> out, cache`` on tensors, in mode "test"."""

from typing import Any

from benchmarks.naming.adapters.common import first

theirs: Any = None


def batchnorm_eval(
    x: Any, gamma: Any, beta: Any, running_mean: Any, running_var: Any, eps: float = 1e-5
) -> Any:
    """Return x normalised with the running statistics, scaled and shifted."""
    param = {"mode": "test", "eps": eps, "running_mean": running_mean, "running_var": running_var}
    return first(theirs(x, gamma, beta, param))
