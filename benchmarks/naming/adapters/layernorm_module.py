"""A module ``LayerNorm(features, eps)`` whose forward pass takes (N, K, features).

Its parameters are found by their first values: the scale is all ones, the shift all zeros.
"""

from typing import Any

import torch

theirs: Any = None
layer: Any = None  # the class of theirs


def layer_norm(x: Any, gamma: Any, beta: Any, eps: float = 1e-5) -> Any:
    """Return x, each sample normalised with the mean and variance of its own features."""
    norm = layer(x.shape[1], eps).to(x.dtype)
    with torch.no_grad():
        for parameter in norm.parameters():
            parameter.copy_((gamma if parameter.sum() > 0 else beta).reshape(parameter.shape))
        return theirs(norm, x[:, None])[:, 0]
