"""Actions that work on Colab and not in grading cost no points, and are noted."""

from __future__ import annotations

import re

import pytest

from autograder.course.source import NotebookBundle
from autograder.grading.remarks import ChangedSettings, Remarks
from autograder.results import Outcome
from autograder.shell.remarks import colab_packages
from autograder.wall.protocol import CellReport, Printed, State
from tests.courses.handed_in import as_handed_in, cell_of, code
from tests.courses.tiny import FULL, Grade

SCALE = "def scale(x, k):\n    return x * k"


def above(*lines: str) -> dict[str, str]:
    return {"scale": "\n".join((*lines, SCALE))}


# -- imports ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        "import torchvision",
        "import torchvision.transforms as T",
        "from torchvision import transforms, datasets",
        "from torchvision.models import resnet18, ResNet18_Weights",
        "import cv2, seaborn as sns",
        "from google.colab import drive, files\ndrive.mount('/content/drive')",
        "from google.colab.patches import cv2_imshow",
        "import google.colab",
        "from fastai.vision.all import *",
        "import tensorflow as tf\nfrom tensorflow.keras.layers import Dense",
        "import seaborn as sns\nsns.set_theme(style='whitegrid')",
        "import torchvision.transforms as T\nmine = T.Compose([T.ToTensor()])",
        "import torchvision as tv\nweights = tv.models.Weights.DEFAULT['x'] | None",
        "import cv2\ndef show(image: cv2.Mat | None = None, how=cv2.INTER_LINEAR) -> 'cv2.Mat':\n    cv2.imshow(image)",
        "import numba\n@numba.njit\ndef helper(n):\n    return n",
        "import numba\n@numba.njit(parallel=True)\ndef helper(n):\n    return n",
        "import gymnasium as gym\nclass Mine(gym.Env):\n    pass",
        "import jax, jax.numpy as jnp\nx = jnp.ones(3)\nprint(x)\nfor y in x: print(y)",
        "import torchvision, torch\nprint(torch.__version__, torchvision.__version__)",
        "import importlib\ntv = importlib.import_module('torchvision')",
        "from tqdm.notebook import tqdm, trange\nfor _ in tqdm(range(3)): pass",
        "from tqdm.auto import tqdm",
        "from torch.utils.tensorboard import SummaryWriter\nwriter = SummaryWriter()",
        "import torch, tqdm.keras\nfrom tqdm.keras import TqdmCallback",
        "import tensorflow as tf\nclass Other(tf.keras.Model):\n    @tf.function\n    def call(self, x):\n        return tf.nn.relu(x)",
        "import tensorflow as tf\nwith tf.device('/GPU:0'):\n    y = tf.ones(3) + 1",
        "import pandas as pd, scipy.signal, einops, sklearn.metrics\nfrom PIL import Image\npd.DataFrame({'a': [1]})",
        "try:\n    import google.colab\n    IN_COLAB = True\nexcept ImportError:\n    IN_COLAB = False\nassert not IN_COLAB",
        "import importlib.util\nassert importlib.util.find_spec('torchvision') is None",
        "import contextlib\nwith contextlib.suppress(ImportError):\n    import cv2\n    assert False",
    ],
)  # fmt: skip
def test_an_import_of_colab_s_above_an_answer_costs_nothing(grade: Grade, lines: str) -> None:
    graded = grade(above(lines))
    assert graded.points == FULL, graded.told


def test_an_import_inside_an_answer_costs_nothing_where_it_is_not_used(grade: Grade) -> None:
    answer = "def scale(x, k):\n    import cv2\n    from torchvision import ops\n    return x * k"
    graded = grade({"scale": answer})
    assert graded.points == FULL
    assert any(note.startswith("a stand-in took the place of cv2") for note in graded.result.notes)


def test_the_notes_name_the_stand_ins_and_where_they_were_needed(grade: Grade) -> None:
    notes = grade(above("import torchvision.transforms as T", "import cv2")).result.notes
    assert [re.sub(r"\(.*", "", note) for note in notes] == [
        "a stand-in took the place of torchvision, which is not installed where notebooks are graded ",
        "a stand-in took the place of cv2, which is not installed where notebooks are graded ",
    ]
    assert all("(cell 6)" in note for note in notes)


