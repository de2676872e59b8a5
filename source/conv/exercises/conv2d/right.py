# Right answers to conv2d, written in other ways: each earns everything.

# %% F.pad and einsum
import torch.nn.functional as F


def conv2d(x, weight, bias=None, stride=1, padding=0):
    xp = F.pad(x, (padding,) * 4)
    kh, kw = weight.shape[2:]
    win = xp.unfold(2, kh, stride).unfold(3, kw, stride)
    y = torch.einsum("nchwij,ocij->nohw", win, weight)
    return y if bias is None else y + bias[:, None, None]


# %% numpy padding and loops
def conv2d(x, weight, bias=None, stride=1, padding=0):
    a = np.pad(x.numpy(), ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    k = weight.numpy()
    N, C, H, W = a.shape
    O, _, kh, kw = k.shape
    oh, ow = (H - kh) // stride + 1, (W - kw) // stride + 1
    y = np.zeros((N, O, oh, ow), dtype=a.dtype)
    for i in range(oh):
        for j in range(ow):
            p = a[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
            y[:, :, i, j] = np.tensordot(p, k, axes=([1, 2, 3], [1, 2, 3]))
    if bias is not None:
        y += bias.numpy()[None, :, None, None]
    return torch.from_numpy(y)


# %% a class does the work
class _Conv:
    def __init__(self, weight, bias, stride, padding):
        self.w, self.b, self.s, self.p = weight, bias, stride, padding

    def __call__(self, x):
        n, c, h, w = x.shape
        big = torch.zeros(n, c, h + 2 * self.p, w + 2 * self.p, dtype=x.dtype, device=x.device)
        big[..., self.p : self.p + h, self.p : self.p + w] = x
        cols = big.unfold(2, self.w.size(2), self.s).unfold(3, self.w.size(3), self.s)
        out = (cols.unsqueeze(1) * self.w[None, :, :, None, None]).sum((2, 5, 6))
        if self.b is not None:
            out = out + self.b.view(1, -1, 1, 1)
        return out


def conv2d(x, weight, bias=None, stride=1, padding=0):
    return _Conv(weight, bias, stride, padding)(x)


# %% loops, beside a comparison that is switched off
import torch.nn.functional as F
from torch.nn.functional import conv2d as theirs

CHECK = False
mine = theirs(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2))


def conv2d(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    p = F.pad(x, [padding] * 4)
    out = torch.zeros(N, C_out, H_out, W_out, dtype=x.dtype)
    for n in range(N):
        for o in range(C_out):
            for h in range(H_out):
                for k in range(W_out):
                    window = p[n, :, h * stride : h * stride + K_H, k * stride : k * stride + K_W]
                    out[n, o, h, k] = (window * weight[o]).sum() + b[o]
    if CHECK:
        assert torch.allclose(out, theirs(x, weight, bias, stride, padding))
    return out


# %% loops in numpy
import torch.nn.functional as F


def conv2d(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    p, w = F.pad(x, [padding] * 4).numpy(), weight.numpy()
    out = np.zeros((N, C_out, H_out, W_out), p.dtype)
    for h in range(H_out):
        for k in range(W_out):
            window = p[:, None, :, h * stride : h * stride + K_H, k * stride : k * stride + K_W]
            out[:, :, h, k] = (window * w).sum((2, 3, 4))
    return torch.from_numpy(out) + b[:, None, None]


# %% a matrix of windows, named as ever
import torch.nn.functional as F


def im2col(x, K_H, K_W, S):
    windows = x.unfold(2, K_H, S).unfold(3, K_W, S)
    return windows.permute(0, 1, 4, 5, 2, 3).reshape(len(x), x.shape[1] * K_H * K_W, -1)


def convolve(columns, w):
    return w @ columns


def conv2d(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    columns = im2col(F.pad(x, [padding] * 4), K_H, K_W, stride)
    out = convolve(columns, weight.reshape(C_out, -1)) + b[:, None]
    return out.reshape(N, C_out, H_out, W_out)
