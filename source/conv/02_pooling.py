# %% [markdown]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](@COLAB_URL@)
#
# # Pooling
#
# A map of 224 x 224 numbers says for every pixel how much it looks like an edge. To say what is in
# the picture, a network has to make maps smaller: keep the fact *that* there is an edge, and give
# up a little of *where* it is. Pooling does this without a single weight. In this notebook you
# build both kinds, send gradients back through them, see that averaging is a convolution in
# disguise, and measure what pooling is praised for: how little its output changes when the picture
# moves.
#
# **What is due.** The 6 functions below and two short open questions: @POINTS@ points.
#
# @EXERCISES@
#
# **How long it takes.** Two to three hours for most. Everything runs on a CPU: all cells together
# need about 20 seconds.
#
# **How it works.** As in the first notebook: an idea, a picture, a function for you to write and a
# test that you can run. Further cases of the same kind are tried when your notebook is graded:
# images that are not square, windows that overlap, several images at once, and each kind earns its
# share of the points.
#
# **Rules**
#
# - Do not call what you are asked to build: no pooling (`F.max_pool2d`, `nn.AvgPool2d` and their
#   relatives), no convolution, no `F.unfold` / `F.fold`, under any name. In the two backward
#   exercises (4 and 5) also no autograd. The grader names the call that it finds. Only
#   `avg_pool_as_conv` (6) is meant to use `nn.Conv2d`.
# - Everything else is welcome: slicing, `amax`, `mean`, `Tensor.unfold`, `as_strided`, numpy.
# - A result has the dtype (`float32` or `float64`) and the device of the input.
# - Arguments are valid, may be non-contiguous in memory, and must not be changed.
#
# **Help and working together**
#
# @HELP@
#
# Letters are the lecture's: $N$ images in a batch, $C$ channels, height $H$, width $W$, window
# size $K$, stride $S$. There is no padding in this notebook. Windows are square. Where no stride
# is given, it is the window size, so that windows lie side by side.
#
# Run the next cells once, down to the first picture. Then start.

# %% setup
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
    draw_arrow,
    draw_box,
    draw_image,
    draw_numbers,
    once_written,
)

