"""The hidden test of param_groups."""

from autograder.checks import check, probe
from solutions.places import resnet as reference


@probe
def look(param_groups, kind, frozen, backbone_lr, head_lr, key):
    import torch
    from torch import nn

    class Gate(nn.Module):  # a block with a submodule of the head's name
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(4, 4, 1)
            self.fc = nn.Linear(4, 4)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(3, 4, 3, bias=False)
            self.bn1 = nn.BatchNorm2d(4)
            self.layer1 = nn.Sequential(nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4))
            self.fc = nn.Linear(4, 3)
            if kind == 1:  # names that look like the head's; a parameter without a module
                self.layer2 = nn.Sequential(Gate(), Gate())
                self.fc_norm = nn.BatchNorm1d(4)
                self.scale = nn.Parameter(torch.ones(4))
            if kind == 2:  # two names, one layer
                self.layer2 = nn.Sequential(nn.Conv2d(4, 4, 1), self.layer1[0])
            if kind == 3:  # a head of two layers
                self.fc = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))

    torch.default_generator.manual_seed(key)
    model = Net()
    for name, parameter in model.named_parameters():
        off = [
            False,
            not name.startswith("fc."),
            name.startswith(("conv1", "bn1")),
            name[:3] == "fc.",
        ]
        parameter.requires_grad_(not off[frozen])
        parameter.grad = torch.randn_like(parameter)
    for number, module in enumerate(model.modules()):
        module.training = (key >> number) % 2 == 0
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    groups = param_groups(model, backbone_lr, head_lr)
    asks = [p.requires_grad for p in model.parameters()]
    modes = [module.training for module in model.modules()]
    sgd = torch.optim.SGD(groups, lr=123.0)
    found = {"the number of groups": len(sgd.param_groups)}
    for k, group in enumerate(sgd.param_groups[:2]):
        which = ("the backbone", "the head")[k]
        found[f"the parameters in {which}'s group"] = sorted(
            names.get(id(p), "a tensor that is not the model's parameter") for p in group["params"]
        )
        found[f"the learning rate of {which}'s group"] = group["lr"]
    sgd.step()
    for name, value in model.state_dict().items():
        found[f"{name} after a step"] = value.clone()
    return found | {
        "which parameters ask for gradients": asks,
        "the modes of the modules": modes,
    }


def make(draw, kind=0, frozen=0, a=1, b=100):
    rates = a * draw.uniform(0.5, 1.5) / 1000, b * draw.uniform(0.5, 1.5) / 1000
    if draw.is_readable:
        rates = a / 1000, b / 1000
    return kind, frozen, *rates, draw.integer(0, 1 << 30)


NET = """\
model = nn.Module()
model.conv1, model.bn1 = nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4)
model.layer1 = nn.Sequential(nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4))
model.fc = nn.Linear(4, 3)"""
MORE = [
    "",
    "model.layer2 = nn.ModuleDict({'fc': nn.Linear(4, 4)})\nmodel.fc_norm = nn.BatchNorm1d(4)",
    "model.layer2 = nn.Sequential(nn.Conv2d(4, 4, 1), model.layer1[0])",
    "model.fc = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))",
]
FREEZE = [
    "",
    "model.requires_grad_(False)\nmodel.fc.requires_grad_(True)",
    "model.conv1.requires_grad_(False)\nmodel.bn1.requires_grad_(False)",
    "model.fc.requires_grad_(False)",
]


def written(kind, frozen, backbone_lr, head_lr, key):
    lines = [
        NET,
        MORE[kind],
        FREEZE[frozen],
        """\
names = {id(p): name for name, p in model.named_parameters()}""",
    ]
    return "\n".join([line for line in lines if line] + [
        f"groups = param_groups(model, {backbone_lr}, {head_lr})",
        "optimizer = torch.optim.SGD(groups, lr=123.0)",
        "for group in optimizer.param_groups:",
        '    print(group["lr"], [names.get(id(p)) for p in group["params"]])',
    ])  # fmt: skip


def test(param_groups):
    return check(
        param_groups,
        reference.param_groups,
        make,
        groups={
            "nothing frozen": [dict(), dict(a=20, b=5)],
            "a frozen backbone": dict(frozen=1),
            "some of the backbone frozen, the head frozen": [dict(frozen=2), dict(frozen=3)],
            "layers called fc inside the backbone": [dict(kind=1), dict(kind=1, frozen=2)],
            "a layer that is used under two names": dict(kind=2),
            "a head of two layers": dict(kind=3),
        },
        extras=None,
        use=look,
        snippet=written,
    )
