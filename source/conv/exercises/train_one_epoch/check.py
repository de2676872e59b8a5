"""The hidden test of train_one_epoch."""

import torch
from shared.batches import batches_of
from shared.memory_order import column_by_column
from shared.networks import place_of_images
from torch import nn

from autograder.checks import assignments, check, probe
from solutions.conv import lenet as reference


def make(
    draw, N, size, lr, epochs=1, norm=0, training=1, adam=0, elsewhere=0, order=0, left=0
):  # fmt: skip
    x, y = draw.tensor(N, 4), torch.tensor([draw.integer(0, 2) for _ in range(N)])
    key = draw.integer(0, 1 << 30)
    modes = bool(norm), bool(training), bool(adam), bool(elsewhere), bool(order), bool(left)
    return x, y, key, size, lr / 100, epochs, *modes


@probe
def look(
    train_one_epoch, x, y, key, size, lr, epochs, norm, training, adam, elsewhere, order, left
):  # fmt: skip
    seen = []

    class Watched(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(4, 6)
            self.norm = nn.BatchNorm1d(6) if norm else nn.Identity()
            self.drop = nn.Dropout(1.0 if norm else 0.0)
            self.last = nn.Linear(6, 3)

        def forward(self, x):
            seen.append(self.training and self.norm.training and self.drop.training)
            x = torch.tanh(self.norm(self.first(x)))
            return self.last(x + self.drop(x))

    torch.default_generator.manual_seed(key)
    model = Watched()
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(2)
    model.train(training)
    if order:
        x = column_by_column(x)
    kind = torch.optim.Adam if adam else torch.optim.SGD
    optimizer = kind(model.parameters(), lr=lr)
    loader = batches_of(x, y, size)
    if elsewhere:
        return place_of_images(
            model, 3, lambda device: train_one_epoch(model, loader, optimizer, device)
        )
    losses = [train_one_epoch(model, loader, optimizer, "cpu") for _ in range(epochs)]
    found = {
        "the loss, for each epoch,": [
            one.detach() if isinstance(one, torch.Tensor) else one for one in losses
        ],
        "the weights afterwards": torch.cat([p.detach().flatten() for p in model.parameters()]),
        "the type of the loss": type(losses[0]).__name__.replace("float64", "float"),
        "the modes in which the batches were seen": sorted({bool(mode) for mode in seen}),
    }
    if left:
        found |= {
            "the images afterwards": x,
            "the labels afterwards": y,
            "the optimizer's learning rates afterwards": [g["lr"] for g in optimizer.param_groups],
            "which parameters ask for gradients": [p.requires_grad for p in model.parameters()],
        }
    return found


def written(
    x, y, key, size, lr, epochs, norm, training, adam, elsewhere, order, left
):  # fmt: skip
    middle = "nn.BatchNorm1d(6), nn.Tanh(), nn.Dropout(0.5)" if norm else "nn.Tanh()"
    return "\n".join([
        assignments(x=x, y=y),
        f"loader = DataLoader(TensorDataset(x, y), batch_size={size})",
        f"torch.manual_seed({key})",
        f"model = nn.Sequential(nn.Linear(4, 6), {middle}, nn.Linear(6, 3)).train({training})",
        f"optimizer = torch.optim.{'Adam' if adam else 'SGD'}(model.parameters(), lr={lr})",
        f"for epoch in range({epochs}):",
        '    print(train_one_epoch(model, loader, optimizer, "cpu"), model.training)',
        "list(model.parameters())",
    ])  # fmt: skip


def fits(N, size, norm=0, **_):
    """Whether no batch is too small for batch norm."""
    return not norm or (min(N, size) > 1 and N % size != 1)


def test(train_one_epoch):
    return check(
        train_one_epoch,
        reference.train_one_epoch,
        make,
        groups={
            "a single batch": dict(N=6, size=6, lr=30),
            "batches of one size": dict(N=12, size=4, lr=30),
            "a last batch that is smaller": [
                dict(N=7, size=3, lr=30),
                dict(N=11, size=10, lr=30),
            ],
            "several epochs": dict(N=9, size=4, lr=20, epochs=3),
            "batch norm and dropout, handed over in eval mode": [
                dict(N=10, size=5, lr=20, norm=1, training=0),
                dict(N=11, size=4, lr=20, norm=1, training=0, epochs=2),
            ],
            "another optimizer (Adam)": dict(N=8, size=3, lr=5, epochs=2, adam=1),
            "data in another order in memory": dict(N=8, size=3, lr=20, order=1),
            "what is not trained is left alone": [
                dict(N=7, size=3, lr=20, left=1),
                dict(N=8, size=4, lr=5, epochs=2, adam=1, left=1),
            ],
        },
        hints={
            "batches that are not moved to the device do not meet the network on a GPU": dict(
                N=7, size=4, lr=5, elsewhere=1
            )
        },
        shrink=dict(N=(1, 12), size=(1, 12), epochs=(1, 3)),
        where=fits,
        extras=None,
        use=look,
        snippet=written,
        rtol=1e-3,
        atol=1e-4,
    )
