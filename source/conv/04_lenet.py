# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](@COLAB_URL@)
#
# # A network that reads digits
#
# Convolution, pooling, normalisation: you have built the parts. Now PyTorch's layers do the work,
# and you put them together: LeNet-5, the network that read the digits on cheques in the 1990s, and
# everything around it: a table of its layers, the training loop, a fair test. At the end you hand
# in not only code but also a *trained network*, which is tested on digits that you have never
# seen.
#
# **What is due.** The 5 pieces of code below, a file of trained weights and two short open
# questions: 17 points.
#
# | part | you write | points |
# |---|---|---|
# | 1 LeNet-5 | `LeNet5` | 3 |
# | 2 A network with batch norm | `Net` | 3 |
# | 3 What is in a network? | `layer_table` | 2 |
# | 4 One epoch | `train_one_epoch` | 3 |
# | 5 How good is it? | `evaluate` | 2 |
# | 6 Train it | nothing new: the file `lenet5.safetensors` | 2 |
# | 7 What has it learned? | nothing: look | |
# | 8 Two open questions | a few sentences each | 2 |
#
# **How long it takes.** Two to three hours for most. Everything runs on a CPU: all cells together
# need about 60 seconds, of which the training is 45.
#
# **How it works.** As before: an idea, a picture, something to write and a test that you can run.
# When your notebook is graded, further cases of the same kind are tried: batches of other sizes,
# networks with dropout and batch norm, modules that are used twice. The weights that you hand in
# are tested on 1,000 images whose labels nobody gets to see.
#
# **Rules**
#
# - Use everything that PyTorch has: `nn.Conv2d`, `nn.MaxPool2d`, `nn.BatchNorm2d`,
#   `nn.functional`, `torch.optim`.
# - A network is an `nn.Module` without constructor arguments here, and takes batches of any size.
# - `loader` is a `DataLoader`: something that you can loop over, and that gives batches
#   `(images, labels)`. The last batch may be smaller than the others.
# - `device` is where the model is, for example `"cpu"` or `"cuda"`: move each batch there.
#
# Run the next three cells once. Then start.

# %% tags=["setup"] nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset, TensorDataset

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

from shared.expect import expect

# %% tags=["figure"] cellView="form" jupyter={"source_hidden": true}
# @title Colours and ways to draw { display-mode: "form" }
from shared.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PLAIN,
    RED,
    draw_image,
    once_written,
)


def draw_digits(images, titles, rows, colour=INK, size=1.15):
    """Draw digits (N, 1, 28, 28) in rows, each with its title."""
    columns = -(-len(images) // rows)
    fig, axes = plt.subplots(rows, columns, figsize=(size * columns, (size + 0.3) * rows))
    for ax in np.ravel(axes):
        ax.axis("off")
    for ax, image, title in zip(np.ravel(axes), images, titles, strict=False):
        ax.imshow(1 - image[0], cmap="gray", vmin=0, vmax=1)
        ax.set_title(str(title), color=colour, fontsize=11)
    plt.show()


# %% tags=["figure"] cellView="form" jupyter={"source_hidden": true}
# @title What you will build { display-mode: "form" }
def draw_volume(ax, x, size, channels, colour, label):
    """Draw C x H x W numbers as a block in perspective whose left face starts at x."""
    high, deep, wide = size / 28 * 4, size / 28 * 1.5, channels**0.5 / 3
    y, slant = -high / 2, deep * 0.6
    front = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)]
    top = [(x, y + high), (x + deep, y + high + slant), (x + deep + wide, y + high + slant),
           (x + wide, y + high)]  # fmt: skip
    side = [(x + wide, y), (x + wide + deep, y + slant), (x + wide + deep, y + high + slant),
            (x + wide, y + high)]  # fmt: skip
    for corners, alpha in ((front, 0.55), (top, 0.35), (side, 0.8)):
        ax.add_patch(plt.Polygon(corners, fc=colour, ec=INK, lw=0.8, alpha=alpha))
    ax.text(x + (wide + deep) / 2, -2.5, label, ha="center", va="top", fontsize=11, color=INK)
    return x + wide + deep


fig, ax = plt.subplots(figsize=(13, 3.9))
blocks = [
    (28, 1, GREY, "image\n1 x 28 x 28"), (28, 20, BLUE, "conv, ReLU\n20 x 28 x 28"),
    (14, 20, GREEN, "max pool\n20 x 14 x 14"), (14, 50, BLUE, "conv, ReLU\n50 x 14 x 14"),
    (7, 50, GREEN, "max pool\n50 x 7 x 7"),
]  # fmt: skip
x = 0.0
for size, channels, colour, label in blocks:
    end = draw_volume(ax, x, size, channels, colour, label)
    ax.annotate("", (end + 0.95, 0), (end + 0.15, 0), arrowprops=dict(arrowstyle="-|>", color=INK))
    x = end + 1.1
bars = [(2450, 4.2, GREY, "flatten\n2450"), (500, 2.8, ORANGE, "linear, ReLU\n500"),
        (10, 1.2, RED, "linear\n10 logits")]  # fmt: skip
for k, (_, high, colour, label) in enumerate(bars):
    ax.add_patch(plt.Rectangle((x + 0.5, -high / 2), 0.3, high, fc=colour, ec=INK, lw=0.8))
    ax.text(x + 0.65, -2.5, label, ha="center", va="top", fontsize=11, color=INK)
    if k < 2:
        style = dict(arrowstyle="-|>", color=INK)
        ax.annotate("", (x + 2.1, 0), (x + 1.0, 0), arrowprops=style)
    x += 1.9
ax.set(xlim=(-0.8, x + 0.2), ylim=(-3.9, 3.2))
ax.axis("off")
plt.show()

# %% [markdown]
# ## 1 LeNet-5
#
# *Lecture: "Convolutional Networks", "Example: LeNet-5".*
#
# The classic architecture is [Conv, ReLU, Pool] x N, flatten, [Linear, ReLU] x N, Linear. LeNet-5
# is the case with two of the first and one of the second. Follow an image of a digit through it:
#
# | layer | output | weight |
# |---|---|---|
# | Input | 1 x 28 x 28 | |
# | Conv ($C_{out} = 20$, $K = 5$, $P = 2$, $S = 1$) | 20 x 28 x 28 | 20 x 1 x 5 x 5 |
# | ReLU | 20 x 28 x 28 | |
# | MaxPool ($K = 2$, $S = 2$) | 20 x 14 x 14 | |
# | Conv ($C_{out} = 50$, $K = 5$, $P = 2$, $S = 1$) | 50 x 14 x 14 | 50 x 20 x 5 x 5 |
# | ReLU | 50 x 14 x 14 | |
# | MaxPool ($K = 2$, $S = 2$) | 50 x 7 x 7 | |
# | Flatten | 2450 | |
# | Linear (2450 -> 500) | 500 | 2450 x 500 |
# | ReLU | 500 | |
# | Linear (500 -> 10) | 10 | 500 x 10 |
#
# Check the first rows by hand: $28 + 2 \cdot 2 - 5 + 1 = 28$, so the convolution keeps the size,
# and the pooling halves it. After the second pooling there are $50 \cdot 7 \cdot 7 = 2450$ numbers
# per image. And the parameters, with a bias for each filter and each output:
#
# $$20 \cdot 26 + 50 \cdot 501 + 500 \cdot 2451 + 10 \cdot 501 = 1\,256\,080$$
#
# The ten outputs are **logits**: any real numbers, the largest is the network's guess. There is no
# softmax at the end, because PyTorch's `F.cross_entropy` has it inside.
#
# Flattening deserves a second look. A batch is $N \times 50 \times 7 \times 7$; we want
# $N \times 2450$, one row per image. The batch axis has to stay.


