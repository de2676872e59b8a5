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
# questions: @POINTS@ points.
#
# @EXERCISES@
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
# **Help and working together**
#
# @HELP@
#
# Run the next cells once, down to the first picture. Then start.

# %% setup
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

# %% setup setup_tests "How tests compare"
from shared.expect import WrongResult, expect

# %% figure "Colours and ways to draw"
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


# %% figure "What you will build"
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
#
# **Your turn:** @ABOUT:LeNet5@.


# %% answer LeNet5 minutes=20 level=easy
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


# %% try LeNet5
lenet = LeNet5()
count = sum(parameter.numel() for parameter in lenet.parameters())
expect("LeNet5: the number of parameters", count, 1_256_080)
expect("LeNet5: three images", tuple(lenet(torch.zeros(3, 1, 28, 28)).shape), (3, 10))
expect("LeNet5: a single image", tuple(lenet(torch.zeros(1, 1, 28, 28)).shape), (1, 10))

# %% [markdown] hint LeNet5
# Follow the table: one line for each layer that has weights. Send zeros of shape (2, 1, 28, 28)
# through, and print the shape after every step. If a linear layer complains, which shape did it
# get, and did the axis of the batch survive the flattening?

# %% check LeNet5 points=3

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
#
# **Your turn:** @ABOUT:Net@.


# %% answer Net minutes=25 level=medium
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


# %% try Net
net = Net()
expect("Net: the weights of fc1", tuple(net.fc1.weight.shape), (128, 9216))
count = sum(parameter.numel() for parameter in net.parameters())
expect("Net: the number of parameters", count, 1_200_330)
net.eval()
out = net(torch.linspace(0, 1, 2 * 784).reshape(2, 1, 28, 28))
expect("Net: two images", tuple(out.shape), (2, 10))
expect("Net: the probabilities add up to 1", out.detach().exp().sum(dim=1), torch.ones(2))

# %% [markdown] hint Net
# Print the shape after every step for a batch of zeros, and compare with the table. Which of the
# batch norms are for maps, and which for vectors? The log-softmax is over the classes: which axis
# is that?

# %% check Net points=3

# %% [markdown]
# Why the two modes matter: below, *one* image goes through your (untrained) `Net` together with
# seven different groups of other images. In training mode its probabilities depend on the rest of
# the batch, because batch norm takes the mean and the variance over the batch, and on chance,
# because dropout rolls the dice. In eval mode they depend on the image alone. The lecture warns of
# this: "a very common source of bugs".

# %% figure "The same image in different company"
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
#
# **Your turn:** @ABOUT:layer_table@.


# %% answer layer_table minutes=35 level=hard
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


# %% given tiny_network
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


# %% try layer_table
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

# %% [markdown] hint layer_table
# Start with a hook on *one* leaf that prints the name of its class and the shape of its output.
# When does it print? Then collect rows in a list, and do it for all leaves: what do their
# `children()` have in common? Last, write down what you changed in the model, and undo it.

# %% check layer_table points=2

# %% figure "Your table of LeNet-5: narrower and deeper"
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
# An epoch shows the network every image once, batch by batch. For each batch, four steps in this
# order: forget the old gradients, predict and take the loss, go backward, take a step. The loss is
# the cross-entropy, $-\log p_{\text{label}}$, averaged over the batch; for a network that guesses
# among ten digits it starts near $\log 10 = 2.30$.
#
# What should it report at the end? Say five images come in batches of 2, 2 and 1, with mean losses
# 1, 1 and 4. The mean of the three means is $(1 + 1 + 4)/3 = 2$. But the last batch is only *one*
# image:
#
# $$\frac{2 \cdot 1 + 2 \cdot 1 + 1 \cdot 4}{5} = 1.6$$
#
# Each image counts once. Weight every batch by its number of images.

# %% figure "What forgotten gradients do"
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
#
# **Your turn:** @ABOUT:train_one_epoch@.


# %% answer train_one_epoch minutes=20 level=medium
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


# %% given small_epochs
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


# %% try train_one_epoch
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

# %% [markdown] hint train_one_epoch
# Write the four steps for one batch first, with the data on the right device. Then do the report
# on paper: batches of 2, 2 and 1 with mean losses 1, 1 and 4. What do you add up for each batch,
# and what do you divide by in the end?

# %% check train_one_epoch points=3

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
#
# **Your turn:** @ABOUT:evaluate@.


