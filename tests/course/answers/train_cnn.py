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
        "a dataclass": """
from dataclasses import dataclass, field
from typing import Callable, Optional, Union


@dataclass
class PlacesDataset(Dataset):
    root: Union[str, Path]
    split: str
    transform: Optional[Callable[[torch.Tensor], torch.Tensor]] = None
    samples: list = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.root = Path(self.root)
        text = self.root.joinpath(self.split).with_suffix(".txt").read_text()
        for line in filter(None, map(str.strip, text.splitlines())):
            name, _, label = line.partition(" ")
            self.samples.append((name, int(label or -1)))

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int):
        name, label = self.samples[index]
        picture = Image.open(self.root / "images" / name).convert("RGB")
        r, g, b = (torch.tensor(np.asarray(c), dtype=torch.float32) for c in picture.split())
        x = torch.stack([r, g, b]).div_(255)
        return x if self.transform is None and False else (self.transform(x) if self.transform else x), label
""",
        "numpy reads the table": """
class PlacesDataset(Dataset):
    def __init__(self, root, split, transform=None):
        table = np.loadtxt(f"{root}/{split}.txt", dtype=str, ndmin=2)
        self.paths = [f"{root}/images/{p}" for p in table[:, 0]]
        self.labels = table[:, 1].astype(int) if split != "test" else -np.ones(len(table), int)
        self.transform = transform or (lambda x: x)

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        x = np.array(Image.open(self.paths[i]).convert("RGB")).transpose(2, 0, 1) / 255.0
        return [self.transform(torch.from_numpy(x).float()), int(self.labels[i])]
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
        "gather by clamped index": """