# %% exercise="LeNet5" nbgrader={"grade": false, "grade_id": "LeNet5", "locked": false, "schema_version": 3, "solution": true, "task": false}
class LeNet5(nn.Module):
    """The lecture's LeNet-5: images (N, 1, 28, 28), float32, to logits (N, 10).

        [Conv 5x5, ReLU, MaxPool 2x2] twice with 20 and 50 channels, padding 2; Flatten;
        Linear to 500, ReLU; Linear to 10

    1,256,080 parameters, all layers with bias; N may be any number. Name the layers as you like.

    Lecture 7: "Example: LeNet-5"; LeCun et al. 1998.
    """

    def __init__(self):
        super().__init__()
        ### BEGIN SOLUTION
        self.layers = nn.Sequential(
            nn.Conv2d(1, 20, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(20, 50, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(2450, 500),
            nn.ReLU(),
            nn.Linear(500, 10),
        )
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        return self.layers(x)
        ### END SOLUTION


# %% exercise="LeNet5" nbgrader={"grade": true, "grade_id": "test_LeNet5", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
lenet = LeNet5()
count = sum(parameter.numel() for parameter in lenet.parameters())
expect("LeNet5: the number of parameters", count, 1_256_080)
expect("LeNet5: three images", tuple(lenet(torch.zeros(3, 1, 28, 28)).shape), (3, 10))
expect("LeNet5: a single image", tuple(lenet(torch.zeros(1, 1, 28, 28)).shape), (1, 10))
### BEGIN HIDDEN TESTS
from autograder.checks import check, probe
from solutions.conv import lenet as reference


def make(draw, N, training=0, backward=0, order=0, left=0):
    x, key = draw.uniform(0, 1, N, 1, 28, 28), draw.integer(0, 1 << 30)
    return x, key, bool(training), bool(backward), ["rows", "columns", "a part"][order], bool(left)


@probe
def look(LeNet5, x, key, training, backward, order, left):
    import torch

    if order == "columns":
        x = x.transpose(2, 3).contiguous().transpose(2, 3)
    if order == "a part":
        x = torch.nn.functional.pad(x, (2, 1, 3, 2, 1, 0))[:, 1:, 3:31, 2:30]
    torch.default_generator.manual_seed(key)
    model = LeNet5()
    model.train(training)
    parameters = sorted(model.parameters(), key=lambda p: tuple(p.shape))
    found = {
        "the list of the parameters' shapes": [tuple(p.shape) for p in parameters],
        "the number of parameters": sum(p.numel() for p in parameters),
    }
    generator = torch.Generator().manual_seed(key)
    with torch.no_grad():
        for p in parameters:
            fan = max(p[0].numel(), 16)
            p.copy_((torch.rand(p.shape, generator=generator) - 0.5) * 5 / fan**0.5)
    logits = model(x)
    found["the logits with given weights"] = logits.detach()
    if left:
        found["the images afterwards"] = x
    if backward:
        mix = torch.randn(logits.shape, generator=generator)
        (logits * mix).sum().backward()
        norms = [0.0 if p.grad is None else float(p.grad.norm()) for p in parameters]
        found["the norms of the parameters' gradients"] = torch.tensor(norms)
    return found


check(
    LeNet5,
    reference.LeNet5,
    make,
    points=3,
    groups={
        "one image": dict(N=1),
        "a batch of images": [dict(N=2), dict(N=5)],
        "in training mode": dict(N=3, training=1),
        "gradients reach every layer": dict(N=2, training=1, backward=1),
        "images in another order in memory": [dict(N=3, order=1), dict(N=2, order=2)],
        "the images are left alone": [dict(N=3, left=1), dict(N=1, training=1, left=1)],
    },
    extras=None,
    use=look,
    rtol=1e-3,
    atol=1e-4,
)
### END HIDDEN TESTS

# %% [markdown]
# ## 2 A network with batch norm
#
# *Lecture: "Example of Batchnorm in NN".*
#
# The lecture's second network puts batch norm between each layer and its ReLU, and dropout before
# the linear layers. Two things are new. Its convolutions have no padding, so the maps shrink:
# $28 - 3 + 1 = 26$, then $24$, and pooling makes $12$; flattening gives
# $64 \cdot 12 \cdot 12 = 9216$. And it ends in `F.log_softmax`: the outputs are
# **log-probabilities**, and their exponentials add up to 1 for each image.
#
# | step | output |
# |---|---|
# | `conv1` (32 filters 3x3), `conv1_bn`, ReLU | 32 x 26 x 26 |
# | `conv2` (64 filters 3x3), `conv2_bn`, ReLU | 64 x 24 x 24 |
# | max pool 2 | 64 x 12 x 12 |
# | `dropout1` (0.25), flatten | 9216 |
# | `fc1`, `fc1_bn`, ReLU | 128 |
# | `fc2`, log-softmax | 10 |
#
# Layers that have weights or behave differently in training and testing must be attributes of the
# module: only then do `model.parameters()`, `model.train()` and `model.eval()` reach them. A ReLU
# has neither, so the function `F.relu` will do.


# %% exercise="Net" nbgrader={"grade": false, "grade_id": "Net", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Net(nn.Module):
    """The lecture's network with batch norm: images (N, 1, 28, 28) to log-probabilities (N, 10).

    Its layers are the attributes conv1, conv1_bn, conv2, conv2_bn, dropout1, fc1, fc1_bn and fc2,
    with the sizes of the table above; batch norm comes before ReLU. Dropout drops single numbers
    (nn.Dropout), with probability 0.25.

    Lecture 7: "Example of Batchnorm in NN".
    """

    def __init__(self):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(1, 32, 3, 1)
        self.conv1_bn = nn.BatchNorm2d(32)
        self.conv2 = nn.Conv2d(32, 64, 3, 1)
        self.conv2_bn = nn.BatchNorm2d(64)
        self.dropout1 = nn.Dropout(0.25)
        self.fc1 = nn.Linear(9216, 128)
        self.fc1_bn = nn.BatchNorm1d(128)
        self.fc2 = nn.Linear(128, 10)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        x = F.relu(self.conv1_bn(self.conv1(x)))
        x = F.relu(self.conv2_bn(self.conv2(x)))
        x = F.max_pool2d(x, 2)
        x = self.dropout1(x)
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1_bn(self.fc1(x)))
        x = self.fc2(x)
        return F.log_softmax(x, dim=1)
        ### END SOLUTION


# %% exercise="Net" nbgrader={"grade": true, "grade_id": "test_Net", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
net = Net()
expect("Net: the weights of fc1", tuple(net.fc1.weight.shape), (128, 9216))
count = sum(parameter.numel() for parameter in net.parameters())
expect("Net: the number of parameters", count, 1_200_330)
net.eval()
out = net(torch.linspace(0, 1, 2 * 784).reshape(2, 1, 28, 28))
expect("Net: two images", tuple(out.shape), (2, 10))
expect("Net: the probabilities add up to 1", out.detach().exp().sum(dim=1), torch.ones(2))
### BEGIN HIDDEN TESTS
from autograder.checks import check, probe
from solutions.conv import lenet as reference


def make(draw, N, training=0, dropout=0, backward=0, order=0, left=0):
    x, key = draw.uniform(0, 1, N, 1, 28, 28), draw.integer(0, 1 << 30)
    modes = bool(training), bool(dropout), bool(backward), bool(left)
    return x, key, *modes, ["rows", "columns", "a part"][order]


@probe
def look(Net, x, key, training, dropout, backward, left, order):
    import torch

    if order == "columns":
        x = x.transpose(2, 3).contiguous().transpose(2, 3)
    if order == "a part":
        x = torch.nn.functional.pad(x, (2, 1, 3, 2, 1, 0))[:, 1:, 3:31, 2:30]
    torch.default_generator.manual_seed(key)
    model = Net()
    state = model.state_dict()
    found = {
        "the names and shapes of its state": sorted((k, tuple(v.shape)) for k, v in state.items())
    }
    generator = torch.Generator().manual_seed(key)
    for name, values in sorted(state.items()):
        if values.is_floating_point():
            drawn = torch.rand(values.shape, generator=generator)
            fan = max(values[0].numel(), 16) if values.dim() else 16
            values.copy_(drawn + 0.5 if "var" in name else (drawn - 0.4) * 2 / fan**0.5)
    model.load_state_dict(state)
    model.train(training)
    if dropout:
        sizes = []
        model.dropout1.register_forward_hook(lambda _, i, o: sizes.append(i[0][0].numel()))
        found["what is dropped out"] = type(model.dropout1).__name__
        found["dropout's probability"] = float(model.dropout1.p)
        model(x.clone())
        found["the numbers an image that go through dropout1"] = sizes
    model.dropout1.p = 0.0
    out = model(x)
    found["the output with given weights"] = out.detach()
    if left:
        found["the images afterwards"] = x
    if training:
        found["the running means"] = torch.cat(
            [model.conv1_bn.running_mean, model.conv2_bn.running_mean, model.fc1_bn.running_mean]
        ).clone()
    if backward:
        (out * torch.randn(out.shape, generator=generator)).sum().backward()
        pairs = sorted(model.named_parameters())
        norms = [0.0 if p.grad is None else float(p.grad.norm()) for n, p in pairs if "fc2" in n]
        found["the norms of fc2's gradients"] = torch.tensor(norms)
    return found


check(
    Net,
    reference.Net,
    make,
    points=3,
    groups={
        "one image, in eval mode": dict(N=1),
        "a batch, in eval mode": dict(N=3),
        "a batch, in training mode": dict(N=4, training=1, backward=1),
        "dropout": dict(N=3, training=1, dropout=1),
        "images in another order in memory": [dict(N=3, order=1), dict(N=2, order=2)],
        "the images are left alone": [dict(N=2, left=1), dict(N=3, training=1, left=1)],
    },
    extras=None,
    use=look,
    rtol=1e-3,
    atol=1e-4,
)
### END HIDDEN TESTS

# %% [markdown]
# Why the two modes matter: below, *one* image goes through your (untrained) `Net` together with
# seven different groups of other images. In training mode its probabilities depend on the rest of
# the batch, because batch norm takes the mean and the variance over the batch, and they are
# random, because dropout rolls the dice. In eval mode neither is the case. The lecture warns of
# this: "a very common source of bugs".

# %% tags=["figure"] cellView="form" jupyter={"source_hidden": true}
# @title The same image in different company { display-mode: "form" }
with once_written("Net"):
    torch.manual_seed(3)
    net = Net()
    strokes = F.avg_pool2d((torch.rand(57, 1, 32, 32) > 0.9).float() * 4, 5, 1).clamp(0, 1)
    fig, axes = plt.subplots(1, 2, figsize=(11, 3), sharey=True)
    for ax, training in zip(axes, (True, False), strict=True):
        net.train(training)
        for k in range(7):
            company = torch.cat([strokes[:1], strokes[1 + 8 * k : 9 + 8 * k]])
            with torch.no_grad():
                p = net(company)[0].exp()
            ax.plot(range(10), p, "o-", lw=1, ms=4, color=BLUE if training else GREEN, alpha=0.6)
        ax.set(xlabel="digit", xticks=range(10))
        ax.set_title(
            f"net.{'train' if training else 'eval'}(): seven batches with one image in common"
        )
    axes[0].set_ylabel("probability")
    plt.show()

# %% [markdown]
# ## 3 What is in a network?
#
# *Lecture: "Example: LeNet-5".*
#
# The table in part 1 was made by hand. A program can make it for *any* network, if it watches the
# layers while an image passes through. Take this one:
#
# ```
# class Tiny(nn.Module):
#     def __init__(self):
#         super().__init__()
#         self.head = nn.Linear(8, 3)
#         self.conv = nn.Conv2d(1, 2, 3)
#         self.relu = nn.ReLU()
#
#     def forward(self, x):                     # (N, 1, 4, 4)
#         x = self.relu(self.conv(x))           # (N, 2, 2, 2)
#         return self.relu(self.head(x.flatten(1)))
# ```
#
# Reading `__init__` gives the order head, conv, relu, and that is wrong: the convolution runs
# first, and the ReLU runs twice. The right table is
#
# | layer | output | weight |
# |---|---|---|
# | Input | 1 x 4 x 4 | |
# | Conv2d | 2 x 2 x 2 | 2 x 1 x 3 x 3 |
# | ReLU | 2 x 2 x 2 | |
# | Linear | 3 | 3 x 8 |
# | ReLU | 3 | |
#
# (The lecture writes the weight of a linear layer as in x out; PyTorch stores it as out x in.)
# What you need: `module.register_forward_hook(f)` makes PyTorch call `f(module, inputs, output)`
# each time the module has run, and returns a handle whose `remove()` ends that. A **leaf** is a
# module without modules inside. A plain function (`F.relu`, `flatten`) leaves no trace.
#
# Looking at a network must not change it: in training mode an image of zeros would end up in the
# running statistics of batch norm. So use eval mode, and afterwards give *every* module back the
# mode that it had: in a network whose batch norm is frozen, modes differ.


# %% exercise="layer_table" nbgrader={"grade": false, "grade_id": "layer_table", "locked": false, "schema_version": 3, "solution": true, "task": false}
def layer_table(model, input_shape):
    """Return what runs in a model, row by row: a list of (name, output shape, weight shape).

    model: an nn.Module; input_shape: the shape of one input, a tuple without the batch axis.
    The first row is ("Input", input_shape, None). Then follows a row for each leaf module in the
    order in which they run: the name of its class, the shape of its output without the batch axis,
    and the shape of its `weight` as PyTorch stores it, None where it has none. A module that runs
    twice has two rows, one that does not run has none. Shapes are tuples of integers.

    Afterwards the model is as before: mode and state of every module; no hooks are left in it.

    Lecture 7: "Example: LeNet-5".
    """
    ### BEGIN SOLUTION
    rows = [("Input", tuple(input_shape), None)]
    modes = [(module, module.training) for module in model.modules()]

    def note(module, inputs, output):
        weight = getattr(module, "weight", None)
        shape = None if weight is None else tuple(weight.shape)
        rows.append((type(module).__name__, tuple(output.shape[1:]), shape))

    leaves = [module for module in model.modules() if not list(module.children())]
    handles = [leaf.register_forward_hook(note) for leaf in leaves]
    device = next((parameter.device for parameter in model.parameters()), "cpu")
    model.eval()
    with torch.no_grad():
        model(torch.zeros(1, *input_shape, device=device))
    for handle in handles:
        handle.remove()
    for module, training in modes:
        module.training = training
    return rows
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "tiny_network", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Tiny(nn.Module):
    """The network of the example, which layer_table is tried on."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(8, 3)
        self.conv = nn.Conv2d(1, 2, 3)
        self.relu = nn.ReLU()

    def forward(self, x):
        x = self.relu(self.conv(x))
        return self.relu(self.head(x.flatten(1)))


def table_of_tiny(layer_table):
    """Return layer_table's rows for the network of the example."""
    return [tuple(row) for row in layer_table(Tiny(), (1, 4, 4))]


def table_of_nested(layer_table):
    """Return the rows for a network inside a network, with batch norm, in training mode."""
    inner = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4))
    model = nn.Sequential(inner, nn.MaxPool2d(2), nn.Flatten())
    rows = [tuple(row) for row in layer_table(model, (3, 6, 8))]
    return rows, bool(model.training and inner[1].training)


