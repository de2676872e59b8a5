# %% [markdown]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](@COLAB_URL@)
#
# # Normalisation from scratch
#
# Subtract the mean, divide by the standard deviation: everyone does that to data before training
# on it. Batch normalisation does it *inside* a network, to the outputs of every layer, at every
# training step. That made deep networks much easier to train. In this notebook you write it, its
# backward pass and its layer; you fuse it into a convolution once training is over, you freeze it,
# and you meet its relatives, which differ from it only in *which* numbers share a mean.
#
# **What is due.** The 9 functions and classes below and two short open questions: @POINTS@ points.
#
# @EXERCISES@
#
# **How long it takes.** Three to four hours for most. Everything runs on a CPU: all cells together
# need about 40 seconds on two cores, most of it for the experiment in part 5.
#
# **How it works.** As in the earlier notebooks: an idea, a picture, a function for you to write
# and a test that you can run. The test prints one line for each thing that is right, and otherwise
# says what it got and what it expected. When your notebook is graded, further cases of the same
# kind are tried, and each kind of case earns its share of the points.
#
# **Rules**
#
# - Do not call what you are asked to build: no `F.batch_norm`, `nn.BatchNorm2d`, `F.layer_norm`,
#   `F.instance_norm`, `F.group_norm` and their relatives, under any name. In `batchnorm_backward`
#   (3) also no autograd. The grader names the call that it finds. `fuse_conv_bn` (6) and
#   `freeze_batchnorm` (7) are about PyTorch's own layers and may use them.
# - Everything else is welcome: `mean`, `var`, `sum`, `einsum`, numpy.
# - A result has the dtype (`float32` or `float64`) and the device of the input.
# - Arguments are valid, may be non-contiguous in memory, and must not be changed. Only
#   `freeze_batchnorm` works in place.
# - Everything that belongs to a feature or channel has one axis: $\gamma$, $\beta$, the running
#   statistics and their gradients have the shape `(D,)` or `(C,)`.
#
# **Help and working together**
#
# @HELP@
#
# **Whose convention?** Books and libraries differ in details. We do what PyTorch does:
# $\varepsilon = 10^{-5}$ is added to the variance, inside the root; a batch is normalised with the
# *biased* variance (divide by $N$), and the *unbiased* one (divide by $N - 1$) goes into the
# running variance; and `momentum=0.1` is the weight of the *new* value. (Some courses, CS231n
# among them, call 0.9 the momentum: the weight of the *old* value.)
#
# Run the next cells once, down to the first picture. Then start.

# %% setup
import copy
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
    RED,
    draw_arrow,
    draw_cells,
    draw_image,
    draw_numbers,
    once_written,
)

