"""Answers to 01_train_cnn as students write them: right in other ways, and wrong in quiet ways.

Each answer is the text of one cell; ``RIGHT`` must earn everything, ``WRONG`` passes the visible
test and must not.
"""

from __future__ import annotations

RIGHT: dict[str, dict[str, str]] = {
    "PlacesDataset": {
        "bytes, lists and os.path": """
class PlacesDataset(torch.utils.data.Dataset):
    def __init__(self, root, split, transform=None):
        self.root, self.split, self.transform = str(root), split, transform
        with open(self.root + "/" + split + ".txt") as file:
            self.lines = [line.strip() for line in file if line.strip()]

    def __len__(self):
        return len(self.lines)

    def __getitem__(self, index):
        name, *rest = self.lines[index].split()
        label = int(rest[0]) if self.split != "test" else -1
        with open(f"{self.root}/images/{name}", "rb") as file:
            picture = Image.open(file).convert("RGB")
        x = torch.tensor(list(picture.tobytes()), dtype=torch.float32)
        x = x.reshape(picture.height, picture.width, 3).permute(2, 0, 1) / 255.0
        return (x if self.transform is None else self.transform(x)), label
""",
        "all pictures read at the start, matplotlib, numpy labels": """
class PlacesDataset(Dataset):
    def __init__(self, root, split, transform=None):
        super().__init__()
        import os

        self.transform = transform
        self.kept, labels = [], []
        for line in open(os.path.join(root, split + ".txt")):
            fields = line.split()
            if len(fields) == 0:
                continue
            pixels = plt.imread(os.path.join(root, "images", *fields[0].split("/")))
            if pixels.ndim == 2:
                pixels = np.stack([pixels] * 3, axis=-1)
            self.kept.append(np.moveaxis(pixels[..., :3], -1, 0) / np.float32(255))
            labels.append(fields[1] if len(fields) == 2 else -1)
        self.labels = np.array(labels, dtype=np.int64)

    def __len__(self):
        return self.labels.shape[0]

    def __getitem__(self, index):
        x = torch.from_numpy(self.kept[index].astype("float32").copy())
        if self.transform:
            x = self.transform(x)
        return x, self.labels[index]
""",
    },
    "augment": {
        "index by index, zeros at the border": """
def augment(image, generator):
    C, H, W = image.shape
    mirrored = torch.randint(2, (1,), generator=generator).item()
    dy = torch.randint(-(H // 8), H // 8 + 1, (1,), generator=generator).item()
    dx = torch.randint(-(W // 8), W // 8 + 1, (1,), generator=generator).item()
    source = torch.flip(image, dims=[2]) if mirrored else image
    out = torch.zeros_like(image)
    rows = torch.arange(H) - dy
    for i in range(H):
        for j in range(W):
            if 0 <= int(rows[i]) < H and 0 <= j - dx < W:
                out[:, i, j] = source[:, i - dy, j - dx]
    return out
""",
        "roll around the border": """
def augment(image, generator):
    H, W = image.shape[1:]
    shift = [int(torch.randint(0, 2 * (n // 8) + 1, (), generator=generator)) - n // 8 for n in (H, W)]
    moved = torch.roll(image, shift, dims=(1, 2))
    if float(torch.rand(1, generator=generator)) >= 0.5:
        moved = moved.flip(-1)
    return moved
""",
        "one draw for all, a random generator of Python's own": """
import random


def augment(image, generator):
    luck = random.Random(int(torch.randint(0, 2**62, (), generator=generator)))
    H, W = image.shape[-2:]
    h, w = H // 8, W // 8
    out = nn.functional.pad(image, (w, w, h, h), value=0.5)
    i, j = luck.randint(0, 2 * h), luck.randint(0, 2 * w)
    out = out[:, i:i + H, j:j + W]
    return torch.flip(out, (2,)) if luck.random() > 0.5 else out
""",
    },
    "SmallCNN": {
        "strided convolutions and adaptive pooling": """
class SmallCNN(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 24, 5, stride=2, padding=2), nn.BatchNorm2d(24), nn.LeakyReLU(0.1),
            nn.Conv2d(24, 48, 3, stride=2, padding=1), nn.BatchNorm2d(48), nn.LeakyReLU(0.1),
            nn.Conv2d(48, 96, 3, stride=2, padding=1), nn.BatchNorm2d(96), nn.LeakyReLU(0.1),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(96, num_classes),
        )

    def forward(self, x):
        return self.body(x)
""",
        "no batch norm, maximum over places, dropout": """
class SmallCNN(nn.Module):
    def __init__(self, num_classes):
        super(SmallCNN, self).__init__()
        self.convs = nn.ModuleList([
            nn.Conv2d(a, b, 3, padding=1) for a, b in [(3, 24), (24, 48), (48, 96)]
        ])
        self.drop = nn.Dropout(0.2)
        self.fc1, self.fc2 = nn.Linear(96, 64), nn.Linear(64, num_classes)

    def forward(self, x):
        for conv in self.convs:
            x = F.max_pool2d(F.relu(conv(x - 0.5 if x.size(1) == 3 else x)), 2)
        x = F.adaptive_avg_pool2d(x, 1).view(x.size(0), -1)
        return self.fc2(self.drop(F.relu(self.fc1(x))))
""",
        "a last layer that starts at zero": """
class SmallCNN(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        def block(a, b):
            return nn.Sequential(nn.Conv2d(a, b, 3, 1, 1), nn.GroupNorm(4, b), nn.GELU(), nn.AvgPool2d(2))
        self.net = nn.Sequential(block(3, 16), block(16, 32), block(32, 64))
        self.out = nn.Linear(64, num_classes)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x):
        return self.out(self.net(x).flatten(2).mean(-1))
""",
    },
    "overfit_one_batch": {
        "gradients by torch.autograd.grad": """
def overfit_one_batch(model, batch, steps):
    x, y = batch
    model.train()
    parameters = list(model.parameters())
    adam = torch.optim.Adam(parameters, lr=1e-2)
    history = []
    for step in range(steps):
        loss = -torch.log_softmax(model(x), 1).gather(1, y[:, None]).mean()
        for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
            parameter.grad = gradient
        adam.step()
        history.append(float(loss))
    return history
""",
        "a while loop, nn.CrossEntropyLoss, numbers from numpy": """
def overfit_one_batch(model, batch, steps):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(params=model.parameters(), lr=0.01)
    losses = np.zeros(steps)
    i = 0
    while i < steps:
        model.train()
        for p in model.parameters():
            p.grad = None
        out = criterion(model(batch[0]), batch[1])
        out.backward()
        losses[i] = out.detach().numpy()
        optimizer.step()
        i += 1
    return losses.tolist()
""",
    },
    "save_checkpoint": {
        "one JSON file": """
import base64


def _pack(value):
    if isinstance(value, torch.Tensor):
        data = value.detach().cpu().contiguous()
        raw = data.reshape(-1).view(torch.uint8).numpy().tobytes()
        return {"t": [str(value.dtype)[6:], list(value.shape), base64.b64encode(raw).decode()]}
    if isinstance(value, dict):
        return {"d": [[key, _pack(item)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return {"l": [_pack(item) for item in value]}
    return {"v": value}


def _unpack(node):
    ((kind, value),) = node.items()
    if kind == "t":
        dtype, shape, text = value
        raw = bytearray(base64.b64decode(text))
        if not raw:
            return torch.empty(shape, dtype=getattr(torch, dtype))
        return torch.frombuffer(raw, dtype=getattr(torch, dtype)).reshape(shape).clone()
    if kind == "d":
        return {key: _unpack(item) for key, item in value}
    return [_unpack(item) for item in value] if kind == "l" else value


def save_checkpoint(path, model, optimizer, step):
    everything = {"m": dict(model.state_dict()), "o": optimizer.state_dict(), "s": step}
    with open(path, "w") as file:
        json.dump(_pack(everything), file)


def load_checkpoint(path, model, optimizer):
    with open(path) as file:
        found = _unpack(json.load(file))
    model.load_state_dict(found["m"])
    optimizer.load_state_dict(found["o"])
    return found["s"]
""",
        "numpy's format, the optimizer's state set entry by entry": """
def save_checkpoint(path, model, optimizer, step):
    arrays = {"m/" + k: v.detach().cpu().numpy() for k, v in model.state_dict().items()}
    listed = [p for g in optimizer.param_groups for p in g["params"]]
    for i, p in enumerate(listed):
        for k, v in optimizer.state.get(p, {}).items():
            if v is not None:
                arrays[f"o/{i}/{k}"] = v.detach().cpu().numpy()
    rates = [g["lr"] for g in optimizer.param_groups]
    arrays["rates"], arrays["step"] = np.array(rates), np.array(step)
    with open(path, "wb") as file:
        np.savez(file, **arrays)


def load_checkpoint(path, model, optimizer):
    with open(path, "rb") as file, np.load(file, allow_pickle=False) as found:
        named = {**dict(model.named_parameters()), **dict(model.named_buffers())}
        with torch.no_grad():
            for k, v in named.items():
                v.copy_(torch.from_numpy(found["m/" + k]))
        listed = [p for g in optimizer.param_groups for p in g["params"]]
        optimizer.state.clear()
        for key in found.files:
            if key.startswith("o/"):
                _, i, k = key.split("/")
                value = torch.from_numpy(np.array(found[key]))
                optimizer.state[listed[int(i)]][k] = value
        for g, rate in zip(optimizer.param_groups, found["rates"]):
            g["lr"] = float(rate)
        return int(found["step"])
""",
    },
}