# %% exercise="layer_table" nbgrader={"grade": true, "grade_id": "test_layer_table", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
tiny = [
    ("Input", (1, 4, 4), None),
    ("Conv2d", (2, 2, 2), (2, 1, 3, 3)),
    ("ReLU", (2, 2, 2), None),
    ("Linear", (3,), (3, 8)),
    ("ReLU", (3,), None),
]
expect("layer_table: the example", table_of_tiny(layer_table), tiny)
nested = [
    ("Input", (3, 6, 8), None),
    ("Conv2d", (4, 6, 8), (4, 3, 3, 3)),
    ("BatchNorm2d", (4, 6, 8), (4,)),
    ("MaxPool2d", (4, 3, 4), None),
    ("Flatten", (48,), None),
]
rows, still_training = table_of_nested(layer_table)
expect("layer_table: a network inside a network", rows, nested)
expect("layer_table: it still is in training mode", still_training, True)
### BEGIN HIDDEN TESTS
from autograder.checks import check, probe
from solutions.conv import lenet as reference

KINDS = ["in a row", "in containers", "in another order", "many"]


def make(draw, kind, mode=1):
    shape = draw.integer(1, 5), 2 * draw.integer(3, 6), 2 * draw.integer(4, 7)
    return KINDS[kind], shape, draw.integer(0, 1 << 30), mode


