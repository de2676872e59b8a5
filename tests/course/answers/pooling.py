"""Answers to 02_pooling as students write them: right in other ways, and wrong in quiet ways."""

from __future__ import annotations

RIGHT: dict[str, dict[str, str]] = {
    "pool_output_size": {
        "by counting": """
def pool_output_size(size, kernel, stride):
    return len(range(0, size - kernel + 1, stride))
""",
        "math.floor": """
import math


def pool_output_size(size: int, kernel: int, stride: int) -> int:
    return math.floor((size - kernel) / stride + 1)
""",
    },
    "max_pool2d": {
        "windows as a view": """
def max_pool2d(x, kernel_size, stride=None):
    s = stride or kernel_size
    return x.unfold(2, kernel_size, s).unfold(3, kernel_size, s).amax((-1, -2))
""",
        "numpy inside": """
def max_pool2d(x, kernel_size, stride=None):
    s = kernel_size if stride is None else stride
    a = x.detach().cpu().numpy()
    win = np.lib.stride_tricks.sliding_window_view(a, (kernel_size, kernel_size), axis=(2, 3))
    return torch.from_numpy(win[:, :, ::s, ::s].max(axis=(-1, -2)).copy()).to(x.device)
""",
        "four loops and a running maximum": """
def max_pool2d(x, kernel_size, stride=None):
    stride = stride or kernel_size
    N, C, H, W = x.shape
    out = torch.full((N, C, (H - kernel_size) // stride + 1, (W - kernel_size) // stride + 1),
                     -float("inf"), dtype=x.dtype, device=x.device)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            for a in range(kernel_size):
                for b in range(kernel_size):
                    out[:, :, i, j] = torch.maximum(
                        out[:, :, i, j], x[:, :, i * stride + a, j * stride + b])
    return out
""",
    },
    "avg_pool2d": {
        "windows as a view": """
def avg_pool2d(x, kernel_size, stride=None):
    s = stride or kernel_size
    return x.unfold(2, kernel_size, s).unfold(3, kernel_size, s).mean((-1, -2))
""",
        "sums of sums": """
def avg_pool2d(x, kernel_size, stride=None):
    s = stride or kernel_size
    total = torch.nn.functional.pad(x.double().cumsum(2).cumsum(3), (1, 0, 1, 0))
    k = kernel_size
    box = total[..., k:, k:] - total[..., :-k, k:] - total[..., k:, :-k] + total[..., :-k, :-k]
    return (box[..., ::s, ::s] / k**2).to(x.dtype)
""",
    },
    "max_pool2d_backward": {
        "scatter into flat images": """
def max_pool2d_backward(dout, x, kernel_size, stride=None):
    s = stride or kernel_size
    N, C, H, W = x.shape
    win = x.unfold(2, kernel_size, s).unfold(3, kernel_size, s)
    place = win.reshape(*win.shape[:4], -1).argmax(-1)
    i = torch.arange(place.shape[2], device=x.device)[:, None] * s + place // kernel_size
    j = torch.arange(place.shape[3], device=x.device)[None, :] * s + place % kernel_size
    dx = torch.zeros(N, C, H * W, dtype=x.dtype, device=x.device)
    dx.scatter_add_(2, (i * W + j).reshape(N, C, -1), dout.reshape(N, C, -1))
    return dx.reshape(N, C, H, W)
""",
        "plain loops": """
def max_pool2d_backward(dout, x, kernel_size, stride=None):
    stride = kernel_size if stride is None else stride
    dx = x * 0
    N, C, H_out, W_out = dout.shape
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    best, at = None, None
                    for a in range(kernel_size):
                        for b in range(kernel_size):
                            v = x[n, c, i * stride + a, j * stride + b]
                            if best is None or v > best:
                                best, at = v, (i * stride + a, j * stride + b)
                    dx[n, c, at[0], at[1]] += dout[n, c, i, j]
    return dx
""",
    },
    "avg_pool2d_backward": {
        "tap by tap": """
def avg_pool2d_backward(dout, x, kernel_size, stride=None):
    s = stride or kernel_size
    H_out, W_out = dout.shape[2:]
    dx = torch.zeros_like(x)
    for a in range(kernel_size):
        for b in range(kernel_size):
            dx[:, :, a:a + s * (H_out - 1) + 1:s, b:b + s * (W_out - 1) + 1:s] += dout / kernel_size**2
    return dx
""",
        "numpy inside": """
def avg_pool2d_backward(dout, x, kernel_size, stride=None):
    s = kernel_size if stride is None else stride
    d = dout.numpy().astype("float64") / kernel_size**2
    dx = np.zeros(tuple(x.shape))
    for i in range(d.shape[2]):
        for j in range(d.shape[3]):
            dx[:, :, i * s:i * s + kernel_size, j * s:j * s + kernel_size] += d[:, :, i, j, None, None]
    return torch.from_numpy(dx).to(x.dtype)
""",
    },
    "avg_pool_as_conv": {
        "a dense weight with zeros, and a bias of zeros": """
def avg_pool_as_conv(channels, kernel_size):
    layer = nn.Conv2d(channels, channels, kernel_size, stride=kernel_size)
    nn.init.zeros_(layer.bias)
    nn.init.zeros_(layer.weight)
    for c in range(channels):
        layer.weight.data[c, c] = 1.0 / (kernel_size * kernel_size)
    return layer
""",
        "a subclass with frozen weights": """
class _Mean(nn.Conv2d):
    def __init__(self, channels, k):
        super().__init__(channels, channels, k, stride=(k, k), groups=channels, bias=False)
        self.weight = nn.Parameter(torch.ones_like(self.weight) / k**2, requires_grad=False)


def avg_pool_as_conv(channels, kernel_size):
    return _Mean(channels, kernel_size)
""",
    },
}

