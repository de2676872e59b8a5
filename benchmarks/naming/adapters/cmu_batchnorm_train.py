"""``BatchNorm1d.forward(Z) -> BZ`` in training; it keeps the statistics in the layer.

Their alpha is the share of the old statistics, and their running variance takes the biased
variance of the batch. Both are converted, so that a right function of theirs is a right answer.
"""

from typing import Any

from benchmarks.naming.adapters.common import to_numpy, to_tensor

theirs: Any = None
layer: Any = None  # the class of theirs


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
    n, features = x.shape
    norm = layer(features, alpha=1 - momentum)
    norm.eps = eps
    norm.BW, norm.Bb = to_numpy(gamma).reshape(1, -1), to_numpy(beta).reshape(1, -1)
    norm.running_M = to_numpy(running_mean.clone()).reshape(1, -1)
    norm.running_V = to_numpy(running_var * (n - 1) / n).reshape(1, -1)
    out = theirs(norm, to_numpy(x))
    mean = to_tensor(norm.running_M, x).reshape(-1)
    var = to_tensor(norm.running_V, x).reshape(-1)
    return to_tensor(out, x), mean, var * n / (n - 1)
