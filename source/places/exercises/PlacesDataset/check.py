"""The hidden test of PlacesDataset."""

import torch

from autograder.checks import assignments, check, probe
from solutions.places import train_cnn as reference

PLAIN, BLANK, WINDOWS = "plain", "blank lines and spaces", "windows"
NO_NEWLINE, TEXT = "no last newline", "root as text"


def make(
    draw, N, H, W, split="train", task="items", form=PLAIN, depth=2, grey=0, mixed=0
):  # fmt: skip
    pictures, names = [], []
    for k in range(N):
        high, wide = H + (3 * k if mixed else 0), W + (5 * (k % 2) if mixed else 0)
        smooth = torch.nn.functional.interpolate(
            draw.uniform(0, 255, 1, 3, 3, 2), size=(high, wide), mode="bilinear"
        )
        if task == "ends" and k < 2:
            smooth = torch.full_like(smooth, 255 * k)
        pictures.append(smooth[0].permute(1, 2, 0).to(torch.uint8).contiguous())
        folders = [draw.choice(["a", "b", "church", "outdoor", "z"]) for _ in range(depth)]
        number = N - k if k % 2 else 100 + k
        names.append("/".join([split, *folders, f"{number:08d}.jpg"]))
    labels = [draw.integer(0, 364) for _ in range(N)]
    if draw.is_readable:
        labels = [draw.choice([7, 42, 123, 364]) for _ in range(N)]
    return pictures, names, labels, split, task, form, bool(grey)


@probe
def look(PlacesDataset, pictures, names, labels, split, task, form, grey):
    import tempfile
    from pathlib import Path

    import torch
    from PIL import Image
    from torch.utils.data import DataLoader, Dataset

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "set of places"
        for k, (pixels, name) in enumerate(zip(pictures, names, strict=True)):
            path = root / "images" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            image = Image.fromarray(pixels.numpy())
            image = image.convert("L") if grey and k % 2 == 0 else image
            image.save(path, quality=100, subsampling=0)
        lines = [
            name if split == "test" else f"{name} {label}"
            for name, label in zip(names, labels, strict=True)
        ]
        end = "\n"
        if form == "blank lines and spaces":
            lines = ["", f"  {lines[0]}  ", "   ", *(f"{line} " for line in lines[1:]), "", " "]
        elif form == "windows":
            end = "\r\n"
        text = end.join(lines) + ("" if form == "no last newline" else end)
        (root / f"{split}.txt").write_bytes(text.encode())
        for other in {"train", "val", "test"} - {split}:
            (root / f"{other}.txt").write_text("nothing/here.jpg 5\n" if other != "test" else "")
        root = str(root) if form == "root as text" else root

        def tried():
            if task == "transform":
                seen = []

                def transform(image):
                    seen.append(image)
                    return image.mean(dim=(1, 2)) + 10 * len(seen)

                dataset = PlacesDataset(root, split, transform)
                made = [dataset[1][0], dataset[0][0], dataset[1][0]]
                kinds = {f"{type(i).__name__} {i.dtype} {tuple(i.shape)}" for i in seen}
                return {
                    "what transform makes, for three items in turn": [m.clone() for m in made],
                    "what transform is given": sorted(kinds),
                    "how often transform is called": len(seen),
                }
            dataset = PlacesDataset(root, split)
            if task == "protocol":
                return {
                    "is it a torch.utils.data.Dataset": isinstance(dataset, Dataset),
                    "its length": len(dataset),
                    "its label, for one item asked for twice": [dataset[1][1], dataset[1][1]],
                    "the number of values of an item": len(dataset[0]),
                    "is the label a whole number": isinstance(int(dataset[0][1]), int),
                }
            if task == "ends":
                return {"black, white, any": [dataset[k][0] for k in range(3)]}
            if task == "loader":
                batches = list(DataLoader(dataset, batch_size=3))
                return {
                    "the shapes of the batches": [tuple(images.shape) for images, _ in batches],
                    "the labels of the batches": [batch.tolist() for _, batch in batches],
                    "the images of the batches": torch.cat([images for images, _ in batches]),
                }
            found = {"its length": len(dataset)}
            items = [dataset[k] for k in range(len(dataset))]
            found["the labels"] = [label for _, label in items]
            found["the types of the images"] = [str(getattr(i, "dtype", type(i))) for i, _ in items]
            for k, (image, _) in enumerate(items):
                found[f"image {k}"] = image.clone()
            return found

        try:
            return tried()
        except OSError as error:  # the folder has another name each time
            raise type(error)(str(error).replace(folder, "the folder")) from None


