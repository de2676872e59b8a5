# %% [markdown]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](@COLAB_URL@)
#
# # ResNet-18 and finetuning
#
# Stack more layers, and a network should get better. It does not: from some depth on it gets
# worse, on its own training images. One addition fixes that, $x + F(x)$, and with it networks of
# 18, 50 and 152 layers became ordinary. In this notebook you build the block with that addition,
# then ResNet-18 from it, name by name as torchvision has it, so that the official weights load.
# Then you take a trained network apart: you give it a new head, freeze the rest, and finetune it
# on a handful of labelled images.
#
# **What is due.** The two classes and three functions below and two open questions: @POINTS@ points.
#
# @EXERCISES@
#
# **How long it takes.** Two to three hours for most. Everything runs on a CPU: all cells together
# need about 100 seconds, nearly all of it for the two experiments.
#
# **How it works.** Every part has an idea, a picture, a class or function for you to write and a
# test that you can run. The test prints one line for each thing that is right, and otherwise says
# what it got and what it expected. When your notebook is graded, further cases of the same kind are
# tried, and each kind of case earns its share of the points. `ResNet18` is graded with a correct
# block if yours is not, so a mistake in part 1 costs points once. The code behind the pictures is
# folded away; open it if you are curious, but nothing in it is graded.
#
# **Rules**
#
# - All of PyTorch's layers are yours to use. Only a finished network is not: no
#   `torchvision.models`.
# - The names of attributes are part of the task: weights find their layer by name.
# - "In place" means that the model which is passed in changes.
# - Arguments are valid.
#
# **Help and working together**
#
# @HELP@
#
# Letters are the lecture's: $N$ images in a batch, $C$ channels, height $H$, width $W$.
#
# Run the next cells once, down to the first picture. Then start.

# %% setup
import hashlib
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

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
from shared.expect import expect

# %% figure "Colours and ways to draw"
from shared.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PALE,
    RED,
    draw_arrow,
    draw_image,
    once_written,
)

# %% figure "Pictures of places"
from shared.scenes import SCENES, draw_scene


from shared.pictures import picture, word


def some_scenes(classes, per_class, size, seed):
    """Return images (N, 3, size, size) around 0 and labels (N,): per_class of each class."""
    rng = np.random.default_rng(seed)
    images = [draw_scene(name, rng, size) for _ in range(per_class) for name in classes]
    x = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()
    return (x.float() - 0.5) / 0.25, torch.arange(len(classes)).repeat(per_class)


# %% figure "What you will build"
fig, ax = plt.subplots(figsize=(12, 4.2))
parts = [("image", 3, 224, GREY), ("conv1\nmaxpool", 64, 56, BLUE)]
for k, (channels, size) in enumerate([(64, 56), (128, 28), (256, 14), (512, 7)], 1):
    parts += [(f"layer{k}.0", channels, size, GREEN if k == 1 else ORANGE)]
    parts += [(f"layer{k}.1", channels, size, GREEN)]
parts += [("avgpool", 512, 1, GREY), ("fc", 1000, 1, RED)]
for k, (name, channels, size, shade) in enumerate(parts):
    half = 0.35 + 0.16 * np.log2(size)
    ax.add_patch(plt.Rectangle((1.5 * k, -half), 0.8, 2 * half, fc=shade, ec="white", alpha=0.5))
    ax.text(1.5 * k + 0.4, -2.0, name, ha="center", va="top", fontsize=10, color=INK)
    label = f"{channels}\nx {size}\nx {size}" if size > 1 else str(channels)
    ax.text(1.5 * k + 0.4, 0, label, ha="center", va="center", fontsize=9, color=INK)
    if k:
        draw_arrow(ax, (1.5 * k - 0.68, 0), (1.5 * k - 0.02, 0))
    if name.startswith("layer"):
        arc = dict(arrowstyle="-|>", color=INK, lw=1.5, connectionstyle="arc3,rad=-0.55")
        y = half + 0.08
        ax.annotate("", (1.5 * k + 1.1, y), (1.5 * k - 0.35, y), arrowprops=arc)
handles = [plt.Rectangle((0, 0), 1, 1, fc=shade, alpha=0.5) for shade in (GREEN, ORANGE, RED)]
said = ["block: the shortcut passes x on", "block: the shortcut changes the shape of x", "the head"]
ax.legend(handles, said, loc="upper right", frameon=False, ncols=3, fontsize=10)
ax.set(xlim=(-0.3, 1.5 * len(parts) - 0.3), ylim=(-2.9, 3.2))
ax.set_title("ResNet-18: eight blocks of two convolutions, one before, one layer after", y=1.0)
ax.axis("off")
plt.show()

# %% [markdown]
# ## 1 A block that starts from "change nothing"
#
# *Lecture: "Problem: Deep Networks very hard to train!", "What is the right way to combine all
# these components?"; "Next time: Modern CNN Architectures".*
#
# Take a network that works, and put two more layers on top. You would think that it cannot get
# worse: the new layers could simply pass on what they get. But "pass on" is hard to learn for
# layers that start from small random weights. So build it in. A **residual block** adds its input
# to what its layers compute:
#
# $$y = \mathrm{relu}\bigl(F(x) + x\bigr), \qquad
# F(x) = \mathrm{bn}_2(\mathrm{conv}_2(\mathrm{relu}(\mathrm{bn}_1(\mathrm{conv}_1(x)))))$$
#
# If $F$ is 0, the block changes nothing (after a ReLU, $x \ge 0$, so the last ReLU does nothing
# either). Its layers only have to learn the *difference* from that, the residual.
#
# **By hand.** One pixel, one channel, and let both convolutions multiply by a number, $w_1$ and
# $w_2$, with no normalisation: $F(x) = w_2\,\mathrm{relu}(w_1 x)$. For $x = 3$:
#
# | $w_1$ | $w_2$ | $F(3)$ | without the shortcut: $\mathrm{relu}(F)$ | with it: $\mathrm{relu}(F + 3)$ |
# |---|---|---|---|---|
# | 0 | 0 | 0 | 0 | **3**: nothing changed |
# | 1 | 0.5 | 1.5 | 1.5 | 4.5 |
# | 1 | -0.5 | -1.5 | **0**: the signal is gone | 1.5 |
# | 1 | -2 | -6 | 0 | 0 |
#
# The third row says why no ReLU stands between $F$ and the addition: only an $F$ that may be
# negative can take something away. And the slope for $w_1 = 1$, $w_2 = 0.5$ is
# $w_2 w_1 = 0.5$ without the shortcut, $w_2 w_1 + 1 = 1.5$ with it. In a row of 20 blocks slopes
# multiply: $0.5^{20}$ is a millionth.

