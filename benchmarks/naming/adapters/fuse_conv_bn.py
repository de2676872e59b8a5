"""``fuse_conv_and_bn(conv, bn) -> Conv2d`` in eval mode, called without gradients as they do."""

from typing import Any

import torch

theirs: Any = None


def fuse_conv_bn(conv: Any, bn: Any) -> Any:
    """Return one convolution that equals conv and then bn in eval mode."""
    with torch.no_grad():
        return theirs(conv, bn)
