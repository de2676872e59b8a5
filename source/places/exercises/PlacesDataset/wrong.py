# Wrong answers to PlacesDataset without a name of their own: each loses points.

# %% a line may have spaces at its ends
class PlacesDataset(torch.utils.data.Dataset):
    def __init__(self, root, split, transform=None):
        self.root, self.split, self.transform = str(root), split, transform
        lines = open(f"{root}/{split}.txt").read().split("\n")
        self.items = [line.split(" ") for line in lines if line]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        item = self.items[index]
        x = np.asarray(Image.open(f"{self.root}/images/{item[0]}").convert("RGB"))
        x = torch.from_numpy(x.copy()).permute(2, 0, 1).float() / 255
        label = int(item[1]) if len(item) > 1 else -1
        return (self.transform(x) if self.transform else x), label


# %% read and transformed once, at the start
class PlacesDataset(Dataset):
    def __init__(self, root, split, transform=None):
        self.items = []
        for line in (Path(root) / f"{split}.txt").read_text().split("\n"):
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


# %% divided by 256
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
