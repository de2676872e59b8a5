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
# # Convolution from scratch

# %% tags=["setup"] nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import operator
import time
from contextlib import contextmanager

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn


def expect(what, got, expected, atol=None):
    """Print one line when got equals expected; otherwise raise an AssertionError that says how they differ."""
    problem = difference(got, expected, atol)
    if problem:
        raise AssertionError(f"{what}\n{problem}")
    print(f"ok   {what}")


def difference(got, expected, atol=None):
    """Say in words how got differs from expected; an empty string when it does not."""
    if got is None:
        return "  got None: does every path through your function end in a return?"
    if isinstance(expected, torch.Tensor):
        return tensor_difference(got, expected, atol)
    if isinstance(expected, tuple):
        if not isinstance(got, (tuple, list)) or len(got) != len(expected):
            return f"  got {got!r}\n  expected {len(expected)} values: {expected!r}"
        pairs = [difference(g, e, atol) for g, e in zip(got, expected, strict=True)]
        return "\n".join(f"  in value {i}:\n{text}" for i, text in enumerate(pairs) if text)
    try:
        same = operator.index(got) == expected
    except TypeError:
        return f"  got {got!r}, a {type(got).__name__}; expected the integer {expected!r}"
    return "" if same else f"  got {got!r}, expected {expected!r}"


def tensor_difference(got, expected, atol=None):
    """The same for tensors: first the type, then shape and dtype, then the values."""
    if not isinstance(got, torch.Tensor):
        return f"  got a {type(got).__name__}, expected a torch.Tensor"
    for name in ("shape", "dtype"):
        mine, theirs = getattr(got, name), getattr(expected, name)
        if mine != theirs:
            pretty = (tuple(mine), tuple(theirs)) if name == "shape" else (mine, theirs)
            return "  {}: got {}, expected {}".format(name, *pretty)
    double = expected.dtype == torch.float64
    rtol, tiny = (0.0, atol) if atol is not None else (1e-7, 1e-9) if double else (1e-4, 1e-5)
    got = got.detach().cpu()
    error = (got - expected).abs()
    wrong = ~(error <= tiny + rtol * expected.abs())  # a nan is wrong too
    if not wrong.any():
        return ""
    worst = int(torch.where(error.isnan(), torch.inf, error).argmax())
    at = [int(i) for i in np.unravel_index(worst, error.shape)]
    lines = []
    if expected.numel() <= 36:
        lines += [f"  got      {got.tolist()}", f"  expected {expected.tolist()}"]
    lines.append(
        f"  {int(wrong.sum())} of {wrong.numel()} numbers are wrong; the largest error is "
        f"{error.flatten()[worst]:.4g} at {at}: "
        f"got {got.flatten()[worst]:.6g}, expected {expected.flatten()[worst]:.6g}"
    )
    return "\n".join(lines)


# %% [markdown]
# ## Cross-correlation

# %% exercise="corr2d" nbgrader={"grade": false, "grade_id": "corr2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
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


# %% exercise="corr2d" nbgrader={"grade": true, "grade_id": "test_corr2d", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
X = torch.arange(9.0).reshape(3, 3)
K = torch.arange(4.0).reshape(2, 2)
expect("corr2d: the lecture's example", corr2d(X, K), torch.tensor([[19.0, 25.0], [37.0, 43.0]]))