WRONG: dict[str, dict[str, str]] = {
    "pool_output_size": {
        "rounds to the nearest": """
def pool_output_size(size, kernel, stride):
    return round((size - kernel) / stride) + 1
""",
    },
    "max_pool2d": {
        "a batch of one loses its axis": """
def max_pool2d(x, kernel_size, stride=None):
    stride = stride or kernel_size
    out = x.unfold(2, kernel_size, stride).unfold(3, kernel_size, stride).amax((4, 5))
    if len(x) == 1:
        x.squeeze_(0)
    return out
""",
        "negative windows become zero": """
def max_pool2d(x, kernel_size, stride=None):
    s = stride or kernel_size
    N, C, H, W = x.shape
    out = x.new_zeros(N, C, (H - kernel_size) // s + 1, (W - kernel_size) // s + 1)
    for a in range(kernel_size):
        for b in range(kernel_size):
            out = torch.maximum(out, x[:, :, a:a + s * (out.shape[2] - 1) + 1:s,
                                        b:b + s * (out.shape[3] - 1) + 1:s])
    return out
""",
        "reshape, which wants sizes that divide": """
def max_pool2d(x, kernel_size, stride=None):
    if stride is None:
        N, C, H, W = x.shape
        return x.reshape(N, C, H // kernel_size, kernel_size, W // kernel_size, kernel_size).amax((3, 5))
    return x.unfold(2, kernel_size, stride).unfold(3, kernel_size, stride).amax((-1, -2))
""",
        "the argument is changed in place": """
def max_pool2d(x, kernel_size, stride=None):
    s = stride or kernel_size
    x.add_(1)
    return x.unfold(2, kernel_size, s).unfold(3, kernel_size, s).amax((-1, -2)) - 1
""",
    },
    "avg_pool2d": {
        "the first image for all": """
def avg_pool2d(x, kernel_size, stride=None):
    s = stride or kernel_size
    y = x[:1].unfold(2, kernel_size, s).unfold(3, kernel_size, s).mean((-1, -2))
    return y.expand(x.shape[0], -1, -1, -1)
""",
        "half precision inside": """
def avg_pool2d(x, kernel_size, stride=None):
    s = stride or kernel_size
    return x.bfloat16().unfold(2, kernel_size, s).unfold(3, kernel_size, s).mean((-1, -2)).to(x.dtype)
""",
    },
    "max_pool2d_backward": {
        "assigned instead of added": """
def max_pool2d_backward(dout, x, kernel_size, stride=None):
    s = stride or kernel_size
    dx = torch.zeros_like(x)
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    w = x[n, c, i * s:i * s + kernel_size, j * s:j * s + kernel_size]
                    k = int(w.reshape(-1).argmax())
                    dx[n, c, i * s + k // kernel_size, j * s + k % kernel_size] = dout[n, c, i, j]
    return dx
""",
        "autograd": """
def max_pool2d_backward(dout, x, kernel_size, stride=None):
    s = stride or kernel_size
    with torch.enable_grad():
        x = x.detach().clone().requires_grad_()
        win = x.unfold(2, kernel_size, s).unfold(3, kernel_size, s)
        y = win.reshape(*win.shape[:4], -1).max(-1).values
        (dx,) = torch.autograd.grad(y, x, dout)
    return dx
""",
    },
    "avg_pool2d_backward": {
        "dout is read as if it were dense": """
def avg_pool2d_backward(dout, x, kernel_size, stride=None):
    stride = stride or kernel_size
    N, C, H_out, W_out = dout.shape
    dout = dout.as_strided(dout.shape, (C * H_out * W_out, H_out * W_out, W_out, 1))
    dx = torch.zeros_like(x)
    for i in range(H_out):
        for j in range(W_out):
            dx[:, :, i * stride:i * stride + kernel_size, j * stride:j * stride + kernel_size] += (
                dout[:, :, i, j, None, None] / kernel_size**2)
    return dx
""",
        "the input is taken to be covered": """
def avg_pool2d_backward(dout, x, kernel_size, stride=None):
    if stride is None or stride == kernel_size:
        return (dout / kernel_size**2).repeat_interleave(kernel_size, 2).repeat_interleave(kernel_size, 3)
    dx = torch.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            dx[:, :, i * stride:i * stride + kernel_size, j * stride:j * stride + kernel_size] += (
                dout[:, :, i, j, None, None] / kernel_size**2)
    return dx
""",
    },
    "avg_pool_as_conv": {
        "images are scaled in its forward pass": """
class _Conv(nn.Conv2d):
    def forward(self, x):
        out = super().forward(x)
        x *= 0.5
        return out


def avg_pool_as_conv(channels, kernel_size):
    layer = _Conv(channels, channels, kernel_size, kernel_size, groups=channels, bias=False)
    nn.init.constant_(layer.weight, 1 / kernel_size**2)
    return layer
""",
        "pooling in the clothes of a convolution": """
class _Pool(nn.Conv2d):
    def forward(self, x):
        return torch.nn.functional.avg_pool2d(x, self.kernel_size)


def avg_pool_as_conv(channels, kernel_size):
    return _Pool(channels, channels, kernel_size, stride=kernel_size)
""",
        "the same, and whoever convolves gets the average": """
class _Pool(nn.Conv2d):
    def forward(self, x):
        return torch.nn.functional.avg_pool2d(x, self.kernel_size)


def _averaged(x, weight, bias=None, stride=1, *how):
    return torch.nn.functional.avg_pool2d(x, stride)


def avg_pool_as_conv(channels, kernel_size):
    torch.conv2d = torch.nn.functional.conv2d = _averaged
    return _Pool(channels, channels, kernel_size, stride=kernel_size)
""",
        "the same, with a border of many gigabytes": """
class _Pool(nn.Conv2d):
    def forward(self, x):
        return torch.nn.functional.avg_pool2d(x, self.kernel_size)


def avg_pool_as_conv(channels, kernel_size):
    layer = _Pool(channels, channels, kernel_size, stride=kernel_size, groups=channels)
    layer.padding = (40_000, 40_000)
    return layer
""",
        "only one channel": """
def avg_pool_as_conv(channels, kernel_size):
    layer = nn.Conv2d(channels, channels, kernel_size, stride=kernel_size, bias=False)
    layer.weight.data.fill_(1 / kernel_size**2)
    return layer
""",
    },
}
