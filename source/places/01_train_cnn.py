# %% [markdown]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](@COLAB_URL@)
#
# # Train a network to see places
#
# A beach, a kitchen, a harbour: you tell them apart at a glance, and a classifier that looks at
# pixels one by one cannot. In this notebook you train a small convolutional network that can, and
# you build everything around it that a real training run needs: reading pictures from a disk,
# making more of them, a test that finds most bugs in a minute, and a checkpoint, so that a run
# that was cut off can continue as if nothing had happened.
#
# **What is due.** The five exercises below and two open questions: @POINTS@ points.
#
# @EXERCISES@
#
# **How long it takes.** Two to three hours for most. Everything runs on a CPU: all cells together
# need about 90 seconds, most of it for training two networks.
#
# **How it works.** Every part has an idea, a picture, something for you to write and a test that
# you can run. The test prints one line for each thing that is right, and otherwise says what it
# got and what it expected. When your notebook is graded, further cases of the same kind are tried,
# and each kind of case earns its share of the points. The code behind the pictures is folded away;
# open it if you are curious, but nothing in it is graded.
#
# **Rules**
#
# - Everything in PyTorch, PIL and numpy is welcome here, except a finished network, and except
#   `pickle` (and with it `torch.save`) in part 5.
# - An image is a tensor of shape (3, H, W) with numbers from 0 to 1; a batch is (N, 3, H, W).
# - Arguments are valid and must not be changed, except where the text says "in place".
#
# **Help and working together**
#
# @HELP@
#
# Run the next cells once, down to the first picture. Then start.

# %% setup
import json
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

plt.rcParams.update(
    {
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlesize": 12,
        "figure.constrained_layout.use": True,
        "figure.dpi": 100,
        "font.size": 12,
    }
)

# %% setup setup_weights "Reading and writing weights"
from shared.weights import load_weights, read_metadata, save_weights

# %% setup setup_tests "How tests compare"
from shared.expect import expect

# %% figure "Colours and ways to draw"
from shared.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    RED,
    draw_arrow,
    draw_image,
    draw_numbers,
    once_written,
)

# %% figure "Pictures of places"
from shared.scenes import SCENES, draw_scene, make_scenes


from shared.pictures import picture, word

# %% figure "Twelve kinds of places"
fig, axes = plt.subplots(4, 12, figsize=(13, 4.9))
for column, name in enumerate(SCENES):
    for row in range(4):
        scene = draw_scene(name, np.random.default_rng([3, column, row]), 64)
        draw_image(axes[row, column], scene, word(name) if row == 0 else "")
plt.show()

# %% [markdown]
# These pictures are drawn by a program, a new one each time, in the layout of a real data set,
# miniPlaces (part 8). They are small enough for a CPU, and not as easy as they look: colours mean
# nothing here, the camera moves and tilts, pictures are mirrored, and someone may be standing in
# front. Harbour, beach, bridge and lighthouse all have sky and water. Only their shapes tell them
# apart, and those may be anywhere.

# %% [markdown]
# ## 1 Pictures on a disk
#
# *Lecture: "Announcement: Assignment" (build and train a CNN from scratch; miniPlaces).*
#
# A data set is a folder with pictures, and a text file that says what is in each:
#
# ```
# scenes/train.txt                                scenes/images/train/b/beach/00000001.jpg
#     train/b/beach/00000001.jpg 0                scenes/images/train/b/beach/00000002.jpg
#     train/b/beach/00000002.jpg 0                ...
#     ...                                         scenes/images/val/00000001.jpg
# scenes/val.txt                                  ...
#     val/00000001.jpg 7                          scenes/images/test/00000001.jpg
# scenes/test.txt
#     test/00000001.jpg
# ```
#
# The three **splits** have different jobs: the network learns from `train`, you judge it by `val`,
# and `test` is for the end: its labels are kept by someone else.
#
# PyTorch asks two things of a data set: how long it is, `len(dataset)`, and its item number
# `index`, `dataset[index]`. A `DataLoader` does the rest: it shuffles, and stacks items into
# batches. For each item you have to find the file, read it, convert it to three colours (a few
# photographs are grey), scale the bytes 0 to 255 to numbers from 0 to 1, and move the channels to
# the front, because a picture file has them last.

# %% figure "From a file to a tensor"
scene = draw_scene("l/lighthouse", np.random.default_rng([3, 8, 1]), 64)
corner = (255 * scene[30:33, 30:33]).round().astype(int)
fig, axes = plt.subplots(1, 5, figsize=(13, 2.9), width_ratios=[3, 0.9, 3, 0.9, 3.6])
draw_image(axes[0], scene, "a file: 00000001.jpg")
axes[0].add_patch(plt.Rectangle((29.5, 29.5), 3, 3, fill=False, ec=RED, lw=2))
words = np.array([[" ".join(str(v) for v in cell) for cell in row] for row in corner])
draw_numbers(axes[2], words, "bytes: H x W x 3", size=8)
ax = axes[4]
for k, (name, colour) in enumerate([("B", BLUE), ("G", GREEN), ("R", RED)]):
    x, y = 1.3 - 0.65 * k, 0.9 - 0.45 * k
    ax.add_patch(plt.Rectangle((x, y), 3, 3, fc="white", ec=colour, lw=2))
    ax.text(x + 2.8, y + 2.95, name, ha="center", va="top", color=colour, weight="bold")
    if name == "R":
        for (i, j), value in np.ndenumerate(corner[:, :, 0] / 255):
            ax.text(x + j + 0.5, y + 2.5 - i, f"{value:.2f}", ha="center", va="center", fontsize=9)
ax.set(xlim=(-0.2, 4.6), ylim=(-0.2, 4.2), aspect="equal", title="floats: 3 x H x W")
ax.axis("off")
for ax, label in ((axes[1], "read"), (axes[3], "/ 255,\nreorder")):
    draw_arrow(ax, (0, 0.5), (1, 0.5))
    ax.text(0.5, 0.62, label, ha="center", fontsize=11, color=INK)
    ax.axis("off")
plt.show()