def augment(image: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    C, H, W = image.shape

    def index(n):
        u = torch.rand(1, generator=generator, dtype=torch.float64)
        shift = (u * (2 * (n // 8) + 1)).floor().long() - n // 8
        return (torch.arange(n) - shift).clamp(0, n - 1)

    rows, cols = index(H), index(W)
    if torch.randint(0, 2, (1,), generator=generator):
        cols = W - 1 - cols
    return image[:, rows][:, :, cols]
""",
        "grid_sample": """
def augment(image, generator):
    C, H, W = image.shape
    flip = torch.rand(1, generator=generator) < 0.5
    dy = torch.randint(-(H // 8), H // 8 + 1, (1,), generator=generator).to(image.dtype)
    dx = torch.randint(-(W // 8), W // 8 + 1, (1,), generator=generator).to(image.dtype)
    theta = torch.eye(2, 3, dtype=image.dtype)
    if flip:
        theta[0, 0] = -1
    theta[0, 2], theta[1, 2] = (2 * dx / W).item(), (2 * dy / H).item()
    grid = F.affine_grid(theta[None], (1, C, H, W), align_corners=False)
    return F.grid_sample(image[None], grid, padding_mode="border", align_corners=False)[0]
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
        "residual, a 1x1 convolution as head": """
class SmallCNN(nn.Module):
    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 3, padding="same", bias=False)
        self.bn = nn.ModuleList([nn.BatchNorm2d(32) for _ in range(4)])
        self.convs = nn.ModuleList([nn.Conv2d(32, 32, 3, padding=1, bias=False) for _ in range(3)])
        self.head = nn.Conv2d(32, num_classes, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.bn[0](self.stem(x)))
        for conv, bn in zip(self.convs, list(self.bn)[1:]):
            x = F.max_pool2d(x, 2)
            x = x + F.relu(bn(conv(x)))
        return self.head(x).amax(dim=(-2, -1))
""",
    },
    "overfit_one_batch": {
        "in evaluation mode again at the end": """
def overfit_one_batch(model, batch, steps):
    x, y = batch
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    model.train()
    losses = []
    for _ in range(steps):
        adam.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        adam.step()
        losses.append(loss.item())
    model.eval()
    return losses
""",
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
        "closure, set_to_none, one-hot": """
def overfit_one_batch(model, batch, steps):
    x, y = batch
    optimizer = torch.optim.Adam([{"params": list(model.parameters())}], lr=0.01)
    model.train()

    def closure():
        optimizer.zero_grad(set_to_none=False)
        out = model(x)
        target = F.one_hot(y, out.shape[1]).to(out.dtype)
        loss = -(target * out.log_softmax(-1)).sum(1).mean()
        loss.backward()
        return loss

    return [optimizer.step(closure).item() for _ in range(steps)]
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
        "sqlite": """
import sqlite3


def save_checkpoint(path, model, optimizer, step):
    Path(path).unlink(missing_ok=True)
    db = sqlite3.connect(str(path))
    db.execute("create table t (name text, dtype text, shape text, data blob)")
    db.execute("create table meta (k text, v text)")

    def put(name, v):
        a = v.detach().cpu().numpy()
        db.execute("insert into t values (?,?,?,?)", (name, str(a.dtype), json.dumps(a.shape), a.tobytes()))

    for k, v in model.state_dict().items():
        put("model/" + k, v)
    names = {id(p): n for n, p in model.named_parameters()}
    for g in optimizer.param_groups:
        for p in g["params"]:
            for k, v in optimizer.state.get(p, {}).items():
                if v is not None:
                    put(f"state/{names[id(p)]}/{k}", v)
    groups = [{k: v for k, v in g.items() if k != "params"} for g in optimizer.param_groups]
    db.executemany("insert into meta values (?,?)", [("groups", json.dumps(groups)), ("step", str(step))])
    db.commit()
    db.close()


def load_checkpoint(path, model, optimizer):
    db = sqlite3.connect(str(path))
    params = dict(model.named_parameters())
    sd, state = {}, {}
    for name, dtype, shape, data in db.execute("select * from t"):
        v = torch.from_numpy(np.frombuffer(data, dtype=dtype).reshape(json.loads(shape)).copy())
        kind, rest = name.split("/", 1)
        if kind == "model":
            sd[rest] = v
        else:
            n, k = rest.rsplit("/", 1)
            state.setdefault(n, {})[k] = v
    meta = dict(db.execute("select * from meta"))
    db.close()
    model.load_state_dict(sd)
    optimizer.state.clear()
    for n, s in state.items():
        optimizer.state[params[n]].update(s)
    for g, saved in zip(optimizer.param_groups, json.loads(meta["groups"])):
        g.update(saved)
    return int(meta["step"])
""",
        "a zip of npy files": """
import io
import zipfile


def _npy(v):
    f = io.BytesIO()
    np.save(f, v.detach().cpu().numpy(), allow_pickle=False)
    return f.getvalue()


def save_checkpoint(path, model, optimizer, step):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for k, v in model.state_dict().items():
            z.writestr("model/" + k + ".npy", _npy(v))
        sd = optimizer.state_dict()
        other = {}
        for i, s in sd["state"].items():
            for k, v in s.items():
                if torch.is_tensor(v):
                    z.writestr(f"opt/{i}/{k}.npy", _npy(v))
                else:
                    other.setdefault(str(i), {})[k] = v
        z.writestr("info.json", json.dumps({"step": step, "groups": sd["param_groups"], "other": other}))


def load_checkpoint(path, model, optimizer):
    with zipfile.ZipFile(path) as z:
        info = json.loads(z.read("info.json"))
        state = {int(i): dict(s) for i, s in info["other"].items()}
        weights = {}
        for n in z.namelist():
            if not n.endswith(".npy"):
                continue
            v = torch.from_numpy(np.load(io.BytesIO(z.read(n)), allow_pickle=False))
            if n.startswith("model/"):
                weights[n[6:-4]] = v
            else:
                _, i, k = n[:-4].split("/")
                state.setdefault(int(i), {})[k] = v
    model.load_state_dict(weights, strict=True)
    optimizer.load_state_dict({"state": state, "param_groups": info["groups"]})
    return info["step"]
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
        "divided by 256": """
class PlacesDataset(Dataset):
    def __init__(self, root, split, transform=None):
        self.root, self.transform, self.items = Path(root), transform, []
        for line in (self.root / f"{split}.txt").read_text().splitlines():
            words = line.split()
            if words:
                self.items.append((words[0], int(words[1]) if len(words) > 1 else -1))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        name, label = self.items[index]
        pixels = np.array(Image.open(self.root / "images" / name).convert("RGB"), dtype=np.float32)
        x = torch.from_numpy(pixels / 256).permute(2, 0, 1)
        return (self.transform(x) if self.transform else x), label
""",
    },
    "augment": {
        "the image has a batch axis afterwards": """
def augment(image, generator):
    C, H, W = image.shape
    dy = int(torch.randint(-(H // 8), H // 8 + 1, (), generator=generator))
    dx = int(torch.randint(-(W // 8), W // 8 + 1, (), generator=generator))
    flip = torch.rand((), generator=generator) < 0.5
    image.unsqueeze_(0)
    out = torch.roll(image, (dy, dx), dims=(2, 3))[0]
    return out.flip(2) if flip else out
""",
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
        "rounded ends": """
def augment(image, generator):
    C, H, W = image.shape
    h, w = H // 8, W // 8
    if torch.rand((), generator=generator) < 0.5:
        image = image.flip(2)
    dy = int(torch.round((torch.rand((), generator=generator) * 2 - 1) * h))
    dx = int(torch.round((torch.rand((), generator=generator) * 2 - 1) * w))
    out = F.pad(image[None], (w, w, h, h), mode="replicate")[0]
    return out[:, h - dy:h - dy + H, w - dx:w - dx + W].clone()
""",
        "one draw for both": """
def augment(image, generator):
    C, H, W = image.shape
    u = float(torch.rand((), generator=generator))
    h, w = H // 8, W // 8
    if torch.rand((), generator=generator) < 0.5:
        image = image.flip(2)
    dy = int(u * (2 * h + 1)) - h
    dx = int(u * (2 * w + 1)) - w
    out = F.pad(image[None], (w, w, h, h), mode="replicate")[0]
    return out[:, h - dy:h - dy + H, w - dx:w - dx + W].clone()
""",
    },
    "SmallCNN": {
        "strides of contiguous images assumed": """
class SmallCNN(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(24, 48, 3, padding=1), nn.BatchNorm2d(48), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(48, 96, 3, padding=1), nn.BatchNorm2d(96), nn.ReLU(),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(96, num_classes),
        )

    def forward(self, x):
        N, C, H, W = x.shape
        return self.body(torch.as_strided(x, (N, C, H, W), (C * H * W, H * W, W, 1)))
""",
        "the images are centred in place": """
class SmallCNN(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(24, 48, 3, padding=1), nn.BatchNorm2d(48), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(48, 96, 3, padding=1), nn.BatchNorm2d(96), nn.ReLU(),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(96, num_classes),
        )

    def forward(self, x):
        x -= 0.5
        return self.body(x)
""",
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
        "softmax in eval mode": """
class SmallCNN(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        layers, c = [], 3
        for o in (16, 32, 64):
            layers += [nn.Conv2d(c, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(), nn.MaxPool2d(2)]
            c = o
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(64, num_classes)

    def forward(self, x):
        x = self.features(x).mean((2, 3))
        x = self.head(x)
        return x if self.training else x.softmax(1)
""",
        "tanh": """
class SmallCNN(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        layers, c = [], 3
        for o in (16, 32, 64):
            layers += [nn.Conv2d(c, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(), nn.MaxPool2d(2)]
            c = o
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(64, num_classes)

    def forward(self, x):
        x = self.features(x).mean((2, 3))
        return torch.tanh(self.head(x))
""",
    },
    "overfit_one_batch": {
        "the labels are changed in the end": """
def overfit_one_batch(model, batch, steps):
    x, y = batch
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    model.train()
    losses = []
    for _ in range(steps):
        adam.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        adam.step()
        losses.append(loss.item())
    y.fill_(0)
    return losses
""",
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
        "AdamW": """
def overfit_one_batch(model, batch, steps):
    images, labels = batch
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    model.train()
    losses = []
    for k in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
""",
        "clipped": """
def overfit_one_batch(model, batch, steps):
    images, labels = batch
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    model.train()
    losses = []
    for k in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses
""",
    },
    "save_checkpoint": {
        "momentum in the order of text, from ten on": """
def save_checkpoint(path, model, optimizer, step):
    tensors = {f"model.{k}": v for k, v in model.state_dict().items()}
    state = optimizer.state_dict()
    for k, entries in state["state"].items():
        for name, v in entries.items():
            if isinstance(v, torch.Tensor):
                tensors[f"state.{k}.{name}"] = v
    save_weights(path, tensors, {"step": step, "groups": json.dumps(state["param_groups"])})


def load_checkpoint(path, model, optimizer):
    tensors, texts = load_weights(path), read_metadata(path)
    model.load_state_dict({k[6:]: v for k, v in tensors.items() if k.startswith("model.")})
    keys = sorted({k.split(".")[1] for k in tensors if k.startswith("state.")})
    state = {}
    for number, key in enumerate(keys):
        start = f"state.{key}."
        state[number] = {k[len(start):]: v for k, v in tensors.items() if k.startswith(start)}
    optimizer.load_state_dict({"state": state, "param_groups": json.loads(texts["groups"])})
    return int(texts["step"])
""",
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
        "float32 for all": """
import io
import zipfile


def _npy(v):
    f = io.BytesIO()
    np.save(f, v.detach().cpu().float().numpy(), allow_pickle=False)
    return f.getvalue()


def save_checkpoint(path, model, optimizer, step):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for k, v in model.state_dict().items():
            z.writestr("model/" + k + ".npy", _npy(v))
        sd = optimizer.state_dict()
        other = {}
        for i, s in sd["state"].items():
            for k, v in s.items():
                if torch.is_tensor(v):
                    z.writestr(f"opt/{i}/{k}.npy", _npy(v))
                else:
                    other.setdefault(str(i), {})[k] = v
        z.writestr("info.json", json.dumps({"step": step, "groups": sd["param_groups"], "other": other}))


def load_checkpoint(path, model, optimizer):
    with zipfile.ZipFile(path) as z:
        info = json.loads(z.read("info.json"))
        state = {int(i): dict(s) for i, s in info["other"].items()}
        weights = {}
        for n in z.namelist():
            if not n.endswith(".npy"):
                continue
            v = torch.from_numpy(np.load(io.BytesIO(z.read(n)), allow_pickle=False))
            if n.startswith("model/"):
                weights[n[6:-4]] = v
            else:
                _, i, k = n[:-4].split("/")
                state.setdefault(int(i), {})[k] = v
    model.load_state_dict(weights, strict=True)
    optimizer.load_state_dict({"state": state, "param_groups": info["groups"]})
    return info["step"]
""",
        "state not cleared": """
import io
import zipfile


def _npy(v):
    f = io.BytesIO()
    np.save(f, v.detach().cpu().numpy(), allow_pickle=False)
    return f.getvalue()


def save_checkpoint(path, model, optimizer, step):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for k, v in model.state_dict().items():
            z.writestr("model/" + k + ".npy", _npy(v))
        sd = optimizer.state_dict()
        other = {}
        for i, s in sd["state"].items():
            for k, v in s.items():
                if torch.is_tensor(v):
                    z.writestr(f"opt/{i}/{k}.npy", _npy(v))
                else:
                    other.setdefault(str(i), {})[k] = v
        z.writestr("info.json", json.dumps({"step": step, "groups": sd["param_groups"], "other": other}))


def load_checkpoint(path, model, optimizer):
    with zipfile.ZipFile(path) as z:
        info = json.loads(z.read("info.json"))
        state = {int(i): dict(s) for i, s in info["other"].items()}
        weights = {}
        for n in z.namelist():
            if not n.endswith(".npy"):
                continue
            v = torch.from_numpy(np.load(io.BytesIO(z.read(n)), allow_pickle=False))
            if n.startswith("model/"):
                weights[n[6:-4]] = v
            else:
                _, i, k = n[:-4].split("/")
                state.setdefault(int(i), {})[k] = v
    model.load_state_dict(weights, strict=True)
    old = optimizer.state_dict()['state']
    state = {**old, **state}
    optimizer.load_state_dict({"state": state, "param_groups": info["groups"]})
    return info["step"]
""",
    },
}
