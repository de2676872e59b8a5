"""Answers by other algorithms that no rule forbids: exercise -> way -> cells."""

from __future__ import annotations

from textwrap import dedent, indent

Cells = tuple[str, ...]
_HEADS = {
    "conv2d": "def conv2d(x, weight, bias=None, stride=1, padding=0):\n",
    "conv2d_fast": "def conv2d_fast(x, weight, bias=None, stride=1, padding=0):\n",
    "conv2d_backward": "def conv2d_backward(dout, x, weight, stride=1, padding=0):\n",
    "max_pool2d": "def max_pool2d(x, kernel_size, stride=None):\n    stride = stride or kernel_size\n",
    "avg_pool2d": "def avg_pool2d(x, kernel_size, stride=None):\n    stride = stride or kernel_size\n",
    "batchnorm_train": "def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):\n",
    "layer_norm": "def layer_norm(x, gamma, beta, eps=1e-5):\n",
    "group_norm": "def group_norm(x, num_groups, gamma, beta, eps=1e-5):\n",
}


def answer(exercise: str, body: str, before: str = "") -> Cells:
    given = "import torch.nn.functional as F\nfrom torch.nn.functional import conv2d as theirs\n"
    return given + dedent(before), _HEADS[exercise] + indent(dedent(body).strip(), "    ") + "\n"


def fast(body: str, before: str = "") -> Cells:
    """One answer to conv2d_fast; bias and the arguments' names are given."""
    return answer("conv2d_fast", _SIZES + dedent(body), before)