TINTS, EDGES = ["#fbe3c0", "#cfe3f1", "#cdebdf", "#f5cfd0"], [ORANGE, BLUE, GREEN, RED]
SLICE = [[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]  # the lecture's depth slice


# %% figure "What you will build"
def lighthouse(size=64):
    """Return a picture of a lighthouse at dusk, (size, size) in [0, 1]."""
    y, x = np.mgrid[:size, :size] / size
    image = 0.25 + 0.35 * (1 - y) ** 2
    image[y > 0.72] = 0.18 + 0.05 * np.sin(60 * y + 9 * np.sin(12 * x))[y > 0.72]
    image[((x - 0.3) / 0.3) ** 2 + ((y - 0.86) / 0.14) ** 2 < 1] = 0.10
    tower = np.abs(x - 0.3) < 0.045 + 0.05 * (y - 0.3)
    image[tower & (y > 0.3) & (y < 0.8)] = 0.92
    image[tower & (y > 0.42) & (y < 0.52)] = 0.35
    image[tower & (y > 0.62) & (y < 0.72)] = 0.35
    image[(np.abs(x - 0.3) < 0.07) & (np.abs(y - 0.28) < 0.025)] = 0.05
    image[(x - 0.3) ** 2 + (y - 0.22) ** 2 < 0.0016] = 1.0
    beam = np.abs((y - 0.22) - 0.12 * (x - 0.3)) < 0.10 * (x - 0.3)
    image[beam & (y < 0.72)] += 0.25 * (1 - x)[beam & (y < 0.72)]
    rng = np.random.default_rng(2)
    for row, col in zip(rng.integers(2, 26, 14), rng.integers(2, 62, 14), strict=True):
        image[row, col] = 0.95
    return image.clip(0, 1)


picture = torch.tensor(lighthouse(), dtype=torch.float32)
blocks = picture.reshape(16, 4, 16, 4)
fig, axes = plt.subplots(1, 4, figsize=(12, 3.2))
draw_image(axes[0], picture, "64 x 64")
draw_image(axes[1], picture[1::4, 1::4], "every fourth pixel: 16 x 16")
draw_image(axes[2], blocks.amax((1, 3)), "the largest of 4 x 4")
draw_image(axes[3], blocks.mean((1, 3)), "the mean of 4 x 4")
plt.show()

# %% [markdown]
# All three small pictures have 16 x 16 pixels. Taking every fourth pixel loses nearly all of the
# stars: a star between the sampled pixels is gone. The largest of each block keeps every star; the
# mean keeps the brightness and smears the stars out.
#
# ## 1 How large is the output?
#
# *Lecture: "Pooling Summary".*
#
# A window of size $K$ starts at the top-left corner and moves by $S$ pixels. Along an axis of 7
# pixels, a window of 3 that moves by 2 fits at positions 0, 2 and 4: three outputs. On 8 pixels it
# still fits three times, and the last pixel is never used. A window that would stick out is
# dropped.

# %% figure "Where the windows fit"
cases = [(7, 3, 2), (8, 3, 2), (8, 2, 2), (5, 2, 3)]
fig, axes = plt.subplots(1, 4, figsize=(13, 1.9))
for ax, (size, kernel, stride) in zip(axes, cases, strict=True):
    starts = range(0, size - kernel + 1, stride)
    seen = {start + k for start in starts for k in range(kernel)}
    fills = [[PALE if k in seen else "#ffffff" for k in range(size)]]
    draw_numbers(ax, [[str(k) for k in range(size)]], fills=fills, size=11, room=(3.4, 9))
    for k, start in enumerate(starts):
        y = 0.85 + 0.3 * k
        ax.plot([start - 0.4, start + kernel - 0.6], [y, y], color=EDGES[k], lw=5)
    ax.set_title(f"{size} pixels, K = {kernel}, S = {stride}: {len(starts)} windows")
plt.show()

# %% [markdown]
# $$H_{out} = \left\lfloor \frac{H - K}{S} \right\rfloor + 1$$
#
# This is the formula of a convolution without padding.
#
# **Your turn:** @ABOUT:pool_output_size@.


# %% answer pool_output_size minutes=5 level=easy
def pool_output_size(size, kernel, stride):
    """Return how many windows fit along an axis, an integer.

    size: the height or width of the input; kernel, stride: of the window. All are integers, and
    the window fits at least once.

    Lecture 7: "Pooling Summary".
    """
    ### BEGIN SOLUTION
    return (size - kernel) // stride + 1
    ### END SOLUTION


# %% try pool_output_size
expect("pool_output_size: 28 pixels in LeNet, K = 2, S = 2", pool_output_size(28, 2, 2), 14)
expect("pool_output_size: and pooled again, 14 pixels", pool_output_size(14, 2, 2), 7)
expect("pool_output_size: 55 pixels in AlexNet, K = 3, S = 2", pool_output_size(55, 3, 2), 27)
expect("pool_output_size: a window as large as the input", pool_output_size(3, 3, 2), 1)

# %% [markdown] hint pool_output_size
# Draw 7 pixels. How far to the right may the window start so that it still fits? How many strides
# lead there from 0? The start at 0 counts, too.

# %% check pool_output_size points=1

# %% [markdown]
# ## 2 The strongest wins
#
# *Lecture: "Max Pooling".*
#
# **Max pooling** keeps the largest number of each window. The lecture's example, with a 2 x 2
# window and stride 2:

# %% figure "The lecture's example"
tile = [[TINTS[2 * (r // 2) + c // 2] for c in range(4)] for r in range(4)]
fig, axes = plt.subplots(1, 3, figsize=(9, 3.2), width_ratios=[4, 0.8, 4])
draw_numbers(axes[0], SLICE, "one channel", fills=tile)
for k, (r, c) in enumerate([(1, 1), (1, 3), (2, 0), (3, 3)]):
    draw_box(axes[0], r + 0.06, c + 0.06, 0.88, 0.88, EDGES[k])
axes[1].set(xlim=(0, 1), ylim=(0, 1))
axes[1].axis("off")
draw_arrow(axes[1], (0.1, 0.5), (0.95, 0.5))
draw_numbers(axes[2], [[6, 8], [3, 4]], "K = 2, S = 2", fills=[TINTS[:2], TINTS[2:]], room=(4, 4))
plt.show()

# %% [markdown]
# Every image and every channel is pooled by itself: the number of channels does not change, and
# there are no weights.
#
# $$\text{out}_{n,c,i,j} = \max_{0 \le a,\, b < K} x_{n,\,c,\,iS + a,\,jS + b}$$
#
# All numbers of a window may be negative: the largest of $-3$ and $-1$ is $-1$, not 0.
#
# **Your turn:** @ABOUT:max_pool2d@.


# %% answer max_pool2d minutes=25 level=easy
def max_pool2d(x, kernel_size, stride=None):
    """Return the largest number of each window.

        out[n, c, i, j] = max over a, b of x[n, c, i * stride + a, j * stride + b]

    x: (N, C, H, W), floats. kernel_size, stride: integers; the stride is kernel_size if it is None.
    Returns (N, C, H_out, W_out) with H_out = (H - kernel_size) // stride + 1, and W_out likewise;
    dtype and device of x. Windows that would stick out are dropped.

    Lecture 7: "Max Pooling" and "Pooling Summary".
    """
    ### BEGIN SOLUTION
    stride = kernel_size if stride is None else stride
    N, C, H, W = x.shape
    H_out, W_out = (H - kernel_size) // stride + 1, (W - kernel_size) // stride + 1
    out = x.new_zeros(N, C, H_out, W_out)
    for i in range(H_out):
        for j in range(W_out):
            top, left = i * stride, j * stride
            window = x[:, :, top : top + kernel_size, left : left + kernel_size]
            out[:, :, i, j] = window.amax(dim=(2, 3))
    return out
    ### END SOLUTION


# %% try max_pool2d
x = torch.tensor([[[[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]]])
expect("max_pool2d: the lecture's example", max_pool2d(x, 2), torch.tensor([[[[6.0, 8], [3, 4]]]]))
expect(
    "max_pool2d: stride 1, so that windows overlap",
    max_pool2d(x, 3, 1),
    torch.tensor([[[[7.0, 8], [7, 8]]]]),
)

# %% [markdown] hint max_pool2d
# Take one window first: $i = 1$, $j = 0$, kernel 2, stride 2. Which rows and columns of `x` does
# it cover? One slice holds that window for all images and channels. Then ask `amax` for the right
# axes. And what is the stride when none is given?

# %% check max_pool2d points=3

# %% figure "A few pixels further does not matter"
with once_written("max_pool2d"):
    edge = picture[:, 1:] - picture[:, :-1]
    maps = [edge.abs()[None, None, :, :60]]
    for _ in range(3):
        maps.append(max_pool2d(maps[-1], 2))
    fig, axes = plt.subplots(1, 4, figsize=(12, 3.3))
    for ax, one in zip(axes, maps, strict=True):
        draw_image(ax, one[0, 0], f"{one.shape[2]} x {one.shape[3]}", cmap=PLAIN)
    plt.show()

# %% [markdown]
# A map of vertical edges, pooled three times. The tower is there in all of them, each time at half
# the resolution. One output of the last map stands for 8 x 8 pixels: pooling makes the **receptive
# field** of everything that follows grow twice as fast. Along one axis, two convolutions of 3 see
# 5 pixels. With pooling between them, neighbours in the pooled map are 2 pixels apart, and the two
# see 8:

# %% figure "Pooling enlarges the receptive field"
stacks = {
    "without pooling: 5 pixels": [("conv 3", 3, 1), ("conv 3", 3, 1)],
    "with pooling between: 8 pixels": [("conv 3", 3, 1), ("max pool 2", 2, 2), ("conv 3", 3, 1)],
}
fig, axes = plt.subplots(1, 2, figsize=(12, 3.2))
for ax, (title, layers) in zip(axes, stacks.items(), strict=True):
    sizes, places = [12], [np.arange(12.0)]
    for _, kernel, stride in layers:
        sizes.append((sizes[-1] - kernel) // stride + 1)
        starts = np.arange(sizes[-1]) * stride
        places.append(places[-1][starts] / 2 + places[-1][starts + kernel - 1] / 2)
    seen = {sizes[-1] // 2}  # the one output whose pixels are looked for, from the top down
    for level in range(len(layers), -1, -1):
        for k, at in enumerate(places[level]):
            fill = (BLUE if level else ORANGE) if k in seen else PALE
            corner = (at - 0.4, 1.1 * level)
            ax.add_patch(plt.Rectangle(corner, 0.8, 0.55, fc=fill, ec="white"))
        name = layers[level - 1][0] if level else "pixels"
        ax.text(-0.9, 1.1 * level + 0.27, name, ha="right", va="center", color=INK, fontsize=11)
        if level:
            _, kernel, stride = layers[level - 1]
            for k in seen:
                for source in range(k * stride, k * stride + kernel):
                    ends = [places[level][k], places[level - 1][source]]
                    heights = [1.1 * level, 1.1 * level - 0.55]
                    ax.plot(ends, heights, color=GREY, lw=1)
            seen = {k * stride + a for k in seen for a in range(kernel)}
    ax.set(xlim=(-3.6, 11.6), ylim=(-0.1, 4), title=title)
    ax.axis("off")
plt.show()

# %% [markdown]
# ## 3 Everybody counts
#
# *Lecture: "Pooling Summary".*
#
# **Average pooling** takes the mean of each window instead. The lecture's example gives
#
# $$
# \begin{bmatrix} 1 & 1 & 2 & 4 \\ 5 & 6 & 7 & 8 \\ 3 & 2 & 1 & 0 \\ 1 & 2 & 3 & 4 \end{bmatrix}
# \rightarrow
# \begin{bmatrix} 13/4 & 21/4 \\ 8/4 & 8/4 \end{bmatrix}
# \qquad
# \text{out}_{n,c,i,j} = \frac{1}{K^2} \sum_{0 \le a,\, b < K} x_{n,\,c,\,iS + a,\,jS + b}
# $$
#
# **Your turn:** @ABOUT:avg_pool2d@.


# %% answer avg_pool2d minutes=10 level=easy
def avg_pool2d(x, kernel_size, stride=None):
    """Return the mean of each window.

        out[n, c, i, j] = mean over a, b of x[n, c, i * stride + a, j * stride + b]

    x: (N, C, H, W), floats. kernel_size, stride: integers; the stride is kernel_size if it is None.
    Returns (N, C, H_out, W_out), as max_pool2d does; dtype and device of x.

    Lecture 7: "Pooling Summary".
    """
    ### BEGIN SOLUTION
    stride = kernel_size if stride is None else stride
    N, C, H, W = x.shape
    H_out, W_out = (H - kernel_size) // stride + 1, (W - kernel_size) // stride + 1
    out = x.new_zeros(N, C, H_out, W_out)
    for i in range(H_out):
        for j in range(W_out):
            top, left = i * stride, j * stride
            window = x[:, :, top : top + kernel_size, left : left + kernel_size]
            out[:, :, i, j] = window.mean(dim=(2, 3))
    return out
    ### END SOLUTION


# %% try avg_pool2d
x = torch.tensor([[[[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]]])
expect(
    "avg_pool2d: the lecture's example",
    avg_pool2d(x, 2),
    torch.tensor([[[[3.25, 5.25], [2.0, 2.0]]]]),
)
expect(
    "avg_pool2d: stride 1, so that windows overlap",
    avg_pool2d(x, 3, 1),
    torch.tensor([[[[28 / 9, 31 / 9], [30 / 9, 33 / 9]]]]),
)

# %% [markdown] hint avg_pool2d
# Put your `max_pool2d` beside the formula of the mean: which part stays exactly the same?

# %% check avg_pool2d points=2

# %% figure "Sharp or faithful"
with once_written("max_pool2d and avg_pool2d"):
    fig, axes = plt.subplots(2, 4, figsize=(12, 5.6))
    for row, (name, pool) in enumerate([("max", max_pool2d), ("average", avg_pool2d)]):
        for ax, kernel in zip(axes[row], (1, 2, 4, 8), strict=True):
            small = pool(picture[None, None], kernel)[0, 0]
            draw_image(ax, small, f"{name}, {kernel} x {kernel}: brightness {small.mean():.2f}")
    plt.show()

# %% [markdown]
# The average keeps the brightness for every window size; the maximum makes everything brighter and
# keeps what stands out. That is why networks take the maximum inside, where a number says "there
# is something here", and the average at the very end, where all places should have a say.
#
# ## 4 The way back to the winner
#
# *Lecture 6: "Backpropagation"; lecture 7: "Max Pooling".*
#
# An output of max pooling *is* one of the numbers of its window; the others could change a little
# without any effect. So the whole gradient goes to the winner, and the others get nothing. By
# hand, for the lecture's example and `dout` $= \begin{bmatrix} 10 & 20 \\ 30 & 40 \end{bmatrix}$:

# %% figure "Gradients go where the maximum came from"
fig, axes = plt.subplots(1, 5, figsize=(12.5, 3.2), width_ratios=[4, 0.6, 2, 0.6, 4])
draw_numbers(axes[0], SLICE, "x", fills=tile, room=(4, 4))
for k, (r, c) in enumerate([(1, 1), (1, 3), (2, 0), (3, 3)]):
    draw_box(axes[0], r + 0.06, c + 0.06, 0.88, 0.88, EDGES[k])
draw_numbers(axes[2], [[10, 20], [30, 40]], "dout", fills=[TINTS[:2], TINTS[2:]], room=(4, 2))
routed = [[0, 0, 0, 0], [0, 10, 0, 20], [30, 0, 0, 0], [0, 0, 0, 40]]
fills = [[tile[r][c] if routed[r][c] else PALE for c in range(4)] for r in range(4)]
draw_numbers(axes[4], routed, "dx", fills=fills, room=(4, 4))
for ax in (axes[1], axes[3]):
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.axis("off")
draw_arrow(axes[3], (0.05, 0.5), (0.95, 0.5))
plt.show()

# %% [markdown]
# Two things need care. **Windows may overlap**: a pixel that wins in several of them gets the sum.
# And **there may be a tie**: when the largest number appears in a window twice, only the first
# gets the gradient, where "first" means row by row from the top, as in PyTorch. After a ReLU,
# where whole windows are 0, ties are everywhere.
#
# $$
# \text{dx}_{n,\,c,\,iS + a^*,\,jS + b^*} \mathrel{+}= \text{dout}_{n,c,i,j}
# \qquad (a^*, b^*) = \text{the first place of the maximum of window } (i, j)
# $$
#
# **Your turn:** @ABOUT:max_pool2d_backward@.


# %% answer max_pool2d_backward minutes=40 level=hard
def max_pool2d_backward(dout, x, kernel_size, stride=None):
    """Return dx, the gradient of a loss with respect to the input of max_pool2d.

    dout: (N, C, H_out, W_out), the gradient of the loss with respect to max_pool2d's output.
    x: (N, C, H, W), kernel_size, stride: as max_pool2d got them; windows may overlap. A tie goes
    to the first maximum in row-major order.
    Returns dx: (N, C, H, W), dtype and device of x.

    Lecture 6: "Backpropagation" (upstream times local); lecture 7: "Max Pooling".
    """
    ### BEGIN SOLUTION
    stride = kernel_size if stride is None else stride
    N, C, H_out, W_out = dout.shape
    dx = torch.zeros_like(x)
    for i in range(H_out):
        for j in range(W_out):
            top, left = i * stride, j * stride
            window = x[:, :, top : top + kernel_size, left : left + kernel_size]
            first = window.reshape(N, C, -1).argmax(dim=2)
            rows, cols = top + first // kernel_size, left + first % kernel_size
            n, c = torch.arange(N)[:, None], torch.arange(C)[None, :]
            dx[n, c, rows, cols] += dout[:, :, i, j]
    return dx
    ### END SOLUTION


# %% try max_pool2d_backward
x = torch.tensor([[[[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]]])
dout = torch.tensor([[[[10.0, 20], [30, 40]]]])
by_hand = torch.tensor([[[[0.0, 0, 0, 0], [0, 10, 0, 20], [30, 0, 0, 0], [0, 0, 0, 40]]]])
expect("max_pool2d_backward: by hand", max_pool2d_backward(dout, x, 2), by_hand)
tie = torch.tensor([[[[0.0, 7, 0], [7, 7, 0]]]])
expect(
    "max_pool2d_backward: a tie goes to the first",
    max_pool2d_backward(torch.tensor([[[[5.0]]]]), tie, 2, 2),
    torch.tensor([[[[0.0, 5, 0], [0, 0, 0]]]]),
)

# %% [markdown] hint max_pool2d_backward
# One window first: where is its maximum? `argmax` gives a single number; how do you turn it into a
# row and a column? Then do this by hand, kernel 2, stride 1: rows (1, 5, 2) and (0, 3, 4), `dout`
# (10, 20). The 5 wins twice: what must `dx` hold there?

# %% check max_pool2d_backward points=4

# %% figure "Which pixels learn?"
with once_written("max_pool2d_backward"):
    fig, axes = plt.subplots(1, 4, figsize=(12, 3.3))
    draw_image(axes[0], picture, "picture")
    for ax, (kernel, stride) in zip(axes[1:], [(4, 4), (4, 2), (8, 8)], strict=True):
        out = pool_output_size(64, kernel, stride)
        counts = max_pool2d_backward(
            torch.ones(1, 1, out, out), picture[None, None], kernel, stride
        )[0, 0]
        share = float((counts > 0).float().mean())
        title = f"K = {kernel}, S = {stride}: {share:.0%} of the pixels"
        draw_image(ax, counts, title, cmap=PLAIN, top=3)
    plt.show()

# %% [markdown]
# Where all upstream gradients are 1, `dx` counts how often a pixel wins. Every window has exactly one
# winner, 1 pixel of 16 where windows of 4 lie side by side; all others get no gradient at all. The
# regular grid in the sky is made of ties: along a row the sky is equally bright, so the first wins.
#
# ## 5 The way back to everybody
#
# The mean of $K^2$ numbers grows by $1/K^2$ when one of them grows by 1. So each pixel of a window
# gets its share of the gradient, and a pixel in several windows gets the sum of its shares. For one
# window of 2 x 2 and `dout` $= 8$ that is 2 for each of the four.
#
# $$\text{dx}_{n,\,c,\,iS + a,\,jS + b} \mathrel{+}= \frac{1}{K^2} \, \text{dout}_{n,c,i,j}$$
#
# **Your turn:** @ABOUT:avg_pool2d_backward@.

# %% figure "Overlapping windows add up"
fig, axes = plt.subplots(1, 7, figsize=(13, 2.6), width_ratios=[2, 0.5, 4, 0.5, 4, 0.5, 4])
draw_numbers(axes[0], [[8, 16]], "dout", fills=[TINTS[:2]], room=(2, 2))
left = [[2, 2, 0], [2, 2, 0]]
right = [[0, 4, 4], [0, 4, 4]]
both = [[2, 6, 4], [2, 6, 4]]
first = [[TINTS[0] if v else PALE for v in row] for row in left]
second = [[TINTS[1] if v else PALE for v in row] for row in right]
draw_numbers(axes[2], left, "first window", fills=first)
draw_numbers(axes[4], right, "second window", fills=second)
draw_numbers(axes[6], both, "dx", fills=[[TINTS[0], TINTS[2], TINTS[1]]] * 2)
for ax, sign in zip(axes[1::2], ["\N{RIGHTWARDS ARROW}", "+", "="], strict=True):
    ax.text(0.5, 0.5, sign, ha="center", va="center", fontsize=18, transform=ax.transAxes)
    ax.axis("off")
plt.show()


# %% answer avg_pool2d_backward minutes=25 level=medium
def avg_pool2d_backward(dout, x, kernel_size, stride=None):
    """Return dx, the gradient of a loss with respect to the input of avg_pool2d.

    dout: (N, C, H_out, W_out), the gradient of the loss with respect to avg_pool2d's output.
    x: (N, C, H, W), kernel_size, stride: as avg_pool2d got them; windows may overlap.
    Returns dx: (N, C, H, W), dtype and device of x.

    Lecture 6: "Backpropagation" (upstream times local); lecture 7: "Pooling Summary".
    """
    ### BEGIN SOLUTION
    stride = kernel_size if stride is None else stride
    H_out, W_out = dout.shape[2:]
    dx = torch.zeros_like(x)
    for i in range(H_out):
        for j in range(W_out):
            top, left = i * stride, j * stride
            share = dout[:, :, i, j][:, :, None, None] / kernel_size**2
            dx[:, :, top : top + kernel_size, left : left + kernel_size] += share
    return dx
    ### END SOLUTION


# %% try avg_pool2d_backward
expect(
    "avg_pool2d_backward: a window shares its gradient",
    avg_pool2d_backward(torch.tensor([[[[8.0]]]]), torch.ones(1, 1, 2, 2), 2),
    torch.full((1, 1, 2, 2), 2.0),
)
expect(
    "avg_pool2d_backward: overlapping windows, by hand",
    avg_pool2d_backward(torch.tensor([[[[8.0, 16]]]]), torch.ones(1, 1, 2, 3), 2, 1),
    torch.tensor([[[[2.0, 6, 4], [2, 6, 4]]]]),
)

# %% [markdown] hint avg_pool2d_backward
# Write it on paper for one window of 2 x 2 with `dout` 8, then for the two overlapping windows in
# the picture above. What does a pixel in both of them get? So do you add or assign?

# %% check avg_pool2d_backward points=3

# %% figure "One upstream gradient, two ways back"
with once_written("max_pool2d_backward and avg_pool2d_backward"):
    generator = torch.Generator().manual_seed(4)
    x = torch.randint(0, 10, (1, 1, 7, 7), generator=generator).float()
    dout = torch.ones(1, 1, 3, 3)
    ways = {"max": max_pool2d_backward, "average": avg_pool2d_backward}
    fig, axes = plt.subplots(1, 3, figsize=(12, 4))
    draw_numbers(axes[0], x[0, 0], "x; windows of 3, stride 2", size=11)
    for ax, (name, backward) in zip(axes[1:], ways.items(), strict=True):
        route = backward(dout, x, 3, 2)[0, 0]
        fills = [[PLAIN(0.5 * float(v) ** 0.5) for v in row] for row in route]
        ninths = [
            [f"{9 * v:.0f}/9" if 9 * v % 9 > 0.5 else f"{v:.0f}" for v in row] for row in route
        ]
        draw_numbers(ax, ninths, f"{name}: dx", fills=fills, size=11)
    plt.show()

# %% [markdown]
# Both pass on the same total, 9. The maximum gives it to a few pixels, the average to all, and
# most to those where windows overlap.
#
# ## 6 A convolution in disguise
#
# *Lecture: "Convolution Summary" and "Pooling Summary".*
#
# A mean is a sum of products: each pixel times $1/K^2$. So average pooling is a convolution whose
# weights are fixed, and since every channel is pooled by itself, the filter of channel $c$ looks at
# channel $c$ only: its weights for all other channels are 0. For 2 channels and a 2 x 2 window:

# %% figure "The weights of average pooling"
fig, axes = plt.subplots(2, 2, figsize=(5.2, 5))
for out in range(2):
    for source in range(2):
        value, tint = ("1/4", TINTS[1]) if out == source else ("0", PALE)
        title = f"weight[{out}, {source}]"
        draw_numbers(axes[out, source], np.full((2, 2), value), title, fills=[[tint] * 2] * 2)
plt.show()

# %% [markdown]
# `nn.Conv2d(..., groups=channels)` has only the blocks on the diagonal and saves the zeros. Either
# form is right.
#
# **Your turn:** @ABOUT:avg_pool_as_conv@.


# %% answer avg_pool_as_conv minutes=20 level=medium
def avg_pool_as_conv(channels, kernel_size):
    """Return the convolution layer that equals average pooling with windows side by side.

    channels: of the input and of the output; kernel_size: an integer, which is the stride too.
    Returns an nn.Conv2d with its weights set: layer(x) is avg_pool2d(x, kernel_size) for every
    float32 x of shape (N, channels, H, W).

    Lecture 7: "Convolution Summary" and "Pooling Summary".
    """
    ### BEGIN SOLUTION
    layer = nn.Conv2d(
        channels, channels, kernel_size, stride=kernel_size, groups=channels, bias=False
    )
    with torch.no_grad():
        layer.weight.fill_(1 / kernel_size**2)
    return layer
    ### END SOLUTION


# %% try avg_pool_as_conv
layer = avg_pool_as_conv(1, 2)
expect("avg_pool_as_conv: an nn.Conv2d", isinstance(layer, nn.Conv2d), True)
x = torch.tensor([[[[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]]])
expect(
    "avg_pool_as_conv: the lecture's example",
    layer(x).detach(),
    torch.tensor([[[[3.25, 5.25], [2.0, 2.0]]]]),
)

# %% [markdown] hint avg_pool_as_conv
# Make the layer for 2 channels and print the shape of its weight. Which of its numbers are 1/4 in
# the picture, and which are 0? How far apart are the windows? And what does an `nn.Conv2d` add to
# each output unless you tell it not to?

# %% check avg_pool_as_conv points=2

# %% figure "Two layers, one output"
with once_written("avg_pool2d and avg_pool_as_conv"):
    y, x = np.mgrid[:64, :64] / 64
    tints = [0.6 + 0.4 * x, 0.8 * np.ones_like(x), 0.9 - 0.4 * y]
    colour = torch.tensor(np.stack([lighthouse() * tint for tint in tints]), dtype=torch.float32)
    pooled = avg_pool2d(colour[None], 4)[0]
    convolved = avg_pool_as_conv(3, 4)(colour[None])[0].detach()
    fig, axes = plt.subplots(1, 3, figsize=(10, 3.4))
    for ax, image, title in zip(
        axes,
        [colour, pooled, convolved],
        ["3 x 64 x 64", "your avg_pool2d", "your convolution"],
        strict=True,
    ):
        draw_image(ax, image.permute(1, 2, 0).clip(0, 1), title)
    print(f"largest difference: {float((pooled - convolved).abs().max()):.0e}")
    plt.show()

# %% [markdown]
# Max pooling has no such form: a convolution is linear, and the maximum is not.
#
# ## 7 One pixel to the right
#
# *Lecture: "Max Pooling".*
#
# Max pooling, says the lecture, "introduces invariance to small spatial shifts". Is that true? We
# take edge maps of 40 random drawings, move each drawing by one pixel, and measure how far the
# maps move: the distance between the two outputs, divided by the size of the first. We compare
# four ways to make a map smaller by $K$: taking every $K$-th number, which is the edge filter as a
# convolution of stride $K$; max pooling; average pooling; and the maximum at every place, then
# averages over overlapping windows of $2K$. The last looks at the most pixels.


# %% figure "How far outputs move when the input moves one pixel"
def drawings(count=40, size=49, seed=0):
    """Return random boxes and discs, (count, 1, size, size)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size]
    images = np.zeros((count, 1, size, size))
    for image in images[:, 0]:
        for _ in range(5):
            row, col, half = *rng.integers(6, size - 6, 2), rng.integers(2, 9)
            disc = (y - row) ** 2 + (x - col) ** 2 <= half**2
            box = (abs(y - row) <= half) & (abs(x - col) <= half)
            image[disc if rng.random() < 0.5 else box] = rng.random()
    return torch.tensor(images, dtype=torch.float32)


def edges_of(images):
    """Return the strength of vertical edges after a ReLU."""
    return (images[..., 1:] - images[..., :-1]).clamp(min=0)


with once_written("max_pool2d and avg_pool2d"):
    images = drawings()
    here, there = edges_of(images[..., :-1]), edges_of(images[..., 1:])  # moved by one pixel
    ways = {
        "every K-th pixel": (lambda m, k: m[..., ::k, ::k], GREY, "o-"),
        "max pooling": (lambda m, k: max_pool2d(m, k), ORANGE, "s-"),
        "average pooling": (lambda m, k: avg_pool2d(m, k), BLUE, "^-"),
        "max, then average of 2 K": (
            lambda m, k: avg_pool2d(max_pool2d(m, k, 1), 2 * k, k), GREEN, "d-",
        ),
    }  # fmt: skip
    fig, (ax, closer) = plt.subplots(1, 2, figsize=(12, 4.2), width_ratios=[3, 2])
    kernels = [1, 2, 3, 4, 6, 8]
    for name, (pool, colour, style) in ways.items():
        moves = []
        for kernel in kernels:
            a, b = pool(here, kernel), pool(there, kernel)
            moves.append(float((a - b).norm() / a.norm()))
        ax.plot(kernels, moves, style, color=colour, label=name)
    ax.set(xlabel="window size K", ylabel="relative distance of the outputs", ylim=(0, None))
    ax.legend(frameon=False, fontsize=11)
    line = torch.zeros(1, 1, 4, 24)
    line[..., 5] = line[..., 14] = 1
    rows = [line, torch.roll(line, 1, 3)]
    shown = [row[0, 0, 0] for row in rows] + [max_pool2d(row, 4)[0, 0, 0] for row in rows]
    titles = ["two edges", "moved by one pixel", "max pooling of the first", "and of the second"]
    for k, (values, title) in enumerate(zip(shown, titles, strict=True)):
        width = 24 / len(values)
        for j, value in enumerate(values.tolist()):
            closer.add_patch(
                plt.Rectangle((j * width, -k), width, 0.5, fc=BLUE if value else PALE, ec="white")
            )
        closer.text(0, -k + 0.6, title, color=INK, fontsize=11)
    closer.set(xlim=(0, 24), ylim=(-3.2, 1.1))
    closer.axis("off")
    plt.show()

# %% [markdown]
# It is true, with two qualifications. First, *how much* depends on the method: with every $K$-th
# number the outputs are about as far apart as two unrelated maps (1.4), for every $K$. With
# pooling they move less the larger the window is, and least where large windows overlap and are
# averaged. Second, "invariance" is a strong word. On the right of the figure, two edges move by
# one pixel: the output of max pooling stays the same, and that is the lucky case. An edge that
# crosses the border of a window moves the output by a whole cell. Pooling makes small shifts cheap
# on average; it does not make them invisible.
#
# ## 8 Two open questions
#
# A few sentences each. These are read by a person.
#
# **Question 1: pooling or stride?** (@POINTS:pooling_or_stride@ points) A layer of 3x3 convolutions with stride 1 followed by
# 2x2 max pooling, or a single layer of 3x3 convolutions with stride 2: both halve height and width.
# (a) Compare the multiply-adds for an input of $C \times H \times W$ and $C$ filters. (b) Name one
# thing that each of the two does better.

# %% [markdown] question pooling_or_stride points=2 minutes=10
# ### BEGIN SOLUTION
# (a) Stride 1: 9 C² H W multiply-adds (pooling needs comparisons only). Stride 2: a quarter of
# that, because there are a quarter of the outputs.
#
# (b) Convolution with pooling looks at every place and keeps the strongest answer, so it misses
# less and moves less when the image is shifted. The strided convolution is four times cheaper,
# needs less memory, and its way of making the map smaller is learned; gradients reach all pixels.
#
# Grading: 1 point for (a), half for a factor without a reason. 1 point for (b), half for each.
# ### END SOLUTION

# %% [markdown]
# **Question 2: where did it go?** (@POINTS:where_did_it_go@ point) Someone wants to build a network that says *where* in
# a picture Waldo is, and pools it down to a single number for each channel. What is lost, and what
# could be done instead?

# %% [markdown] question where_did_it_go points=1 minutes=5
# ### BEGIN SOLUTION
# Pooling over the whole map keeps whether and how strongly something was found, and gives up where.
# Instead: keep the map (a score for each place, as in "Where is Waldo?"), pool less, or remember
# the places of the maxima.
#
# Grading: half a point for the loss of the position, half for a remedy.
# ### END SOLUTION

# %% [markdown]
# ## If you want more
#
# No points, nothing to hand in, and harder than the rest.
#
# - **Padding.** Give `max_pool2d` an argument `padding`. Why are zeros wrong here? It is right
#   when it equals `nn.functional.max_pool2d(x, 3, 2, padding=1)` for images whose numbers are all
#   negative.
# - **Between the two.** The mean of $|x|^p$ over a window, to the power $1/p$, is the average for
#   $p = 1$ and comes close to the maximum for large $p$. Write it for non-negative images. It is
#   right when it equals `nn.functional.lp_pool2d(x, p, K)`, which takes the sum instead of the
#   mean, divided by $K^{2/p}$. Does it move less than the maximum in part 7?
# - **Unpooling.** Write a function that puts pooled numbers back where the maxima were, with zeros
#   elsewhere. It is right when it equals `nn.functional.max_unpool2d` with the indices that
#   PyTorch's `max_pool2d(x, 2, return_indices=True)` gives, for even heights and widths.

# %% [markdown]
# ## What you know now
#
# - Pooling makes maps smaller, channel by channel, without weights:
#   $H_{out} = \lfloor (H - K)/S \rfloor + 1$.
# - The maximum keeps what stands out and sends its gradient to the winner; a tie goes to the first.
# - The average keeps the brightness, shares its gradient, and is a convolution with fixed weights.
# - Common settings: max, $K = 2$, $S = 2$; and max, $K = 3$, $S = 2$ (AlexNet).
# - When the input moves a little, outputs move less, but they do move.
#
# **Before you hand in:** restart the kernel, run all cells, save the notebook, and run the next
# cell. It checks that all graded cells are there and which visible tests pass, and packs the one
# file to hand in. If the other notebooks of the assignment lie in the same folder, the file holds
# them too.

# %% hand-in "Check the notebook and pack it"
from shared.hand_in import check_and_pack

check_and_pack("02_pooling", "@GRADED_CELLS@", (), "@ASSIGNMENT@", "@NOTEBOOKS@")

# %% [markdown]
# **Further reading**
#
# - *Dive into Deep Learning*,
#   [section 7.5](https://d2l.ai/chapter_convolutional-neural-networks/pooling.html): pooling
# - Springenberg et al., [Striving for simplicity](https://arxiv.org/abs/1412.6806): a network
#   without pooling
# - Zhang, [Making convolutional networks shift-invariant again](https://arxiv.org/abs/1904.11486):
#   what a blur before the subsampling does
#
# Next: normalisation, which keeps the numbers in a good range.
