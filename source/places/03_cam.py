# %% [markdown]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](@COLAB_URL@)
#
# # Where does the network look?
#
# A network says "beach". Where in the picture is the beach? Nobody ever told it: in training it
# saw whole pictures and one word for each. Still the answer is inside it, and three lines of
# arithmetic reveal it: the **class activation map**. In this notebook you compute it by hand, then
# for any network that ends like a ResNet, and paint it over the picture as heat. At the end you
# test it: you erase what it points at, and see whether the network changes its mind.
#
# **What is due.** The three functions below and two open questions: @POINTS@ points.
#
# @EXERCISES@
#
# **How long it takes.** One and a half to two hours. Everything runs on a CPU: all cells together
# need about 50 seconds, most of them for training a small network once.
#
# **How it works.** Every part has an idea, a picture, a function for you to write and a test that
# you can run. The test prints one line for each thing that is right, and otherwise says what it
# got and what it expected. When your notebook is graded, further cases of the same kind are tried,
# and each kind of case earns its share of the points. The code behind the pictures is folded away;
# open it if you are curious, but nothing in it is graded.
#
# **Rules**
#
# - Everything in PyTorch and numpy is welcome here.
# - A map has the dtype (`float32` or `float64`) and the device of the features or the image that
#   it was made from.
# - Arguments are valid, may be non-contiguous in memory, and must not be changed.
#
# **Help and working together**
#
# @HELP@
#
# Letters are the lecture's: $C$ channels, height $H$, width $W$. A lower-case $h \times w$ is the
# size of the last feature maps, which are much smaller than the image.
#
# Run the next cells once, down to the first picture. Then start.

# %% setup
import time

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


# %% setup setup_heat "Numbers as heat"
def heat(values):
    """Return a colour for each number in [0, 1]: dark blue at 0, red at 0.5, yellow at 1.

    values: a tensor of any shape, for example (H, W). Returns that shape with the three colours
    (red, green, blue) as a new last axis, for example (H, W, 3), each in [0, 1]; dtype of values.
    """
    colours = [2 * values, 2 * values - 1, 0.5 - 0.5 * values]
    return torch.stack(colours, dim=-1).clamp(0, 1)


# %% setup setup_tests "How tests compare"
from shared.expect import expect

# %% figure "Colours and ways to draw"
from shared.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    PALE,
    PLAIN,
    RED,
    draw_arrow,
    draw_image,
    draw_numbers,
    once_written,
)

# %% figure "Pictures of places"
from shared.some_scenes import some_scenes
from shared.scenes import SCENES


from shared.pictures import picture, word

# %% figure "What you will build"
image = some_scenes(1, 5)[0][0]
blue = (image[2] - image[0]).clamp(min=0)
yellow = (image[0] - image[2]).clamp(min=0)
edges = (image.mean(0).diff(dim=0, prepend=image.mean(0)[:1])).abs()
small = torch.stack(
    [nn.functional.adaptive_avg_pool2d(m[None], 8)[0] for m in (blue, yellow, edges)]
)
small = small / small.amax((1, 2), keepdim=True)
weights = torch.tensor([0.5, 1.0, -0.4])
total = torch.einsum("c,chw->hw", weights, small)
total = (total - total.min()) / (total.max() - total.min())
large = nn.functional.interpolate(total[None, None], size=64, mode="bilinear")[0, 0]
fig, axes = plt.subplots(1, 6, figsize=(12.5, 2.7), width_ratios=[1.3, 1, 1, 1, 1, 1.3])
draw_image(axes[0], picture(image), "a picture")
titles = [f"feature map {k}\n{w:+.1f} times" for k, w in enumerate(weights.tolist())]
for ax, title, values in zip(axes[1:4], titles, small, strict=True):
    draw_image(ax, values, title.replace("-", "\N{MINUS SIGN}"), cmap=PLAIN)
draw_image(axes[4], heat(total), "added up:\na map of the class")
draw_image(axes[5], 0.5 * picture(image) + 0.5 * heat(large).numpy(), "as heat")
plt.show()