X = torch.tensor([[1.0, 1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 0.0, 0.0]])
K = torch.tensor([[1.0, -1.0]])
edges = torch.tensor([[0.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
expect("corr2d: a 1x2 kernel finds the edge of a 3x5 image", corr2d(X, K), edges)
### BEGIN HIDDEN TESTS
### END HIDDEN TESTS


# %% [markdown]
# ## Where is Waldo?

# %% exercise="find_template" nbgrader={"grade": false, "grade_id": "find_template", "locked": false, "schema_version": 3, "solution": true, "task": false}
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


# %% exercise="find_template" nbgrader={"grade": true, "grade_id": "test_find_template", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
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
### BEGIN HIDDEN TESTS
### END HIDDEN TESTS


# %% [markdown]
# ## The convolution layer

# %% exercise="conv_param_count" nbgrader={"grade": false, "grade_id": "conv_param_count", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_param_count(c_in, c_out, k_h, k_w, bias=True):
    """Return how many numbers a convolution layer learns.

    Each of the c_out filters has c_in * k_h * k_w weights, and one bias when bias is True.

    All sizes are positive integers. Returns an integer.

    Lecture 7: "Convolution Layer", "Convolution Example".
    """
    ### BEGIN SOLUTION
    return c_out * (c_in * k_h * k_w + (1 if bias else 0))
    ### END SOLUTION


# %% exercise="conv_param_count" nbgrader={"grade": true, "grade_id": "test_conv_param_count", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
expect("conv_param_count: six 3x5x5 filters and their biases", conv_param_count(3, 6, 5, 5), 456)
expect("conv_param_count: the lecture's ten 3x5x5 filters", conv_param_count(3, 10, 5, 5), 760)
expect("conv_param_count: without biases", conv_param_count(3, 10, 5, 5, bias=False), 750)
### BEGIN HIDDEN TESTS
### END HIDDEN TESTS


# %% [markdown]
# ## Stacking convolutions

# %% exercise="compose_kernels" nbgrader={"grade": false, "grade_id": "compose_kernels", "locked": false, "schema_version": 3, "solution": true, "task": false}
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


# %% exercise="compose_kernels" nbgrader={"grade": true, "grade_id": "test_compose_kernels", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
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
### BEGIN HIDDEN TESTS
### END HIDDEN TESTS


# %% [markdown]
# ## What do filters learn?

# %% exercise="learn_kernel" nbgrader={"grade": false, "grade_id": "learn_kernel", "locked": false, "schema_version": 3, "solution": true, "task": false}
def learn_kernel(X, Y, kernel_size, steps=300, lr=0.1):
    """Return the kernel, found by gradient descent, that turns X into Y.

    Start anywhere; `steps` times: predict corr2d(X, K), take a loss that compares it with Y, follow
    the gradient downhill with step size lr. PyTorch's autograd may compute the gradient.

    X: (H, W) and Y: (H - K_H + 1, W - K_W + 1), floats of one dtype; kernel_size: the pair (K_H, K_W).
    Returns K: (K_H, K_W), dtype and device of X, detached: it no longer asks for gradients.
    Every number in K is within 0.05 of the true one (choose loss and lr so; lr=0.1 is only a start).

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


# %% exercise="learn_kernel" nbgrader={"grade": true, "grade_id": "test_learn_kernel", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
sobel = torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])
X = torch.randn(16, 16, generator=torch.Generator().manual_seed(7))
Y = sum(sobel[a, b] * X[a : a + 14, b : b + 14] for a in range(3) for b in range(3))
learned = learn_kernel(X, Y, (3, 3))
expect("learn_kernel: Sobel's edge detector, from one picture of noise", learned, sobel, atol=0.05)
expect("learn_kernel: the result is detached", learned.requires_grad, False)
### BEGIN HIDDEN TESTS
### END HIDDEN TESTS


# %% [markdown]
# ## A closer look at spatial dimensions

# %% exercise="conv_output_size" nbgrader={"grade": false, "grade_id": "conv_output_size", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_output_size(size, kernel, padding=0, stride=1):
    """Return how many positions a kernel takes along one axis.

        floor((size + 2 * padding - kernel) / stride) + 1

    All are integers; the kernel fits into the padded input. Returns an integer.

    Lecture 7: "A closer look at spatial dimensions", "Strided Convolution".
    """
    ### BEGIN SOLUTION
    return (size + 2 * padding - kernel) // stride + 1
    ### END SOLUTION


# %% exercise="conv_output_size" nbgrader={"grade": true, "grade_id": "test_conv_output_size", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
expect("conv_output_size: 7 pixels, kernel 3", conv_output_size(7, 3), 5)
expect("conv_output_size: 7 pixels, kernel 3, stride 2", conv_output_size(7, 3, stride=2), 3)
expect("conv_output_size: 32 pixels, kernel 5, padding 2", conv_output_size(32, 5, padding=2), 32)
expect("conv_output_size: 8 pixels, kernel 3, stride 2", conv_output_size(8, 3, stride=2), 3)
### BEGIN HIDDEN TESTS
### END HIDDEN TESTS


# %% [markdown]
# ## Receptive fields

# %% exercise="receptive_field" nbgrader={"grade": false, "grade_id": "receptive_field", "locked": false, "schema_version": 3, "solution": true, "task": false}
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


# %% exercise="receptive_field" nbgrader={"grade": true, "grade_id": "test_receptive_field", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
expect("receptive_field: one 3x3 layer", receptive_field([(3, 1)]), 3)
expect("receptive_field: three 3x3 layers, 1 + 3 * (3 - 1)", receptive_field([(3, 1)] * 3), 7)
expect("receptive_field: four 5x5 layers, 1 + 4 * (5 - 1)", receptive_field([(5, 1)] * 4), 17)
expect("receptive_field: 3x3 with stride 2, then 3x3", receptive_field([(3, 2), (3, 1)]), 7)
### BEGIN HIDDEN TESTS
### END HIDDEN TESTS


# %% [markdown]
# ## What does it cost?

# %% exercise="conv_mac_count" nbgrader={"grade": false, "grade_id": "conv_mac_count", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_mac_count(c_in, c_out, k_h, k_w, h_out, w_out):
    """Return the multiply-add operations that one image costs; the biases are not counted.

    Each of the c_out * h_out * w_out outputs is a dot product of c_in * k_h * k_w pairs.

    All sizes are positive integers. Returns an integer.

    Lecture 7: "Convolution Example".
    """
    ### BEGIN SOLUTION
    return c_out * h_out * w_out * c_in * k_h * k_w
    ### END SOLUTION


# %% exercise="conv_mac_count" nbgrader={"grade": true, "grade_id": "test_conv_mac_count", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
expect("conv_mac_count: the lecture's 10x32x32 output", conv_mac_count(3, 10, 5, 5, 32, 32), 768_000)
expect("conv_mac_count: not square", conv_mac_count(2, 4, 3, 5, 7, 11), 9_240)
### BEGIN HIDDEN TESTS
### END HIDDEN TESTS


# %% [markdown]
# ## The whole layer

# %% exercise="conv2d" nbgrader={"grade": false, "grade_id": "conv2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv2d(x, weight, bias=None, stride=1, padding=0):
    """Return the output of a convolution layer. Loops are welcome.

        out[n, c, i, j] = bias[c] + sum over k, a, b of
                          weight[c, k, a, b] * padded[n, k, i * stride + a, j * stride + b]

    where padded is x with `padding` zeros added on each of the four sides.

    x: (N, C_in, H, W), weight: (C_out, C_in, K_H, K_W), bias: (C_out,) or None, floats of one dtype.
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


# %% exercise="conv2d" nbgrader={"grade": true, "grade_id": "test_conv2d", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
x = torch.tensor(
    [[[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]], [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 1.0]]]]
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
### BEGIN HIDDEN TESTS
### END HIDDEN TESTS


# %% [markdown]
# ## The whole layer, fast

# %% exercise="conv2d_fast" nbgrader={"grade": false, "grade_id": "conv2d_fast", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    """Return what conv2d returns, without Python loops over positions, channels or the batch.

    Lay every window out as one row of a matrix (im2col); then one matrix product does all the work.
    A loop over the K_H * K_W taps of the kernel is fine.

    x: (N, C_in, H, W), weight: (C_out, C_in, K_H, K_W), bias: (C_out,) or None, floats of one dtype.
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


# %% exercise="conv2d_fast" nbgrader={"grade": true, "grade_id": "test_conv2d_fast", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
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
### BEGIN HIDDEN TESTS
### END HIDDEN TESTS


# %% [markdown]
# ## 1x1 convolution

# %% exercise="conv1x1" nbgrader={"grade": false, "grade_id": "conv1x1", "locked": false, "schema_version": 3, "solution": true, "task": false}
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


# %% exercise="conv1x1" nbgrader={"grade": true, "grade_id": "test_conv1x1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = torch.tensor([[[[1.0, 2.0, 3.0]], [[10.0, 20.0, 30.0]]]])
weight = torch.tensor([[1.0, 1.0], [1.0, 0.0], [0.0, -1.0]])
bias = torch.tensor([0.0, 0.5, 0.0])
expected = torch.tensor([[[[11.0, 22.0, 33.0]], [[1.5, 2.5, 3.5]], [[-10.0, -20.0, -30.0]]]])
expect("conv1x1: two channels become three", conv1x1(x, weight, bias), expected)
expect("conv1x1: and no bias", conv1x1(x, weight[:1]), expected[:, :1])
### BEGIN HIDDEN TESTS
### END HIDDEN TESTS


# %% [markdown]
# ## 1-D convolution

# %% exercise="conv1d" nbgrader={"grade": false, "grade_id": "conv1d", "locked": false, "schema_version": 3, "solution": true, "task": false}
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


# %% exercise="conv1d" nbgrader={"grade": true, "grade_id": "test_conv1d", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
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
### BEGIN HIDDEN TESTS
### END HIDDEN TESTS


# %% [markdown]
# ## 3-D convolution

# %% exercise="conv3d" nbgrader={"grade": false, "grade_id": "conv3d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv3d(x, weight, bias=None, stride=1, padding=0):
    """Return the 3-D convolution of x: three axes to slide along.

    x: (N, C_in, D, H, W), weight: (C_out, C_in, K_D, K_H, K_W), bias: (C_out,) or None, floats of one
    dtype. stride and padding are integers and hold for all three axes.
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


# %% exercise="conv3d" nbgrader={"grade": true, "grade_id": "test_conv3d", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
x = torch.arange(8.0).reshape(1, 1, 2, 2, 2)
weight = torch.tensor([-1.0, 1.0]).reshape(1, 1, 2, 1, 1)
expect("conv3d: the second slice minus the first", conv3d(x, weight), torch.full((1, 1, 1, 2, 2), 4.0))

generator = torch.Generator().manual_seed(2)
x = torch.randn(2, 2, 4, 5, 6, generator=generator)
weight = torch.randn(3, 2, 2, 3, 1, generator=generator)
bias = torch.randn(3, generator=generator)
expect(
    "conv3d: as PyTorch does it, stride 2, padding 1",
    conv3d(x, weight, bias, stride=2, padding=1),
    nn.functional.conv3d(x, weight, bias, stride=2, padding=1),
)
### BEGIN HIDDEN TESTS
### END HIDDEN TESTS


# %% [markdown]
# ## The backward pass

# %% exercise="conv2d_backward" nbgrader={"grade": false, "grade_id": "conv2d_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
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


# %% exercise="conv2d_backward" nbgrader={"grade": true, "grade_id": "test_conv2d_backward", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
x = torch.arange(9.0).reshape(1, 1, 3, 3)
weight = torch.arange(4.0).reshape(1, 1, 2, 2)
dx, dweight, dbias = conv2d_backward(torch.ones(1, 1, 2, 2), x, weight)
by_hand = torch.tensor([[[[0.0, 1.0, 1.0], [2.0, 6.0, 4.0], [2.0, 5.0, 3.0]]]])
expect("conv2d_backward: dx by hand", dx, by_hand)
expect("conv2d_backward: dweight by hand", dweight, torch.tensor([[[[8.0, 12.0], [20.0, 24.0]]]]))
expect("conv2d_backward: dbias by hand", dbias, torch.tensor([4.0]))

generator = torch.Generator().manual_seed(3)
x = torch.randn(2, 3, 6, 7, generator=generator)
weight = torch.randn(4, 3, 3, 2, generator=generator)
for stride, padding in [(1, 0), (1, 2), (2, 1)]:
    twins = [x.clone().requires_grad_(), weight.clone().requires_grad_(), torch.zeros(4, requires_grad=True)]
    out = nn.functional.conv2d(*twins, stride=stride, padding=padding)
    dout = torch.randn(out.shape, generator=generator)
    expect(
        f"conv2d_backward: as autograd does it, stride {stride}, padding {padding}",
        conv2d_backward(dout, x, weight, stride=stride, padding=padding),
        torch.autograd.grad(out, twins, dout),
    )
### BEGIN HIDDEN TESTS
### END HIDDEN TESTS


# %% [markdown]
# ## PyTorch's layer

# %% exercise="same_conv" nbgrader={"grade": false, "grade_id": "same_conv", "locked": false, "schema_version": 3, "solution": true, "task": false}
def same_conv(c_in, c_out, kernel_size):
    """Return PyTorch's convolution layer, set up so that the output is as high and as wide as the input.

    c_in, c_out: channels in and out; kernel_size: an odd integer. Stride 1, with bias.
    Returns an nn.Conv2d: (N, c_in, H, W) -> (N, c_out, H, W).

    Lecture 7: "PyTorch Convolution Layer", and "Common settings" in "Convolution Summary".
    """
    ### BEGIN SOLUTION
    return nn.Conv2d(c_in, c_out, kernel_size, padding=(kernel_size - 1) // 2)
    ### END SOLUTION


# %% exercise="same_conv" nbgrader={"grade": true, "grade_id": "test_same_conv", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
for kernel_size in (1, 3, 5):
    layer = same_conv(3, 8, kernel_size)
    expect(f"same_conv: kernel {kernel_size}, an nn.Conv2d", isinstance(layer, nn.Conv2d), True)
    expect("same_conv: its weights", tuple(layer.weight.shape), (8, 3, kernel_size, kernel_size))
    expect("same_conv: its output", tuple(layer(torch.zeros(2, 3, 6, 9)).shape), (2, 8, 6, 9))
### BEGIN HIDDEN TESTS
### END HIDDEN TESTS
