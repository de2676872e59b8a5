"""The hidden test of BatchNorm."""

import torch

from autograder.checks import assignments, check, probe
from solutions.conv import normalization as reference


def make(
    draw, task, N, C, H=0, W=0, eps=1e-5, momentum=0.1, double=False, layout="", by_place=False
):
    shape = (N, C, H, W) if H else (N, C)
    wide = torch.float64 if double else torch.float32
    scale = draw.uniform(1, 3, C).view(1, C, *[1] * (len(shape) - 2))
    shift = 2 * draw.tensor(C).view(scale.shape)
    batches = draw.integer(3, 9) if task == "count" else 3
    xs = [(draw.tensor(*shape) * scale + shift).to(wide) for _ in range(batches)]
    if layout == "channels first":
        xs = [x.transpose(0, 1).contiguous().transpose(0, 1) for x in xs]
    if layout == "every second number":
        xs = [torch.stack([x + 1, x], dim=-1)[..., 1] for x in xs]
    if draw.is_readable:
        xs = [draw.tensor(*shape).to(x.dtype) for x in xs]
    weight, bias = draw.uniform(0.5, 2, C).to(wide), draw.tensor(C).to(wide)
    mean, var = draw.tensor(C).to(wide), draw.uniform(0.5, 4, C).to(wide)
    if draw.is_readable:
        weight, var = draw.tensor(C).to(wide), (draw.uniform(0.5, 2, C) ** 2).to(wide)
    dout, counted = draw.tensor(*shape).to(wide), draw.integer(1, 1_000_000)
    return C, eps, momentum, by_place, task, xs, dout, weight, bias, mean, var, counted


@probe
def tried(BatchNorm, C, eps, momentum, by_place, task, xs, dout, weight, bias, mean, var, counted):
    import copy

    import torch
    from torch import nn

    def numbers(layer):
        return {name: value.detach().clone() for name, value in layer.state_dict().items()}

    kind = nn.BatchNorm1d if xs[0].dim() == 2 else nn.BatchNorm2d
    if task == "fresh":
        layer = BatchNorm(C)
        found = {
            "the names of its parameters": sorted(n for n, _ in layer.named_parameters()),
            "the names of its buffers": sorted(n for n, _ in layer.named_buffers()),
            "num_batches_tracked": int(layer.state_dict()["num_batches_tracked"]),
        }
        state = numbers(layer)
        shapes = {f"the shape of {name}": tuple(state[name].shape) for name in state}
        del state["num_batches_tracked"]
        return found | shapes | state | {"its first output": layer(xs[0]).detach()}

    if task == "left out":
        layer = BatchNorm(C).to(xs[0].dtype)
    elif by_place:
        layer = BatchNorm(C, eps, momentum).to(xs[0].dtype)
    else:
        layer = BatchNorm(C, eps=eps, momentum=momentum).to(xs[0].dtype)
    state = {
        "weight": weight, "bias": bias, "running_mean": mean, "running_var": var,
        "num_batches_tracked": torch.tensor(counted),
    }  # fmt: skip
    if task == "exchange":
        twin = kind(C, eps=eps, momentum=momentum).to(xs[0].dtype)
        twin.load_state_dict(state)
        layer.load_state_dict(twin.state_dict(), strict=True)
        layer(xs[1])
        twin.load_state_dict(layer.state_dict(), strict=True)
        after = {f"{name} in PyTorch's layer": v for name, v in numbers(twin).items()}
        after["the count in PyTorch's layer"] = int(twin.num_batches_tracked)
        del after["num_batches_tracked in PyTorch's layer"]
        return after

    with torch.no_grad():
        for name, value in layer.state_dict().items():
            value.copy_(state[name])

    if task == "eval output":
        layer.eval()
        return {
            "the output in eval mode": layer(xs[0]).detach(),
            "the output for one sample in eval mode": layer(xs[1][:1]).detach(),
        }
    if task == "eval leaves":
        layer.eval()
        outs = [layer(x).detach() for x in xs]
        after = numbers(layer)
        after["num_batches_tracked"] = int(after["num_batches_tracked"])
        found = {f"{name} after use in eval mode": value for name, value in after.items()}
        return found | {"the last output in eval mode": outs[-1]}
    if task == "eval gradient":
        layer.eval()
        x = xs[0].clone().requires_grad_()
        layer(x).backward(dout)
        names = dict(layer.named_parameters())
        return {
            "the gradient of x in eval mode": x.grad,
            "the gradient of weight in eval mode": names["weight"].grad,
            "the gradient of bias in eval mode": names["bias"].grad,
        }
    if task == "train output":
        return {"the output in training mode": layer(xs[0]).detach()}
    if task == "train gradient":
        x = xs[0].clone().requires_grad_()
        layer(x).backward(dout)
        names = dict(layer.named_parameters())
        return {
            "the gradient of x": x.grad,
            "the gradient of weight": names["weight"].grad,
            "the gradient of bias": names["bias"].grad,
        }
    if task == "left out":
        layer(xs[0])
        return {
            "running_mean after one batch, with its own momentum": numbers(layer)["running_mean"]
        }
    if task in ("running_mean", "running_var"):
        for x in xs:
            layer(x)
        return {f"{task} after three batches": numbers(layer)[task]}
    if task == "count":
        for x in xs:
            layer(x)
        return {
            f"num_batches_tracked after {len(xs)} more batches": int(
                numbers(layer)["num_batches_tracked"]
            )
        }
    if task == "graph":
        for x in xs:
            layer(x.clone().requires_grad_()).backward(dout)
        buffers = dict(layer.named_buffers())
        copy.deepcopy(layer)
        return {name: buffers[name] for name in ("running_mean", "running_var")}
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)  # the task is training
    for x in xs:
        optimizer.zero_grad()
        (layer(x) * dout).mean().backward()
        optimizer.step()
    layer.eval()
    return {"the output in eval mode after three training steps": layer(xs[0]).detach()}