# %% figure "What reaches the first layer?"
torch.manual_seed(0)
depth, width = 40, 64
fig, axes = plt.subplots(1, 2, figsize=(11.5, 3.4))
x = torch.randn(128, width).relu()
w1, w2 = torch.randn(2, depth, width, width) * 0.8 / width**0.5
end = torch.randn(128, width)
for name, shade, keep in [("plain", RED, 0), ("residual", GREEN, 1)]:
    values = [x.clone().requires_grad_()]
    for k in range(depth):
        values.append(((values[-1] @ w1[k]).relu() @ w2[k] + keep * values[-1]).relu())
        values[-1].retain_grad()
    (values[-1] * end).sum().backward()
    for ax, sizes in zip(
        axes, ([v.std() for v in values], [v.grad.norm() for v in values]), strict=True
    ):
        ax.semilogy([float(s.detach()) for s in sizes], color=shade, lw=2.5, label=name)
axes[0].set(title="size of the activations", xlabel="block")
axes[1].set(title="size of the gradient", xlabel="block")
axes[1].annotate(
    "backward", (0.55, 0.12), (0.85, 0.12), xycoords="axes fraction", va="center", color=INK,
    arrowprops=dict(arrowstyle="-|>", color=INK),
)  # fmt: skip
axes[0].legend(frameon=False)
plt.show()

# %% [markdown]
# Forty blocks without normalisation; both networks have the same random weights. In the plain one
# the signal and the gradient fade by many powers of ten; along the shortcuts they arrive. (Batch
# norm cures the fading too. It does not make the network trainable at any depth, as part 2 shows.)
#
# **When the shapes differ.** An addition needs two tensors of the same shape. Where a block halves
# the size (stride 2) or changes the number of channels, $x$ no longer fits $F(x)$. Then the
# shortcut gets a convolution of its own, 1x1, with the same stride, and a batch norm after it:
#
# $$y = \mathrm{relu}\bigl(F(x) + \mathrm{bn}(\mathrm{conv}_{1 \times 1}(x))\bigr)$$

# %% figure "The two kinds of block"
fig, axes = plt.subplots(2, 1, figsize=(11, 5.2))
layers = ["conv1\n3x3, S = {s}", "bn1", "relu", "conv2\n3x3, S = 1", "bn2"]
centres = [2.6, 5.0, 7.0, 9.4, 11.8]


def draw_layer(ax, x, y, wide, text, shade=PALE):
    """Draw a box with its text around (x, y)."""
    corner = (x - wide / 2, y - 0.5)
    ax.add_patch(plt.Rectangle(corner, wide, 1, fc=shade, ec="white", zorder=3))
    ax.text(x, y, text, ha="center", va="center", fontsize=10.5, color=INK, zorder=4)


for ax, s, title in [
    (axes[0], 1, "BasicBlock(64, 64)"),
    (axes[1], 2, "BasicBlock(64, 128, stride=2)"),
]:
    left = 0.3
    for x, name in zip(centres, layers, strict=True):
        half = 1.0 if "conv" in name else 0.6
        draw_layer(ax, x, 0, 2 * half, name.format(s=s))
        draw_arrow(ax, (left, 0), (x - half, 0))
        left = x + half
    draw_arrow(ax, (left, 0), (13.4, 0))
    ax.add_patch(plt.Circle((13.8, 0), 0.4, fc="white", ec=INK, lw=1.5))
    ax.text(13.8, 0, "+", ha="center", va="center", fontsize=16, color=INK)
    draw_arrow(ax, (14.2, 0), (15.0, 0))
    draw_layer(ax, 15.6, 0, 1.2, "relu")
    draw_arrow(ax, (16.2, 0), (17.1, 0))
    ax.plot([0.9, 0.9, 13.8], [0, 1.5, 1.5], color=INK, lw=1.5)
    draw_arrow(ax, (13.8, 1.5), (13.8, 0.4))
    if s == 2:
        words = "downsample: conv 1x1, S = 2, then a batch norm"
        draw_layer(ax, 7.0, 1.5, 7.4, words, "#fbe3c0")
    ax.text(0.1, 0, "x", ha="center", va="center", color=INK, fontsize=14)
    ax.text(17.4, 0, "y", ha="center", va="center", color=INK, fontsize=14)
    ax.set(xlim=(-0.2, 17.7), ylim=(-0.7, 2.1), aspect="equal", title=title)
    ax.axis("off")
plt.show()

# %% [markdown]
# Two more things that the picture does not say. The convolutions have no bias: a batch norm
# follows each, and it would subtract the bias again. And only the *first* 3x3 convolution has the
# stride.
#
# **Your turn:** @ABOUT:BasicBlock@.


# %% answer BasicBlock minutes=30 level=medium
class BasicBlock(nn.Module):
    """A residual block of two 3x3 convolutions.

        y = relu(F(x) + shortcut(x)),  F(x) = bn2(conv2(relu(bn1(conv1(x)))))

    BasicBlock(c_in, c_out, stride=1). Attributes (their names count):
        conv1: 3x3, c_in to c_out, with the stride, padding 1, no bias;  bn1
        conv2: 3x3, c_out to c_out, stride 1, padding 1, no bias;  bn2
        downsample: only when stride is not 1 or c_in differs from c_out, an nn.Sequential of a
            1x1 convolution with the stride and without bias, and a batch norm. Otherwise there
            is nothing to learn in the shortcut: it is x itself.

    forward(x): (N, c_in, H, W) -> (N, c_out, H_out, W_out), where H_out = (H - 1) // stride + 1;
    dtype and device of x. x is left as it is.

    Lecture 7: "Deep Networks very hard to train!"; He et al., "Deep Residual Learning for Image
    Recognition", 2015, figures 2 and 5 (left).
    """

    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.downsample = None
        if stride != 1 or c_in != c_out:
            self.downsample = nn.Sequential(
                nn.Conv2d(c_in, c_out, 1, stride=stride, bias=False),
                nn.BatchNorm2d(c_out),
            )

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(out + shortcut)
        ### END SOLUTION


# %% given helper_blocks
def state_shapes(model):
    """Return the names in a model's state_dict with their shapes, as one dictionary."""
    return {name: tuple(value.shape) for name, value in model.state_dict().items()}


def pass_one_pixel(block, first, second, x):
    """Return what a block of one channel gives in eval mode when its 3x3 kernels only multiply.

    The middle of conv1's kernel is first, that of conv2's second, everything around them is 0;
    batch norms are as PyTorch makes them, whatever they were initialised with.
    """
    for layer in block.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_parameters()
    with torch.no_grad():
        for conv, value in [(block.conv1, first), (block.conv2, second)]:
            conv.weight.zero_()
            conv.weight[0, 0, 1, 1] = value
        return block.eval()(x)


