"""Answers to 01_convolution as students write them: right in other ways, and wrong in quiet ways.

Each answer is the text of one cell; ``RIGHT`` must earn everything, ``WRONG`` passes the visible
test and must not.
"""

from __future__ import annotations

RIGHT: dict[str, dict[str, str]] = {
    "corr2d": {
        "einsum over a view": """
def corr2d(X, K):
    h, w = K.shape
    windows = X.unfold(0, h, 1).unfold(1, w, 1)
    return torch.einsum("ijkl,kl->ij", windows, K)
""",
        "as_strided": """
def corr2d(X, K):
    X = X.contiguous()
    (H, W), (h, w) = X.shape, K.shape
    view = torch.as_strided(X, (H - h + 1, W - w + 1, h, w), (W, 1, W, 1))
    return (view * K).sum((-1, -2))
""",
        "numpy inside": """
def corr2d(X, K):
    x, k = X.detach().cpu().numpy(), K.detach().cpu().numpy()
    win = np.lib.stride_tricks.sliding_window_view(x, k.shape)
    return torch.from_numpy((win * k).sum(axis=(2, 3))).to(X.dtype)
""",
        "float64 inside, cast back, with prints, a warning and type hints": """
import warnings
from typing import Any


def _window(X: torch.Tensor, i: int, j: int, h: int, w: int) -> torch.Tensor:
    return X[i : i + h, j : j + w]


def corr2d(X: torch.Tensor, K: torch.Tensor, verbose: Any = None) -> torch.Tensor:
    print("shapes", X.shape, K.shape)
    warnings.warn("this is slow")
    h, w = K.shape
    rows = [
        torch.stack([(_window(X.double(), i, j, h, w) * K.double()).sum()
                     for j in range(X.shape[1] - w + 1)])
        for i in range(X.shape[0] - h + 1)
    ]
    return torch.stack(rows).to(X.dtype)
""",
        "one loop over the taps": """
def corr2d(X, K):
    out = 0
    H, W = X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1
    for a in range(K.shape[0]):
        for b in range(K.shape[1]):
            out = out + X[a:a + H, b:b + W] * K[a, b]
    return out
""",
    },
    "find_template": {
        "all windows at once": """
def find_template(image, template):
    h, w = template.shape
    win = image.unfold(0, h, 1).unfold(1, w, 1).double()
    win = win - win.mean((-1, -2), keepdim=True)
    t = (template - template.mean()).double()
    norms = win.flatten(2).norm(dim=2)
    score = (win * t).sum((-1, -2)) / norms.clamp_min(1e-9)
    i = score.flatten().argmax()
    return divmod(i.item(), score.shape[1])
""",
        "numpy integers come back": """
def find_template(image, template):
    im, t = image.numpy(), template.numpy()
    t = (t - t.mean()) / np.linalg.norm(t - t.mean())
    best = None
    for r in range(im.shape[0] - t.shape[0] + 1):
        for c in range(im.shape[1] - t.shape[1] + 1):
            p = im[r:r + t.shape[0], c:c + t.shape[1]]
            p = p - p.mean()
            s = (p * t).sum() / (np.linalg.norm(p) + 1e-8)
            if best is None or s > best[0]:
                best = (s, np.int64(r), np.int64(c))
    return best[1], best[2]
""",
    },
    "conv_output_size": {
        "math.floor": """
import math


def conv_output_size(size, kernel, padding=0, stride=1):
    return math.floor((size - kernel + 2 * padding) / stride) + 1
""",
        "by counting": """
def conv_output_size(size, kernel, padding=0, stride=1):
    return len(range(0, size + 2 * padding - kernel + 1, stride))
""",
    },
    "conv_param_count": {
        "from torch's own layer": """
def conv_param_count(c_in, c_out, k_h, k_w, bias=True):
    n = k_h * k_w * c_in
    if bias:
        n += 1
    return n * c_out
""",
    },
    "receptive_field": {
        "backwards": """
def receptive_field(layers):
    r = 1
    for k, s in reversed(layers):
        r = (r - 1) * s + k
    return r
""",
    },
    "conv2d": {
        "F.pad and einsum": """
import torch.nn.functional as F


def conv2d(x, weight, bias=None, stride=1, padding=0):
    xp = F.pad(x, (padding,) * 4)
    kh, kw = weight.shape[2:]
    win = xp.unfold(2, kh, stride).unfold(3, kw, stride)
    y = torch.einsum("nchwij,ocij->nohw", win, weight)
    return y if bias is None else y + bias[:, None, None]
""",
        "numpy padding and loops": """
def conv2d(x, weight, bias=None, stride=1, padding=0):
    a = np.pad(x.numpy(), ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    k = weight.numpy()
    N, C, H, W = a.shape
    O, _, kh, kw = k.shape
    oh, ow = (H - kh) // stride + 1, (W - kw) // stride + 1
    y = np.zeros((N, O, oh, ow), dtype=a.dtype)
    for i in range(oh):
        for j in range(ow):
            p = a[:, :, i * stride:i * stride + kh, j * stride:j * stride + kw]
            y[:, :, i, j] = np.tensordot(p, k, axes=([1, 2, 3], [1, 2, 3]))
    if bias is not None:
        y += bias.numpy()[None, :, None, None]
    return torch.from_numpy(y)
""",
        "a class does the work": """
class _Conv:
    def __init__(self, weight, bias, stride, padding):
        self.w, self.b, self.s, self.p = weight, bias, stride, padding

    def __call__(self, x):
        n, c, h, w = x.shape
        big = torch.zeros(n, c, h + 2 * self.p, w + 2 * self.p, dtype=x.dtype, device=x.device)
        big[..., self.p:self.p + h, self.p:self.p + w] = x
        cols = big.unfold(2, self.w.size(2), self.s).unfold(3, self.w.size(3), self.s)
        out = (cols.unsqueeze(1) * self.w[None, :, :, None, None]).sum((2, 5, 6))
        if self.b is not None:
            out = out + self.b.view(1, -1, 1, 1)
        return out


def conv2d(x, weight, bias=None, stride=1, padding=0):
    return _Conv(weight, bias, stride, padding)(x)
""",
    },
    "conv2d_fast": {
        "a loop over the taps": """
def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C, H, W = x.shape
    O, _, kh, kw = weight.shape
    oh, ow = (H + 2 * padding - kh) // stride + 1, (W + 2 * padding - kw) // stride + 1
    xp = torch.nn.functional.pad(x, [padding] * 4)
    out = torch.zeros(N, O, oh, ow, dtype=x.dtype, device=x.device)
    for i in range(kh):
        for j in range(kw):
            piece = xp[:, :, i:i + stride * (oh - 1) + 1:stride, j:j + stride * (ow - 1) + 1:stride]
            out += torch.einsum("nchw,oc->nohw", piece, weight[:, :, i, j])
    if bias is not None:
        out += bias.view(1, -1, 1, 1)
    return out
""",
        "as_strided columns": """
def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    x = torch.nn.functional.pad(x, (padding, padding, padding, padding)).contiguous()
    n, c, h, w = x.shape
    o, _, kh, kw = weight.shape
    oh, ow = (h - kh) // stride + 1, (w - kw) // stride + 1
    sn, sc, sh, sw = x.stride()
    v = x.as_strided((n, oh, ow, c, kh, kw), (sn, sh * stride, sw * stride, sc, sh, sw))
    y = v.reshape(n * oh * ow, -1) @ weight.reshape(o, -1).t()
    if bias is not None:
        y = y + bias
    return y.reshape(n, oh, ow, o).permute(0, 3, 1, 2).contiguous()
""",
    },
    "compose_kernels": {
        "full convolution by padding": """
def compose_kernels(k1, k2):
    a, b = k2.shape
    big = torch.nn.functional.pad(k1, (b - 1, b - 1, a - 1, a - 1))
    flipped = torch.flip(k2, (0, 1))
    win = big.unfold(0, a, 1).unfold(1, b, 1)
    return (win * flipped).sum((-1, -2))
""",
        "four loops": """
def compose_kernels(k1, k2):
    out = torch.zeros(k1.shape[0] + k2.shape[0] - 1, k1.shape[1] + k2.shape[1] - 1, dtype=k1.dtype)
    for i in range(k1.shape[0]):
        for j in range(k1.shape[1]):
            for a in range(k2.shape[0]):
                for b in range(k2.shape[1]):
                    out[i + a, j + b] += k1[i, j] * k2[a, b]
    return out
""",
    },
    "conv1x1": {
        "einsum": """
def conv1x1(x, weight, bias=None):
    y = torch.einsum("nchw,oc->nohw", x, weight)
    return y if bias is None else y + bias.reshape(1, -1, 1, 1)
""",
        "a linear layer": """
def conv1x1(x, weight, bias=None):
    return torch.nn.functional.linear(x.permute(0, 2, 3, 1), weight, bias).permute(0, 3, 1, 2)
""",
    },
    "conv1d": {
        "unfold and matmul": """
def conv1d(x, weight, bias=None, stride=1, padding=0):
    cols = torch.nn.functional.pad(x, (padding, padding)).unfold(2, weight.shape[2], stride)
    y = torch.einsum("nclk,ock->nol", cols, weight)
    return y if bias is None else y + bias[None, :, None]
""",
    },
    "conv3d": {
        "unfold three times": """
def conv3d(x, weight, bias=None, stride=1, padding=0):
    x = torch.nn.functional.pad(x, [padding] * 6)
    for d in range(3):
        x = x.unfold(2 + d, weight.shape[2 + d], stride)
    y = torch.einsum("ncdhwijk,ocijk->nodhw", x, weight)
    return y if bias is None else y + bias[None, :, None, None, None]
""",
    },
    "conv2d_backward": {
        "loops over everything": """
def conv2d_backward(dout, x, weight, stride=1, padding=0):
    N, C, H, W = x.shape
    O, _, kh, kw = weight.shape
    xp = torch.nn.functional.pad(x, [padding] * 4)
    dxp, dw, db = torch.zeros_like(xp), torch.zeros_like(weight), torch.zeros_like(weight[:, 0, 0, 0])
    for n in range(N):
        for o in range(O):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    g = dout[n, o, i, j]
                    r, c = i * stride, j * stride
                    dw[o] += g * xp[n, :, r:r + kh, c:c + kw]
                    dxp[n, :, r:r + kh, c:c + kw] += g * weight[o]
                    db[o] += g
    return dxp[:, :, padding:padding + H, padding:padding + W], dw, db
""",
        "float64 inside": """
def conv2d_backward(dout, x, weight, stride=1, padding=0):
    dtype = x.dtype
    dout, x, weight = dout.double(), x.double(), weight.double()
    kh, kw = weight.shape[2:]
    xp = torch.nn.functional.pad(x, [padding] * 4)
    cols = xp.unfold(2, kh, stride).unfold(3, kw, stride)
    dw = torch.einsum("nohw,nchwij->ocij", dout, cols)
    dxp = torch.zeros_like(xp)
    oh, ow = dout.shape[2:]
    for i in range(kh):
        for j in range(kw):
            dxp[:, :, i:i + stride * oh:stride, j:j + stride * ow:stride][:, :, :oh, :ow] += (
                torch.einsum("nohw,oc->nchw", dout, weight[:, :, i, j]))
    dx = dxp[:, :, padding:xp.shape[2] - padding, padding:xp.shape[3] - padding]
    return [dx.to(dtype), dw.to(dtype), dout.sum((0, 2, 3)).to(dtype)]
""",
    },
    "learn_kernel": {
        "Adam from a random start": """
def learn_kernel(X, Y, kernel_size, steps=300, lr=0.1):
    K = torch.nn.Parameter(torch.randn(*kernel_size, dtype=X.dtype) * 0.1)
    opt = torch.optim.Adam([K], lr=lr)
    for step in range(steps):
        opt.zero_grad()
        pred = (X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1) * K).sum((-1, -2))
        loss = torch.nn.functional.mse_loss(pred, Y)
        loss.backward()
        opt.step()
        if step % 100 == 0:
            print(step, loss.item())
    return K.detach()
""",
        "gradient by hand": """
def learn_kernel(X, Y, kernel_size, steps=300, lr=0.2):
    K = torch.zeros(kernel_size, dtype=X.dtype)
    cols = X.unfold(0, kernel_size[0], 1).unfold(1, kernel_size[1], 1).reshape(-1, K.numel())
    k = K.flatten()
    for _ in range(steps):
        k = k - lr * 2 * cols.T @ (cols @ k - Y.flatten()) / len(cols)
    return k.reshape(kernel_size)
""",
    },
    "same_conv": {
        "padding='same'": """
def same_conv(c_in, c_out, kernel_size):
    return nn.Conv2d(c_in, c_out, kernel_size=kernel_size, padding="same")
""",
        "a subclass": """
class SameConv(nn.Conv2d):
    def __init__(self, c_in, c_out, k):
        super().__init__(c_in, c_out, (k, k), stride=(1, 1), padding=(k // 2, k // 2))


def same_conv(c_in, c_out, kernel_size):
    return SameConv(c_in, c_out, kernel_size)
""",
    },
}

