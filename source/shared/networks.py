"""Networks in the hidden tests: their kinds, weights and gradients, and the place of their images."""

import zlib

import torch
from torch import nn


def kinds_of(layer):
    """The names of a layer's class and of its bases, down to nn.Module."""
    return [kind.__name__ for kind in type(layer).__mro__ if issubclass(kind, nn.Module)]


def numbers_of(model):
    """All numbers of a model's state in one vector (float64)."""
    return torch.cat([value.double().flatten() for value in model.state_dict().values()])


def gradients_of(model):
    """All gradients of a model's parameters in one vector; "none" if there are none."""
    found = [p.grad.flatten() for p in model.parameters() if p.grad is not None]
    return torch.cat(found) if found else "none"


def fill_by_shape(model, generator):
    """Fill a model's parameters with random numbers and return them, in the order of their shapes.

    The numbers do not depend on the names of the parameters.
    """
    parameters = sorted(model.parameters(), key=lambda p: tuple(p.shape))
    with torch.no_grad():
        for p in parameters:
            fan = max(p[0].numel(), 16)
            p.copy_((torch.rand(p.shape, generator=generator) - 0.5) * 5 / fan**0.5)
    return parameters


def fill_by_name(state, key, most=4099):
    """Fill a state_dict with random numbers: equal names and keys give equal numbers.

    A tensor of more than ``most`` numbers repeats them, which is fast.
    """
    for name, value in state.items():
        if not value.is_floating_point():
            continue
        generator = torch.Generator().manual_seed(zlib.crc32(name.encode()) + key)
        n = value.numel()
        fresh = torch.randn(min(n, most), generator=generator)
        if value.dim() > 1:
            fresh = fresh * (2 / value[0].numel()) ** 0.5
        elif name.endswith("running_var"):
            fresh = 0.5 + fresh**2
        elif name.endswith("weight"):
            fresh = 1 + 0.3 * fresh
        else:
            fresh = 0.3 * fresh
        value.copy_(fresh.repeat(-(-n // len(fresh)))[:n].reshape(value.shape))


def place_of_images(model, classes, use):
    """Where a model gets its images when ``use(device)`` runs it on another device.

    The device has no numbers, so that every machine has it. Outputs are random numbers (N, classes)
    that ask for gradients.
    """
    found = []

    def forward(x):
        found.append(x.device.type)
        return torch.rand(len(x), classes, requires_grad=True)

    model.to("meta").forward = forward
    try:
        use("meta")
    except Exception:  # no numbers come back from there, and autocast does not know the place
        pass
    same = set(found) <= {"meta"}
    return {"the place of the images": "on the device" if same else sorted(set(found))}