# %% try BasicBlock
x = torch.tensor([[[[3.0, 2.0], [0.0, 4.0]]]])
for first, second, factor in [(0, 0, 1), (1, 0.5, 1.5), (1, -0.5, 0.5), (1, -2, 0)]:
    got = pass_one_pixel(BasicBlock(1, 1), first, second, x)
    expect(f"BasicBlock: the row {first}, {second} of the table", got, x * factor, atol=1e-3)

shapes = state_shapes(BasicBlock(8, 8))
expect("BasicBlock(8, 8): conv1", shapes.get("conv1.weight"), (8, 8, 3, 3))
expect("BasicBlock(8, 8): no bias, and x itself is the shortcut", len(shapes), 12)
shapes = state_shapes(BasicBlock(8, 12, stride=2))
expect("BasicBlock(8, 12, 2): conv2", shapes.get("conv2.weight"), (12, 12, 3, 3))
expect("BasicBlock(8, 12, 2): the shortcut", shapes.get("downsample.0.weight"), (12, 8, 1, 1))
expect("BasicBlock(8, 12, 2): its batch norm", shapes.get("downsample.1.running_var"), (12,))
out = BasicBlock(8, 12, stride=2)(torch.zeros(2, 8, 7, 10))
expect("BasicBlock(8, 12, 2): the output's shape", tuple(out.shape), (2, 12, 4, 5))

# %% [markdown] hint BasicBlock
# Walk along the drawing and write a line for each box, but keep `x` under its own name until the
# addition. For which blocks do $F(x)$ and $x$ differ in shape? Print both for
# `BasicBlock(64, 128, stride=2)`. How many ReLUs are in the drawing, and where is the second?

# %% check BasicBlock points=6

# %% [markdown]
# ## 2 Deep without it, deep with it
#
# Now the experiment that started it all, in miniature. Four networks on 16 x 16 pictures of
# places: 14 and 38 layers, each with your blocks and with the same blocks without the addition.
# All have batch norm, the same data in the same order, the same learning rates. What you see is
# the loss on the *training* images, so this is not about overfitting.
#
# The next cell trains for about 40 seconds.


# %% given helper_small_resnet
class SmallResNet(nn.Module):
    """A ResNet for small pictures, built from your BasicBlock: (N, 3, H, W) -> (N, num_classes).

    One convolution, then a stage of n blocks for each width (the first block of all stages but
    the first has stride 2), a mean over all places, and a linear layer. That makes
    2 n len(widths) + 2 layers. Attributes: conv1, bn1, relu, layer1, layer2, ..., avgpool, fc.
    """

    def __init__(self, num_classes, widths=(16, 32, 64), n=1, block=None):
        super().__init__()
        block = block or BasicBlock
        self.conv1 = nn.Conv2d(3, widths[0], 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.relu = nn.ReLU()
        self.stages = [f"layer{k}" for k in range(1, len(widths) + 1)]
        c_in = widths[0]
        for name, c_out in zip(self.stages, widths, strict=True):
            first = block(c_in, c_out, 1 if name == "layer1" else 2)
            rest = [block(c_out, c_out) for _ in range(n - 1)]
            self.add_module(name, nn.Sequential(first, *rest))
            c_in = c_out
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(c_in, num_classes)

    def forward(self, x):
        x = self.relu(self.bn1(self.conv1(x)))
        for name in self.stages:
            x = getattr(self, name)(x)
        return self.fc(self.avgpool(x).flatten(1))


def fit(model, x, y, optimizer, steps, batch_size=32, seed=0, each_step=None, words="training"):
    """Train on random batches of (x, y); the rate rises for a tenth of the steps, then falls.

    Shows a bar while it runs. Returns the loss of every step. each_step(k) is called before step k.
    """
    device = next(model.parameters()).device
    x, y = x.to(device), y.to(device)
    rates = [group["lr"] for group in optimizer.param_groups]
    generator = torch.Generator().manual_seed(seed)
    losses = []
    for k in range(steps):
        if each_step is not None:
            each_step(k)
        share = min(1.0, (k + 1) / (steps / 10)) * (1 + np.cos(np.pi * k / steps)) / 2
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * share
        model.train()
        chosen = torch.randint(len(x), (batch_size,), generator=generator).to(device)
        loss = nn.functional.cross_entropy(model(x[chosen]), y[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
        done = 30 * (k + 1) // steps
        if (k + 1) % max(1, steps // 12) == 0 or k + 1 == steps:
            bar = "#" * done + "." * (30 - done)
            print(f"\r{words:32} [{bar}] {k + 1:4} / {steps}  loss {losses[-1]:.2f} ", end="")
    return losses


def accuracy(model, x, y):
    """Return the share of images that a model gets right, in eval mode."""
    device = next(model.parameters()).device
    model.eval()
    with torch.no_grad():
        right = [(model(a.to(device)).argmax(1).cpu() == b).sum() for a, b in zip(
            x.split(200), y.split(200), strict=True)]  # fmt: skip
    return int(sum(right)) / len(y)


# %% train figure
def smooth(losses, k=15):
    """Return the means of every k losses in a row."""
    return np.convolve(losses, np.ones(k) / k, "valid")


device = "cuda" if torch.cuda.is_available() else "cpu"
with once_written("BasicBlock"):

    class PlainBlock(BasicBlock):
        """Your block with the addition left out."""

        def forward(self, x):
            out = torch.relu(self.bn1(self.conv1(x)))
            return torch.relu(self.bn2(self.conv2(out)))

    start = time.perf_counter()
    x, y = some_scenes(SCENES, 60, 16, seed=0)
    curves = {}
    for n in (2, 6):
        for name, block in [("plain", PlainBlock), ("residual", BasicBlock)]:
            torch.manual_seed(0)
            net = SmallResNet(len(SCENES), (8, 16, 32), n, block).to(device)
            sgd = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-4)
            words = f"{6 * n + 2} layers, {name}"
            curves[name, n] = fit(net, x, y, sgd, steps=200, words=words)
            print()
    fig, axes = plt.subplots(1, 2, figsize=(11.5, 3.8), sharey=True)
    for ax, name in zip(axes, ("plain", "residual"), strict=True):
        for n, shade in [(2, BLUE), (6, RED)]:
            ax.plot(smooth(curves[name, n]), color=shade, lw=2.5, label=f"{6 * n + 2} layers")
        ax.set(title=name, xlabel="step")
        ax.legend(frameon=False, loc="lower left")
    axes[0].set_ylabel("loss on training images")
    axes[0].set_ylim(0, None)
    plt.show()
    print(f"{time.perf_counter() - start:.0f} seconds")

# %% [markdown]
# Compare the two red curves: the networks have the same layers and the same number of parameters,
# and differ in one `+`. Without it the deeper network hardly learns, although it could do
# everything that the shallow one does. With it, 38 layers learn about as well as 14 do without.
# The shallow network with shortcuts is ahead of both: 200 steps on easy pictures are too few to
# show what depth is good for. On large data sets it helps a lot.
#
# ## 3 ResNet-18
#
# The whole network, from left to right (sizes for a 224 x 224 image):
#
# | name | what | output |
# |---|---|---|
# | `conv1`, `bn1`, `relu` | 7x7 convolution, stride 2, padding 3, no bias; batch norm; ReLU | 64 x 112 x 112 |
# | `maxpool` | 3x3, stride 2, padding 1 | 64 x 56 x 56 |
# | `layer1` | two blocks | 64 x 56 x 56 |
# | `layer2` | two blocks, the first with stride 2 | 128 x 28 x 28 |
# | `layer3` | two blocks, the first with stride 2 | 256 x 14 x 14 |
# | `layer4` | two blocks, the first with stride 2 | 512 x 7 x 7 |
# | `avgpool` | mean over all places, whatever the size | 512 x 1 x 1 |
# | `fc` | linear, on the flattened 512 numbers | `num_classes` |
#
# Why 18? Count the layers with weights on the main path: 1 + 8 blocks x 2 + 1.
#
# **By hand.** `layer2.0` goes from 64 to 128 channels: $9 \cdot 64 \cdot 128 + 9 \cdot 128 \cdot
# 128 = 221{,}184$ weights in its 3x3 convolutions, $64 \cdot 128 = 8{,}192$ in its shortcut, and
# three batch norms with $2 \cdot 128$ numbers each: 230,144. `layer2.1` has $2 \cdot 9 \cdot 128
# \cdot 128 + 2 \cdot 256 = 295{,}424$. All together there should be 11,689,512.
#
# **Names are addresses.** A file of trained weights is a list of pairs: `layer2.0.bn1.weight` and
# 128 numbers. `load_state_dict` hands each to the attribute of that name. For the official weights
# to find their places, your network must use torchvision's names: `layer1` to `layer4` are
# `nn.Sequential`s of blocks, which gives the first block of `layer2` the name `layer2.0`.
#
# **Your turn:** @ABOUT:ResNet18@.


# %% answer ResNet18 minutes=40 level=hard
class ResNet18(nn.Module):
    """ResNet-18: (N, 3, H, W) -> (N, num_classes), the logits, for any H and W from 32 on.

    ResNet18(num_classes=1000). Attributes, all of them modules: conv1, bn1, relu, maxpool,
    layer1, layer2, layer3, layer4, avgpool, fc, as in the table above. Its state_dict has the
    names and shapes of torchvision's resnet18; with 1000 classes, 11,689,512 parameters.

    Build it from your BasicBlock.

    He et al., "Deep Residual Learning for Image Recognition", 2015, table 1.
    """

    def __init__(self, num_classes=1000):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = nn.Sequential(BasicBlock(64, 64), BasicBlock(64, 64))
        self.layer2 = nn.Sequential(BasicBlock(64, 128, stride=2), BasicBlock(128, 128))
        self.layer3 = nn.Sequential(BasicBlock(128, 256, stride=2), BasicBlock(256, 256))
        self.layer4 = nn.Sequential(BasicBlock(256, 512, stride=2), BasicBlock(512, 512))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512, num_classes)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))
        ### END SOLUTION


