"""The hidden test of save_checkpoint."""

import torch

from autograder.checks import check, identical, probe
from solutions.places import train_cnn as reference

KINDS = [
    ("SGD", dict(lr=0.1)),
    ("SGD", dict(lr=0.1, momentum=0.9)),
    ("SGD", dict(lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.01)),
    ("Adam", dict(lr=0.01)),
    ("Adam", dict(lr=0.02, betas=(0.7, 0.9), weight_decay=0.1)),
    ("Adam", dict(lr=0.01, amsgrad=True)),
]
PLAIN, ODD, DEEP = "plain", "odd", "deep"  # networks


def make(draw, kind, task, steps, stop, net=PLAIN, double=0):
    batches = draw.tensor(steps, 6, 2, 5, 5)
    batches = batches.double() if double else batches
    labels = torch.tensor([[draw.integer(0, 2) for _ in range(6)] for _ in range(steps)])
    name, options = KINDS[kind]
    options = options | {"lr": options["lr"] * draw.uniform(0.6, 1.4)}
    seed = draw.integer(0, 1 << 30)
    return (name, options), task, batches, labels, stop, net, seed


@probe
def look(save_checkpoint, kind, task, batches, labels, stop, net, seed):
    import gzip
    import io
    import pickletools
    import sys
    import tempfile
    import zipfile
    from pathlib import Path

    import torch
    from torch import nn
    from torch.nn import functional as F

    load_checkpoint = getattr(save_checkpoint, "__globals__", None)
    if load_checkpoint is None:
        load_checkpoint = vars(sys.modules[save_checkpoint.__module__])
    load_checkpoint = load_checkpoint["load_checkpoint"]

    class Odd(nn.Module):
        """A scale without a dimension, half of it frozen, a buffer of whole numbers."""

        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(2, 4, 3)
            self.norm = nn.BatchNorm2d(4)
            self.scale = nn.Parameter(torch.tensor(1.5))
            self.frozen = nn.Parameter(torch.randn(9)[4:7], requires_grad=False)
            self.register_buffer("seen", torch.tensor([0, 7]))
            self.head = nn.Linear(4, 3)

        def forward(self, x):
            if self.training:
                self.seen += len(x)
            x = torch.tanh(self.norm(self.conv(x))).mean(dim=(2, 3)) * self.scale
            return self.head(x) + self.frozen * (self.seen[0] % 5)

    class Deep(nn.Module):
        """Fourteen layers whose weights all have one shape: 0, 1, 10, 11, 2, ... as texts."""

        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(*[nn.Linear(5, 5, bias=False) for _ in range(14)])
            self.head = nn.Linear(50, 3)

        def forward(self, x):
            for layer in self.layers:
                x = x + torch.tanh(layer(x))
            return self.head(x.flatten(1))

    def fresh(seed):
        torch.default_generator.manual_seed(seed)
        if net == "odd":
            model = Odd()
        elif net == "deep":
            model = Deep()
        else:
            model = nn.Sequential(
                nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(36, 3)
            )
        model.to(batches.dtype)
        name, options = kind
        parts = [list(part.parameters()) for part in model.children()]
        groups = [{"params": sum(parts[:1], [])}, {"params": sum(parts[1:], [])}]
        if net == "odd":
            groups[1]["params"] += [model.scale, model.frozen]
            groups[1]["lr"] = options["lr"] * 0.5
        return model, getattr(torch.optim, name)(
            groups if net == "odd" else model.parameters(), **options
        )

    def train(model, optimizer, steps):
        losses = []
        for step in steps:
            for group in optimizer.param_groups:
                group["lr"] *= 0.8
            loss = F.cross_entropy(model(batches[step]), labels[step])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    def numbers(model, optimizer):
        found = [v.detach().clone().double().flatten() for v in model.state_dict().values()]
        state = optimizer.state_dict()
        for entries in state["state"].values():
            found += [
                v.detach().clone().double().flatten()
                for v in entries.values()
                if isinstance(v, torch.Tensor)
            ]
        found.append(torch.tensor([g["lr"] for g in state["param_groups"]], dtype=torch.float64))
        return torch.cat(found)

    def a_pickle(data):
        """Whether there is a pickle in these bytes: as a whole, in a zip, or in a numpy array."""
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as file:
                return any(a_pickle(file.read(name)) for name in file.namelist())
        if data[:6] == b"\x93NUMPY":
            return b"'|O'" in data[:200]
        if data[:2] == b"\x1f\x8b":
            return a_pickle(gzip.decompress(data))
        try:
            names = [code.name for code, _, _ in pickletools.genops(io.BytesIO(data))]
        except Exception:
            return False
        return len(names) > (2 if data[:1] == b"\x80" else 10)

    def loaded(path):
        """The numbers of a network made anew, after loading."""
        twin, other = fresh(seed + 20)
        load_checkpoint(path, twin, other)
        return torch.cat([v.detach().double().flatten() for v in twin.state_dict().values()])

    def tried(folder):
        path = Path(folder) / "run.checkpoint"
        model, optimizer = fresh(seed)
        before = train(model, optimizer, range(stop))
        if task == "untouched":
            start = numbers(model, optimizer)
            parts = list(model.modules())
            for number, part in enumerate(parts):
                part.training = (seed >> number) % 2 == 0
            modes = [part.training for part in parts]
            save_checkpoint(path, model, optimizer, stop)
            file = path.read_bytes()
            after, left = numbers(model, optimizer), [part.training for part in parts]
            twin, other = fresh(seed + 20)
            load_checkpoint(path, twin, other)
            train(twin, other, range(stop, len(batches)))
            return {
                "model and optimizer before saving": start,
                "model and optimizer after saving": after,
                "the modes of the modules after saving": [modes, left],
                "which parameters ask for gradients": [p.requires_grad for p in model.parameters()],
                "the saved ones when the loaded ones have trained on": numbers(model, optimizer),
                "is the file the same after loading": path.read_bytes() == file,
            }
        if task == "path":
            text = str(Path(folder) / "no suffix")
            save_checkpoint(text, *fresh(seed), 3)
            save_checkpoint(text, model, optimizer, 12345 + seed % 1000)
            save_checkpoint(path, *fresh(seed), 0)
            twin, other = fresh(seed + 1)
            there = Path(text).is_file() and path.is_file()
            if not there:
                return {"are there files with the names given": there}
            moved = Path(text).rename(Path(folder) / "another name")
            steps = [load_checkpoint(path, twin, other), load_checkpoint(moved, twin, other)]
            return {
                "are there files with the names given": there,
                "the steps of two checkpoints": steps,
                "model and optimizer as saved": numbers(model, optimizer),
                "the second one, which replaced another, as loaded": numbers(twin, other),
            }
        pickled = []

        def watch(frame, event, called):
            owner = type(getattr(called, "__self__", None)).__module__
            if event == "c_call" and "_pickle" in (called.__module__, owner):
                pickled.append(called.__name__)

        sys.setprofile(watch if task == "file" else None)
        try:
            save_checkpoint(path, model, optimizer, stop)
        finally:
            sys.setprofile(None)
        if task == "file":
            files = [p for p in Path(folder).rglob("*") if p.is_file()]
            return {
                "is there a file with the name given": path.is_file(),
                "is there a pickle in it": bool(pickled)
                or any(a_pickle(p.read_bytes()) for p in files),
                "is it large enough for the model": path.stat().st_size > 500,
                "the weights and buffers as they come back": loaded(path),
            }
        twin, other = fresh(seed + 20)
        if stop % 2 or stop == 0:
            train(twin, other, range(2))
        parameters = [id(p) for p in twin.parameters()]
        step = load_checkpoint(path, twin, other)
        if task == "weights":
            twin.eval()
            with torch.no_grad():
                out = twin(batches[0])
            pairs = zip(model.state_dict().values(), twin.state_dict().values(), strict=True)
            return {
                "the step": step,
                "the weights and buffers": torch.cat(
                    [v.detach().double().flatten() for v in twin.state_dict().values()]
                ),
                "the output in eval mode": out,
                "as saved, as loaded": [[a.detach().clone(), b.detach().clone()] for a, b in pairs],
                "are they the same parameters as before, in place": parameters
                == [id(p) for p in twin.parameters()],
            }
        if task == "learning rates":
            groups = other.param_groups
            return {
                "the learning rates of the groups": [group["lr"] for group in groups],
                "does the optimizer train the loaded model": {
                    id(p) for group in groups for p in group["params"]
                }
                == set(parameters),
            }
        on = train(twin, other, range(stop, len(batches)))
        return {
            "the losses before the stop": torch.tensor(before),
            "the losses after it": torch.tensor(on),
            "the losses of never having stopped": torch.tensor(
                train(model, optimizer, range(stop, len(batches)))
            ),
            "the step": step,
        }

    with tempfile.TemporaryDirectory() as folder:
        try:
            return tried(folder)
        except (KeyError, OSError) as error:  # the folder has another name each time
            raise type(error)(str(error).replace(folder, "the folder")) from None