@pytest.mark.parametrize(
    ("lines", "body", "told"),
    [
        ("import cv2", "cv2.resize(x, (2, 2))", "cv2.resize was used, but cv2 is not installed"),
        ("import torchvision.transforms.functional as TF", "TF.scale(x) * k", "torchvision is not"),
        ("from torchvision.ops import *", "nms(x)", "nms"),
        ("import numba\n@numba.njit\ndef times(x, k):\n    return x * k", "times(x, k)", "numba.njit"),
        ("import cv2", "cv2.SCALE * x", "cv2.SCALE was used"),
        ("import cv2", "x if cv2.useOptimized else k", "cv2"),
        ("import torchvision as tv\nlayer = tv.ops.Conv()", "layer(x)", "torchvision"),
        ("import cv2", "[row for row in cv2.rows]", "cv2.rows was used"),
        ("from torch.utils.tensorboard import SummaryWriter", "SummaryWriter(x)", "tensorboard is not"),
        ("from google.colab import files", "files.upload()", "google.colab is not installed"),
    ],
)  # fmt: skip
def test_a_stand_in_that_an_answer_uses_says_which_package(
    grade: Grade, lines: str, body: str, told: str
) -> None:
    test = grade({"scale": f"{lines}\ndef scale(x, k):\n    return {body}"})["test_scale"]
    assert test.points == 0
    assert told in test.message


def test_an_answer_that_is_itself_a_stand_in_says_so(grade: Grade) -> None:
    test = grade({"scale": f"import numba\n@numba.njit\n{SCALE}"})["test_scale"]
    assert test.points == 0
    assert "numba is not installed" in test.message


@pytest.mark.parametrize(
    "module", ["nump", "torchvison", "my_helpers", "my_helpers.sums", "torch.vision", "googl.colab"]
)
def test_a_module_that_nobody_ships_is_an_error_that_names_it(grade: Grade, module: str) -> None:
    test = grade(above(f"import {module}"))["test_scale"]
    assert (test.points, test.outcome) == (0, Outcome.ERROR)
    assert "ModuleNotFoundError" in test.message
    assert f"No module named '{module.partition('.')[0]}" in test.message or (
        f"No module named '{module}'" in test.message
    )


def test_a_student_s_own_module_comes_before_a_stand_in(grade: Grade) -> None:
    files = {"timm.py": b"def times(x, k):\n    return x * k\n", "mine.py": b"import cv2\n"}
    answer = "import timm, mine\ndef scale(x, k):\n    return timm.times(x, k)"
    graded = grade({"scale": answer}, files)
    assert graded.points == FULL
    assert [note for note in graded.result.notes if "timm" in note] == []


def test_libraries_do_not_meet_stand_ins(grade: Grade) -> None:
    lines = "import jax, pyarrow, cupy\nimport pandas as pd, einops, sklearn.linear_model, torch"
    use = (
        "def scale(x, k):\n    einops.rearrange(x, 'a b -> b a')\n"
        "    pd.DataFrame(x.numpy())\n"
        "    sklearn.linear_model.LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])\n"
        "    return x * k"
    )
    assert grade({"scale": f"{lines}\n{use}"}).points == FULL


def test_a_name_that_is_no_package_of_colab_s_is_not_remarked() -> None:
    remarks = Remarks()
    lies = [
        ["stand_in", "<b>"],
        ["stand_in", "cv2"],
        ["other", ""],
        "cv2",
        None,
        5,
        ["input", 7],
        [],
    ]
    for stage, lie in (("cell 1", lies), ("cell 2", lies[1:2] * 1000), ("cell 3", "input")):
        remarks.add(stage, Printed.read({"remarks": lie}).remarks)
    notes = remarks.notes(60.0, 150.0)
    assert len(notes) == 2
    assert "(cell 1, cell 2)" in notes[0]


def test_the_list_of_colab_s_packages_is_one_of_import_names() -> None:
    packages = colab_packages()
    assert all(re.fullmatch(r"[A-Za-z_]\w*", name) for name in packages)
    assert {"torchvision", "cv2", "tqdm", "sklearn", "google"} <= packages
    assert not {"nump", "opencv-python", "torch", "numpy"} & packages


