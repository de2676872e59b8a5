"""The hidden test of replace_head."""

import torch

from autograder.checks import check, identical, probe
from solutions.places import resnet as reference


@probe
def look(
    replace_head, ask, width, classes, num_classes, x, key, double, frozen, training, elsewhere
):  # fmt: skip
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(3, width, 3, bias=False)
            self.bn1 = nn.BatchNorm2d(width)
            self.fc = nn.Linear(width, classes)

        def forward(self, x):
            self.features = torch.relu(self.bn1(self.conv1(x))).mean((2, 3))
            return self.fc(self.features)

    torch.default_generator.manual_seed(key)
    model = Net()
    with torch.no_grad():
        for value in model.state_dict().values():
            if value.is_floating_point():
                value.copy_(0.2 + torch.rand(value.shape))
    if double:
        model, x = model.double(), x.double()
    if frozen:
        model.requires_grad_(False)
    else:
        model.bn1.bias.requires_grad_(False)
    for parameter in model.parameters():
        parameter.grad = torch.randn_like(parameter)
    model.train(training)
    if elsewhere:  # a device without numbers, which every machine has
        replace_head(model.to("meta"), num_classes)
        kinds = {p.device.type for p in model.fc.parameters()}
        same = kinds == {"meta"}
        return {"the place of the new fc": "on the model's device" if same else sorted(kinds)}
    old = model.fc.weight.detach().clone()
    returned = replace_head(model, num_classes)
    named = model.named_modules()
    modes = [module.training for name, module in named if name.partition(".")[0] != "fc"]
    state = {name: value.clone() for name, value in model.state_dict().items()}
    rest = [*model.conv1.named_parameters(), *model.bn1.named_parameters()]
    try:
        out = model.eval()(x).detach()
    except RuntimeError:
        out = "none: the layers do not fit"
    fc = getattr(model, "fc", None)
    return {
        "returned": "the model" if returned is model else type(returned).__name__,
        "fc": isinstance(fc, nn.Linear),
        "old": old,
        "state": state,
        "out": out,
        "features": model.features.detach(),
        "modes": modes,
        "head asks": [p.requires_grad for p in fc.parameters()],
        "rest asks": [p.requires_grad for _, p in rest],
        "rest's gradients": [p.grad for _, p in rest],
    }


def make(
    draw, ask, width, classes, num_classes, double=0, frozen=0, training=0, elsewhere=0
):  # fmt: skip
    width, more = width + draw.integer(0, 40), draw.integer(0, 9)
    shape = (2, 3, 5, 4)
    if draw.is_readable:
        width, more, shape = 2, 0, (1, 3, 3, 3)
    sizes = width, classes + more, num_classes + more
    modes = bool(double), bool(frozen), bool(training), bool(elsewhere)
    return ask, *sizes, draw.tensor(*shape), draw.integer(0, 1 << 30), *modes


@look.reading
def look(
    found, ask, width, classes, num_classes, x, key, double, frozen, training, elsewhere
):  # fmt: skip
    if elsewhere:
        return found
    state, out, features = found["state"], found["out"], found["features"]
    weight, bias = state.get("fc.weight"), state.get("fc.bias")
    said = {
        "the numbers that the head gets": features,
        "the shape of the output": out if isinstance(out, str) else tuple(out.shape),
    }
    if ask == 0:
        said["what is returned"] = found["returned"]
    if ask == 1:
        said |= {
            "is fc an nn.Linear": found["fc"],
            "the shape of fc.weight": "none" if weight is None else tuple(weight.shape),
            "the shape of fc.bias": "no bias" if bias is None else tuple(bias.shape),
            "the names in the state_dict": sorted(state),
        }
    if ask == 2:
        said["the dtype of fc"] = "none" if weight is None else str(weight.dtype)
    if ask == 3:
        said["does fc ask for gradients"] = all(found["head asks"])
    if ask == 4 and weight is not None:
        old = found["old"][:num_classes]
        said["are fc's weights new"] = not identical(weight[: len(old)], old)
    if ask == 5:
        for name, value in state.items():
            if not name.startswith("fc."):
                said[f"{name} afterwards"] = value
        said |= {
            "the modes of the modules": found["modes"],
            "what of the rest asks for gradients": found["rest asks"],
            "the gradients of the rest": [
                "none" if one is None else one for one in found["rest's gradients"]
            ],
        }
    if not isinstance(out, str) and weight is not None:
        by_hand = features @ weight.T + (0 if bias is None else bias)
        said["is the output what fc makes of them"] = torch.allclose(out, by_hand, 1e-4, 1e-5)
    return said


LINES = [
    "replace_head(model, {n}) is model, model.fc",
    "replace_head(model, {n})\nmodel.fc.weight.shape, model.fc.bias.shape, list(model.state_dict())",
    "replace_head(model, {n})\nmodel.fc.weight.dtype",
    "replace_head(model, {n})\n[p.requires_grad for p in model.fc.parameters()]",
    "before = model.fc.weight\nreplace_head(model, {n})\nbefore, model.fc.weight",
    """\
before = [(m.training, [p.requires_grad for p in m.parameters()]) for m in (model.conv1, model.bn1)]
replace_head(model, {n})
before, [(m.training, [p.requires_grad for p in m.parameters()]) for m in (model.conv1, model.bn1)]""",
]


def written(
    ask, width, classes, num_classes, x, key, double, frozen, training, elsewhere
):  # fmt: skip
    return "\n".join([
        "model = nn.Module()",
        f"model.conv1 = nn.Conv2d(3, {width}, 3, bias=False)",
        f"model.bn1 = nn.BatchNorm2d({width})",
        f"model.fc = nn.Linear({width}, {classes})",
        *(["model.double()"] if double else []),
        *(["model.requires_grad_(False)"] if frozen else []),
        f"model.train({training})",
        LINES[min(ask, 5)].format(n=num_classes),
    ])  # fmt: skip


def test(replace_head):
    return check(
        replace_head,
        reference.replace_head,
        make,
        groups={
            "the model comes back": dict(ask=0, width=4, classes=5, num_classes=3),
            "fewer classes, more classes": [
                dict(ask=1, width=4, classes=5, num_classes=3),
                dict(ask=1, width=7, classes=3, num_classes=9),
            ],
            "a new head, also for as many classes as before": [
                dict(ask=4, width=6, classes=5, num_classes=5),
                dict(ask=4, width=4, classes=3, num_classes=7),
                dict(ask=4, width=4, classes=5, num_classes=2),
            ],
            "the dtype is kept": dict(ask=2, width=4, classes=5, num_classes=3, double=1),
            "a head that was frozen": dict(ask=3, width=4, classes=5, num_classes=3, frozen=1),
            "the rest stays as it is": [
                dict(ask=5, width=4, classes=5, num_classes=2),
                dict(ask=5, width=4, classes=5, num_classes=2, training=1),
                dict(ask=5, width=4, classes=5, num_classes=2, frozen=1),
            ],
        },
        hints={
            "a new head on another device than its model breaks the next forward pass on a GPU": dict(
                ask=6, width=4, classes=5, num_classes=3, elsewhere=1
            )
        },
        extras=None,
        use=look,
        snippet=written,
    )