# %% given helper_official
def official_shapes():
    """Return the names and shapes in torchvision's resnet18().state_dict(), in its order."""

    def conv_bn(conv, bn, c_out, c_in, kernel):
        shapes = {f"{conv}.weight": (c_out, c_in, kernel, kernel)}
        for name in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{bn}.{name}"] = (c_out,)
        return shapes | {f"{bn}.num_batches_tracked": ()}

    shapes = conv_bn("conv1", "bn1", 64, 3, 7)
    for k, c_out in enumerate((64, 128, 256, 512), 1):
        for b in (0, 1):
            at = f"layer{k}.{b}"
            c_in = c_out // 2 if k > 1 and b == 0 else c_out
            shapes |= conv_bn(f"{at}.conv1", f"{at}.bn1", c_out, c_in, 3)
            shapes |= conv_bn(f"{at}.conv2", f"{at}.bn2", c_out, c_out, 3)
            if c_in != c_out:
                shapes |= conv_bn(f"{at}.downsample.0", f"{at}.downsample.1", c_out, c_in, 1)
    return shapes | {"fc.weight": (1000, 512), "fc.bias": (1000,)}


def compare_names(model):
    """Return what keeps official weights from loading: names missing, too many, shaped otherwise."""
    mine, official = state_shapes(model), official_shapes()
    missing = [name for name in official if name not in mine]
    too_many = [name for name in mine if name not in official]
    other = [
        f"{name} is {mine[name]}, not {shape}"
        for name, shape in official.items()
        if name in mine and mine[name] != shape
    ]
    return missing[:5], too_many[:5], other[:5]


def count_parameters(model):
    """Return how many numbers a model learns."""
    return sum(parameter.numel() for parameter in model.parameters())


# %% try ResNet18
net = ResNet18()
missing, too_many, other = compare_names(net)
expect("ResNet18: official names that are missing", missing, [])
expect("ResNet18: names that torchvision does not have", too_many, [])
expect("ResNet18: shapes that differ", other, [])
expect("ResNet18: the number of parameters", count_parameters(net), 11_689_512)
out = net(torch.zeros(2, 3, 64, 96))
expect("ResNet18: the logits for two images of 64 x 96", tuple(out.shape), (2, 1000))
expect("ResNet18(7): other classes", tuple(ResNet18(7)(torch.zeros(2, 3, 64, 64)).shape), (2, 7))

# %% [markdown] hint ResNet18
# Write the stem and one stage, then ask `compare_names(ResNet18())` what is still missing. The
# four stages differ in two numbers only, so a small function can make them. Which of the two
# blocks has the stride? Print the shapes for 224 x 224 beside the table.

# %% check ResNet18 points=8

