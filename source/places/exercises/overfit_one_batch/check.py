"""The hidden test of overfit_one_batch."""

import torch
from shared.memory_order import column_by_column
from torch import nn

from autograder.checks import assignments, check, probe
from solutions.places import train_cnn as reference


def make(draw, N, classes, steps, norm=0, training=1, dropout=0, scale=1, order=0, left=0):
    x = draw.tensor(N, 5).double() * scale
    labels = torch.tensor([draw.integer(0, classes - 1) for _ in range(N)])
    modes = bool(norm), bool(training), bool(dropout), bool(order), bool(left)
    return x, labels, classes, steps, draw.integer(0, 1 << 30), *modes


@probe
def look(
    overfit_one_batch, x, labels, classes, steps, key, norm, training, dropout, order, left
):  # fmt: skip
    torch.default_generator.manual_seed(key)
    model = nn.Sequential(
        nn.Linear(5, 16),
        nn.BatchNorm1d(16) if norm else nn.Identity(),
        nn.Tanh(),
        nn.Dropout(1.0 if dropout else 0.0),
        nn.Linear(16, classes),
    ).double()
    modes = []
    model[0].register_forward_hook(lambda layer, args, out: modes.append(layer.training))
    model.train(training)
    if order:
        x = column_by_column(x)
    losses = overfit_one_batch(model, (x, labels), steps)
    found = {
        "the number of losses": len(losses),
        "the type of a loss": type(losses[0]).__name__.replace("float64", "float"),
        "the losses": torch.stack([torch.as_tensor(loss).detach().double() for loss in losses]),
        "was it all in training mode": bool(modes) and all(modes),
    }
    if steps <= 6:
        found["the weights afterwards"] = torch.cat(
            [p.detach().flatten() for p in model.parameters()]
        )
    if norm and steps <= 6:
        found["the running mean of the batch norm"] = model[1].running_mean.clone()
    if left:
        found |= {
            "the images afterwards": x,
            "the labels afterwards": labels,
            "which parameters ask for gradients": [p.requires_grad for p in model.parameters()],
        }
    return found


@look.reading
def look(found, x, labels, classes, steps, key, norm, training, dropout, order, left):
    losses = found["the losses"]
    said = found | {"the losses": losses[:6]}  # later ones hang on the last digit of these
    if steps > 30:
        known = bool(losses[-1] < 0.1 * losses[0])
        said["is the batch known by heart in the end"] = known
    return said


def written(
    x, labels, classes, steps, key, norm, training, dropout, order, left
):  # fmt: skip
    layers = ["nn.Linear(5, 16)", "nn.Tanh()", f"nn.Linear(16, {classes})"]
    if norm:
        layers.insert(1, "nn.BatchNorm1d(16)")
    if dropout:
        layers.insert(-1, "nn.Dropout(0.5)")
    return "\n".join([
        assignments(x=x, labels=labels),
        f"torch.manual_seed({key})",
        f"model = nn.Sequential({', '.join(layers)}).double().train({training})",
        f"losses = overfit_one_batch(model, (x, labels), {steps})",
        "losses, model.training",
    ])  # fmt: skip


def test(overfit_one_batch):
    return check(
        overfit_one_batch,
        reference.overfit_one_batch,
        make,
        groups={
            "a few steps": dict(N=8, classes=3, steps=4),
            "a single step": dict(N=5, classes=3, steps=1),
            "a larger batch": dict(N=30, classes=4, steps=5),
            "images of large numbers": dict(N=12, classes=3, steps=6, scale=30),
            "many steps, until it is known by heart": dict(N=8, classes=3, steps=150),
            "batch norm": [
                dict(N=9, classes=3, steps=3, norm=1),
                dict(N=9, classes=3, steps=3, norm=1, training=0),
            ],
            "dropout, handed over in eval mode": dict(
                N=9, classes=3, steps=3, dropout=1, training=0
            ),
            "images in another order in memory": dict(N=7, classes=3, steps=3, order=1),
            "the batch is left alone": dict(N=7, classes=3, steps=4, left=1),
        },
        shrink=dict(N=(1, 30), classes=(2, 4), steps=(1, 6)),
        where=lambda N, norm=0, **_: N > 1 or not norm,
        extras=None,
        use=look,
        snippet=written,
        rtol=1e-5,
        atol=1e-6,
    )
