"""The hidden test of evaluate."""

import torch
from shared.batches import batches_of
from shared.memory_order import column_by_column
from shared.networks import numbers_of, place_of_images
from torch import nn

from autograder.checks import assignments, check, probe
from solutions.conv import lenet as reference


def make(draw, N, size, norm=0, training=1, elsewhere=0, order=0, left=0):
    x, y = draw.tensor(N, 4), torch.tensor([draw.integer(0, 2) for _ in range(N)])
    modes = bool(norm), bool(training), bool(elsewhere), bool(order), bool(left)
    return x, y, draw.integer(0, 1 << 30), size, *modes


@probe
def look(evaluate, x, y, key, size, norm, training, elsewhere, order, left):
    seen = []

    class Watched(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm1d(4) if norm else nn.Identity()
            self.drop = nn.Dropout(1.0 if norm else 0.0)
            self.last = nn.Linear(4, 3)

        def forward(self, x):
            off = not (self.training or self.norm.training or self.drop.training)
            seen.append((off, torch.is_grad_enabled()))
            x = self.norm(x)
            return self.last(x) + self.last(self.drop(x) ** 2)

    torch.default_generator.manual_seed(key)
    model = Watched()
    if norm:
        with torch.no_grad():
            model.norm.running_mean.copy_(torch.randn(4))
            model.norm.running_var.copy_(0.2 + 3 * torch.rand(4))
    model.train(training)
    for number, parameter in enumerate(model.parameters()):
        parameter.requires_grad_((key + number) % 2 == 0)  # some ask and some do not
        parameter.grad = torch.randn_like(parameter)
    if order:
        x = column_by_column(x)
    loader = batches_of(x, y, size)
    if elsewhere:
        return place_of_images(model, 3, lambda device: evaluate(model, loader, device))
    try:
        accuracy = evaluate(model, loader, "cpu")
        recording = torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)
    found = {
        "the accuracy": accuracy.detach() if isinstance(accuracy, torch.Tensor) else accuracy,
        "the type of the accuracy": type(accuracy).__name__.replace("float64", "float"),
        "did every batch go through in eval mode": bool(seen) and all(off for off, _ in seen),
        "were gradients recorded": any(on for _, on in seen),
        "model.training afterwards": model.training,
        "the model's state afterwards": numbers_of(model),
        "are gradients recorded again afterwards": recording,
    }
    if left:
        found |= {
            "the images afterwards": x,
            "the labels afterwards": y,
            "which parameters ask for gradients": [p.requires_grad for p in model.parameters()],
            "the model's gradients afterwards": [
                "none" if p.grad is None else p.grad for p in model.parameters()
            ],
        }
    return found


def written(x, y, key, size, norm, training, elsewhere, order, left):
    model = "nn.Linear(4, 3)"
    if norm:
        model = f"nn.Sequential(nn.BatchNorm1d(4), nn.Dropout(0.5), {model})"
    lines = [
        assignments(x=x, y=y),
        f"loader = DataLoader(TensorDataset(x, y), batch_size={size})",
        f"torch.manual_seed({key})",
        f"model = {model}",
    ]
    if norm:
        lines.append("model[0].running_mean[:], model[0].running_var[:] = 1.0, 4.0")
    lines += [
        f"model.train({training})",
        'print(evaluate(model, loader, "cpu"), model.training, torch.is_grad_enabled())',
        "(model.eval()(x).argmax(dim=1) == y).double().mean()  # the accuracy",
    ]
    return "\n".join(lines)


def test(evaluate):
    return check(
        evaluate,
        reference.evaluate,
        make,
        groups={
            "a single batch": [dict(N=40, size=40), dict(N=51, size=60)],
            "batches of one size": [dict(N=24, size=8), dict(N=60, size=20)],
            "a last batch that is smaller": [dict(N=21, size=10), dict(N=43, size=7)],
            "batch norm and dropout": [
                dict(N=30, size=8, norm=1),
                dict(N=51, size=10, norm=1),
            ],
            "a model that was in eval mode": [
                dict(N=37, size=5, norm=1, training=0),
                dict(N=46, size=9, training=0),
            ],
            "data in another order in memory": dict(N=48, size=13, norm=1, order=1),
            "data and model are left alone": [
                dict(N=41, size=9, left=1),
                dict(N=32, size=8, norm=1, training=0, left=1),
            ],
        },
        hints={
            "batches that are not moved to the device do not meet the network on a GPU": dict(
                N=7, size=5, elsewhere=1
            )
        },
        shrink=dict(N=(1, 60), size=(1, 60)),
        extras=None,
        use=look,
        snippet=written,
    )
