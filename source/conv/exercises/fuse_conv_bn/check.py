"""The hidden test of fuse_conv_bn."""

import torch
from shared.networks import kinds_of
from torch import nn

from autograder.checks import assignments, check, probe
from solutions.conv import normalization as reference

OPTIONS = {
    "none": dict(),
    "no bias": dict(bias=False),
    "stride": dict(stride=2, padding=1),
    "uneven": dict(stride=(1, 2), padding=(0, 1)),
    "groups": dict(groups=2),
    "depthwise": dict(groups=4, bias=False),
    "dilation": dict(dilation=2),
}
PLAIN, NO_BIAS, STRIDE, UNEVEN, GROUPS, DEPTHWISE, DILATION = OPTIONS


def make(
    draw, C_in, C_out, K_W, option, affine=1, eps=1e-5, training=1, double=0, learn=0, N=2, H=7,
    W=8, K_H=3,
):  # fmt: skip
    kernel, options = (K_H, K_W), OPTIONS[option]
    wide = torch.float64 if double else torch.float32
    weight = draw.tensor(C_out, C_in // options.get("groups", 1), *kernel).to(wide)
    bias = draw.tensor(C_out).to(wide) if options.get("bias", True) else None
    gamma = draw.uniform(0.5, 2, C_out).to(wide) if affine else None
    beta = draw.tensor(C_out).to(wide) if affine else None
    mean, var = draw.tensor(C_out).to(wide), draw.uniform(0.5, 4, C_out).to(wide)
    x = draw.tensor(N, C_in, H, W).to(wide)
    return (
        C_in, C_out, kernel, options, weight, bias, eps, gamma, beta, mean, var, bool(training), x,
        bool(learn),
    )  # fmt: skip


@probe
def fused(
    fuse, C_in, C_out, kernel, options, weight, bias, eps, gamma, beta, mean, var, training, x,
    learn,
):  # fmt: skip
    conv = nn.Conv2d(C_in, C_out, kernel, **options).to(x.dtype)
    bn = nn.BatchNorm2d(C_out, eps=eps, affine=gamma is not None).to(x.dtype)
    with torch.no_grad():
        for place, value in [
            (conv.weight, weight), (conv.bias, bias), (bn.weight, gamma), (bn.bias, beta),
            (bn.running_mean, mean), (bn.running_var, var),
        ]:  # fmt: skip
            if value is not None:
                place.copy_(value)
    conv.train(training)
    bn.train(training)

    def state():
        named = [*conv.state_dict(), "of bn", *bn.state_dict(), str(conv), str(bn)]
        values = [*conv.state_dict().values(), *bn.state_dict().values()]
        return named, [value.detach().clone() for value in values]

    before = state()
    layer = fuse(conv, bn)
    after = state()
    learning = [p.requires_grad for p in (*conv.parameters(), *bn.parameters())]
    kinds = kinds_of(layer)
    with torch.no_grad():
        output = layer.eval()(x)
    return kinds, layer is conv, before, after, learning, [conv.training, bn.training], output


@fused.reading
def look(raw, *arguments):
    kinds, is_conv, before, after, learning, modes, output = raw
    same = before[0] == after[0] and all(map(torch.equal, before[1], after[1]))
    found = {
        "is it an nn.Conv2d": "Conv2d" in kinds,
        "is it a layer of its own": not is_conv,
        "the output": output,
        "the output's dtype": str(output.dtype),
        "are conv and bn left alone": same,
        "the numbers in conv and bn": after[1],
        "the modes of conv and bn": modes,
    }
    learn = arguments[-1]
    return found | {"do conv and bn still learn": all(learning)} if learn else found


def fits(C_in, C_out, K_H, K_W, H, W, option, **_):
    """Whether the groups divide the channels, and the kernel fits."""
    options = OPTIONS[option]
    groups, step = options.get("groups", 1), options.get("dilation", 1)
    divides = C_in % groups == C_out % groups == 0
    return divides and step * (K_H - 1) < H and step * (K_W - 1) < W


def written(
    C_in, C_out, kernel, options, weight, bias, eps, gamma, beta, mean, var, training, x, learn
):  # fmt: skip
    how = "".join(f", {name}={value}" for name, value in options.items())
    kind = ".double()" if x.dtype == torch.float64 else ""
    of_bn = dict(weight=gamma, bias=beta, running_mean=mean, running_var=var)
    copies = [("conv.weight", weight), ("conv.bias", bias)]
    copies += [(f"bn.{name}", value) for name, value in of_bn.items()]
    lines = [
        assignments(x=x),
        f"conv = nn.Conv2d({C_in}, {C_out}, {kernel}{how}){kind}",
        f"bn = nn.BatchNorm2d({C_out}, eps={eps}{'' if gamma is not None else ', affine=False'}){kind}",
        *(
            f"{name}.data[:] = {assignments(n=value)[4:]}"
            for name, value in copies
            if value is not None
        ),
        *([] if training else ["conv.eval(), bn.eval()"]),
        "layer = fuse_conv_bn(conv, bn)",
    ]
    if learn:
        lines.append("[p.requires_grad for p in (*conv.parameters(), *bn.parameters())]")
    else:
        lines.append("layer.eval()(x), bn.eval()(conv(x))  # should be equal")
    return "\n".join(lines)


plain = dict(C_in=3, C_out=4, K_W=3, option=PLAIN)


def test(fuse_conv_bn):
    return check(
        fuse_conv_bn,
        reference.fuse_conv_bn,
        make,
        groups={
            "a convolution with a bias": [plain, plain | dict(C_in=4)],
            "a convolution without a bias": plain | dict(option=NO_BIAS),
            "a batch norm without gamma and beta": [
                plain | dict(affine=0),
                plain | dict(affine=0, option=NO_BIAS),
            ],
            "a large eps": plain | dict(eps=0.5),
            "stride and padding": [
                plain | dict(option=STRIDE),
                plain | dict(K_W=2, option=UNEVEN),
            ],
            "groups and dilation": [
                plain | dict(C_in=4, C_out=6, option=GROUPS),
                plain | dict(C_in=4, C_out=4, option=DEPTHWISE),
                plain | dict(C_in=4, C_out=8, option=DEPTHWISE),
                plain | dict(option=DILATION),
            ],
            "layers that are in eval mode already": plain | dict(training=0),
            "float64": plain | dict(double=1),
            "conv and bn can be trained afterwards": plain | dict(learn=1),
        },
        shrink=dict(
            C_in=(1, 4), C_out=(1, 8), K_H=(1, 3), K_W=(1, 3), N=(1, 2), H=(1, 7), W=(1, 8)
        ),
        where=fits,
        extras=None,
        left_alone=True,
        use=look,
        snippet=written,
    )
