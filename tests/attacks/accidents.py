"""Row 22: honest accidents, each of which costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nbformat import NotebookNode, v4

from autograder.results import Outcome
from tests.attacks.kinds import FULL, Attack

WHY = "only wrong values cost points"


def accident(name: str, **more: Any) -> Attack:
    return Attack(22, name, WHY, earns=FULL, outcomes=(Outcome.NEEDS_MANUAL_GRADE,), **more)


def cells(name: str, *sources: str, at: int = 2) -> Attack:
    """Cells of the student's own before the answers, and again at the end."""

    def change(notebook: NotebookNode) -> None:
        notebook.cells[at:at] = [v4.new_code_cell(source) for source in sources]
        notebook.cells += [v4.new_code_cell(source) for source in sources]

    return accident(name, change=change)


def written(name: str, **answers: str) -> Attack:
    return accident(name, answers=answers)


def edited(name: str, change: Callable[[NotebookNode], Any], **more: Any) -> Attack:
    return accident(name, change=change, **more)


def upside_down(notebook: NotebookNode) -> None:
    notebook.cells = [*notebook.cells[:2], *reversed(notebook.cells[2:])]


def merged(notebook: NotebookNode) -> None:
    answers = [
        c
        for c in notebook.cells
        if c.metadata.get("nbgrader", {}).get("grade_id") in ("scale", "double")
    ]
    answers[0].source += "\n\n" + answers[1].source
    notebook.cells.remove(answers[1])


def helper_last(notebook: NotebookNode) -> None:
    notebook.cells.append(v4.new_code_cell("def times(x, k):\n    return x * k"))


