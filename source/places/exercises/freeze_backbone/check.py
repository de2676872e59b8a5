"""The hidden test of freeze_backbone."""

import torch

from autograder.checks import check, probe
from solutions.places import resnet as reference


@probe
def look(freeze_backbone, ask, kind, x, y, key):
    import torch
    from torch import nn

    class Squeeze(nn.Module):  # a block with a submodule of the head's name
        def __init__(self, C):
            super().__init__()
            self.conv = nn.Conv2d(C, C, 3, padding=1, bias=False)
            self.norms = nn.ModuleDict({"first": nn.BatchNorm2d(C)})
            self.fc = nn.Linear(C, C)
            self.bn = nn.BatchNorm1d(C)

        def forward(self, x):
            out = self.norms["first"](self.conv(x))
            gate = torch.sigmoid(self.bn(self.fc(out.mean((2, 3)))))
            return torch.relu(x + out * gate[:, :, None, None])

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(3, 4, 3, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(4)
            if kind != 1:
                layer = [nn.Conv2d(4, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU()]
            else:
                layer = [Squeeze(4), nn.Sequential(Squeeze(4))]
                self.scale = nn.Parameter(torch.ones(4, 1, 1))
                self.fc_norm = nn.BatchNorm1d(4)
            self.layer1 = nn.Sequential(*layer)
            self.fc = nn.Linear(4, 3)
            if kind == 2:
                self.fc = nn.Sequential(nn.BatchNorm1d(4), nn.Dropout(), nn.Linear(4, 3))

        def forward(self, x):
            x = self.layer1(torch.relu(self.bn1(self.conv1(x))))
            x = x.mean((2, 3)) if kind != 1 else self.fc_norm((self.scale * x).mean((2, 3)))
            return self.fc(x)

    torch.default_generator.manual_seed(key)
    model, other = Net().double(), Net().double()
    model.train()(x)  # statistics of its own
    freeze_backbone(model)
    asks = sorted(name for name, p in model.named_parameters() if p.requires_grad)
    found = {"what asks for gradients": asks}
    if ask == "state":
        return found | {f"{name} afterwards": v.clone() for name, v in model.state_dict().items()}
    if ask == "at once":
        model(x - 1)  # model.train() was not called since
        return {f"{n} after a forward pass": v.clone() for n, v in model.state_dict().items()}
    if kind == 2:
        on = [layer.training for layer in model.train().fc]
        off = [layer.training for layer in model.eval().fc]
        model.train()
        model(x)
        return found | {
            "are the head's layers in training mode after model.train()": on,
            "are the head's layers in training mode after model.eval()": off,
            "the statistics of the head's batch norm": model.fc[0].running_mean.clone(),
        }
    if ask == "modes":
        same = model.train() is model and model.eval() is model
        flags = [model.train().training, model.eval().training]
        return found | {
            "do train() and eval() return the model": same,
            "model.training after train() and eval()": flags,
            "the output in eval mode": model(x + 1).detach(),
        }
    if ask == "outputs":
        model.train()
        model(x - 1)
        in_training = model(x + 1).detach()
        model.eval()
        return {
            "the output in training mode": in_training,
            "the output in eval mode": model(x + 1).detach(),
        }
    if ask == "another":
        other.train()(x)
        return found | {
            "another model's running_mean": other.state_dict()["bn1.running_mean"].clone(),
            "does another model ask for gradients": all(
                p.requires_grad for p in other.parameters()
            ),
            "the output in eval mode": model.eval()(x).detach(),
        }
    sgd = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
    for _ in range(2):  # epochs
        model.train()
        for k in range(2):
            loss = nn.functional.cross_entropy(model(x + k), y)
            sgd.zero_grad()
            loss.backward()
            sgd.step()
        model.eval()
    state = model.state_dict()
    if ask == "head":
        return {"fc.weight after training": state["fc.weight"].clone()}
    return {f"{name} after training": v.clone() for name, v in state.items() if name[:3] != "fc."}


STATE, AT_ONCE, TRAINING, OUTPUTS = "state", "at once", "training", "outputs"
HEAD, MODES, ANOTHER = "head", "modes", "another"


def make(draw, ask, kind):
    N, H, W = (3, 2, 3) if draw.is_readable else (6, 5, 4)
    x, y = draw.tensor(N, 3, H, W).double(), torch.arange(N) % 3
    return ask, kind, x, y, draw.integer(0, 1 << 30)


NET = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.layer1 = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU())
        self.fc = {head}

    def forward(self, x):
        return self.fc(self.layer1(torch.relu(self.bn1(self.conv1(x)))).mean((2, 3)))


x = torch.randn({N}, 3, {H}, {W})
model = Net()
model.train()(x)"""
LINES = {
    STATE: "[name for name, p in model.named_parameters() if p.requires_grad]",
    AT_ONCE: "before = model.bn1.running_mean.clone()\nmodel(x - 1)\nbefore, model.bn1.running_mean",
    TRAINING: """\
before = {{name: value.clone() for name, value in model.state_dict().items()}}
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
for _ in range(2):
    model.train()
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x), torch.arange({N}) % 3).backward()
    optimizer.step()
{{name: (before[name], value) for name, value in model.state_dict().items()}}""",
    OUTPUTS: "model.train()(x), model.eval()(x)  # should be equal",
    MODES: "model.train() is model, model.training, model.eval() is model, model.training",
    ANOTHER: "other = Net()\nother.train()(x), [p.requires_grad for p in other.parameters()]",
}


def written(ask, kind, x, y, key):
    N, _, H, W = x.shape
    head = "nn.Linear(4, 3)"
    if kind == 2:
        head = f"nn.Sequential(nn.BatchNorm1d(4), nn.Dropout(), {head})"
    net = NET.format(head=head, N=N, H=H, W=W)
    if kind == 1:  # names that look like the head's
        net = net.replace("model.train()", "model.layer1[1].fc = nn.Linear(4, 4)\nmodel.train()")
    lines = LINES[TRAINING if ask == HEAD else ask].format(N=N)
    return f"{net}\nfreeze_backbone(model)\n{lines}"


def test(freeze_backbone):
    return check(
        freeze_backbone,
        reference.freeze_backbone,
        make,
        groups={
            "what asks for gradients": dict(ask=STATE, kind=0),
            "frozen at once, before any call of train()": dict(ask=AT_ONCE, kind=0),
            "what training changes, over two epochs": dict(ask=TRAINING, kind=0),
            "outputs in training mode are those of eval mode": dict(ask=OUTPUTS, kind=0),
            "the head learns": dict(ask=HEAD, kind=0),
            "train() and eval() still do their work": dict(ask=MODES, kind=0),
            "another model of the same class is not affected": dict(ask=ANOTHER, kind=0),
            "a head with a batch norm and dropout": dict(ask=TRAINING, kind=2),
            "a deeper network: what asks for gradients": dict(ask=STATE, kind=1),
            "a deeper network: what training changes": dict(ask=TRAINING, kind=1),
            "a deeper network: outputs in training mode": dict(ask=OUTPUTS, kind=1),
        },
        extras=None,
        use=look,
        snippet=written,
    )