@tried.reading
def look(found, C, eps, momentum, by_place, task, *_):
    if task == "train output":
        (output,) = found.values()
        return found | {"its dtype": str(output.dtype)}
    if task == "graph":
        mean = {"running_mean after three passes and their gradients": found["running_mean"]}
        return mean | {
            f"does {name} ask for gradients": value.requires_grad for name, value in found.items()
        }
    return found


BATCHES = """\
for x in (x1, x2, x3):
    layer(x)
"""
LINES = {
    "exchange": """\
twin = nn.{kind}({C})
twin.load_state_dict(layer.state_dict())
layer.load_state_dict(twin.state_dict())
layer(x2)
twin.load_state_dict(layer.state_dict())
twin.state_dict()""",
    "train output": "layer(x1)",
    "train gradient": """\
x1.requires_grad_()
layer(x1).backward(dout)
x1.grad, layer.weight.grad, layer.bias.grad""",
    "running_mean": BATCHES + "layer.running_mean",
    "running_var": BATCHES + "layer.running_var",
    "count": BATCHES + "layer.num_batches_tracked",
    "graph": """\
for x in (x1, x2, x3):
    layer(x.requires_grad_()).backward(dout)
layer.running_mean.requires_grad, layer.running_var.requires_grad""",
    "training": """\
optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
for x in (x1, x2, x3):
    optimizer.zero_grad()
    (layer(x) * dout).mean().backward()
    optimizer.step()
layer.eval()(x1)""",
    "eval output": """\
layer.eval()
layer(x1), layer(x2[:1])""",
    "eval leaves": "layer.eval()\n" + BATCHES + "layer.state_dict()",
    "eval gradient": """\
layer.eval()
x1.requires_grad_()
layer(x1).backward(dout)
x1.grad, layer.weight.grad, layer.bias.grad""",
    "left out": """\
layer(x1)
layer.running_mean""",
}


