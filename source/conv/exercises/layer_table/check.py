"""The hidden test of layer_table."""

import random

import torch
from shared.networks import numbers_of
from torch import nn

from autograder.checks import check, probe
from solutions.conv import lenet as reference

EVAL, TRAIN, FROZEN = "eval", "train", "train, batch norm in eval"


def make(draw, kind, mode=TRAIN):
    shape = draw.integer(1, 5), 2 * draw.integer(3, 6), 2 * draw.integer(4, 7)
    most = 4 if draw.is_readable else 40  # channels
    return kind, shape, draw.integer(0, 1 << 30), mode, most


@probe
def look(layer_table, kind, input_shape, key, mode, most):
    luck = random.Random(key)  # it decides what the network is made of
    C, H, W = input_shape
    a, b, c = luck.randint(2, most), luck.randint(2, most), luck.randint(2, most)

    def plain():
        return luck.choice([nn.ReLU, nn.Tanh, nn.Sigmoid, nn.ELU, nn.GELU, nn.SiLU])()

    class Scale(nn.Module):
        def forward(self, x):
            return 2 * x

    Scale.__name__ = f"Scale{luck.randint(2, 999)}"

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(a * (H // 2) * (W // 2), b)
            self.never = nn.Linear(c, 2)
            self.body = nn.Sequential(
                nn.Sequential(nn.Conv2d(C, a, 3, padding=1, bias=False), nn.BatchNorm2d(a)),
                Scale(),
            )
            self.pool = nn.MaxPool2d(2)
            self.again = plain()
            self.norm = nn.BatchNorm1d(b, affine=False)
            self.drop = nn.Dropout(0.5)

        def forward(self, x):
            x = self.pool(self.again(self.body(x)))
            return self.drop(self.norm(self.again(self.head(x.flatten(1)))))

    torch.default_generator.manual_seed(key)
    if kind == "in a row":
        stride = luck.randint(1, 3)
        layers = [nn.Conv2d(C, a, 3, stride=stride), plain(), nn.Conv2d(a, b, (1, 2)), nn.Flatten()]
        model = nn.Sequential(*layers)
    elif kind == "in containers":
        inner = nn.Sequential(nn.Conv2d(C, a, (1, 3)), plain())
        model = nn.Sequential(nn.Sequential(inner, nn.Conv2d(a, b, 1)), nn.AvgPool2d(2), Scale())
    elif kind == "many":  # their names, put in order as texts: 0, 1, 10, 11, 2, ...
        layers, wide = [], C
        for _ in range(luck.randint(6, 8)):
            wider = luck.randint(2, min(most, 20))
            layers += [nn.Conv2d(wide, wider, 1), plain()]
            wide = wider
        model = nn.Sequential(*layers)
    else:
        model = Net()
    model.train(mode != EVAL)
    if mode == FROZEN:
        for module in model.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                module.eval()
    for parameter in model.parameters():
        parameter.requires_grad_(luck.random() < 0.5)
        parameter.grad = torch.randn_like(parameter)
    rows = layer_table(model, input_shape)
    recording = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    plain_rows = [
        (str(name), tuple(shape), None if weight is None else tuple(weight))
        for name, shape, weight in rows
    ]
    gradients = [p.grad.double().flatten() for p in model.parameters() if p.grad is not None]
    return {
        "the table": plain_rows,
        "the modes of the modules afterwards": [m.training for m in model.modules()],
        "the model's state and gradients afterwards": torch.cat([numbers_of(model), *gradients]),
        "which parameters ask for gradients": [p.requires_grad for p in model.parameters()],
        "the number of hooks left": sum(len(m._forward_hooks) for m in model.modules())
        + sum(len(m._forward_pre_hooks) for m in model.modules()),
        "are gradients recorded afterwards": recording,
    }


NET = """\
class Scale(nn.Module):
    def forward(self, x):
        return 2 * x


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear({a} * {h} * {w}, {b})
        self.never = nn.Linear({c}, 2)
        convolution = nn.Conv2d({C}, {a}, 3, padding=1, bias=False)
        self.body = nn.Sequential(nn.Sequential(convolution, nn.BatchNorm2d({a})), Scale())
        self.pool = nn.MaxPool2d(2)
        self.again = nn.{plain}()
        self.norm = nn.BatchNorm1d({b}, affine=False)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        x = self.pool(self.again(self.body(x)))
        return self.drop(self.norm(self.again(self.head(x.flatten(1)))))


model = Model()"""


def written(kind, input_shape, key, mode, most):
    luck = random.Random(key)  # makes the same choices as the probe
    C, H, W = input_shape
    a, b, c = luck.randint(2, most), luck.randint(2, most), luck.randint(2, most)
    luck.randint(2, 999)
    names = ["ReLU", "Tanh", "Sigmoid", "ELU", "GELU", "SiLU"]
    if kind == "in a row":
        first = f"nn.Conv2d({C}, {a}, 3, stride={luck.randint(1, 3)}), nn.{luck.choice(names)}()"
        lines = [f"model = nn.Sequential({first}, nn.Conv2d({a}, {b}, (1, 2)), nn.Flatten())"]
    elif kind == "in containers":
        inner = f"nn.Sequential(nn.Conv2d({C}, {a}, (1, 3)), nn.{luck.choice(names)}())"
        outer = f"nn.Sequential({inner}, nn.Conv2d({a}, {b}, 1))"
        lines = [f"model = nn.Sequential({outer}, nn.AvgPool2d(2), nn.Identity())"]
    elif kind == "many":
        layers, wide = [], C
        for _ in range(luck.randint(6, 8)):
            wider = luck.randint(2, min(most, 20))
            layers.append(f"    nn.Conv2d({wide}, {wider}, 1), nn.{luck.choice(names)}(),")
            wide = wider
        lines = ["model = nn.Sequential(", *layers, ")"]
    else:
        sizes = dict(a=a, b=b, c=c, C=C, h=H // 2, w=W // 2)
        lines = [NET.format(plain=luck.choice(names), **sizes)]
    lines.append(f"model.train({mode != EVAL})")
    if mode == FROZEN:
        lines.append("model.body[0][1].eval(), model.norm.eval()")
    return "\n".join([*lines, f"layer_table(model, {input_shape})"])


def test(layer_table):
    return check(
        layer_table,
        reference.layer_table,
        make,
        groups={
            "layers in a row": dict(kind="in a row"),
            "containers inside containers": dict(kind="in containers"),
            "modules that run twice, never, and in another order": dict(
                kind="in another order", mode=EVAL
            ),
            "a network in training mode": dict(kind="in another order", mode=TRAIN),
            "a network in training mode whose batch norm is frozen": dict(
                kind="in another order", mode=FROZEN
            ),
            "more than ten layers": dict(kind="many", mode=EVAL),
        },
        extras=None,
        use=look,
        snippet=written,
    )