# -- no person at the keyboard ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "breakpoint()",
        "import pdb; pdb.set_trace()",
        "from pdb import set_trace; set_trace()",
        "from IPython.core.debugger import set_trace; set_trace()",
        "from IPython.core.debugger import Pdb; Pdb().set_trace()",
        "import pdb; pdb.Pdb().set_trace()",
        "import bdb; bdb.Bdb().set_trace()",
        "import ipdb; ipdb.set_trace()",
        "from IPython import embed; embed()",
    ],
)
def test_a_debugger_left_in_an_answer_costs_nothing_and_is_told(grade: Grade, line: str) -> None:
    graded = grade({"scale": f"def scale(x, k):\n    {line}\n    return x * k"})
    assert graded.points == FULL
    assert graded.result.notes == (
        "breakpoint() and the debugger were ignored (test_scale); please remove them",
    )
    assert grade(above(line)).points == FULL


@pytest.mark.parametrize(
    "line",
    [
        "input('size? ')",
        "size = int(input('size? '))",
        "a, b = input().split()",
        "import getpass; password = getpass.getpass()",
        "from getpass import getpass\nkey = getpass('key: ')\nassert key",
        "while not input('more? '): pass",
        "%debug",
        "%pdb on",
        "import pdb; pdb.run('1 + 1'); pdb.runcall(len, [])",
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    import pdb; pdb.post_mortem()",
        "import sys; sys.stdin.readline(); list(sys.stdin)",
    ],
)
def test_nobody_at_the_keyboard_costs_nothing(
    grade: Grade, tiny: NotebookBundle, line: str
) -> None:
    assert grade(above(line)).points == FULL
    notebook = as_handed_in(tiny)
    notebook.cells.insert(cell_of(notebook, "add"), code(f"1 / 0\n{line}"))
    notebook.cells.insert(cell_of(notebook, "add"), code(line))
    assert grade(notebook).points == FULL


def test_input_in_an_answer_costs_nothing_and_is_told(grade: Grade) -> None:
    graded = grade({"scale": "def scale(x, k):\n    name = input('?')\n    return x * k"})
    assert graded.points == FULL
    (note,) = graded.result.notes
    assert (
        note == "input() got an empty text, as nobody types while a notebook is graded (test_scale)"
    )


def test_a_cell_that_fails_for_another_reason_is_not_run_on(grade: Grade) -> None:
    graded = grade({"scale": f"1 / 0\n{SCALE}"})
    assert graded["test_scale"].points == 0
    assert "ZeroDivisionError" in graded["test_scale"].message


def test_the_rest_of_a_cell_keeps_its_line_numbers(grade: Grade) -> None:
    answer = (
        "import jax\nfor row in jax.rows: pass\n\n@torch.no_grad()\ndef scale(x, k):\n"
        "    return [][0]\n"
    )
    message = grade({"scale": answer})["test_scale"].message
    assert "line 6" in message and "return [][0]" in message


# -- changed settings ------------------------------------------------------------------------------

CHANGES = {
    "torch.set_default_dtype(torch.float64)": "torch's default dtype is torch.float64 since cell 3",
    "torch.set_default_device('meta')": "torch's default device is meta since cell 3",
    "torch.set_default_device('cuda')": "torch's default device is cuda since cell 3",
    "torch.set_default_tensor_type(torch.DoubleTensor)": "torch's default dtype is torch.float64",
    "torch.set_grad_enabled(False)": "torch records no gradients (torch.set_grad_enabled(False)) since cell 3",
    "import numpy as np; np.seterr(all='raise')": "numpy's floating-point errors are divide=raise",
    "import warnings; warnings.simplefilter('error')": "warnings are errors since cell 3",
    "torch.use_deterministic_algorithms(True)": "torch.use_deterministic_algorithms is True since cell 3",
    "import sys; sys.setrecursionlimit(200)": "Python's recursion limit is 200 since cell 3",
    "import os; os.chdir('/')": "the working folder is / since cell 3",
    "import matplotlib.pyplot as plt; plt.switch_backend('svg')": "matplotlib's backend is svg since cell 3",
    "torch.relu = torch.nn.functional.relu = abs": "torch.nn.functional.relu is replaced; torch.relu is replaced",
    "import numpy; numpy.sum = sum": "numpy.sum is replaced",
    "torch.Tensor.__mul__, torch.Tensor.mul = None, None": "torch.Tensor.mul is replaced",
}  # fmt: skip


