"""Answers to 04_lenet as students write them: right in other ways, and wrong in quiet ways.

Each answer is the text of one cell; ``RIGHT`` must earn everything, ``WRONG`` passes the visible
test and must not.
"""

from __future__ import annotations

RIGHT: dict[str, dict[str, str]] = {
    "LeNet5": {
        # the layers have the same names as the weights that are handed in beside it
        "layers defined in another order, functions in forward": """
class LeNet5(nn.Module):
    def __init__(self):
        super(LeNet5, self).__init__()
        self.layers = nn.ModuleDict({
            "9": nn.Linear(500, 10),
            "7": nn.Linear(50 * 7 * 7, 500),
            "3": nn.Conv2d(20, 50, kernel_size=5, stride=1, padding=2),
            "0": nn.Conv2d(1, 20, kernel_size=5, stride=1, padding=2),
        })

    def forward(self, x):
        layers = self.layers
        x = F.max_pool2d(F.relu(layers["0"](x)), 2, 2)
        x = torch.relu(F.max_pool2d(layers["3"](x), 2, 2))
        x = x.view(x.size(0), -1)
        return layers["9"](layers["7"](x).clamp(min=0))
""",
        "padding 'same', pooling before ReLU, reshape": """
class Flat(nn.Module):
    def forward(self, x):
        return x.reshape(-1, 2450)


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        c1, c2 = nn.Conv2d(1, 20, 5, padding="same"), nn.Conv2d(20, 50, (5, 5), padding="same")
        pool, relu = nn.MaxPool2d(2, stride=2), nn.ReLU(inplace=True)
        self.layers = nn.Sequential(
            c1, pool, relu, c2, pool, relu, Flat(), nn.Linear(2450, 500), relu, nn.Linear(500, 10)
        )

    def forward(self, x):
        print("input", x.shape)
        return self.layers(x)
""",
    },
    "Net": {
        "modules for everything, log of softmax": """
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.fc2 = nn.Linear(128, 10)
        self.fc1_bn = nn.BatchNorm1d(128)
        self.fc1 = nn.Linear(64 * 12 * 12, 128)
        self.dropout1 = nn.Dropout(p=0.25)
        self.conv2_bn = nn.BatchNorm2d(64)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=3)
        self.conv1_bn = nn.BatchNorm2d(32)
        self.conv1 = nn.Conv2d(1, 32, kernel_size=3)
        self.relu, self.pool, self.out = nn.ReLU(), nn.MaxPool2d(2), nn.LogSoftmax(dim=1)

    def forward(self, x):
        x = self.relu(self.conv1_bn(self.conv1(x)))
        x = self.pool(self.relu(self.conv2_bn(self.conv2(x))))
        x = self.dropout1(x).flatten(1)
        return self.out(self.fc2(self.relu(self.fc1_bn(self.fc1(x)))))
""",
        "dropout after the flattening, pooling before ReLU": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv1_bn = nn.Conv2d(1, 32, 3), nn.BatchNorm2d(32)
        self.conv2, self.conv2_bn = nn.Conv2d(32, 64, 3), nn.BatchNorm2d(64)
        self.dropout1 = nn.Dropout(0.25)
        self.fc1, self.fc1_bn = nn.Linear(9216, 128), nn.BatchNorm1d(128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.conv1_bn(self.conv1(x)))
        x = F.relu(F.max_pool2d(self.conv2_bn(self.conv2(x)), 2))
        x = self.dropout1(x.reshape(x.shape[0], -1))
        x = F.relu(self.fc1_bn(self.fc1(x)))
        x = self.fc2(x)
        return x - torch.logsumexp(x, dim=1, keepdim=True)
""",
    },
    "layer_table": {
        "a recursive walk, hooks in an ExitStack, modes by name": """
from contextlib import ExitStack


def leaves_of(module):
    inside = list(module.children())
    if not inside:
        return {module}
    return set().union(*map(leaves_of, inside))


def layer_table(model, input_shape):
    table = [("Input", input_shape, None)]
    modes = {name: m.training for name, m in model.named_modules()}

    def hook(m, args, out):
        w = dict(m.named_parameters(recurse=False)).get("weight")
        name = m.__class__.__name__
        table.append((name, torch.Size(out.size()[1:]), w if w is None else w.shape))

    with ExitStack() as stack, torch.inference_mode():
        for leaf in leaves_of(model):
            stack.callback(leaf.register_forward_hook(hook).remove)
        model.eval()(torch.rand(2, *input_shape))
    for name, m in model.named_modules():
        m.train(modes[name]) if not list(m.children()) else setattr(m, "training", modes[name])
    return table
""",
        "a deep copy is looked at": """
import copy


def layer_table(model, input_shape):
    twin = copy.deepcopy(model).eval()
    rows = [["Input", list(input_shape), None]]

    def look(layer, inputs, output):
        w = layer.weight if hasattr(layer, "weight") else None
        rows.append([type(layer).__name__, list(output[0].shape), None if w is None else [*w.shape]])

    for layer in twin.modules():
        if next(layer.children(), None) is None:
            layer.register_forward_hook(look)
    twin(torch.zeros(1, *input_shape))
    return [(name, tuple(s), w if w is None else tuple(w)) for name, s, w in rows]
""",
    },
    "train_one_epoch": {
        "in the mode of before again at the end": """
def train_one_epoch(model, loader, optimizer, device):
    was = model.training
    model.train()
    total, count = 0.0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    model.train(was)
    return total / count
""",
        "len(loader.dataset), summed losses, zero_grad after the step": """
def train_one_epoch(model, loader, optimizer, device):
    model.train(True)
    model.to(device)
    total = 0.0
    for batch in loader:
        x, y = [t.to(device, non_blocking=True) for t in batch]
        loss = nn.CrossEntropyLoss()(model(x), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        total += float(loss.detach()) * x.size(0)
    return total / len(loader.dataset)
""",
        "log-softmax and nll, numpy for the mean, a progress line": """
def train_one_epoch(model, loader, optimizer, device):
    model.train()
    losses, sizes = [], []
    for step, (x, y) in enumerate(loader):
        x, y = x.to(device), y.to(device)
        loss = F.nll_loss(F.log_softmax(model(x), dim=-1), y)
        model.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        sizes.append(y.numel())
        print(f"\\r{step + 1} of {len(loader)}", end="")
    return float(np.average(losses, weights=sizes))
""",
        "gathered by hand": """
def train_one_epoch(model, loader, optimizer, device):
    model.train()
    every = []
    for x, y in loader:
        optimizer.zero_grad()
        out = model(x.to(device))
        y = y.to(device)
        each = torch.logsumexp(out, dim=1) - out[torch.arange(len(y)), y]
        each.mean().backward()
        optimizer.step()
        every.append(each.detach())
    return torch.cat(every).mean().item()
""",
        "mixed precision where there is a GPU": """
def train_one_epoch(model, loader, optimizer, device):
    on_gpu = device == "cuda"
    scaler = torch.amp.GradScaler(device, enabled=on_gpu)
    model.train()
    total = count = 0
    for x, y in loader:
        with torch.autocast(device, enabled=on_gpu):
            loss = F.cross_entropy(model(x.to(device)), y.to(device))
        optimizer.zero_grad()
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        total, count = total + loss.item() * len(y), count + len(y)
    return total / count
""",
    },
    "evaluate": {
        "a decorator, all guesses collected": """
@torch.no_grad()
def evaluate(model, loader, device):
    mode = model.training
    model.eval()
    hits = [model(x.to(device)).max(1)[1].eq(y.to(device)).cpu() for x, y in loader]
    model.train(mode)
    return torch.cat(hits).float().mean().item()
""",
        "inference mode, try and finally, every module's mode": """
def evaluate(model, loader, device):
    modes = [(m, m.training) for m in model.modules()]
    right = 0.0
    try:
        model.eval()
        with torch.inference_mode():
            for x, y in loader:
                p = F.softmax(model(x.to(device)), dim=1)
                right += (p.topk(1).indices.squeeze(1) == y.to(device)).sum().item()
    finally:
        for m, training in modes:
            m.training = training
    return right / len(loader.dataset)
""",
        "mixed precision where there is a GPU": """
def evaluate(model, loader, device):
    was = model.training
    model.eval()
    right = 0
    with torch.inference_mode(), torch.autocast(device, enabled=device == "cuda"):
        for x, y in loader:
            right += int((model(x.to(device)).argmax(-1) == y.to(device)).sum())
    model.train(was)
    return right / len(loader.dataset)
""",
    },
}

WRONG: dict[str, dict[str, str]] = {
    "LeNet5": {
        "the images are scaled in place and scaled back": """
class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 20, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(20, 50, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(2450, 500), nn.ReLU(), nn.Linear(500, 10),
        )

    def forward(self, x):
        out = self.layers(x)
        x.clamp_(max=0.5)
        return out
""",
        # neither changes which logit is the largest, so the weights beside it keep their points
        "a softmax at the end": """
class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 20, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(20, 50, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(2450, 500), nn.ReLU(), nn.Linear(500, 10),
        )

    def forward(self, x):
        return self.layers(x).softmax(dim=1)
""",
        "dropout that nobody asked for": """
class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 20, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(20, 50, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(2450, 500), nn.ReLU(), nn.Linear(500, 10),
        )

    def forward(self, x):
        x = self.layers[:9](x)
        return self.layers[9](F.dropout(x, 0.5, self.training))
""",
    },
    "Net": {
        "strides of contiguous images assumed": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv1_bn = nn.Conv2d(1, 32, 3), nn.BatchNorm2d(32)
        self.conv2, self.conv2_bn = nn.Conv2d(32, 64, 3), nn.BatchNorm2d(64)
        self.dropout1 = nn.Dropout(0.25)
        self.fc1, self.fc1_bn = nn.Linear(9216, 128), nn.BatchNorm1d(128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = x.as_strided(x.shape, (784, 784, 28, 1))
        x = F.relu(self.conv1_bn(self.conv1(x)))
        x = F.max_pool2d(F.relu(self.conv2_bn(self.conv2(x))), 2)
        x = F.relu(self.fc1_bn(self.fc1(self.dropout1(x).flatten(1))))
        return F.log_softmax(self.fc2(x), dim=1)
""",
        "the images lose an axis when there is one": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv1_bn = nn.Conv2d(1, 32, 3), nn.BatchNorm2d(32)
        self.conv2, self.conv2_bn = nn.Conv2d(32, 64, 3), nn.BatchNorm2d(64)
        self.dropout1 = nn.Dropout(0.25)
        self.fc1, self.fc1_bn = nn.Linear(9216, 128), nn.BatchNorm1d(128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        images = x
        x = F.relu(self.conv1_bn(self.conv1(x)))
        x = F.max_pool2d(F.relu(self.conv2_bn(self.conv2(x))), 2)
        x = F.relu(self.fc1_bn(self.fc1(self.dropout1(x).flatten(1))))
        images.squeeze_(1)
        return F.log_softmax(self.fc2(x), dim=1)
""",
        "dropout that never ends": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv1_bn = nn.Conv2d(1, 32, 3), nn.BatchNorm2d(32)
        self.conv2, self.conv2_bn = nn.Conv2d(32, 64, 3), nn.BatchNorm2d(64)
        self.dropout1 = nn.Dropout(0.25)
        self.fc1, self.fc1_bn = nn.Linear(9216, 128), nn.BatchNorm1d(128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.conv1_bn(self.conv1(x)))
        x = F.relu(self.conv2_bn(self.conv2(x)))
        x = F.dropout(F.max_pool2d(x, 2), 0.25)
        x = F.relu(self.fc1_bn(self.fc1(x.flatten(1))))
        return F.log_softmax(self.fc2(x), dim=1)
""",
        "one batch norm is passed by": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv1_bn = nn.Conv2d(1, 32, 3), nn.BatchNorm2d(32)
        self.conv2, self.conv2_bn = nn.Conv2d(32, 64, 3), nn.BatchNorm2d(64)
        self.dropout1 = nn.Dropout(0.25)
        self.fc1, self.fc1_bn = nn.Linear(9216, 128), nn.BatchNorm1d(128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.conv1_bn(self.conv1(x)))
        x = F.relu(self.conv2(x))
        x = self.dropout1(F.max_pool2d(x, 2))
        x = F.relu(self.fc1_bn(self.fc1(x.flatten(1))))
        return F.log_softmax(self.fc2(x), dim=1)
""",
    },
    "layer_table": {
        "layers in the order of their names as texts": """
def layer_table(model, input_shape):
    shapes = {}

    def hook(name):
        def note(m, args, out):
            w = getattr(m, "weight", None)
            shapes.setdefault(name, []).append(
                (type(m).__name__, tuple(out.shape[1:]), None if w is None else tuple(w.shape))
            )
        return note

    modes = [(m, m.training) for m in model.modules()]
    order = []
    hooks = []
    for name, m in model.named_modules():
        if not list(m.children()):
            hooks.append(m.register_forward_hook(hook(name)))
            hooks.append(m.register_forward_hook(lambda m, i, o, name=name: order.append(name)))
    model.eval()
    with torch.no_grad():
        model(torch.zeros(1, *input_shape))
    for h in hooks:
        h.remove()
    for m, mode in modes:
        m.training = mode
    if len(set(order)) == len(order) and len(order) > 10:
        order = sorted(order)
    return [("Input", tuple(input_shape), None)] + [shapes[name].pop(0) for name in order]
""",
        "one mode for all modules": """
def layer_table(model, input_shape):
    rows, training = [("Input", tuple(input_shape), None)], model.training

    def hook(m, i, o):
        w = getattr(m, "weight", None)
        rows.append((type(m).__name__, tuple(o.shape[1:]), None if w is None else tuple(w.shape)))

    hooks = [m.register_forward_hook(hook) for m in model.modules() if not list(m.children())]
    model.eval()
    model(torch.zeros(1, *input_shape))
    for h in hooks:
        h.remove()
    model.train(training)
    return rows
""",
        "statistics change": """
def layer_table(model, input_shape):
    rows = [("Input", tuple(input_shape), None)]

    def hook(m, i, o):
        w = getattr(m, "weight", None)
        rows.append((type(m).__name__, tuple(o.shape[1:]), None if w is None else tuple(w.shape)))

    hooks = [m.register_forward_hook(hook) for m in model.modules() if not list(m.children())]
    with torch.no_grad():
        model(torch.zeros(2, *input_shape))
    for h in hooks:
        h.remove()
    return rows
""",
    },
    "train_one_epoch": {
        "the images of the loader are normalised in place": """
def train_one_epoch(model, loader, optimizer, device):
    model.train()
    total = count = 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
        y.zero_()
    return total / count
""",
        "only the flag of the outermost module is set": """
def train_one_epoch(model, loader, optimizer, device):
    model.training = True
    total = count = 0
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x.to(device)), y.to(device))
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count
""",
        "a step size of its own": """
def train_one_epoch(model, loader, optimizer, device):
    model.train()
    total = count = 0
    for x, y in loader:
        model.zero_grad()
        loss = F.cross_entropy(model(x.to(device)), y.to(device))
        loss.backward()
        lr = optimizer.param_groups[0]["lr"]
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        total += loss.item() * len(y)
        count += len(y)
    return total / count
""",
    },
    "evaluate": {
        "all parameters ask for gradients afterwards": """
def evaluate(model, loader, device):
    was = model.training
    model.eval().requires_grad_(False)
    right = count = 0
    with torch.no_grad():
        for x, y in loader:
            right += (model(x.to(device)).argmax(1) == y.to(device)).sum().item()
            count += len(y)
    model.train(was).requires_grad_(True)
    return right / count
""",
        "the parameters cannot be trained afterwards": """
def evaluate(model, loader, device):
    was = model.training
    model.eval()
    for p in model.parameters():
        p.requires_grad = False
    right = count = 0
    with torch.no_grad():
        for x, y in loader:
            right += (model(x.to(device)).argmax(1) == y.to(device)).sum().item()
            count += len(y)
    model.train(was)
    return right / count
""",
        "always back to training": """
def evaluate(model, loader, device):
    model.eval()
    right = count = 0
    with torch.no_grad():
        for x, y in loader:
            right += (model(x.to(device)).argmax(1) == y.to(device)).sum().item()
            count += len(y)
    model.train()
    return right / count
""",
        "gradients are switched off for good": """
def evaluate(model, loader, device):
    was = model.training
    model.eval()
    torch.set_grad_enabled(False)
    right = sum((model(x.to(device)).argmax(1) == y.to(device)).sum().item() for x, y in loader)
    model.train(was)
    return right / len(loader.dataset)
""",
    },
}

ADVISED: dict[str, dict[str, str]] = {
    "train_one_epoch": {
        "no batch is moved": """
def train_one_epoch(model, loader, optimizer, device):
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    return total / len(loader.dataset)
""",
    },
    "evaluate": {
        "no batch is moved": """
def evaluate(model, loader, device):
    was = model.training
    model.eval()
    with torch.no_grad():
        right = sum((model(x).argmax(1) == y).sum().item() for x, y in loader)
    model.train(was)
    return right / len(loader.dataset)
""",
    },
}