@probe
def look(layer_table, kind, input_shape, key, mode):
    import random

    import torch
    from torch import nn

    luck = random.Random(key)  # it decides what the network is made of
    C, H, W = input_shape
    a, b, c = luck.randint(2, 40), luck.randint(2, 40), luck.randint(2, 40)

    def plain():
        return luck.choice([nn.ReLU, nn.Tanh, nn.Sigmoid, nn.ELU, nn.GELU, nn.SiLU])()

    class Scale(nn.Module):
        def forward(self, x):
            return 2 * x

    Scale.__name__ = f"Scale{luck.randint(2, 999)}"

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(a * (H // 2) * (W // 2), b)
            self.never = nn.Linear(c, 2)
            self.body = nn.Sequential(
                nn.Sequential(nn.Conv2d(C, a, 3, padding=1, bias=False), nn.BatchNorm2d(a)),
                Scale(),
            )
            self.pool = nn.MaxPool2d(2)
            self.again = plain()
            self.norm = nn.BatchNorm1d(b, affine=False)
            self.drop = nn.Dropout(0.5)

        def forward(self, x):
            x = self.pool(self.again(self.body(x)))
            return self.drop(self.norm(self.again(self.head(x.flatten(1)))))

    torch.default_generator.manual_seed(key)
    if kind == "in a row":
        stride = luck.randint(1, 3)
        layers = [nn.Conv2d(C, a, 3, stride=stride), plain(), nn.Conv2d(a, b, (1, 2)), nn.Flatten()]
        model = nn.Sequential(*layers)
    elif kind == "in containers":
        inner = nn.Sequential(nn.Conv2d(C, a, (1, 3)), plain())
        model = nn.Sequential(nn.Sequential(inner, nn.Conv2d(a, b, 1)), nn.AvgPool2d(2), Scale())
    elif kind == "many":  # their names, put in order as texts: 0, 1, 10, 11, 2, ...
        layers, wide = [], C
        for _ in range(luck.randint(6, 8)):
            wider = luck.randint(2, 20)
            layers += [nn.Conv2d(wide, wider, 1), plain()]
            wide = wider
        model = nn.Sequential(*layers)
    else:
        model = Net()
    model.train(mode > 0)
    if mode == 2:
        for module in model.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                module.eval()
    for parameter in model.parameters():
        parameter.requires_grad_(luck.random() < 0.5)
        parameter.grad = torch.randn_like(parameter)
    rows = layer_table(model, input_shape)
    recording = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    plain_rows = [
        (str(name), tuple(shape), None if weight is None else tuple(weight))
        for name, shape, weight in rows
    ]
    numbers = [value.double().flatten() for value in model.state_dict().values()]
    numbers += [p.grad.double().flatten() for p in model.parameters() if p.grad is not None]
    return {
        "the table": plain_rows,
        "the modes of the modules afterwards": [m.training for m in model.modules()],
        "the model's state and gradients afterwards": torch.cat(numbers),
        "which parameters ask for gradients": [p.requires_grad for p in model.parameters()],
        "the number of hooks left": sum(len(m._forward_hooks) for m in model.modules())
        + sum(len(m._forward_pre_hooks) for m in model.modules()),
        "are gradients recorded afterwards": recording,
    }


check(
    layer_table,
    reference.layer_table,
    make,
    points=2,
    groups={
        "layers in a row": dict(kind=0),
        "containers inside containers": dict(kind=1),
        "modules that run twice, never, and in another order": dict(kind=2, mode=0),
        "a network in training mode": dict(kind=2, mode=1),
        "a network in training mode whose batch norm is frozen": dict(kind=2, mode=2),
        "more than ten layers": dict(kind=3, mode=0),
    },
    extras=None,
    use=look,
)
### END HIDDEN TESTS

# %% tags=["figure"] cellView="form" jupyter={"source_hidden": true}
# @title Your table of LeNet-5: narrower and deeper { display-mode: "form" }
with once_written("LeNet5 and layer_table"):
    rows = layer_table(LeNet5(), (1, 28, 28))
    for name, shape, weight in rows:
        show = [" x ".join(map(str, one)) if one else "" for one in (shape, weight)]
        print(f"{name:10} {show[0]:14} {show[1]}")
    numbers = [int(np.prod(shape)) for _, shape, _ in rows]
    sizes = [shape[1] if len(shape) == 3 else 1 for _, shape, _ in rows]
    channels = [shape[0] for _, shape, _ in rows]
    fig, axes = plt.subplots(1, 3, figsize=(13, 3.8), sharey=True)
    places = range(len(rows))[::-1]
    shown = [(sizes, "height and width", GREEN), (channels, "channels or features", BLUE),
             (numbers, "numbers per image", ORANGE)]  # fmt: skip
    for ax, (values, title, colour) in zip(axes, shown, strict=True):
        ax.hlines(places, 0.7, values, color=GREY, lw=0.5)
        ax.plot(values, places, "o", color=colour)
        for place, value in zip(places, values, strict=True):
            ax.text(value * 1.3, place, f"{value:,}", va="center", fontsize=10, color=INK)
        ax.set(title=f"{title} (log scale)", xscale="log", xlim=(0.7, max(values) * 6))
        ax.set_yticks(places, [row[0] for row in rows])
    plt.show()

# %% [markdown]
# As we go through the network, the spatial size goes down and the number of channels goes up: less
# *where*, more *what*. And one layer holds nearly all the weights; question 1 comes back to it.
#
# ## 4 One epoch
#
# *Lecture: "What do convolutional filters learn?"; lecture 6: "Backpropagation".*
#
# Training shows the network every image once, batch by batch, and calls that an epoch. For each
# batch, four steps in this order: forget the old gradients, predict and take the loss, go backward,
# take a step. The loss is the cross-entropy, $-\log p_{\text{label}}$, averaged over the batch; for
# a network that guesses among ten digits it starts near $\log 10 = 2.30$.
#
# What to report at the end? Say five images come in batches of 2, 2 and 1, with mean losses 1, 1
# and 4. The mean of the three means is $(1 + 1 + 4)/3 = 2$. But the last batch is only *one* image:
#
# $$\frac{2 \cdot 1 + 2 \cdot 1 + 1 \cdot 4}{5} = 1.6$$
#
# Each image counts once. Weight every batch by its number of images.

# %% tags=["figure"] cellView="form" jupyter={"source_hidden": true}
# @title What forgotten gradients do { display-mode: "form" }
fig, ax = plt.subplots(figsize=(11, 3.2))
for forget, colour, label in [(True, GREEN, "gradients are reset at each step"),
                              (False, RED, "gradients add up")]:  # fmt: skip
    w, gradient, path = 4.0, 0.0, [4.0]
    for _ in range(24):
        gradient = 2 * w + (0 if forget else gradient)  # the loss is w squared
        w -= 0.1 * gradient
        path.append(w)
    ax.plot(path, "o-", ms=4, color=colour, label=label)
ax.axhline(0, color=GREY, lw=1)
ax.set(xlabel="step", ylabel="w", title="gradient descent on the loss $w^2$, learning rate 0.1")
ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# PyTorch *adds* each new gradient to the old one. Unless it is reset, every step follows the sum
# of all gradients since the beginning: $w$ swings past the minimum like a heavy pendulum.


# %% exercise="train_one_epoch" nbgrader={"grade": false, "grade_id": "train_one_epoch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_one_epoch(model, loader, optimizer, device):
    """Train a model on every batch of the loader once; return the mean loss over all images.

    For each batch, moved to the device: reset the gradients, cross-entropy of the model's logits
    with the labels, backward, step. The model trains in training mode.

    model: gives logits (N, classes); loader: gives batches (images, labels), labels (N,) int64;
    optimizer: of model.parameters(); device: where the model is.
    Returns a float: the mean, over all images, of the loss that each had when its batch came.

    Lecture 6: "Backpropagation".
    """
    ### BEGIN SOLUTION
    model.train()
    total, count = 0.0, 0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        count += len(labels)
    return total / count
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "small_epochs", "locked": true, "schema_version": 3, "solution": false, "task": false}
POINTS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [-1.0, 0.5], [-3.0, 2.0]])
CLASSES = torch.tensor([0, 1, 0, 2, 0])