ATTACKS: list[Attack] = [
    written("`warnings.warn` in an answer", scale="import warnings\ndef scale(x, k):\n    warnings.warn('careful')\n    return x * k"),
    written("a deprecation warning of torch's", scale="def scale(x, k):\n    x.T if x.dim() == 2 else x\n    torch.ones(3).T\n    return x * k"),
    written("warnings made errors", add="import warnings\nwarnings.simplefilter('error')\ndef add(a, b):\n    return a + b"),
    written("text on stderr", add="import sys\ndef add(a, b):\n    print('adding', a, b, file=sys.stderr)\n    return a + b"),
    written("logging at every level", add="import logging\nlogging.basicConfig(level=0)\ndef add(a, b):\n    logging.critical('adding')\n    logging.debug('added')\n    return a + b"),
    cells("a progress bar of tqdm", "from tqdm.auto import tqdm\nfor _ in tqdm(range(50)): pass"),
    cells("a megabyte of prints", "for n in range(20_000): print('epoch', n, 'loss', 1 / (n + 1), '.' * 20)"),
    cells("one line of a megabyte", "print('x' * 1_000_000)"),
    cells("`google.colab` imports", "from google.colab import drive\ndrive.mount('/content/drive')", "import google.colab.files"),
    cells("`!pip install`", "!pip install -q torchvision"),
    cells("`%pip install` and `%conda`", "%pip install nothing-of-this-name"),
    cells("`%%time`, `%timeit`", "%%time\nsum(range(100))", "%timeit -n 1 -r 1 1 + 1"),
    written("`%%time` above an answer", double="%%time\ndef double(n):\n    return 2 * n"),
    cells("plots", "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()", "fig, axes = plt.subplots(2, 3)"),
    cells("`%matplotlib` and its backends", "%matplotlib inline", "%matplotlib notebook", "%config InlineBackend.figure_format = 'retina'"),
    cells("a failing exploratory cell", "1 / 0", "undefined_name", "scale(torch.ones(2))"),
    cells("a cell that is not Python", "this is a note, not code", "print 'two'", "  indented = 1"),
    edited("cells out of order", upside_down),
    edited("a helper defined after its use", helper_last, answers={"scale": "def scale(x, k):\n    return times(x, k)"}),
    edited("two answers in one cell", merged),
    written("a right answer computed in float64", scale="def scale(x, k):\n    return (x.double() * k).to(x.dtype)"),
    written("another algorithm: loops", scale="def scale(x, k):\n    out = torch.empty_like(x)\n    for i in range(x.shape[0]):\n        for j in range(x.shape[1]): out[i, j] = sum([x[i, j]] * k)\n    return out"),
    written("another algorithm: numpy", scale="import numpy as np\ndef scale(x, k):\n    return torch.from_numpy(np.multiply(x.numpy(), k).astype(x.numpy().dtype))"),
    written("`einsum`, and a gradient that is not needed", scale="def scale(x, k):\n    return torch.einsum('ij,->ij', x.clone().requires_grad_(), torch.tensor(float(k), dtype=x.dtype))"),
    written("a numpy integer where an int is meant", add="import numpy as np\ndef add(a, b):\n    return np.int64(a) + np.int64(b)"),
    written("a lambda, a decorator, a class with `__call__`", add="add = lambda a, b: a + b", double="class Double:\n    def __call__(self, n): return 2 * n\ndouble = Double()", scale="@torch.no_grad()\ndef scale(x, k):\n    return x * k"),
    written("prints inside every answer", add="def add(a, b):\n    print('a', a, 'b', b)\n    return a + b", scale="def scale(x, k):\n    print(x)\n    return x * k"),
    written("type hints, defaults, an own docstring", add="def add(a: int, b: int = 0, *rest: int, check: bool = False) -> int:\n    '''Mine.'''\n    return a + b"),
    written("an answer that memoises", add="import functools\n@functools.lru_cache(maxsize=None)\ndef add(a, b):\n    return a + b"),
    cells("`sys.exit()`, `exit()`, `quit()`", "import sys; sys.exit(1)", "exit()", "quit()", "raise SystemExit"),
    cells("an interrupted cell", "raise KeyboardInterrupt"),
    cells("`input()`", "name = input('your name? ')"),
    cells("another working folder", "import os\nos.makedirs('out', exist_ok=True); os.chdir('out'); os.chdir('/')"),
    cells("`%%writefile`, `%load_ext`, `!ls`", "%%writefile notes.txt\nhello", "%load_ext autoreload\n%autoreload 2", "!ls -la", "%cd /tmp"),
    cells("threads, processes and seeds of its own", "import threading, subprocess, torch\nthreading.Thread(target=print).start()\nsubprocess.run(['true'])\ntorch.manual_seed(1); torch.set_num_threads(2)"),
    cells("names deleted and `%reset_selective`", "del expect", "%reset_selective -f nothing"),
    cells("`await` and an asyncio loop", "import asyncio\nawait asyncio.sleep(0)", "async def later(): return 1\nawait later()"),
    cells("a CUDA device that is not there", "torch.ones(1).cuda()", "device = torch.device('cuda')\ntorch.ones(1, device=device)"),
    cells("HTML, JavaScript and widgets shown", "%%html\n<b>hello</b>", "%%javascript\nalert(1)", "from IPython.display import display, HTML, clear_output\ndisplay(HTML('<i>x</i>')); clear_output()"),
    cells("emoji, umlauts and right-to-left text", "größe = 'ß \\U0001f600 \\u202e'\nprint(größe)"),
    cells("a data set that cannot be downloaded", "import urllib.request\nurllib.request.urlretrieve('https://example.org/mnist.gz', 'mnist.gz')"),
    accident("a module of the student's own", answers={"add": "from my_sums import add"}, files={"my_sums.py": b"def add(a, b):\n    return a + b\n"}),
    accident("handed in as `Copy of ...`", file_name="Copy of 01_small (2).ipynb"),
    edited("a byte-order mark", lambda n: b"\xef\xbb\xbf" + __import__("json").dumps(n).encode()),
    edited("an odd kernel", lambda n: n.metadata.update(kernelspec={"name": "ir", "display_name": "R", "language": "R"})),
    edited("a duplicated test cell", lambda n: n.cells.append(n.cells[3].copy())),
    edited("a print in a test cell", lambda n: n.cells[3].update(source="print('hm')\n" + n.cells[3].source)),
    edited("the setup cell changed and run again", lambda n: n.cells[1].update(source="import numpy as np\n" + n.cells[1].source)),
]  # fmt: skip
