"""``train_step(model, loader, loss_fn, optimizer, device) -> loss`` in any order of arguments.

Each argument is found by its name. Some return more behind the loss.
"""

import inspect
from typing import Any

import torch

from benchmarks.naming.adapters.common import first

theirs: Any = None


def train_one_epoch(model: Any, loader: Any, optimizer: Any, device: Any) -> Any:
    """Return the mean loss of one epoch of training."""
    values = {
        "model": model,
        "load": loader,
        "optim": optimizer,
        "device": device,
        "loss": torch.nn.CrossEntropyLoss(),
        "crit": torch.nn.CrossEntropyLoss(),
    }
    names = list(inspect.signature(theirs).parameters)[:5]
    given = [next(value for word, value in values.items() if word in name) for name in names]
    return first(theirs(*given))