def written(C, eps, momentum, by_place, task, xs, dout, weight, bias, mean, var, counted):
    if task == "fresh":
        return f"{assignments(x=xs[0])}\nlayer = BatchNorm({C})\nlayer.state_dict(), layer(x)"
    lines = LINES[task].format(C=C, kind="BatchNorm1d" if xs[0].dim() == 2 else "BatchNorm2d")
    inputs = {f"x{k + 1}": x for k, x in enumerate(xs[:3])} | {"dout": dout}
    used = {name: value for name, value in inputs.items() if name in lines}
    how = f", {eps}, {momentum}" if by_place else f", eps={eps}, momentum={momentum}"
    kind = ".double()" if xs[0].dtype == torch.float64 else ""
    state = dict(weight=weight, bias=bias, running_mean=mean, running_var=var)
    return (
        f"{assignments(**used)}\n"
        f"layer = BatchNorm({C}{how if task != 'left out' else ''}){kind}\n"
        f"{assignments(**state)}\n"
        'state = {"weight": weight, "bias": bias, "running_mean": running_mean,\n'
        '         "running_var": running_var, "num_batches_tracked": '
        f"torch.tensor({counted})}}\n"
        f"layer.load_state_dict(state)\n{lines}"
    )


def task(name, **sizes):
    return dict(task=name, **sizes)


def fits(N, H=0, W=0, **_):
    """Whether a channel has a variance."""
    return N * max(H, 1) * max(W, 1) > 1


flat, deep = dict(N=6, C=3), dict(N=2, C=3, H=4, W=5)


def test(BatchNorm):
    return check(
        BatchNorm,
        reference.BatchNorm,
        make,
        groups={
            "a fresh layer: its parameters and buffers": task("fresh", **flat),
            "its state_dict into PyTorch's layer and back": [
                task("exchange", **flat),
                task("exchange", **deep),
            ],
            "training: the output for (N, C)": [
                task("train output", **flat),
                task("train output", N=4, C=4),
            ],
            "training: the output for (N, C, H, W)": [
                task("train output", **deep),
                task("train output", N=3, C=3, H=3, W=3),
                task("train output", **deep, eps=0.5),
            ],
            "training: gradients": [
                task("train gradient", **flat),
                task("train gradient", **deep),
            ],
            "training: running_mean": [
                task("running_mean", **flat),
                task("running_mean", **deep, momentum=0.3),
            ],
            "eps and momentum by their place": [
                task("train output", **flat, eps=0.5, momentum=0.3, by_place=True),
                task("running_mean", **deep, eps=0.5, momentum=0.3, by_place=True),
            ],
            "eps and momentum left out": task("left out", **flat),
            "training: running_var of (N, C)": task("running_var", **flat, momentum=0.3),
            "training: running_var of (N, C, H, W)": [
                task("running_var", **deep),
                task("running_var", N=2, C=2, H=1, W=3, eps=0.5),
            ],
            "training: the count of batches": task("count", **deep),
            "training: the running statistics carry no graph": [
                task("graph", **flat),
                task("graph", **deep),
            ],
            "three training steps, then eval mode": [
                task("training", **flat),
                task("training", **deep),
            ],
            "eval mode: the output, of a batch and of one sample": [
                task("eval output", **flat),
                task("eval output", **deep, eps=0.5),
            ],
            "eval mode: the running statistics stay": task("eval leaves", **deep),
            "eval mode: gradients": [
                task("eval gradient", **flat),
                task("eval gradient", **deep),
            ],
            "float64, and inputs that are not contiguous": [
                task("train output", **deep, double=True),
                task("running_var", **deep, double=True),
                task("train output", **deep, layout="channels first"),
                task("running_var", **deep, layout="every second number"),
                task("eval output", **deep, layout="channels first"),
                task("eval output", **flat, layout="every second number"),
            ],
        },
        shrink=dict(N=(1, 6), C=(1, 4), H=(1, 4), W=(1, 5)),
        where=fits,
        extras=None,
        left_alone=True,
        forbid="convolution",
        use=look,
        snippet=written,
    )