def small_epochs(train_one_epoch, lr, epochs):
    """Train a linear layer on five points in batches of 2, 2 and 1; return losses and weights."""
    model = nn.Linear(2, 3)
    with torch.no_grad():
        model.weight.copy_(torch.tensor([[0.5, -0.5], [0.0, 1.0], [-1.0, 0.5]]))
        model.bias.zero_()
    model.eval()
    loader = DataLoader(TensorDataset(POINTS, CLASSES), batch_size=2)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    modes = []
    model.register_forward_hook(lambda module, *_: modes.append(module.training))
    losses = [train_one_epoch(model, loader, optimizer, "cpu") for _ in range(epochs)]
    return losses, model.weight.detach(), bool(modes) and all(modes)


# %% exercise="train_one_epoch" nbgrader={"grade": true, "grade_id": "test_train_one_epoch", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
losses, _, _ = small_epochs(train_one_epoch, lr=0.0, epochs=1)
expect("train_one_epoch: it returns a float", isinstance(losses[0], float), True)
logits = torch.tensor(
    [[0.5, 0.0, -1.0], [-0.5, 1.0, 0.5], [0.0, 1.0, -0.5], [-0.75, 0.5, 1.25], [-2.5, 2.0, 4.0]]
)
mean = float(F.cross_entropy(logits, torch.tensor([0, 1, 0, 2, 0])))
expect("train_one_epoch: the mean over five images, not over three batches", losses[0], mean)
losses, weights, training = small_epochs(train_one_epoch, lr=0.5, epochs=2)
expect("train_one_epoch: the losses of two epochs", losses, [2.10252, 1.24419])
expect(
    "train_one_epoch: the weights after them",
    weights,
    torch.tensor([[-0.77319, 0.90305], [0.36613, 0.50746], [-0.09293, -0.41051]]),
)
expect("train_one_epoch: the model was put into training mode", training, True)
### BEGIN HIDDEN TESTS
from autograder.checks import check, probe
from solutions.conv import lenet as reference


def make(
    draw, N, size, lr, epochs=1, norm=0, training=1, adam=0, elsewhere=0, order=0, left=0
):  # fmt: skip
    x, y = draw.tensor(N, 4), torch.tensor([draw.integer(0, 2) for _ in range(N)])
    key = draw.integer(0, 1 << 30)
    modes = bool(norm), bool(training), bool(adam), bool(elsewhere), bool(order), bool(left)
    return x, y, key, size, lr / 100, epochs, *modes


@probe
def look(
    train_one_epoch, x, y, key, size, lr, epochs, norm, training, adam, elsewhere, order, left
):  # fmt: skip
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    seen = []

    class Watched(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(4, 6)
            self.norm = nn.BatchNorm1d(6) if norm else nn.Identity()
            self.drop = nn.Dropout(1.0 if norm else 0.0)
            self.last = nn.Linear(6, 3)

        def forward(self, x):
            seen.append(self.training and self.norm.training and self.drop.training)
            x = torch.tanh(self.norm(self.first(x)))
            return self.last(x + self.drop(x))

    class Parts(TensorDataset):
        """Batches that are parts of the data: what is done to a batch is done to them."""

        def __getitems__(self, places):
            return [tensor[places[0] : places[-1] + 1] for tensor in self.tensors]

    torch.default_generator.manual_seed(key)
    model = Watched()
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(2)
    model.train(training)
    if order:
        x = x.T.contiguous().T
    kind = torch.optim.Adam if adam else torch.optim.SGD
    optimizer = kind(model.parameters(), lr=lr)
    loader = DataLoader(Parts(x, y), batch_size=size, collate_fn=list)
    if elsewhere:  # a device without numbers, which every machine has
        found = []

        def forward(x):
            found.append(x.device.type)
            return torch.rand(len(x), 3, requires_grad=True)

        model.to("meta").forward = forward
        try:
            train_one_epoch(model, loader, optimizer, "meta")
        except Exception:  # no numbers come back from there, and autocast does not know the place
            pass
        same = set(found) <= {"meta"}
        return {"the place of the images": "on the device" if same else sorted(set(found))}
    losses = [train_one_epoch(model, loader, optimizer, "cpu") for _ in range(epochs)]
    found = {
        "the loss, for each epoch,": [
            one.detach() if isinstance(one, torch.Tensor) else one for one in losses
        ],
        "the weights afterwards": torch.cat([p.detach().flatten() for p in model.parameters()]),
        "the type of the loss": type(losses[0]).__name__.replace("float64", "float"),
        "the modes in which the batches were seen": sorted({bool(mode) for mode in seen}),
    }
    if left:
        found |= {
            "the images afterwards": x,
            "the labels afterwards": y,
            "the optimizer's learning rates afterwards": [g["lr"] for g in optimizer.param_groups],
            "which parameters ask for gradients": [p.requires_grad for p in model.parameters()],
        }
    return found


check(
    train_one_epoch,
    reference.train_one_epoch,
    make,
    points=3,
    groups={
        "a single batch": dict(N=6, size=6, lr=30),
        "batches of one size": dict(N=12, size=4, lr=30),
        "a last batch that is smaller": [
            dict(N=7, size=3, lr=30),
            dict(N=11, size=10, lr=30),
        ],
        "several epochs": dict(N=9, size=4, lr=20, epochs=3),
        "batch norm and dropout, handed over in eval mode": [
            dict(N=10, size=5, lr=20, norm=1, training=0),
            dict(N=11, size=4, lr=20, norm=1, training=0, epochs=2),
        ],
        "another optimizer (Adam)": dict(N=8, size=3, lr=5, epochs=2, adam=1),
        "data in another order in memory": dict(N=8, size=3, lr=20, order=1),
        "what is not trained is left alone": [
            dict(N=7, size=3, lr=20, left=1),
            dict(N=8, size=4, lr=5, epochs=2, adam=1, left=1),
        ],
    },
    hints={
        "batches that are not moved to the device do not meet the network on a GPU": dict(
            N=7, size=4, lr=5, elsewhere=1
        )
    },
    extras=None,
    use=look,
    rtol=1e-3,
    atol=1e-4,
)
### END HIDDEN TESTS

# %% [markdown]
# ## 5 How good is it?
#
# *Lecture: "Batch Normalization: Test-Time".*
#
# The loss is what training minimises; what we want to know is how many digits are read correctly.
# For logits $(1.2, 3.1, -0.4)$ the guess is 1, the index of the largest. Three right out of four
# is an **accuracy** of 0.75.
#
# A test must not disturb what it measures. In eval mode dropout drops nothing and batch norm uses
# its running statistics. Gradients are not needed, and recording them costs memory. And afterwards
# the model is back in the mode it was in: `evaluate` may be called in the middle of an epoch, or
# on a network that stays in eval mode for good.


# %% exercise="evaluate" nbgrader={"grade": false, "grade_id": "evaluate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def evaluate(model, loader, device):
    """Return a model's accuracy on the images of a loader: the share that it reads correctly.

    The guess is the class with the largest logit. The model works in eval mode and no gradients are
    recorded; afterwards model.training is what it was before.

    model: gives logits (N, classes); loader: gives batches (images, labels); device: where the
    model is.
    Returns a float in [0, 1]; each image counts once, also where the last batch is smaller.

    Lecture 7: "Batch Normalization: Test-Time".
    """
    ### BEGIN SOLUTION
    was_training = model.training
    model.eval()
    right, count = 0, 0
    with torch.no_grad():
        for images, labels in loader:
            images, labels = images.to(device), labels.to(device)
            right += int((model(images).argmax(dim=1) == labels).sum())
            count += len(labels)
    model.train(was_training)
    return right / count
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "small_tests", "locked": true, "schema_version": 3, "solution": false, "task": false}
def small_test(evaluate, training):
    """Evaluate a network that passes its input on; return accuracy, mode, what forward saw."""
    seen = []

    class Through(nn.Module):
        def forward(self, x):
            seen.append((self.training, torch.is_grad_enabled()))
            return x

    scores = torch.tensor([[1.2, 3.1, -0.4], [2.0, 1.0, 0.0], [0.0, 0.5, 4.0], [1.0, 0.0, 0.9],
                           [0.0, 3.0, 1.0]])  # fmt: skip
    loader = DataLoader(TensorDataset(scores, torch.tensor([1, 0, 2, 2, 0])), batch_size=2)
    model = Through().train(training)
    accuracy = evaluate(model, loader, "cpu")
    modes = {training for training, _ in seen}
    return accuracy, model.training, modes == {False}, any(recording for _, recording in seen)