# %% answer evaluate minutes=15 level=medium
def evaluate(model, loader, device):
    """Return a model's accuracy on the images of a loader: the share that it reads right.

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


# %% given small_tests
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


# %% try evaluate
accuracy, training, in_eval_mode, recording = small_test(evaluate, training=True)
expect("evaluate: it returns a float", isinstance(accuracy, float), True)
expect("evaluate: three of five, in batches of 2, 2 and 1", accuracy, 0.6)
expect("evaluate: the model worked in eval mode", in_eval_mode, True)
expect("evaluate: no gradients were recorded", not recording, True)
expect("evaluate: afterwards it is in training mode again", training, True)

# %% [markdown] hint evaluate
# For one batch: which class has the largest logit, and how many guesses equal the labels? Add up
# counts, not shares: why does that matter for a small last batch? What must you remember before
# you switch to eval mode?

# %% check evaluate points=2

# %% [markdown]
# ## 6 Train it
#
# *Lecture: "Example: LeNet-5".*
#
# Now real data: 4,000 images of handwritten digits from MNIST, 400 of each digit. The last 500 are
# put aside: the network does not train on them; they show how well it is doing. Where the file
# `digits.npz` is not beside the notebook, for example on Colab, MNIST is downloaded once and its
# checksum compared.

# %% train "Where the digits come from"
from shared.digits import load_digits

# %% train
images, labels = load_digits()
train_images, train_labels = images[:-500], labels[:-500]
val_images, val_labels = images[-500:], labels[-500:]
print(f"{len(train_images)} images to train on, {len(val_images)} to see how it is doing")

# %% figure "Some of the digits"
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


# %% train
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

# %% figure "How it went"
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

# %% given weight_files "Reading and writing weights"
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


# %% train
if "trained" in globals():
    halves = {name: values.half() for name, values in trained.state_dict().items()}
    save_weights("lenet5.safetensors", halves, {"accuracy on the 500": f"{history[-1][1]:.4f}"})

# %% [markdown]
# The test checks that the file is there and fits LeNet-5. How well the network reads is measured
# when your notebook is graded, on 1,000 other images: full points from an accuracy of 97.5 %,
# three quarters from 96 %, half from 90 %, a quarter from 80 %. There, your weights are loaded
# into *the lecture's network*, by their shapes; the names of your layers do not matter. So
# `forward` has to do what part 1 says, no more and no less: weights trained on differently scaled
# images, for example, will read badly. Hand the file in together with the notebook. If there are
# several, the newest that fits counts.

# %% try lenet5_weights
problem, words = look_at_weights()
if problem:
    raise WrongResult(f"lenet5_weights: {problem}")
print(f"ok   {words}")

# %% check lenet5_weights points=2 "the file `lenet5.safetensors`"

# %% [markdown]
# ## 7 What has it learned?
#
# *Lecture: "What do convolutional filters learn?".*
#
# The filters of the first layer can be drawn, because they apply to pixels. Nobody told them what
# to look for.

# %% figure "The 20 filters of the first layer"
if "trained" in globals():
    filters = next(p for p in trained.parameters() if p.shape == (20, 1, 5, 5)).detach()[:, 0]
    fig, axes = plt.subplots(2, 10, figsize=(12, 2.7))
    for ax, values in zip(axes.flat, filters, strict=True):
        draw_image(ax, values, signed=True, top=float(filters.abs().max()))
    fig.suptitle("red adds, blue subtracts, white does nothing", fontsize=12)
    plt.show()
else:
    print("The filters appear here: train the network first.")

# %% figure "One digit on its way through"
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

# %% figure "Which digits are confused?"
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


# %% train
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
# A few sentences each. These are read by a person; @POINTS:where_the_weights_are@ point each.
#
# **Question 1: where the weights are.** (a) Which layer of LeNet-5 holds most of its 1,256,080
# parameters, and what share? (b) Which layer does most of the multiply-adds? (c) Why are these two
# different layers?

# %% [markdown] question where_the_weights_are points=1 minutes=10
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

# %% [markdown] question is_it_better points=1 minutes=10
# ### BEGIN SOLUTION
# (a) Two images of 500. Chance alone moves such a count by about the square root of the number of
# errors, sqrt(10) or 3 images, so it says nothing: another seed may well reverse it. (b) No, a
# little less: the best of twenty was chosen for its result on these 500, luck included. An honest
# number comes from images that played no part in the choice; this is why the 1,000 are held out.
#
# Grading: half for (a) with a reason, half for (b) with "chosen on the same images".
# ### END SOLUTION

# %% [markdown]
# ## If you want more
#
# No points, nothing to hand in, and harder than the rest.
#
# - **Cost.** Let a copy of `layer_table` return the parameters and the multiply-adds of each row
#   as well. It is right when the sums for LeNet-5 are 1,256,080 parameters and 6,522,000
#   multiply-adds.
# - **Prune.** In your trained network, set the smallest 50, 90, 95 and 99 % of the weights of the
#   first linear layer to zero, by absolute value, and draw the accuracy over that share. It is
#   right when a share of 0 gives the accuracy you know and a share of 100 % about 10 %. Would you
#   have guessed where it breaks down?
# - **Cross-entropy from scratch.** Write $\log \sum_k e^{z_k} - z_{\text{label}}$ so that logits
#   of 1000 do no harm. It is right when it equals `F.cross_entropy` on logits between -1000 and
#   1000 to 1e-3, its gradient is softmax minus one-hot, and nothing is infinite. Then add
#   `label_smoothing`.

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
# notebook and `lenet5.safetensors` into the one file to hand in. If the other notebooks of the
# assignment lie in the same folder, the file holds them too.

# %% hand-in "Check the notebook and pack it"
from shared.hand_in import check_and_pack

check_and_pack("04_lenet", "@GRADED_CELLS@", ["lenet5.safetensors"], "@ASSIGNMENT@", "@NOTEBOOKS@")

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
