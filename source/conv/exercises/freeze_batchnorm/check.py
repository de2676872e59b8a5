"""The hidden test of freeze_batchnorm."""

import torch

from autograder.checks import check, probe
from solutions.conv import normalization as reference

TWO_D, ONE_D, THREE_D = "2d", "1d", "3d"
NESTED, OTHERS, LONG = "nested", "others", "long"
SGD, DECAY, ADAMW = "sgd", "decay", "adamw"


def make(draw, kind, optimizer=SGD, before=0):
    return kind, optimizer, before, draw.integer(0, 2**40)


@probe
def trained(freeze, kind, optimizer, before, seed):
    import torch
    from torch import nn

    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.branches = nn.ModuleList(
                [nn.Sequential(nn.Conv2d(2, 3, 1), nn.BatchNorm2d(3)), nn.Conv2d(2, 3, 1)]
            )
            self.norms = nn.ModuleDict({"last": nn.BatchNorm1d(3)})

        def forward(self, x):
            return self.norms["last"](sum(branch(x) for branch in self.branches).mean((2, 3)))

    torch.default_generator.manual_seed(seed)
    images = [2 * torch.randn(4, 2, 4, 4) + 1 for _ in range(4)]
    model = {
        "2d": lambda: nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Flatten()),
        "1d": lambda: nn.Sequential(nn.Flatten(), nn.Linear(32, 3), nn.BatchNorm1d(3)),
        "3d": lambda: nn.Sequential(
            nn.Unflatten(1, (1, 2)), nn.Conv3d(1, 3, (2, 3, 3)), nn.BatchNorm3d(3), nn.Flatten()
        ),
        "nested": Residual,
        "others": lambda: nn.Sequential(
            nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Tanh(),
            nn.InstanceNorm2d(4, eps=0.01, affine=True), nn.Tanh(), nn.Conv2d(4, 4, 1),
            nn.GroupNorm(2, 4), nn.Tanh(), nn.Flatten(), nn.LayerNorm(16), nn.Dropout(0.5),
            nn.Linear(16, 3),
        ),
        "long": lambda: nn.Sequential(
            nn.Conv2d(2, 3, 3), nn.Tanh(), nn.BatchNorm2d(3), nn.Conv2d(3, 3, 1), nn.Tanh(),
            nn.Conv2d(3, 3, 1), nn.Tanh(), nn.Conv2d(3, 3, 1), nn.Tanh(), nn.Conv2d(3, 3, 1),
            nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(12, 3), nn.BatchNorm1d(3),
        ),
    }[kind]()  # fmt: skip
    normed = [
        (name, m) for name, m in model.named_modules() if type(m).__name__.startswith("BatchNorm")
    ]
    for _, layer in normed:
        nn.init.uniform_(layer.weight, 0.5, 2)
        nn.init.normal_(layer.bias)
        nn.init.uniform_(layer.running_mean, -1, 1)
        nn.init.uniform_(layer.running_var, 0.5, 3)
    kept = [
        f"{name}.{k}"
        for name, _ in normed
        for k in ("weight", "bias", "running_mean", "running_var")
    ]

    steppers = {
        "sgd": lambda p: torch.optim.SGD(p, lr=0.02),
        "decay": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, weight_decay=0.1),
        "adamw": lambda p: torch.optim.AdamW(p, lr=0.02, eps=1e-3, weight_decay=0.1),
    }

    def steps(count):
        for k in range(count):
            model.train()
            stepper.zero_grad()
            torch.default_generator.manual_seed(k)
            out = model(images[k % 3])
            nn.functional.huber_loss(out, torch.ones_like(out)).backward()
            stepper.step()

    stepper = steppers[optimizer](model.parameters())
    steps(before)
    start = {name: model.state_dict()[name].clone() for name in kept}
    returned = freeze(model)
    if not before:
        stepper = steppers[optimizer]([p for p in model.parameters() if p.requires_grad])
    found = {"is the model returned": returned is model}
    model.train()
    torch.default_generator.manual_seed(1)
    found["the output right after model.train()"] = model(images[3]).detach()
    steps(3)
    after = model.state_dict()
    frozen = {name: after[name].clone() for name in kept}
    model.train()
    torch.default_generator.manual_seed(2)
    found["the output after three training steps"] = model(images[3]).detach()
    found["is the model in training mode"] = model.training
    for name, value in after.items():
        if name not in kept and not name.endswith("num_batches_tracked"):
            found[f"{name} after three training steps"] = value.clone()
    model.eval()
    found["the output in eval mode"] = model(images[3]).detach()
    return found, start, frozen