# %% [markdown]
# Three feature maps of a picture (here made by hand: "how blue", "how yellow", "how many edges"),
# the weights of one class, and the weighted sum: a map of where the class is. In a network all of
# this is learned; you only have to look at it in the right order.
#
# ## Why a network that saw only words knows where
#
# *Lecture: "Announcement: Assignment" ("Visualize the attention of ResNet using Class Activation
# Mapping").*
#
# Look at the end of a ResNet. The last convolution stage gives $C$ feature maps
# $F_0, \ldots, F_{C-1}$ of $h \times w$ numbers each. **Global average pooling** takes the mean of
# each map, and one fully connected layer turns the $C$ means into a score for each class:
#
# $$
# \text{score}_k = b_k + \sum_{c} w_{k,c} \cdot \frac{1}{hw} \sum_{i,j} F_c[i, j]
# = b_k + \frac{1}{hw} \sum_{i,j} \; \underbrace{\sum_{c} w_{k,c} \, F_c[i, j]}_{M_k[i,\, j]}
# $$
#
# The two sums change places, and that is the whole trick. On the left the network first averages
# and then weights. On the right it first weights, and what is averaged is a *map*, $M_k$: position
# $(i, j)$ gives $M_k[i, j]$ to the score of class $k$. Nothing was approximated. The map is not a
# guess about the network: its mean, plus the bias, *is* the score.

# %% [markdown]
# ## 1 A map for each class
#
# *Lecture: "Example: 1x1 Convolution", "Fully-Connected Layers".*
#
# By hand, with $C = 2$ feature maps of 2 x 3 numbers and two classes. Class 0 has the weights
# $(2, -1)$: map 0 speaks for it, and map 1 speaks against it. At the top left its map is $2 \cdot
# 6 - 1
# \cdot 0 = 12$, at the bottom right $2 \cdot 0 - 1 \cdot 6 = -6$.

# %% figure "Two feature maps, two classes"
F = np.array([[[6.0, 3, 0], [3, 0, 0]], [[0, 0, 3], [0, 3, 6]]])
fig, axes = plt.subplots(2, 4, figsize=(12, 4.6))
for k, (w, sign) in enumerate([((2, -1), "\N{MINUS SIGN} 1"), ((1, 1), "+ 1")]):
    total = w[0] * F[0] + w[1] * F[1]
    scaled = (total - total.min()) / (total.max() - total.min())
    rows = [
        (F[k], f"feature map {k}, mean {F[k].mean():g}", None),
        (total, f"class {k}: {w[0]} · map 0 {sign} · map 1", None),
        (scaled, "from 0 to 1", [[PLAIN(0.08 + 0.5 * v) for v in row] for row in scaled]),
    ]
    for ax, (values, title, fills) in zip(axes[k, [0, 1, 3]], rows, strict=True):
        draw_numbers(ax, values, title, fills=fills, size=13)
    mean = f"mean {total.mean():g} is the score\n(without bias)"
    shift = f"minus {total.min():g}, divided by {total.max() - total.min():g}".replace(
        "-", "\N{MINUS SIGN}"
    )
    axes[k, 2].text(0.5, 0.62, mean, ha="center", va="center", color=INK)
    axes[k, 2].text(0.5, 0.2, shift, ha="center", va="center", color=INK, fontsize=11)
    draw_arrow(axes[k, 2], (0.05, 0.38), (0.95, 0.38))
    axes[k, 2].set(xlim=(0, 1), ylim=(0, 1))
    axes[k, 2].axis("off")
plt.show()

# %% [markdown]
# The mean of class 0's map is 2. The other way round gives the same: both feature maps have the
# mean 2, and $2 \cdot 2 - 1 \cdot 2 = 2$.
#
# To compare maps as pictures, each is stretched so that its smallest number becomes 0 and its
# largest 1 (**min-max scaling**):
#
# $$\text{CAM} = \frac{M - \min M}{\max M - \min M}$$
#
# - The weights are used **as they are**, negative ones too. No softmax over them: that would make
#   all of them positive, and "speaks against" would become "speaks for, a little".
# - No ReLU before the scaling. (Grad-CAM, a later relative, has one. Here the places that speak
#   against the class are what we want to see at 0.)
# - The bias $b_k$ is the same number everywhere. Min-max scaling takes it out again, so leave it.
# - A map in which all numbers are equal points nowhere: return zeros, not $0 / 0$.
#
# **Your turn:** @ABOUT:class_activation_map@.


# %% answer class_activation_map minutes=20 level=medium
def class_activation_map(features, fc_weight, class_idx):
    """Return the class activation map of one class, scaled so that it reaches from 0 to 1.

        M[i, j] = sum over c of fc_weight[class_idx, c] * features[c, i, j]
        CAM = (M - min(M)) / (max(M) - min(M)),   zeros when all numbers of M are equal

    features: (C, H, W), what the last convolution stage gives for one image.
    fc_weight: (num_classes, C), the weights of the fully connected layer; class_idx: an integer.
    Both are floats of one dtype.
    Returns (H, W), smallest number 0, largest 1 (or all 0); dtype and device of features.

    Zhou et al., "Learning Deep Features for Discriminative Localization", equation 2; lecture 7:
    "Announcement: Assignment".
    """
    ### BEGIN SOLUTION
    cam = torch.einsum("c,chw->hw", fc_weight[class_idx], features)
    low, high = cam.min(), cam.max()
    if high == low:
        return torch.zeros_like(cam)
    return (cam - low) / (high - low)
    ### END SOLUTION


