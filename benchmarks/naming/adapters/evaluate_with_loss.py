"""``test_step(model, dataloader, loss_fn, device) -> loss, accuracy``.

Their course does not ask to restore ``model.training``, nor for a float; both is done here.
"""

from typing import Any

import torch

theirs: Any = None


def evaluate(model: Any, loader: Any, device: Any) -> Any:
    """Return the accuracy on all images of a loader, between 0 and 1."""
    training = model.training
    try:
        found = theirs(model, loader, torch.nn.CrossEntropyLoss(), device)[1]
        return found.item() if isinstance(found, torch.Tensor) else found
    finally:
        model.train(training)