# %% exercise="evaluate" nbgrader={"grade": true, "grade_id": "test_evaluate", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
accuracy, training, in_eval_mode, recording = small_test(evaluate, training=True)
expect("evaluate: it returns a float", isinstance(accuracy, float), True)
expect("evaluate: three of five, in batches of 2, 2 and 1", accuracy, 0.6)
expect("evaluate: the model worked in eval mode", in_eval_mode, True)
expect("evaluate: no gradients were recorded", not recording, True)
expect("evaluate: afterwards it is in training mode again", training, True)
### BEGIN HIDDEN TESTS
from autograder.checks import check, probe
from solutions.conv import lenet as reference


def make(draw, N, size, norm=0, training=1, elsewhere=0, order=0, left=0):
    x, y = draw.tensor(N, 4), torch.tensor([draw.integer(0, 2) for _ in range(N)])
    modes = bool(norm), bool(training), bool(elsewhere), bool(order), bool(left)
    return x, y, draw.integer(0, 1 << 30), size, *modes


@probe
def look(evaluate, x, y, key, size, norm, training, elsewhere, order, left):
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    seen = []

    class Watched(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm1d(4) if norm else nn.Identity()
            self.drop = nn.Dropout(1.0 if norm else 0.0)
            self.last = nn.Linear(4, 3)

        def forward(self, x):
            off = not (self.training or self.norm.training or self.drop.training)
            seen.append((off, torch.is_grad_enabled()))
            x = self.norm(x)
            return self.last(x) + self.last(self.drop(x) ** 2)

    class Parts(TensorDataset):
        """Batches that are parts of the data: what is done to a batch is done to them."""

        def __getitems__(self, places):
            return [tensor[places[0] : places[-1] + 1] for tensor in self.tensors]

    torch.default_generator.manual_seed(key)
    model = Watched()
    if norm:
        with torch.no_grad():
            model.norm.running_mean.copy_(torch.randn(4))
            model.norm.running_var.copy_(0.2 + 3 * torch.rand(4))
    model.train(training)
    for number, parameter in enumerate(model.parameters()):
        parameter.requires_grad_((key + number) % 2 == 0)  # some ask and some do not
        parameter.grad = torch.randn_like(parameter)
    if order:
        x = x.T.contiguous().T
    loader = DataLoader(Parts(x, y), batch_size=size, collate_fn=list)
    if elsewhere:  # a device without numbers, which every machine has
        found = []

        def forward(x):
            found.append(x.device.type)
            return torch.rand(len(x), 3)

        model.to("meta").forward = forward
        try:
            evaluate(model, loader, "meta")
        except Exception:  # no numbers come back from there, and autocast does not know the place
            pass
        same = set(found) <= {"meta"}
        return {"the place of the images": "on the device" if same else sorted(set(found))}
    try:
        accuracy = evaluate(model, loader, "cpu")
        recording = torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)
    state = torch.cat([value.double().flatten() for value in model.state_dict().values()])
    found = {
        "the accuracy": accuracy.detach() if isinstance(accuracy, torch.Tensor) else accuracy,
        "the type of the accuracy": type(accuracy).__name__.replace("float64", "float"),
        "did every batch go through in eval mode": bool(seen) and all(off for off, _ in seen),
        "were gradients recorded": any(on for _, on in seen),
        "model.training afterwards": model.training,
        "the model's state afterwards": state,
        "are gradients recorded again afterwards": recording,
    }
    if left:
        found |= {
            "the images afterwards": x,
            "the labels afterwards": y,
            "which parameters ask for gradients": [p.requires_grad for p in model.parameters()],
            "the model's gradients afterwards": [
                "none" if p.grad is None else p.grad for p in model.parameters()
            ],
        }
    return found


check(
    evaluate,
    reference.evaluate,
    make,
    points=2,
    groups={
        "a single batch": [dict(N=40, size=40), dict(N=51, size=60)],
        "batches of one size": [dict(N=24, size=8), dict(N=60, size=20)],
        "a last batch that is smaller": [dict(N=21, size=10), dict(N=43, size=7)],
        "batch norm and dropout": [
            dict(N=30, size=8, norm=1),
            dict(N=51, size=10, norm=1),
        ],
        "a model that was in eval mode": [
            dict(N=37, size=5, norm=1, training=0),
            dict(N=46, size=9, training=0),
        ],
        "data in another order in memory": dict(N=48, size=13, norm=1, order=1),
        "data and model are left alone": [
            dict(N=41, size=9, left=1),
            dict(N=32, size=8, norm=1, training=0, left=1),
        ],
    },
    hints={
        "batches that are not moved to the device do not meet the network on a GPU": dict(
            N=7, size=5, elsewhere=1
        )
    },
    extras=None,
    use=look,
)
### END HIDDEN TESTS

# %% [markdown]
# ## 6 Train it
#
# *Lecture: "Example: LeNet-5".*
#
# Now real data: 4,000 images of handwritten digits from MNIST, 400 of each digit. The last 500 are
# put aside: the network does not train on them; they show how well it is doing. Where the file
# `digits.npz` is not beside the notebook, for example on Colab, MNIST is downloaded once and its
# checksum compared.

# %% tags=["train"] cellView="form" jupyter={"source_hidden": true}
# @title Where the digits come from { display-mode: "form" }
from shared.digits import load_digits

# %% tags=["train"]
images, labels = load_digits()
train_images, train_labels = images[:-500], labels[:-500]
val_images, val_labels = images[-500:], labels[-500:]
print(f"{len(train_images)} images to train on, {len(val_images)} to see how it is doing")

# %% tags=["figure"] cellView="form" jupyter={"source_hidden": true}
# @title Some of the digits { display-mode: "form" }
draw_digits(images[4:28], labels[4:28].tolist(), rows=2, size=0.95)

# %% [markdown]
# 3,500 images are few for 1.2 million weights: the network could learn them by heart. A cheap remedy
# is **augmentation**: each time an image is shown, it is shifted by up to two pixels at random. The
# digit stays the same, the pixels do not. The second ingredient is the **learning rate**: small at
# first, while nothing makes sense yet, large in the middle, small again at the end to settle.
#
# The training takes about 45 seconds on a CPU. It runs as soon as `LeNet5`, `train_one_epoch` and
# `evaluate` are written. Change what you like (epochs, rates, shifts, batch size); what counts is
# the file that comes out.


# %% tags=["train"]
class ShiftedDigits(Dataset):
    """Digits, each shifted at random by up to `most` pixels every time it is looked at."""

    def __init__(self, images, labels, most):
        self.images, self.labels, self.most = F.pad(images, [most] * 4), labels, most

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        row, col = torch.randint(0, 2 * self.most + 1, (2,)).tolist()
        return self.images[index, :, row : row + 28, col : col + 28], self.labels[index]