# %% try class_activation_map
features = torch.tensor([[[6.0, 3.0, 0.0], [3.0, 0.0, 0.0]], [[0.0, 0.0, 3.0], [0.0, 3.0, 6.0]]])
fc_weight = torch.tensor([[2.0, -1.0], [1.0, 1.0]])
expect(
    "class_activation_map: class 0 by hand",
    class_activation_map(features, fc_weight, 0),
    torch.tensor([[1.0, 2 / 3, 1 / 6], [2 / 3, 1 / 6, 0.0]]),
)
expect(
    "class_activation_map: class 1 by hand",
    class_activation_map(features, fc_weight, 1),
    torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
)

# %% [markdown] hint class_activation_map
# Do the 2 x 3 example on paper. How many weights does class 0 have, and which axis of `features`
# has the same length? Once you have $M$, look at its smallest and largest number. What if they are
# equal?

# %% check class_activation_map points=6

# %% [markdown]
# Compare the formula with the lecture's 1x1 convolution: the maps of *all* classes at once are a
# 1x1 convolution of the features with the weights of the fully connected layer. A class activation
# map is what you get when you let the classifier slide over the feature maps instead of giving it
# their mean.
#
# Now for a network that has learned something. The next cell defines a small one with the names of
# a ResNet: `layer1` to `layer4` are its convolution stages, then come `avgpool` and `fc`. It looks
# at pictures of 64 x 64, and its last maps are 8 x 8.


# %% given networks
class SceneNet(nn.Module):
    """A small network for small pictures, with the names of a ResNet."""

    def __init__(self, num_classes, width=16):
        super().__init__()

        def stage(c_in, c_out, stride):
            conv = nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1, bias=False)
            return nn.Sequential(conv, nn.BatchNorm2d(c_out), nn.ReLU())

        self.layer1 = stage(3, width, 2)  # 32 x 32
        self.layer2 = stage(width, 2 * width, 2)  # 16 x 16
        self.layer3 = stage(2 * width, 3 * width, 1)
        self.layer4 = stage(3 * width, 4 * width, 2)  # 8 x 8
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(4 * width, num_classes)

    def forward(self, x):
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.dropout(torch.flatten(self.avgpool(x), 1)))


class ToyNet(nn.Module):
    """The example by hand as a network: layer4 averages 2x2 pixels of red, and of blue."""

    def __init__(self, bias):
        super().__init__()
        self.layer4 = nn.Conv2d(3, 2, 2, stride=2, bias=False)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(2, 2)
        with torch.no_grad():
            self.layer4.weight.zero_()
            self.layer4.weight[0, 0] = self.layer4.weight[1, 2] = 6 / 4
            self.fc.weight.copy_(torch.tensor([[2.0, -1.0], [1.0, 1.0]]))
            self.fc.bias.copy_(torch.tensor(bias))

    def forward(self, x):
        return self.fc(self.dropout(torch.flatten(self.avgpool(self.layer4(x)), 1)))


def hooks_left(model):
    """Return how many forward hooks are still registered in a network."""
    return sum(len(module._forward_hooks) for module in model.modules())


# %% [markdown]
# Training it takes about 20 seconds on an idle CPU. The pictures are drawn on the spot.

