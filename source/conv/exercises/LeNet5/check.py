"""The hidden test of LeNet5."""

import torch
from shared.memory_order import column_by_column, part_of_larger
from shared.networks import fill_by_shape

from autograder.checks import check, probe
from solutions.conv import lenet as reference


def make(draw, N, training=0, backward=0, order=0, left=0):
    x, key = draw.uniform(0, 1, N, 1, 28, 28), draw.integer(0, 1 << 30)
    return x, key, bool(training), bool(backward), ["rows", "columns", "a part"][order], bool(left)


@probe
def look(LeNet5, x, key, training, backward, order, left):
    if order == "columns":
        x = column_by_column(x)
    if order == "a part":
        x = part_of_larger(x)
    torch.default_generator.manual_seed(key)
    model = LeNet5()
    model.train(training)
    generator = torch.Generator().manual_seed(key)
    parameters = fill_by_shape(model, generator)
    found = {
        "the list of the parameters' shapes": [tuple(p.shape) for p in parameters],
        "the number of parameters": sum(p.numel() for p in parameters),
    }
    logits = model(x)
    found["the logits with given weights"] = logits.detach()
    if left:
        found["the images afterwards"] = x
    if backward:
        mix = torch.randn(logits.shape, generator=generator)
        (logits * mix).sum().backward()
        norms = [0.0 if p.grad is None else float(p.grad.norm()) for p in parameters]
        found["the norms of the parameters' gradients"] = torch.tensor(norms)
    return found


def written(x, key, training, backward, order, left):
    lines = [
        f"torch.manual_seed({key})",
        f"x = torch.rand({len(x)}, 1, 28, 28)",
        f"model = LeNet5().{'train' if training else 'eval'}()",
        "[tuple(p.shape) for p in model.parameters()]",
    ]
    if order == "columns":
        lines[1] += ".mT.contiguous().mT  # column by column in memory"
    if order == "a part":
        lines[1] = (
            f"x = torch.rand({len(x)}, 2, 32, 30)[:, 1:, 2:30, 1:29]  # a part of larger images"
        )
    if left:
        return "\n".join([*lines, "before = x.clone()", "model(x)", "x.equal(before)"])
    if not backward:
        return "\n".join([*lines, "model(x)"])
    gradients = "[None if p.grad is None else p.grad.norm() for p in model.parameters()]"
    return "\n".join([*lines, "model(x).square().sum().backward()", gradients])


def test(LeNet5):
    return check(
        LeNet5,
        reference.LeNet5,
        make,
        groups={
            "one image": dict(N=1),
            "a batch of images": [dict(N=2), dict(N=5)],
            "in training mode": dict(N=3, training=1),
            "gradients reach every layer": dict(N=2, training=1, backward=1),
            "images in another order in memory": [dict(N=3, order=1), dict(N=2, order=2)],
            "the images are left alone": [dict(N=3, left=1), dict(N=1, training=1, left=1)],
        },
        shrink=dict(N=(1, 3)),
        extras=None,
        use=look,
        snippet=written,
        rtol=1e-3,
        atol=1e-4,
    )
