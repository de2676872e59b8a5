"""Row 23, and forbidden functions in threads (row 16): attempts to hide functions that run."""

from __future__ import annotations

from textwrap import dedent, indent

from autograder.results import Outcome
from tests.attacks.kinds import FULL, Attack

SEEN = "torch's own profiler hears of every operation, in every mode, transform and thread"
LIBRARIES = "Python's profiler hears of calls of libraries, which are known by module and name"
REFUSED = "functions that could hide a call are refused by name"
_WEIGHT = "w = torch.full((1, 1, 1, 1), float(k), dtype=x.dtype)"
_OWN = "uses torch's own convolution"


def scales(row: int, name: str, body: str, stops: str, says: str, before: str = "") -> Attack:
    """An answer to ``scale`` that is right and uses a forbidden function."""
    parts = [
        dedent(before).strip(),
        "def scale(x, k):",
        indent(f"{_WEIGHT}\n{dedent(body).strip()}", "    "),
    ]
    source = "import torch, torch.nn.functional as F\n" + "\n".join(parts)
    earns = {**FULL, "test_scale": 0.0}
    return Attack(row, name, stops, {"scale": source}, earns, (Outcome.FAILED,), says)


ATTACKS: list[Attack] = [
    scales(
        16,
        "a convolution from a thread",
        """
        import threading
        out = []
        t = threading.Thread(target=lambda: out.append(F.conv2d(x[None, None], w)[0, 0]))
        t.start(); t.join()
        return out[0]
        """,
        SEEN,
        _OWN,
    ),
    scales(
        23,
        "`F.conv2d` in inference mode",
        "with torch.inference_mode(): return F.conv2d(x[None, None], w)[0, 0].clone()",
        SEEN,
        _OWN,
    ),
    scales(
        23,
        "`F.conv2d` under `no_grad`",
        "with torch.no_grad(): return F.conv2d(x[None, None], w)[0, 0]",
        SEEN,
        _OWN,
    ),
    scales(
        23,
        "a convolution as the value of a forward derivative",
        "return torch.func.jvp(lambda a: F.conv2d(a[None, None], w)[0, 0], (x,), (x,))[0]",
        SEEN,
        _OWN,
    ),
    scales(
        23,
        "a convolution mapped by `torch.func.vmap`",
        "return torch.func.vmap(lambda a: F.conv1d(a[None, None], w[0])[0, 0])(x)",
        SEEN,
        _OWN,
    ),
    scales(
        23,
        "a convolution below an excluded dispatch key",
        """
        keys = torch._C.DispatchKeySet(torch._C.DispatchKey.Python)
        with torch._C._ExcludeDispatchKeyGuard(keys): return F.conv2d(x[None, None], w)[0, 0]
        """,
        SEEN,
        _OWN,
    ),
    scales(
        23,
        "average pooling, by its out variant",
        "return torch._C._nn.avg_pool2d(x[None], 1, out=torch.empty(0, dtype=x.dtype))[0] * k",
        SEEN,
        "uses torch's own pooling (F.avg_pool2d)",
    ),
    scales(
        23,
        "max pooling by a kernel that is called directly",
        """
        key, more = torch._C.DispatchKey.CPU, ([1, 1], [1, 1], [0, 0], [1, 1], False)
        return torch.ops.aten.max_pool2d_with_indices.default._op_dk(key, x[None], *more)[0][0] * k
        """,
        REFUSED,
        "which hides from the grader what is computed",
    ),
    scales(
        23,
        "max pooling by a kernel that is looked up",
        """
        keys, more = torch._C.DispatchKeySet(torch._C.DispatchKey.CPU), ([1, 1], [1, 1], [0, 0], [1, 1], False)
        return kernel.call_boxed(keys, x[None], *more)[0][0] * k
        """,
        REFUSED,
        "call_boxed, which hides from the grader what is computed",
        'kernel = torch.library.get_kernel("aten::max_pool2d_with_indices", "CPU")',
    ),
    scales(
        23,
        "a convolution while the recording is off",
        """
        torch._C._autograd._enable_record_function(False)
        out = F.conv2d(x[None, None], w)[0, 0]
        torch._C._autograd._enable_record_function(True)
        return out
        """,
        LIBRARIES,
        "uses ",
    ),
    scales(
        23,
        "a convolution in a thread that was started before",
        "asked.put((x[None, None], w)); return told.get()[0, 0]",
        "an answer that waits beside its own thread may wait for the results of that thread",
        "uses a thread that was started before",
        """
        import queue, threading
        asked, told = queue.Queue(), queue.Queue()
        def serve():
            while True: told.put(F.conv2d(*asked.get()))
        threading.Thread(target=serve, daemon=True).start()
        """,
    ),
    scales(
        23,
        "a convolution in a forked process",
        """
        import os
        r, w_ = os.pipe()
        if os.fork() == 0:
            os.write(w_, F.conv2d(x[None, None], w).double().numpy().tobytes()); os._exit(0)
        data = os.read(r, 1 << 16); os.wait()
        return torch.frombuffer(bytearray(data), dtype=torch.float64).reshape(x.shape).to(x.dtype)
        """,
        REFUSED,
        "which hides from the grader what is computed",
    ),
    scales(
        23,
        "`np.convolve`",
        """
        import numpy as np
        rows = [np.convolve(row, [k]) for row in x.numpy()]
        return torch.from_numpy(np.array(rows)).to(x.dtype)
        """,
        LIBRARIES,
        "convolution that is ready-made",
    ),
    scales(
        23,
        "a filter of Pillow",
        """
        from PIL import Image, ImageFilter
        for row in x:
            Image.new("L", (4, 4)).filter(ImageFilter.BoxBlur(1))
        return x * k
        """,
        LIBRARIES,
        "convolution that is ready-made",
    ),
    scales(
        23,
        "layer norm in a scripted function",
        "return norm(x, [x.shape[1]]) * 0 + x * k",
        SEEN,
        "uses torch's own normalisation (F.layer_norm)",
        "from typing import List\n@torch.jit.script\ndef norm(x, shape: List[int]): return torch.layer_norm(x, shape)",
    ),
]
