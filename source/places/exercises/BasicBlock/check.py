"""The hidden test of BasicBlock."""

import torch
from shared.memory_order import column_by_column
from shared.networks import fill_by_name

from autograder.checks import assignments, check, probe
from solutions.places import resnet as reference

NAMES, DEFAULT, EVAL, TRAIN = "names", "default stride", "eval", "train"


@probe
def look(BasicBlock, c_in, c_out, stride, mode, x, dout, key):
    block = BasicBlock(c_in, c_out, stride) if mode != DEFAULT else BasicBlock(c_in, c_out)
    state = block.state_dict()
    fill_by_name(state, key)
    if mode == NAMES:  # names and shapes, and what stands under them: weighted sums of all numbers
        found = {f"the shape of {name}": tuple(value.shape) for name, value in state.items()}
        found["how many names there are in the state_dict"] = len(state)
        learnt = sum(p.numel() for p in block.parameters() if p.requires_grad)
        found["how many numbers are learnt"] = learnt
        generator = torch.Generator().manual_seed(key)
        for name, value in sorted(block.state_dict().items()):
            factors = torch.randn(value.shape, generator=generator)
            found[f"the numbers given as {name}, in one"] = (value * factors).sum()
        return found
    block.to(x.dtype)
    if mode == DEFAULT:  # the default stride
        out = block.eval()(x)
        return {"the output's shape": tuple(out.shape), "the output in eval mode": out.detach()}
    if mode == EVAL:
        block.eval()
        given = x.clone()
        return {"the output in eval mode": block(x).detach(), "x afterwards": x, "x": given}
    block.train()
    x = x.clone().requires_grad_()
    out = block(x)
    found = {"the output in training mode": out.detach().clone()}
    out.backward(dout)
    found["the gradient of x"] = x.grad
    for name, parameter in block.named_parameters():
        found[f"the gradient of {name}"] = parameter.grad
    for name, value in block.state_dict().items():
        if "running" in name:
            found[f"{name} after a training pass"] = value.clone()
    return found


def make(draw, c_in, c_out, stride, mode=EVAL, N=2, H=6, W=6, double=0, strided=0):
    x = draw.tensor(N, c_in, H, W)
    if mode == TRAIN or double:  # in float64: a ReLU's kink must not depend on rounding
        x = x.double()
    if strided:
        x = column_by_column(x)
    dout = draw.tensor(N, c_out, (H - 1) // stride + 1, (W - 1) // stride + 1).to(x.dtype)
    return c_in, c_out, stride, mode, x, dout, draw.integer(0, 1 << 30)


def fits(N, stride, mode=EVAL, H=6, W=6, **_):
    """Whether a channel of the output has a variance."""
    return mode != TRAIN or N * ((H - 1) // stride + 1) * ((W - 1) // stride + 1) > 1


def written(c_in, c_out, stride, mode, x, dout, key):
    given = f"{c_in}, {c_out}" if mode == DEFAULT else f"{c_in}, {c_out}, {stride}"
    kind = ".double()" if x.dtype == torch.float64 else ""
    if mode == NAMES:
        lines = ["{name: tuple(value.shape) for name, value in block.state_dict().items()}"]
    elif mode == TRAIN:
        lines = [
            assignments(x=x, dout=dout),
            "x.requires_grad_()",
            "block.train()(x).backward(dout)",
            "x.grad, {name: p.grad for name, p in block.named_parameters()}, block.state_dict()",
        ]
    else:
        lines = [assignments(x=x), "before = x.clone()", "block.eval()(x), x.equal(before)"]
    return "\n".join([
        f"torch.manual_seed({key})", f"block = BasicBlock({given}){kind}", *lines,
    ])  # fmt: skip


def test(BasicBlock):
    return check(
        BasicBlock,
        reference.BasicBlock,
        make,
        groups={
            "names and shapes where the shortcut is x": dict(c_in=5, c_out=5, stride=1, mode=NAMES),
            "names and shapes where it is a convolution": [
                dict(c_in=3, c_out=5, stride=2, mode=NAMES),
                dict(c_in=4, c_out=4, stride=2, mode=NAMES),
                dict(c_in=4, c_out=4, stride=3, mode=NAMES),
                dict(c_in=5, c_out=3, stride=1, mode=NAMES),
            ],
            "the stride is 1 unless given": dict(c_in=2, c_out=2, stride=1, mode=DEFAULT),
            "as many channels out as in": [
                dict(c_in=4, c_out=4, stride=1),
                dict(c_in=3, c_out=3, stride=1, N=1, H=5, W=8),
            ],
            "half the size, twice the channels": dict(c_in=3, c_out=6, stride=2),
            "a stride and sizes that do not divide": [
                dict(c_in=3, c_out=6, stride=2, H=7, W=5),
                dict(c_in=2, c_out=3, stride=3, H=8, W=5),
            ],
            "half the size, as many channels": dict(c_in=4, c_out=4, stride=2, H=8, W=6),
            "other channels, the same size": [
                dict(c_in=3, c_out=5, stride=1, H=5, W=4),
                dict(c_in=5, c_out=2, stride=1, H=4, W=5),
            ],
            "training mode: outputs, gradients, statistics; shortcut x": dict(
                c_in=3, c_out=3, stride=1, mode=TRAIN, N=3, H=5, W=4
            ),
            "training mode: outputs, gradients, statistics; shortcut a convolution": dict(
                c_in=3, c_out=4, stride=2, mode=TRAIN, N=3, H=6, W=5
            ),
            "float64, and x in any order in memory": [
                dict(c_in=3, c_out=4, stride=2, double=1),
                dict(c_in=3, c_out=3, stride=1, strided=1, H=5, W=7),
            ],
        },
        shrink=dict(c_in=(1, 5), c_out=(1, 6), stride=(1, 3), N=(1, 3), H=(1, 8), W=(1, 8)),
        where=fits,
        extras=None,
        use=look,
        snippet=written,
    )
