# %% [markdown]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](@COLAB_URL@)
#
# # Convolution from scratch
#
# One small operation, *slide a filter over an image and take dot products*, is what convolutional
# networks are made of. In this notebook you write it yourself: first with two loops, then as the
# whole layer with channels, batches, padding and stride, then fast, then its backward pass. By the
# end, PyTorch's own `nn.Conv2d` will hold no secrets. On the way you find Waldo.
#
# **What is due.** The 15 functions below and two short open questions: @POINTS@ points.
#
# @EXERCISES@
#
# **How long it takes.** Four to six hours for most. Everything runs on a CPU: all cells together
# need about 30 seconds on two cores, so there is no reason to look for a GPU.
#
# **How it works.** Every part has an idea, a picture, a function for you to write and a test that
# you can run. The test prints one line for each thing that is right, and otherwise says what it
# got and what it expected. When your notebook is graded, further cases of the same kind are tried,
# and each kind of case earns its share of the points: other sizes, images and kernels that are not
# square, several images at once. The code behind the pictures is folded away; open it if you are
# curious, but nothing in it is graded.
#
# **Rules**
#
# - Do not call what you are asked to build: no convolution (`F.conv2d`, `torch.conv2d`,
#   `nn.Conv2d` and their relatives), no `F.unfold` / `F.fold`, no pooling and no normalisation
#   functions, under any name. In the backward exercise (14) also no autograd and no
#   `torch.nn.grad`. The grader names the call that it finds. Only `same_conv` (15) is meant to use
#   `nn.Conv2d`.
# - Everything else is welcome: slicing, `sum`, `einsum`, `@`, `Tensor.unfold`, `as_strided`,
#   numpy.
# - A result has the dtype (`float32` or `float64`) and the device of the input.
# - Arguments are valid, may be non-contiguous in memory, and must not be changed.
#
# **Help and working together**
#
# @HELP@
#
# Letters are the lecture's: $N$ images in a batch, $C_{in}$ and $C_{out}$ channels, height $H$,
# width $W$, kernel size $K$, padding $P$, stride $S$. As everywhere in deep learning,
# "convolution" means cross-correlation: the kernel is not flipped.
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
    PLAIN,
    RED,
    SIGNED,
    draw_arrow,
    draw_box,
    draw_cells,
    draw_image,
    draw_numbers,
    once_written,
)

# %% figure "A day at the beach"
COLOURS = {
    "R": (0.84, 0.12, 0.15), "W": (1.0, 1.0, 1.0), "S": (0.96, 0.78, 0.62), "H": (0.36, 0.22, 0.12),
    "B": (0.16, 0.32, 0.62), "K": (0.10, 0.10, 0.14), "G": (0.10, 0.55, 0.42),
    "Y": (0.98, 0.80, 0.25), "P": (0.62, 0.42, 0.72), "O": (0.93, 0.55, 0.25),
}  # fmt: skip
BODY = [
    "....1....", "...222...", "..11111..", "..22222..", "..HHHHH..", "..gKSKg..", "..SSSSS..",
    "...SSS...", ".3333333.", ".4444444.", ".3333333.", ".4444444.", ".S33333S.", "..55555..",
    "..55.55..", "..55.55..", "..KK.KK..",
]  # fmt: skip
LOOKS = [  # two colours of the hat (or none), two of the shirt, the trousers
    "..GGB", "..YYR", "..PPB", "..BWK", "YYOOG", "..WWG", "GWWGB", "..RRB", "BBYYP", "..GWP",
]  # fmt: skip


def draw_person(image, row, col, look, glasses=False):
    """Paint a tourist, 17 rows by 9 columns, into an RGB image."""
    for i, line in enumerate(BODY):
        for j, mark in enumerate(line):
            mark = look[int(mark) - 1] if mark.isdigit() else mark
            mark = ("K" if glasses else "S") if mark == "g" else mark
            if mark != ".":
                image[row + i, col + j] = COLOURS[mark]


def draw_waldo(image, row, col):
    """Paint Waldo."""
    draw_person(image, row, col, "WRRWB", glasses=True)