# %% figure "What goes wrong without it"
generator = torch.Generator().manual_seed(0)
weights = [torch.randn(128, 128, generator=generator) for _ in range(10)]
inputs = torch.randn(512, 128, generator=generator)
settings = [
    ("weights too small", 0.05, False, 0.75),
    ("weights too large", 0.25, False, 0.12),
    ("too small,\nbatch norm", 0.05, True, 0.12),
    ("too large,\nbatch norm", 0.25, True, 0.12),
]
fig, axes = plt.subplots(4, 6, figsize=(12, 6.2))
for row, (title, scale, normalised, top) in zip(axes, settings, strict=True):
    h = inputs
    for layer, weight in enumerate(weights, start=1):
        h = h @ weight * scale
        if normalised:
            h = (h - h.mean(0)) / h.std(0)
        if layer == 1 or layer % 2 == 0:
            ax = row[layer // 2]
            shares, edges = np.histogram(h.flatten().numpy(), bins=np.linspace(-4, 4, 41))
            shares = shares / h.numel()
            ax.fill_between(edges[1:], shares, step="pre", color=BLUE if normalised else RED, lw=0)
            text = f"std {float(f'{h.std():.2g}'):g}"
            if shares.sum() < 0.9:
                text += f"\n{1 - shares.sum():.0%} outside"
            ax.text(4, 0.97 * top, text, ha="right", va="top", fontsize=9.5)
            ax.set(ylim=(0, top), xlim=(-4.3, 4.3), yticks=[0, top], xticks=[-4, 0, 4])
            ax.set_title(f"layer {layer}" if scale == 0.05 and not normalised else "")
            ax.tick_params(labelbottom=ax in axes[-1], labelleft=ax is row[0], labelsize=9.5)
        h = h.relu()
    row[0].set_ylabel(title, rotation=0, ha="right", va="center")
fig.supxlabel("values before the ReLU; upright: the share of them in each bar", fontsize=12)
plt.show()

# %% [markdown]
# ## Why normalise inside a network?
#
# The picture shows the outputs of the layers of a network of ten fully connected layers and ReLUs,
# before it has learned anything. Draw the weights a little too small, and the numbers shrink with
# every layer until all outputs are the same and no gradient comes back. Draw them a little too
# large, and the numbers explode. In the two lower rows every layer's outputs are normalised before
# the ReLU, and depth and weights no longer matter: each layer gets numbers of a size that it can
# work with. Now you write the code for those lower rows.

# %% [markdown]
# ## 1 Normalise a batch
#
# *Lecture: "Batch Normalization".*
#
# Five samples have gone through a layer; one of its outputs, one **feature**, was
#
# $$x = (1, 3, 4, 5, 7)$$
#
# The mean of this column is 4, the deviations from it are $(-3, -1, 0, 1, 3)$, and their squares
# add up to 20, so the variance is $20/5 = 4$ and the standard deviation is 2. Subtract the mean,
# divide by the standard deviation:
#
# $$\hat x = (-1.5, \; -0.5, \; 0, \; 0.5, \; 1.5)$$
#
# Mean 0, standard deviation 1. What if that is not what the next layer needs? Let it learn a scale
# $\gamma$ and a shift $\beta$. With $\gamma = 10$ and $\beta = 20$ the output is
# $y = (5, 15, 20, 25, 35)$; and with $\gamma = 2$ and $\beta = 4$ the layer undoes the whole
# normalisation. A layer of $D$ features does this for each column of its $N \times D$ outputs
# separately:
#
# $$\mu_j = \frac{1}{N} \sum_{i=1}^N x_{i,j} \qquad
# \sigma_j^2 = \frac{1}{N} \sum_{i=1}^N (x_{i,j} - \mu_j)^2 \qquad
# \hat x_{i,j} = \frac{x_{i,j} - \mu_j}{\sqrt{\sigma_j^2 + \varepsilon}} \qquad
# y_{i,j} = \gamma_j \hat x_{i,j} + \beta_j$$
#
# The small $\varepsilon$ keeps a feature that never changes from being divided by zero.
#
# **The memory.** At test time there may be no batch, only one sample. So while training, the layer
# keeps **running statistics**, an average over the batches it has seen, in which the newest batch
# counts `momentum` = 0.1 and the past counts 0.9:
#
# $$\text{running} \leftarrow (1 - \text{momentum}) \cdot \text{running} + \text{momentum} \cdot
# \text{batch}$$
#
# A running mean of 0 becomes $0.9 \cdot 0 + 0.1 \cdot 4 = 0.4$. For the variance there is a
# subtlety: the running variance should estimate the variance of *all* data, and the five numbers
# lie closer to their own mean than to the true one. So here the sum of squares is divided by
# $N - 1$: $20/4 = 5$, and a running variance of 1 becomes $0.9 \cdot 1 + 0.1 \cdot 5 = 1.4$.
#
# **Your turn:** @ABOUT:batchnorm_train@.


# %% answer batchnorm_train minutes=30 level=medium
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Return (out, running_mean, running_var): x normalised, and the new running statistics.

        x_hat = (x - mean) / sqrt(var + eps),  out = gamma * x_hat + beta
        running = (1 - momentum) * running + momentum * batch

    mean and var are those of each feature over the batch. out is made with the biased variance
    (divided by N), running_var with the unbiased one (divided by N - 1).

    x: (N, D), N > 1; gamma, beta, running_mean, running_var: (D,); floats of one dtype.
    Returns out: (N, D) and two new tensors (D,), dtype and device of x. No argument is changed.

    Lecture 7: "Batch Normalization". Ioffe and Szegedy 2015, algorithm 1.
    """
    ### BEGIN SOLUTION
    N = x.shape[0]
    mean = x.mean(dim=0)
    var = ((x - mean) ** 2).mean(dim=0)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    out = gamma * x_hat + beta
    unbiased = var * N / (N - 1)
    running_mean = (1 - momentum) * running_mean + momentum * mean
    running_var = (1 - momentum) * running_var + momentum * unbiased
    return out, running_mean, running_var
    ### END SOLUTION


# %% try batchnorm_train
column = torch.tensor([[1.0], [3.0], [4.0], [5.0], [7.0]])
out, mean, var = batchnorm_train(
    column, torch.tensor([10.0]), torch.tensor([20.0]), torch.tensor([0.0]), torch.tensor([1.0])
)
by_hand = torch.tensor([[5.0], [15.0], [20.0], [25.0], [35.0]])
expect("batchnorm_train: the column by hand", out, by_hand, atol=1e-3)
expect("batchnorm_train: its running mean", mean, torch.tensor([0.4]))
expect("batchnorm_train: its running variance", var, torch.tensor([1.4]))

generator = torch.Generator().manual_seed(1)
twin = nn.BatchNorm1d(3)
x = torch.randn(6, 3, generator=generator) * torch.tensor([1.0, 4.0, 0.5]) + 2
expect(
    "batchnorm_train: as nn.BatchNorm1d does it, output and running statistics",
    batchnorm_train(x, torch.ones(3), torch.zeros(3), torch.zeros(3), torch.ones(3)),
    (twin(x).detach(), twin.running_mean, twin.running_var),
)

# %% [markdown] hint batchnorm_train
# Do the column (1, 3, 4, 5, 7) on paper and print yours beside it: mean 4, biased variance 4,
# unbiased variance 5. Along which axis do the samples lie? Which of the two variances goes where?
# And which weight does the *old* running mean get, 0.1 or 0.9?

# %% check batchnorm_train points=3

# %% figure "A batch before and after"
with once_written("batchnorm_train"):
    generator = torch.Generator().manual_seed(2)
    noise = torch.randn(300, 2, generator=generator)
    batch = noise @ torch.tensor([[3.0, 1.0], [0.0, 0.6]]) + torch.tensor([6.0, -3.0])
    zero, one = torch.zeros(2), torch.ones(2)
    gamma, beta = torch.tensor([1.0, 2.5]), torch.tensor([-4.0, 5.0])
    stages = {
        "x: what the layer gets": (batch, RED),
        r"$\hat x$: your output, $\gamma = 1$, $\beta = 0$": (
            batchnorm_train(batch, one, zero, zero, one)[0], BLUE,
        ),
        r"y: $\gamma = (1, 2.5)$, $\beta = (-4, 5)$": (
            batchnorm_train(batch, gamma, beta, zero, one)[0], GREEN,
        ),
    }  # fmt: skip
    fig, axes = plt.subplots(1, 3, figsize=(12, 4.1), sharex=True, sharey=True)
    for ax, (title, (values, colour)) in zip(axes, stages.items(), strict=True):
        middle, spread = values.mean(0), values.std(0, unbiased=False)
        ax.axhline(0, color=GREY, lw=0.8)
        ax.axvline(0, color=GREY, lw=0.8)
        ax.plot(values[:, 0], values[:, 1], ".", ms=4, color=colour, alpha=0.6)
        ax.errorbar(
            *middle.tolist(),
            yerr=float(spread[1]),
            xerr=float(spread[0]),
            color=INK,
            capsize=5,
            lw=2,
        )
        numbers = [f"{float(v):.2f}".replace("-", "\N{MINUS SIGN}") for v in (*middle, *spread)]
        text = "mean ({}, {})\nstd ({}, {})".format(
            *(n.replace("\N{MINUS SIGN}0.00", "0.00") for n in numbers)
        )
        ax.text(0.99, 0.03, text, transform=ax.transAxes, ha="right", fontsize=10.5)
        ax.set(title=title, xlim=(-9, 16), ylim=(-9, 17), aspect="equal", xlabel="feature 0")
    axes[0].set_ylabel("feature 1")
    plt.show()

# %% [markdown]
# The crosses mark the mean and one standard deviation in each direction. Notice that the cloud is
# still slanted: each feature is normalised by itself, so the correlation between the two stays.
# (Removing that as well is called *whitening*, which you may know from data preprocessing; it is
# expensive, and batch norm does without it.)

# %% [markdown]
# ## 2 At test time
#
# *Lecture: "Batch Normalization: Test-Time".*
#
# The output of a sample now depends on the other samples in its batch. During training that is all
# right, even useful: it is a kind of noise, and acts as regularisation. At test time it is not:
# whether a photograph shows a cat must not depend on the other photographs in the batch. At test
# time, mean and variance are therefore two fixed numbers for each feature, the running statistics.
# With mean 4, variance 4, $\gamma = 10$ and $\beta = 20$, the sample $x = 6$ becomes
#
# $$10 \cdot \frac{6 - 4}{2} + 20 = 30$$
#
# no matter what else is in the batch.
#
# **Your turn:** @ABOUT:batchnorm_eval@.


# %% answer batchnorm_eval minutes=5 level=easy
def batchnorm_eval(x, gamma, beta, running_mean, running_var, eps=1e-5):
    """Return x normalised with the running statistics, scaled and shifted.

        out = gamma * (x - running_mean) / sqrt(running_var + eps) + beta

    x: (N, D); gamma, beta, running_mean, running_var: (D,); floats of one dtype.
    Returns out: (N, D), dtype and device of x.

    Lecture 7: "Batch Normalization: Test-Time".
    """
    ### BEGIN SOLUTION
    x_hat = (x - running_mean) / torch.sqrt(running_var + eps)
    return gamma * x_hat + beta
    ### END SOLUTION


# %% try batchnorm_eval
ten, twenty, four = torch.tensor([10.0]), torch.tensor([20.0]), torch.tensor([4.0])
out = batchnorm_eval(torch.tensor([[6.0]]), ten, twenty, four, four)
expect("batchnorm_eval: one sample, by hand", out, torch.tensor([[30.0]]), atol=1e-3)

generator = torch.Generator().manual_seed(1)
twin = nn.BatchNorm1d(3).eval()
twin.running_mean.copy_(torch.tensor([1.0, -2.0, 0.5]))
twin.running_var.copy_(torch.tensor([0.5, 2.0, 9.0]))
x = torch.randn(4, 3, generator=generator)
expect(
    "batchnorm_eval: as nn.BatchNorm1d does it in eval mode",
    batchnorm_eval(x, torch.ones(3), torch.zeros(3), twin.running_mean, twin.running_var),
    twin(x).detach(),
)

# %% [markdown] hint batchnorm_eval
# Nothing is computed from the batch here. Check your line with $x = 6$, mean 4, variance 4,
# $\gamma = 10$, $\beta = 20$: it must give 30. Does the order of the samples matter?

# %% check batchnorm_eval points=1

# %% figure "The company you keep"
with once_written("batchnorm_train and batchnorm_eval"):
    generator = torch.Generator().manual_seed(4)
    zero, one = torch.zeros(1), torch.ones(1)
    true_mean, true_var = torch.tensor([4.0]), torch.tensor([4.0])
    fig, axes = plt.subplots(1, 3, figsize=(13, 3.9))
    sizes = [2, 4, 8, 16, 32, 64, 128]
    for k, size in enumerate(sizes):
        outs = []
        for _ in range(60):
            batch = 4 + 2 * torch.randn(size, 1, generator=generator)
            batch[0] = 6.0
            outs.append(float(batchnorm_train(batch, one, zero, zero, one)[0][0, 0]))
        jitter = torch.rand(60, generator=generator) * 0.4 - 0.2
        axes[0].plot(k + jitter, outs, ".", color=BLUE, alpha=0.5, ms=5)
    y = float(batchnorm_eval(torch.tensor([[6.0]]), one, zero, true_mean, true_var)[0, 0])
    axes[0].axhline(y, color=RED, lw=2)
    axes[0].text(6.5, y + 0.55, "at test time", color=RED, ha="right")
    axes[0].set_xticks(range(len(sizes)), sizes)
    axes[0].set(xlabel="batch size", ylabel="output", title="x = 6 in 60 batches of each size")
    axes[0].set_ylim(-1.6, 2.9)
    x = torch.linspace(-3, 11, 60)[:, None]
    for gamma, colour in [(10.0, RED), (5.0, ORANGE), (-3.0, GREEN)]:
        args = torch.tensor([gamma]), torch.tensor([20.0]), true_mean, true_var
        axes[1].plot(x[:, 0], batchnorm_eval(x, *args)[:, 0], color=colour, lw=2)
        axes[1].text(
            11.3,
            float(20 + gamma * 3.5),
            f"$\\gamma$ = {gamma:g}".replace("-", "\N{MINUS SIGN}"),
            va="center",
            color=colour,
        )
    axes[1].set(xlim=(-3, 16), xlabel="x", ylabel="y", title="test time: a straight line")
    mean, var, track = zero, one, []
    swapped = float(mean)
    for _ in range(80):
        batch = 4 + 2 * torch.randn(32, 1, generator=generator)
        _, mean, var = batchnorm_train(batch, one, zero, mean, var)
        swapped = 0.1 * swapped + 0.9 * float(batch.mean())
        track.append((float(mean), float(var), swapped))
    track = np.array(track)
    axes[2].axhline(4, color=GREY, lw=1)
    axes[2].plot(track[:, 2], color=ORANGE, lw=1, label="mean, 0.9 for the newest")
    axes[2].plot(track[:, 0], color=BLUE, lw=2, label="your running mean")
    axes[2].plot(track[:, 1], color=GREEN, lw=2, label="your running variance")
    axes[2].set(xlabel="batches of 32", ylim=(0, 5.4), title="running statistics (truth: 4, 4)")
    axes[2].legend(frameon=False, fontsize=10, loc="lower right")
    plt.show()

# %% [markdown]
# Left: while training, the same sample comes out differently in every batch, wildly so when the
# batch is small; with two samples, the outputs are almost exactly $1$ and $-1$ and only say which
# of the two is larger. Middle: at test time batch norm is a straight line in each feature,
#
# $$y = \underbrace{\frac{\gamma}{\sqrt{\sigma^2 + \varepsilon}}}_{\text{scale}} \; x +
# \underbrace{\beta - \frac{\gamma \mu}{\sqrt{\sigma^2 + \varepsilon}}}_{\text{shift}}$$
#
# a fact that part 6 uses. Right: with `momentum=0.1` the running statistics need some 30 batches
# to forget where they started and then stay calm. If you swap the two weights, they follow the
# last batch and its noise.

# %% [markdown]
# ## 3 The way back
#
# *Lecture: "This is a differentiable function, so we can ... backprop through it!".*
#
# Here is the computation as a graph. $x$ reaches the output along **three** paths: directly,
# through the mean, and through the variance. Each path brings back a gradient, and they add up.

# %% figure "Three ways to the output"
fig, ax = plt.subplots(figsize=(12, 3.3))
boxes = {
    "x": (0, 0, "x"), "mu": (3.2, 1.5, r"$\mu$"), "var": (3.2, -1.5, r"$\sigma^2$"),
    "hat": (6.6, 0, r"$\hat x = (x - \mu) \, / \sqrt{\sigma^2 + \varepsilon}$"),
    "y": (10.6, 0, r"$y = \gamma \hat x + \beta$"), "L": (13.1, 0, "loss"),
}  # fmt: skip
for x, y, label in boxes.values():
    ax.text(
        x, y, label, ha="center", va="center", fontsize=14, color=INK,
        bbox=dict(boxstyle="round,pad=0.45", fc=PALE, ec="none"),
    )  # fmt: skip
for start, end in [((0.4, 0), (4.85, 0)), ((8.4, 0), (9.5, 0)), ((11.7, 0), (12.6, 0)),
                   ((0.3, 0.3), (2.8, 1.35)), ((0.3, -0.3), (2.7, -1.35)),
                   ((3.6, 1.4), (5.6, 0.45)), ((3.7, -1.4), (5.6, -0.45)),
                   ((3.2, 1.05), (3.2, -1.0))]:  # fmt: skip
    draw_arrow(ax, start, end)
notes = [(2.9, 0.16, "directly"), (1.05, 1.2, "through the mean"),
         (0.95, -1.35, "through the variance")]  # fmt: skip
for x, y, note in notes:
    ax.text(x, y, note, color=INK, ha="right", fontsize=11.5)
for name, note in [("hat", r"$d\hat x = \gamma \; dout$"), ("y", r"$dout$")]:
    x, y, _ = boxes[name]
    ax.text(x, y - 0.85, note, ha="center", color=RED, fontsize=13)
ax.set(xlim=(-1.5, 13.8), ylim=(-2.1, 2.1))
ax.axis("off")
plt.show()

# %% [markdown]
# The arrow from $\mu$ to $\sigma^2$ contributes nothing, because $\sum_i (x_i - \mu) = 0$. With
# $s = \sqrt{\sigma^2 + \varepsilon}$ and $d\hat x_i = \gamma \, dout_i$, the three contributions
# for one feature are
#
# $$
# dx_i = \underbrace{\frac{1}{s} \, d\hat x_i}_{\text{directly}}
# \; - \; \underbrace{\frac{1}{s} \, \frac{1}{N} \sum_k d\hat x_k}_{\text{through the mean}}
# \; - \; \underbrace{\frac{1}{s} \, \hat x_i \, \frac{1}{N} \sum_k d\hat x_k \, \hat x_k}_{\text{through
# the variance}}
# $$
#
# and what $\gamma$ and $\beta$ get is, since every sample of the batch used them,
#
# $$d\gamma = \sum_i dout_i \, \hat x_i \qquad d\beta = \sum_i dout_i$$
#
# By hand, for the column $x = (1, 3, 4, 5, 7)$ of part 1 with $\hat x = (-1.5, -0.5, 0, 0.5, 1.5)$,
# $s = 2$, $\gamma = 1$, when only the first output counts, $dout = (1, 0, 0, 0, 0)$: the mean of
# $d\hat x$ is 0.2, the mean of $d\hat x \, \hat x$ is $-0.3$, so
#
# $$dx = \tfrac{1}{2} \big[ (1, 0, 0, 0, 0) - 0.2 + 0.3 \, \hat x \big]
# = (0.175, \; -0.175, \; -0.1, \; -0.025, \; 0.125)$$
#
# with $d\gamma = -1.5$ and $d\beta = 1$. The four samples that do not count in the loss get a
# gradient all the same, because they influence the mean and the variance.
#
# **Your turn:** @ABOUT:batchnorm_backward@.


# %% answer batchnorm_backward minutes=40 level=hard
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    """Return (dx, dgamma, dbeta), the gradients of a loss through batchnorm_train's output.

    dout: (N, D), the gradient of the loss with respect to the output.
    x: (N, D), gamma: (D,), eps: as batchnorm_train got them; N > 1.
    Returns dx: (N, D), dgamma: (D,), dbeta: (D,); dtype and device of x.

    Lecture 6: "Backpropagation" (upstream times local); lecture 7: "Batch Normalization".
    Ioffe and Szegedy 2015, section 3.
    """
    ### BEGIN SOLUTION
    mean = x.mean(dim=0)
    var = ((x - mean) ** 2).mean(dim=0)
    std = torch.sqrt(var + eps)
    x_hat = (x - mean) / std
    dgamma = (dout * x_hat).sum(dim=0)
    dbeta = dout.sum(dim=0)
    dx_hat = gamma * dout
    through_mean = dx_hat.mean(dim=0)
    through_var = x_hat * (dx_hat * x_hat).mean(dim=0)
    dx = (dx_hat - through_mean - through_var) / std
    return dx, dgamma, dbeta
    ### END SOLUTION


# %% try batchnorm_backward
column = torch.tensor([[1.0], [3.0], [4.0], [5.0], [7.0]])
first = torch.tensor([[1.0], [0.0], [0.0], [0.0], [0.0]])
by_hand = (
    torch.tensor([[0.175], [-0.175], [-0.1], [-0.025], [0.125]]),
    torch.tensor([-1.5]),
    torch.tensor([1.0]),
)
expect(
    "batchnorm_backward: dx, dgamma, dbeta by hand",
    batchnorm_backward(first, column, torch.ones(1)),
    by_hand,
    atol=1e-4,
)

generator = torch.Generator().manual_seed(5)
for N, D in [(8, 1), (6, 3)]:
    x = (3 * torch.randn(N, D, generator=generator) + 1).requires_grad_()
    dout = torch.randn(N, D, generator=generator)
    twin = nn.BatchNorm1d(D)
    nn.init.normal_(twin.weight, generator=generator)
    gradients = torch.autograd.grad(twin(x), [x, twin.weight, twin.bias], dout)
    expect(
        f"batchnorm_backward: as autograd does it, N = {N}, D = {D}",
        batchnorm_backward(dout, x.detach(), twin.weight.detach()),
        gradients,
    )

# %% [markdown] hint batchnorm_backward
# Recompute $\hat x$ and $s$ as in the forward pass, then $d\hat x$. The formula needs two means
# over the batch: for the example by hand they are 0.2 and -0.3. Print yours. $d\gamma$ and
# $d\beta$ are sums over the batch: which shape do they have?

# %% check batchnorm_backward points=4

# %% figure "What is left of a gradient"
with once_written("batchnorm_backward"):
    generator = torch.Generator().manual_seed(11)
    x = 4 + 2 * torch.randn(14, 1, generator=generator)
    dout = 0.8 + 0.45 * (x - 4) + 0.8 * torch.randn(14, 1, generator=generator)
    dx, dgamma, dbeta = batchnorm_backward(dout, x, torch.ones(1))
    mean, std = x.mean(), x.std(unbiased=False)
    x_hat = (x - mean) / std
    fit = dbeta / 14 + x_hat * dgamma / 14
    fig, axes = plt.subplots(1, 2, figsize=(11.5, 3.7), sharey=True)
    order = x_hat[:, 0].argsort()
    axes[0].axhline(0, color=GREY, lw=0.8)
    axes[0].plot(x_hat[order], fit[order], color=ORANGE, lw=2)
    axes[0].vlines(x_hat[:, 0], fit[:, 0], dout[:, 0], color=BLUE, lw=2, alpha=0.7)
    axes[0].plot(x_hat, dout, "o", color=INK, ms=6)
    axes[0].set(xlabel=r"$\hat x$", ylabel="gradient", title="dout, and the line that fits it best")
    axes[1].axhline(0, color=ORANGE, lw=2)
    axes[1].vlines(x_hat[:, 0], 0, dx[:, 0] * std, color=BLUE, lw=2, alpha=0.7)
    axes[1].plot(x_hat, dx * std, "o", color=BLUE, ms=6)
    axes[1].set(xlabel=r"$\hat x$", title="your dx, times s")
    plt.show()
    tilt = float((dx * x_hat).sum())
    print(f"sum of your dx: {abs(float(dx.sum())):.0e};  sum of dx times x_hat: {abs(tilt):.0e}")

# %% [markdown]
# The picture behind the formula: fit a straight line to the upstream gradients over $\hat x$. Its
# height in the middle is $d\beta / N$, its slope $d\gamma / N$. Shifting or stretching the whole
# column of $x$ changes nothing, because it is normalised away: that is the job of $\beta$ and
# $\gamma$. So the line is subtracted, and only the rest is passed down (divided by $s$).

# %% [markdown]
# ## 4 A layer that remembers
#
# *Lecture: "Batch Normalization for ConvNets".*
#
# In a convolutional network the same filter looks at all positions of all images. Its outputs at
# different positions are values of *one* feature, so they are normalised together: one mean for
# each **channel**, over $N$, $H$ *and* $W$. With 8 images of 5 x 5 pixels each channel's mean is
# over 200 numbers.


# %% figure "What is averaged over"
def draw_cube(ax, chosen, title, N=5, C=6, P=5):
    """Draw a batch as a cube of N x C x (H * W) cells; chosen(n, c) says which are blue."""
    fills = np.empty((C, N, P), dtype=object)
    for c, n in np.ndindex(C, N):
        fills[c, n] = "#4a90c2" if chosen(n, c) else "#f2f5f8"
    ax.voxels(np.ones(fills.shape, dtype=bool), facecolors=fills, edgecolor="#6b7885",
              linewidth=0.5, shade=False)  # fmt: skip
    ax.view_init(elev=24, azim=-52)
    ax.set_box_aspect((C, N, P), zoom=1.0)
    ax.set_axis_off()
    ax.text(C / 2, -0.9, -0.8, "C", ha="center", va="center", color=INK)
    ax.text(C + 0.9, N / 2, -0.8, "N", ha="center", va="center", color=INK)
    ax.text2D(0.03, 0.5, "H, W", transform=ax.transAxes, ha="right", va="center", color=INK)
    ax.text2D(0.5, 1.0, title, transform=ax.transAxes, ha="center", va="bottom", color=INK)


fig = plt.figure(figsize=(10.5, 4), layout="none")
left = fig.add_axes([0.03, 0.02, 0.42, 0.96])
draw_cells(left, 5, 6, PALE)
draw_cells(left, 5, 1, "#4a90c2", col=3)
left.text(2.5, 4.95, "D", ha="center", va="center", color=INK)
left.text(-1, 2, "N", ha="center", va="center", color=INK)
left.text(2.5, -1.05, "fully connected: x is N x D", ha="center", va="bottom", color=INK)
left.set(xlim=(-2.5, 7.5), ylim=(5.8, -1.9), aspect="equal")
left.axis("off")
right = fig.add_axes([0.5, -0.05, 0.48, 0.92], projection="3d")
draw_cube(right, lambda n, c: c == 3, "convolutional: x is N x C x H x W")
plt.show()

# %% [markdown]
# Blue: the numbers that share a mean and a variance. (The cube's upright axis stands for all
# pixels of a map, $H \times W$ of them.)
#
# Now the real thing: a layer that can be put into a network, `BatchNorm(num_features)`. It
#
# - has two **parameters**, `weight` ($\gamma$, starts at 1) and `bias` ($\beta$, starts at 0),
#   which the optimizer trains;
# - has three **buffers**: `running_mean` (starts at 0), `running_var` (starts at 1) and
#   `num_batches_tracked`, an integer tensor without axes that counts the training batches.
#   `self.register_buffer(name, tensor)` makes one. A buffer is stored and moved to the GPU with
#   the model, as a parameter is, but it is not trained;
# - decides by `self.training` which of your two functions to apply: `layer.train()` and
#   `layer.eval()` set that. It updates its buffers only in training mode, and the update is not
#   part of the graph: no gradient flows through the running statistics (`torch.no_grad()` or
#   `detach()`).
#
# With these names, the layer's `state_dict()` fits into PyTorch's `nn.BatchNorm1d` and
# `nn.BatchNorm2d`, and theirs into yours.
#
# **Your turn:** @ABOUT:BatchNorm@.


# %% answer BatchNorm minutes=35 level=hard
class BatchNorm(nn.Module):
    """Batch normalisation for (N, C) and for (N, C, H, W).

    Parameters: weight and bias, (C,). Buffers: running_mean and running_var, (C,), and
    num_batches_tracked, an integer tensor of shape ().

    forward(x) returns a tensor like x. In training mode (N > 1) it normalises each channel with
    the batch's mean and biased variance, over all axes but the channel's, and updates the buffers:

        running = (1 - momentum) * running + momentum * batch      (unbiased variance)

    In eval mode it uses the running statistics and leaves them as they are. Gradients reach x,
    weight and bias in both modes; running statistics carry no graph.

    Lecture 7: "Batch Normalization for ConvNets".
    """

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        ### BEGIN SOLUTION
        self.eps = eps
        self.momentum = momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        axes = [axis for axis in range(x.dim()) if axis != 1]
        shape = [1, -1] + [1] * (x.dim() - 2)
        if self.training:
            mean = x.mean(dim=axes)
            var = ((x - mean.view(shape)) ** 2).mean(dim=axes)
            count = x.numel() // x.shape[1]
            with torch.no_grad():
                self.running_mean *= 1 - self.momentum
                self.running_mean += self.momentum * mean
                self.running_var *= 1 - self.momentum
                self.running_var += self.momentum * var * count / (count - 1)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        x_hat = (x - mean.view(shape)) / torch.sqrt(var.view(shape) + self.eps)
        return self.weight.view(shape) * x_hat + self.bias.view(shape)
        ### END SOLUTION


# %% given helper_train_layer
def train_layer(layer, batches, douts):
    """Return what a layer puts out, its gradients and its state after training passes."""
    outs, dxs = [], []
    for x, dout in zip(batches, douts, strict=True):
        x = x.clone().requires_grad_()
        out = layer(x)
        out.backward(dout)
        outs.append(out.detach())
        dxs.append(x.grad)
    parameters = dict(layer.named_parameters())
    gradients = [parameters["weight"].grad, parameters["bias"].grad]
    return outs, dxs, gradients, {k: v.clone() for k, v in layer.state_dict().items()}


# %% try BatchNorm
expect(
    "BatchNorm: the names in its state_dict",
    sorted(BatchNorm(3).state_dict()),
    ["bias", "num_batches_tracked", "running_mean", "running_var", "weight"],
)
generator = torch.Generator().manual_seed(6)
for kind, shape in [(nn.BatchNorm1d, (6, 3)), (nn.BatchNorm2d, (2, 3, 4, 5))]:
    name = f"BatchNorm: as nn.{kind.__name__},"
    twin, mine = kind(3), BatchNorm(3)
    batches = [2 * torch.randn(shape, generator=generator) + 1 for _ in range(2)]
    douts = [torch.randn(shape, generator=generator) for _ in range(2)]
    xs = [x.clone().requires_grad_() for x in batches]
    expected = [twin(x) for x in xs]
    torch.autograd.backward(expected, douts)
    outs, dxs, gradients, state = train_layer(mine, batches, douts)
    expect(f"{name} two training batches", outs, [out.detach() for out in expected])
    expect(f"{name} gradients of x", dxs, [x.grad for x in xs])
    expect(f"{name} gradients of weight and bias", gradients, [twin.weight.grad, twin.bias.grad])
    expect(f"{name} running_mean", state["running_mean"], twin.running_mean)
    expect(f"{name} running_var", state["running_var"], twin.running_var)
    expect(f"{name} num_batches_tracked", int(state["num_batches_tracked"]), 2)
    mine.eval()
    expect(
        f"{name} one sample in eval mode",
        mine(batches[0][:1]),
        twin.eval()(batches[0][:1]).detach(),
    )

# %% [markdown] hint BatchNorm
# Over which axes does a channel's mean run for (N, C), and over which for (N, C, H, W)? To use
# numbers of shape (C,) with the second, give them the shape (1, C, 1, 1). How many numbers does a
# variance then divide by? Write eval mode first: it is the shorter half.

# %% check BatchNorm points=4

# %% [markdown]
# ## 5 Does it help?
#
# *Lecture: "Makes deep networks much easier to train! Allows higher learning rates, faster
# convergence. Networks become more robust to initialization."*
#
# Strong claims; let us test them. We take three spirals, a network of eight layers with 32 units
# each, and plain gradient descent on all 240 points, 100 steps. We train it for every pair of a
# learning rate and a scale of the initial weights (1 is He's initialisation, which was designed
# for networks without normalisation), with your `BatchNorm` between layer and ReLU and without it:
# 84 networks. That takes about 20 seconds on two cores.


# %% train figure id=experiment
def spirals(per_class=80, classes=3, seed=0):
    """Return points on three spirals, (240, 2), and which spiral each is from, (240,)."""
    generator = torch.Generator().manual_seed(seed)
    radius = torch.linspace(0.1, 1, per_class)
    points = []
    for k in range(classes):
        angle = 4.5 * radius + 2 * np.pi * k / classes
        angle = angle + 0.15 * torch.randn(per_class, generator=generator)
        points.append(2 * torch.stack([radius * angle.sin(), radius * angle.cos()], dim=1))
    return torch.cat(points), torch.arange(classes).repeat_interleave(per_class)


def deep_network(scale, normalised, width=32, depth=7, seed=0):
    """Return a deep fully connected network; scale multiplies He's initial weights."""
    torch.manual_seed(seed)
    layers, wide = [], 2
    for _ in range(depth):
        layers.append(nn.Linear(wide, width))
        nn.init.normal_(layers[-1].weight, std=scale * (2 / wide) ** 0.5)
        nn.init.zeros_(layers[-1].bias)
        layers += [BatchNorm(width), nn.ReLU()] if normalised else [nn.ReLU()]
        wide = width
    return nn.Sequential(*layers, nn.Linear(width, 3))


def train(model, x, labels, lr, steps=100):
    """Train by gradient descent on the whole set; return the losses."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(steps):
        loss = nn.functional.cross_entropy(model(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if not np.isfinite(losses[-1]):
            break
    return losses + [np.nan] * (steps - len(losses))


device = "cuda" if torch.cuda.is_available() else "cpu"
rates = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]
scales = [0.1, 0.25, 0.5, 1.0, 2.0, 4.0]
curves = {}
with once_written("BatchNorm"):
    BatchNorm(2)  # if it is not written yet, say so at once
    points, labels = (t.to(device) for t in spirals())
    began = time.perf_counter()
    for normalised in (False, True):
        for scale in scales:
            for lr in rates:
                model = deep_network(scale, normalised).to(device)
                curves[normalised, scale, lr] = train(model, points, labels, lr)
                done = len(curves) / 84
                bar = ("#" * int(30 * done)).ljust(30, ".")
                seconds = time.perf_counter() - began
                print(f"\r[{bar}] {len(curves)} of 84 networks, {seconds:.0f} s", end="")
    print()

# %% figure "Final losses over learning rate and initial scale"
if len(curves) == 84:
    fig, axes = plt.subplots(1, 3, figsize=(13.5, 4.3), width_ratios=[10, 10, 9])
    for ax, normalised in zip(axes, (False, True), strict=False):
        final = np.array([[np.mean(curves[normalised, s, r][-5:]) for r in rates] for s in scales])
        shown = np.where(np.isfinite(final), final, np.inf).clip(0, 1.2)
        image = ax.imshow(shown, cmap="Blues_r", vmin=0, vmax=1.2, origin="lower")
        for (i, j), value in np.ndenumerate(final):
            text = f"{value:.2f}" if value < 10 else ("\N{INFINITY}" if not value < 1e4 else ">10")
            ax.text(
                j,
                i,
                text,
                ha="center",
                va="center",
                fontsize=10,
                color="white" if shown[i, j] < 0.6 else INK,
            )
        ax.set_xticks(range(len(rates)), [f"{r:g}" for r in rates])
        ax.set_yticks(range(len(scales)), [f"{s:g}" for s in scales])
        ax.set(xlabel="learning rate", ylabel="initial scale")
        ax.set_title(("with" if normalised else "without") + " batch norm: final loss")
    for normalised, colour in ((False, RED), (True, BLUE)):
        for lr, style in ((0.03, ":"), (0.1, "--"), (0.3, "-")):
            label = f"lr {lr:g}, " + ("with" if normalised else "without")
            axes[2].plot(curves[normalised, 1.0, lr], style, color=colour, label=label, lw=1.6)
    axes[2].set(xlabel="step", ylabel="loss", ylim=(0, 1.9), title="scale 1, batch norm or not")
    axes[2].legend(
        fontsize=9, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.2), frameon=False
    )
    plt.show()

# %% [markdown]
# A loss of $\ln 3 = 1.10$ is that of guessing. Without batch norm (left) there is only a small
# island where the network learns at all: the scale has to be right to within a factor of two,
# *and* the learning rate has to fit. With batch norm (middle) every scale learns, over a range of
# learning rates from 0.1 to 3, and faster (right). Large weights only learn more slowly at small
# learning rates; why that is so is question 2 below.
#
# Batch norm does not rescue every learning rate, as the last column shows. And remember that this
# is one small network without any other help; with residual connections and careful
# initialisation, deep networks can do without.

# %% [markdown]
# ## 6 Gone at test time
#
# *Lecture: "During testing batchnorm becomes a linear operator! Can be fused with the previous
# fully-connected or conv layer."*
#
# In part 2 you saw that batch norm in eval mode is a straight line for each channel. The layer
# before it is usually a convolution, which is linear as well, and two linear steps are one (as in
# `compose_kernels`). The smallest case: a 1x1 convolution with weight 3 and bias 1, then batch
# norm with mean 4, variance 4, $\gamma = 10$, $\beta = 20$.
#
# $$10 \cdot \frac{(3x + 1) - 4}{2} + 20 = 5 \, (3x - 3) + 20 = 15 x + 5$$
#
# A convolution with weight 15 and bias 5 does both. In general, with the scale
# $a_c = \gamma_c / \sqrt{\sigma_c^2 + \varepsilon}$ of output channel $c$,
#
# $$w'_c = a_c \, w_c \qquad b'_c = a_c \, (b_c - \mu_c) + \beta_c$$
#
# A convolution without a bias has $b = 0$. (Before a batch norm it is usually created with
# `bias=False`, since subtracting the mean removes any bias.) A batch norm with `affine=False` has
# no $\gamma$ and $\beta$: its `weight` and `bias` are `None` and count as 1 and 0.
#
# **Your turn:** @ABOUT:fuse_conv_bn@.


# %% answer fuse_conv_bn minutes=25 level=medium
def fuse_conv_bn(conv, bn):
    """Return one convolution layer that does what conv, then bn do in eval mode.

        a = gamma / sqrt(running_var + eps)
        weight' = a * weight,  bias' = a * (bias - running_mean) + beta   (per output channel)

    conv: an nn.Conv2d with any stride, padding, dilation and groups, with a bias or without.
    bn: the nn.BatchNorm2d behind it; its weight and bias (gamma, beta) may be None.
    Returns a new nn.Conv2d with a bias; dtype and device of conv. conv and bn are not changed,
    and they stay in the mode (train or eval) that they are in.

    Lecture 7: "Batch Normalization: Test-Time".
    """
    ### BEGIN SOLUTION
    fused = copy.deepcopy(conv)
    gamma = 1.0 if bn.weight is None else bn.weight
    beta = 0.0 if bn.bias is None else bn.bias
    bias = 0.0 if conv.bias is None else conv.bias
    with torch.no_grad():
        scale = gamma / torch.sqrt(bn.running_var + bn.eps)
        fused.weight = nn.Parameter(conv.weight * scale.view(-1, 1, 1, 1))
        fused.bias = nn.Parameter(scale * (bias - bn.running_mean) + beta)
    return fused
    ### END SOLUTION


# %% given helper_apart_and_fused
def apart_and_fused(fuse, affine=True, **options):
    """Return the outputs of a convolution and a batch norm, apart and fused."""
    torch.manual_seed(7)
    conv, bn = nn.Conv2d(4, 6, (3, 2), **options), nn.BatchNorm2d(6, affine=affine)
    for _ in range(20):  # some training, so that the running statistics are not 0 and 1
        bn(conv(2 * torch.randn(8, 4, 6, 7) + 1))
    for parameter in bn.parameters():
        nn.init.normal_(parameter)
    x = torch.randn(2, 4, 9, 8)
    with torch.no_grad():
        fused = fuse(conv, bn)
        if not isinstance(fused, nn.Conv2d):
            raise TypeError(f"fuse_conv_bn returned a {type(fused).__name__}, not an nn.Conv2d")
        after = fused(x)
        return bn.eval()(conv(x)), after


# %% try fuse_conv_bn
for options in (
    dict(),
    dict(bias=False),
    dict(affine=False),
    dict(stride=2, padding=1, groups=2),
):
    words = ", ".join(f"{name}={value}" for name, value in options.items()) or "a plain layer"
    apart, fused = apart_and_fused(fuse_conv_bn, **options)
    expect(f"fuse_conv_bn: the same outputs, {words}", fused, apart)

# %% [markdown] hint fuse_conv_bn
# Solve the 1x1 example by hand: 15 and 5. Then find the axis of the weight that belongs to the
# output channel; $a$ has to multiply along it. Try three cases: a convolution without a bias, a
# batch norm without $\gamma$ and $\beta$, and a convolution with a stride and groups.

# %% check fuse_conv_bn points=2.5

# %% figure "Two layers, one layer, the same picture"
with once_written("fuse_conv_bn"):
    row, col = np.mgrid[:40, :60]
    picture = 0.35 + 0.3 * (row > 22) + 0.25 * ((row - 14) ** 2 + (col - 15) ** 2 < 60)
    picture = picture + 0.3 * ((col > 32) & (col < 50) & (row > 12) & (row < 34))
    x = torch.tensor(picture, dtype=torch.float32)[None, None]
    conv, bn = nn.Conv2d(1, 2, 3, padding=1, padding_mode="replicate"), nn.BatchNorm2d(2)
    with torch.no_grad():
        conv.weight[0, 0] = torch.tensor([[1.0, 0.0, -1.0]] * 3)
        conv.weight[1, 0] = torch.tensor([[1.0, 0.0, -1.0]] * 3).T
        bn.weight.copy_(torch.tensor([1.0, 1.5]))
        for _ in range(60):
            bn(conv(x))
        bn.eval()
        fused = fuse_conv_bn(conv, bn)
        first, both, once = conv(x), bn(conv(x)), fused(x)
    fig, axes = plt.subplots(2, 4, figsize=(12, 4.3))
    draw_image(axes[0, 0], picture, "image")
    axes[1, 0].axis("off")
    gap = float((both - once).abs().max())
    axes[1, 0].text(0.5, 0.5, f"largest difference of\nthe last two columns:\n{gap:.0e}", ha="center",
                    va="center", transform=axes[1, 0].transAxes)  # fmt: skip
    titles = ["convolution", "then batch norm", "your fused layer"]
    for column, (title, maps) in enumerate(zip(titles, (first, both, once), strict=True), start=1):
        for c in range(2):
            std = float(maps[0, c].std())
            draw_image(axes[c, column], maps[0, c], title if c == 0 else "", signed=True, top=5)
            axes[c, column].set_xlabel(f"std {std:.2f}", fontsize=10)
    plt.show()

# %% [markdown]
# This is "zero overhead at test-time": before a trained network runs on a phone, all its batch
# norms are fused away.

# %% [markdown]
# ## 7 A very common source of bugs
#
# *Lecture: "Behaves differently during training and testing: this is a very common source of
# bugs! One hacky solution is to freeze batchnorm parameters."*
#
# You take a network that was trained on millions of images and want to train it further on a few
# of your own. With batches of 2 or 4 images, the batch norm layers would replace good running
# statistics by noisy ones. So freeze them: they should use their running statistics as in eval
# mode, and nothing in them should change any more. Two things stand in the way.
#
# - $\gamma$ and $\beta$ are parameters, and the optimizer moves them. With `weight_decay` it
#   shrinks a parameter even where its gradient is zero. It leaves alone what has no gradient at
#   all: that is what `requires_grad_(False)` is for.
# - Putting the layers into eval mode is not enough. Every epoch starts with `model.train()`, which
#   calls `train()` on each layer inside, and they are back in training mode. So a frozen layer has
#   to react differently to `train()`. (A Python object can have a method of its own: after
#   `layer.train = something`, a call of `layer.train(...)` goes there.)
#
# **Your turn:** @ABOUT:freeze_batchnorm@.


# %% answer freeze_batchnorm minutes=20 level=medium
def freeze_batchnorm(model):
    """Freeze all batch norm layers of a model, in place, and return the model.

    From now on, even after model.train(), nn.BatchNorm1d, nn.BatchNorm2d and nn.BatchNorm3d layers
    normalise with their running statistics, and training steps change neither those nor their
    weight and bias (gamma and beta), whatever the optimizer's momentum and weight decay. All other
    layers train as before; other normalisation layers, too.

    model: an nn.Module; its batch norm layers may sit anywhere inside, at any depth.
    Returns the same model.

    Lecture 7: "Batch Normalization" (a very common source of bugs).
    """
    ### BEGIN SOLUTION
    for layer in model.modules():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
            layer.eval()
            layer.train = lambda mode=True, layer=layer: layer  # called by model.train()
            for parameter in layer.parameters():
                parameter.requires_grad_(False)
    return model
    ### END SOLUTION


# %% given helper_fine_tune
def fine_tune(freeze, steps=3):
    """Freeze a small network's batch norm, train it, and return what has changed."""
    torch.manual_seed(9)
    block = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.ReLU())
    model = nn.Sequential(block, nn.Flatten(), nn.Linear(12, 4), nn.BatchNorm1d(4))
    images = torch.randn(8, 2, 4, 4) + 1
    model(images)
    returned = freeze(model)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(learning, lr=0.1, weight_decay=0.1)
    for _ in range(steps):
        model.train()
        optimizer.zero_grad()
        model(images).pow(2).mean().backward()
        optimizer.step()
    model.train()
    trained = model(images).detach()
    changed = sorted(
        name for name, value in model.state_dict().items() if not torch.equal(value, before[name])
    )
    return returned is model, changed, trained, model.eval()(images).detach()