# %% figure "Where the parameters are, and where the work is"
with once_written("BasicBlock and ResNet18"):
    torch.manual_seed(0)
    net = ResNet18().eval()
    work = {}

    def count(name):
        """Return a hook that adds a layer's multiply-adds to those of its stage."""

        def hook(layer, inputs, out):
            stage = name.split(".")[0]
            work[stage] = work.get(stage, 0) + layer.weight[0].numel() * out[0].numel()

        return hook

    for name, layer in net.named_modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            layer.register_forward_hook(count(name))
    with torch.no_grad():
        net(torch.zeros(1, 3, 224, 224))
    stages = ["conv1", "layer1", "layer2", "layer3", "layer4", "fc"]
    numbers = [count_parameters(getattr(net, name)) / 1e6 for name in stages]
    fig, axes = plt.subplots(1, 2, figsize=(11.5, 3.5))
    for ax, values, shade, title in [
        (axes[0], numbers, BLUE, "parameters, millions"),
        (axes[1], [work[name] / 1e6 for name in stages], ORANGE, "multiply-adds, millions"),
    ]:
        bars = ax.bar(stages, values, color=shade)
        ax.bar_label(bars, [f"{v:.2f}" if v < 10 else f"{v:.0f}" for v in values], color=INK)
        ax.set(yticks=[], title=title)
        ax.margins(y=0.12)
        ax.spines["left"].set_visible(False)
    plt.show()

# %% [markdown]
# Halving height and width while doubling the channels keeps a balance: each stage costs about the
# same number of multiply-adds, but has four times the parameters of the one before. Three quarters
# of all parameters are in `layer4`.
#
# **Optional: the official weights.** The next cell loads the weights that torchvision's authors
# trained on ImageNet (45 MB) into *your* network, and draws its first filters. It needs the
# internet: set `DOWNLOAD` to `True` first. Two habits to copy. The name of the file ends in the
# first eight digits of its SHA-256, so you can tell whether it arrived whole and unchanged. And
# `weights_only=True`: a file of weights from the internet is not allowed to run code.

# %% train
DOWNLOAD = False
url = "https://download.pytorch.org/models/resnet18-f37072fd.pth"
path = Path(url.rsplit("/", 1)[1])
if DOWNLOAD or path.exists():
    import urllib.request

    try:
        if not path.exists():
            urllib.request.urlretrieve(url, path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if not digest.startswith(path.stem.split("-")[1]):
            raise OSError(f"{path} is damaged (its SHA-256 is {digest}): delete it, try again")
        official = ResNet18()
        official.load_state_dict(torch.load(path, weights_only=True, map_location="cpu"))
        fig, axes = plt.subplots(4, 16, figsize=(11, 3))
        for ax, kernel in zip(axes.flat, official.conv1.weight.detach(), strict=True):
            kernel = (kernel - kernel.min()) / (kernel.max() - kernel.min())
            draw_image(ax, kernel.permute(1, 2, 0))
        fig.suptitle("the 64 filters of conv1, trained on ImageNet")
        plt.show()
    except OSError as error:
        print(f"No official weights: {error}")
else:
    print("Set DOWNLOAD = True to load the official weights (45 MB) into your ResNet18.")

# %% [markdown]
# ## 4 A new head
#
# A trained network is two things: a **backbone** that turns an image into 512 numbers, and a
# **head**, `fc`, that turns those into scores for the classes it was trained for. Edges, textures,
# skies and walls are useful for other classes too. So keep the backbone, and give it a new head.
#
# **By hand.** ResNet-18 for ImageNet ends in a 1000 x 512 matrix and 1000 biases: 513,000 numbers.
# For the 100 places of miniPlaces you want 100 x 512 and 100. The 512 is decided by the backbone,
# not by you: another network may have 64 or 2048 there. The old head knows the number.
#
# **Your turn:** @ABOUT:replace_head@.


# %% answer replace_head minutes=10 level=easy
def replace_head(model, num_classes):
    """Replace the layer model.fc by a new one for num_classes classes, in place; return the model.

    model: a network whose last layer model.fc is an nn.Linear, for example ResNet18() or
    SmallResNet(10).
    The new model.fc is an nn.Linear with as many inputs as the old one, with a bias, freshly
    initialised, ready to be trained, with dtype and device of the old one. Everything else in the
    model stays as it is.
    Returns the same model that was passed in.
    """
    ### BEGIN SOLUTION
    old = model.fc
    model.fc = nn.Linear(
        old.in_features, num_classes, device=old.weight.device, dtype=old.weight.dtype
    )
    return model
    ### END SOLUTION


# %% given helper_tiny
class TinyNet(nn.Module):
    """ResNet's parts in miniature, for tests: conv1, bn1, layer1, fc. (N, 3, H, W) -> (N, 5)."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.layer1 = nn.Sequential(nn.Conv2d(4, 6, 3, bias=False), nn.BatchNorm2d(6), nn.ReLU())
        self.fc = nn.Linear(6, 5)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        return self.fc(self.layer1(x).mean((2, 3)))


def with_new_head(replace_head, model, num_classes):
    """Return whether the model comes back, its new fc as text, and its output's shape."""
    same = replace_head(model, num_classes) is model
    return same, str(model.fc), tuple(model(torch.zeros(2, 3, 32, 32)).shape)


# %% try replace_head
same, head, shape = with_new_head(replace_head, TinyNet(), 3)
expect("replace_head: returns the model it got", same, True)
expect("replace_head: fc", head, "Linear(in_features=6, out_features=3, bias=True)")
expect("replace_head: the output's shape", shape, (2, 3))

# %% [markdown] hint replace_head
# Print the old head: `model.fc`, and the dtype and device of its weight. What must the new layer
# share with it, and what not?

# %% check replace_head points=3

# %% [markdown]
# ## 5 Freeze the rest
#
# *Lecture: "Batch Normalization" ("Behaves differently during training and testing: this is a very
# common source of bugs!").*
#
# With few images, training all 11 million numbers can do more harm than good. The cautious way is
# to **freeze** the backbone and train the head only. In PyTorch a parameter with
# `requires_grad = False` gets no gradient, and an optimizer leaves it alone.
#
# That is half of it. Batch norm has numbers that no optimizer touches: `running_mean` and
# `running_var`. They are updated by every forward pass *in training mode*. And in training mode the
# layer does not even use them: it normalises with the batch at hand.
#
# **By hand.** A trained layer has `running_mean` 2. The new images are darker; their mean in this
# channel is 1. With momentum 0.1 each step in training mode moves the mean a tenth of the way:
#
# $$2 \to 0.9 \cdot 2 + 0.1 \cdot 1 = 1.9 \to 1.81 \to 1.729 \to \dots \to 1$$
#
# No gradient was needed for that. A frozen layer has to stay in eval mode. But `model.train()`,
# which comes at the start of every training loop, puts *all* layers into training mode: it calls
# `train(True)` on each of a module's children, and those on theirs. So calling `eval()` once is
# not enough; something has to change so that the frozen layers do not follow.
#
# **Your turn:** @ABOUT:freeze_backbone@.


# %% answer freeze_backbone minutes=30 level=hard
def freeze_backbone(model):
    """Freeze everything in the model but model.fc, in place.

    model: a network with an attribute fc, for example ResNet18() or SmallResNet(10); its batch
    norms are nn.BatchNorm1d and nn.BatchNorm2d layers, at any depth.
    Afterwards, and however often model.train() and model.eval() are called:
        - the parameters of model.fc are as they were, and no other parameter asks for gradients
          (requires_grad is False);
        - the batch norms outside model.fc normalise with their running statistics, and a training
          step changes neither those nor num_batches_tracked;
        - the layers of model.fc, batch norms too, follow model.train() and model.eval();
        - model.train() and model.eval() still return the model and set model.training.
    Other models are not affected, even those of the same class. Nothing needs to be returned.

    Lecture 7: "Batch Normalization", "freeze batchnorm parameters".
    """
    ### BEGIN SOLUTION
    for name, parameter in model.named_parameters():
        if not name.startswith("fc."):
            parameter.requires_grad_(False)
    for name, module in model.named_modules():
        is_norm = isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d))
        if is_norm and not name.startswith("fc."):
            module.eval()
            module.train = lambda mode=True, module=module: module  # deaf to model.train()
    ### END SOLUTION