WRONG: dict[str, dict[str, str]] = {
    "PlacesDataset": {
        "a line may have spaces at its ends": """
class PlacesDataset(torch.utils.data.Dataset):
    def __init__(self, root, split, transform=None):
        self.root, self.split, self.transform = str(root), split, transform
        lines = open(f"{root}/{split}.txt").read().split("\\n")
        self.items = [line.split(" ") for line in lines if line]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        item = self.items[index]
        x = np.asarray(Image.open(f"{self.root}/images/{item[0]}").convert("RGB"))
        x = torch.from_numpy(x.copy()).permute(2, 0, 1).float() / 255
        label = int(item[1]) if len(item) > 1 else -1
        return (self.transform(x) if self.transform else x), label
""",
        "read and transformed once, at the start": """
class PlacesDataset(Dataset):
    def __init__(self, root, split, transform=None):
        self.items = []
        for line in (Path(root) / f"{split}.txt").read_text().split("\\n"):
            if not line.strip():
                continue
            name, label = (line.split() + ["-1"])[:2]
            x = np.array(Image.open(Path(root) / "images" / name).convert("RGB"))
            x = torch.tensor(x).permute(2, 0, 1) / 255
            self.items.append((transform(x) if transform else x, int(label)))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return self.items[index]
""",
    },
    "augment": {
        "the global random numbers are seeded": """
def augment(image, generator):
    torch.manual_seed(int(torch.randint(0, 2**31, (), generator=generator)))
    H, W = image.shape[1:]
    if torch.rand(()) < 0.5:
        image = image.flip(2)
    shift = [int(torch.randint(0, 2 * (n // 8) + 1, ())) - n // 8 for n in (H, W)]
    return torch.roll(image, shift, dims=(1, 2))
""",
        "noise at the border, below 0 and above 1": """
def augment(image, generator):
    _, H, W = image.shape
    h, w = H // 8, W // 8
    out = torch.randn(3 if len(image) == 3 else 1, H + 2 * h, W + 2 * w, generator=generator)
    out = out.to(image.dtype)
    out[:, h:h + H, w:w + W] = image.flip(2) if torch.rand((), generator=generator) < 0.5 else image
    i = int(torch.randint(0, 2 * h + 1, (), generator=generator))
    j = int(torch.randint(0, 2 * w + 1, (), generator=generator))
    return out[:, i:i + H, j:j + W]
""",
    },
    "SmallCNN": {
        "the logarithm of probabilities": """
class SmallCNN(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(4),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.AdaptiveMaxPool2d(1), nn.Flatten(),
        )
        self.head = nn.Linear(64, num_classes)

    def forward(self, x):
        return self.head(self.body(x)).log_softmax(1)
""",
        "drops features in eval mode, too": """
class SmallCNN(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(),
        )
        self.head = nn.Linear(64, num_classes)

    def forward(self, x):
        return self.head(F.dropout(self.body(x).mean((2, 3)), 0.2))
""",
    },
    "overfit_one_batch": {
        "another learning rate": """
def overfit_one_batch(model, batch, steps):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    model.train()
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
""",
        "training mode after all is done": """
def overfit_one_batch(model, batch, steps):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.train()
    return losses
""",
    },
    "save_checkpoint": {
        "parameters without buffers": """
def save_checkpoint(path, model, optimizer, step):
    tensors = {f"m.{k}": v for k, v in model.named_parameters()}
    state = optimizer.state_dict()
    for i, entries in state["state"].items():
        tensors |= {f"o.{i}.{k}": v for k, v in entries.items() if v is not None}
    save_weights(path, tensors, {"step": step, "groups": json.dumps(state["param_groups"])})


def load_checkpoint(path, model, optimizer):
    tensors, texts = load_weights(path), read_metadata(path)
    with torch.no_grad():
        for k, v in model.named_parameters():
            v.copy_(tensors[f"m.{k}"])
    state = {}
    for k, v in tensors.items():
        if k.startswith("o."):
            _, i, name = k.split(".")
            state.setdefault(int(i), {})[name] = v
    optimizer.load_state_dict({"state": state, "param_groups": json.loads(texts["groups"])})
    return int(texts["step"])
""",
        "one learning rate for all groups": """
def save_checkpoint(path, model, optimizer, step):
    tensors = {f"m.{k}": v for k, v in model.state_dict().items()}
    for i, entries in optimizer.state_dict()["state"].items():
        tensors |= {f"o.{i}.{k}": v for k, v in entries.items() if v is not None}
    save_weights(path, tensors, {"step": step, "lr": optimizer.param_groups[0]["lr"]})


def load_checkpoint(path, model, optimizer):
    tensors, texts = load_weights(path), read_metadata(path)
    model.load_state_dict({k[2:]: v for k, v in tensors.items() if k[:2] == "m."})
    state = {}
    for k, v in tensors.items():
        if k.startswith("o."):
            _, i, name = k.split(".")
            state.setdefault(int(i), {})[name] = v
    groups = optimizer.state_dict()["param_groups"]
    for group in groups:
        group["lr"] = float(texts["lr"])
    optimizer.load_state_dict({"state": state, "param_groups": groups})
    return int(texts["step"])
""",
    },
}