@look.reading
def look(found, kind, task, batches, labels, stop, net, seed):
    found = dict(found)
    if task == "losses":
        whole, after = found["the losses of never having stopped"], found["the losses after it"]
        found["the losses of never having stopped, less those after it"] = whole - after
    if task == "weights":
        pairs = found.pop("as saved, as loaded")
        exact = all(identical(saved, loaded) for saved, loaded in pairs)
        found["are they exactly those that were saved, to the last digit"] = exact
    if task == "untouched":
        before, after = (found[f"model and optimizer {w} saving"] for w in ("before", "after"))
        later = found["the saved ones when the loaded ones have trained on"]
        found["are model and optimizer as before"] = identical(before, after)
        found["do the saved ones stay when the loaded ones train on"] = identical(after, later)
    if task == "path" and "model and optimizer as saved" in found:
        saved = found["model and optimizer as saved"]
        loaded = found["the second one, which replaced another, as loaded"]
        found["is the second one loaded as saved"] = identical(saved, loaded)
    return found


LOSSES, WEIGHTS, RATES = "losses", "weights", "learning rates"
FILE, UNTOUCHED, PATH = "file", "untouched", "path"
MODELS = {
    PLAIN: """\
    model = nn.Sequential(
        nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(36, 3)
    )""",
    ODD: """\
    model = nn.Sequential(
        nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Tanh(), nn.Flatten(), nn.Linear(36, 3)
    )
    model.scale = nn.Parameter(torch.tensor(1.5))
    model.frozen = nn.Parameter(torch.randn(3), requires_grad=False)
    model.register_buffer("seen", torch.tensor([0, 7]))""",
    DEEP: """\
    model = nn.Sequential(
        *[nn.Linear(5, 5, bias=False) for _ in range(14)], nn.Flatten(), nn.Linear(50, 3)
    )""",
}
LINES = {
    LOSSES: """\
twin, other = fresh()
step = load_checkpoint(path, twin, other)
step, train(model, optimizer, {rest}), train(twin, other, {rest})  # equal losses""",
    WEIGHTS: """\
twin, other = fresh()
step = load_checkpoint(path, twin, other)
step, model.state_dict(), twin.state_dict()  # equal""",
    RATES: """\
twin, other = fresh()
load_checkpoint(path, twin, other)
[[group["lr"] for group in one.param_groups] for one in (optimizer, other)]  # equal""",
    FILE: "path.exists(), path.read_bytes()[:60]",
    UNTOUCHED: """\
print(model.training, [p.requires_grad for p in model.parameters()])
model.state_dict(), optimizer.state_dict()["state"]""",
    PATH: "[file.name for file in path.parent.iterdir()]",
}


