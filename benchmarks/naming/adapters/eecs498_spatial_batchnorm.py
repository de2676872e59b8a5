"""``SpatialBatchNorm.forward(x, gamma, beta, bn_param) -> out, cache`` on tensors.

A layer of ours keeps gamma, beta and the running statistics; two-dimensional inputs become images
of one pixel. Momentum and the running variance are converted as in eecs498_batchnorm_train. Theirs
calls their class of the same name as ours, which hands such calls on.
"""

from typing import Any

import torch

from benchmarks.naming.adapters.common import first

theirs: Any = None
flat: Any = None  # the BatchNorm that theirs calls


class BatchNorm(torch.nn.Module):
    """Batch normalisation of (N, C) and (N, C, H, W)."""

    running_mean: torch.Tensor
    running_var: torch.Tensor
    num_batches_tracked: torch.Tensor

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(num_features))
        self.bias = torch.nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(*given: Any, **named: Any) -> Any:
        if named or len(given) > 2:  # a call by SpatialBatchNorm
            return flat.forward(*given, **named)
        self, x = given
        images = x if x.ndim == 4 else x[:, :, None, None]
        n = images.numel() // images.shape[1]
        share = (n - 1) / n if self.training else 1
        param = {
            "mode": "train" if self.training else "test",
            "eps": self.eps,
            "momentum": 1 - self.momentum,
            "running_mean": self.running_mean.clone(),
            "running_var": self.running_var * share,
        }
        out = first(theirs(images, self.weight, self.bias, param))
        if self.training:
            with torch.no_grad():
                self.running_mean.copy_(param["running_mean"])
                self.running_var.copy_(param["running_var"] / share)
                self.num_batches_tracked += 1
        return out if x.ndim == 4 else out[:, :, 0, 0]
