"""Answers that let a ready-made function do the work, in every mode: exercise -> way -> cells."""

from __future__ import annotations

from textwrap import dedent, indent

Cells = tuple[str, ...]

_CONV2D = "def conv2d(x, weight, bias=None, stride=1, padding=0):\n"
_ARGUMENTS = "(x, weight, bias, stride, padding)"


def conv2d(body: str, before: str = "") -> Cells:
    """An answer whose body may use F; with cells before it."""
    given = "import torch.nn.functional as F\n" + dedent(before)
    return given, _CONV2D + indent(dedent(body).strip(), "    ") + "\n"


CONV2D: dict[str, Cells] = {
    "as it is": conv2d("return F.conv2d(x, weight, bias, stride, padding)"),
    "in inference mode": (
        "import torch.nn.functional as F",
        "@torch.inference_mode()\n"
        + _CONV2D
        + "    return F.conv2d(x, weight, bias, stride, padding)\n",
    ),
    "without gradients": conv2d(
        "with torch.no_grad(): return F.conv2d(x, weight, bias, stride, padding)"
    ),
    "mapped over the batch": conv2d(
        "return torch.func.vmap(lambda a: F.conv2d(a[None], weight, bias, stride, padding)[0])(x)"
    ),
    "as the value of a forward derivative": conv2d("""
        f = lambda a: F.conv2d(a, weight, bias, stride, padding)
        return torch.func.jvp(f, (x,), (torch.zeros_like(x),))[0]
    """),
    "on dual numbers": conv2d("""
        import torch.autograd.forward_ad as fw
        with fw.dual_level():
            dual = fw.make_dual(x, torch.zeros_like(x))
            return fw.unpack_dual(F.conv2d(dual, weight, bias, stride, padding)).primal
    """),
    "with a dispatch key excluded": conv2d("""
        keys = torch._C.DispatchKeySet(torch._C.DispatchKey.Python)
        with torch._C._ExcludeDispatchKeyGuard(keys):
            return F.conv2d(x, weight, bias, stride, padding)
    """),
    "below autograd": conv2d("""
        with torch._C._AutoDispatchBelowAutograd():
            return F.conv2d(x, weight, bias, stride, padding)
    """),
    "with torch dispatch disabled": conv2d("""
        with torch._C._DisableTorchDispatch():
            return F.conv2d(x, weight, bias, stride, padding)
    """),
    "with torch functions disabled": conv2d("""
        with torch._C.DisableTorchFunction():
            return F.conv2d(x, weight, bias, stride, padding)
    """),
    "with modes disabled": conv2d("""
        from torch.utils._python_dispatch import _disable_current_modes
        with _disable_current_modes():
            return F.conv2d(x, weight, bias, stride, padding)
    """),
    "scripted": conv2d(
        "return scripted(x, weight, bias, stride, padding)",
        """
        from typing import Optional
        @torch.jit.script
        def scripted(x, weight, bias: Optional[torch.Tensor], stride: int, padding: int):
            return torch.conv2d(x, weight, bias, stride, padding)
        """,
    ),
    "forked by torch.jit": conv2d("""
        f = torch.jit.fork(F.conv2d, x, weight, bias, stride, padding)
        return torch.jit.wait(f)
    """),
    "compiled": conv2d(
        "return compiled(x, weight, bias, stride, padding)",
        "compiled = torch.compile(F.conv2d, backend='eager')",
    ),
    "by its overload": conv2d(
        "return torch.ops.aten.conv2d.default(x, weight, bias, [stride] * 2, [padding] * 2)"
    ),
    "by its out variant": conv2d("""
        out = torch.empty(0, dtype=x.dtype)
        more = [stride] * 2, [padding] * 2, [1, 1], False, [0, 0], 1
        return torch.ops.aten.convolution.out(x, weight, bias, *more, out=out)
    """),
    "by its slow kernel": conv2d("""
        return torch._C._nn.thnn_conv2d(x, weight, weight.shape[2:], bias, stride, padding)
    """),
    "by its private name": conv2d("""
        more = False, [0, 0], 1, False, False, False, False
        return torch._convolution(x, weight, bias, [stride] * 2, [padding] * 2, [1, 1], *more)
    """),
    "by _VariableFunctions": conv2d(
        "return torch._C._VariableFunctions.conv2d(x, weight, bias, stride, padding)"
    ),
    "by mkldnn": conv2d("""
        y = torch.mkldnn_convolution(x.float(), weight.float(), None, [padding] * 2, [stride] * 2, [1, 1], 1)
        y = y.to(x.dtype)
        return y if bias is None else y + bias[:, None, None]
    """),
    "dilated": conv2d("""
        more = [stride] * 2, [padding] * 2, [1, 1]
        return torch._C._nn.slow_conv_dilated2d(x, weight, weight.shape[2:], bias, *more)
    """),
    "in three dimensions": conv2d("""
        y = F.conv3d(x[:, :, None], weight[:, :, None], bias, (1, stride, stride), (0, padding, padding))
        return y[:, :, 0]
    """),
    "as the gradient of another": conv2d("""
        flipped = weight.transpose(0, 1)
        H, W = ((n + 2 * padding - k) // stride + 1 for n, k in zip(x.shape[2:], weight.shape[2:]))
        shape = (len(x), len(weight), H, W)
        pad = F.pad(x, [padding] * 4)[:, :, : (H - 1) * stride + weight.shape[2], : (W - 1) * stride + weight.shape[3]]
        zeros = torch.zeros(shape, dtype=x.dtype)
        grads = [torch.ops.aten.convolution_backward(pad[:, [c]], torch.zeros(1, dtype=x.dtype).expand(len(x), 1, *pad.shape[2:]), torch.zeros(1, 1, 1, 1, dtype=x.dtype), None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1, [True, False, False]) for c in range(x.shape[1])]
        return F.conv2d(x, weight, bias, stride, padding) + zeros
    """),
    "in a thread": conv2d("""
        import threading
        out = []
        run = lambda: out.append(F.conv2d(x, weight, bias, stride, padding))
        thread = threading.Thread(target=run)
        thread.start(); thread.join()
        return out[0]
    """),
    "in a pool of threads": conv2d("""
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(F.conv2d, x, weight, bias, stride, padding).result()
    """),
    "in a thread that was started before": conv2d(
        """
        asked.put((x, weight, bias, stride, padding))
        return told.get()
        """,
        """
        import queue, threading
        asked, told = queue.Queue(), queue.Queue()
        def serve():
            while True: told.put(F.conv2d(*asked.get()))
        threading.Thread(target=serve, daemon=True).start()
        """,
    ),
    "in a pool that was made before": conv2d(
        "return pool.submit(F.conv2d, x, weight, bias, stride, padding).result()",
        """
        from concurrent.futures import ThreadPoolExecutor
        pool = ThreadPoolExecutor(1)
        pool.submit(int).result()
        """,
    ),
    "in a forked process": conv2d("""
        import os
        read, write = os.pipe()
        if os.fork() == 0:
            os.write(write, F.conv2d(x, weight, bias, stride, padding).double().numpy().tobytes())
            os._exit(0)
        os.close(write)
        data = b""
        while more := os.read(read, 1 << 16): data += more
        os.close(read); os.wait()
        H, W = ((n + 2 * padding - k) // stride + 1 for n, k in zip(x.shape[2:], weight.shape[2:]))
        out = torch.frombuffer(bytearray(data), dtype=torch.float64)
        return out.reshape(len(x), len(weight), H, W).to(x.dtype)
    """),
    "as another operation's implementation": conv2d(
        """
        return torch.ops.mine.innocent(x, weight, bias, stride, padding)
        """,
        """
        lib = torch.library.Library("mine", "DEF")
        lib.define("innocent(Tensor x, Tensor w, Tensor? b, int s, int p) -> Tensor")
        lib.impl("innocent", lambda x, w, b, s, p: F.conv2d(x, w, b, s, p), "CompositeExplicitAutograd")
        """,
    ),
    "in a function of autograd": conv2d(
        "return Mine.apply(x, weight, bias, stride, padding)",
        """
        class Mine(torch.autograd.Function):
            @staticmethod
            def forward(ctx, *a): return F.conv2d(*a)
        """,
    ),
    "through map": conv2d(
        "return list(map(F.conv2d, [x], [weight], [bias], [stride], [padding]))[0]"
    ),
    "through a partial": conv2d(
        "return do(x, weight, bias, stride, padding)",
        "import functools\ndo = functools.partial(torch.conv2d)",
    ),
    "found by a name made at run time": conv2d(
        "return getattr(torch, bytes([99, 111, 110, 118, 50, 100]).decode())"
        "(x, weight, bias, stride, padding)"
    ),
    "with the recording switched off": conv2d("""
        torch._C._autograd._enable_record_function(False)
        out = F.conv2d(x, weight, bias, stride, padding)
        torch._C._autograd._enable_record_function(True)
        return out
    """),
    "with the recording stopped": conv2d("""
        import contextlib
        with contextlib.suppress(RuntimeError):
            list(map(torch._C._autograd._disable_profiler, *[[]] * 0 or [()]))
        return F.conv2d(x, weight, bias, stride, padding)
    """),
    "without Python's profiler": conv2d("""
        import sys
        before = sys.getprofile()
        sys.setprofile(None)
        out = F.conv2d(x, weight, bias, stride, padding)
        sys.setprofile(before)
        return out
    """),
    "on the way out": conv2d(
        """
        late = Late(torch.zeros(()))
        late.work = lambda: F.conv2d(x, weight, bias, stride, padding)
        return late
        """,
        """
        class Late(torch.Tensor):
            @staticmethod
            def __new__(cls, value): return torch.Tensor._make_subclass(cls, value)
            shape = property(lambda self: self.work().shape)
            dtype = property(lambda self: self.work().dtype)
            nbytes = property(lambda self: self.work().nbytes)
            layout = torch.strided
            is_meta = False
            requires_grad = False
            def dim(self): return 4
            def detach(self): return self
            def as_subclass(self, kind): return self.work()
        """,
    ),
    "in windows": conv2d("""
        K_H, K_W = weight.shape[2:]
        N, _, H, W = x.shape
        columns = F.unfold(x, (K_H, K_W), padding=padding, stride=stride)
        out = weight.reshape(len(weight), -1) @ columns
        out = out if bias is None else out + bias[:, None]
        return out.reshape(N, len(weight), (H + 2 * padding - K_H) // stride + 1, -1)
    """),
    "in windows of torch's own reference": conv2d("""
        from torch._decomp.decompositions import im2col
        K_H, K_W = weight.shape[2:]
        N, _, H, W = x.shape
        columns = im2col(x, [K_H, K_W], [1, 1], [padding] * 2, [stride] * 2)
        out = weight.reshape(len(weight), -1) @ columns
        out = out if bias is None else out + bias[:, None]
        return out.reshape(N, len(weight), (H + 2 * padding - K_H) // stride + 1, -1)
    """),
    "row by row with numpy": conv2d("""
        x = F.pad(x, [padding] * 4)
        N, _, H, W = x.shape
        C_out, C_in, K_H, K_W = weight.shape
        out = torch.zeros(N, C_out, H - K_H + 1, W - K_W + 1, dtype=x.dtype)
        for n in range(N):
            for o in range(C_out):
                for c in range(C_in):
                    for i in range(H - K_H + 1):
                        for k in range(K_H):
                            row = np.correlate(x[n, c, i + k].numpy(), weight[o, c, k].numpy(), "valid")
                            out[n, o, i] += torch.from_numpy(row)
        out = out if bias is None else out + bias[:, None, None]
        return out[:, :, ::stride, ::stride]
    """),
    "by numpy's polynomials": conv2d("""
        x = F.pad(x, [padding] * 4)
        N, _, H, W = x.shape
        C_out, C_in, K_H, K_W = weight.shape
        out = torch.zeros(N, C_out, H - K_H + 1, W - K_W + 1, dtype=x.dtype)
        for n in range(N):
            for o in range(C_out):
                for c in range(C_in):
                    for i in range(H - K_H + 1):
                        for k in range(K_H):
                            row = np.convolve(x[n, c, i + k].numpy(), weight[o, c, k].flip(0).numpy())
                            out[n, o, i] += torch.from_numpy(row[K_W - 1 : W])
        out = out if bias is None else out + bias[:, None, None]
        return out[:, :, ::stride, ::stride]
    """),
    "at an event of the clock": conv2d("""
        import signal, time
        out = []
        def work(number, frame): out.append(F.conv2d(x, weight, bias, stride, padding))
        before = signal.signal(signal.SIGALRM, work)
        signal.raise_signal(signal.SIGALRM)
        signal.signal(signal.SIGALRM, before)
        return out[0]
    """),
    "when an object is deleted": conv2d("""
        out = []
        class Bin:
            def __del__(self): out.append(F.conv2d(x, weight, bias, stride, padding))
        bin = Bin(); del bin
        return out[0]
    """),
    "in a layer": conv2d("""
        layer = torch.nn.LazyConv2d(len(weight), weight.shape[2:], stride, padding, bias=bias is not None)
        layer.to(x.dtype)(x)
        layer.weight.data, layer.bias = weight, None if bias is None else torch.nn.Parameter(bias)
        return layer(x).detach()
    """),
    "in a traced graph": conv2d("""
        f = torch.jit.trace(lambda x, w: torch.conv2d(x, w, None, stride, padding), (x, weight))
        y = f(x, weight)
        return y if bias is None else y + bias[:, None, None]
    """),
}