# %% try freeze_batchnorm
same, changed, in_training, in_eval = fine_tune(freeze_batchnorm)
expect("freeze_batchnorm: it returns the model", same, True)
expect(
    "freeze_batchnorm: after three training steps, only these have changed",
    changed,
    ["0.0.bias", "0.0.weight", "2.bias", "2.weight"],
)
expect("freeze_batchnorm: the same output in training and in eval mode", in_training, in_eval)

# %% [markdown] hint freeze_batchnorm
# There are two problems, so solve them one after the other. Which switch hides a parameter from
# the optimizer? Then print `layer.training` after `model.train()`: who changed it? What should a
# frozen layer do instead when its `train` is called? `model.modules()` finds layers at any depth.

# %% check freeze_batchnorm points=2


# %% figure "Frozen, and frozen for one line only"
def eval_once(model):
    """Call eval() once, which is not enough."""
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm1d):
            layer.eval()


with once_written("freeze_batchnorm"):
    ways = {
        "nothing done": (lambda model: model, ORANGE, 4, 0.5),
        "eval() once, before training": (eval_once, RED, 1.5, 1.0),
        "your freeze_batchnorm": (freeze_batchnorm, BLUE, 2.5, 1.0),
    }
    fig, axes = plt.subplots(1, 2, figsize=(12, 3.5))
    for name, (prepare, colour, width, alpha) in ways.items():
        torch.manual_seed(8)
        model = nn.Sequential(nn.BatchNorm1d(1), nn.Linear(1, 1))
        nn.init.constant_(model[0].running_mean, 4.0)
        nn.init.constant_(model[0].running_var, 4.0)
        prepare(model)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05, weight_decay=0.1)
        track = []
        for _ in range(80):
            model.train()
            x = 4 + 2 * torch.randn(2, 1)
            optimizer.zero_grad()
            (model(x) - x).pow(2).mean().backward()
            optimizer.step()
            track.append((float(model[0].running_mean), model[0].weight.item()))
        for ax, values in zip(axes, np.array(track).T, strict=True):
            ax.plot(values, color=colour, lw=width, alpha=alpha, label=name)
    axes[0].set(xlabel="step", title="running mean, with batches of two", ylim=(2.2, 5.4))
    axes[1].set(xlabel="step", title=r"$\gamma$")
    axes[0].legend(frameon=False, loc="lower left", ncols=2, fontsize=10)
    plt.show()