_SIZES = """
N, C_in, H, W = x.shape
C_out, _, K_H, K_W = weight.shape
H_out = (H + 2 * padding - K_H) // stride + 1
W_out = (W + 2 * padding - K_W) // stride + 1
b = torch.zeros(C_out, dtype=x.dtype) if bias is None else bias
"""
_EINSUM = """
windows = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
out = torch.einsum("nchwij,ocij->nohw", windows, weight) + b[:, None, None]
"""
# leftovers and unusual names in right answers
_LEFT_IN = {
    "printed tensors": "print(windows); print(x, out[0], weight, str(out), repr(b), f'{x}')",
    "a plot": "import matplotlib.pyplot as plt\nplt.figure(); plt.imshow(out[0, 0].numpy()); plt.close()",
    "a picture read by Pillow": "from PIL import Image\nnp.asarray(Image.fromarray(np.uint8(x[0, 0].numpy() * 0)))",
    "a thread pool of multiprocessing": "from multiprocessing.pool import ThreadPool\n"
    "with ThreadPool(1) as pool:\n    out = pool.map(torch.clone, [out])[0]",
    "names like those of tricks": "mode, kinds = 'fork', {'multiprocessing': 1, 'subprocess': 2, 'ctypes': 3}",
    "a label of its own for a profiler": "with torch.profiler.record_function('my::im2col'):\n    out = out + 0",
    "a progress bar": "from tqdm import tqdm\nfor _ in tqdm([1]):\n    pass",
    "a temporary file": "import tempfile\ntempfile.SpooledTemporaryFile().close()",
}  # fmt: skip
FAST: dict[str, Cells] = {
    **{what: fast(f"{_EINSUM}\n{code}\nreturn out") for what, code in _LEFT_IN.items()},
    "Tensor.unfold and einsum": fast("""
        windows = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
        return torch.einsum("nchwij,ocij->nohw", windows, weight) + b[:, None, None]
    """),
    "a loop over the taps": fast("""
        padded = F.pad(x, [padding] * 4)
        out = b[:, None, None].expand(N, C_out, H_out, W_out).clone()
        for i in range(K_H):
            for j in range(K_W):
                part = padded[:, :, i : i + H_out * stride : stride, j : j + W_out * stride : stride]
                part = part[:, :, :H_out, :W_out]
                out += torch.einsum("nchw,oc->nohw", part, weight[:, :, i, j])
        return out
    """),
    "as_strided and matmul": fast("""
        p = F.pad(x, [padding] * 4).contiguous()
        s = p.stride()
        shape = N, C_in, H_out, W_out, K_H, K_W
        windows = p.as_strided(shape, (s[0], s[1], s[2] * stride, s[3] * stride, s[2], s[3]))
        rows = windows.permute(0, 2, 3, 1, 4, 5).reshape(N * H_out * W_out, -1)
        out = rows @ weight.reshape(C_out, -1).T + b
        return out.reshape(N, H_out, W_out, C_out).permute(0, 3, 1, 2)
    """),
    "sliding_window_view and tensordot of numpy": fast("""
        p = np.pad(x.numpy(), ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
        windows = np.lib.stride_tricks.sliding_window_view(p, (K_H, K_W), axis=(2, 3))
        windows = windows[:, :, ::stride, ::stride]
        out = np.tensordot(windows, weight.numpy(), axes=((1, 4, 5), (1, 2, 3)))
        return torch.from_numpy(out.transpose(0, 3, 1, 2).copy()) + b[:, None, None]
    """),
    "einsum of numpy, with a plan": fast("""
        p = np.pad(x.numpy(), ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
        windows = np.lib.stride_tricks.sliding_window_view(p, (K_H, K_W), axis=(2, 3))
        windows = windows[:, :, ::stride, ::stride]
        out = np.einsum("nchwij,ocij->nohw", windows, weight.numpy(), optimize=True)
        return torch.from_numpy(out) + b[:, None, None]
    """),
    "fancy indexing": fast("""
        i = stride * torch.arange(H_out)[:, None] + torch.arange(K_H)
        j = stride * torch.arange(W_out)[:, None] + torch.arange(K_W)
        windows = F.pad(x, [padding] * 4)[:, :, i[:, None, :, None], j[None, :, None, :]]
        out = torch.tensordot(windows, weight, dims=([1, 4, 5], [1, 2, 3]))
        return out.permute(0, 3, 1, 2) + b[:, None, None]
    """),
    "Fourier transforms": fast("""
        size = H + 2 * padding, W + 2 * padding
        X = torch.fft.rfft2(F.pad(x, [padding] * 4).double())
        K = torch.fft.rfft2(weight.double(), s=size).conj()
        out = torch.fft.irfft2(torch.einsum("nchw,ochw->nohw", X, K), s=size).to(x.dtype)
        return out[:, :, : size[0] - K_H + 1 : stride, : size[1] - K_W + 1 : stride] + b[:, None, None]
    """),
    "mapped by torch.func.vmap over filters": fast("""
        windows = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
        one = lambda w: (windows * w[None, :, None, None]).sum((1, 4, 5))
        return torch.func.vmap(one, out_dims=1)(weight) + b[:, None, None]
    """),
    "in inference mode, in float64": fast("""
        with torch.inference_mode():
            windows = F.pad(x.double(), [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
            out = torch.einsum("nchwij,ocij->nohw", windows, weight.double())
        return out.clone().to(x.dtype) + b[:, None, None]
    """),
    "compiled by torch": fast(
        "return work(x, weight, b, stride, padding)",
        """
        @torch.compile
        def work(x, weight, b, stride, padding):
            K_H, K_W = weight.shape[2:]
            windows = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
            return torch.einsum("nchwij,ocij->nohw", windows, weight) + b[:, None, None]
        """,
    ),
    "taps by a generator, functools and map": fast("""
        import functools, itertools, operator
        p = F.pad(x, [padding] * 4)
        def tap(ij):
            i, j = ij
            part = p[:, :, i::stride, j::stride][:, :, :H_out, :W_out]
            return torch.einsum("nchw,oc->nohw", part, weight[:, :, i, j])
        taps = map(tap, itertools.product(range(K_H), range(K_W)))
        return functools.reduce(operator.add, taps) + b[:, None, None]
    """),
}
LOOPS: dict[str, Cells] = {
    "over rows": fast("""
        p = F.pad(x, [padding] * 4)
        out = torch.zeros(N, C_out, H_out, W_out, dtype=x.dtype)
        for h in range(H_out):
            rows = p[:, :, h * stride : h * stride + K_H].unfold(3, K_W, stride)
            out[:, :, h] = torch.einsum("nciwj,ocij->now", rows, weight)
        return out + b[:, None, None]
    """),
    "over columns, in numpy": fast("""
        p, w = F.pad(x, [padding] * 4).numpy(), weight.numpy()
        out = np.zeros((N, C_out, H_out, W_out), p.dtype)
        for k in range(W_out):
            part = np.lib.stride_tricks.sliding_window_view(p[:, :, :, k * stride : k * stride + K_W], K_H, axis=2)
            out[:, :, :, k] = np.einsum("nchji,ocij->noh", part[:, :, ::stride], w)
        return torch.from_numpy(out) + b[:, None, None]
    """),
    "over positions, in numpy": fast("""
        p, w = F.pad(x, [padding] * 4).numpy(), weight.numpy().reshape(C_out, -1)
        out = np.zeros((N, C_out, H_out, W_out), p.dtype)
        for h in range(H_out):
            for k in range(W_out):
                out[:, :, h, k] = p[:, :, h * stride : h * stride + K_H, k * stride : k * stride + K_W].reshape(N, -1) @ w.T
        return torch.from_numpy(out) + b[:, None, None]
    """),
    "over the batch, in a list": fast("""
        def one(image):
            windows = F.pad(image, [padding] * 4).unfold(1, K_H, stride).unfold(2, K_W, stride)
            return torch.einsum("chwij,ocij->ohw", windows, weight) + b[:, None, None]
        return torch.stack([one(image) for image in x])
    """),
    "over the batch, in numpy, by map": fast("""
        p = np.pad(x.numpy(), ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
        windows = np.lib.stride_tricks.sliding_window_view(p, (K_H, K_W), axis=(2, 3))[:, :, ::stride, ::stride]
        rows = windows.transpose(0, 2, 3, 1, 4, 5).reshape(N, H_out * W_out, -1)
        w = weight.numpy().reshape(C_out, -1).T
        out = np.stack(list(map(np.matmul, rows, [w] * N)))
        return torch.from_numpy(out).reshape(N, H_out, W_out, C_out).permute(0, 3, 1, 2) + b[:, None, None]
    """),
    "over filters, by recursion": fast("""
        windows = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride).numpy()
        w = weight.numpy()
        def go(low, high):
            if high - low == 1:
                return np.einsum("nchwij,cij->nhw", windows, w[low])[:, None]
            middle = (low + high) // 2
            return np.concatenate([go(low, middle), go(middle, high)], 1)
        return torch.from_numpy(go(0, C_out)) + b[:, None, None]
    """),
    "over channels, by functools.reduce": fast("""
        import functools
        windows = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride).numpy()
        parts = zip(windows.swapaxes(0, 1), weight.numpy().swapaxes(0, 1))
        add = lambda total, part: total + np.einsum("nhwij,oij->nohw", *part)
        return torch.from_numpy(np.asarray(functools.reduce(add, parts, 0))) + b[:, None, None]
    """),
    "over positions, by np.vectorize": fast("""
        p, w = F.pad(x, [padding] * 4).numpy(), weight.numpy()
        def at(n, o, h, k):
            h, k = h * stride, k * stride
            return (p[n, :, h : h + K_H, k : k + K_W] * w[o]).sum()
        out = np.vectorize(at, otypes=[p.dtype])(*np.indices((N, C_out, H_out, W_out)))
        return torch.from_numpy(out) + b[:, None, None]
    """),
    "over positions, by np.apply_along_axis": fast("""
        p = np.pad(x.numpy(), ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
        windows = np.lib.stride_tricks.sliding_window_view(p, (K_H, K_W), axis=(2, 3))[:, :, ::stride, ::stride]
        rows = windows.transpose(0, 2, 3, 1, 4, 5).reshape(N, H_out, W_out, -1)
        w = weight.numpy().reshape(C_out, -1)
        out = np.apply_along_axis(w.__matmul__, 3, rows)
        return torch.from_numpy(out).permute(0, 3, 1, 2) + b[:, None, None]
    """),
    "over the batch, in threads": fast("""
        from concurrent.futures import ThreadPoolExecutor
        w = weight.numpy().reshape(C_out, -1).T
        p = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
        rows = p.permute(0, 2, 3, 1, 4, 5).reshape(N, H_out * W_out, -1).numpy()
        with ThreadPoolExecutor(2) as pool:
            out = np.stack(list(pool.map(lambda r: r @ w, rows)))
        return torch.from_numpy(out).reshape(N, H_out, W_out, C_out).permute(0, 3, 1, 2) + b[:, None, None]
    """),
    "over the batch, as a scripted function": fast(
        "return work(x, weight, b, stride, padding)",
        """
        @torch.jit.script
        def work(x, weight, b, stride: int, padding: int):
            p = torch.constant_pad_nd(x, [padding, padding, padding, padding])
            found: list[torch.Tensor] = []
            for n in range(p.size(0)):
                windows = p[n].unfold(1, weight.size(2), stride).unfold(2, weight.size(3), stride)
                found.append(torch.einsum("chwij,ocij->ohw", [windows, weight]) + b[:, None, None])
            return torch.stack(found)
        """,
    ),
    "the loops of conv2d": fast("""
        p = F.pad(x, [padding] * 4)
        out = torch.zeros(N, C_out, H_out, W_out, dtype=x.dtype)
        for n in range(N):
            for o in range(C_out):
                for h in range(H_out):
                    for k in range(W_out):
                        window = p[n, :, h * stride : h * stride + K_H, k * stride : k * stride + K_W]
                        out[n, o, h, k] = (window * weight[o]).sum() + b[o]
        return out
    """),
}

