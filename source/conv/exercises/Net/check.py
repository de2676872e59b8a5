"""The hidden test of Net."""

import torch
from shared.memory_order import column_by_column, part_of_larger

from autograder.checks import check, probe
from solutions.conv import lenet as reference


def make(draw, N, training=0, dropout=0, backward=0, order=0, left=0):
    x, key = draw.uniform(0, 1, N, 1, 28, 28), draw.integer(0, 1 << 30)
    modes = bool(training), bool(dropout), bool(backward), bool(left)
    return x, key, *modes, ["rows", "columns", "a part"][order]


@probe
def look(Net, x, key, training, dropout, backward, left, order):
    if order == "columns":
        x = column_by_column(x)
    if order == "a part":
        x = part_of_larger(x)
    torch.default_generator.manual_seed(key)
    model = Net()
    state = model.state_dict()
    found = {
        "the names and shapes of its state": sorted((k, tuple(v.shape)) for k, v in state.items())
    }
    generator = torch.Generator().manual_seed(key)
    for name, values in sorted(state.items()):
        if values.is_floating_point():
            drawn = torch.rand(values.shape, generator=generator)
            fan = max(values[0].numel(), 16) if values.dim() else 16
            values.copy_(drawn + 0.5 if "var" in name else (drawn - 0.4) * 2 / fan**0.5)
    model.load_state_dict(state)
    model.train(training)
    if dropout:
        sizes = []
        model.dropout1.register_forward_hook(lambda _, i, o: sizes.append(i[0][0].numel()))
        found["what is dropped out"] = type(model.dropout1).__name__
        found["dropout's probability"] = float(model.dropout1.p)
        model(x.clone())
        found["the numbers an image that go through dropout1"] = sizes
    model.dropout1.p = 0.0
    out = model(x)
    found["the output with given weights"] = out.detach()
    if left:
        found["the images afterwards"] = x
    if training:
        found["the running means"] = torch.cat(
            [model.conv1_bn.running_mean, model.conv2_bn.running_mean, model.fc1_bn.running_mean]
        ).clone()
    if backward:
        (out * torch.randn(out.shape, generator=generator)).sum().backward()
        pairs = sorted(model.named_parameters())
        norms = [0.0 if p.grad is None else float(p.grad.norm()) for n, p in pairs if "fc2" in n]
        found["the norms of fc2's gradients"] = torch.tensor(norms)
    return found


def written(x, key, training, dropout, backward, left, order):
    lines = [
        f"torch.manual_seed({key})",
        f"x = torch.rand({len(x)}, 1, 28, 28)",
        f"model = Net().{'train' if training else 'eval'}()",
    ]
    if order == "columns":
        lines[1] += ".mT.contiguous().mT  # column by column in memory"
    if order == "a part":
        lines[1] = (
            f"x = torch.rand({len(x)}, 2, 32, 30)[:, 1:, 2:30, 1:29]  # a part of larger images"
        )
    if dropout:
        lines += [
            "model.dropout1.register_forward_hook(lambda layer, given, out: print(given[0].shape))",
            "print(model.dropout1)",
            "model(x)",
        ]
    else:
        shapes = "{name: tuple(value.shape) for name, value in model.state_dict().items()}"
        lines += [shapes, "model.dropout1.p = 0.0"]
    if left:
        lines += ["before = x.clone()", "model(x)", "x.equal(before)"]
    elif not dropout:
        lines.append("model(x)")
    if training and not dropout and not left:
        lines.append("model.conv1_bn.running_mean, model.fc1_bn.running_mean")
    return "\n".join(lines)


def test(Net):
    return check(
        Net,
        reference.Net,
        make,
        groups={
            "one image, in eval mode": dict(N=1),
            "a batch, in eval mode": dict(N=3),
            "a batch, in training mode": dict(N=4, training=1, backward=1),
            "dropout": dict(N=3, training=1, dropout=1),
            "images in another order in memory": [dict(N=3, order=1), dict(N=2, order=2)],
            "the images are left alone": [dict(N=2, left=1), dict(N=3, training=1, left=1)],
        },
        shrink=dict(N=(1, 4)),
        where=lambda N, training=0, **_: N > 1 or not training,  # for the batch norm of fc1
        extras=None,
        use=look,
        snippet=written,
        rtol=1e-3,
        atol=1e-4,
    )