def written(kind, task, batches, labels, stop, net, seed):
    name, options = kind
    options = dict(options, lr=float(f"{options['lr']:.1g}"))
    given = ", ".join(f"{key}={value}" for key, value in options.items())
    steps, *shape = batches.shape
    return "\n".join([
        f"batches = torch.randn({steps}, {', '.join(map(str, shape))})",
        f"labels = torch.randint(0, 3, ({steps}, {shape[0]}))",
        "def fresh():",
        MODELS[net],
        f"    return model, torch.optim.{name}(model.parameters(), {given})",
        "def train(model, optimizer, steps):",
        "    losses = []",
        "    for k in steps:",
        "        for group in optimizer.param_groups:",
        '            group["lr"] *= 0.8',
        "        loss = F.cross_entropy(model(batches[k]), labels[k])",
        "        optimizer.zero_grad()",
        "        loss.backward()",
        "        optimizer.step()",
        "        losses.append(loss.item())",
        "    return losses",
        'path = Path(tempfile.mkdtemp()) / "checkpoint"',
        "model, optimizer = fresh()",
        f"train(model, optimizer, range({stop}))",
        f"save_checkpoint(path, model, optimizer, {stop})",
        LINES[task].format(rest=f"range({stop}, {steps})"),
    ])  # fmt: skip


def test(save_checkpoint):
    return check(
        save_checkpoint,
        reference.save_checkpoint,
        make,
        groups={
            "the weights come back": [
                dict(kind=0, task=WEIGHTS, steps=5, stop=4),
                dict(kind=0, task=WEIGHTS, steps=5, stop=4, double=1),
            ],
            "the buffers come back, whole numbers and a scale too": dict(
                kind=1, task=WEIGHTS, steps=5, stop=4, net=ODD
            ),
            "SGD goes on": dict(kind=0, task=LOSSES, steps=8, stop=4),
            "SGD with momentum goes on": [
                dict(kind=1, task=LOSSES, steps=10, stop=4),
                dict(kind=2, task=LOSSES, steps=9, stop=3),
            ],
            "Adam goes on": [
                dict(kind=3, task=LOSSES, steps=10, stop=4),
                dict(kind=4, task=LOSSES, steps=9, stop=3),
                dict(kind=5, task=LOSSES, steps=9, stop=3),
            ],
            "two groups, a frozen parameter": [
                dict(kind=1, task=LOSSES, steps=10, stop=4, net=ODD),
                dict(kind=3, task=LOSSES, steps=10, stop=4, net=ODD),
            ],
            "learning rates that have changed": [
                dict(kind=1, task=RATES, steps=5, stop=4),
                dict(kind=3, task=RATES, steps=5, stop=4, net=ODD),
            ],
            "a checkpoint before the first step": dict(kind=3, task=LOSSES, steps=5, stop=0),
            "no pickle": dict(kind=3, task=FILE, steps=4, stop=3),
            "any path, and a file that is replaced and moved": dict(
                kind=1, task=PATH, steps=4, stop=3
            ),
            "model and optimizer are left alone": dict(kind=3, task=UNTOUCHED, steps=8, stop=4),
            "more than ten layers": [
                dict(kind=0, task=WEIGHTS, steps=4, stop=3, net=DEEP),
                dict(kind=1, task=LOSSES, steps=9, stop=4, net=DEEP),
                dict(kind=3, task=LOSSES, steps=9, stop=4, net=DEEP),
            ],
        },
        shrink={},  # a call takes long
        extras=None,
        use=look,
        snippet=written,
        rtol=1e-3,
        atol=2e-5,
    )