# %% [markdown]
# A batch of two says little about the mean, and the running mean follows its noise. The two wrong
# ways give one and the same curve: `model.train()` at the start of the next step undoes `eval()`.
#
# ## 8 Along the row
#
# *Lecture: "Layer Normalization".*
#
# Batch norm needs a batch, a large one, and two modes. All of that goes away if we average along
# the other axis: each **sample** is normalised with the mean and variance of its own features. The
# sample $(1, 3, 4, 5, 7)$, now a row, becomes $(-1.5, -0.5, 0, 0.5, 1.5)$, alone or in company, in
# training or at test time. $\gamma$ and $\beta$ stay what they were: one number for each feature. In
# the picture, numbers of one colour share a mean.
#
# **Your turn:** @ABOUT:layer_norm@.

# %% figure "Columns or rows"
values = np.array([[1, 10, 2], [3, 30, 9], [4, 40, 4], [5, 50, 7], [7, 70, 3]])
fig, axes = plt.subplots(1, 2, figsize=(10.5, 3.9))
shades = ["#9ecae8", "#f3c79f", "#a6dcc8", "#e3bfd3", "#d3dae1"]
for ax, axis, title in zip(axes, (1, 0), ("batch norm", "layer norm"), strict=True):
    fills = [[shades[(i, j)[axis]] for j in range(3)] for i in range(5)]
    draw_numbers(ax, values, title, fills=fills, room=(6, 7))
    ax.text(-0.8, 4.95, "learned", ha="right", va="center", color=INK, fontsize=10)
    for k in range(3):
        text = rf"$\gamma_{k}, \beta_{k}$"
        ax.text(k, 4.95, text, ha="center", va="center", color=INK, fontsize=11)
    if axis == 1:
        ax.text(-0.8, 5.55, "mean", ha="right", va="center", color=INK, fontsize=10)
        for k in range(3):
            mean = f"{values[:, k].mean():.3g}"
            ax.text(k, 5.55, mean, ha="center", va="center", color=INK, fontsize=10)
    else:
        ax.text(3.2, -0.8, "mean", ha="center", va="center", color=INK, fontsize=10)
        for k in range(5):
            mean = f"{values[k].mean():.3g}"
            ax.text(3.2, k, mean, ha="center", va="center", color=INK, fontsize=10)
    ax.set_ylim(5.9, -1.5)
