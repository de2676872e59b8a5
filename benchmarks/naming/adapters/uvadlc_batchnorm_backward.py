"""``CustomBatchNormManualFunction.backward(ctx, grad_output)`` behind its own forward pass.

Their course lets torch.autograd call it. Here its context is one of ours, as the exercise calls
no autograd.
"""

from typing import Any

import torch

theirs: Any = None
forward: Any = None


class _Context:
    saved_tensors: tuple[Any, ...] = ()
    needs_input_grad = (True, True, True, False)

    def save_for_backward(self, *tensors: Any) -> None:
        self.saved_tensors = tensors


def batchnorm_backward(dout: Any, x: Any, gamma: Any, eps: float = 1e-5) -> Any:
    """Return (dx, dgamma, dbeta), the gradients of a loss through batchnorm_train's output."""
    context = _Context()
    forward(context, x, gamma, torch.zeros_like(gamma), eps)
    found = theirs(context, dout)
    return tuple(found)[:3] if isinstance(found, tuple) else found