@look.reading
def look(found, pictures, names, labels, split, task, form, grey):
    if task != "ends":
        return found
    black, white, other = found["black, white, any"]
    return {
        "the value of black, with three digits": f"{float(black.max()):.3f}",
        "the value of white, with three digits": f"{float(white.min()):.3f}",
        "a picture of both and all between": other,
    }


def fits(N, task="items", **_):
    """Whether there are as many pictures as the task looks at."""
    return {"transform": 2, "protocol": 2, "ends": 3}.get(task, 1) <= N


LOOKS = {
    "items": "len(dataset), [dataset[k] for k in range(len(dataset))]",
    "transform": """\
seen = []
dataset = PlacesDataset(root, split, lambda image: seen.append(image) or image.mean())
[dataset[k][0] for k in (1, 0, 1)], seen""",
    "loader": "[(images.shape, labels) for images, labels in DataLoader(dataset, batch_size=3)]",
    "protocol": "isinstance(dataset, Dataset), len(dataset), dataset[1], dataset[1][1]",
    "ends": "dataset[0][0].max(), dataset[1][0].min(), dataset[2][0]  # black, white, a picture",
}


def written(pictures, names, labels, split, task, form, grey):
    lines = names if split == "test" else [f"{n} {k}" for n, k in zip(names, labels, strict=True)]
    if form == BLANK:
        lines = ["", f"  {lines[0]}  ", "   ", *(f"{line} " for line in lines[1:]), ""]
    end = "\r\n" if form == WINDOWS else "\n"
    text = end.join(lines) + (end if form != NO_NEWLINE else "")
    code = [
        "root = Path(tempfile.mkdtemp())",
        assignments(split=split, names=list(names)),
        f"pictures = [\n{''.join(f'    torch.{picture(one)},{chr(10)}' for one in pictures)}]",
        "for k, (name, picture) in enumerate(zip(names, pictures)):",
        '    path = root / "images" / name',
        "    path.parent.mkdir(parents=True, exist_ok=True)",
        "    image = Image.fromarray(picture.numpy())",
        "    image.save(path, quality=100, subsampling=0)",
        f'(root / f"{{split}}.txt").write_bytes({text.encode()!r})',
    ]
    if grey:
        code.insert(-2, '    image = image.convert("L") if k % 2 == 0 else image')
    if form == TEXT:
        code.append("root = str(root)")
    return "\n".join([*code, "dataset = PlacesDataset(root, split)", LOOKS[task]])


def picture(pixels):
    """The code of a picture (H, W, 3), without the module."""
    if pixels.numel() <= 24:
        return f"tensor({pixels.tolist()}, dtype=torch.uint8)"
    return f"randint(0, 256, {tuple(pixels.shape)}, dtype=torch.uint8)"


plain = dict(N=4, H=12, W=12)


def test(PlacesDataset):
    return check(
        PlacesDataset,
        reference.PlacesDataset,
        make,
        groups={
            "square pictures of one size": plain,
            "pictures that are not square, of several sizes": [
                dict(N=3, H=10, W=16),
                dict(N=4, H=14, W=9, mixed=1),
            ],
            "grey pictures": dict(N=4, H=9, W=12, grey=1),
            "black and white": dict(N=3, H=8, W=10, task="ends"),
            "the split val": dict(N=5, H=8, W=10, split="val", depth=0),
            "the split test": dict(N=5, H=8, W=10, split="test", depth=0),
            "deep folders": [plain | dict(depth=3), plain | dict(depth=4)],
            "blank lines and spaces": plain | dict(form=BLANK),
            "other ends of lines": [plain | dict(form=WINDOWS), plain | dict(form=NO_NEWLINE)],
            "the root as a text": plain | dict(form=TEXT),
            "transform": [
                dict(N=3, H=8, W=11, task="transform"),
                dict(N=3, H=8, W=11, task="transform", split="test", depth=0),
            ],
            "batches from a DataLoader": [
                dict(N=7, H=8, W=10, task="loader"),
                dict(N=5, H=8, W=10, task="loader", split="test", depth=0),
            ],
            "a data set as PyTorch expects it": plain | dict(task="protocol"),
        },
        shrink=dict(N=(1, 7), H=(1, 14), W=(1, 16), depth=(0, 4)),
        where=fits,
        extras=None,
        use=look,
        snippet=written,
        atol=0.02,
    )