# %% train
device = "cuda" if torch.cuda.is_available() else "cpu"
torch.manual_seed(0)
train_x, train_y = some_scenes(70, seed=0)
val_x, val_y = some_scenes(8, seed=1)
model = SceneNet(len(SCENES)).to(device)
EPOCHS, BATCH = 14, 32
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.05)
steps = EPOCHS * (len(train_x) // BATCH)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=steps)
start = time.perf_counter()
for epoch in range(EPOCHS):
    model.train()
    for rows in torch.randperm(len(train_x))[: steps // EPOCHS * BATCH].split(BATCH):
        x, y = train_x[rows].to(device), train_y[rows].to(device)
        if torch.rand(()) < 0.5:
            x = x.flip(3)  # a place seen in a mirror is the same place
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    model.eval()
    with torch.no_grad():
        right = (model(val_x.to(device)).argmax(1).cpu() == val_y).float().mean()
    bar = "█" * (epoch + 1) + "·" * (EPOCHS - epoch - 1)
    line = f"\r{bar} loss {loss:.3f}, {right:.0%} of the validation pictures right, "
    print(line + f"{time.perf_counter() - start:.0f} s", end="")

# %% figure "What the last maps show, and the classes that they speak for"
CAM_COLOURS = plt.matplotlib.colors.ListedColormap(heat(torch.linspace(0, 1, 256)).numpy())


def last_maps(model, image):
    """Return the features of layer4, (C, h, w), and the probabilities of the classes."""
    kept = []
    hook = model.layer4.register_forward_hook(lambda module, inputs, output: kept.append(output))
    model.eval()
    with torch.no_grad():
        chances = model(image[None].to(next(model.parameters()).device)).softmax(1)[0]
    hook.remove()
    return kept[0][0].cpu(), chances.cpu()


with once_written("class_activation_map"):
    model.eval()
    with torch.no_grad():
        sure = model(val_x.to(device)).softmax(1).amax(1)
    image = val_x[int(sure.argmin())]  # the picture that the network is least sure of
    F, chances = last_maps(model, image)
    fc_weight = model.fc.weight.detach().cpu()
    best = chances.argsort(descending=True)[:3].tolist()
    gives = fc_weight[best[0]] * F.mean((1, 2))  # what each map adds to the score
    shown = gives.argsort(descending=True)[[0, 1, 2, -1]].tolist()
    maps = [class_activation_map(F, fc_weight, k) for k in best]
    fig, axes = plt.subplots(2, 4, figsize=(11, 5.6))
    for ax, c in zip(axes[0], shown, strict=True):
        text = f"map {c}, weight {fc_weight[best[0], c]:+.2f}".replace("-", "\N{MINUS SIGN}")
        draw_image(ax, F[c], text, cmap=PLAIN, top=float(F[shown].max()))
    draw_image(axes[1, 0], picture(image), "the picture")
    for ax, k, cam in zip(axes[1, 1:], best, maps, strict=True):
        draw_image(ax, heat(cam), f"{word(SCENES[k])}: {chances[k]:.1%}")
    fig.suptitle(f"four of the {len(F)} maps, with the weights of {word(SCENES[best[0]])}")
    plt.show()

# %% [markdown]
# This is the validation picture that the network is least sure of. Above, the three feature maps
# that add most to the winner's score, and the one that takes most away. Below, the class
# activation maps of the three most likely classes, made of the *same* feature maps with other
# weights. Be careful with the colours: every map is stretched to reach from blue to yellow, even
# that of an unlikely class. A yellow place says "here, rather than elsewhere". It does not say
# "much".
#
# ## 2 From an image to its map
#
# *Lecture: "Batch Normalization: Test-Time" ("Behaves differently during training and testing:
# this is a very common source of bugs!").*
#
# For a whole network there are four things to get right.
#
# 1. **Get at the features.** `model(image[None])` returns scores, and the last feature maps are
#    gone. You could run the stages one by one, but then your code would fit only one network. A
#    **forward hook** fits all: a function that PyTorch calls with the output of a layer each time
#    it runs.
#
#    ```python
#    kept = []
#    hook = layer.register_forward_hook(lambda module, inputs, output: kept.append(output))
#    ...  # run the network; kept[0] is now the layer's output
#    hook.remove()  # otherwise it stays in the network for ever
#    ```
#
# 2. **Use the network as in a test:** `model.eval()`, so that batch norm uses its running
#    statistics and dropout does nothing, and no gradients. Afterwards the network is as it was
#    before: if it was in training mode, it is in training mode again.
# 3. **Take the class that the network itself names**: the one with the largest score, biases
#    included.
# 4. **Make the map as large as the image.** The last maps of a ResNet-18 are 7 x 7 for an image of
#    224 x 224. Bilinear interpolation stretches them. Think of every number as the colour at the
#    *centre* of its large pixel, and mix between the centres; that is `align_corners=False`.
#
# In one dimension, from 2 numbers to 4: the centres of the two old pixels are at 0.25 and 0.75 of
# the width, those of the new ones at 0.125, 0.375, 0.625, 0.875. The second new pixel is a quarter
# of the way from the first old centre to the second.

# %% figure "Two numbers become eight"
old = torch.tensor([0.2, 1.0])[None, None]
fig, axes = plt.subplots(1, 2, figsize=(11, 2.9), sharey=True)
for ax, corners in zip(axes, (False, True), strict=True):
    new = nn.functional.interpolate(old, size=8, mode="linear", align_corners=corners)[0, 0]
    ax.bar([0.25, 0.75], old[0, 0], 0.49, color=PALE, label="2 old numbers")
    ax.plot((np.arange(8) + 0.5) / 8, new, "o", color=GREEN if not corners else RED, label="8 new")
    ax.plot([0.25, 0.75], old[0, 0], "_", color=INK, ms=14, mew=2, label="centres of the old")
    ax.set(xlim=(0, 1), ylim=(0, 1.1), xticks=[0, 0.25, 0.5, 0.75, 1], xlabel="place in the image")
    ax.set_title(
        f"align_corners={corners}: " + ("stretched to the edges" if corners else "in place")
    )
axes[0].legend(loc="upper left", fontsize=10, frameon=False)
plt.show()

# %% [markdown]
# With `align_corners=True` the two numbers move out to the edges of the image, away from what they
# describe. That hardly matters for 64 pixels made of 32, but it is visible for 224 made of 7.
#
# Scale first, then resize: `class_activation_map` reaches from 0 to 1, and the resized map stays
# between them. (It need not reach 1 any more: between the centres everything is a mixture.)
#
# **Your turn:** @ABOUT:cam_for_image@.


# %% answer cam_for_image minutes=40 level=hard
def cam_for_image(model, image):
    """Return (cam, class_idx): the class that a network sees in an image, and where.

    model: a network that ends like a ResNet. Calling it on images (N, 3, H, W) gives scores
        (N, num_classes). These three attributes are all that you may rely on:
          model.layer4    a module, the last convolution stage; its output is (N, C, h, w)
          model.avgpool   a module, global average pooling: (N, C, h, w) -> (N, C, 1, 1)
          model.fc        an nn.Linear(C, num_classes), with or without bias
        What comes before layer4 differs from network to network; there may be dropout before fc.
    image: (3, H, W), floats, on the model's device; H and W are at least h and w.
    Returns cam: (H, W), the class activation map (scaled to [0, 1] as in class_activation_map,
    then resized bilinearly, align_corners=False), with dtype and device of image, without a graph;
    class_idx: an integer, the class with the model's highest score in eval mode.

    The model is used in eval mode and without gradients. Afterwards it is as it was before:
    model.training, weights, gradients, running statistics, and no hook of yours.
    You may call class_activation_map.

    Lecture 7: "Batch Normalization: Test-Time", "Announcement: Assignment".
    """
    ### BEGIN SOLUTION
    was_training = model.training
    kept = []
    hook = model.layer4.register_forward_hook(lambda module, inputs, output: kept.append(output))
    model.eval()
    try:
        with torch.no_grad():
            class_idx = int(model(image[None])[0].argmax())
    finally:
        hook.remove()
        model.train(was_training)
    features, weights = kept[0][0], model.fc.weight.detach()[class_idx]
    cam = torch.einsum("c,chw->hw", weights, features)  # as in part 1
    low, high = cam.min(), cam.max()
    cam = (cam - low) / (high - low) if high > low else torch.zeros_like(cam)
    size = image.shape[1:]
    cam = nn.functional.interpolate(
        cam[None, None], size=size, mode="bilinear", align_corners=False
    )
    return cam[0, 0], class_idx
    ### END SOLUTION


# %% try cam_for_image
image = torch.zeros(3, 4, 6)  # blocks of 2x2 pixels: the example by hand in red and in blue
image[0] = torch.tensor([[1.0, 0.5, 0.0], [0.5, 0.0, 0.0]]).kron(torch.ones(2, 2))
image[2] = torch.tensor([[0.0, 0.0, 0.5], [0.0, 0.5, 1.0]]).kron(torch.ones(2, 2))

toy = ToyNet([0.0, 0.0])
toy.eval()
cam, class_idx = cam_for_image(toy, image)
expect("cam_for_image: scores 2 and 4, so class 1", class_idx, 1)
row = torch.tensor([1.0, 0.75, 0.25, 0.0, 0.0, 0.0])
by_hand = torch.stack([a * row + b * row.flip(0) for a, b in [(1, 0), (3 / 4, 1 / 4)]])
expect(
    "cam_for_image: its map, 2 x 3 resized to 4 x 6", cam, torch.cat([by_hand, by_hand.flip(0, 1)])
)

toy = ToyNet([3.0, 0.0])
_, class_idx = cam_for_image(toy, image)
expect("cam_for_image: with the bias, scores 5 and 4, so class 0", class_idx, 0)
expect("cam_for_image: training mode is back on", toy.training, True)
expect("cam_for_image: no hook is left behind", hooks_left(toy), 0)

# %% [markdown] hint cam_for_image
# Take five small steps and print a shape after each: remember the mode, hook `layer4`, run the
# image as a batch of one, find the class, make the map and resize it (`interpolate` wants four
# axes). Then list what you have changed in the network. Who undoes it if the network raises an
# error?

# %% check cam_for_image points=7

# %% figure "Where your network looks"
with once_written("cam_for_image"):
    picked = [k * len(SCENES) + k for k in range(min(6, len(SCENES)))]
    fig, axes = plt.subplots(2, len(picked), figsize=(12.5, 4.6))
    for (top, bottom), k in zip(axes.T, picked, strict=True):
        image = val_x[k % len(val_x)].to(next(model.parameters()).device)
        cam, class_idx = cam_for_image(model, image)
        truth = val_y[k % len(val_x)]
        draw_image(top, picture(image), word(SCENES[truth]))
        says = word(SCENES[class_idx]) + ("" if class_idx == truth else " (wrong)")
        draw_image(bottom, heat(cam.cpu()), says)
    fig.suptitle("the pictures, and the map of the class that the network names", fontsize=12)
    plt.show()

# %% [markdown]
# Some of these maps light up where you would point, too. Others do not: for the network, the
# evidence may be the sky above, the road in front, or a corner. A class activation map shows what
# *it* uses.
#
# ## 3 Heat over the picture
#
# To see picture and map at once, give every number of the map a colour and mix the colours with
# the picture, half and half. `heat` (in the first cell) is the colour map: it turns 0 into dark
# blue, 0.5 into red and 1 into yellow. Like matplotlib's colour maps, it puts the three colours
# *last*: from (H, W) it makes (H, W, 3). PyTorch's images have them first.
#
# By hand, one pixel: the picture is $(0.2, 0.4, 0.6)$ there and the map $0.5$. `heat` gives
# $(1, 0, 0.25)$, so the result is $(0.6, 0.2, 0.425)$.
#
# **Your turn:** @ABOUT:overlay@.


# %% answer overlay minutes=10 level=easy
def overlay(image, cam):
    """Return the image with the map over it as heat, half and half.

        out[:, i, j] = 0.5 * image[:, i, j] + 0.5 * heat(cam)[i, j]

    image: (3, H, W), red, green, blue in [0, 1]. cam: (H, W) in [0, 1], of the same dtype.
    heat(cam), given above, is (H, W, 3): colours last.
    Returns (3, H, W), in [0, 1]; dtype and device of image.

    Zhou et al., "Learning Deep Features for Discriminative Localization", figure 1.
    """
    ### BEGIN SOLUTION
    return 0.5 * image + 0.5 * heat(cam).permute(2, 0, 1)
    ### END SOLUTION


# %% try overlay
image = torch.tensor([0.2, 0.4, 0.6])[:, None, None].repeat(1, 1, 2)
expect(
    "overlay: two pixels by hand, the map 0.5 and 1",
    overlay(image, torch.tensor([[0.5, 1.0]])),
    torch.tensor([[[0.6, 0.6]], [[0.2, 0.7]], [[0.425, 0.3]]]),
)
expect(
    "overlay: the shape", tuple(overlay(torch.zeros(3, 4, 6), torch.zeros(4, 6)).shape), (3, 4, 6)
)

# %% [markdown] hint overlay
# Print the shapes of `image` and `heat(cam)` for an image that is not square. Which axis holds the
# colours in each? `permute` moves axes; why would `reshape` be wrong?

# %% check overlay points=4

# %% figure "A gallery"
with once_written("cam_for_image and overlay"):
    fig, axes = plt.subplots(2, 6, figsize=(12.5, 4.7))
    for ax, k in zip(axes.flat, range(len(SCENES), len(SCENES) + 12), strict=True):
        image = val_x[k % len(val_x)]
        cam, class_idx = cam_for_image(model, image.to(next(model.parameters()).device))
        says = word(SCENES[class_idx]) + ("" if class_idx == val_y[k % len(val_x)] else " (wrong)")
        draw_image(ax, picture(overlay(image, cam.cpu())), says)
    bar = plt.matplotlib.cm.ScalarMappable(cmap=CAM_COLOURS)
    fig.colorbar(bar, ax=axes, ticks=[0, 1], shrink=0.6, pad=0.01)
    plt.show()

# %% [markdown]
# The title is the network's answer.
#
# ## 4 Erase the evidence
#
# A heat map always looks convincing, even a wrong one. So test it. If the yellow places really are
# what the network uses, then painting them over must hurt, and painting over as many blue ones
# must hurt less. The next cell paints a part of each validation picture in the picture's mean
# colour, the hottest part, a random one (in one square) or the coldest, and asks the network
# again.

# %% figure "What the network says when the evidence is gone"


def erased(image, order, share):
    """Return the image with the first pixels of an order painted in the mean colour."""
    flat = image.flatten(1).clone()
    flat[:, order[: int(share * flat.shape[1])]] = flat.mean(1, keepdim=True)
    return flat.view_as(image)


def square_first(generator, H, W):
    """Return all pixels, those closest to a random one first: they fill a square."""
    row, col = (int(torch.randint(n, (), generator=generator)) for n in (H, W))
    i, j = torch.arange(H)[:, None], torch.arange(W)[None]
    return torch.maximum((i - row).abs(), (j - col).abs()).flatten().argsort(stable=True)


with once_written("cam_for_image"):
    shares, ways = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5], ["hottest", "a square", "coldest"]
    generator = torch.Generator().manual_seed(0)
    place = next(model.parameters()).device
    kept = {way: torch.zeros(len(shares)) for way in ways}
    example = None
    tested = val_x[: 5 * len(SCENES)]
    for n, image in enumerate(tested):
        cam, class_idx = cam_for_image(model, image.to(place))
        orders = {
            "hottest": cam.cpu().flatten().argsort(descending=True),
            "a square": square_first(generator, *cam.shape),
            "coldest": cam.cpu().flatten().argsort(),
        }
        batch = [erased(image, orders[way], share) for way in ways for share in shares]
        model.eval()
        with torch.no_grad():
            chances = model(torch.stack(batch).to(place)).softmax(1)[:, class_idx].cpu()
        for way, part in zip(ways, chances.view(len(ways), -1), strict=True):
            kept[way] += part / len(tested)
        if n == 1:
            example = [(image, "whole", chances[0])]
            at = shares.index(0.3)
            for k, way in enumerate(ways):
                i = k * len(shares) + at
                example.append((batch[i], way, chances[i]))
    fig, axes = plt.subplot_mosaic([["a", "b", "p"], ["c", "d", "p"]], figsize=(11.5, 5),
                                   width_ratios=[1, 1, 2.3])  # fmt: skip
    for key, (image, way, chance) in zip("abcd", example, strict=True):
        draw_image(axes[key], picture(image), f"{way}: {chance:.0%}")
    for way, shade, marker in zip(ways, (RED, GREY, BLUE), "osv", strict=True):
        axes["p"].plot(shares, kept[way], marker=marker, color=shade, label=way)
    axes["p"].set(ylim=(0, 1.02), xlabel="share of the picture painted over")
    axes["p"].set_title("mean probability of the class it named at first")
    axes["p"].legend(title="painted over first", frameon=False)
    plt.show()

# %% [markdown]
# On the left, one picture whole and with 30% painted over; on the right, the mean over many
# pictures. If the red curve falls fastest and the blue one slowest, the maps point at what counts.
# (Painting changes more than the evidence: the network has never seen flat patches, so some of the
# fall is surprise. That is what the grey curve is for.)
#
# **With your own network.** `cam_for_image` relies on `layer4`, `avgpool` and `fc` only, so the
# `ResNet18` of the last notebook goes in as it is: load your weights, take a photograph as a
# (3, H, W) tensor, normalised as in training, and call `cam_for_image(resnet, photograph)`.
#
# ## 5 Two open questions
#
# A few sentences each. These are read by a person.
#
# **Question 1: what the map can and cannot say** (@POINTS:what_the_map_says@ points). (a) The derivation at the top needs
# that between the last feature maps and the scores there is nothing but an average and *one*
# linear layer. LeNet-5 flattens its last maps, and two linear layers with a ReLU between them
# follow. Where exactly does the derivation break? (b) Two pictures have the same class activation
# map for "beach", number for number, after min-max scaling. Can the network be sure of "beach" in
# one picture and almost rule it out in the other? Say why.

# %% [markdown] question what_the_map_says points=3 minutes=15
# ### BEGIN SOLUTION
# (a) Two steps break. Flattening keeps one weight for each channel *and position*, so there is no
# weight of a whole map that could be taken out of the sum over positions (with a single linear
# layer after flattening one could still add up w[k, c, i, j] F_c[i, j] and get an exact map with
# weights that differ by position). The ReLU between two linear layers then makes the score a
# nonlinear function of the features: it is no longer a sum of one contribution for each position,
# so the two sums cannot change places at all. (One can still use a linear approximation, the
# gradient, as Grad-CAM does.)
#
# (b) Yes. Min-max scaling removes every shift and every positive factor: a M + b gives the same
# picture for all a > 0 and all b. The score is the mean of M plus the bias, so the two pictures
# can have very different scores for "beach"; and how sure the network is also depends on the
# scores of the other classes, which this map does not show.
#
# Grading: (a) 1.5 points: 1 for the nonlinearity (no sum of contributions any more), half for the
# weights that differ by position. (b) 1.5 points: half for yes, 1 for the reason (the scaling
# hides shift and factor, or the other classes' scores are not in the map).
# ### END SOLUTION

# %% [markdown]
# **Question 2: right for the wrong reason?** (@POINTS:wrong_reason@ points). For nearly all
# pictures that a network calls "beach", correctly, the map is yellow on the sky and blue on sand
# and water. (a) What might the network have learned, and from what property of the training
# pictures? (b) The accuracy on the validation set is excellent. Why does that not settle the
# matter, and which experiment would?

# %% [markdown] question wrong_reason points=2 minutes=10
# ### BEGIN SOLUTION
# (a) That a certain sky (bright, cloudless, of a certain blue, a low horizon) means beach, because
# in the training pictures it nearly always comes with beaches and rarely with the other classes: a
# correlation in the data set, enough to lower the loss, so nothing forced the network to learn
# sand and water.
#
# (b) The validation pictures come from the same source and have the same correlation, so the
# shortcut works there as well. An experiment has to break the link: beaches under a grey sky or
# with the sky painted over, and the same blue sky pasted over other places; then see whether
# "beach" goes with the sand or with the sky. (Pictures from another source are a weaker version.)
#
# Grading: 1 point for (a): a shortcut, and that it is in the data. 1 point for (b): half for "same
# distribution", half for an experiment that changes sky and sand independently.
# ### END SOLUTION

# %% [markdown]
# ## If you want more
#
# No points, nothing to hand in, and harder than the rest.
#
# - **All classes at once.** Compute the maps of all classes with one 1x1 convolution, without
#   scaling them. It is right when the mean of each map plus the bias equals the score that the
#   network gives, to 1e-4.
# - **Grad-CAM** weights feature map $c$ with the mean, over its positions, of the gradient of the
#   class score. Write it with a hook and autograd. Without its ReLU it must equal your class
#   activation map here, after min-max scaling, to 1e-4. Why? Then try it on a network with two
#   linear layers.
# - **Cover and measure.** Slide a grey square of 16 x 16 over a picture in steps of 4, and note
#   how far the probability of the class falls. Draw that map beside the class activation map. For
#   how many of 20 pictures is their correlation above 0.5?

# %% [markdown]
# ## What you know now
#
# - Global average pooling and one linear layer can change places. So the score of a class is the
#   mean of a map plus a bias, and the map says which place gave how much.
# - A class activation map is a 1x1 convolution of the last features with the classifier's weights:
#   raw weights, no bias, no ReLU, then min-max scaling.
# - The scaling makes maps comparable as pictures and hides how large the score was.
# - A forward hook gets at features inside a network without rewriting it; remove it afterwards. A
#   function that inspects a network leaves it as it was, the training flag included.
# - Resizing with `align_corners=False` keeps the numbers where they belong.
# - A heat map is a claim. Erasing what it points at tests it.
#
# **Before you hand in:** restart the kernel, run all cells, save the notebook, and run the next
# cell. It checks that all graded cells are there and which visible tests pass, and packs the one
# file to hand in. If the other notebooks of the assignment lie in the same folder, the file holds
# them too.

# %% hand-in "Check the notebook and pack it"
from shared.hand_in import check_and_pack

check_and_pack("03_cam", "@GRADED_CELLS@", (), "@ASSIGNMENT@", "@NOTEBOOKS@")

# %% [markdown]
# **Further reading**
#
# - Zhou, Khosla, Lapedriza, Oliva and Torralba,
#   [Learning Deep Features for Discriminative Localization](https://arxiv.org/abs/1512.04150), CVPR
#   2016: class activation maps
# - Selvaraju et al., [Grad-CAM](https://arxiv.org/abs/1610.02391), ICCV 2017: for networks that do
#   not end in global average pooling
# - Adebayo et al., [Sanity Checks for Saliency Maps](https://arxiv.org/abs/1810.03292), NeurIPS
#   2018: maps that look right and do not depend on the network
# - Lapuschkin et al.,
#   [Unmasking Clever Hans predictors](https://doi.org/10.1038/s41467-019-08987-4), 2019: right for
#   the wrong reason
#
# Next: predictions for pictures whose labels you do not have, and a leaderboard.