plt.show()


# %% answer layer_norm minutes=10 level=easy
def layer_norm(x, gamma, beta, eps=1e-5):
    """Return x, each sample normalised with the mean and variance of its own features.

        out = gamma * (x - mean) / sqrt(var + eps) + beta      (biased variance)

    x: (N, D), D > 1; gamma, beta: (D,); floats of one dtype.
    Returns out: (N, D), dtype and device of x.

    Lecture 7: "Layer Normalization". Ba, Kiros and Hinton 2016.
    """
    ### BEGIN SOLUTION
    mean = x.mean(dim=1, keepdim=True)
    var = ((x - mean) ** 2).mean(dim=1, keepdim=True)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
    ### END SOLUTION


# %% try layer_norm
row = torch.tensor([[1.0, 3.0, 4.0, 5.0, 7.0]])
by_hand = torch.tensor([[-1.5, -0.5, 0.0, 0.5, 1.5]])
out = layer_norm(row, torch.ones(5), torch.zeros(5))
expect("layer_norm: one sample, by hand", out, by_hand, atol=1e-3)

generator = torch.Generator().manual_seed(10)
x = 3 * torch.randn(6, 4, generator=generator) + 1
twin = nn.LayerNorm(4)
expect(
    "layer_norm: as nn.LayerNorm does it",
    layer_norm(x, torch.ones(4), torch.zeros(4)),
    twin(x).detach(),
)