# %% given helper_steps
def what_training_changes(model, steps=3):
    """Train all parameters on random images; return the names in the state_dict that changed."""
    before = {name: value.clone() for name, value in model.state_dict().items()}
    generator = torch.Generator().manual_seed(0)
    sgd = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.01)
    for _ in range(steps):
        model.train()
        out = model(2 + torch.randn(8, 3, 6, 6, generator=generator))
        loss = nn.functional.cross_entropy(out, torch.arange(8) % out.shape[1])
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        model.eval()
    return [name for name, value in model.state_dict().items() if not value.equal(before[name])]


def frozen_tiny(freeze_backbone):
    """Return what freezing does to a TinyNet: what asks for gradients, what training changes."""
    torch.manual_seed(0)
    model = TinyNet()
    freeze_backbone(model)
    asks = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    return asks, what_training_changes(model)


# %% try freeze_backbone
asks, changed = frozen_tiny(freeze_backbone)
expect("freeze_backbone: what asks for gradients", asks, ["fc.weight", "fc.bias"])
expect("freeze_backbone: what three training steps change", changed, ["fc.weight", "fc.bias"])

# %% [markdown] hint freeze_backbone
# Take `TinyNet`, set `requires_grad`, call `model.train()` and print `model.bn1.training`. Who
# switched it on? `train` is a method: what happens if one object gets a `train` of its own? Decide
# whether you change the layers or the model, and check that `model.fc` still follows.

# %% check freeze_backbone points=5

# %% figure "A frozen layer that drifts, and one that does not"
with once_written("freeze_backbone"):
    ways = {
        "nothing frozen": lambda model: None,
        "requires_grad = False only": lambda model: [
            p.requires_grad_(False) for n, p in model.named_parameters() if n[:3] != "fc."
        ],
        "your freeze_backbone": freeze_backbone,
    }
    fig, ax = plt.subplots(figsize=(9, 3.6))
    looks = [(GREY, 5, "-"), (RED, 2.5, "--"), (GREEN, 2.5, "-")]
    for (name, freeze), (shade, lw, ls) in zip(ways.items(), looks, strict=True):
        torch.manual_seed(1)
        model = TinyNet()
        with torch.no_grad():
            model.bn1.running_mean[0] = 2.0
        freeze(model)
        means = [float(model.bn1.running_mean[0])]
        for _ in range(30):
            model.train()
            model(1 + torch.randn(16, 3, 6, 6))
            means.append(float(model.bn1.running_mean[0]))
        ax.plot(means, color=shade, lw=lw, ls=ls, label=name)
    ax.set(xlabel="forward pass in training mode", ylabel="bn1.running_mean[0]")
    ax.legend(frameon=False, bbox_to_anchor=(1.02, 1), loc="upper left")
    plt.show()

# %% [markdown]
# The dashed line is the bug to remember: all gradients are off, and the layer moves exactly as if
# nothing had been frozen.
#
# ## 6 Two learning rates
#
# Freezing is cautious. Once there are more images, you want the backbone to follow, slowly, while
# the head, which starts from random numbers, learns fast. An optimizer takes that as a list of
# **parameter groups**, each a dictionary with its own `lr`:
#
# ```python
# torch.optim.SGD([{"params": [a, b], "lr": 0.001}, {"params": [c], "lr": 0.1}], momentum=0.9)
# ```
#
# **By hand.** `TinyNet` has `conv1.weight`, `bn1.weight`, `bn1.bias`, `layer1.0.weight`,
# `layer1.1.weight`, `layer1.1.bias`, and then `fc.weight`, `fc.bias`. The first six are the
# backbone, the last two the head. A parameter in both groups would be updated twice (PyTorch
# refuses that); one in neither would never learn, and nobody would tell you.
#
# **Your turn:** @ABOUT:param_groups@.


# %% answer param_groups minutes=15 level=medium
def param_groups(model, backbone_lr, head_lr):
    """Return two groups of parameters for an optimizer: the backbone, then the head.

    model: a network whose head is model.fc; backbone_lr, head_lr: numbers.
    Returns a list of two dictionaries with "params", a list of the model's own parameters, and
    "lr". The second holds the parameters of model.fc, the first all others. Only parameters that
    ask for gradients (requires_grad) are in them, each exactly once; when the backbone is frozen,
    the first list is empty. The model stays as it is.
    """
    ### BEGIN SOLUTION
    backbone, head = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            (head if name.startswith("fc.") else backbone).append(parameter)
    return [{"params": backbone, "lr": backbone_lr}, {"params": head, "lr": head_lr}]
    ### END SOLUTION


# %% given helper_groups
def names_in_groups(param_groups, backbone_lr, head_lr, frozen=()):
    """Return what an optimizer makes of the groups of a TinyNet: (names, lr) for each group."""
    model = TinyNet()
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name not in frozen)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    sgd = torch.optim.SGD(param_groups(model, backbone_lr, head_lr), lr=123.0)
    return [
        (sorted(names.get(id(p), "not the model's") for p in group["params"]), group["lr"])
        for group in sgd.param_groups
    ]


# %% try param_groups
groups = names_in_groups(param_groups, 0.001, 0.1)
expect("param_groups: how many groups", len(groups), 2)
names = ["bn1.bias", "bn1.weight", "conv1.weight"]
names += ["layer1.0.weight", "layer1.1.bias", "layer1.1.weight"]
expect("param_groups: the backbone", groups[0][0], names)
expect("param_groups: the head", groups[1][0], ["fc.bias", "fc.weight"])
expect("param_groups: the learning rates", [group[1] for group in groups], [0.001, 0.1])

