# Right answers to PlacesDataset, written in other ways: each earns everything.

# %% bytes, lists and os.path
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


# %% all pictures read at the start, matplotlib, numpy labels
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


# %% a dataclass
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
        return x if self.transform is None and False else (
            self.transform(x) if self.transform else x
        ), label


# %% numpy reads the table
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
