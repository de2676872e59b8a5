"""``BatchNorm1d.forward(Z, eval=True) -> BZ``, after one batch in training.

Their layers are always trained first.
"""

from typing import Any

from benchmarks.naming.adapters.common import to_numpy, to_tensor

theirs: Any = None
layer: Any = None  # the class of theirs


def batchnorm_eval(
    x: Any, gamma: Any, beta: Any, running_mean: Any, running_var: Any, eps: float = 1e-5
) -> Any:
    """Return x normalised with the running statistics, scaled and shifted."""
    norm = layer(x.shape[1])
    norm.eps = eps
    norm.BW, norm.Bb = to_numpy(gamma).reshape(1, -1), to_numpy(beta).reshape(1, -1)
    theirs(norm, to_numpy(x.flip(0)) + 1)
    norm.running_M = to_numpy(running_mean).reshape(1, -1)
    norm.running_V = to_numpy(running_var).reshape(1, -1)
    return to_tensor(theirs(norm, to_numpy(x), eval=True), x)