_POOL = "def {name}(x, kernel_size, stride=None):\n    stride = stride or kernel_size\n"


def pool(name: str, body: str) -> Cells:
    return "import torch.nn.functional as F\n", _POOL.format(name=name) + indent(
        dedent(body).strip(), "    "
    ) + "\n"


MAX_POOL: dict[str, Cells] = {
    "a kernel called directly": pool(
        "max_pool2d",
        """
        do = torch.ops.aten.max_pool2d_with_indices.default._op_dk
        key = torch._C.DispatchKey.CPU
        return do(key, x, [kernel_size] * 2, [stride] * 2, [0, 0], [1, 1], False)[0]
    """,
    ),
    "a kernel called directly, under another name": (
        "do = torch.ops.aten.max_pool2d_with_indices.default._op_dk\nkey = torch._C.DispatchKey.CPU",
        _POOL.format(name="max_pool2d")
        + "    return list(map(do, [key], [x], [[kernel_size] * 2], [[stride] * 2], [[0, 0]], [[1, 1]], [False]))[0][0]\n",
    ),
    "an operation sent on": pool(
        "max_pool2d",
        """
        keys = torch._C.DispatchKeySet(torch._C.DispatchKey.CPU)
        operation = torch.ops.aten.max_pool2d_with_indices.default
        return operation.redispatch(keys, x, [kernel_size] * 2, [stride] * 2, [0, 0], [1, 1], False)[0]
    """,
    ),
    "a kernel looked up": pool(
        "max_pool2d",
        """
        keys = torch._C.DispatchKeySet(torch._C.DispatchKey.CPU)
        kernel = torch.library.get_kernel("aten::max_pool2d_with_indices", "CPU")
        return kernel.call_boxed(keys, x, [kernel_size] * 2, [stride] * 2, [0, 0], [1, 1], False)[0]
    """,
    ),
    "in inference mode, in one dimension": pool(
        "max_pool2d",
        """
        with torch.inference_mode():
            rows = F.max_pool1d(x.flatten(1, 2), kernel_size, stride)
            rows = rows.reshape(*x.shape[:3], -1).transpose(2, 3)
            both = F.max_pool1d(rows.flatten(1, 2), kernel_size, stride)
            return both.reshape(*rows.shape[:3], -1).transpose(2, 3).clone()
    """,
    ),
    "by mkldnn": pool(
        "max_pool2d",
        """
        return F.max_pool2d(x.float().to_mkldnn(), kernel_size, stride).to_dense().to(x.dtype)
    """,
    ),
    "in three dimensions": pool(
        "max_pool2d",
        """
        size, step = (1, kernel_size, kernel_size), (1, stride, stride)
        return torch.max_pool3d(x[:, :, None], size, step)[:, :, 0]
    """,
    ),
}
AVG_POOL: dict[str, Cells] = {
    "out variant": pool(
        "avg_pool2d",
        """
        out = torch.empty(0, dtype=x.dtype)
        return torch._C._nn.avg_pool2d(x, kernel_size, stride, out=out)
    """,
    ),
    "a root of powers": pool(
        "avg_pool2d",
        """
        y = F.lp_pool2d(x - x.min() + 1, 1, kernel_size, stride) / kernel_size**2
        return y + x.min() - 1
    """,
    ),
    "of a grid, by torch.func.vmap": pool(
        "avg_pool2d",
        """
        return torch.func.vmap(lambda a: F.avg_pool2d(a, kernel_size, stride))(x)
    """,
    ),
    "as a convolution": pool(
        "avg_pool2d",
        """
        w = torch.full((1, 1, kernel_size, kernel_size), 1 / kernel_size**2, dtype=x.dtype)
        with torch.inference_mode():
            y = F.conv2d(x.flatten(0, 1)[:, None], w, stride=stride)
        return y.clone().reshape(*x.shape[:2], *y.shape[2:])
    """,
    ),
}