# %% [markdown]
# Two details. Read a picture when it is asked for, not all at the start: miniPlaces has 120,000 of
# them. And call `transform`, if there is one, *each time* an item is asked for: in part 2 it will
# be random, and the same picture should come out differently every time.
#
# **Your turn:** @ABOUT:PlacesDataset@.


# %% answer PlacesDataset minutes=35 level=medium
class PlacesDataset(Dataset):
    """The pictures of one split, in the order of its label file, as a PyTorch data set.

    root: the folder, a text or a Path; split: "train", "val" or "test"; transform: a function of
    one image tensor, or None.

    The label file root/split.txt has a line for each picture: its path below root/images, then
    its label, for example "train/b/beach/00000001.jpg 0"; in test.txt there is only the path. A
    line may be blank, or have spaces at its ends. Paths have no spaces in them, and may be any
    number of folders deep.

    dataset[index] is a pair (image, label). image: float32 tensor (3, H, W) with numbers from 0 to
    1, in RGB whatever the file is (a grey picture has three equal channels), or what transform
    makes of that tensor, called anew each time. label: int, -1 in the split "test". Pictures may
    have any size, and not all the same.
    """

    def __init__(self, root, split, transform=None):
        ### BEGIN SOLUTION
        self.folder, self.transform = Path(root) / "images", transform
        self.items = []
        for line in (Path(root) / f"{split}.txt").read_text().splitlines():
            words = line.split()
            if words:
                label = int(words[1]) if split != "test" else -1
                self.items.append((words[0], label))
        ### END SOLUTION

    def __len__(self):
        ### BEGIN SOLUTION
        return len(self.items)
        ### END SOLUTION

    def __getitem__(self, index):
        ### BEGIN SOLUTION
        path, label = self.items[index]
        with Image.open(self.folder / path) as file:
            pixels = np.array(file.convert("RGB"), dtype=np.float32)
        image = torch.from_numpy(pixels / 255).permute(2, 0, 1)
        if self.transform is not None:
            image = self.transform(image)
        return image, label
        ### END SOLUTION