def beach(crowd=True, seed=3):
    """Return an RGB picture of a beach, (96, 160, 3) in [0, 1], and where Waldo's window starts.

    Without the crowd nobody is there, not even Waldo.
    """
    rng = np.random.default_rng(seed)
    H, W = 96, 160
    row, col = np.mgrid[:H, :W]
    image = np.empty((H, W, 3))
    image[:] = (0.55, 0.78, 0.93)
    image += 0.10 * (row / 30)[..., None].clip(0, 1) * (1 - image)
    image[(row - 9) ** 2 + (col - 22) ** 2 < 30] = COLOURS["Y"]
    for r, c, size in [(7, 60, 5), (8, 66, 4), (6, 55, 3), (13, 95, 4), (13, 101, 3)]:
        image[((row - r) / 0.7) ** 2 + (col - c) ** 2 < size**2] = (0.97, 0.98, 1.0)
    sea = (row >= 24) & (row < 42 + np.rint(1.5 * np.sin(col / 9)))
    image[sea] = (0.20, 0.52, 0.70)
    image[sea & ((row * 5 + np.rint(3 * np.sin(col / 3 + row))) % 17 < 2)] = (0.45, 0.72, 0.84)
    sand = (row >= 24) & ~sea
    image[sand] = (0.93, 0.84, 0.64)
    for c, sail in [(38, "W"), (74, "R")]:  # two boats
        image[(row >= 17) & (row < 29) & (col >= c) & (col < c + (row - 15) * 0.6)] = COLOURS[sail]
        image[(row >= 29) & (row < 32) & (abs(col - c - 2) < 8 - (row - 29))] = COLOURS["H"]
    hotel = (row >= 8) & (row < 62) & (col >= 118) & (col < 154)
    image[hotel] = (1.0, 1.0, 1.0)
    image[hotel & ((row - 12) % 9 < 4) & ((col - 121) % 8 < 4) & (col < 136)] = (0.45, 0.62, 0.75)
    image[(row >= 5) & (row < 8) & (col >= 116) & (col < 156)] = COLOURS["O"]
    for r, c, colour in [(84, 6, "R"), (50, 60, "B"), (66, 120, "G")]:  # striped towels
        towel = (row >= r) & (row < r + 8) & (col >= c) & (col < c + 18)
        image[towel] = COLOURS[colour]
        image[towel & ((col - c) % 4 < 2)] = COLOURS["W"]
    for r, c, colour in [(62, 33, "R"), (56, 91, "B"), (82, 146, "O")]:  # parasols
        image[(row >= r - 2) & (row < r + 14) & (col == c)] = COLOURS["H"]
        shade = ((row - r) / 0.8) ** 2 + (col - c) ** 2 < 100
        image[shade & (row < r)] = COLOURS["W"]
        image[shade & (row < r) & ((abs(col - c) + 2) // 4 % 2 == 0)] = COLOURS[colour]
    places = [(44, 8), (46, 52), (44, 75), (48, 104), (62, 6), (64, 44), (74, 53), (67, 108),
              (76, 20), (75, 89), (75, 121), (46, 22)]  # fmt: skip
    waldo = (70, 74)
    if crowd:
        for k, (r, c) in enumerate(places):
            draw_person(image, r, c, LOOKS[k % len(LOOKS)], glasses=k % 3 == 0)
        draw_waldo(image, *waldo)
    shadow = ((row - 79) / 16) ** 2 + ((col - 70) / 36) ** 2 < 1
    image[shadow] *= 0.72  # a cloud's; Waldo stands in it
    return (image + rng.normal(0, 0.012, image.shape)).clip(0, 1), waldo


def grey(image):
    """Return the brightness of an RGB image, (H, W), as a float32 tensor."""
    return torch.tensor(image @ [0.299, 0.587, 0.114], dtype=torch.float32)


scene, waldo = beach()
postcard = np.full((17, 9, 3), (0.93, 0.84, 0.64))
draw_waldo(postcard, 0, 0)

# %% figure "What you will build"
stage = torch.tensor(scene, dtype=torch.float32).permute(2, 0, 1)[None]
filters = {
    "a filter for vertical edges": [[0.3 * s * c for c in (1, 0, -1)] for s in (1, 2, 1)],
    "one for horizontal edges": [[0.3 * s * c for c in (1, 2, 1)] for s in (1, 0, -1)],
}
kernels = [torch.tensor(k)[None].repeat(3, 1, 1) / 3 for k in filters.values()]
kernels.append(torch.tensor([1.0, -0.5, -0.5])[:, None, None] * torch.ones(3, 3) / 9)
maps = nn.functional.conv2d(stage, torch.stack(kernels))[0]

fig, axes = plt.subplot_mosaic([["s", "s", "v"], ["s", "s", "h"], ["s", "s", "r"]], figsize=(11, 5))
draw_image(axes["s"], scene, "a picture: 3 x 96 x 160 numbers")
for key, title, values in zip("vhr", [*filters, "one that tells red from blue"], maps, strict=True):
    draw_image(axes[key], values, title, signed=True)
plt.show()

# %% [markdown]
# ## Why not simply flatten the image?
#
# A fully connected layer takes a 3 x 32 x 32 image as a vector of 3072 numbers. Which pixels were
# neighbours is lost: shuffle the pixels of all images in the same way, and the layer learns just
# as well. And it is expensive. To turn 3 x 32 x 32 numbers into 6 x 28 x 28 numbers it needs
# $3072 \times 4704 = 14{,}450{,}688$ weights. The convolution layer you are about to build does
# that with 456.
#
# Two ideas make the difference. An output looks only at a small window of the image
# (**locality**), and the same weights are used for every window (**sharing**).

# %% [markdown]
# ## 1 Slide, multiply, add
#
# *Lecture: "Convolution as Cross-Correlation Operation".*
#
# Put the kernel on the top-left corner of the image, multiply each pair of numbers that lie on top
# of each other, and add up the products: that is the first output. Then slide the kernel along.
# For a 3x3 image and a 2x2 kernel there are four positions:
#
# $$
# \begin{bmatrix} 0 & 1 & 2 \\ 3 & 4 & 5 \\ 6 & 7 & 8 \end{bmatrix}
# \star
# \begin{bmatrix} 0 & 1 \\ 2 & 3 \end{bmatrix}
# =
# \begin{bmatrix} 19 & 25 \\ 37 & 43 \end{bmatrix}
# \qquad
# 0 \cdot 0 + 1 \cdot 1 + 3 \cdot 2 + 4 \cdot 3 = 19
# $$

# %% figure "The four windows of the lecture's example"
X, K = np.arange(9).reshape(3, 3), np.arange(4).reshape(2, 2)
fig, axes = plt.subplots(1, 5, figsize=(12, 2.9), width_ratios=[2, 3, 3, 3, 3])
draw_numbers(axes[0], K, "kernel K", fills=[["#fbe3c0"] * 2] * 2)
for k, ax in enumerate(axes[1:]):
    i, j = divmod(k, 2)
    inside = [[i <= r < i + 2 and j <= c < j + 2 for c in range(3)] for r in range(3)]
    draw_numbers(ax, X, fills=[["#fbe3c0" if cell else PALE for cell in row] for row in inside])
    draw_box(ax, i, j, 2, 2, ORANGE)
    window = X[i : i + 2, j : j + 2]
    terms = " + ".join(f"{x}·{w}" for x, w in zip(window.flat, K.flat, strict=True))
    ax.set_title(f"Y[{i}, {j}] = {(window * K).sum()}")
    ax.text(1, 2.85, terms, ha="center", fontsize=11, color=INK)
plt.show()

# %% [markdown]
# In general, an output at row $i$ and column $j$ is
#
# $$Y_{i,j} = \sum_{a=0}^{K_H-1} \sum_{b=0}^{K_W-1} X_{i+a,\,j+b} \; K_{a,b}$$
#
# and there are $H - K_H + 1$ rows and $W - K_W + 1$ columns of them: one for each place where the
# kernel fits. Mathematicians flip the kernel before they slide it and call that convolution; what
# you build here is their *cross-correlation*. A network that learns its kernels does not care.
#
# **Your turn:** @ABOUT:corr2d@.


# %% answer corr2d minutes=20 level=easy
def corr2d(X, K):
    """Return the 2-D cross-correlation of X with K: slide, multiply, add up.

        Y[i, j] = sum over a, b of X[i + a, j + b] * K[a, b]

    X: (H, W), K: (K_H, K_W), floats of one dtype; K fits into X.
    Returns Y: (H - K_H + 1, W - K_W + 1), dtype and device of X.

    Lecture 7: "Convolution as Cross-Correlation Operation".
    """
    ### BEGIN SOLUTION
    K_H, K_W = K.shape
    H_out, W_out = X.shape[0] - K_H + 1, X.shape[1] - K_W + 1
    Y = X.new_zeros(H_out, W_out)
    for i in range(H_out):
        for j in range(W_out):
            Y[i, j] = (X[i : i + K_H, j : j + K_W] * K).sum()
    return Y
    ### END SOLUTION


# %% try corr2d
X = torch.arange(9.0).reshape(3, 3)
K = torch.arange(4.0).reshape(2, 2)
expect("corr2d: the lecture's example", corr2d(X, K), torch.tensor([[19.0, 25.0], [37.0, 43.0]]))

X = torch.tensor([[1.0, 1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 0.0, 0.0]])
K = torch.tensor([[1.0, -1.0]])
edges = torch.tensor([[0.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
expect("corr2d: a 1x2 kernel finds the edge of a 3x5 image", corr2d(X, K), edges)

# %% [markdown] hint corr2d
# How many rows and columns does the output have? Start with zeros of that shape. Then take one
# place $(i, j)$: which rows and columns of X lie under the kernel? A slice `X[a:b, c:d]` gives
# them. Do $i = 1$, $j = 0$ of the lecture's example on paper before you write a loop.

# %% check corr2d points=2

# %% [markdown]
# ## 2 Where is Waldo?
#
# *Lecture: "Convoluting over all the spatial location".*
#
# A kernel can be a picture of what we are looking for, a **template**. Where the image looks like
# it, the products are large, and the output, the **activation map**, lights up. Does it?


# %% figure "Looking for Waldo with plain correlation"
def as_large_as(image, activation):
    """Return the map in a frame of nothing, so that it can be drawn like the image."""
    (H, W), (h, w) = image.shape, activation.shape
    return np.pad(activation, [(0, H - h), (0, W - w)], constant_values=np.nan)


with once_written("corr2d"):
    picture, template = grey(scene), grey(postcard)
    activation = corr2d(picture, template)
    row, col = divmod(int(activation.argmax()), activation.shape[1])
    fig, axes = plt.subplots(1, 3, figsize=(12, 3.3), width_ratios=[1, 10, 10])
    draw_image(axes[0], template, "template")
    draw_image(axes[1], picture, "the image, and the window with the largest output")
    draw_box(axes[1], row, col, 17, 9, RED)
    axes[2].imshow(as_large_as(picture, activation), cmap=PLAIN.with_extremes(bad=PALE))
    axes[2].plot(col, row, "o", mfc="none", mec=RED, mew=3, ms=16)
    axes[2].set_title("activation map: plain correlation")
    axes[2].axis("off")
    plt.show()

# %% [markdown]
# It does not find Waldo: it finds the whitewashed hotel. A bright window gives large products with
# *every* template. A smaller case by hand: the template is a bump, $t = (1, 3, 1)$, and in this
# row of pixels the bump stands at position 1 and a bright wall at positions 5 to 7.
#
# $$2 \quad 2 \quad 4 \quad 2 \quad 2 \quad 9 \quad 9 \quad 9$$
#
# | position | window | plain correlation | window minus its mean | normalised |
# |---|---|---|---|---|
# | 0 | 2 2 4 | 2 + 6 + 4 = 12 | -2/3, -2/3, 4/3 | -0.5 |
# | **1** | **2 4 2** | 2 + 12 + 2 = 16 | -2/3, 4/3, -2/3 | **1** |
# | 2 | 4 2 2 | 4 + 6 + 2 = 12 | 4/3, -2/3, -2/3 | -0.5 |
# | 3 | 2 2 9 | 2 + 6 + 9 = 17 | -7/3, -7/3, 14/3 | -0.5 |
# | 4 | 2 9 9 | 2 + 27 + 9 = 38 | -14/3, 7/3, 7/3 | 0.5 |
# | 5 | 9 9 9 | 9 + 27 + 9 = **45** | 0, 0, 0 | 0 |
#
# The cure is to compare *patterns*. Subtract the mean from the window and from the template, so
# that brightness does not count, and divide by both norms, so that contrast does not count. With
# $w$ the window and $t$ the template minus their means,
#
# $$\text{score} = \frac{\sum w \, t}{\lVert w \rVert \, \lVert t \rVert} \in [-1, 1]$$
#
# This is the **normalised cross-correlation**, the cosine of the angle between the two patterns: 1
# for the same pattern at any brightness and contrast, -1 for its photographic negative. A window
# in which all numbers are equal has no pattern ($\lVert w \rVert = 0$): give it the score 0.
#
# **Your turn:** @ABOUT:find_template@.


# %% answer find_template minutes=30 level=medium
def find_template(image, template):
    """Return (row, col), the top-left corner of the window that looks most like the template.

    "Looks like" is the normalised cross-correlation, a number between -1 and 1:

        w = window - mean(window),  t = template - mean(template)
        score = sum(w * t) / (norm(w) * norm(t))

    A window in which all numbers are equal has norm(w) = 0 and shows nothing: its score is 0.

    image: (H, W), template: (K_H, K_W), floats; the template fits into the image, is not constant,
    and one window is clearly the best.
    Returns two integers, row and col.

    Lecture 7: "Convoluting over all the spatial location" (Where's Waldo).
    """
    ### BEGIN SOLUTION
    K_H, K_W = template.shape
    t = template - template.mean()
    t = t / t.norm()
    best, where = -float("inf"), (0, 0)
    for row in range(image.shape[0] - K_H + 1):
        for col in range(image.shape[1] - K_W + 1):
            window = image[row : row + K_H, col : col + K_W]
            window = window - window.mean()
            norm = window.norm()
            score = float((window * t).sum() / norm) if norm > 1e-6 else 0.0
            if score > best:
                best, where = score, (row, col)
    return where
    ### END SOLUTION


# %% try find_template
row_of_pixels = torch.tensor([[2.0, 2.0, 4.0, 2.0, 2.0, 9.0, 9.0, 9.0]])
bump = torch.tensor([[1.0, 3.0, 1.0]])
expect("find_template: the bump, not the wall", find_template(row_of_pixels, bump), (0, 1))

image = torch.tensor(
    [
        [1.0, 1.0, 1.0, 1.0, 9.0, 9.0],
        [1.0, 3.0, 5.0, 1.0, 9.0, 9.0],
        [1.0, 5.0, 3.0, 1.0, 9.0, 9.0],
        [1.0, 1.0, 1.0, 1.0, 9.0, 9.0],
        [1.0, 1.0, 1.0, 1.0, 9.0, 9.0],
    ]
)
cross = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
expect("find_template: paler than the template, and found", find_template(image, cross), (1, 1))

# %% [markdown] hint find_template
# You know how to visit every window. What do you have to remember while you go? Score one window
# by hand first: window 2 4 2 with the bump gives 1. Then think of 9 9 9: what would your formula
# divide by, and what should the score be?

# %% check find_template points=3


# %% figure "Found?"
def likeness(image, template):
    """Return the score at every position. It uses a Fourier transform for speed; you need not."""
    image, template = image.double().numpy(), template.double().numpy()
    H, W = (n - k + 1 for n, k in zip(image.shape, template.shape, strict=True))

    def slide(values, kernel):
        spectrum = np.fft.rfft2(values) * np.fft.rfft2(kernel, values.shape).conj()
        return np.fft.irfft2(spectrum, values.shape)[:H, :W]

    pattern = template - template.mean()
    ones = np.ones_like(template)
    spread = slide(image**2, ones) - slide(image, ones) ** 2 / template.size
    return slide(image, pattern) / np.sqrt(spread.clip(1e-4) * (pattern**2).sum())


with once_written("find_template"):
    picture, template = grey(scene), grey(postcard)
    row, col = find_template(picture, template)
    fig, axes = plt.subplots(1, 2, figsize=(12, 3.9))
    draw_image(axes[0], scene, f"your find_template says ({row}, {col})")
    draw_box(axes[0], row - 2, col - 2, 21, 13, GREEN if (row, col) == waldo else RED)
    score = likeness(picture, template)
    colours = SIGNED.with_extremes(bad=PALE)
    axes[1].imshow(as_large_as(picture, score), cmap=colours, vmin=-1, vmax=1)
    axes[1].set_title("normalised: blue \N{MINUS SIGN}1, white 0, red 1")
    axes[1].axis("off")
    axes[1].plot(col, row, "o", mfc="none", mec=INK, mew=2, ms=16)
    axes[1].text(col + 5, row, f"{score[row, col]:.2f}", va="center", color=INK, weight="bold")
    plt.show()

# %% [markdown]
# He stands in the shadow of a cloud, darker and paler than on his postcard, and still has the
# highest score. Notice what you did *not* need: an example of Waldo at every place where he might
# stand. Move Waldo, and the peak in the map moves along with him. That is what sharing weights
# buys you.

# %% [markdown]
# ## 3 A layer is a bank of filters
#
# *Lecture: "Convolution Layer".*
#
# A colour image has three channels, and a filter always reaches through all of them: a 5x5 filter
# for a 3 x 32 x 32 image has $3 \times 5 \times 5 = 75$ weights. At each position it gives *one*
# number, 75 products and a bias, $w^\top x + b$; over all positions, one 28 x 28 activation map.
# Six filters give six maps. Stack them, and they are an image again, with 6 channels: ready for
# the next layer.


# %% figure "The shapes of a convolution layer"
def draw_sheets(ax, x, y, size, colours, shift):
    """Draw square sheets behind each other; (x, y) is the lower left corner of the first."""
    for k, colour in reversed(list(enumerate(colours))):
        corner = (x + shift[0] * k, y + shift[1] * k)
        ax.add_patch(plt.Rectangle(corner, size, size, fc=colour, ec="white", lw=1.5))


fig, ax = plt.subplots(figsize=(11, 4.2))
shades = [BLUE, ORANGE, GREEN, RED, "#CC79A7", "#56B4E9"]
draw_sheets(ax, 0, -3.6, 6.4, ["#9ecae8"] * 3, (0.42, 0.42))
ax.add_patch(plt.Rectangle((1.2, 0.9), 1, 1, fc="none", ec=INK, lw=2.5))
for k, colour in enumerate(shades):
    y = 3.2 - 1.6 * k
    draw_sheets(ax, 11.4, y, 1, [colour] * 3, (0.22, 0.18))
    ax.text(13.4, y + 0.6, "+ b", va="center", color=INK, fontsize=11)
draw_sheets(ax, 19.4, -4.0, 5.6, shades, (0.6, 0.5))
labels = [(3.6, "image\n3 x 32 x 32"), (12.5, "6 filters and biases\n6 x 3 x 5 x 5 and 6"),
          (23.7, "6 activation maps\n6 x 28 x 28")]  # fmt: skip
for x, label in labels:
    ax.text(x, -5.6, label, ha="center", va="top", color=INK)
for start, end in [((8.2, 0), (10.8, 0)), ((14.8, 0), (18.8, 0))]:
    ax.annotate("", end, start, arrowprops=dict(arrowstyle="-|>", color=INK, lw=1.5))
ax.text(16.8, 0.4, "slide", ha="center", color=INK)
ax.set(xlim=(-0.5, 28.5), ylim=(-7.4, 5), aspect="equal")
ax.axis("off")
plt.show()

# %% [markdown]
# With a batch of $N$ images in front, these are the shapes of every convolution layer:
#
# $$
# \underbrace{N \times C_{in} \times H \times W}_{\text{images}}
# \;\star\;
# \underbrace{C_{out} \times C_{in} \times K_H \times K_W}_{\text{weights}}
# \;+\; \underbrace{C_{out}}_{\text{biases}}
# \;\longrightarrow\;
# \underbrace{N \times C_{out} \times H_{out} \times W_{out}}_{\text{activation maps}}
# $$
#
# How much is there to learn? Each of the six filters has 75 weights and a bias:
# $6 \times 76 = 456$ numbers, however large the image is. The lecture's example has ten of them,
# $10 \times 76 = 760$.
#
# $$C_{out} \, (C_{in} K_H K_W + 1)$$
#
# **Your turn:** @ABOUT:conv_param_count@.


# %% answer conv_param_count minutes=5 level=easy
def conv_param_count(c_in, c_out, k_h, k_w, bias=True):
    """Return how many numbers a convolution layer learns.

    Each of the c_out filters has c_in * k_h * k_w weights, and one bias when bias is True.

    All sizes are positive integers. Returns an integer.

    Lecture 7: "Convolution Layer", "Convolution Example".
    """
    ### BEGIN SOLUTION
    return c_out * (c_in * k_h * k_w + (1 if bias else 0))
    ### END SOLUTION


# %% try conv_param_count
expect("conv_param_count: six 3x5x5 filters and their biases", conv_param_count(3, 6, 5, 5), 456)
expect("conv_param_count: the lecture's ten 3x5x5 filters", conv_param_count(3, 10, 5, 5), 760)
expect("conv_param_count: without biases", conv_param_count(3, 10, 5, 5, bias=False), 750)

# %% [markdown] hint conv_param_count
# Count for one filter first: with how many numbers does it multiply, and how many biases does it
# have? How many filters are there? Does the size of the image matter?

# %% check conv_param_count points=1

# %% [markdown]
# ## 4 Two convolutions in a row
#
# *Lecture: "Stacking Convolutions".*
#
# What if we stack two convolution layers? Slide $k_1 = (1, -1)$ over three pixels $(p, q, r)$: the
# outputs are the differences $(p - q, \; q - r)$. Slide $k_2 = (1, -1)$ over those, and get
#
# $$(p - q) - (q - r) = 1 \cdot p - 2 \cdot q + 1 \cdot r.$$
#
# That is what the *one* kernel $(1, -2, 1)$ gives. Two linear layers are one linear layer, just as
# $W_2 W_1 x$ is $(W_2 W_1)\, x$, and two convolutions are one convolution. Which one? The second
# kernel reads the first map at $B_H \times B_W$ positions, so the input is seen through $B_H
# \times B_W$ shifted copies of $k_1$, each weighted with one number of $k_2$:
#
# $$K_{i,j} = \sum_{a,b} k_2[a, b] \; k_1[i - a,\, j - b]$$
#
# where $k_1$ counts as 0 outside its frame. An $A_H \times A_W$ and a $B_H \times B_W$ kernel make
# one of $(A_H + B_H - 1) \times (A_W + B_W - 1)$.
#
# **Your turn:** @ABOUT:compose_kernels@.


# %% answer compose_kernels minutes=25 level=medium
def compose_kernels(k1, k2):
    """Return the one kernel that does what correlating with k1, then with k2 does.

        corr2d(corr2d(X, k1), k2) = corr2d(X, K)   for every X
        K[i, j] = sum over a, b of k2[a, b] * k1[i - a, j - b]   (k1 is 0 outside its frame)

    k1: (A_H, A_W), k2: (B_H, B_W), floats of one dtype.
    Returns K: (A_H + B_H - 1, A_W + B_W - 1), dtype and device of k1.

    Lecture 7: "Stacking Convolutions".
    """
    ### BEGIN SOLUTION
    A_H, A_W = k1.shape
    B_H, B_W = k2.shape
    K = k1.new_zeros(A_H + B_H - 1, A_W + B_W - 1)
    for i in range(B_H):
        for j in range(B_W):
            K[i : i + A_H, j : j + A_W] += k2[i, j] * k1
    return K
    ### END SOLUTION


# %% try compose_kernels
difference_kernel = torch.tensor([[1.0, -1.0]])
expect(
    "compose_kernels: the difference of differences",
    compose_kernels(difference_kernel, difference_kernel),
    torch.tensor([[1.0, -2.0, 1.0]]),
)
k1 = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
k2 = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
expect(
    "compose_kernels: two shifted copies of k1, added",
    compose_kernels(k1, k2),
    torch.tensor([[0.0, 1.0, 2.0], [1.0, 5.0, 4.0], [3.0, 4.0, 0.0]]),
)

# %% [markdown] hint compose_kernels
# Use one row and paper: $k_1 = (1, 2)$, $k_2 = (3, 4)$, pixels $p, q, r$. Write down the two
# outputs of $k_1$, then what $k_2$ makes of them, and collect what stands before $p$, $q$ and $r$.
# You should find 3, 10, 8. Where does each number of $k_2$ put its copy of $k_1$?

# %% check compose_kernels points=2

# %% figure "Two become one, until a ReLU comes between"
k1 = torch.tensor([[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]) / 16  # blur
k2 = torch.tensor([[1.0, 0.0, -1.0]] * 3)  # vertical edges
with once_written("corr2d and compose_kernels"):
    part = grey(scene)[34:, 40:]
    both = compose_kernels(k1, k2)
    first = corr2d(part, k1)
    twice, once = corr2d(first, k2), corr2d(part, both)
    bent = corr2d((first - first.mean()).relu(), k2)
    gap = float((twice - once).abs().max())
    top, bottom = plt.figure(figsize=(12, 5.4)).subfigures(2, 1, height_ratios=[1, 1])
    axes = top.subplots(1, 4, width_ratios=[7, 4, 4, 6])
    draw_image(axes[0], part, "image")
    draw_numbers(axes[1], 16 * k1, "blur, times 16", size=11, room=(5, 4))
    draw_numbers(axes[2], k2, "vertical edges", size=11, room=(5, 4))
    draw_numbers(axes[3], 16 * both, "your composed kernel, times 16", size=11)
    axes = bottom.subplots(1, 3)
    titles = ["blur, then edges", f"composed kernel (difference {gap:.0e})",
              "blur, minus mean, ReLU, then edges"]  # fmt: skip
    for ax, values, title in zip(axes, (twice, once, bent), titles, strict=True):
        draw_image(ax, values, title, signed=True, top=float(twice.abs().max()))
    plt.show()

# %% [markdown]
# So a stack of convolutions alone gains nothing. Put a ReLU between them (bottom right) and no
# single kernel gives that map: this is why every convolution layer is followed by a nonlinearity.

# %% [markdown]
# ## 5 Where do filters come from?
#
# *Lecture: "What do convolutional filters learn?".*
#
# Nobody designs the filters of a network: they are learned. Take the smallest case, a kernel of
# one number, started at $K = 0$, with $X = (1, 2)$ and $Y = (3, 6)$, so that the truth is 3. We
# predict $K X = (0, 0)$; the mean squared error is $(9 + 36)/2 = 22.5$ and its derivative
#
# $$\frac{\partial L}{\partial K} = \frac{2 (0 - 3) \cdot 1 + 2 (0 - 6) \cdot 2}{2} = -15$$
#
# so $K$ must grow. One step with learning rate 0.1 goes to $K = 0 + 0.1 \cdot 15 = 1.5$, the next
# to 2.25, then 2.625: each step halves the remaining error. With more numbers in $K$ nothing
# changes:
#
# $$K \leftarrow K - \text{lr} \cdot \frac{\partial L}{\partial K}, \qquad
# L = \text{mean}\,(X \star K - Y)^2$$
#
# PyTorch computes the derivative for you, if the prediction is made of operations on a tensor $K$
# that has `requires_grad`. (A loop that writes outputs one by one works too, but 300 such steps
# are slow: can you predict all outputs with a few operations on whole tensors?)
#
# **Your turn:** @ABOUT:learn_kernel@.


# %% answer learn_kernel minutes=30 level=medium
def learn_kernel(X, Y, kernel_size, steps=300, lr=0.1):
    """Return the kernel, found by gradient descent, that turns X into Y.

    Start anywhere; `steps` times: predict corr2d(X, K), take a loss that compares it with Y, follow
    the gradient downhill with step size lr. PyTorch's autograd may compute the gradient.

    X: (H, W) and Y: (H - K_H + 1, W - K_W + 1), floats of one dtype.
    kernel_size: the pair (K_H, K_W).
    Returns K: (K_H, K_W), dtype and device of X, detached: it no longer asks for gradients.
    Every number in K is within 0.05 of the true one: choose a loss, and an lr that suits it. It
    learns from images of about 12x12 numbers, like the one in the test below.

    Lecture 7: "What do convolutional filters learn?".
    """
    ### BEGIN SOLUTION
    K_H, K_W = kernel_size
    windows = X.unfold(0, K_H, 1).unfold(1, K_W, 1)
    K = torch.zeros(K_H, K_W, dtype=X.dtype, device=X.device, requires_grad=True)
    for _ in range(steps):
        loss = ((windows * K).sum(dim=(2, 3)) - Y).pow(2).mean()
        loss.backward()
        with torch.no_grad():
            K -= lr * K.grad
            K.grad.zero_()
    return K.detach()
    ### END SOLUTION


# %% try learn_kernel
sobel = torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])
X = torch.randn(12, 12, generator=torch.Generator().manual_seed(14))
Y = nn.functional.conv2d(X[None, None], sobel[None, None])[0, 0]
learned = learn_kernel(X, Y, (3, 3))
expect(
    "learn_kernel: Sobel's edge detector, from one small image of noise", learned, sobel, atol=0.05
)
expect("learn_kernel: the result is detached", learned.requires_grad, False)

# %% [markdown] hint learn_kernel
# Get a single step right before you loop: predict, print the loss, call `backward()`, look at
# `K.grad`. Does the loss fall when you go against the gradient? Three usual traps: gradients that
# add up from step to step, an update that autograd records, and a learning rate that is too large.

# %% check learn_kernel points=3

# %% figure "Learned on noise, used at the beach"
sobel = torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])
with once_written("corr2d and learn_kernel"):
    noise = torch.randn(12, 12, generator=torch.Generator().manual_seed(14))
    target = corr2d(noise, sobel)
    fig = plt.figure(figsize=(12, 6))
    top, bottom = fig.subfigures(2, 1, height_ratios=[3, 4])
    for ax, steps in zip(top.subplots(1, 5), [1, 5, 20, 300, None], strict=True):
        values = sobel if steps is None else learn_kernel(noise, target, (3, 3), steps=steps)
        rounded = (values.detach() * 100).round() / 100 + 0.0  # no minus zero
        shown = [
            [f"{v:.2f}".replace("-", "\N{MINUS SIGN}") for v in row] for row in rounded.tolist()
        ]
        fills = [[SIGNED(0.5 + v / 8) for v in row] for row in values.tolist()]
        title = "the truth" if steps is None else f"after {steps} step{'s' if steps > 1 else ''}"
        draw_numbers(ax, shown, title, fills=fills, size=11)
    left, right = bottom.subplots(1, 2)
    draw_image(left, noise, "what it learned from: one 12x12 image of noise")
    learned = learn_kernel(noise, target, (3, 3))
    draw_image(right, corr2d(grey(scene), learned), "what it can do now: edges", signed=True)
    plt.show()

# %% [markdown]
# The kernel saw one small image of noise and the output to produce from it; what it learned works
# on every image. Trained on photographs, the first layers of real networks learn kernels like this
# one by themselves: oriented edges, and opposing colours.

# %% [markdown]
# ## 6 Padding and stride
#
# *Lecture: "A closer look at spatial dimensions", "Strided Convolution".*
#
# A kernel of size 3 fits into 7 pixels at positions 0, 1, 2, 3 and 4: the output has 5 numbers,
# and maps shrink with every layer. The remedy is **padding**: a frame of $P$ zeros on *each* side.
# With $P = 1$ there are 9 pixels to slide over and 7 positions, as many as there were pixels. In
# general $P = (K - 1)/2$ keeps the size, for odd $K$: "same" padding.

# %% figure "Padding"
fig, (*axes, curve) = plt.subplots(1, 3, figsize=(13, 3.3), width_ratios=[18, 18, 14])
for ax, pad, title in zip(axes, (0, 1), ("P = 0: 7 becomes 5", "P = 1: 7 stays 7"), strict=True):
    size = 7 + 2 * pad
    draw_cells(ax, size, size, PALE)
    draw_cells(ax, 7, 7, "#9ecae8", row=pad, col=pad)
    for i, j in np.ndindex(size, size):
        if pad and (min(i, j) == 0 or max(i, j) == size - 1):
            ax.text(j, i, "0", ha="center", va="center", color=INK, fontsize=9)
    draw_box(ax, 0, 0, 3, 3, ORANGE, lw=2.5)
    draw_cells(ax, size - 2, size - 2, "#f3c79f", row=1, col=size + 3)
    draw_box(ax, 1, size + 3, 1, 1, ORANGE, lw=2.5)
    draw_arrow(ax, (size - 0.2, size / 2 - 0.5), (size + 2.2, size / 2 - 0.5))
    middle = size / 2 - 0.5
    left = size + 0.5 - 10
    ax.set(xlim=(left, left + 19), ylim=(middle + 4.7, middle - 4.7), aspect="equal")
    ax.set_title(title)
    ax.axis("off")
layers = np.arange(8)
curve.plot(layers, 32 - 4 * layers, "o-", color=RED)
curve.plot(layers, 32 + 0 * layers, "o-", color=BLUE)
curve.set(xlabel="layers with K = 5", ylim=(0, 38))
curve.set_title("height and width, starting with 32")
curve.text(3.2, 33.8, "P = 2", color=BLUE)
curve.text(4.2, 17, "P = 0", color=RED)
plt.show()

# %% [markdown]
# A **stride** of $S$ moves the kernel $S$ pixels at a time: a cheap way to make maps smaller on
# purpose. On 7 pixels, a kernel of size 3 with stride 2 starts at 0, 2 and 4: 3 outputs. On 8
# pixels it also starts at 0, 2 and 4. The next start, 6, would need a pixel 8 that is not there,
# so there are 3 outputs again and the last pixel is never used. That is the floor in the formula:
#
# $$H_{out} = \left\lfloor \frac{H + 2P - K}{S} \right\rfloor + 1$$
#
# **Your turn:** @ABOUT:conv_output_size@.

# %% figure "Stride"
fig, axes = plt.subplots(1, 2, figsize=(12, 3.8))
for ax, size in zip(axes, (7, 8), strict=True):
    draw_cells(ax, size, size, "#9ecae8")
    if size == 8:
        for i, j in np.ndindex(8, 8):
            if max(i, j) == 7:
                corner = (j - 0.5, i - 0.5)
                ax.add_patch(plt.Rectangle(corner, 1, 1, fc=PALE, ec=GREY, hatch="////", lw=0))
    for k, colour in enumerate([ORANGE, GREEN, RED]):
        draw_box(ax, 0.08 * k, 2 * k + 0.02 * k, 3, 3, colour, lw=2.5)
    draw_cells(ax, 3, 3, "#f3c79f", row=2, col=12)
    for k, colour in enumerate([ORANGE, GREEN, RED]):
        draw_box(ax, 2, 12 + k, 1, 1, colour, lw=2.5)
    draw_arrow(ax, (size + 0.3, 3), (11, 3))
    note = "hatched: never looked at" if size == 8 else ""
    ax.text(13, 6.3, note, color=INK, fontsize=11, ha="center")
    ax.set(xlim=(-1, 17.5), ylim=(8, -1), aspect="equal")
    ax.set_title(f"{size} pixels, K = 3, S = 2: starts 0, 2, 4")
    ax.axis("off")
plt.show()


# %% answer conv_output_size minutes=5 level=easy
def conv_output_size(size, kernel, padding=0, stride=1):
    """Return how many positions a kernel takes along one axis.

        floor((size + 2 * padding - kernel) / stride) + 1

    All are integers; the kernel fits into the padded input. Returns an integer.

    Lecture 7: "A closer look at spatial dimensions", "Strided Convolution".
    """
    ### BEGIN SOLUTION
    return (size + 2 * padding - kernel) // stride + 1
    ### END SOLUTION


# %% try conv_output_size
expect("conv_output_size: 7 pixels, kernel 3", conv_output_size(7, 3), 5)
expect("conv_output_size: 7 pixels, kernel 3, stride 2", conv_output_size(7, 3, stride=2), 3)
expect("conv_output_size: 32 pixels, kernel 5, padding 2", conv_output_size(32, 5, padding=2), 32)
expect("conv_output_size: 8 pixels, kernel 3, stride 2", conv_output_size(8, 3, stride=2), 3)

# %% [markdown] hint conv_output_size
# Draw 8 pixels and mark where a kernel of size 3 can start with stride 2. The last possible start
# depends on the padded size; how many strides lead there from 0? Which division in Python drops
# the remainder?

# %% check conv_output_size points=1

# %% [markdown]
# ## 7 Receptive fields
#
# *Lecture: "Receptive Fields".*
#
# How much of the image does one number deep inside the network see? After one layer with $K = 3$:
# 3 pixels in a row. One layer later it sees 3 numbers that see 3 pixels each, and overlap: 5
# pixels. Every further layer adds $K - 1$, so $L$ layers see $1 + L(K - 1)$.
#
# A stride speeds this up. Give the first layer stride 2, and its outputs 0, 1 and 2 start at the
# pixels 0, 2 and 4: neighbours are now 2 pixels apart. An output of the next layer, $K = 3$, looks
# at three such neighbours. It sees the first one's 3 pixels and $2 \cdot 2$ more: 7. So a layer
# adds $K - 1$ steps, each as long as the product of the strides of *all layers before it*:
#
# $$1 + \sum_{l=1}^{L} (K_l - 1) \prod_{m=1}^{l-1} S_m$$


# %% figure "What one output sees"
def draw_field(ax, layers, size, title):
    """Draw layers of units in a row and mark all that the middle one of the last layer sees."""
    sizes, places = [size], [np.arange(size, dtype=float)]
    for kernel, stride in layers:
        sizes.append(len(range(0, sizes[-1] - kernel + 1, stride)))
        starts = stride * np.arange(sizes[-1])
        places.append(np.array([places[-1][s : s + kernel].mean() for s in starts]))
    seen = {sizes[-1] // 2}
    for level in range(len(layers), -1, -1):
        for k, x in enumerate(places[level]):
            colour = BLUE if k in seen else "#d3dae1"
            ax.plot(x, level, "o", ms=13, color=colour, mec="white", zorder=3)
        if level:
            kernel, stride = layers[level - 1]
            below = {k * stride + a for k in seen for a in range(kernel)}
            for k in seen:
                for a in range(kernel):
                    ends = [places[level][k], places[level - 1][k * stride + a]]
                    ax.plot(ends, [level, level - 1], color=BLUE, lw=1, alpha=0.6, zorder=1)
            ax.text(size, level, f"K = {kernel}, S = {stride}", va="center", fontsize=11)
            seen = below
    ax.text(size, 0, f"sees {len(seen)} pixels", va="center", fontsize=11, color=BLUE)
    ax.set(xlim=(-0.7, size + 4), ylim=(-0.5, len(layers) + 0.4))
    ax.set_title(title)
    ax.axis("off")


fig, axes = plt.subplots(1, 3, figsize=(13, 3.6), width_ratios=[4, 4, 3])
draw_field(axes[0], [(3, 1), (3, 1), (3, 1)], 11, "three layers, stride 1")
draw_field(axes[1], [(3, 2), (3, 1)], 11, "two layers, the first with stride 2")
depth = np.arange(1, 130)
axes[2].plot(depth, 1 + 2 * depth, color=RED, lw=2)
axes[2].plot(depth[:7], 2.0 ** (depth[:7] + 1) - 1, ".-", color=BLUE)
axes[2].axhline(224, color=GREY, ls="--", lw=1.2)
axes[2].text(22, 232, "an image of 224 pixels", color=INK, fontsize=10)
axes[2].text(10, 120, "S = 2", color=BLUE, fontsize=11)
axes[2].text(75, 120, "S = 1", color=RED, fontsize=11)
axes[2].set(xlabel="layers with K = 3", ylabel="pixels seen", ylim=(0, 262))
plt.show()

# %% [markdown]
# The right-hand picture is the lecture's "problem" and "solution": with stride 1 it takes 112
# layers to see a whole image of 224 pixels; when each layer halves the maps, it takes 7.
#
# **Your turn:** @ABOUT:receptive_field@.


# %% answer receptive_field minutes=15 level=medium
def receptive_field(layers):
    """Return how many input pixels in a row one output of the last layer can see.

    layers: a list of pairs (kernel, stride), the layer next to the input first; not empty.
    Returns an integer.

    Lecture 7: "Receptive Fields".
    """
    ### BEGIN SOLUTION
    size, jump = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * jump
        jump *= stride
    return size
    ### END SOLUTION


# %% try receptive_field
expect("receptive_field: one 3x3 layer", receptive_field([(3, 1)]), 3)
expect("receptive_field: three 3x3 layers, 1 + 3 * (3 - 1)", receptive_field([(3, 1)] * 3), 7)
expect("receptive_field: four 5x5 layers, 1 + 4 * (5 - 1)", receptive_field([(5, 1)] * 4), 17)
expect("receptive_field: 3x3 with stride 2, then 3x3", receptive_field([(3, 2), (3, 1)]), 7)

# %% [markdown] hint receptive_field
# Go through the layers from the input and keep two numbers: how many pixels an output sees, and
# how far apart, in pixels, two neighbouring outputs are. Both start at 1. What does a layer with
# kernel 3 and stride 2 do to each of them, and which of the two has to change first?

# %% check receptive_field points=2

# %% [markdown]
# ## 8 What a layer costs
#
# *Lecture: "Convolution Example".*
#
# Ten 5x5 filters with stride 1 and padding 2 slide over a 3 x 32 x 32 image. The output is
# $10 \times 32 \times 32$, that is 10,240 numbers. Each is a dot product of
# $3 \times 5 \times 5 = 75$ pairs, so the layer needs $75 \times 10{,}240 = 768{,}000$
# multiply-adds, with only 760 numbers to learn. That is typical for convolutions: few parameters,
# much arithmetic.
#
# $$C_{out} \, H_{out} \, W_{out} \times C_{in} \, K_H \, K_W$$
#
# **Your turn:** @ABOUT:conv_mac_count@.


# %% answer conv_mac_count minutes=5 level=easy
def conv_mac_count(c_in, c_out, k_h, k_w, h_out, w_out):
    """Return the multiply-add operations that one image costs; the biases are not counted.

    Each of the c_out * h_out * w_out outputs is a dot product of c_in * k_h * k_w pairs.

    All sizes are positive integers. Returns an integer.

    Lecture 7: "Convolution Example".
    """
    ### BEGIN SOLUTION
    return c_out * h_out * w_out * c_in * k_h * k_w
    ### END SOLUTION


# %% try conv_mac_count
expect(
    "conv_mac_count: the lecture's 10x32x32 output", conv_mac_count(3, 10, 5, 5, 32, 32), 768_000
)
expect("conv_mac_count: not square", conv_mac_count(2, 4, 3, 5, 7, 11), 9_240)

# %% [markdown] hint conv_mac_count
# One output is one dot product: how many pairs of numbers are multiplied for it? How many outputs
# are there?

# %% check conv_mac_count points=1

# %% figure "Few parameters, much arithmetic"
with once_written("conv_param_count and conv_mac_count"):
    names = ["the lecture's\nexample", "stage 1", "stage 2", "stage 3", "stage 4"]
    sizes = [(3, 10, 5, 32)] + [(c, c, 3, s) for c, s in [(64, 56), (128, 28), (256, 14), (512, 7)]]
    parameters = [conv_param_count(c_in, c_out, k, k) for c_in, c_out, k, _ in sizes]
    operations = [conv_mac_count(c_in, c_out, k, k, s, s) for c_in, c_out, k, s in sizes]
    fig, ax = plt.subplots(figsize=(10, 3.4))
    x = np.arange(len(sizes))
    ax.vlines(x, parameters, operations, color=PALE, lw=6)
    for values, colour in [(parameters, BLUE), (operations, ORANGE)]:
        ax.plot(x, values, "o", color=colour, ms=10)
        for at, value in zip(x, values, strict=True):
            power = int(np.log10(value)) // 3
            text = f"{value / 1000**power:.3g}{('', ' k', ' M')[power]}"
            ax.text(at + 0.1, value, text, va="center", fontsize=10, color=INK)
    ax.set(yscale="log", ylim=(300, 4e8), xlim=(-0.4, 4.6), ylabel="how many (log scale)")
    ax.set_xticks(x, names)
    ax.set_title("numbers to learn (blue) and multiply-adds for one image (orange)")
    plt.show()

# %% [markdown]
# Stages 1 to 4 are 3x3 layers of a ResNet-18, which you will build in the next assignment: from
# stage to stage height and width halve and the channels double. The parameters quadruple; the
# arithmetic stays the same.
#
# ## 9 The whole layer
#
# *Lecture: "Convolution Layer", "Convolution Summary".*
#
# Now all of it in one function. First by hand: one image with two channels, one filter, bias 1.
# The first channel with its slice of the filter is the lecture's example and gives 19 at the top
# left; the second gives 2. The output there is $19 + 2 + 1 = 22$: **channels are added, and the
# bias comes once**.

# %% figure "Two channels, one filter, one map"
channels = [np.arange(9).reshape(3, 3), np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])]
slices = [np.arange(4).reshape(2, 2), np.eye(2, dtype=int)]
parts = [np.array([[19, 25], [37, 43]]), np.array([[2, 0], [0, 2]])]
fig, axes = plt.subplots(2, 5, figsize=(11, 5), width_ratios=[3, 2.4, 2.4, 1.6, 2.4])
for row, (channel, part, product) in enumerate(zip(channels, slices, parts, strict=True)):
    inside = [["#fbe3c0" if r < 2 and c < 2 else PALE for c in range(3)] for r in range(3)]
    first = [["#cfe3f1", PALE], [PALE, PALE]]
    draw_numbers(axes[row, 0], channel, f"x[0, {row}]", fills=inside)
    tint = [["#fbe3c0"] * 2] * 2
    draw_numbers(axes[row, 1], part, f"weight[0, {row}]", fills=tint, room=(3, 2.4))
    draw_numbers(axes[row, 2], product, "their correlation", fills=first, room=(3, 2.4))
grid = axes[0, 0].get_gridspec()
for ax in axes[:, 3:].flat:
    ax.remove()
middle, last = fig.add_subplot(grid[:, 3]), fig.add_subplot(grid[:, 4])
middle.axis("off")
middle.text(0.5, 0.5, "add,\nplus the\nbias 1\n\n=", ha="center", va="center", fontsize=14)
total = np.array([[22, 26], [38, 46]])
draw_numbers(last, total, "out[0, 0]", fills=[["#cfe3f1", PALE], [PALE] * 2], room=(3, 2.4))
plt.show()

# %% [markdown]
# In general, with `padded` the image in its frame of $P$ zeros,
#
# $$
# \text{out}_{n,c,i,j} = \text{bias}_c + \sum_{k=0}^{C_{in}-1} \sum_{a=0}^{K_H-1} \sum_{b=0}^{K_W-1}
# \text{weight}_{c,k,a,b} \; \text{padded}_{n,k,\;iS+a,\;jS+b}
# $$
#
# Loops are welcome here: clear first, fast in the next part. (Some slides write $K_w \times K_h$;
# weights are $C_{out} \times C_{in} \times K_H \times K_W$ here, as in PyTorch.)
#
# **Your turn:** @ABOUT:conv2d@.


# %% answer conv2d minutes=35 level=medium
def conv2d(x, weight, bias=None, stride=1, padding=0):
    """Return the output of a convolution layer. Loops are welcome.

        out[n, c, i, j] = bias[c] + sum over k, a, b of
                          weight[c, k, a, b] * padded[n, k, i * stride + a, j * stride + b]

    where padded is x with `padding` zeros added on each of the four sides.

    x: (N, C_in, H, W), weight: (C_out, C_in, K_H, K_W), bias: (C_out,) or None: floats, one dtype.
    stride and padding are integers and hold for both axes.
    Returns (N, C_out, H_out, W_out), dtype and device of x; the arguments are not changed.
    H_out = (H + 2 * padding - K_H) // stride + 1, and W_out likewise.

    Lecture 7: "Convolution Layer" and "Convolution Summary".
    """
    ### BEGIN SOLUTION
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    padded = x.new_zeros(N, C_in, H + 2 * padding, W + 2 * padding)
    padded[:, :, padding : padding + H, padding : padding + W] = x
    out = x.new_zeros(N, C_out, H_out, W_out)
    for n in range(N):
        for c in range(C_out):
            for i in range(H_out):
                for j in range(W_out):
                    top, left = i * stride, j * stride
                    window = padded[n, :, top : top + K_H, left : left + K_W]
                    out[n, c, i, j] = (window * weight[c]).sum()
            if bias is not None:
                out[n, c] += bias[c]
    return out
    ### END SOLUTION


# %% try conv2d
x = torch.tensor(
    [
        [
            [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]],
            [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 1.0]],
        ]
    ]
)
weight = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]], [[1.0, 0.0], [0.0, 1.0]]]])
bias = torch.tensor([1.0])
expect(
    "conv2d: two channels and a bias, by hand",
    conv2d(x, weight, bias),
    torch.tensor([[[[22.0, 26.0], [38.0, 46.0]]]]),
)
generator = torch.Generator().manual_seed(0)
x = torch.randn(2, 3, 7, 6, generator=generator)
weight = torch.randn(4, 3, 3, 2, generator=generator)
bias = torch.randn(4, generator=generator)
for stride, padding in [(1, 0), (1, 2), (2, 1)]:
    expect(
        f"conv2d: as PyTorch does it, stride {stride}, padding {padding}",
        conv2d(x, weight, bias, stride=stride, padding=padding),
        nn.functional.conv2d(x, weight, bias, stride=stride, padding=padding),
    )