HONEST: dict[str, dict[str, Cells]] = {
    "conv2d_fast": FAST,
    "conv2d": {
        "loops, beside a comparison that is switched off": answer(
            "conv2d",
            _SIZES
            + dedent("""
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
            """),
            "CHECK = False\nmine = theirs(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2))",
        ),
        "loops in numpy": answer(
            "conv2d",
            _SIZES
            + dedent("""
            p, w = F.pad(x, [padding] * 4).numpy(), weight.numpy()
            out = np.zeros((N, C_out, H_out, W_out), p.dtype)
            for h in range(H_out):
                for k in range(W_out):
                    window = p[:, None, :, h * stride : h * stride + K_H, k * stride : k * stride + K_W]
                    out[:, :, h, k] = (window * w).sum((2, 3, 4))
            return torch.from_numpy(out) + b[:, None, None]
            """),
        ),
        "a matrix of windows, named as ever": answer(
            "conv2d",
            _SIZES
            + dedent("""
            columns = im2col(F.pad(x, [padding] * 4), K_H, K_W, stride)
            out = convolve(columns, weight.reshape(C_out, -1)) + b[:, None]
            return out.reshape(N, C_out, H_out, W_out)
            """),
            """
            def im2col(x, K_H, K_W, S):
                windows = x.unfold(2, K_H, S).unfold(3, K_W, S)
                return windows.permute(0, 1, 4, 5, 2, 3).reshape(len(x), x.shape[1] * K_H * K_W, -1)
            def convolve(columns, w):
                return w @ columns
            """,
        ),
    },
    "conv2d_backward": {
        "without autograd, under requires_grad": answer(
            "conv2d_backward",
            """
            K_H, K_W = weight.shape[2:]
            padded = F.pad(x, [padding] * 4).requires_grad_(True).detach()
            dpadded = torch.zeros_like(padded)
            dweight = torch.zeros_like(weight)
            H_out, W_out = dout.shape[2:]
            for i in range(K_H):
                for j in range(K_W):
                    rows = slice(i, i + (H_out - 1) * stride + 1, stride)
                    cols = slice(j, j + (W_out - 1) * stride + 1, stride)
                    dweight[:, :, i, j] = torch.einsum("nohw,nchw->oc", dout, padded[:, :, rows, cols])
                    dpadded[:, :, rows, cols] += torch.einsum("nohw,oc->nchw", dout, weight[:, :, i, j])
            H, W = x.shape[2:]
            dx = dpadded[:, :, padding : padding + H, padding : padding + W]
            return dx, dweight, dout.sum((0, 2, 3))
        """,
        ),
        "by differences": answer(
            "conv2d_backward",
            """
            def forward(x, w, b):
                windows = F.pad(x, [padding] * 4).unfold(2, w.shape[2], stride).unfold(3, w.shape[3], stride)
                return ((torch.einsum("nchwij,ocij->nohw", windows, w) + b[:, None, None]) * dout.double()).sum()
            given = [x.double(), weight.double(), torch.zeros(len(weight)).double()]
            found = []
            for place, value in enumerate(given):
                grad = torch.zeros(value.numel()).double()
                for k in range(value.numel()):
                    step = torch.zeros(value.numel()).double(); step[k] = 0.5
                    up, down = list(given), list(given)
                    up[place] = value + step.reshape(value.shape)
                    down[place] = value - step.reshape(value.shape)
                    grad[k] = forward(*up) - forward(*down)
                found.append(grad.reshape(value.shape).to(x.dtype))
            return tuple(found)
        """,
        ),
    },
    "max_pool2d": {
        "amax of windows": answer(
            "max_pool2d",
            "return x.unfold(2, kernel_size, stride).unfold(3, kernel_size, stride).amax((4, 5))",
        ),
        "views of numpy": answer(
            "max_pool2d",
            """
            view = np.lib.stride_tricks.sliding_window_view(x.numpy(), (kernel_size,) * 2, axis=(2, 3))
            return torch.from_numpy(view[:, :, ::stride, ::stride].max((4, 5)))
        """,
        ),
        "maximum of shifted slices": answer(
            "max_pool2d",
            """
            H, W = ((n - kernel_size) // stride + 1 for n in x.shape[2:])
            out = None
            for i in range(kernel_size):
                for j in range(kernel_size):
                    part = x[:, :, i::stride, j::stride][:, :, :H, :W]
                    out = part if out is None else torch.maximum(out, part)
            return out.clone()
        """,
        ),
    },
    "avg_pool2d": {
        "an integral image": answer(
            "avg_pool2d",
            """
            s = F.pad(x.double().cumsum(2).cumsum(3), (1, 0, 1, 0))
            K = kernel_size
            total = s[:, :, K:, K:] - s[:, :, :-K, K:] - s[:, :, K:, :-K] + s[:, :, :-K, :-K]
            return (total[:, :, ::stride, ::stride] / K**2).to(x.dtype)
        """,
        ),
    },
    "batchnorm_train": {
        "var_mean, addcmul and lerp": answer(
            "batchnorm_train",
            """
            var, mean = torch.var_mean(x, 0, correction=0)
            out = torch.addcmul(beta, (x - mean) * torch.rsqrt(var + eps), gamma)
            n = len(x)
            return out, running_mean.lerp(mean, momentum), running_var.lerp(var * n / (n - 1), momentum)
        """,
        ),
        "numpy": answer(
            "batchnorm_train",
            """
            a = x.double().numpy()
            mean, var = a.mean(0), a.var(0)
            out = (a - mean) / np.sqrt(var + eps) * gamma.double().numpy() + beta.double().numpy()
            new = [(1 - momentum) * old.double().numpy() + momentum * now for old, now in ((running_mean, mean), (running_var, a.var(0, ddof=1)))]
            return tuple(torch.from_numpy(v).to(x.dtype) for v in (out, *new))
        """,
        ),
    },
    "layer_norm": {
        "the norm of a vector": answer(
            "layer_norm",
            """
            centred = (x - x.mean(1, keepdim=True)).double()
            var = torch.linalg.vector_norm(centred, dim=1, keepdim=True) ** 2 / x.shape[1]
            return (centred / torch.sqrt(var + eps)).to(x.dtype) * gamma + beta
        """,
        ),
    },
    "group_norm": {
        "one matrix": answer(
            "group_norm",
            """
            g = x.double().reshape(len(x), num_groups, -1)
            ones = torch.ones(g.shape[2], 1, dtype=g.dtype) / g.shape[2]
            centred = g - g @ ones
            y = (centred / (centred**2 @ ones + eps).sqrt()).reshape(x.shape).to(x.dtype)
            return y * gamma[:, None, None] + beta[:, None, None]
        """,
        ),
    },
}