# %% given small_places
def small_places(PlacesDataset, split, mirrored=False):
    """Write three tiny pictures and a label file, and return a data set's items of them."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        names = [f"{split}/b/beach/00000001.jpg", f"{split}/y/yard/00000007.jpg", f"{split}/9.jpg"]
        left, right = (255, 0, 0), (0, 255, 51)
        for name, mode in zip(names, ("RGB", "RGB", "L"), strict=True):
            image = Image.new("RGB", (16, 8), left)
            image.paste(right, (8, 0, 16, 8))
            path = root / "images" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            image.convert(mode).save(path, quality=100, subsampling=0)
        labels = ["", "", ""] if split == "test" else [" 4", " 11", " 0"]
        lines = [name + label for name, label in zip(names, labels, strict=True)]
        (root / f"{split}.txt").write_text("\n".join(lines) + "\n\n")
        transform = (lambda image: image.flip(2)) if mirrored else None
        dataset = PlacesDataset(root, split, transform)
        return [dataset[index] for index in range(len(dataset))]


# %% try PlacesDataset
items = small_places(PlacesDataset, "train")
expect("PlacesDataset: its length", len(items), 3)
expect("PlacesDataset: the labels", [label for _, label in items], [4, 11, 0])
left = torch.tensor([1.0, 0.0, 0.0]).view(3, 1, 1).expand(3, 8, 8)
right = torch.tensor([0.0, 1.0, 0.2]).view(3, 1, 1).expand(3, 8, 8)
expect("PlacesDataset: an image", items[0][0], torch.cat([left, right], dim=2), atol=0.02)
grey = torch.tensor([0.298, 0.61]).repeat_interleave(8).expand(3, 8, 16)
expect("PlacesDataset: a grey image has three channels", items[2][0], grey, atol=0.02)
image, _ = small_places(PlacesDataset, "val", mirrored=True)[1]
expect("PlacesDataset: transform", image, torch.cat([right, left], dim=2), atol=0.02)
labels = [label for _, label in small_places(PlacesDataset, "test")]
expect("PlacesDataset: the labels of the test split", labels, [-1, -1, -1])

# %% [markdown] hint PlacesDataset
# In `__init__` read only the text file: a path and perhaps a label for each line that is not
# blank. In `__getitem__` open one picture. Check one step at a time: three colours, (H, W, 3), (3,
# H, W), floats. Print shape, dtype, smallest and largest number.

# %% check PlacesDataset points=6

# %% [markdown]
# ## 2 More pictures than there are
#
# *Lecture: "Suggestion: develop and test your code using Colab CPU instance or local machine".*
#
# A harbour seen in a mirror is a harbour. A harbour moved by three pixels is a harbour, too. A
# network does not know that until it has seen it, so we show it: every time a picture is used, it
# is mirrored with probability one half, and moved a little. That is **augmentation**, the cheapest
# way to get more data. Which changes are allowed depends on what the labels mean: a mountain
# upside down is not a mountain, and a "b" in a mirror is a "d".
#
# By hand: a picture is 16 pixels wide. Then it may move by at most $16 // 8 = 2$ pixels to the
# side: by -2, -1, 0, 1 or 2, all five equally likely. Where it moves away from the border, something
# has to be filled in. Zeros will do; the nearest pixel, or a mirror image, look better. That is up
# to you.
#
# Where does the randomness come from? From the `generator` that is passed in, and only from there.
# With the same generator a run can be repeated, and mirroring a picture does not change the random
# numbers anywhere else in the program. PyTorch's functions take it as an argument: `torch.rand((),
# generator=generator)`, `torch.randint(-2, 3, (2,), generator=generator)`.
#
# **Your turn:** @ABOUT:augment@.


# %% answer augment minutes=30 level=medium
def augment(image, generator):
    """Return the image as it might have been photographed as well: mirrored and moved at random.

    With probability 1/2 it is mirrored left-right. It is moved by a whole number of pixels, at
    most H // 8 up or down and at most W // 8 to the left or right; each of these numbers of pixels
    is equally likely. Pixels that come in at the border may be anything from 0 to 1 (zeros, the
    nearest pixel, a mirror image). All other pixels keep their values.

    image: (C, H, W), float32 or float64, numbers from 0 to 1. It is not changed.
    generator: a torch.Generator. All chance comes from it: its state decides what comes out, and
    the global random numbers (of torch, numpy and Python) are left alone.
    Returns a tensor with the shape and dtype of image.
    """
    ### BEGIN SOLUTION
    _, H, W = image.shape
    down, right = H // 8, W // 8
    if torch.rand((), generator=generator) < 0.5:
        image = image.flip(2)
    padded = F.pad(image[None], (right, right, down, down), mode="replicate")[0]
    row = int(torch.randint(0, 2 * down + 1, (), generator=generator))
    col = int(torch.randint(0, 2 * right + 1, (), generator=generator))
    return padded[:, row : row + H, col : col + W].clone()
    ### END SOLUTION


# %% given many_draws
def augment_twice(augment, image, seed):
    """Augment a picture with two generators in the same state; return both results."""
    return [augment(image, torch.Generator().manual_seed(seed)) for _ in range(2)]


def many_draws(augment, C=3, H=16, W=24, draws=300):
    """Augment one picture many times; return what can be said about the results.

    The pixels of the picture are numbered, so each one that comes out tells where it is from.
    """
    number = torch.arange(H * W, dtype=torch.float64).view(1, H, W)
    image = torch.cat([number, number.flip(1), number.flip(2)])[:C] / (H * W - 1)
    generator, mirrored, moves, strange = torch.Generator().manual_seed(7), 0, [], 0
    for _ in range(draws):
        out = augment(image.clone(), generator)
        y, x = H // 2, W // 2
        source, beside = (int((out[0, y, x + d] * (H * W - 1)).round()) for d in (0, 1))
        flipped = beside < source
        row, col = divmod(source, W)
        base = image.flip(2) if flipped else image
        dy, dx = y - row, x - (W - 1 - col if flipped else col)
        rows, cols = slice(max(dy, 0), H + min(dy, 0)), slice(max(dx, 0), W + min(dx, 0))
        old = base[:, max(-dy, 0) : H - max(dy, 0), max(-dx, 0) : W - max(dx, 0)]
        new = out[:, rows, cols]
        same = new.shape == old.shape and torch.allclose(new, old, atol=1e-4)
        mirrored, strange = mirrored + flipped, strange + (not same)
        moves.append((dy, dx))
    return {
        "mirrored": mirrored / draws,
        "moves down": sorted({dy for dy, _ in moves}),
        "moves right": sorted({dx for _, dx in moves}),
        "results that are neither": strange,
    }


# %% try augment
image = torch.rand(3, 16, 24, generator=torch.Generator().manual_seed(0))
once, _ = augment_twice(augment, image, seed=1)
expect("augment: the shape", tuple(once.shape), (3, 16, 24))
expect("augment: the dtype", str(once.dtype), "torch.float32")
pairs = [augment_twice(augment, image, seed) for seed in range(20)]  # one may agree by luck
same = all(torch.equal(once, again) for once, again in pairs)
expect("augment: the same generator, the same result", same, True)
seen = many_draws(augment)
expect("augment: about half of the pictures are mirrored", 0.35 < seen["mirrored"] < 0.65, True)
expect("augment: moves up and down, of 16 rows", seen["moves down"], list(range(-2, 3)))
expect("augment: moves left and right, of 24 columns", seen["moves right"], list(range(-3, 4)))
expect("augment: nothing else happens", seen["results that are neither"], 0)

# %% [markdown] hint augment
# Draw a row of 8 pixels and move it by 1: which pixels survive, and where do they land? Padding on
# both sides and cutting out a window is one way to do the same. How many positions does the window
# have, and is the upper end of `torch.randint` included?

# %% check augment points=4

# %% figure "One picture, many times"
with once_written("augment"):
    scene = torch.tensor(draw_scene("h/harbour", np.random.default_rng([3, 6, 1]), 64))
    scene, generator = scene.permute(2, 0, 1), torch.Generator().manual_seed(5)
    fig, axes = plt.subplots(2, 7, figsize=(12.5, 3.9))
    for k, ax in enumerate(axes.flat):
        shown = scene if k == 0 else augment(scene, generator)
        draw_image(ax, picture(shown), "the picture" if k == 0 else "")
    plt.show()

# %% [markdown]
# ## 3 A small network
#
# *Lecture: "Summary: Components of a Convolutional Network" ("What is the right way to combine all
# these components?").*
#
# A good first answer is short. Repeat a **block** of four layers: 3x3 convolution with "same"
# padding, batch norm, ReLU, 2x2 max pooling. Each block halves height and width and doubles the
# channels: it gives up some of the "where" and gains some "what". After three or four blocks there
# are a hundred or so small maps. Take the mean of each (**global average pooling**), and one
# linear layer turns the means into a score for each class, a **logit**.
#
# The mean over all places does two things. The network takes pictures of any size, because the
# last layer depends only on the number of channels. And that layer is small: for 128 channels and
# 12 classes $128 \cdot 12 + 12 = 1548$ numbers. Had we flattened the 128 maps into a hidden layer
# of 500, as LeNet does, that layer alone would need, for pictures of 128 x 128 and thus maps of 8
# x 8, $8192 \cdot 500 + 500 = 4{,}096{,}500$ numbers, and would take pictures of that size only.
#
# **Your turn:** @ABOUT:SmallCNN@.

# %% figure "Where the numbers are"
blocks = [(3, 16), (16, 32), (32, 64), (64, 128)]
conv_counts = [9 * a * b + 2 * b for a, b in blocks]  # no bias, but the two of a batch norm
labels = [f"block {k}" for k in (1, 2, 3, 4)]
fig, axes = plt.subplots(1, 2, figsize=(12, 3.3), sharey=True)
for ax, tail, title in (
    (axes[0], [("mean, linear", 1548)], "mean over places, linear"),
    (
        axes[1],
        [("linear 500", 4_096_500), ("linear", 6012)],
        "flatten 128 x 8 x 8, linear to 500, linear",
    ),
):
    names, counts = labels + [t[0] for t in tail], conv_counts + [t[1] for t in tail]
    ax.scatter(names, counts, color=[BLUE] * 4 + [ORANGE] * len(tail), s=70)
    for k, count in enumerate(counts):
        ax.text(k, 1.5 * count, f"{count:,}", ha="center", va="bottom", fontsize=10, color=INK)
    ax.set_title(f"{title}: {sum(counts):,} parameters")
    ax.tick_params(axis="x", labelsize=10)
axes[0].set(yscale="log", ylim=(200, 2e7), ylabel="parameters (log scale)")
plt.show()


# %% answer SmallCNN minutes=20 level=medium
class SmallCNN(nn.Module):
    """A convolutional network from images (N, 3, H, W) to logits (N, num_classes).

    Logits are scores before the softmax, which the loss contains already. H and W: any from 32
    to 128, also when they differ. At most 500,000 parameters, at least three nn.Conv2d layers. In
    eval mode an image has the same logits alone as in a batch. All its parameters get gradients,
    and it learns a simple task within 60 steps of Adam (at the best of the rates 0.01, 0.003 and
    0.001). The rest is up to you; four blocks of
    convolution, batch norm, ReLU and pooling as above will do.

    Lecture 7: "Summary: Components of a Convolutional Network".
    """

    def __init__(self, num_classes):
        super().__init__()
        ### BEGIN SOLUTION
        layers, channels = [], 3
        for wider in (16, 32, 64, 128):
            layers += [
                nn.Conv2d(channels, wider, 3, padding=1, bias=False),
                nn.BatchNorm2d(wider),
                nn.ReLU(),
                nn.MaxPool2d(2),
            ]
            channels = wider
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(channels, num_classes)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        return self.head(self.features(x).mean(dim=(2, 3)))
        ### END SOLUTION


# %% try SmallCNN
network = SmallCNN(12)
count = sum(parameter.numel() for parameter in network.parameters())
print(f"{count:,} parameters")
expect("SmallCNN: at most 500,000 parameters", 0 < count <= 500_000, True)
expect("SmallCNN: four images", tuple(network(torch.rand(4, 3, 48, 48)).shape), (4, 12))
expect("SmallCNN: larger ones", tuple(network(torch.rand(2, 3, 64, 96)).shape), (2, 12))
sums = network(torch.rand(4, 3, 48, 48)).sum(dim=1)
expect("SmallCNN: logits, no softmax", bool(torch.allclose(sums, torch.ones(4))), False)

# %% [markdown] hint SmallCNN
# Start with the four blocks of the text and print the shape after each, for pictures of 32 x 32
# and of 48 x 64. Where do the two differ, and which operation makes them the same again before the
# linear layer? Count the parameters last.

# %% check SmallCNN points=4

# %% [markdown]
# ## 4 One batch, by heart
#
# *Lecture: "Last Time: Backpropagation".*
#
# Before you train for an hour, train for ten seconds: take *one* batch and show it to the network
# again and again. A network with 100,000 parameters can learn 32 pictures by heart, so its loss
# must go to nearly 0. If it does not, there is a bug: one softmax too many, gradients that are not
# reset, labels that do not belong to the pictures, an absurd learning rate. No other test finds as
# many bugs with so little work.
#
# What first loss should you expect? A network that knows nothing gives each of 12 classes about
# the same probability, 1/12, and the cross-entropy of that is $-\ln(1/12) = 2.48$. If you see 30,
# or 0.01, at step 0, stop and look.
#
# **Your turn:** @ABOUT:overfit_one_batch@.


# %% answer overfit_one_batch minutes=10 level=easy
def overfit_one_batch(model, batch, steps):
    """Train a model, in place, on one batch again and again; return the losses.

    Each step: the cross-entropy of model(images) with labels (the mean over the batch), its
    gradients, and one step of torch.optim.Adam over model.parameters() with lr=0.01 and otherwise
    its defaults. Before the first step the model is put into training mode.

    model: from images to logits (N, classes); batch: a pair (images, labels), labels (N,) int64,
    on the model's device; steps: a whole number of at least 1.
    Returns a list of floats, one for each step: the loss with the weights before that step.
    """
    ### BEGIN SOLUTION
    images, labels = batch
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    model.train()
    losses = []
    for _ in range(steps):
        loss = F.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
    ### END SOLUTION


# %% given by_heart
def by_heart(overfit_one_batch, steps):
    """Let a small network learn ten random points by heart; return losses and what became of it."""
    generator = torch.Generator().manual_seed(3)
    torch.manual_seed(4)
    model = nn.Sequential(nn.Linear(6, 24), nn.Tanh(), nn.Linear(24, 3)).double().eval()
    x = torch.randn(10, 6, generator=generator, dtype=torch.float64)
    labels = torch.randint(0, 3, (10,), generator=generator)
    with torch.no_grad():
        first = F.cross_entropy(model(x), labels).item()
    modes = []
    hook = model.register_forward_hook(lambda module, *_: modes.append(module.training))
    losses = overfit_one_batch(model, (x, labels), steps)
    hook.remove()
    with torch.no_grad():
        last = F.cross_entropy(model(x), labels).item()
    return losses, first, last, bool(modes) and all(modes)


# %% try overfit_one_batch
losses, first, last, training = by_heart(overfit_one_batch, 100)
expect("overfit_one_batch: the number of losses", len(losses), 100)
expect("overfit_one_batch: they are floats", isinstance(losses[0], float), True)
expect("overfit_one_batch: the loss before the first step", losses[0], first)
expect("overfit_one_batch: in the end the batch is known by heart", losses[-1] < 0.05, True)
expect("overfit_one_batch: the model itself has learned", last < 0.05, True)
expect("overfit_one_batch: training mode", training, True)

# %% [markdown] hint overfit_one_batch
# It is one training step, many times. Does the optimizer belong inside the loop or before it? When
# is the loss taken, before or after the step? What does `loss` carry along that `loss.item()` does
# not?

# %% check overfit_one_batch points=3

# %% train figure "A healthy network and two sick ones"
with once_written("SmallCNN and overfit_one_batch"):
    rng = np.random.default_rng(8)
    scenes = np.stack([draw_scene(SCENES[k % 12], rng, 32) for k in range(32)])
    images, labels = torch.tensor(scenes).permute(0, 3, 1, 2), torch.arange(32) % 12
    torch.manual_seed(0)
    dead = SmallCNN(12)
    for parameter in dead.parameters():
        parameter.requires_grad_(parameter.dim() == 1)  # only batch norms and biases can learn
    cases = {
        "healthy": (SmallCNN(12), BLUE),
        "a softmax before the loss": (nn.Sequential(SmallCNN(12), nn.Softmax(dim=1)), RED),
        "convolutions that do not learn": (dead, ORANGE),
    }
    fig, ax = plt.subplots(figsize=(8, 3.6))
    for k, (label, (model, colour)) in enumerate(cases.items()):
        losses = overfit_one_batch(model, (images, labels), 80)
        ax.plot(losses, color=colour, lw=2, label=label)
        print(f"\rnetwork {k + 1} of {len(cases)}", end="")
    ax.axhline(np.log(12), color=GREY, ls=":", label="knows nothing: ln 12 = 2.48")
    ax.set(xlabel="step", title="loss on one batch of 32 pictures", ylim=(0, None))
    ax.legend(frameon=False)
    plt.show()

# %% [markdown]
# The healthy network is done after a dozen steps. The one with the extra softmax learns as well,
# and that is what makes this bug nasty. But its loss cannot get below $\ln(1 + 11/e) = 1.62$,
# because "probabilities" of 1 and 0 are, taken as logits, not far apart. The third learns with its
# batch norms and its last bias only, and is slow. In a long run, you would have looked at the red
# curve for an hour and called it "hard data".
#
# ## 5 Stop and resume
#
# *Lecture: "develop and test your code [...] after everything works then switch to GPU instance".*
#
# Free GPU sessions can end at any time. A run that writes a **checkpoint** now and then loses
# minutes instead of hours. What must it contain? Everything that the next step depends on:
#
# - the model's `state_dict()`: its parameters, *and* its buffers, such as a batch norm's running
#   mean, which no optimizer knows about;
# - the optimizer's `state_dict()`: SGD with momentum remembers which way it was going, Adam
#   remembers two means for every parameter and how many steps it has made; and the learning rate of
#   each of its groups, which may have changed on the way;
# - the number of the step.
#
# By hand: weight 1, gradient always 1, learning rate 0.1, momentum 0.9. The velocity is 1, then
# $0.9 \cdot 1 + 1 = 1.9$, then 2.71; the weights are 0.9, 0.71, 0.439. Stop after two steps and
# forget the velocity, and the third step goes from 0.71 to 0.61: not what would have happened.
#
# **No pickle.** `torch.save` writes a pickle, and loading a pickle can run any code that somebody
# put in. A file of numbers and a bit of text is all we need. Two helpers are there already:
#
# - `save_weights(path, tensors, metadata)` writes a dict of named tensors and a dict of texts;
# - `load_weights(path)` returns the tensors, `read_metadata(path)` the texts.
#
# Here is what an optimizer's state looks like. Numbers and lists that are not tensors can go
# through `json.dumps` and `json.loads` (tuples become lists on the way, which does no harm here;
# keys become texts, which does).

# %%
layer = nn.Linear(2, 1)
optimizer = torch.optim.Adam(layer.parameters(), lr=0.01)
layer(torch.ones(1, 2)).sum().backward()
optimizer.step()
for key, value in optimizer.state_dict().items():
    print(key, value, sep=": ")


# %% [markdown]
# Both functions go into the next cell, because they have to agree on what is in the file. How it is
# laid out is your choice.
#
# **Your turn:** @ABOUT:save_checkpoint@.


# %% answer save_checkpoint minutes=45 level=hard
def save_checkpoint(path, model, optimizer, step):
    """Write to a file all that load_checkpoint needs to go on; a file that is there is replaced.

    path: a text or a Path, used as it is, without anything added to it; model: an nn.Module;
    optimizer: of torch.optim, of model's parameters (SGD and Adam are tried, with any options);
    step: a whole number. Model and optimizer are not changed. The file is no pickle, and contains
    none.
    """
    ### BEGIN SOLUTION
    tensors = {f"model.{name}": value for name, value in model.state_dict().items()}
    saved, plain = optimizer.state_dict(), {}
    for number, entries in saved["state"].items():
        for name, value in entries.items():
            if isinstance(value, torch.Tensor):
                tensors[f"optimizer.{number}.{name}"] = value
            else:
                plain[f"optimizer.{number}.{name}"] = value
    texts = dict(step=step, groups=json.dumps(saved["param_groups"]), plain=json.dumps(plain))
    fresh = Path(f"{path}.part")  # a run that ends while it writes leaves the old checkpoint whole
    save_weights(fresh, tensors, texts)
    fresh.replace(path)
    ### END SOLUTION


def load_checkpoint(path, model, optimizer):
    """Bring model and optimizer, in place, to the state that was saved, and return the step.

    model and optimizer: made as those that were saved, but with other weights, and perhaps trained
    in between. Afterwards training goes on with the losses of never having stopped.
    Returns the step that was saved, an int.
    """
    ### BEGIN SOLUTION
    tensors, texts = load_weights(path), read_metadata(path)
    prefix = "model."
    model.load_state_dict(
        {name.removeprefix(prefix): v for name, v in tensors.items() if name.startswith(prefix)}
    )
    entries = {name: v for name, v in tensors.items() if not name.startswith(prefix)}
    state = {}
    for name, value in {**entries, **json.loads(texts["plain"])}.items():
        _, number, entry = name.split(".", 2)
        state.setdefault(int(number), {})[entry] = value
    optimizer.load_state_dict({"state": state, "param_groups": json.loads(texts["groups"])})
    return int(texts["step"])
    ### END SOLUTION


# %% given stop_and_go_on
def small_run(kind, steps, seed=0, **options):
    """Return a small network and an optimizer, and a function that makes one step with them."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 3)).double()
    optimizer = kind(model.parameters(), **options)
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(steps, 6, 4, generator=generator, dtype=torch.float64)
    labels = torch.randint(0, 3, (steps, 6), generator=generator)

    def make_step(step):
        if step == 5:
            optimizer.param_groups[0]["lr"] *= 0.5
        loss = F.cross_entropy(model(x[step]), labels[step])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return model, optimizer, make_step