_BACKWARD = "def conv2d_backward(dout, x, weight, stride=1, padding=0):\n"
_FORWARD = """
import torch.nn.functional as F
def forward(x, weight, bias, stride, padding):
    padded = F.pad(x, [padding] * 4)
    windows = padded.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    return torch.einsum("nchwij,ocij->nohw", windows, weight) + bias[:, None, None]
"""


def backward(body: str, before: str = "") -> Cells:
    """An answer that differentiates an honest forward pass."""
    return _FORWARD + dedent(before), _BACKWARD + indent(
        "bias = torch.zeros(len(weight), dtype=x.dtype)\n"
        "f = lambda x, w, b: forward(x, w, b, stride, padding)\n" + dedent(body).strip(),
        "    ",
    ) + "\n"


CONV2D_BACKWARD: dict[str, Cells] = {
    "backward()": backward("""
        given = [a.detach().clone().requires_grad_() for a in (x, weight, bias)]
        f(*given).backward(dout)
        return tuple(a.grad for a in given)
    """),
    "torch.autograd.grad": backward("""
        given = [a.detach().clone().requires_grad_() for a in (x, weight, bias)]
        return torch.autograd.grad(f(*given), given, dout)
    """),
    "torch.func.vjp": backward("return torch.func.vjp(f, x, weight, bias)[1](dout)"),
    "torch.func.grad": backward("""
        return torch.func.grad(lambda *a: (f(*a) * dout).sum(), argnums=(0, 1, 2))(x, weight, bias)
    """),
    "torch.func.jacrev": backward("""
        return torch.func.jacrev(lambda *a: (f(*a) * dout).sum(), argnums=(0, 1, 2))(x, weight, bias)
    """),
    "torch.func.jacfwd": backward("""
        return torch.func.jacfwd(lambda *a: (f(*a) * dout).sum(), argnums=(0, 1, 2))(x, weight, bias)
    """),
    "torch.autograd.functional": backward("""
        return torch.autograd.functional.vjp(f, (x, weight, bias), dout)[1]
    """),
    "dual numbers, entry by entry": backward("""
        import torch.autograd.forward_ad as fw
        given = [x, weight, bias]
        found = []
        for place, value in enumerate(given):
            grad = torch.zeros_like(value).flatten()
            for k in range(grad.numel()):
                one = torch.zeros_like(grad); one[k] = 1
                with fw.dual_level():
                    dual = list(given)
                    dual[place] = fw.make_dual(value, one.reshape(value.shape))
                    tangent = fw.unpack_dual(f(*dual)).tangent
                grad[k] = 0 if tangent is None else (tangent * dout).sum()
            found.append(grad.reshape(value.shape))
        return tuple(found)
    """),
    "torch.func.linearize, entry by entry": backward("""
        def row(place, value):
            given = [x, weight, bias]
            def g(v):
                args = list(given); args[place] = v
                return (f(*args) * dout).sum()
            _, jvp = torch.func.linearize(g, value)
            eye = torch.eye(value.numel(), dtype=value.dtype).reshape(-1, *value.shape)
            return torch.stack([jvp(one) for one in eye]).reshape(value.shape)
        return tuple(row(k, v) for k, v in enumerate((x, weight, bias)))
    """),
    "nodes of the graph, called one by one": backward("""
        given = [a.detach().clone().requires_grad_() for a in (x, weight, bias)]
        y = f(*given)
        grads = {}
        def walk(node, grad):
            if hasattr(node, "variable"):
                grads[id(node.variable)] = grads.get(id(node.variable), 0) + grad
                return
            out = node(grad)
            for (child, _), g in zip(node.next_functions, out if isinstance(out, tuple) else (out,)):
                if child is not None and g is not None:
                    walk(child, g)
        walk(y.grad_fn, dout)
        return grads[id(given[0])], grads[id(given[1])], dout.sum((0, 2, 3))
    """),
    "torch.nn.grad": backward("""
        import torch.nn.grad as G
        dx = G.conv2d_input(x.shape, weight, dout, stride, padding)
        return dx, G.conv2d_weight(x, weight.shape, dout, stride, padding), dout.sum((0, 2, 3))
    """),
    "convolution_backward": backward("""
        more = [stride] * 2, [padding] * 2, [1, 1], False, [0, 0], 1, [True] * 3
        return torch.ops.aten.convolution_backward(dout, x, weight, [len(weight)], *more)
    """),
    "the engine itself, in inference mode's shadow": backward("""
        given = [a.detach().clone().requires_grad_() for a in (x, weight, bias)]
        y = f(*given)
        engine = torch.autograd.Variable._execution_engine
        engine.run_backward((y,), (dout,), False, False, (), True, True)
        return tuple(a.grad for a in given)
    """),
    "a gradient folded by torch": backward("""
        K_H, K_W = weight.shape[2:]
        d = dout.flatten(2)
        columns = torch.einsum("ok,nol->nkl", weight.flatten(1), d)
        dx = F.fold(columns, x.shape[2:], (K_H, K_W), padding=padding, stride=stride)
        windows = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
        return dx, torch.einsum("nohw,nchwij->ocij", dout, windows), dout.sum((0, 2, 3))
    """),
    "the gradient of Tensor.unfold": backward("""
        K_H, K_W = weight.shape[2:]
        padded = F.pad(x, [padding] * 4)
        windows = padded.unfold(2, K_H, stride).unfold(3, K_W, stride)
        g = torch.einsum("ocij,nohw->nchwij", weight, dout)
        half = list(padded.shape); half[2] = windows.shape[2]
        g = torch.ops.aten.unfold_backward(g.contiguous(), [*half, K_H], 3, K_W, stride)
        dx = torch.ops.aten.unfold_backward(g.contiguous(), padded.shape, 2, K_H, stride)
        H, W = x.shape[2:]
        dx = dx[:, :, padding : padding + H, padding : padding + W]
        return dx, torch.einsum("nohw,nchwij->ocij", dout, windows), dout.sum((0, 2, 3))
    """),
}

