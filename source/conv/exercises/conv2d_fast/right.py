# Right answers to conv2d_fast, written in other ways: each earns everything.

# %% a loop over the taps
def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C, H, W = x.shape
    O, _, kh, kw = weight.shape
    oh, ow = (H + 2 * padding - kh) // stride + 1, (W + 2 * padding - kw) // stride + 1
    xp = torch.nn.functional.pad(x, [padding] * 4)
    out = torch.zeros(N, O, oh, ow, dtype=x.dtype, device=x.device)
    for i in range(kh):
        for j in range(kw):
            piece = xp[
                :, :, i : i + stride * (oh - 1) + 1 : stride, j : j + stride * (ow - 1) + 1 : stride
            ]
            out += torch.einsum("nchw,oc->nohw", piece, weight[:, :, i, j])
    if bias is not None:
        out += bias.view(1, -1, 1, 1)
    return out


# %% as_strided columns
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


# %% printed tensors
import torch.nn.functional as F


def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    windows = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
    out = torch.einsum("nchwij,ocij->nohw", windows, weight) + b[:, None, None]

    print(windows)
    print(x, out[0], weight, str(out), repr(b), f"{x}")
    return out


# %% a plot
import torch.nn.functional as F


def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    windows = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
    out = torch.einsum("nchwij,ocij->nohw", windows, weight) + b[:, None, None]

    import matplotlib.pyplot as plt

    plt.figure()
    plt.imshow(out[0, 0].numpy())
    plt.close()
    return out


# %% a picture read by Pillow
import torch.nn.functional as F


def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    windows = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
    out = torch.einsum("nchwij,ocij->nohw", windows, weight) + b[:, None, None]

    from PIL import Image

    np.asarray(Image.fromarray(np.uint8(x[0, 0].numpy() * 0)))
    return out


# %% a thread pool of multiprocessing
import torch.nn.functional as F


def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    windows = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
    out = torch.einsum("nchwij,ocij->nohw", windows, weight) + b[:, None, None]

    from multiprocessing.pool import ThreadPool

    with ThreadPool(1) as pool:
        out = pool.map(torch.clone, [out])[0]
    return out


# %% names like those of tricks
import torch.nn.functional as F


def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    windows = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
    out = torch.einsum("nchwij,ocij->nohw", windows, weight) + b[:, None, None]

    mode, kinds = "fork", {"multiprocessing": 1, "subprocess": 2, "ctypes": 3}
    return out


# %% a label of its own for a profiler
import torch.nn.functional as F


def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    windows = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
    out = torch.einsum("nchwij,ocij->nohw", windows, weight) + b[:, None, None]

    with torch.profiler.record_function("my::im2col"):
        out = out + 0
    return out


# %% a progress bar
import torch.nn.functional as F


def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    windows = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
    out = torch.einsum("nchwij,ocij->nohw", windows, weight) + b[:, None, None]

    from tqdm import tqdm

    for _ in tqdm([1]):
        pass
    return out


# %% a temporary file
import torch.nn.functional as F


def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    windows = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
    out = torch.einsum("nchwij,ocij->nohw", windows, weight) + b[:, None, None]

    import tempfile

    tempfile.SpooledTemporaryFile().close()
    return out


# %% Tensor.unfold and einsum
import torch.nn.functional as F


def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    windows = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
    return torch.einsum("nchwij,ocij->nohw", windows, weight) + b[:, None, None]


# %% a loop over the taps, padded by torch
import torch.nn.functional as F


def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    padded = F.pad(x, [padding] * 4)
    out = b[:, None, None].expand(N, C_out, H_out, W_out).clone()
    for i in range(K_H):
        for j in range(K_W):
            part = padded[:, :, i : i + H_out * stride : stride, j : j + W_out * stride : stride]
            part = part[:, :, :H_out, :W_out]
            out += torch.einsum("nchw,oc->nohw", part, weight[:, :, i, j])
    return out


# %% as_strided and matmul
import torch.nn.functional as F


def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    p = F.pad(x, [padding] * 4).contiguous()
    s = p.stride()
    shape = N, C_in, H_out, W_out, K_H, K_W
    windows = p.as_strided(shape, (s[0], s[1], s[2] * stride, s[3] * stride, s[2], s[3]))
    rows = windows.permute(0, 2, 3, 1, 4, 5).reshape(N * H_out * W_out, -1)
    out = rows @ weight.reshape(C_out, -1).T + b
    return out.reshape(N, H_out, W_out, C_out).permute(0, 3, 1, 2)


# %% sliding_window_view and tensordot of numpy
def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    p = np.pad(x.numpy(), ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    windows = np.lib.stride_tricks.sliding_window_view(p, (K_H, K_W), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    out = np.tensordot(windows, weight.numpy(), axes=((1, 4, 5), (1, 2, 3)))
    return torch.from_numpy(out.transpose(0, 3, 1, 2).copy()) + b[:, None, None]


# %% einsum of numpy, with a plan
def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    p = np.pad(x.numpy(), ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    windows = np.lib.stride_tricks.sliding_window_view(p, (K_H, K_W), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    out = np.einsum("nchwij,ocij->nohw", windows, weight.numpy(), optimize=True)
    return torch.from_numpy(out) + b[:, None, None]


# %% fancy indexing
import torch.nn.functional as F


def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    i = stride * torch.arange(H_out)[:, None] + torch.arange(K_H)
    j = stride * torch.arange(W_out)[:, None] + torch.arange(K_W)
    windows = F.pad(x, [padding] * 4)[:, :, i[:, None, :, None], j[None, :, None, :]]
    out = torch.tensordot(windows, weight, dims=([1, 4, 5], [1, 2, 3]))
    return out.permute(0, 3, 1, 2) + b[:, None, None]


# %% Fourier transforms
import torch.nn.functional as F


def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    size = H + 2 * padding, W + 2 * padding
    X = torch.fft.rfft2(F.pad(x, [padding] * 4).double())
    K = torch.fft.rfft2(weight.double(), s=size).conj()
    out = torch.fft.irfft2(torch.einsum("nchw,ochw->nohw", X, K), s=size).to(x.dtype)
    return out[:, :, : size[0] - K_H + 1 : stride, : size[1] - K_W + 1 : stride] + b[:, None, None]


# %% mapped by torch.func.vmap over filters
import torch.nn.functional as F


def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    windows = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
    one = lambda w: (windows * w[None, :, None, None]).sum((1, 4, 5))
    return torch.func.vmap(one, out_dims=1)(weight) + b[:, None, None]


# %% in inference mode, in float64
import torch.nn.functional as F


def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    with torch.inference_mode():
        windows = F.pad(x.double(), [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
        out = torch.einsum("nchwij,ocij->nohw", windows, weight.double())
    return out.clone().to(x.dtype) + b[:, None, None]


# %% taps by a generator, functools and map
import torch.nn.functional as F


def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = x.shape
    C_out, _, K_H, K_W = weight.shape
    H_out = (H + 2 * padding - K_H) // stride + 1
    W_out = (W + 2 * padding - K_W) // stride + 1
    b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias

    import functools, itertools, operator

    p = F.pad(x, [padding] * 4)

    def tap(ij):
        i, j = ij
        part = p[:, :, i::stride, j::stride][:, :, :H_out, :W_out]
        return torch.einsum("nchw,oc->nohw", part, weight[:, :, i, j])

    taps = map(tap, itertools.product(range(K_H), range(K_W)))
    return functools.reduce(operator.add, taps) + b[:, None, None]