# %% [markdown] hint param_groups
# Print the names in `model.named_parameters()`. How do you recognise the head? Comparing tensors
# with `==` compares their numbers, so use names or identity. Which parameters do not belong in
# either list?

# %% check param_groups points=4

# %% [markdown]
# ## 7 Finetuning
#
# Now everything together. A small ResNet made of your blocks (8 layers, 16 to 64 channels) is
# first trained on plenty of pictures of some places. Then it meets four places that it has never
# seen, with **five** labelled pictures of each. There are three ways to continue, with the same
# number of steps:
#
# - **from scratch**: a new network with random weights;
# - **frozen**: the trained network with a new head; only that is trained;
# - **finetuned**: the trained network with a new head; all of it is trained, the backbone with a
#   small learning rate.

# %% train
NEW = ("f/forest", "k/kitchen", "m/mountain", "s/street")
OLD = tuple(name for name in SCENES if name not in NEW)
SIZE, FEW = 32, 5  # pixels; labelled pictures of each new place
x_few, y_few = some_scenes(NEW, FEW, SIZE, seed=100)
fig, axes = plt.subplots(2, 10, figsize=(12, 3.1))
for ax, k in zip(axes.flat, np.argsort(y_few, kind="stable"), strict=True):
    draw_image(ax, picture(x_few[k] * 0.25 + 0.5), word(NEW[y_few[k]]))
fig.suptitle("all labelled pictures of the new places")
plt.show()

# %% [markdown]
# The next cell trains for about 40 seconds.

# %% train figure
device = "cuda" if torch.cuda.is_available() else "cpu"
SEEDS, STEPS = (0, 1, 2), 60


def ways_to_start(pretrained, seed):
    """Yield a name, a network and the groups of its parameters for each of the three ways."""
    torch.manual_seed(seed)
    net = SmallResNet(len(NEW)).to(device)
    yield "from scratch", net, param_groups(net, 0.05, 0.05)
    for name in ("frozen", "finetuned"):
        net = SmallResNet(len(OLD)).to(device)
        net.load_state_dict(pretrained.state_dict())
        replace_head(net, len(NEW))
        if name == "frozen":
            freeze_backbone(net)
        yield name, net, param_groups(net, 0.01, 0.1)