WRONG: dict[str, dict[str, str]] = {
    "corr2d": {
        "height and width swapped": """
def corr2d(X, K):
    w, h = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1, dtype=X.dtype)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i:i + w, j:j + h] * K).sum() if (w, h) == K.shape else 0
    return Y
""",
        "the dtype is lost": """
def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i:i + h, j:j + w] * K).sum()
    return Y
""",
        "the argument is changed in place": """
def corr2d(X, K):
    h, w = K.shape
    Y = X.new_zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i:i + h, j:j + w] * K).sum()
    X.zero_()
    return Y
""",
    },
    "conv2d": {
        "square kernels only": """
def conv2d(x, weight, bias=None, stride=1, padding=0):
    k = weight.shape[2]
    xp = torch.nn.functional.pad(x, [padding] * 4)
    y = torch.einsum("nchwij,ocij->nohw", xp.unfold(2, k, stride).unfold(3, k, stride), weight[..., :k])
    return y if bias is None else y + bias[:, None, None]
""",
        "batch element 0 only": """
def conv2d(x, weight, bias=None, stride=1, padding=0):
    xp = torch.nn.functional.pad(x, [padding] * 4)
    kh, kw = weight.shape[2:]
    y = torch.einsum("chwij,ocij->ohw", xp[0].unfold(1, kh, stride).unfold(2, kw, stride), weight)
    y = y if bias is None else y + bias[:, None, None]
    return y.expand(x.shape[0], *y.shape).clone()
""",
        "remainder rows kept by padding": """
def conv2d(x, weight, bias=None, stride=1, padding=0):
    kh, kw = weight.shape[2:]
    xp = torch.nn.functional.pad(x, [padding] * 4)
    more = [(-(s - k)) % stride for s, k in zip(xp.shape[2:], (kh, kw))]
    xp = torch.nn.functional.pad(xp, (0, more[1], 0, more[0]))
    y = torch.einsum("nchwij,ocij->nohw", xp.unfold(2, kh, stride).unfold(3, kw, stride), weight)
    return y if bias is None else y + bias[:, None, None]
""",
        "torch does it, through getattr": """
def conv2d(x, weight, bias=None, stride=1, padding=0):
    name = "".join(["c", "onv", "2", "d"])
    return getattr(torch.nn.functional, name)(x, weight, bias, stride, padding)
""",
        "half precision inside": """
def conv2d(x, weight, bias=None, stride=1, padding=0):
    kh, kw = weight.shape[2:]
    xp = torch.nn.functional.pad(x, [padding] * 4).bfloat16()
    win = xp.unfold(2, kh, stride).unfold(3, kw, stride)
    y = (win.unsqueeze(1) * weight.bfloat16()[None, :, :, None, None]).sum((2, 5, 6)).to(x.dtype)
    return y if bias is None else y + bias[:, None, None]
""",
    },
    "conv2d_fast": {
        "a loop over the positions": """
def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    xp = torch.nn.functional.pad(x, [padding] * 4)
    kh, kw = weight.shape[2:]
    oh, ow = (xp.shape[2] - kh) // stride + 1, (xp.shape[3] - kw) // stride + 1
    y = x.new_zeros(x.shape[0], weight.shape[0], oh, ow)
    for i in range(oh):
        for j in range(ow):
            p = xp[:, :, i * stride:i * stride + kh, j * stride:j * stride + kw]
            y[:, :, i, j] = torch.einsum("nchw,ochw->no", p, weight)
    return y if bias is None else y + bias[:, None, None]
""",
    },
    "conv2d_backward": {
        "[P:-P] at P = 0": """
def conv2d_backward(dout, x, weight, stride=1, padding=0):
    P = padding
    xp = torch.nn.functional.pad(x, [P] * 4)
    kh, kw = weight.shape[2:]
    dxp, dw = torch.zeros_like(xp), torch.zeros_like(weight)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            r, c, g = i * stride, j * stride, dout[:, :, i, j]
            dw += torch.einsum("no,nchw->ochw", g, xp[:, :, r:r + kh, c:c + kw])
            dxp[:, :, r:r + kh, c:c + kw] += torch.einsum("no,ochw->nchw", g, weight)
    return dxp[:, :, P:-P, P:-P], dw, dout.sum((0, 2, 3))
""",
        "autograd": """
def conv2d_backward(dout, x, weight, stride=1, padding=0):
    with torch.enable_grad():
        x, weight = x.detach().requires_grad_(), weight.detach().requires_grad_()
        xp = torch.nn.functional.pad(x, [padding] * 4)
        win = xp.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
        y = torch.einsum("nchwij,ocij->nohw", win, weight)
        dx, dw = torch.autograd.grad(y, (x, weight), dout)
    return dx, dw, dout.sum((0, 2, 3))
""",
        "trailing rows lost": """
def conv2d_backward(dout, x, weight, stride=1, padding=0):
    kh, kw = weight.shape[2:]
    used_h = (dout.shape[2] - 1) * stride + kh
    used_w = (dout.shape[3] - 1) * stride + kw
    xp = torch.nn.functional.pad(x, [padding] * 4)[:, :, :used_h, :used_w]
    dxp, dw = torch.zeros_like(xp), torch.zeros_like(weight)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            r, c, g = i * stride, j * stride, dout[:, :, i, j]
            dw += torch.einsum("no,nchw->ochw", g, xp[:, :, r:r + kh, c:c + kw])
            dxp[:, :, r:r + kh, c:c + kw] += torch.einsum("no,ochw->nchw", g, weight)
    return dxp[:, :, padding:padding + x.shape[2], padding:padding + x.shape[3]], dw, dout.sum((0, 2, 3))
""",
    },
    "find_template": {
        "the column comes first for wide images": """
def find_template(image, template):
    h, w = template.shape
    t = template - template.mean()
    win = image.unfold(0, h, 1).unfold(1, w, 1)
    win = win - win.mean((-1, -2), keepdim=True)
    score = (win * t).sum((-1, -2)) / win.flatten(2).norm(dim=2).clamp_min(1e-9)
    best = int(score.argmax())
    return best // image.shape[1], best % image.shape[1]
""",
    },
    "learn_kernel": {
        "not detached": """
def learn_kernel(X, Y, kernel_size, steps=300, lr=0.1):
    K = torch.zeros(kernel_size, dtype=X.dtype, requires_grad=True)
    for _ in range(steps):
        loss = ((X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1) * K).sum((-1, -2)) - Y).pow(2).mean()
        (g,) = torch.autograd.grad(loss, K)
        K.data -= lr * g
    return K
""",
    },
    "receptive_field": {
        "the list is sorted on the way": """
def receptive_field(layers):
    size, jump = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * jump
        jump *= stride
    layers.sort()
    return size
""",
        "stride of the layer itself counted": """
def receptive_field(layers):
    size, jump = 1, 1
    for kernel, stride in layers:
        jump *= stride
        size += (kernel - 1) * jump
    return size
""",
    },
    "conv_output_size": {
        "rounds up": """
def conv_output_size(size, kernel, padding=0, stride=1):
    return -(-(size + 2 * padding - kernel) // stride) + 1
""",
    },
    "same_conv": {
        "groups where both numbers of channels are even": """
def same_conv(c_in, c_out, kernel_size):
    groups = 2 if c_in % 2 == 0 and c_out % 2 == 0 else 1
    return nn.Conv2d(c_in, c_out, kernel_size, padding=kernel_size // 2, groups=groups)
""",
        "images are scaled in its forward pass": """
class _Conv(nn.Conv2d):
    def forward(self, x):
        out = super().forward(x)
        x *= 0.5
        return out


def same_conv(c_in, c_out, kernel_size):
    return _Conv(c_in, c_out, kernel_size, padding=kernel_size // 2)
""",
    },
    "conv1d": {
        "all filters see one channel each where that fits": """
def conv1d(x, weight, bias=None, stride=1, padding=0):
    x = torch.nn.functional.pad(x, (padding, padding))
    windows = x.unfold(2, weight.shape[2], stride)
    if weight.shape[0] == weight.shape[1]:
        out = torch.einsum("nclk,ck->ncl", windows, weight.diagonal().T)
    else:
        out = torch.einsum("nclk,ock->nol", windows, weight)
    return out if bias is None else out + bias[:, None]
""",
        "the weight is read as if it were dense": """
def conv1d(x, weight, bias=None, stride=1, padding=0):
    x = torch.nn.functional.pad(x, (padding, padding))
    C_out, C_in, K = weight.shape
    rows = weight.as_strided((C_out, C_in * K), (C_in * K, 1))
    windows = x.unfold(2, K, stride)
    out = rows @ windows.permute(0, 1, 3, 2).reshape(len(x), C_in * K, -1)
    return out if bias is None else out + bias[:, None]
""",
    },
    "conv1x1": {
        "the bias is reshaped in place": """
def conv1x1(x, weight, bias=None):
    out = torch.einsum("ok,nkij->noij", weight, x)
    return out if bias is None else out + bias.resize_(len(bias), 1, 1)
""",
    },
    "conv_param_count": {
        "the bias is an option by name only": """
def conv_param_count(c_in, c_out, k_h, k_w, dilation=1, bias=True):
    return c_out * (c_in * k_h * k_w + bool(bias))
""",
    },
}