# %% [markdown] hint conv2d
# Make the padded images and an output of zeros, and check both shapes. Then compute one number:
# fix $n$, $c$, $i$ and $j$. Where does the window start when the stride is 2? Which part of
# `weight` belongs to output channel $c$, and over which axes do you sum? The loops come last.

# %% check conv2d points=5

# %% [markdown]
# ## 10 The whole layer, fast
#
# Each output of `conv2d` is a small dot product, and Python spends its time on everything around
# it. The classic trick, **im2col**, turns the whole layer into *one* matrix product, the operation
# that computers do best: write each window as a row of one matrix and each filter as a column of
# another. For the lecture's example:

# %% figure "Every window becomes a row"
X, K = np.arange(9).reshape(3, 3), np.arange(4).reshape(2, 2)
rows = np.array([X[i : i + 2, j : j + 2].ravel() for i in range(2) for j in range(2)])
tints = ["#fbe3c0", "#cfe3f1", "#cdebdf", "#f5cfd0"]
edges = [ORANGE, BLUE, GREEN, RED]
fig, axes = plt.subplots(1, 6, figsize=(12, 3.4), width_ratios=[3, 0.8, 4, 0.6, 1.4, 2.4])
draw_numbers(axes[0], X, "image", room=(4, 3))
for k in range(4):
    inset = 0.07 * k
    draw_box(axes[0], k // 2 + inset, k % 2 + inset, 2 - 2 * inset, 2 - 2 * inset, edges[k], lw=2.5)
draw_numbers(axes[2], rows, "the 4 windows, a row each", fills=[[tint] * 4 for tint in tints])
draw_numbers(axes[4], K.reshape(4, 1), "kernel", fills=[[PALE]] * 4)
draw_numbers(axes[5], (rows @ K.reshape(4, 1)), "= outputs", fills=[[tint] for tint in tints])
for ax, sign in [(axes[1], "\N{RIGHTWARDS ARROW}"), (axes[3], "@")]:
    ax.text(0.5, 0.5, sign, ha="center", va="center", fontsize=20, transform=ax.transAxes)
    ax.axis("off")
plt.show()

# %% [markdown]
# With a batch and channels, the shapes are
#
# $$
# \underbrace{(N H_{out} W_{out}) \times (C_{in} K_H K_W)}_{\text{windows}}
# \;\cdot\;
# \underbrace{(C_{in} K_H K_W) \times C_{out}}_{\text{filters}}
# \;=\;
# \underbrace{(N H_{out} W_{out}) \times C_{out}}_{\text{outputs, to be put in order}}
# $$
#
# No Python loop over positions, channels or the batch is allowed; one over the $K_H K_W$ taps of
# the kernel is. The grader counts the torch operations that a call needs.
#
# **Your turn:** @ABOUT:conv2d_fast@.


# %% answer conv2d_fast minutes=35 level=hard
def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    """Return what conv2d returns, without Python loops over positions, channels or the batch.

    Lay every window out as one row of a matrix (im2col); then one matrix product does all the work.
    A loop over the K_H * K_W taps of the kernel is fine.

    x: (N, C_in, H, W), weight: (C_out, C_in, K_H, K_W), bias: (C_out,) or None: floats, one dtype.
    Returns (N, C_out, H_out, W_out), dtype and device of x; the arguments are not changed.

    Lecture 7: "Convolution Summary".
    """
    ### BEGIN SOLUTION
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    padded = x.new_zeros(N, C_in, H + 2 * padding, W + 2 * padding)
    padded[:, :, padding : padding + H, padding : padding + W] = x
    windows = padded.unfold(2, K_H, stride).unfold(3, K_W, stride)
    H_out, W_out = windows.shape[2], windows.shape[3]
    columns = windows.permute(0, 2, 3, 1, 4, 5).reshape(N * H_out * W_out, C_in * K_H * K_W)
    out = columns @ weight.reshape(C_out, C_in * K_H * K_W).T
    if bias is not None:
        out = out + bias
    return out.reshape(N, H_out, W_out, C_out).permute(0, 3, 1, 2)
    ### END SOLUTION


# %% try conv2d_fast
generator = torch.Generator().manual_seed(0)
x = torch.randn(2, 3, 7, 6, generator=generator)
weight = torch.randn(4, 3, 3, 2, generator=generator)
bias = torch.randn(4, generator=generator)
for stride, padding in [(1, 0), (1, 2), (2, 1)]:
    expect(
        f"conv2d_fast: as PyTorch does it, stride {stride}, padding {padding}",
        conv2d_fast(x, weight, bias, stride=stride, padding=padding),
        nn.functional.conv2d(x, weight, bias, stride=stride, padding=padding),
    )

# %% [markdown] hint conv2d_fast
# Do not start with the product; get the windows first. `Tensor.unfold` on two axes gives six axes:
# print the shape. Which of them say where a window is, and which say where in the window a number
# is? What has to be next to what before you can `reshape` into a matrix?

# %% check conv2d_fast points=4

# %% figure "Loops against one matrix product (at most 6 seconds)"
BUDGET_S = 4.0  # a larger image is not tried when your loops would need longer for it


def seconds(function, *arguments, repeats=1):
    """Return the shortest of a few measurements on one core."""
    threads, times = torch.get_num_threads(), []
    torch.set_num_threads(1)
    try:
        for _ in range(repeats):
            start = time.perf_counter()
            function(*arguments)
            times.append(time.perf_counter() - start)
    finally:
        torch.set_num_threads(threads)
    return min(times)


with once_written("conv2d and conv2d_fast"):
    weight, measured = torch.randn(8, 3, 3, 3), []
    for size in (6, 10, 18, 34, 66):
        x = torch.randn(1, 3, size, size)
        fast = seconds(conv2d_fast, x, weight, repeats=20)
        torchs = seconds(nn.functional.conv2d, x, weight, repeats=20)
        loops = seconds(conv2d, x, weight)
        measured.append((size - 2, loops, fast, torchs))
        if 4 * loops > BUDGET_S:
            break  # the next size would take four times as long
    sizes, *curves = np.array(measured).T
    fig, ax = plt.subplots(figsize=(8.5, 4))
    labels = ["your loops", "your im2col", "PyTorch"]
    for values, label, colour in zip(curves, labels, [RED, BLUE, INK], strict=True):
        ax.loglog(sizes, 1000 * values, "o-", color=colour)
        ax.text(sizes[-1] * 1.12, 1000 * values[-1], label, color=colour, va="center")
    ax.set_xticks(sizes, [f"{int(s)} x {int(s)}" for s in sizes])
    ax.minorticks_off()
    ax.set(xlabel="size of the 8 output maps", ylabel="milliseconds", xlim=(None, sizes[-1] * 2.2))
    ratio = curves[0][-1] / curves[1][-1]
    ax.set_title(f"at the largest size, im2col is {ratio:,.0f} times as fast as the loops")
    plt.show()

# %% [markdown]
# ## 11 1x1 convolution
#
# *Lecture: "Example: 1x1 Convolution" (Lin et al., Network in Network, 2014).*
#
# A kernel of one pixel sees no neighbours at all. What is left is the sum over the channels: a
# tiny linear layer, the same for every pixel. A pixel with the channels $(1, 10)$ and the filters
# $(1, 1)$, $(1, 0)$, $(0, -1)$ becomes the pixel $(11, 1, -10)$: two channels in, three out.
#
# $$\text{out}_{n,c,i,j} = \text{bias}_c + \sum_k \text{weight}_{c,k} \; x_{n,k,i,j}$$
#
# Networks use it to change the number of channels cheaply, mostly to make it smaller.
#
# **Your turn:** @ABOUT:conv1x1@.


# %% answer conv1x1 minutes=10 level=easy
def conv1x1(x, weight, bias=None):
    """Return the 1x1 convolution of x: the same small linear layer at every pixel.

        out[n, c, i, j] = bias[c] + sum over k of weight[c, k] * x[n, k, i, j]

    x: (N, C_in, H, W), weight: (C_out, C_in), bias: (C_out,) or None, floats of one dtype.
    Returns (N, C_out, H, W), dtype and device of x.

    Lecture 7: "Example: 1x1 Convolution".
    """
    ### BEGIN SOLUTION
    N, C_in, H, W = x.shape
    pixels = x.permute(0, 2, 3, 1).reshape(N * H * W, C_in)
    out = pixels @ weight.T
    if bias is not None:
        out = out + bias
    return out.reshape(N, H, W, -1).permute(0, 3, 1, 2)
    ### END SOLUTION


# %% try conv1x1
x = torch.tensor([[[[1.0, 2.0, 3.0]], [[10.0, 20.0, 30.0]]]])
weight = torch.tensor([[1.0, 1.0], [1.0, 0.0], [0.0, -1.0]])
bias = torch.tensor([0.0, 0.5, 0.0])
expected = torch.tensor([[[[11.0, 22.0, 33.0]], [[1.5, 2.5, 3.5]], [[-10.0, -20.0, -30.0]]]])
expect("conv1x1: two channels become three", conv1x1(x, weight, bias), expected)
expect("conv1x1: and no bias", conv1x1(x, weight[:1]), expected[:, :1])

# %% [markdown] hint conv1x1
# Think of one pixel: a vector of $C_{in}$ numbers, and a matrix. A matrix product does all pixels
# at once if the channels are the last axis. How do you get them there, and back?

# %% check conv1x1 points=1

# %% figure "From three channels to two"
with once_written("conv1x1"):
    pixels = torch.tensor(scene, dtype=torch.float32).permute(2, 0, 1)[None]
    weight = torch.tensor([[0.299, 0.587, 0.114], [1.0, -0.5, -0.5]])
    brightness, redness = conv1x1(pixels, weight)[0]
    fig, axes = plt.subplots(1, 3, figsize=(12, 2.9))
    draw_image(axes[0], scene, "three channels: red, green, blue")
    draw_image(axes[1], brightness, "0.299 R + 0.587 G + 0.114 B")
    draw_image(axes[2], redness, "R \N{MINUS SIGN} 0.5 G \N{MINUS SIGN} 0.5 B", signed=True)
    plt.show()

# %% [markdown]
# ## 12 One axis
#
# *Lecture: "Other types of convolution".*
#
# Sound, text and sensor readings have one axis to slide along. With $(1, 0, -1)$ over
# $(1, 2, 4, 8)$: $1 - 4 = -3$ and $2 - 8 = -6$. With padding 1 the signal is $(0, 1, 2, 4, 8, 0)$,
# and with stride 2 the kernel starts at 0 and 2: $0 - 2 = -2$ and $2 - 8 = -6$.
#
# $$
# \text{out}_{n,c,i} = \text{bias}_c + \sum_k \sum_a
# \text{weight}_{c,k,a} \; \text{padded}_{n,k,\;iS+a}
# $$
#
# **Your turn:** @ABOUT:conv1d@.


# %% answer conv1d minutes=15 level=easy
def conv1d(x, weight, bias=None, stride=1, padding=0):
    """Return the 1-D convolution of x: one axis to slide along.

        out[n, c, i] = bias[c] + sum over k, a of weight[c, k, a] * padded[n, k, i * stride + a]

    x: (N, C_in, L), weight: (C_out, C_in, K), bias: (C_out,) or None, floats of one dtype.
    Returns (N, C_out, L_out), dtype and device of x; L_out = (L + 2 * padding - K) // stride + 1.

    Lecture 7: "Other types of convolution".
    """
    ### BEGIN SOLUTION
    N, C_in, L = x.shape
    C_out, _, K = weight.shape
    L_out = (L + 2 * padding - K) // stride + 1
    padded = x.new_zeros(N, C_in, L + 2 * padding)
    padded[:, :, padding : padding + L] = x
    out = x.new_zeros(N, C_out, L_out)
    for i in range(L_out):
        window = padded[:, :, i * stride : i * stride + K]
        out[:, :, i] = torch.einsum("nck,ock->no", window, weight)
    if bias is not None:
        out += bias.reshape(1, C_out, 1)
    return out
    ### END SOLUTION


# %% try conv1d
x = torch.tensor([[[1.0, 2.0, 4.0, 8.0]]])
weight = torch.tensor([[[1.0, 0.0, -1.0]]])
expect("conv1d: by hand", conv1d(x, weight), torch.tensor([[[-3.0, -6.0]]]))
expect(
    "conv1d: by hand, stride 2, padding 1",
    conv1d(x, weight, stride=2, padding=1),
    torch.tensor([[[-2.0, -6.0]]]),
)
generator = torch.Generator().manual_seed(1)
x = torch.randn(2, 3, 8, generator=generator)
weight = torch.randn(4, 3, 3, generator=generator)
bias = torch.randn(4, generator=generator)
expect(
    "conv1d: as PyTorch does it, stride 2, padding 1",
    conv1d(x, weight, bias, stride=2, padding=1),
    nn.functional.conv1d(x, weight, bias, stride=2, padding=1),
)

# %% [markdown] hint conv1d
# It is `conv2d` with one axis fewer. Compute one output first: $i = 1$ with stride 2. Which slice
# of the padded signal does it see? Write its shape beside the weight's: which axes are summed, and
# which stay?

# %% check conv1d points=2

# %% figure "A pulse, smoothed and differentiated"
with once_written("conv1d"):
    t = np.linspace(0, 3, 300)
    beat = (t % 0.75) / 0.75
    pulse = np.exp(-(((beat - 0.4) / 0.035) ** 2)) + 0.25 * np.exp(-(((beat - 0.7) / 0.09) ** 2))
    noisy = pulse + np.random.default_rng(0).normal(0, 0.12, t.size)
    signal = torch.tensor(noisy, dtype=torch.float32)[None, None]
    bell = torch.exp(-(torch.linspace(-2, 2, 13) ** 2))
    bell = bell / bell.sum()
    slope = bell * torch.linspace(-1, 1, 13) * 6
    smooth, change = conv1d(signal, torch.stack([bell, slope])[:, None], padding=6)[0]
    fig, axes = plt.subplots(1, 2, figsize=(12, 2.8), sharey=True)
    axes[0].plot(t, noisy, color=GREY, lw=1)
    axes[0].plot(t, smooth, color=BLUE, lw=2.5)
    axes[0].set_title("a noisy pulse (grey), after a bell-shaped kernel (blue)")
    axes[0].set_ylabel("signal")
    axes[1].axhline(0, color=PALE)
    axes[1].plot(t, change, color=RED, lw=2)
    axes[1].set_title("after a kernel for slopes: up, and down again")
    for ax in axes:
        ax.set_xlabel("seconds")
    plt.show()

# %% [markdown]
# ## 13 Three axes
#
# *Lecture: "Other types of convolution".*
#
# Videos (time, height, width) and body scans have three. Take a film of two frames with 2x2
# pixels, $\begin{bmatrix} 0 & 1 \\ 2 & 3 \end{bmatrix}$ and then
# $\begin{bmatrix} 4 & 5 \\ 6 & 7 \end{bmatrix}$. A kernel that is 2 deep, 1 high and 1 wide, with
# the numbers $-1$ and $1$, gives "next frame minus this frame": 4 everywhere. The formula only
# gains an axis:
#
# $$
# \text{out}_{n,c,d,i,j} = \text{bias}_c + \sum_{k,e,a,b} \text{weight}_{c,k,e,a,b} \;
# \text{padded}_{n,k,\;dS+e,\;iS+a,\;jS+b}
# $$
#
# **Your turn:** @ABOUT:conv3d@.


# %% answer conv3d minutes=15 level=medium
def conv3d(x, weight, bias=None, stride=1, padding=0):
    """Return the 3-D convolution of x: three axes to slide along.

    x: (N, C_in, D, H, W), weight: (C_out, C_in, K_D, K_H, K_W), bias: (C_out,) or None: floats of
    one dtype. stride and padding are integers and hold for all three axes.
    Returns (N, C_out, D_out, H_out, W_out), dtype and device of x.

    Lecture 7: "Other types of convolution".
    """
    ### BEGIN SOLUTION
    N, C_in, D, H, W = x.shape
    C_out, _, K_D, K_H, K_W = weight.shape
    P, S = padding, stride
    padded = x.new_zeros(N, C_in, D + 2 * P, H + 2 * P, W + 2 * P)
    padded[:, :, P : P + D, P : P + H, P : P + W] = x
    D_out = (D + 2 * P - K_D) // S + 1
    H_out = (H + 2 * P - K_H) // S + 1
    W_out = (W + 2 * P - K_W) // S + 1
    out = x.new_zeros(N, C_out, D_out, H_out, W_out)
    for d in range(D_out):
        for i in range(H_out):
            for j in range(W_out):
                window = padded[:, :, d * S : d * S + K_D, i * S : i * S + K_H, j * S : j * S + K_W]
                out[:, :, d, i, j] = torch.einsum("ncdhw,ocdhw->no", window, weight)
    if bias is not None:
        out += bias.reshape(1, C_out, 1, 1, 1)
    return out
    ### END SOLUTION


# %% try conv3d
x = torch.arange(8.0).reshape(1, 1, 2, 2, 2)
weight = torch.tensor([-1.0, 1.0]).reshape(1, 1, 2, 1, 1)
expect(
    "conv3d: the second slice minus the first", conv3d(x, weight), torch.full((1, 1, 1, 2, 2), 4.0)
)

generator = torch.Generator().manual_seed(2)
x = torch.randn(2, 2, 4, 5, 6, generator=generator)
weight = torch.randn(3, 2, 2, 3, 1, generator=generator)
bias = torch.randn(3, generator=generator)
expect(
    "conv3d: as PyTorch does it, stride 2, padding 1",
    conv3d(x, weight, bias, stride=2, padding=1),
    nn.functional.conv3d(x, weight, bias, stride=2, padding=1),
)

# %% [markdown] hint conv3d
# Take your `conv1d` or `conv2d` and go through it line by line: padding, output size, loops,
# window, sum. Each gets one more axis. A good first test: a 1 x 1 x 1 kernel of weight 1 must give
# back its input.

# %% check conv3d points=2

# %% figure "Only what moves is seen"
with once_written("conv3d"):
    empty, _ = beach(crowd=False)
    frames = [empty[50:92, 90:160].copy() for _ in range(4)]
    for step, frame in enumerate(frames):
        draw_waldo(frame, 20, 6 + 5 * step)
    film = torch.stack([grey(frame) for frame in frames])[None, None]
    motion = conv3d(film, torch.tensor([-1.0, 1.0]).reshape(1, 1, 2, 1, 1))[0, 0]
    fig, axes = plt.subplot_mosaic("aabbccdd;.eeffgg.", figsize=(12, 4.2))
    for k, key in enumerate("abcd"):
        draw_image(axes[key], film[0, 0, k], f"frame {k}")
    for k, key in enumerate("efg"):
        draw_image(
            axes[key], motion[k], f"frame {k + 1} \N{MINUS SIGN} frame {k}", signed=True, top=1
        )
    plt.show()

# %% [markdown]
# ## 14 The way back
#
# *Lecture 6: "Backpropagation"; lecture 7: "Convolution Summary".*
#
# To train the layer we need the gradients of the loss. From above comes `dout`, the gradient with
# respect to each output. A single output is $y = \text{bias} + \sum w \, x$ over its window, so
# its local gradients are simple: with respect to a pixel, the weight it was multiplied by; with
# respect to a weight, the pixel it was multiplied by; with respect to the bias, 1. Backpropagation
# multiplies upstream by local. And because pixels, weights and biases are *used many times*, all
# their contributions **add up**.
#
# By hand, for the lecture's example with all upstream gradients 1. **dx:** every window stamps
# `dout[i, j]` times the kernel into `dx`, at its own position:

# %% figure "Four stamps make dx"
K = np.arange(4).reshape(2, 2)
total = np.zeros((3, 3), dtype=int)
fig, axes = plt.subplots(1, 9, figsize=(13, 2.6), width_ratios=[3, 0.6] * 4 + [3])
for k in range(4):
    i, j = divmod(k, 2)
    stamp = np.zeros((3, 3), dtype=int)
    stamp[i : i + 2, j : j + 2] = K
    total += stamp
    inside = [[i <= r < i + 2 and j <= c < j + 2 for c in range(3)] for r in range(3)]
    fills = [["#fbe3c0" if cell else PALE for cell in row] for row in inside]
    shown = [
        [f"{v}" if cell else "" for v, cell in zip(*rows, strict=True)]
        for rows in zip(stamp, inside, strict=True)
    ]
    draw_numbers(axes[2 * k], shown, f"dout[{i}, {j}] = 1", fills=fills)
    axes[2 * k + 1].text(0.5, 0.5, "+" if k < 3 else "=", ha="center", va="center", fontsize=18)
    axes[2 * k + 1].axis("off")
draw_numbers(axes[8], total, "dx", fills=[["#cfe3f1"] * 3] * 3)
plt.show()

# %% [markdown]
# **dweight:** every window adds `dout[i, j]` times the pixels it covers. The top-left weight was
# multiplied by the pixels 0, 1, 3 and 4, which makes 8; in all $\begin{bmatrix} 8 & 12 \\ 20 & 24
# \end{bmatrix}$. **dbias:** the bias was used by four outputs, which makes $4$. In formulas, with
# sums over all $n$, $c$, $i$, $j$ that occur,
#
# $$
# \text{dpadded}_{n,k,\;iS+a,\;jS+b} \mathrel{+}= \text{dout}_{n,c,i,j} \; \text{weight}_{c,k,a,b}
# \qquad
# \text{dweight}_{c,k,a,b} \mathrel{+}= \text{dout}_{n,c,i,j} \; \text{padded}_{n,k,\;iS+a,\;jS+b}
# $$
#
# and $\text{dbias}_c = \sum_{n,i,j} \text{dout}_{n,c,i,j}$. The gradient of `x` is the part of
# `dpadded` without its frame. Two traps: the frame when $P = 0$, and pixels that no window covers
# when the stride leaves a remainder (their gradient is 0, but they are part of `dx`).
#
# **Your turn:** @ABOUT:conv2d_backward@.


# %% answer conv2d_backward minutes=50 level=hard
def conv2d_backward(dout, x, weight, stride=1, padding=0):
    """Return (dx, dweight, dbias), the gradients of a loss through conv2d.

    dout: (N, C_out, H_out, W_out), the gradient of the loss with respect to conv2d's output.
    x: (N, C_in, H, W), weight: (C_out, C_in, K_H, K_W), stride, padding: as conv2d got them.
    Returns dx like x, dweight like weight, dbias: (C_out,); dtype and device of x.

    Lecture 6: "Backpropagation" (upstream times local); lecture 7: "Convolution Summary".
    """
    ### BEGIN SOLUTION
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out, W_out = dout.shape[2:]
    padded = x.new_zeros(N, C_in, H + 2 * padding, W + 2 * padding)
    padded[:, :, padding : padding + H, padding : padding + W] = x
    dpadded = torch.zeros_like(padded)
    dweight = torch.zeros_like(weight)
    for i in range(H_out):
        for j in range(W_out):
            rows = slice(i * stride, i * stride + K_H)
            cols = slice(j * stride, j * stride + K_W)
            d = dout[:, :, i, j]
            dweight += torch.einsum("no,nchw->ochw", d, padded[:, :, rows, cols])
            dpadded[:, :, rows, cols] += torch.einsum("no,ochw->nchw", d, weight)
    dx = dpadded[:, :, padding : padding + H, padding : padding + W]
    dbias = dout.sum(dim=(0, 2, 3))
    return dx, dweight, dbias
    ### END SOLUTION


# %% try conv2d_backward
x = torch.arange(9.0).reshape(1, 1, 3, 3)
weight = torch.arange(4.0).reshape(1, 1, 2, 2)
by_hand = (
    torch.tensor([[[[0.0, 1.0, 1.0], [2.0, 6.0, 4.0], [2.0, 5.0, 3.0]]]]),
    torch.tensor([[[[8.0, 12.0], [20.0, 24.0]]]]),
    torch.tensor([4.0]),
)
ones = torch.ones(1, 1, 2, 2)
expect("conv2d_backward: dx, dweight, dbias by hand", conv2d_backward(ones, x, weight), by_hand)

generator = torch.Generator().manual_seed(3)
x = torch.randn(2, 3, 6, 7, generator=generator)
weight = torch.randn(4, 3, 3, 2, generator=generator)
for stride, padding in [(1, 0), (1, 2), (2, 1)]:
    twins = [
        x.clone().requires_grad_(),
        weight.clone().requires_grad_(),
        torch.zeros(4, requires_grad=True),
    ]
    out = nn.functional.conv2d(*twins, stride=stride, padding=padding)
    dout = torch.randn(out.shape, generator=generator)
    expect(
        f"conv2d_backward: as autograd does it, stride {stride}, padding {padding}",
        conv2d_backward(dout, x, weight, stride=stride, padding=padding),
        torch.autograd.grad(out, twins, dout),
    )

# %% [markdown] hint conv2d_backward
# Visit the outputs as in the forward pass, and ask of each: if this output has the gradient
# `dout`, what do the pixels and weights that made it get? Do it on paper for the four outputs of
# the lecture's example. Nothing is assigned, everything is added. Where does the frame of zeros
# come in?

# %% check conv2d_backward points=5

# %% figure "How often each pixel is used"
with once_written("conv_output_size and conv2d_backward"):
    settings = [(7, 3, 1, 0), (7, 3, 1, 1), (7, 3, 2, 0), (8, 3, 2, 0)]
    fig, axes = plt.subplots(1, 4, figsize=(12, 3.4))
    for ax, (size, kernel, stride, padding) in zip(axes, settings, strict=True):
        out = conv_output_size(size, kernel, padding, stride)
        x, ones = torch.zeros(1, 1, size, size), torch.ones(1, 1, kernel, kernel)
        dx, _, _ = conv2d_backward(torch.ones(1, 1, out, out), x, ones, stride, padding)
        fills = [[PLAIN(v / 16) for v in row] for row in dx[0, 0].tolist()]
        title = f"{size} x {size}, S = {stride}, P = {padding}"
        draw_numbers(ax, dx[0, 0], title, fills=fills, size=10, room=(8, 8))
    plt.show()

# %% [markdown]
# With a 3x3 kernel of ones and all upstream gradients 1, `dx` counts the windows that use a pixel:
# 9 in the middle, fewer towards the border, and none in the last row and column of the 8 x 8
# image.
#
# ## 15 PyTorch's layer
#
# *Lecture: "PyTorch Convolution Layer".*
#
# `nn.Conv2d(in_channels, out_channels, kernel_size, stride=1, padding=0, ...)` is the layer you
# have built, with a `weight` and a `bias` that PyTorch initialises and trains. The most common
# setting keeps height and width: for a 3x3 kernel, pad with 1, because
# $7 + 2 \cdot 1 - 3 + 1 = 7$; in general $P = (K - 1)/2$.
#
# **Your turn:** @ABOUT:same_conv@.


# %% answer same_conv minutes=5 level=easy
def same_conv(c_in, c_out, kernel_size):
    """Return PyTorch's convolution layer, set up so that the output is as large as the input.

    c_in, c_out: channels in and out; kernel_size: an odd integer. Stride 1, with bias.
    Returns an nn.Conv2d: (N, c_in, H, W) -> (N, c_out, H, W).

    Lecture 7: "PyTorch Convolution Layer", and "Common settings" in "Convolution Summary".
    """
    ### BEGIN SOLUTION
    return nn.Conv2d(c_in, c_out, kernel_size, padding=(kernel_size - 1) // 2)
    ### END SOLUTION


# %% try same_conv
for kernel_size in (1, 3, 5):
    layer = same_conv(3, 8, kernel_size)
    expect(f"same_conv: kernel {kernel_size}, an nn.Conv2d", isinstance(layer, nn.Conv2d), True)
    expect("same_conv: its weights", tuple(layer.weight.shape), (8, 3, kernel_size, kernel_size))
    expect("same_conv: its output", tuple(layer(torch.zeros(2, 3, 6, 9)).shape), (2, 8, 6, 9))

# %% [markdown] hint same_conv
# Which $P$ solves $H + 2P - K + 1 = H$? Check $K = 1$, 3 and 5. `nn.Conv2d` has an argument for
# it.

# %% check same_conv points=2

# %% figure "The layer is yours; and its border"
with once_written("same_conv and conv2d"):
    pixels = grey(scene)[None, None]
    fig, axes = plt.subplots(1, 3, figsize=(12, 2.9))
    for ax, kernel_size in zip(axes, (3, 9, 25), strict=True):
        layer = same_conv(1, 1, kernel_size)
        with torch.no_grad():
            layer.weight.fill_(1 / kernel_size**2)
            layer.bias.zero_()
            out = layer(pixels)
        height, width = out.shape[2:]
        draw_image(
            ax, out[0, 0], f"mean of {kernel_size} x {kernel_size}: still {height} x {width}"
        )
    layer, small = same_conv(1, 4, 3), pixels[:, :, 30:60, 60:90]
    mine = conv2d(small, layer.weight.detach(), layer.bias.detach(), padding=1)
    gap = float((mine - layer(small).detach()).abs().max())
    print(f"largest difference between PyTorch's layer and your conv2d: {gap:.0e}")
    plt.show()

# %% [markdown]
# The size stays, but look at the borders: the larger the kernel, the wider the dark frame. Zeros
# are not "nothing": they are black pixels, and the network can tell from them where the image
# ends.
#
# ## 16 Two open questions
#
# A few sentences each. These are read by a person; @POINTS:small_or_large@ points each.
#
# **Question 1: two small kernels or one large one?** Compare two 3x3 convolution layers in a row,
# with a ReLU between them, with a single 5x5 layer. All have $C$ channels in and out, stride 1,
# "same" padding and no bias. (a) How many pixels does an output see, how many parameters are
# there, how many multiply-adds for each position? (b) What can the two layers compute that the
# single one cannot, and what is left of this if the ReLU is removed?

# %% [markdown] question small_or_large points=2 minutes=10
# ### BEGIN SOLUTION
# (a) Both see 5x5 pixels: 1 + 2 (3 - 1) = 5. Parameters: 2 x 9 C² = 18 C² against 25 C². At stride
# 1 with "same" padding each weight is used once for each position, so the multiply-adds are 18 C²
# against 25 C² for each position too: the two small layers cost 28% less.
#
# (b) With the ReLU, the two layers compute functions that are not linear in the image, which no
# single convolution can. Without it they are one 5x5 convolution (part 4), and a restricted one:
# 18 C² numbers cannot give all 25 C² weights. So without the ReLU the stack is strictly the weaker
# of the two (it is cheaper, but it can do nothing that the 5x5 layer cannot).
#
# Grading: 1 point for the three comparisons in (a), half for two of them. 1 point for (b): half
# for "nonlinear", half for "collapses into one kernel without the ReLU".
# ### END SOLUTION

# %% [markdown]
# **Question 2: what does a convolution layer assume?** A fully connected layer from 3 x 32 x 32 to
# 6 x 28 x 28 numbers has 14 million weights and could compute everything that your convolution
# layer with 456 numbers computes. Still the convolution layer is the better choice for
# photographs. (a) Name the two assumptions about images that are built into it, and say what each
# saves. (b) Give one kind of data for which one of the assumptions is wrong, and say what would go
# wrong.

# %% [markdown] question assumptions points=2 minutes=10
# ### BEGIN SOLUTION
# (a) *Locality*: what matters for an output is close together, so a window of the input is enough.
# It saves the weights to all pixels outside the window (75 instead of 3072 for each output).
# *Sharing*, also called translation equivariance: a pattern means the same wherever it stands, so
# all places use the same weights. It saves learning each pattern again at every place (6 filters
# instead of 4704), and fewer weights need fewer examples.
#
# (b) For example: the columns of a table, or the pixels of an image shuffled in a fixed way:
# neighbours mean nothing, and a small window misses what belongs together (locality). Portraits
# that are all aligned, or the frequency axis of a spectrogram: an eye is always at the same place,
# and the same pattern means something else at another height, so one filter for all places is not
# enough (sharing).
#
# Grading: 1 point for (a), half for each assumption with what it saves. 1 point for (b): half for
# data that fits, half for the consequence.
# ### END SOLUTION

# %% [markdown]
# ## If you want more
#
# No points, nothing to hand in, and harder than the rest.
#
# - **Dilation.** Give a copy of your `conv2d` an argument `dilation`: neighbouring weights look at
#   pixels that are `dilation` apart. What becomes of $H_{out}$? It is right when it equals
#   `nn.functional.conv2d(..., dilation=2)` on an image that is not square, for strides 1 and 2 and
#   paddings 0 and 3.
# - **Groups.** Add `groups`: the channels are cut into groups, and each filter sees only its own
#   group, so the weight is $C_{out} \times C_{in}/\text{groups} \times K_H \times K_W$. It is
#   right when it equals PyTorch's for 6 channels in 1, 2, 3 and 6 groups. How many parameters are
#   left with 6?
# - **The way back is a convolution.** For stride 1, compute `dx` with a single call of your own
#   `conv2d`, without a loop. Which axes of the weight are swapped, which are flipped, and how
#   large is the padding? It is right when it equals your `conv2d_backward` for $P$ = 0, 1 and 2
#   and a kernel of 3 x 3.

# %% [markdown]
# ## What you know now
#
# - A convolution layer slides $C_{out}$ filters of size $C_{in} \times K_H \times K_W$ over an
#   image and takes dot products: local, and with the same weights everywhere.
# - Bright does not mean similar: normalised correlation compares patterns, plain correlation also
#   likes white walls.
# - $H_{out} = \lfloor (H + 2P - K)/S \rfloor + 1$; $C_{out}(C_{in} K_H K_W + 1)$ parameters;
#   $C_{out} H_{out} W_{out} \cdot C_{in} K_H K_W$ multiply-adds.
# - Common settings: $K = 3, P = 1, S = 1$; $K = 5, P = 2, S = 1$; $K = 1, P = 0, S = 1$; and
#   $K = 3, P = 1, S = 2$ to halve the size.
# - Without a nonlinearity between them, two convolutions are one.
# - im2col makes the layer a matrix product; its backward pass stamps the upstream gradient back
#   into place.
#
# **Before you hand in:** restart the kernel, run all cells, save the notebook, and run the next
# cell. It checks that all graded cells are there and which visible tests pass, and packs the one
# file to hand in. If the other notebooks of the assignment lie in the same folder, the file holds
# them too.

# %% hand-in "Check the notebook and pack it"
from shared.hand_in import check_and_pack

check_and_pack("01_convolution", "@GRADED_CELLS@", (), "@ASSIGNMENT@", "@NOTEBOOKS@")

# %% [markdown]
# **Further reading**
#
# - *Dive into Deep Learning*, [chapter 7](https://d2l.ai/chapter_convolutional-neural-networks/):
#   sections 7.1 to 7.4 go with this notebook (from fully connected layers to convolutions,
#   convolutions for images, padding and stride, channels)
# - Dumoulin and Visin,
#   [A guide to convolution arithmetic for deep learning](https://arxiv.org/abs/1603.07285)
# - [`nn.Conv2d`](https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html) in PyTorch's
#   documentation
#
# Next: pooling, another way to make maps smaller.