@pytest.mark.parametrize("line", CHANGES)
def test_a_changed_setting_is_told_where_a_test_fails(
    grade: Grade, tiny: NotebookBundle, line: str
) -> None:
    notebook = as_handed_in(tiny, {"add": "def add(a, b):\n    return a - b"})
    notebook.cells.insert(2, code(line))
    test = grade(notebook)["test_add"]
    assert "Cells of yours changed settings that this test ran with: " in test.message
    assert CHANGES[line] in test.message
    assert "Cells of yours changed settings" in test.html


def test_a_setting_that_was_set_back_or_that_changes_nothing_is_not_told(
    grade: Grade, tiny: NotebookBundle
) -> None:
    notebook = as_handed_in(tiny, {"add": "def add(a, b):\n    return a - b"})
    lines = (
        "torch.set_default_dtype(torch.float64)",
        "torch.set_default_dtype(torch.float32)",
        "%matplotlib inline\nimport matplotlib.pyplot as plt; plt.plot([1]); plt.show()",
        "torch.manual_seed(1); torch.nn.Conv2d(1, 1, 3)(torch.ones(1, 1, 3, 3)).sum().backward()",
        "import torch.fx, torch.utils.data, torch.onnx; import scipy.signal, pandas, sklearn",
        "with torch.no_grad(): torch.ones(2)",
        "torch.compile; torch.func.vmap(torch.sin)(torch.ones(3)); torch.linalg.inv(torch.eye(2))",
    )
    for line in reversed(lines):
        notebook.cells.insert(2, code(line))
    assert "Cells of yours" not in grade(notebook).told


def test_how_tensors_are_printed_is_no_setting(grade: Grade, tiny: NotebookBundle) -> None:
    notebook = as_handed_in(tiny, {"add": "def add(a, b):\n    return a - b"})
    notebook.cells.insert(2, code("torch.Tensor.__repr__ = lambda self: f'{self.shape}'"))
    assert "Cells of yours" not in grade(notebook).told


def test_a_test_that_passes_says_nothing_of_settings(grade: Grade, tiny: NotebookBundle) -> None:
    notebook = as_handed_in(tiny)
    notebook.cells.insert(2, code("torch.set_default_dtype(torch.float64)"))
    graded = grade(notebook)
    assert graded.points == FULL
    assert "Cells of yours" not in graded.told


def test_settings_of_a_given_cell_are_not_the_student_s() -> None:
    changed = ChangedSettings()
    changed.after_cell(0, {"torch_threads": "2"}, is_given=True)
    changed.after_cell(1, {"torch_threads": "2", "grad": "False"}, is_given=False)
    told = changed.sentence(State({"torch_threads": "2", "grad": "False"}, ()))
    assert "since cell 2" in told and "threads" not in told
    assert changed.sentence(State({"torch_threads": "2"}, ())) == ""
    changed.after_cell(2, {"torch_threads": "4"}, is_given=False)
    assert "4 threads since cell 3" in changed.sentence(State({"torch_threads": "4"}, ()))


def test_a_setting_added_to_a_given_cell_is_told(grade: Grade, tiny: NotebookBundle) -> None:
    notebook = as_handed_in(tiny, {"add": "def add(a, b):\n    return a - b"})
    setup = notebook.cells[cell_of(notebook, "setup")]
    setup.source += "\ntorch.set_default_dtype(torch.float64)"
    assert "torch.float64 since cell 2" in grade(notebook)["test_add"].message


def test_a_report_of_settings_that_lies_is_no_trouble() -> None:
    changed = ChangedSettings()
    for lie in (None, 5, [], {"grad": 5}, {"other": "x"}, {"grad": ["x"] * 5}):
        changed.after_cell(0, CellReport.read({"state": lie}).state, is_given=False)
        assert changed.sentence(State.read({"state": lie, "patched": lie})) == ""
    patched = State.read({"patched": ["<b>", "torch.relu", "x" * 1000]})
    assert changed.sentence(patched).count("is replaced") == 1