def train(epochs=12, top_rate=0.003, seed=0):
    """Train a LeNet5 and return it with its history: a list of (loss, accuracy)."""
    torch.manual_seed(seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = LeNet5().to(device)
    shifted = ShiftedDigits(train_images, train_labels, most=2)
    loader = DataLoader(shifted, batch_size=64, shuffle=True)
    val_loader = DataLoader(TensorDataset(val_images, val_labels), batch_size=250)
    optimizer = torch.optim.Adam(model.parameters())
    history, start = [], time.perf_counter()
    for epoch in range(epochs):
        progress = (epoch + 0.5) / epochs
        rate = top_rate * min(progress / 0.3, (1 - progress) / 0.7)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = train_one_epoch(model, loader, optimizer, device)
        history.append((loss, evaluate(model, val_loader, device)))
        seconds = time.perf_counter() - start
        print(
            f"epoch {epoch + 1:2} of {epochs}   rate {rate:.4f}   loss {loss:.3f}   "
            f"accuracy on the 500: {history[-1][1]:.1%}   {seconds:4.0f} s"
        )
    return model.cpu().eval(), history


try:
    trained, history = train()
except NotImplementedError:
    print("The training starts here: write LeNet5, train_one_epoch and evaluate first.")

# %% tags=["figure"] cellView="form" jupyter={"source_hidden": true}
# @title How it went { display-mode: "form" }
if "history" in globals():
    fig, axes = plt.subplots(1, 2, figsize=(11, 3.3))
    epochs = range(1, len(history) + 1)
    axes[0].plot(epochs, [loss for loss, _ in history], "o-", color=ORANGE)
    axes[0].set(xlabel="epoch", title="mean loss while training", yscale="log")
    errors = [100 * (1 - accuracy) for _, accuracy in history]
    axes[1].plot(epochs, errors, "o-", color=BLUE)
    axes[1].set(xlabel="epoch", title="digits misread, of the 500 put aside (%)", ylim=(0, None))
    for ax in axes:
        ax.set_xticks(epochs)
    plt.show()
else:
    print("The curves appear here: train the network first.")

# %% [markdown]
# What has been learned is in the weights. They go to a file in the safetensors format, which holds
# nothing but named numbers: unlike a pickle, opening it can run no code. Half precision
# (`float16`) halves the size of the file and does not change the guesses.

# %% cellView="form" jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "weight_files", "locked": true, "schema_version": 3, "solution": false, "task": false}
# @title Reading and writing weights { display-mode: "form" }
from pathlib import Path

from shared.weights import load_weights, save_weights


LENET5_SHAPES = [
    (20, 1, 5, 5), (20,), (50, 20, 5, 5), (50,), (500, 2450), (500,), (10, 500), (10,),
]  # fmt: skip


def look_at_weights(folder="."):
    """Return what is wrong with the files of weights in a folder ("" when nothing is), and words.

    They are looked at by the shapes they hold; the names of the file and of the layers are free.
    """
    depths = [Path(folder).glob("*"), Path(folder).glob("*/*"), Path(folder).glob("*/*/*")]
    found = (sorted(p for p in d if ".safetensors" in p.name.lower()) for d in depths)
    found = next((paths for paths in found if paths), [])
    problems = []
    for path in sorted(found, key=lambda path: -path.stat().st_mtime):
        try:
            weights = load_weights(path)
        except (ValueError, KeyError, TypeError) as error:
            problems.append(f"{path.name} cannot be read, write it again: {error}")
            continue
        values = [value for value in weights.values() if value.is_floating_point()]
        shapes = [tuple(value.shape) for value in values]
        missing = [shape for shape in LENET5_SHAPES if shape not in shapes]
        if missing:
            problems.append(f"{path.name} does not fit LeNet-5: no weights of shape {missing}")
        elif not all(value.float().isfinite().all() for value in values):
            problems.append(f"{path.name} holds values that are not numbers (nan or infinite)")
        else:
            size = path.stat().st_size / 1e6
            return "", f"{path.name} is there, {size:.1f} MB, and fits LeNet-5"
    missing = "lenet5.safetensors is not there: run the training cell and the cell that writes it"
    return "; ".join(problems) or missing, ""


# %% tags=["train"]
if "trained" in globals():
    halves = {name: values.half() for name, values in trained.state_dict().items()}
    save_weights("lenet5.safetensors", halves, {"accuracy on the 500": f"{history[-1][1]:.4f}"})

# %% [markdown]
# The test checks that the file is there and fits LeNet-5. How well the network reads is measured
# when your notebook is graded, on 1,000 other images: 2 points from an accuracy of 97.5 %, 1.5
# from 96 %, 1 from 90 %, 0.5 from 80 %. There, your weights are loaded into *the lecture's
# network*, by their shapes; the names of your layers do not matter. So `forward` has to do what
# part 1 says, no more and no less: weights trained on differently scaled images, for example, will
# read badly. Hand the file in together with the notebook. If there are several, the newest that
# fits counts.

# %% exercise="lenet5_weights" nbgrader={"grade": true, "grade_id": "test_lenet5_weights", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
problem, words = look_at_weights()
assert not problem, problem
print(f"ok   {words}")
### BEGIN HIDDEN TESTS
from pathlib import Path

import solutions
from autograder.checks import award, handed_in_weights, probe
from solutions.conv import lenet as reference

network = reference.LeNet5().eval()
found = handed_in_weights(network, "lenet5.safetensors")
assert not found.problem, found.problem
network.load_state_dict(found.state)
held_out = Path(solutions.__file__).parent.parent / "source" / "conv" / "private" / "held_out.npz"
with np.load(held_out) as file:
    digits, answers = file["images"], torch.from_numpy(file["labels"].astype(np.int64))
x = torch.from_numpy(digits).float()[:, None] / 255
with torch.no_grad():  # here, by the lecture's network: no digit of these meets a student's code
    logits = torch.cat([network(batch) for batch in x.split(250)])
right = (logits.argmax(dim=1) == answers) & logits.isfinite().all(dim=1)
accuracy = float(right.double().mean())
steps = [(0.975, 2.0), (0.96, 1.5), (0.9, 1.0), (0.8, 0.5)]
earned = next((points for least, points in steps if accuracy >= least), 0.0)


@probe
def logits_of(LeNet5, x, key):
    import torch

    model = LeNet5().eval()
    generator = torch.Generator().manual_seed(key)
    with torch.no_grad():
        for p in sorted(model.parameters(), key=lambda p: tuple(p.shape)):
            fan = max(p[0].numel(), 16)
            p.copy_((torch.rand(p.shape, generator=generator) - 0.5) * 5 / fan**0.5)
        return model(x)


def is_another_network():
    """Whether the student's own class computes something else than the lecture's."""
    x, key = torch.rand(3, 1, 28, 28), int(torch.randint(0, 1 << 30, ()))
    expected = logits_of(reference.LeNet5, x, key)
    try:
        got = logits_of(LeNet5, x, key)
        return not torch.allclose(got, expected, rtol=1e-2, atol=1e-2)
    except Exception:
        return True


words = [
    f"lenet5_weights: the network in {found.file} reads {accuracy:.1%} of {len(answers)} digits "
    "right that it has never seen" + ("." if earned == 2 else "; full points from 97.5%.")
]
if 0 < earned < 2:
    words.append("Train longer, shift the images, or look how the learning rate ends.")
if earned == 0:  # with nothing to lose, a look at the student's own class
    words.append("The weights are read by the lecture's LeNet-5, by their shapes.")
    words.append(
        "Your own class LeNet5 computes something else, and they were trained for that: see the "
        "result of its exercise."
        if is_another_network()
        else "Are the images scaled to [0, 1] when you train, and is the file written after it?"
    )
words += [f"Also handed in: {note}." for note in found.notes]
award(earned, 2, " ".join(words))
### END HIDDEN TESTS

# %% [markdown]
# ## 7 What has it learned?
#
# *Lecture: "What do convolutional filters learn?".*
#
# The filters of the first layer can be drawn, because they apply to pixels. Nobody told them what
# to look for.

# %% tags=["figure"] cellView="form" jupyter={"source_hidden": true}
# @title The 20 filters of the first layer { display-mode: "form" }
if "trained" in globals():
    filters = next(p for p in trained.parameters() if p.shape == (20, 1, 5, 5)).detach()[:, 0]
    fig, axes = plt.subplots(2, 10, figsize=(12, 2.7))
    for ax, values in zip(axes.flat, filters, strict=True):
        draw_image(ax, values, signed=True, top=float(filters.abs().max()))
    fig.suptitle("red adds, blue subtracts, white does nothing", fontsize=12)
    plt.show()
else:
    print("The filters appear here: train the network first.")

# %% tags=["figure"] cellView="form" jupyter={"source_hidden": true}
# @title One digit on its way through { display-mode: "form" }
if "trained" in globals():
    maps = []
    handles = [
        module.register_forward_hook(lambda _, inputs, output: maps.append(output[0].relu()))
        for module in trained.modules()
        if isinstance(module, nn.Conv2d)
    ]
    threes = val_images[val_labels == 3]
    with torch.no_grad():
        surest = trained(threes)[:, 3].argmax()
        maps.clear()
        three = threes[surest : surest + 1]
        logits = trained(three)[0]
    for handle in handles:
        handle.remove()
    left, middle, right = plt.figure(figsize=(13, 4.4)).subfigures(1, 3, width_ratios=[3, 10, 4])
    ax = left.subplots()
    draw_image(ax, 1 - three[0, 0], "image")
    names = ["first convolution and ReLU: 16 of 20 maps", "second one: 16 of 50 maps"]
    for part, name, shown in zip(middle.subfigures(2, 1), names, maps, strict=True):
        part.suptitle(name, fontsize=12)
        for ax, one in zip(part.subplots(2, 8).flat, shown, strict=False):
            draw_image(ax, one, cmap=PLAIN, top=float(shown.max()))
    ax = right.subplots()
    ax.barh(range(10), logits, color=[RED if k == logits.argmax() else GREY for k in range(10)])
    ax.set(yticks=range(10), ylabel="digit", title="logits")
    ax.invert_yaxis()
    plt.show()
else:
    print("The maps appear here: train the network first.")

# %% [markdown]
# The first maps still look like the digit: its edges in one direction or another. The second ones
# say where a *part* of a digit is: the end of a stroke, a corner, a curve. A white map found nothing
# in this image.
#
# Which digits are confused? In the matrix below, a row is what an image shows, a column is what the
# network reads.

# %% tags=["figure"] cellView="form" jupyter={"source_hidden": true}
# @title Which digits are confused? { display-mode: "form" }
if "trained" in globals():
    with torch.no_grad():
        chances = trained(val_images).softmax(dim=1)
    guesses = chances.argmax(dim=1)
    matrix = torch.zeros(10, 10, dtype=torch.int64)
    for label, guess in zip(val_labels.tolist(), guesses.tolist(), strict=True):
        matrix[label, guess] += 1
    fig, ax = plt.subplots(figsize=(5.6, 5.2))
    off = matrix - torch.diag(matrix.diag())
    ax.imshow(off, cmap=PLAIN, vmax=max(4, int(off.max())))
    for label, guess in np.ndindex(10, 10):
        if matrix[label, guess]:
            ax.text(guess, label, int(matrix[label, guess]), ha="center", va="center", color=INK)
    ax.set(xticks=range(10), yticks=range(10), xlabel="read as", ylabel="shows")
    ax.set_title(f"blue: the {int((guesses != val_labels).sum())} of 500 that are misread")
    plt.show()
    hardest = chances[torch.arange(500), val_labels].argsort()[:12]
    titles = [f"{val_labels[i]}, read as {guesses[i]}" for i in hardest.tolist()]
    draw_digits(val_images[hardest], titles, rows=2, size=1.5)
else:
    print("The matrix appears here: train the network first.")

# %% [markdown]
# Some of these you would misread yourself.
#
# ### On a GPU: half precision and a compiler (optional)
#
# A GPU computes several times as fast in half precision as in single. `torch.autocast` runs
# convolutions and matrix products in `float16` and leaves the rest as it is; a `GradScaler` keeps
# small gradients from vanishing. `torch.compile` turns the model into fewer, larger pieces of GPU
# code; its first batches take longer. On a CPU this cell does nothing.


# %% tags=["train"]
def seconds_an_epoch(half=False, compiled=False):
    """Return the seconds of one epoch on a GPU, after one to warm up."""
    model = LeNet5().cuda()
    fast = torch.compile(model) if compiled else model
    optimizer = torch.optim.Adam(model.parameters())
    scaler = torch.amp.GradScaler("cuda", enabled=half)
    x, y = train_images.cuda(), train_labels.cuda()
    for _ in range(2):
        torch.cuda.synchronize()
        start = time.perf_counter()
        for chosen in torch.randperm(len(x), device="cuda").split(250):
            optimizer.zero_grad()
            with torch.autocast("cuda", dtype=torch.float16, enabled=half):
                loss = F.cross_entropy(fast(x[chosen]), y[chosen])
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
        torch.cuda.synchronize()
    return time.perf_counter() - start


if torch.cuda.is_available() and "trained" in globals():
    print(f"single precision           {seconds_an_epoch():.3f} s")
    print(f"half precision             {seconds_an_epoch(half=True):.3f} s")
    print(f"half precision, compiled   {seconds_an_epoch(half=True, compiled=True):.3f} s")
else:
    print("No GPU here (or no trained network yet): nothing to do.")

# %% [markdown]
# ## 8 Two open questions
#
# A few sentences each. These are read by a person; 1 point each.
#
# **Question 1: where the weights are.** (a) Which layer of LeNet-5 holds most of its 1,256,080
# parameters, and what share? (b) Which layer does most of the multiply-adds? (c) Why are these two
# different layers?

# %% [markdown] nbgrader={"grade": true, "grade_id": "where_the_weights_are", "locked": false, "points": 1, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (a) The first linear layer: 2450 x 500 + 500 = 1,225,500, 98 %. (b) The second convolution: each
# of its 50 x 14 x 14 outputs takes 20 x 5 x 5 products, 4.9 million; the linear layer takes 1.2
# million, the first convolution 0.4 million. (c) A convolution uses each weight at every position,
# here 14 x 14 = 196 times per image; a linear layer uses each weight once.
#
# Grading: a quarter each for (a) and (b), half for "shared over positions" in (c).
# ### END SOLUTION

# %% [markdown]
# **Question 2: is it better?** You change the learning rate, and the accuracy on the 500 images goes
# from 97.8 % to 98.2 %. You try twenty more settings and keep the best, 98.6 %. (a) How many images
# are 97.8 % and 98.2 % apart, and what does that say? (b) Would you expect 98.6 % on new digits too?
# Why?

# %% [markdown] nbgrader={"grade": true, "grade_id": "is_it_better", "locked": false, "points": 1, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (a) Two images of 500. Chance alone moves such a count by about the square root of the number of
# errors, sqrt(10) or 3 images, so it says nothing: another seed may well reverse it. (b) No, a
# little less: the best of twenty was chosen for its result on these 500, luck included. An honest
# number comes from images that played no part in the choice; this is why the 1,000 are held out.
#
# Grading: half for (a) with a reason, half for (b) with "chosen on the same images".
# ### END SOLUTION

# %% [markdown]
# ## What you know now
#
# - [Conv, ReLU, Pool] x 2, flatten, Linear, ReLU, Linear: the spatial size goes down, the channels
#   go up, and the first linear layer holds 98 % of the weights.
# - Logits go into the cross-entropy; the softmax is inside it.
# - A forward hook sees what a module puts out, without changing a line of the model.
# - Reset, forward, loss, backward, step; training mode to train, eval mode to test.
# - Averages are over images, not over batches.
# - Images that were used to choose cannot tell how good the choice is.
#
# **Before you hand in:** restart the kernel, run all cells, save the notebook, and run the next
# cell. It checks that all graded cells are there and which visible tests pass, and packs the
# notebook and `lenet5.safetensors` into the file to hand in.

# %% tags=["hand-in", "skip-execution"] cellView="form" jupyter={"source_hidden": true}
# @title Check the notebook and pack it { display-mode: "form" }
from shared.hand_in import check_and_pack

check_and_pack("04_lenet", "@GRADED_CELLS@", ["lenet5.safetensors"])

# %% [markdown]
# **Further reading**
#
# - LeCun, Bottou, Bengio and Haffner,
#   [Gradient-based learning applied to document recognition](https://doi.org/10.1109/5.726791),
#   1998
# - *Dive into Deep Learning*,
#   [section 7.6](https://d2l.ai/chapter_convolutional-neural-networks/lenet.html): LeNet
# - [`torch.autocast`](https://pytorch.org/docs/stable/amp.html) in PyTorch's documentation
# - The images are from [MNIST](https://en.wikipedia.org/wiki/MNIST_database), by LeCun, Cortes and
#   Burges
#
# Next: networks that see places.