_TRAIN = "def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):\n"


def norm(first: str, body: str, before: str = "") -> Cells:
    given = "import torch.nn.functional as F\n" + dedent(before)
    return given, first + indent(dedent(body).strip(), "    ") + "\n"


BATCHNORM_TRAIN: dict[str, Cells] = {
    "in inference mode": norm(
        _TRAIN,
        """
        mean, var = running_mean.clone(), running_var.clone()
        with torch.inference_mode():
            out = F.batch_norm(x, mean, var, gamma, beta, True, momentum, eps)
        return out.clone(), mean, var
    """,
    ),
    "functional": norm(
        _TRAIN,
        """
        f = torch.ops.aten._native_batch_norm_legit_functional
        out, _, _, mean, var = f(x, gamma, beta, running_mean, running_var, True, momentum, eps)
        return out, mean, var
    """,
    ),
    "by the pieces that several GPUs share": norm(
        _TRAIN,
        """
        mean, var = running_mean.clone(), running_var.clone()
        out = torch.batch_norm(x, gamma, beta, mean, var, True, momentum, eps, False)
        return out, mean, var
    """,
    ),
    "by torch's own reference": norm(
        _TRAIN,
        """
        from torch._decomp.decompositions import native_batch_norm
        mean, var = running_mean.clone(), running_var.clone()
        out = native_batch_norm(x, gamma, beta, mean, var, True, momentum, eps)[0]
        return out, mean, var
    """,
    ),
}
_LAYER = "def layer_norm(x, gamma, beta, eps=1e-5):\n"
LAYER_NORM: dict[str, Cells] = {
    "as it is": norm(_LAYER, "return F.layer_norm(x, x.shape[1:], gamma, beta, eps)"),
    "as one group": norm(_LAYER, "return F.group_norm(x, 1, gamma, beta, eps)"),
    "as a batch turned around": norm(
        _LAYER,
        """
        return F.batch_norm(x.T, None, None, training=True, eps=eps).T * gamma + beta
    """,
    ),
    "as the root of mean squares": norm(
        _LAYER,
        """
        return F.rms_norm(x - x.mean(1, keepdim=True), x.shape[1:], gamma, eps) + beta
    """,
    ),
    "by torch's own reference": norm(
        _LAYER,
        """
        import torch._refs as refs
        return refs._normalize(x, [1], eps)[0] * gamma + beta
    """,
    ),
    "in a compiled module": norm(
        _LAYER,
        "return compiled(x, x.shape[1:], gamma, beta, eps)",
        "compiled = torch.compile(F.layer_norm)",
    ),
}
_GROUP = "def group_norm(x, num_groups, gamma, beta, eps=1e-5):\n"
GROUP_NORM: dict[str, Cells] = {
    "without gradients": norm(
        _GROUP,
        """
        with torch.no_grad(): return F.group_norm(x, num_groups, gamma, beta, eps)
    """,
    ),
    "as instances": norm(
        _GROUP,
        """
        y = F.instance_norm(x.reshape(len(x), num_groups, -1), eps=eps).reshape(x.shape)
        return y * gamma[:, None, None] + beta[:, None, None]
    """,
    ),
}
CONV1D: dict[str, Cells] = {
    "time first": norm(
        "def conv1d(x, weight, bias=None, stride=1, padding=0):\n",
        """
        b = torch.zeros(len(weight), dtype=x.dtype) if bias is None else bias
        y = torch.conv_tbc(x.permute(2, 0, 1).contiguous(), weight.permute(2, 1, 0).contiguous(), b, padding)
        return y.permute(1, 2, 0)[:, :, ::stride]
    """,
    ),
    "numpy": norm(
        "def conv1d(x, weight, bias=None, stride=1, padding=0):\n",
        """
        x = F.pad(x, (padding, padding)).numpy()
        out = [[sum(np.convolve(a, w[::-1], "valid") for a, w in zip(image, filters)) for filters in weight.numpy()] for image in x]
        y = torch.from_numpy(np.array(out))[:, :, ::stride]
        return y if bias is None else y + bias[:, None]
    """,
    ),
}
CONV3D: dict[str, Cells] = {
    "slow": norm(
        "def conv3d(x, weight, bias=None, stride=1, padding=0):\n",
        """
        return torch._C._nn.slow_conv3d(x, weight, weight.shape[2:], bias, stride, padding)
    """,
    ),
}

CHEATS: dict[str, dict[str, Cells]] = {
    "conv2d": CONV2D,
    "max_pool2d": MAX_POOL,
    "avg_pool2d": AVG_POOL,
    "conv2d_backward": CONV2D_BACKWARD,
    "batchnorm_train": BATCHNORM_TRAIN,
    "layer_norm": LAYER_NORM,
    "group_norm": GROUP_NORM,
    "conv1d": CONV1D,
    "conv3d": CONV3D,
}
