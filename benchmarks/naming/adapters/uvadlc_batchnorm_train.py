"""``CustomBatchNormManualFunction.forward(ctx, input, gamma, beta, eps) -> out``.

It keeps no running statistics; ours are right.
"""

from typing import Any

theirs: Any = None


class _Context:
    def save_for_backward(self, *tensors: Any) -> None:
        """Keep nothing."""


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
    out = theirs(_Context(), x, gamma, beta, eps)
    mean = (1 - momentum) * running_mean + momentum * x.mean(0)
    var = (1 - momentum) * running_var + momentum * x.var(0)
    return out, mean, var