# %% [markdown] hint layer_norm
# Take your line for $\hat x$ in `batchnorm_train`: which axis changes? Print the shape of the
# mean. It has to be subtracted from rows, so it must keep an axis: what does `keepdim=True` do?
# $\gamma$ and $\beta$ still belong to the columns.

# %% check layer_norm points=2

# %% [markdown]
# ## 9 One image, one channel
#
# *Lecture: "Instance Normalization", "Comparison of Normalization Layers".*
#
# For images there is more to choose from: a number in $N \times C \times H \times W$ belongs to an
# image, a channel and a place. **Instance norm** takes each channel of each image by itself, and
# its mean is over $H \times W$ only. A map that is 1 in its upper half and 5 in its lower half has
# mean 3 and standard deviation 2, so it becomes $-1$ and $1$. A map of 10 and 50, the same picture
# with more contrast, becomes $-1$ and $1$ as well. Brightness and contrast are gone, the shapes
# stay. Networks that change the *style* of a photograph rely on this.
#
# **Your turn:** @ABOUT:instance_norm@.


# %% answer instance_norm minutes=10 level=easy
def instance_norm(x, gamma, beta, eps=1e-5):
    """Return x, each channel of each image normalised with its own mean and variance.

        out = gamma * (x - mean) / sqrt(var + eps) + beta      (biased variance)

    x: (N, C, H, W), H * W > 1; gamma, beta: (C,), one for each channel; floats of one dtype.
    Returns out: (N, C, H, W), dtype and device of x.

    Lecture 7: "Instance Normalization". Ulyanov, Vedaldi and Lempitsky 2016.
    """
    ### BEGIN SOLUTION
    mean = x.mean(dim=(2, 3), keepdim=True)
    var = ((x - mean) ** 2).mean(dim=(2, 3), keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma.view(-1, 1, 1) * x_hat + beta.view(-1, 1, 1)
    ### END SOLUTION


# %% try instance_norm
x = torch.tensor([[[[1.0, 1.0], [5.0, 5.0]], [[10.0, 10.0], [50.0, 50.0]]]])
half = torch.tensor([[-1.0, -1.0], [1.0, 1.0]])
by_hand = torch.stack([half, half])[None]
out = instance_norm(x, torch.ones(2), torch.zeros(2))
expect("instance_norm: two channels, by hand", out, by_hand, atol=1e-3)

generator = torch.Generator().manual_seed(12)
x = 3 * torch.randn(2, 3, 4, 5, generator=generator) + 1
expect(
    "instance_norm: as nn.InstanceNorm2d does it",
    instance_norm(x, torch.ones(3), torch.zeros(3)),
    nn.InstanceNorm2d(3)(x),
)

# %% [markdown] hint instance_norm
# Which of the four axes share a mean? Keep those axes in the mean's shape. Then $\gamma$, with
# shape (C,), must multiply along the channel axis: which shape does it need?

# %% check instance_norm points=1.5

# %% figure "The same picture in a different light"
with once_written("instance_norm"):
    row, col = np.mgrid[:60, :80]
    sky = np.stack([0.55 + 0.002 * row, 0.72 + 0.001 * row, 0.9 - 0.001 * row], axis=-1)
    ground = (row > 38 + 4 * np.sin(col / 11))[..., None]
    scenery = np.where(ground, [0.35, 0.55, 0.25], sky)
    sun = ((row - 14) ** 2 + (col - 60) ** 2 < 70)[..., None]
    scenery = np.where(sun, [1.0, 0.85, 0.35], scenery)
    house = ((row > 24) & (row < 46) & (col > 14) & (col < 36))[..., None]
    scenery = np.where(house, [0.85, 0.75, 0.62], scenery)
    roof = ((row <= 24) & (row > 24 - 14 + abs(col - 25)))[..., None]
    scenery = np.where(roof, [0.65, 0.2, 0.15], scenery)
    lights = {
        "noon": scenery,
        "dusk": scenery * [0.55, 0.35, 0.45] + [0.05, 0.0, 0.08],
        "fog": 0.25 * scenery + 0.6,
    }
    x = torch.tensor(np.stack(list(lights.values())), dtype=torch.float32).permute(0, 3, 1, 2)
    out = instance_norm(x, 0.18 * torch.ones(3), 0.5 * torch.ones(3))
    gap = float((out - out[:1]).abs().max())
    fig, axes = plt.subplots(2, 3, figsize=(10, 5.2))
    for k, name in enumerate(lights):
        draw_image(axes[0, k], lights[name], name)
        draw_image(axes[1, k], out[k].permute(1, 2, 0).clamp(0, 1), f"{name}, your instance norm")
    plt.show()
    print(f"largest difference between the normalised pictures: {gap:.0e}")

# %% [markdown]
# ## 10 Groups of channels
#
# *Lecture: "Group Normalization".*
#
# Between one channel and all channels there is a middle way: split the $C$ channels into $G$
# groups of neighbours, and normalise each group of each image over its $C/G$ channels and all
# places. With 6 channels and 2 groups, channels 0, 1, 2 share one mean and channels 3, 4, 5
# another. $G = C$ is instance norm; $G = 1$ normalises an image as a whole. It does not use the
# batch, so it works with two images as well as with two hundred. Here they are side by side:

# %% figure "Which numbers share a mean"
chosen = {
    "batch norm": lambda n, c: c == 5,
    "layer norm": lambda n, c: n == 0,
    "instance norm": lambda n, c: n == 0 and c == 5,
    "group norm": lambda n, c: n == 0 and c >= 3,
}
fig = plt.figure(figsize=(13, 3.5), layout="none")
for k, (title, rule) in enumerate(chosen.items()):
    ax = fig.add_axes([0.045 + 0.24 * k, -0.04, 0.235, 0.92], projection="3d")
    draw_cube(ax, rule, title)
plt.show()

# %% [markdown]
# Blue: numbers that share a mean and a variance. In all four, $\gamma$ and $\beta$ belong to a
# feature or channel, no matter which numbers share the mean. (For images, the lecture's layer norm
# goes over $C$, $H$ and $W$, as drawn here; yours in part 8 is for $N \times D$.)
#
# **Your turn:** @ABOUT:group_norm@.


# %% answer group_norm minutes=15 level=medium
def group_norm(x, num_groups, gamma, beta, eps=1e-5):
    """Return x, each group of channels of each image normalised with its own mean and variance.

        out = gamma * (x - mean) / sqrt(var + eps) + beta      (biased variance)

    Groups are of neighbours: with C = 6 and num_groups = 2, channels 0, 1, 2 and channels 3, 4, 5.

    x: (N, C, H, W); num_groups: an integer that divides C; gamma, beta: (C,), one for each channel;
    floats of one dtype. A group has more than one number.
    Returns out: (N, C, H, W), dtype and device of x.

    Lecture 7: "Group Normalization". Wu and He 2018.
    """
    ### BEGIN SOLUTION
    N, C, H, W = x.shape
    groups = x.reshape(N, num_groups, C // num_groups, H, W)
    mean = groups.mean(dim=(2, 3, 4), keepdim=True)
    var = ((groups - mean) ** 2).mean(dim=(2, 3, 4), keepdim=True)
    x_hat = ((groups - mean) / torch.sqrt(var + eps)).reshape(N, C, H, W)
    return gamma.view(-1, 1, 1) * x_hat + beta.view(-1, 1, 1)
    ### END SOLUTION


# %% try group_norm
x = torch.tensor([1.0, 5.0, 10.0, 50.0]).view(1, 4, 1, 1)
by_hand = torch.tensor([-1.0, 1.0, -1.0, 1.0]).view(1, 4, 1, 1)
out = group_norm(x, 2, torch.ones(4), torch.zeros(4))
expect("group_norm: four channels in two groups, by hand", out, by_hand, atol=1e-3)

generator = torch.Generator().manual_seed(13)
x = 3 * torch.randn(2, 6, 4, 5, generator=generator) + 1
for num_groups in (1, 2, 3, 6):
    expect(
        f"group_norm: as nn.GroupNorm does it, {num_groups} groups of 6 channels",
        group_norm(x, num_groups, torch.ones(6), torch.zeros(6)),
        nn.GroupNorm(num_groups, 6)(x).detach(),
    )

# %% [markdown] hint group_norm
# Split the channel axis in two, (N, G, C/G, H, W). Over which of the five axes does a group's mean
# run? $\gamma$ and $\beta$ come after you are back in the old shape. With $G = C$ you must get a
# function that you have written already.

# %% check group_norm points=2

# %% [markdown]
# ## 11 Two open questions
#
# A few sentences each. These are read by a person; @POINTS:two_modes@ points each.
#
# **Question 1: two modes, two bugs.** (a) A friend evaluates her network, which has batch norm, on
# its training images in batches of 64. Shuffled, 97% are right. Then she reads the same images
# from folders, so that they arrive sorted by class, and 35% are right; the weights have not
# changed in between. What has she forgotten, and why does the order matter in that case? (b) She
# fixes that. Then she trains the network further with batches of 2: the training loss is fine, but
# `evaluate` reports poor accuracy, on training images too. Explain, and name two different
# remedies.

# %% [markdown] question two_modes points=1.5 minutes=15
# ### BEGIN SOLUTION
# (a) She forgot `model.eval()`, so the layers normalise with the statistics of each batch. In a
# shuffled batch those are about the statistics of all classes, as in training. In a batch of cats
# they are those of cats: subtracting the mean takes away just what tells cats from other classes.
# (In eval mode the answer for an image does not depend on the others, so the order cannot matter.)
#
# (b) While training, each layer normalises with the statistics of two images, which are very
# noisy, and the network adapts to outputs made like that. In eval mode the layers use the running
# averages, which describe something else: the average over noisy batches, and the average of a
# ratio is not the ratio of averages. The two modes compute different functions. Remedies (two of):
# larger batches; freeze the batch norm layers at their old statistics; group or layer norm, which
# does not use the batch; afterwards re-estimate the running statistics on large batches, or use a
# smaller momentum.
#
# Grading: half a point for "eval mode forgotten", with what the statistics of a sorted batch do;
# half for the mismatch between noisy batch statistics and running statistics; half for two remedies.
# ### END SOLUTION

# %% [markdown]
# **Question 2: why the scale does not matter.** A convolution is followed by batch norm in training
# mode ($\varepsilon = 0$). (a) All weights of the convolution are multiplied by 10. What happens to
# the output of the batch norm, and what does that say about the rows of the right-hand heat map in
# part 5? (b) What happens to the gradient of the loss with respect to those weights? (Hint: for
# $f(10w) = f(w)$, differentiate both sides.) (c) Why is a bias in the convolution useless?

# %% [markdown] question scale points=1.5 minutes=15
# ### BEGIN SOLUTION
# (a) Mean and standard deviation of each channel become 10 times as large as well, so the output
# of the batch norm stays the same. Networks that differ only in the scale of their initial weights
# start as the same function: this is why the rows of the heat map with batch norm are so alike.
#
# (b) From $f(10 w) = f(w)$ follows $10 \, f'(10 w) = f'(w)$: the gradient is ten times smaller.
# Relative to the weights a step of the same learning rate is 100 times smaller: large weights
# learn slowly (upper rows need a larger learning rate) and cannot explode: the larger they grow,
# the smaller their steps.
#
# (c) A bias adds the same number to all values of a channel, and the mean takes it out again: the
# output does not depend on it, and its gradient is 0. $\beta$ does the job of a bias.
#
# Grading: half a point each. (a) needs the output and the link to the rows. In (b) a factor 1/10
# is enough. In (c) "the mean takes it out".
# ### END SOLUTION

# %% [markdown]
# ## If you want more
#
# No points, nothing to hand in, and harder than the rest.
#
# - **RMS norm**, the layer norm of many language models: no mean is subtracted, and rows are
#   divided by $\sqrt{\text{mean}(x^2) + \varepsilon}$, then scaled by $\gamma$. It is right when
#   it equals `nn.functional.rms_norm(x, (D,), gamma, eps)`. Which of the two invariances, to shift
#   and to scale, is left?
# - **Layer norm, the way back.** Derive `dx`, `dgamma` and `dbeta` for your `layer_norm` from part
#   3: what runs along rows now, and where does $\gamma$ stand? It is right when it equals
#   `torch.autograd.grad` through your `layer_norm` in float64, to 1e-9.
# - **No momentum.** With `momentum=None`, PyTorch's running statistics are the plain average over
#   all batches so far. Add that to your `BatchNorm`. It is right when its `state_dict` equals that
#   of `nn.BatchNorm1d(3, momentum=None)` after five batches of different sizes.

# %% [markdown]
# ## What you know now
#
# - Normalising is subtracting a mean and dividing by $\sqrt{\sigma^2 + \varepsilon}$; $\gamma$ and
#   $\beta$ let the network undo it where it should.
# - Batch norm has two modes. In training the samples of a batch see each other; at test time
#   running statistics make it a straight line for each channel, which can be fused with the
#   convolution in front.
# - Its gradient is what is left of the upstream gradient after the best straight line in $\hat x$
#   is subtracted.
# - It makes training robust to the scale of the weights and allows larger learning rates. The
#   price: small batches, forgotten `eval()` and drifting statistics.
# - The relatives differ in which numbers share a mean: batch norm a channel of all images, layer
#   norm an image, instance norm a channel of an image, group norm some channels of an image.
#
# **Before you hand in:** restart the kernel, run all cells, save the notebook, and run the next
# cell. It checks that all graded cells are there and which visible tests pass, and packs the one
# file to hand in. If the other notebooks of the assignment lie in the same folder, the file holds
# them too.

# %% hand-in "Check the notebook and pack it"
from shared.hand_in import check_and_pack

check_and_pack("03_normalization", "@GRADED_CELLS@", (), "@ASSIGNMENT@", "@NOTEBOOKS@")

# %% [markdown]
# **Further reading**
#
# - *Dive into Deep Learning*,
#   [section 8.5, Batch Normalization](https://d2l.ai/chapter_convolutional-modern/batch-norm.html)
# - Ioffe and Szegedy, [Batch Normalization](https://arxiv.org/abs/1502.03167), the paper that
#   started it
# - Santurkar and others,
#   [How Does Batch Normalization Help Optimization?](https://arxiv.org/abs/1805.11604): it is not
#   the internal covariate shift
# - Wu and He, [Group Normalization](https://arxiv.org/abs/1803.08494)
#
# Next: LeNet, a whole network.