def stop_and_go_on(save_checkpoint, load_checkpoint, kind, steps=14, stop=7, **options):
    """Train without a stop, and with one; return the losses of both, the step, and if it is pickled."""
    kind = getattr(torch.optim, kind)
    _, _, make_step = small_run(kind, steps, **options)
    whole = [make_step(step) for step in range(steps)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.checkpoint"
        model, optimizer, make_step = small_run(kind, steps, **options)
        parts = [make_step(step) for step in range(stop)]
        save_checkpoint(path, model, optimizer, stop)
        model, optimizer, make_step = small_run(kind, steps, seed=9, **options)
        step = load_checkpoint(path, model, optimizer)
        parts += [make_step(k) for k in range(stop, steps)]
        model.eval()
        file = path.read_bytes()
        pickled = file[:1] == b"\x80" or b"data.pkl" in file  # as torch.save names it in its zip
        return whole, parts, step, pickled


# %% try save_checkpoint
for kind, options in [("SGD", dict(lr=0.1)), ("SGD", dict(lr=0.1, momentum=0.9)), ("Adam", {})]:
    words = ", ".join([kind, *(f"{name}={value}" for name, value in options.items())])
    whole, parts, step, pickled = stop_and_go_on(save_checkpoint, load_checkpoint, kind, **options)
    expect(f"save_checkpoint, {words}: the step comes back", step, 7)
    expect(f"save_checkpoint, {words}: the losses of never having stopped", parts, whole)
expect("save_checkpoint: neither a pickle nor a file of torch.save", pickled, False)

# %% [markdown] hint save_checkpoint
# Print the optimizer's `state_dict()` first, as above. Which parts are tensors, and which go
# through `json`? Tensors need names that cannot clash with the model's. Write the inverse at the
# same time: after a round trip, your dictionary must equal the one that you printed, with the same
# types of keys.

# %% check save_checkpoint points=6 "`save_checkpoint` and `load_checkpoint`"

# %% figure "A run that was cut off"


def long_run(stop=None, forget=False, steps=60):
    """Return the losses of a run that is stopped and goes on, with or without the optimizer."""

    def fresh(seed):
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 2))
        return model, torch.optim.SGD(model.parameters(), lr=0.15, momentum=0.97)

    generator = torch.Generator().manual_seed(2)
    x = torch.randn(200, 2, generator=generator)
    labels = ((x**2).sum(dim=1) > 1.2).long()
    (model, optimizer), losses = fresh(0), []
    for step in range(steps):
        if step == stop:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "run.checkpoint"
                save_checkpoint(path, model, optimizer, step)
                model, optimizer = fresh(1)
                load_checkpoint(path, model, optimizer)
            if forget:
                optimizer = torch.optim.SGD(model.parameters(), lr=0.15, momentum=0.97)
        loss = F.cross_entropy(model(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


with once_written("save_checkpoint and load_checkpoint"):
    fig, ax = plt.subplots(figsize=(9, 3.5))
    ax.plot(long_run(), color=GREY, alpha=0.5, lw=9, label="never stopped")
    ax.plot(long_run(stop=22), color=BLUE, lw=2, label="stopped, and your checkpoint loaded")
    forgetful = long_run(stop=22, forget=True)
    ax.plot(
        forgetful, color=RED, lw=1.5, ls="--", label="only the model loaded, momentum forgotten"
    )
    ax.axvline(22, color=GREY, ls=":")
    ax.set(xlabel="step", title="training loss")
    ax.legend(frameon=False)
    plt.show()

# %% [markdown]
# The dashed run has the right weights and yet takes another path: its optimizer starts from rest.
#
# ## 6 Train it
#
# *Lecture: "Announcement: Assignment".*
#
# Now all of it together. The next cell draws 1,200 pictures to learn from, 600 to judge by and 120
# for later, 48 x 48 pixels, into a folder for temporary files; that takes a few seconds. With a GPU
# you can set `USE_MINIPLACES` instead, see part 8.
#
# Reading and decoding a file takes longer than training on it, so small data sets are read once
# and kept in memory. The order matters: the picture is kept as it was read, and `augment` is
# applied after that, again each time. The other way round, each picture would be mirrored once and
# for all.

# %% figure "Where miniPlaces comes from"
from shared.miniplaces import download_miniplaces

# %% train
USE_MINIPLACES = False  # True makes a large download, and needs a GPU


class Kept(Dataset):
    """The items of a data set of small pictures, read once; transform is applied each time."""

    def __init__(self, dataset, transform=None):
        self.items = [dataset[index] for index in range(len(dataset))]
        self.transform = transform

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        image, label = self.items[index]
        return (image if self.transform is None else self.transform(image)), label


def train_and_val(root, transform=None):
    """Return the two data sets, in memory when they are small."""
    if USE_MINIPLACES:
        return PlacesDataset(root, "train", transform), PlacesDataset(root, "val")
    return Kept(PlacesDataset(root, "train"), transform), Kept(PlacesDataset(root, "val"))


try:
    if USE_MINIPLACES:
        root = download_miniplaces()
        names = [line.split()[0] for line in (root / "categories.txt").read_text().splitlines()]
    else:
        folder = Path(tempfile.gettempdir()) / "scenes-48"
        root, names = make_scenes(folder, per_class=(100, 50, 10), size=48), SCENES
    train_set, val_set = train_and_val(root)
    print(f"{len(train_set):,} pictures to learn from, {len(val_set):,} to judge by")
except NotImplementedError:
    print("The pictures are read here: write PlacesDataset first.")

# %% [markdown]
# The training loop is the one you know: batches, cross-entropy, backward, step. The learning rate
# rises for the first third and then falls to nothing. After each epoch the network is judged, in
# eval mode, by the pictures it does not learn from, and a checkpoint is written.
#
# Two networks are trained, one with `augment` and one without, and a linear classifier on pixels for
# comparison. That takes about a minute on a CPU.


# %% train
def accuracy(model, dataset, device):
    """Return the share of pictures that a model gets right, and the probabilities it gives."""
    training, found, labels = model.training, [], []
    model.eval()
    with torch.no_grad():
        for images, truth in DataLoader(dataset, batch_size=256):
            found.append(model(images.to(device)).softmax(dim=1).cpu())
            labels.append(truth)
    model.train(training)
    found, labels = torch.cat(found), torch.cat(labels)
    return float((found.argmax(dim=1) == labels).float().mean()), found


def train(model, train_set, val_set, epochs, top_rate=0.01, name="run", seed=0):
    """Train a model; return its history, a list of (mean loss, accuracy on val)."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model.to(device).train()
    generator = torch.Generator().manual_seed(seed)
    size = 128 if USE_MINIPLACES else 32
    loader = DataLoader(train_set, size, shuffle=True, generator=generator, drop_last=True)
    optimizer = torch.optim.Adam(model.parameters())
    step, steps = 0, epochs * len(loader)
    history, start = [], time.perf_counter()
    for _ in range(epochs):
        total = 0.0
        for images, labels in loader:
            for group in optimizer.param_groups:
                progress = (step + 0.5) / steps
                group["lr"] = top_rate * min(progress / 0.3, (1 - progress) / 0.7)
            loss = F.cross_entropy(model(images.to(device)), labels.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total, step = total + loss.item(), step + 1
        history.append((total / len(loader), accuracy(model, val_set, device)[0]))
        bar = ("#" * (30 * step // steps)).ljust(30, ".")
        words = f"loss {history[-1][0]:.3f}, {history[-1][1]:.1%} right on val"
        print(f"\r{name:10} [{bar}] {words}, {time.perf_counter() - start:3.0f} s  ", end="")
        save_checkpoint(Path(tempfile.gettempdir()) / f"{name}.checkpoint", model, optimizer, step)
    print()
    return history


class Linear(nn.Sequential):
    """The classifier of the lecture's first slides: Wx + b on pixels."""

    def __init__(self, num_classes, size):
        super().__init__(nn.Flatten(), nn.Linear(3 * size * size, num_classes))


try:
    generator = torch.Generator().manual_seed(0)
    augmented_set, _ = train_and_val(root, lambda image: augment(image, generator))
    runs = {}
    for name, make_model, data, epochs, rate in [
        ("linear", lambda: Linear(len(names), train_set[0][0].shape[1]), train_set, 10, 0.001),
        ("plain", lambda: SmallCNN(len(names)), train_set, 16, 0.01),
        ("augmented", lambda: SmallCNN(len(names)), augmented_set, 16, 0.01),
    ]:
        torch.manual_seed(0)
        model = make_model()
        runs[name] = train(model, data, val_set, epochs, rate, name), model
except (NotImplementedError, NameError):
    print("The training starts here: write all five exercises first.")

# %% figure "How it went"
with once_written("all five exercises"):
    if "augmented" not in globals().get("runs", {}):
        raise NotImplementedError
    fig, axes = plt.subplots(1, 3, figsize=(13.5, 3.7), width_ratios=[1, 1, 0.9])
    for name, colour in (("plain", ORANGE), ("augmented", BLUE)):
        history = runs[name][0]
        epochs = range(1, len(history) + 1)
        axes[0].plot(epochs, [loss for loss, _ in history], "o-", color=colour, label=name, ms=4)
        axes[1].plot(epochs, [100 * a for _, a in history], "o-", color=colour, label=name, ms=4)
        for ax in axes[:2]:
            ax.set_xticks(epochs[1::3])
    axes[0].set(xlabel="epoch", title="training loss", yscale="log")
    axes[1].set(xlabel="epoch", title="right on val (%)", ylim=(0, 102))
    axes[0].legend(frameon=False)
    shown = [("guess", 1 / len(names)), *((n, runs[n][0][-1][1]) for n in runs)]
    bars = ["guess", "linear,\npixels", "CNN", "CNN,\naugmented"]
    axes[2].bar(bars, [100 * a for _, a in shown], color=[GREY, GREY, ORANGE, BLUE])
    for k, (_, a) in enumerate(shown):
        axes[2].text(k, 100 * a, f"{a:.1%}", ha="center", va="bottom", fontsize=11, color=INK)
    axes[2].set(title="right on val, in the end (%)", ylim=(0, 110))
    axes[2].tick_params(axis="x", labelsize=10)
    plt.show()

# %% [markdown]
# Look at the two losses. Without augmentation the network knows its pictures almost by heart at the
# end; with it, it never sees the same picture twice, its training loss stays higher, and on pictures
# it has not seen it is as good or better. How much better depends: here the program that draws the
# scenes mirrors and moves them already, so there is little left to gain.
#
# ## 7 What it gets wrong
#
# A number says how often; pictures say why. These are the mistakes that the network was most sure of.

# %% figure "The most confident mistakes"
with once_written("all five exercises"):
    if "augmented" not in globals().get("runs", {}):
        raise NotImplementedError
    model = runs["augmented"][1]
    _, chances = accuracy(model, val_set, next(model.parameters()).device)
    truth = torch.tensor([label for _, label in val_set])
    sure, guess = chances.max(dim=1)
    order = torch.where(guess != truth, sure, -1.0).argsort(descending=True)
    worst = [int(k) for k in order[:12] if guess[k] != truth[k]]
    fig, axes = plt.subplots(2, 6, figsize=(12.5, 5))
    for ax in axes.flat:
        ax.axis("off")
    for ax, k in zip(axes.flat, worst, strict=False):
        says = f"{word(names[guess[k]])}, {sure[k]:.0%}\nis: {word(names[truth[k]])}"
        draw_image(ax, picture(val_set[k][0]), says)
        ax.title.set_fontsize(11)
    plt.show()

# %% [markdown]
# Some you would get wrong, too: the camera missed what matters, or there is hardly any contrast.
# In others the place is plain to see, and the network relied on something else. Note how sure it
# is: a softmax of 90 % is not a probability of being right.

# %% [markdown]
# ## 8 Real photographs
#
# The rendered scenes copy the layout of [miniPlaces](https://github.com/CSAILVision/miniplaces):
# 100,000 photographs of 100 kinds of places to learn from, 10,000 to judge by, 10,000 for the
# test, all 128 x 128. Everything you have written works on it unchanged. On a GPU (in Colab:
# Runtime, Change runtime type), set `USE_MINIPLACES = True` in part 6 and run parts 6 and 7 again.
#
# The download is checked: it resumes where it was cut off, the SHA-256 of each file is compared
# with the one that is known or, for the photographs, for which none was published, shown and kept
# for the next time; and the archive is unpacked so that it can write nowhere else. Expect far less
# than here: there are 100 kinds of places instead of 12, some very similar, photographed by many
# people. That is why five guesses count on miniPlaces, and why the next notebook builds a larger
# network.
#
# ## 9 Two open questions
#
# A few sentences each. These are read by a person; @POINTS:which_changes@ points each.
#
# **Question 1: which changes keep the label?** (a) Name one change of a picture that would be a
# good augmentation for photographs of places and is not in your `augment`, and one that would be a
# bad one; give a reason for each. (b) Somebody augments the pictures in `val` as well, each once,
# and picks the best of twenty networks by the accuracy on them. Name one thing that is wrong with
# this.

# %% [markdown] question which_changes points=1.5 minutes=10
# ### BEGIN SOLUTION
# (a) Good: changes of brightness, contrast or colour cast (cameras and light differ, the place
# stays the same), small rotations or zooms, a little blur or noise, covering a small part. Bad:
# upside down (nobody photographs places like that; the network would have to learn pictures that
# never occur), turning by 90 degrees, zooming so far that what makes the place is cut off,
# shuffling parts.
#
# (b) Validation pictures should be like those of real use; changed ones measure something else, with
# more chance in it (unless done with a fixed generator, two networks even see different pictures).
# Also: the best of twenty on val is too optimistic, because val was used to choose; only pictures
# that were not used (test) say how good it is.
#
# Grading: half a point for each of: a good change with a reason, a bad one with a reason, one of
# the things in (b).
# ### END SOLUTION

# %% [markdown]
# **Question 2: what does a test on one batch prove?** (a) Your network learns one batch by heart in
# 50 steps. Name one bug that it may still have. (b) Another network does not get below a loss of 2.3
# on one batch of 12 classes. Name two possible causes, and for each a way to find out in less than a
# minute.

# %% [markdown] question one_batch points=1.5 minutes=10
# ### BEGIN SOLUTION
# (a) Anything that shows on other pictures only or outside training: no eval mode when it is judged,
# augmentation that ruins pictures, training labels that are shifted for the whole set (the network
# learns wrong labels just as well), val pictures that are also in train, a network too large or too
# small to generalise.
#
# (b) For example: the learning rate is far too small or too large (try ten times more and less); a
# softmax before the loss (look at the last layer, or whether outputs sum to 1); parameters that do
# not learn, because they are frozen, not registered or not given to the optimizer (compare weights
# before and after a step, look for gradients that are None); inputs that are all alike or
# constant, for example divided by 255 twice (print their mean and spread); labels that change at
# each step (print them).
#
# Grading: half a point for (a); half a point for each cause with a way to find out.
# ### END SOLUTION

# %% [markdown]
# ## If you want more
#
# No points, nothing to hand in, and harder than the rest.
#
# - **Chance in the checkpoint.** A run with `augment` does not resume as if it had never stopped:
#   its generator is not in the file. Save `generator.get_state()`, too. It is right when the
#   losses of a run with augmentation, stopped after 7 of 14 steps, equal those of one that never
#   stopped.
# - **Mixup.** Train on $\lambda$ times one picture plus $1 - \lambda$ times another, with the
#   labels mixed in the same way (`F.cross_entropy` takes probabilities). It is right when
#   $\lambda = 1$ gives the usual loss to the last digit. Does the gap between the training loss
#   and val shrink?
# - **Cheaper blocks.** Replace each 3x3 convolution after the first by a 3x3 one with `groups`
#   equal to its channels, followed by a 1x1 one. From 64 to 128 channels that has 8,768 weights
#   instead of 73,728. How much accuracy do you lose?

# %% [markdown]
# ## What you know now
#
# - A data set is a length and an item for an index; a `DataLoader` makes batches of it. Read each
#   item only when it is asked for, and transform it each time.
# - Augmentation shows what does not matter. All of its randomness comes from one generator, so a
#   run can be repeated.
# - Blocks of convolution, batch norm, ReLU and pooling, a mean over places and one linear layer: fewer
#   than 100,000 numbers, and pictures of any size.
# - First loss $\ln(\text{classes})$, then one batch by heart; only then train for real.
# - A checkpoint is the model with its buffers, the optimizer with its state and rates, and the step.
#   Numbers and text are enough; a pickle can run code.
# - Look at the mistakes.
#
# **Before you hand in:** restart the kernel, run all cells, save the notebook, and run the next
# cell. It checks that all graded cells are there and which visible tests pass, and packs the one
# file to hand in. If the other notebooks of the assignment lie in the same folder, the file holds
# them too.

# %% hand-in "Check the notebook and pack it"
from shared.hand_in import check_and_pack

check_and_pack("01_train_cnn", "@GRADED_CELLS@", (), "@ASSIGNMENT@", "@NOTEBOOKS@")

# %% [markdown]
# **Further reading**
#
# - Zhou, Lapedriza, Khosla, Oliva and Torralba,
#   [Places: A 10 million image database for scene recognition](https://doi.org/10.1109/TPAMI.2017.2723009),
#   2017
# - Karpathy, [A recipe for training neural networks](https://karpathy.github.io/2019/04/25/recipe/)
# - *Dive into Deep Learning*,
#   [section 14.1](https://d2l.ai/chapter_computer-vision/image-augmentation.html) on augmentation
# - [Datasets and DataLoaders](https://pytorch.org/tutorials/beginner/basics/data_tutorial.html) in
#   PyTorch's tutorials
#
# Next: deeper, with residual blocks.