@trained.reading
def look(raw, *_):
    found, start, frozen = raw
    unchanged = {}
    for part in ("weight", "bias", "running_mean", "running_var"):
        names = [name for name in start if name.rsplit(".", 1)[1] == part]
        same = [torch.equal(frozen[name], start[name]) for name in names]
        unchanged[f"is every {part} unchanged"] = bool(same) and all(same)
    after = {f"{name} after three training steps": value for name, value in frozen.items()}
    return found | after | unchanged


MODELS = {
    TWO_D: "nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Flatten())",
    ONE_D: "nn.Sequential(nn.Flatten(), nn.Linear(32, 3), nn.BatchNorm1d(3))",
    THREE_D: """\
nn.Sequential(
    nn.Unflatten(1, (1, 2)), nn.Conv3d(1, 3, (2, 3, 3)), nn.BatchNorm3d(3), nn.Flatten()
)""",
    NESTED: """\
nn.Sequential(
    nn.Sequential(nn.Sequential(nn.Conv2d(2, 3, 1), nn.BatchNorm2d(3))),
    nn.Flatten(), nn.Linear(48, 3), nn.Sequential(nn.BatchNorm1d(3)),
)""",
    OTHERS: """\
nn.Sequential(
    nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Tanh(),
    nn.InstanceNorm2d(4, affine=True), nn.Tanh(), nn.GroupNorm(2, 4), nn.Tanh(),
    nn.Flatten(), nn.LayerNorm(16), nn.Dropout(0.5), nn.Linear(16, 3),
)""",
    LONG: """\
nn.Sequential(
    nn.Conv2d(2, 3, 3), nn.Tanh(), nn.BatchNorm2d(3), nn.Conv2d(3, 3, 1), nn.Tanh(),
    nn.Conv2d(3, 3, 1), nn.Tanh(), nn.Conv2d(3, 3, 1), nn.Tanh(), nn.Conv2d(3, 3, 1),
    nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(12, 3), nn.BatchNorm1d(3),
)""",
}
STEPPERS = {
    SGD: "SGD({}, lr=0.02)",
    DECAY: "SGD({}, lr=0.02, momentum=0.9, weight_decay=0.1)",
    ADAMW: "AdamW({}, lr=0.02, weight_decay=0.1)",
}
STEPS = """\
def train(steps):
    for _ in range(steps):
        model.train()
        optimizer.zero_grad()
        (model(torch.randn(4, 2, 4, 4)) - 1).square().mean().backward()
        optimizer.step()"""


def written(kind, optimizer, before, seed):
    parameters = (
        "model.parameters()" if before else "[p for p in model.parameters() if p.requires_grad]"
    )
    stepper = "optimizer = torch.optim." + STEPPERS[optimizer].format(parameters)
    freeze = ["returned = freeze_batchnorm(model)", "before = copy.deepcopy(model.state_dict())"]
    lines = [stepper, f"train({before})", *freeze] if before else [*freeze, stepper]
    return "\n".join([
        f"model = {MODELS[kind]}", STEPS, *lines, "train(3)",
        "returned is model, {n: (before[n], after) for n, after in model.state_dict().items()}",
    ])  # fmt: skip


def test(freeze_batchnorm):
    return check(
        freeze_batchnorm,
        reference.freeze_batchnorm,
        make,
        groups={
            "nn.BatchNorm2d": dict(kind=TWO_D),
            "nn.BatchNorm1d": dict(kind=ONE_D),
            "nn.BatchNorm3d": dict(kind=THREE_D),
            "layers deep inside a model": dict(kind=NESTED),
            "a model of more than ten layers": dict(kind=LONG, before=1),
            "weight decay and momentum": [
                dict(kind=TWO_D, optimizer=DECAY),
                dict(kind=NESTED, optimizer=ADAMW),
            ],
            "a model that has already been trained a little": [
                dict(kind=ONE_D, before=2),
                dict(kind=NESTED, optimizer=DECAY, before=2),
            ],
            "the other layers train as before, dropout and other norms too": [
                dict(kind=OTHERS),
                dict(kind=OTHERS, optimizer=DECAY, before=1),
            ],
        },
        extras=None,
        use=look,
        snippet=written,
        atol=1e-4,
        rtol=1e-3,
    )