with once_written("all five answers"):
    start = time.perf_counter()
    torch.manual_seed(0)
    pretrained = SmallResNet(len(OLD)).to(device)
    x_old, y_old = some_scenes(OLD, 100, SIZE, seed=2)
    sgd = torch.optim.SGD(pretrained.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    fit(pretrained, x_old, y_old, sgd, steps=250, words=f"{len(OLD)} known places")
    x_test, y_test = some_scenes(OLD, 25, SIZE, seed=3)
    print(
        f"\naccuracy on new pictures of the known places: {accuracy(pretrained, x_test, y_test):.2f}"
    )

    x_test, y_test = some_scenes(NEW, 50, SIZE, seed=4)
    marks = list(range(0, STEPS + 1, 10))
    curves = {}
    for seed in SEEDS:
        x_few, y_few = some_scenes(NEW, FEW, SIZE, seed=100 + seed)
        for name, net, groups in ways_to_start(pretrained, seed):
            seen = []

            def look_now(k, net=net, seen=seen):
                if k in marks:
                    seen.append(accuracy(net, x_test, y_test))

            sgd = torch.optim.SGD(groups, momentum=0.9, weight_decay=1e-3)
            words = f"draw {seed + 1}, {name}"
            fit(
                net,
                x_few,
                y_few,
                sgd,
                STEPS,
                batch_size=16,
                seed=seed,
                each_step=look_now,
                words=words,
            )
            look_now(STEPS)
            curves.setdefault(name, []).append(seen)
            print(f" accuracy {seen[-1]:.2f}")
    fig, ax = plt.subplots(figsize=(9, 4))
    for (name, runs), shade in zip(curves.items(), (ORANGE, BLUE, GREEN), strict=True):
        runs = np.array(runs)
        ax.fill_between(marks, runs.min(0), runs.max(0), color=shade, alpha=0.18, lw=0)
        ax.plot(marks, runs.mean(0), "o-", color=shade, lw=2.5, label=name)
    ax.axhline(1 / len(NEW), color=INK, lw=1, ls=":")
    ax.text(STEPS, 1 / len(NEW) + 0.01, "guessing", ha="right", va="bottom", fontsize=11)
    ax.set(xlabel="step", ylabel="accuracy on 200 new pictures", ylim=(0, 1))
    ax.set_title(f"four new places, {FEW} labelled pictures of each; mean of {len(SEEDS)} draws")
    ax.legend(frameon=False, bbox_to_anchor=(1.02, 1), loc="upper left")
    plt.show()
    print(f"{time.perf_counter() - start:.0f} seconds")

# %% [markdown]
# The trained backbone has never seen these places, and still its features tell them apart better
# than anything that can be learnt from twenty pictures. Shaded is the range over three draws of
# the twenty pictures: with so few, luck matters, and a single run proves little.
#
# With your `ResNet18`, the official weights and miniPlaces, it takes the same few lines: load, new
# head, freeze or two learning rates, fit.
#
# ## 8 If you have a GPU
#
# Optional, and nothing here is graded. Two lines make training on a GPU faster. **Mixed
# precision**: inside `torch.autocast`, convolutions and matrix products run in 16-bit numbers,
# which modern GPUs do several times faster; weights stay in 32 bits. Small gradients would vanish
# in `float16`, so a `GradScaler` multiplies the loss first and divides the gradients afterwards.
# **Compilation**: `model.compile()` fuses batch norms, ReLUs and additions into fewer passes over
# memory. The first steps take a minute, and it pays off over thousands.


# %% train
def images_per_second(model, mixed, steps=20, batch_size=64):
    """Return how many 224 x 224 images a model trains on in a second, on the GPU."""
    x = torch.randn(batch_size, 3, 224, 224, device="cuda")
    y = torch.randint(1000, (batch_size,), device="cuda")
    sgd = torch.optim.SGD(model.parameters(), lr=0.01)
    scaler = torch.amp.GradScaler("cuda", enabled=mixed)
    for k in range(steps + 5):
        if k == 5:  # the first steps also choose and compile kernels
            torch.cuda.synchronize()
            start = time.perf_counter()
        with torch.autocast("cuda", dtype=torch.float16, enabled=mixed):
            loss = nn.functional.cross_entropy(model(x), y)
        sgd.zero_grad()
        scaler.scale(loss).backward()
        scaler.step(sgd)
        scaler.update()
    torch.cuda.synchronize()
    return steps * batch_size / (time.perf_counter() - start)


if torch.cuda.is_available():
    for mixed, compiled in [(False, False), (True, False), (True, True)]:
        gpu_net = ResNet18().cuda().to(memory_format=torch.channels_last)
        if compiled:
            gpu_net.compile()
        speed = images_per_second(gpu_net, mixed)
        print(f"mixed precision {mixed!s:5}  compiled {compiled!s:5}  {speed:6.0f} images / s")
else:
    print("No GPU here: nothing to do.")

# %% [markdown]
# ## 9 Two open questions
#
# A few sentences each. These are read by a person; @POINTS:which_way@ points each.
#
# **Question 1: one ReLU in the wrong place.** Someone writes `relu(relu(F(x)) + x)`: the block's
# last batch norm is followed by a ReLU *before* the addition. (a) What can such a block no longer
# do? What happens to the activations from block to block along a stage? (b) The correct block is
# `relu(F(x) + x)`. Write down its slope with respect to $x$ where the last ReLU is on, and say why
# that helps a network of 100 blocks although batch norm already keeps activations at a good size.

# %% [markdown] question relu_before_the_addition points=2 minutes=15
# ### BEGIN SOLUTION
# (a) relu(F) is never negative, so the block can only add to x, never take away: no channel can
# get smaller on its way through a stage. The activations can only grow from block to block (until
# the next block with a convolution and batch norm in the shortcut).
#
# (b) dy/dx = F'(x) + 1 (the identity plus F's Jacobian). Over 100 blocks the product of (1 + F'_k)
# contains the term 1: one path along which the gradient arrives unchanged at every block, whatever
# the others do. Without the shortcut it is the product of the F'_k, in which every block has to be
# right. Batch norm fixes the scale of activations, but not that each layer mixes and distorts what
# it gets, so the gradient for early layers becomes noise, and "pass on what you got" has to be
# learnt; with the shortcut it is where the block starts.
#
# Grading: 1 point for (a): half for "can only add", half for "activations only grow". 1 point for
# (b): half for the slope 1 + F', half for a path of its own for gradient (or the identity as the
# starting point), as something that normalising does not give.
# ### END SOLUTION

# %% [markdown]
# **Question 2: which way?** You have ResNet-18 with ImageNet weights. For each of these, would you
# train from scratch, freeze the backbone, or finetune all of it, and why? (a) 20 labelled photos of
# each of 10 kinds of kitchen. (b) A million labelled X-ray images. (c) In case (a) you freeze by
# setting `requires_grad` to `False` for everything but `fc`, and nothing more. During training the
# loss falls nicely; evaluated with `model.eval()` the network is clearly worse than that. What has
# happened, and how would you make sure?

# %% [markdown] question which_way points=2 minutes=15
# ### BEGIN SOLUTION
# (a) Freeze (or finetune with a very small rate): 200 photos are far too few for 11 million
# parameters, and photos of rooms are like ImageNet's, so its features fit.
#
# (b) Finetune all of it, or train from scratch: there is enough data for all parameters, and X-rays
# are unlike ImageNet's photos, so features should change. Starting from the trained weights rarely
# hurts and converges faster; both choices are fine with a reason.
#
# (c) The batch norms were in training mode: the head was trained on features normalised with each
# batch's own statistics, while in eval mode the running statistics are used, which moreover have
# drifted from ImageNet's towards the kitchens' (not all the way when training was short). So the
# head sees other features than it was trained on. To make sure: compare `running_mean` before and
# after training, or the outputs of `model.train()` and `model.eval()` for the same batch; or keep
# the batch norms in eval mode and see the gap go. (Overfitting to 200 photos gives a gap as well:
# evaluating on the *training* photos in eval mode tells the two apart.)
#
# Grading: half a point each for (a) and (b), choice with a reason. 1 point for (c): half for the
# batch norms' statistics, half for a check that would show it.
# ### END SOLUTION

# %% [markdown]
# ## If you want more
#
# No points, nothing to hand in, and harder than the rest.
#
# - **ResNet-50.** Write its block: 1x1 to $C$ channels, 3x3 with the stride, 1x1 to $4C$ channels,
#   each with a batch norm, and 3, 4, 6 and 3 of them. It is right when there are 25,557,032
#   parameters and, on Colab, the names and shapes equal those of `torchvision.models.resnet50()`.
# - **Start from "change nothing".** Set the weight of every `bn2` to 0 when the network is made.
#   It is right when a new block without `downsample` returns exactly its input after a ReLU. Run
#   part 2 again: do the 38 layers catch up with the 14?
# - **Fold the batch norms away.** Use your `fuse_conv_bn` of the first assignment on a whole
#   `ResNet18` in eval mode. It is right when all 20 batch norms are gone and the logits agree to
#   1e-4 (give the running statistics some training first). How much faster is it?

# %% [markdown]
# ## What you know now
#
# - A residual block computes $\mathrm{relu}(F(x) + x)$; it starts from "change nothing", and a
#   gradient has a path around every block.
# - Where the shape changes, the shortcut is a 1x1 convolution with the stride, and a batch norm.
# - ResNet-18 is a stem, four stages of two blocks (64, 128, 256, 512 channels), a mean over all
#   places and one linear layer: 11,689,512 numbers. Weights find their place by name.
# - A trained network is a backbone and a head. For a new task: new head, then freeze or finetune.
# - Frozen means two things: no gradients, and batch norms that stay in eval mode, also after
#   `model.train()`.
# - Parameter groups give the backbone a smaller learning rate than the head.
#
# **Before you hand in:** restart the kernel, run all cells, save the notebook, and run the next
# cell. It checks that all graded cells are there and which visible tests pass, and packs the one
# file to hand in. If the other notebooks of the assignment lie in the same folder, the file holds
# them too.

# %% hand-in "Check the notebook and pack it"
from shared.hand_in import check_and_pack

check_and_pack("02_resnet", "@GRADED_CELLS@", (), "@ASSIGNMENT@", "@NOTEBOOKS@")

# %% [markdown]
# **Further reading**
#
# - He, Zhang, Ren and Sun,
#   [Deep Residual Learning for Image Recognition](https://arxiv.org/abs/1512.03385), 2015
# - *Dive into Deep Learning*,
#   [section 8.6](https://d2l.ai/chapter_convolutional-modern/resnet.html) on residual networks and
#   [section 14.2](https://d2l.ai/chapter_computer-vision/fine-tuning.html) on finetuning
# - Kornblith, Shlens and Le,
#   [Do Better ImageNet Models Transfer Better?](https://arxiv.org/abs/1805.08974), 2018
# - [torchvision's ResNet](https://github.com/pytorch/vision/blob/main/torchvision/models/resnet.py):
#   you can read all of it now
#
# Next: where does such a network look? Class activation maps.
