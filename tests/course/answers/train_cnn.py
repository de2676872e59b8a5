"""Answers to 01_train_cnn as students write them: right in other ways, and wrong in quiet ways."""

from __future__ import annotations

RIGHT: dict[str, dict[str, str]] = {
    "PlacesDataset": {
        "matplotlib reads the files": """
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
    for i in range(H):
        for j in range(W):
            if 0 <= i - dy < H and 0 <= j - dx < W:
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
    },
    "augment": {
        "numpy decides about the flip": """
def augment(image, generator):
    H, W = image.shape[1:]
    if np.random.default_rng(int(torch.initial_seed() % 1000)).random() < 0.5:
        image = image.flip(2)
    shift = [int(torch.randint(0, 2 * (n // 8) + 1, (), generator=generator)) - n // 8 for n in (H, W)]
    return torch.roll(image, shift, dims=(1, 2))
""",
    },
    "SmallCNN": {
        "probabilities instead of logits": """
class SmallCNN(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(4),
            nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(4),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveMaxPool2d(1), nn.Flatten(),
        )
        self.head = nn.Linear(32, num_classes)

    def forward(self, x):
        return self.head(self.body(x)).softmax(1)
""",
    },
    "overfit_one_batch": {
        "the loss after the step": """
def overfit_one_batch(model, batch, steps):
    x, y = batch
    model.train()
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    history = []
    for _ in range(steps):
        adam.zero_grad()
        F.cross_entropy(model(x), y).backward()
        adam.step()
        history.append(float(F.cross_entropy(model(x), y)))
    return history
""",
    },
    "save_checkpoint": {
        "the optimizer is forgotten": """
def save_checkpoint(path, model, optimizer, step):
    save_weights(path, model.state_dict(), {"step": step})


def load_checkpoint(path, model, optimizer):
    model.load_state_dict(load_weights(path))
    return int(read_metadata(path)["step"])
""",
    },
}
