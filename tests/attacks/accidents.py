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


def why(name: str, edit: Callable[[NotebookNode, int], Any]) -> Attack:
    """Something odd about the cell of the open question, whose position ``edit`` gets."""

    def change(notebook: NotebookNode) -> None:
        ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
        edit(notebook, ids.index("why"))

    return accident(name, change=change)


def text(notebook: NotebookNode, place: int, source: str) -> None:
    notebook.cells[place].source = source


def turned(*grade_ids: str, into: str) -> Callable[[NotebookNode], None]:
    """Cells of another type, as one key in Jupyter makes them."""

    def change(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") in grade_ids:
                cell.cell_type = into

    return change


def fenced(notebook: NotebookNode) -> None:
    turned("double", into="markdown")(notebook)
    for cell in notebook.cells:
        if cell.source.startswith("def double"):
            cell.source = f"```python\n{cell.source}\n```"


def beside(notebook: NotebookNode, place: int, offset: int, cell: NotebookNode) -> None:
    text(notebook, place, "YOUR ANSWER HERE")
    notebook.cells.insert(place + offset, cell)


ATTACKS: list[Attack] = [
    written("`warnings.warn` in an answer", scale="import warnings\ndef scale(x, k):\n    warnings.warn('careful')\n    return x * k"),
    written("a deprecation warning of torch's", scale="def scale(x, k):\n    x.T if x.dim() == 2 else x\n    torch.ones(3).T\n    return x * k"),
    written("warnings made errors", add="import warnings\nwarnings.simplefilter('error')\ndef add(a, b):\n    return a + b"),
    written("text on stderr", add="import sys\ndef add(a, b):\n    print('adding', a, b, file=sys.stderr)\n    return a + b"),
    written("logging at every level", add="import logging\nlogging.basicConfig(level=0)\ndef add(a, b):\n    logging.critical('adding')\n    logging.debug('added')\n    return a + b"),
    cells(
        "the student's own thread, which never ends",
        "import threading, time\ndef blink():\n    while True:\n        time.sleep(0.01)\n        torch.ones(2) + 1\nthreading.Thread(target=blink, daemon=True).start()",
    ),
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
    accident("the student's own module", answers={"add": "from my_sums import add"}, files={"my_sums.py": b"def add(a, b):\n    return a + b\n"}),
    accident("handed in as `Copy of ...`", file_name="Copy of 01_small (2).ipynb"),
    edited("a byte-order mark", lambda n: b"\xef\xbb\xbf" + __import__("json").dumps(n).encode()),
    edited("an odd kernel", lambda n: n.metadata.update(kernelspec={"name": "ir", "display_name": "R", "language": "R"})),
    edited("a duplicated test cell", lambda n: n.cells.append(n.cells[3].copy())),
    edited("a print in a test cell", lambda n: n.cells[3].update(source="print('hm')\n" + n.cells[3].source)),
    edited("the setup cell changed and run again", lambda n: n.cells[1].update(source="import numpy as np\n" + n.cells[1].source)),
    why("an open answer below its placeholder", lambda n, i: text(n, i, "YOUR ANSWER HERE\n\nBecause.")),
    why("an open answer in the student's own cell below", lambda n, i: beside(n, i, 1, v4.new_markdown_cell("Because."))),
    why("an open answer in the student's own raw cell above", lambda n, i: beside(n, i, 0, v4.new_raw_cell("Because."))),
    why("an open answer in a code cell", lambda n, i: n.cells[i].update(cell_type="code")),
    why("an open answer whose cell is gone", lambda n, i: n.cells.__setitem__(i, v4.new_markdown_cell("Because."))),
    edited("code cells that became text", turned("add", "setup", "test_scale", into="markdown")),
    edited("code cells that became raw", turned("scale", "double", "test_add", into="raw")),
    edited("an answer in a block of code, in its own cell that became text", fenced),
    written("imports of packages that Colab has, not needed", add="import torchvision, cv2\nfrom google.colab import drive\ndrive.mount('/content/drive')\ndef add(a, b):\n    return a + b", scale="import seaborn as sns; sns.set()\nfrom torchvision.models import *\ndef scale(x, k):\n    import jax.numpy as jnp\n    return x * k"),
    written("imports of pandas, scipy, einops, PIL, sklearn", add="import pandas as pd, einops, sklearn\nfrom scipy import ndimage\nfrom PIL import Image\ndef add(a, b):\n    return a + b"),
    written("a progress bar for notebooks in an answer", scale="from tqdm.notebook import tqdm\ndef scale(x, k):\n    return torch.stack([row * k for row in tqdm(x)])"),
    written("`breakpoint()` and `pdb` left in", add="import pdb\nbreakpoint()\ndef add(a, b):\n    pdb.set_trace()\n    return a + b"),
    written("`input()` and `getpass` above and in an answer", add="from getpass import getpass\nsize = int(input('size? '))\nkey = getpass()\ndef add(a, b):\n    input('next? ')\n    return a + b"),
    cells("experiments that never end", "while True: pass", "import time\nwhile True: time.sleep(0.1)"),
]  # fmt: skip
