"""Verdicts on submissions: right, wrong, hostile, unlucky."""

from __future__ import annotations

from textwrap import indent
from typing import Any

import pytest

from autograder.course.source import NotebookBundle
from autograder.errors import SandboxUnavailable
from autograder.grading.grader import TrustedNotebook
from autograder.grading.session import FULL_OUTPUTS
from autograder.proxy.process import StudentProcess
from autograder.results import Outcome
from autograder.sandbox.launcher import ForkServer
from tests.autograder.proxy.lies import SAY_ANYTHING
from tests.courses.handed_in import as_bytes, as_handed_in, cell_of, code
from tests.courses.tiny import FULL, NOTHING, Grade, Limited

STUB = '''\
def {name}(a, b):
    """Nothing yet."""
    # YOUR CODE HERE
    raise NotImplementedError()
'''


# -- honest work ---------------------------------------------------------------------------------


def test_the_reference_earns_everything_and_open_questions_wait_for_a_person(grade: Grade) -> None:
    graded = grade()
    assert graded.points == FULL
    assert graded["test_add"].outcome is Outcome.PASSED
    assert graded["why"].outcome is Outcome.NEEDS_MANUAL_GRADE
    assert graded.result.outcome is Outcome.NEEDS_MANUAL_GRADE
    assert graded.result.max_points == 10.0
    assert graded.result.notes == ()


def test_untouched_stubs_fail_without_points_and_without_a_crash(grade: Grade) -> None:
    graded = grade(
        {
            "add": STUB.format(name="add"),
            "scale": STUB.format(name="scale"),
            "why": "YOUR ANSWER HERE",
        }
    )
    assert graded.points == NOTHING
    assert {test.outcome for test in graded.result.tests} == {Outcome.FAILED}
    assert graded["test_scale"].message == "scale is not written yet."
    assert graded["test_scale"].unwritten
    assert graded["why"].message == "Not answered."


@pytest.mark.parametrize(
    "answer",
    [
        "import numpy as np\ndef scale(x, k):\n    return torch.tensor(x.numpy() * k)",
        "def scale(x, k):\n    return torch.einsum('ij->ij', x.double()).mul(k).to(x.dtype)",
        "import warnings\ndef scale(x, k):\n    warnings.warn('a')\n    print('b')\n    return x * k",
        "import sys, logging\ndef scale(x: 'Tensor', k: int = 2, *, z=0) -> object:\n"
        "    print('x', file=sys.stderr)\n    logging.warning('w')\n    return k * x",
        "def helper(row, k):\n    return [float(v) * k for v in row]\n"
        "def scale(x, k):\n    return torch.tensor([helper(r, k) for r in x], dtype=x.dtype)",
        "scale = lambda x, k: x * k",
        "class Scale:\n    def __call__(self, x, k):\n        return x * k\nscale = Scale()",
        "import functools\n@functools.lru_cache(None)\ndef _one():\n    return 1\n"
        "@torch.no_grad()\ndef scale(x, k):\n    return x * k * _one()",
        "def scale(x, k):\n    return (x.clone().requires_grad_() * k)",
        "%%time\ndef scale(x, k):\n    return x * k",
        "%matplotlib inline\n!pip install nothing-of-this-name\ndef scale(x, k):\n    return x * k",
        "async def later():\n    return 2\nawait later()\ndef scale(x, k):\n    return x * k",
        "try:\n    import google.colab\nexcept ImportError:\n    google = None\n"
        "def scale(x, k):\n    return x * k",
    ],
)  # fmt: skip
def test_a_right_answer_written_otherwise_earns_everything(grade: Grade, answer: str) -> None:
    assert grade({"scale": answer}).points == FULL


@pytest.mark.parametrize(
    "accident",
    [
        "import google.colab",
        "from google.colab import drive\ndrive.mount('/content/drive')",
        "1 / 0",
        "this is not Python",
        "raise SystemExit",
        "import sys; sys.exit(3)",
        "exit()",
        "quit()",
        "raise KeyboardInterrupt",
        "def f():\n    return f()\nf()",
        "print('x' * 1_000_000)",
        "import sys\nprint('é' * 1_100_000)\nprint('\\U0001f600' * 1_100_000, file=sys.stderr)",
        "import warnings; warnings.warn('look out'); warnings.simplefilter('error')",
        "import matplotlib.pyplot as plt\nplt.figure(); plt.plot([1, 2]); plt.show()",
        "import matplotlib.pyplot as plt\nfor _ in range(25): plt.figure()",
        "!ls /nowhere",
        "%reload_ext autoreload",
        "%nothing_of_this_name",
        "%%bash\necho hello",
        "%%html\n<b>hello</b>",
        "input('your name? ')",
        "from tqdm import tqdm\nfor _ in tqdm(range(3)): pass",
        "assert False, 'an experiment'",
        "print('\\ud800')",
        "raise ValueError('\\ud800')",
        "%reset_selective -f nothing",
        "import torch; torch.set_num_threads(2); torch.manual_seed(3)",
        "import threading; threading.Thread(target=lambda: None).start()",
        "import os; os.chdir('/')",
        "help(print)",
        "%debug",
        "del picture",
        "torch.set_default_dtype(torch.float64); torch.set_default_dtype(torch.float32)",
    ],
)
def test_an_accident_in_another_cell_costs_nothing(
    grade: Grade, tiny: NotebookBundle, accident: str
) -> None:
    notebook = as_handed_in(tiny)
    notebook.cells.insert(cell_of(notebook, "add"), code(accident))
    notebook.cells.append(code(accident))
    assert grade(notebook).points == FULL


def test_a_cell_that_draws_or_trains_is_not_run_again_unless_changed(
    grade: Grade, tiny: NotebookBundle
) -> None:
    notebook = as_handed_in(tiny)
    figure = next(cell for cell in notebook.cells if "hidden_figure" in cell.source)
    untouched = grade(notebook)
    figure.source = "print('my own figure')"
    changed = grade(notebook)
    printed = [output.stdout for output in changed.result.outputs.values()]
    assert "my own figure\n" in printed
    assert not any("figure" in output.stdout for output in untouched.result.outputs.values())


def test_a_partly_right_answer_earns_a_share_and_is_told_where_it_goes_wrong(grade: Grade) -> None:
    graded = grade(
        {"scale": "def scale(x, k):\n    return x * k if x.shape[1] != 2 else x.clone()"}
    )
    test = graded["test_scale"]
    assert 0 < test.points < 7
    assert test.outcome is Outcome.PARTIAL
    assert "more rows than columns" in test.message.partition("Not yet")[2]
    assert "Smallest failing case: " in test.message and "\nscale(" in test.message
    assert test.wrong_groups[0] == "more rows than columns"
    assert f"\nNot yet: {'; '.join(test.wrong_groups)}.\n" in test.message
    assert test.not_judged_groups == ()
    assert graded["test_add"].points == 2
    assert graded["test_add"].wrong_groups == ()


@pytest.mark.parametrize(
    "answer",
    [
        "def scale(x, k):\n    return torch.zeros_like(x)",
        "def scale(x, k):\n    return x",
        "def scale(x, k):\n    return None",
        "def scale(x, k):\n    return 'right'",
        "def scale(x, k):\n    return torch.empty(x.shape)",
        "def scale(x, k):\n    return torch.full_like(x, float('nan'))",
        "def scale(x, k):\n    return (x * k).numpy()",
        "def scale(x, k):\n    return (x * k).tolist()",
        "def scale(x, k):\n    return [x * k]",
    ],
)
def test_the_right_shape_or_type_alone_earns_nothing(grade: Grade, answer: str) -> None:
    test = grade({"scale": answer})["test_scale"]
    assert (test.points, test.outcome) == (0, Outcome.FAILED)


def test_a_known_mistake_is_named(grade: Grade) -> None:
    test = grade({"scale": "def scale(x, k):\n    return x + k"})["test_scale"]
    assert test.diagnosis == "scale.adds"
    assert "You add k where it should multiply." in test.message
    assert "You add k" in test.html
    assert test.sentence == "You add k where it should multiply."
    assert not test.unwritten


def test_losing_the_dtype_or_changing_an_argument_costs_a_part(grade: Grade) -> None:
    dtype = grade({"scale": "def scale(x, k):\n    return (x * k).float()"})["test_scale"]
    place = grade({"scale": "def scale(x, k):\n    x *= k\n    return x"})["test_scale"]
    assert "float32, expected float64" in dtype.message
    assert 0 < dtype.points < 7
    assert "changes its arguments in place" in place.message
    assert place.points < 7


def test_a_forbidden_function_is_named_and_earns_nothing(grade: Grade) -> None:
    answer = (
        "def scale(x, k):\n    f = getattr(torch.nn.functional, 'conv' + '2d')\n"
        "    return f(x[None, None], torch.full((1, 1, 1, 1), float(k), dtype=x.dtype))[0, 0]"
    )
    test = grade({"scale": answer})["test_scale"]
    assert test.points == 0
    assert "uses torch's own convolution" in test.message


def test_one_student_s_result_does_not_depend_on_who_was_graded_before(grade: Grade) -> None:
    spoiler = {"scale": "def scale(x, k):\n    x.fill_(7)\n    return x"}
    before = grade(student="ada")
    grade(spoiler, student="eve")
    after = grade(student="ada")
    assert after.points == before.points == FULL
    assert after["test_scale"].message == before["test_scale"].message


def test_grading_twice_gives_the_same_verdict_and_another_secret_other_cases(
    grade: Grade, trusted: TrustedNotebook
) -> None:
    wrong = {"scale": "def scale(x, k):\n    return x * k + (x > 2)"}
    first, second = grade(wrong), grade(wrong)
    assert [test.public() for test in first.result.tests] == [
        test.public() for test in second.result.tests
    ]
    assert first["test_scale"].seed > 0
    assert grade(wrong, student="eve")["test_scale"].seed != first["test_scale"].seed


def test_cases_depend_on_the_bytes_of_the_notebook_and_its_modules_and_on_nothing_else(
    grade: Grade, trusted: TrustedNotebook
) -> None:
    notebook = as_bytes(as_handed_in(trusted.bundle))
    seen = "seen = []\ndef add(a, b):\n    seen.append((a, b))\n    return a + b"

    def seed(data: bytes = notebook, **files: bytes) -> int:
        named = {name.replace("_", "."): content for name, content in files.items()}
        return grade(data, named)["test_add"].seed

    assert seed() == seed()
    assert seed(lenet5_safetensors=b"1") == seed(lenet5_safetensors=b"2") == seed()
    assert seed(notebook + b"\n") != seed()
    assert seed(as_bytes(as_handed_in(trusted.bundle, {"add": seen}))) != seed()
    assert len({seed(), seed(help_py=b"x = 1"), seed(help_py=b"x = 2")}) == 3
    assert seed(help_py=b"x = 1", more_py=b"") != seed(help_py=b"x = 1")


# -- where the answer is -------------------------------------------------------------------------


def test_cells_out_of_order_cost_nothing(grade: Grade, tiny: NotebookBundle) -> None:
    notebook = as_handed_in(tiny)
    notebook.cells = [notebook.cells[1], *reversed(notebook.cells[2:])]
    assert grade(notebook).points == FULL


def test_a_helper_defined_after_its_use_costs_nothing(grade: Grade, tiny: NotebookBundle) -> None:
    notebook = as_handed_in(tiny, {"scale": "def scale(x, k):\n    return times(x, k)"})
    notebook.cells.append(code("def times(x, k):\n    return x * k"))
    assert grade(notebook).points == FULL


def test_a_test_cell_that_was_deleted_duplicated_or_edited_changes_nothing(
    grade: Grade, tiny: NotebookBundle
) -> None:
    deleted = as_handed_in(tiny)
    del deleted.cells[cell_of(deleted, "test_scale")]
    doubled = as_handed_in(tiny)
    doubled.cells.append(doubled.cells[cell_of(doubled, "test_scale")])
    edited = as_handed_in(tiny)
    edited.cells[cell_of(edited, "test_scale")].source = "7.0"
    for notebook in (deleted, doubled, edited):
        assert grade(notebook).points == FULL


def test_an_edited_test_cell_earns_nothing_for_a_wrong_answer(
    grade: Grade, tiny: NotebookBundle
) -> None:
    notebook = as_handed_in(tiny, {"scale": "def scale(x, k):\n    return x - k"})
    test = notebook.cells[cell_of(notebook, "test_scale")]
    test.source = "7.0"
    test.metadata.nbgrader.update(points=1000, solution=True, locked=False)
    assert grade(notebook)["test_scale"].points == 0


def test_a_grade_id_that_points_to_another_test_moves_no_points(
    grade: Grade, tiny: NotebookBundle
) -> None:
    notebook = as_handed_in(tiny, {"scale": "def scale(x, k):\n    return x - k"})
    one, other = (notebook.cells[cell_of(notebook, name)] for name in ("test_add", "test_scale"))
    one.metadata.nbgrader.grade_id, other.metadata.nbgrader.grade_id = "test_scale", "test_add"
    assert grade(notebook).points == {**FULL, "test_scale": 0.0}


WOUNDS = {"nbgrader null": None, "nbgrader list": [], "grade_id 5": {"grade_id": 5}}


@pytest.mark.parametrize("wound", ["none", "missing", *WOUNDS])
def test_lost_metadata_costs_nothing(grade: Grade, tiny: NotebookBundle, wound: str) -> None:
    notebook: Any = as_handed_in(tiny)
    for cell in notebook.cells:
        if wound == "none":
            cell.metadata = None
        elif wound == "missing":
            del cell["metadata"]
        else:
            cell.metadata = {"nbgrader": WOUNDS[wound]}
    graded = grade(notebook)
    assert (graded["test_add"].points, graded["test_scale"].points) == (2, 7)
    assert "scale: the cell lost its id; found by its definition" in graded.result.notes


def test_an_answer_in_the_test_s_cell_or_split_over_two_cells_counts(
    grade: Grade, tiny: NotebookBundle
) -> None:
    pasted = as_handed_in(tiny, {"scale": ""})
    test = pasted.cells[cell_of(pasted, "test_scale")]
    test.source = "def scale(x, k):\n    return x * k\n\n" + test.source
    split = as_handed_in(tiny, {"scale": "def scale(x, k):\n    return _scale(x, k)"})
    split.cells.insert(cell_of(split, "scale"), code("def _scale(x, k):\n    return x * k"))
    assert grade(pasted).points == FULL
    assert grade(split).points == FULL


def test_an_answer_in_a_later_cell_wins_over_the_untouched_stub(
    grade: Grade, tiny: NotebookBundle
) -> None:
    notebook = as_handed_in(tiny, {"scale": STUB.format(name="scale")})
    notebook.cells.append(code("def scale(x, k):\n    return x * k"))
    assert grade(notebook).points == FULL


def test_a_test_takes_what_the_last_cell_before_it_has_defined(
    grade: Grade, tiny: NotebookBundle
) -> None:
    for first, last in (("x - k", "x * k"), ("x * k", "x - k")):
        notebook = as_handed_in(tiny, {"scale": f"def scale(x, k):\n    return {first}"})
        redefined = code(f"def scale(x, k):\n    return {last}")
        notebook.cells.insert(cell_of(notebook, "test_scale"), redefined)
        points = grade(notebook)["test_scale"].points
        assert points == 7 if last == "x * k" else points < 7


def test_what_a_test_takes_comes_with_the_cell_before_it(
    grade: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    exchange = StudentProcess._exchange

    def counted(self: StudentProcess, operation: str, *rest: Any) -> Any:
        asked.append(operation)
        return exchange(self, operation, *rest)

    monkeypatch.setattr(StudentProcess, "_exchange", counted)
    assert grade().points == FULL
    assert asked == ["cell", "cell", "call", "many", "cell", "call", "many"]
    asked.clear()
    assert grade({"scale": "scale = lambda x, k: x * k"}).points == FULL
    assert "name" not in asked
    assert grade({"scale": "import operator\nscale = operator.mul"}).points == FULL
    assert asked.count("name") == 1  # only Python functions are sent before a call


def test_an_empty_notebook_earns_nothing_and_says_what_is_not_defined(grade: Grade) -> None:
    graded = grade(as_bytes({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    assert graded.points == NOTHING
    assert graded["test_add"].outcome is Outcome.FAILED
    assert "add is not defined" in graded["test_add"].message


def test_a_module_handed_in_beside_the_notebook_can_be_imported(grade: Grade) -> None:
    files = {"mine.py": b"def scale(x, k):\n    return x * k\n"}
    assert grade({"scale": "from mine import scale"}, files).points == FULL


# -- an exercise that ends badly -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("import os\nos._exit(0)", Outcome.CRASHED),
        ("import ctypes\nctypes.string_at(0)", Outcome.CRASHED),
        ("import os\nos.closerange(0, 64)", Outcome.CRASHED),
    ],
)  # fmt: skip
def test_a_crash_in_a_cell_costs_that_exercise_only(
    grade: Grade, answer: str, outcome: Outcome
) -> None:
    graded = grade({"add": answer + "\n\ndef add(a, b):\n    return a + b"})
    assert graded.points == {**FULL, "test_add": 0.0}
    assert graded["test_add"].outcome is outcome
    assert "The cell that defines add was stopped." in graded["test_add"].message
    assert any("was skipped after it ended the process" in note for note in graded.result.notes)


@pytest.mark.parametrize(
    ("body", "outcome", "words"),
    [
        ("import os; os._exit(0)", Outcome.CRASHED, "exit code 0"),
        ("import ctypes; ctypes.string_at(0)", Outcome.CRASHED, "SIGSEGV"),
        ("raise SystemExit(0)", Outcome.ERROR, "SystemExit"),
        ("raise KeyboardInterrupt", Outcome.ERROR, "KeyboardInterrupt"),
        ("return add(a, b)", Outcome.ERROR, "RecursionError"),
        ("raise ValueError('no')", Outcome.ERROR, "ValueError: no"),
        ("return undefined_name", Outcome.FAILED, "undefined_name"),
        ("raise StopIteration", Outcome.ERROR, "StopIteration"),
        ("raise AssertionError('2.0')", Outcome.ERROR, "AssertionError"),
        ("class E(Exception):\n    def __str__(self): 1 / 0\nraise E", Outcome.ERROR, "E"),
        ("raise UnicodeDecodeError('a', b'', 0, 1, 'b')", Outcome.ERROR, "UnicodeDecodeError"),
        ("raise ExceptionGroup('many', [ValueError('one')])", Outcome.ERROR, "ExceptionGroup"),
        ("raise type('X' * 5000, (Exception,), {})('y' * 10**6)", Outcome.ERROR, "XXX"),
        ("raise MemoryError", Outcome.OUT_OF_MEMORY, "MemoryError"),
        ("return [0] * (1 << 31)", Outcome.OUT_OF_MEMORY, ""),
        ("return torch.zeros(1 << 33)", Outcome.OUT_OF_MEMORY, ""),
    ],
)  # fmt: skip
def test_a_function_that_ends_badly_says_how_and_costs_its_exercise_only(
    grade: Grade, body: str, outcome: Outcome, words: str
) -> None:
    graded = grade({"add": "def add(a, b):\n" + indent(body, "    ")})
    test = graded["test_add"]
    assert graded.points == {**FULL, "test_add": 0.0}
    assert (test.outcome, test.points) == (outcome, 0)
    assert words in test.message
    assert len(test.message) < 20_000


@pytest.mark.parametrize(
    "answer",
    [
        "while True: pass",
        "import time\ntime.sleep(1000)",
        "import signal\nfor s in (1, 2, 15): signal.signal(s, signal.SIG_IGN)\nwhile True: pass",
        "import sys\nsys.setrecursionlimit(10**8)\nx = 3 ** (3 ** 17)\nwhile True: pass",
        "import re\nre.match(r'(a+)+$', 'a' * 60 + 'b')",
        "try:\n    while True: pass\nexcept BaseException: pass\nwhile True: pass",
        "!sleep 1000",
        "def add(a, b):\n    while True: pass",
    ],
)
def test_an_endless_cell_or_function_times_out_and_the_next_exercise_still_runs(
    grade: Grade, limited: Limited, answer: str
) -> None:
    with limited(cell_s=1.0):
        graded = grade({"add": answer})
    assert graded.points == {**FULL, "test_add": 0.0}
    assert graded["test_add"].outcome is Outcome.TIMED_OUT
    assert "did not finish in the time allowed" in graded["test_add"].message


def test_a_submission_that_uses_up_its_time_ends_and_says_so(
    grade: Grade, limited: Limited, tiny: NotebookBundle
) -> None:
    notebook = as_handed_in(tiny, {"add": "import time\ntime.sleep(1000)"})
    for _ in range(3):
        notebook.cells.insert(2, notebook.cells[cell_of(notebook, "add")])
    with limited(cell_s=1.0, submission_s=2.0):
        graded = grade(notebook)
    assert graded.points == NOTHING
    assert graded.result.outcome is Outcome.TIMED_OUT
    limits = [stop.limit for stop in graded.result.stops]
    assert limits[-1] == "submission_s"
    assert limits.count("cell_s") < 3, "of five cells of a second each, in two seconds"
    assert graded["test_scale"].message == "The notebook took more than 2 s altogether."


def test_a_memory_hog_is_named_and_costs_its_exercise_only(grade: Grade, limited: Limited) -> None:
    hog = "import mmap\nkept = mmap.mmap(-1, 400 << 20)\nkept.write(b'1' * (400 << 20))"
    with limited(memory_mb=300):
        graded = grade({"add": hog})
    assert graded.points == {**FULL, "test_add": 0.0}
    assert graded["test_add"].outcome is Outcome.OUT_OF_MEMORY
    assert "300 MB" in graded["test_add"].message


def test_a_fork_bomb_is_stopped_and_costs_its_exercise_only(grade: Grade) -> None:
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    graded = grade({"add": bomb})
    assert graded.points == {**FULL, "test_add": 0.0}
    assert graded["test_add"].outcome is Outcome.CRASHED
    assert "more than 16 processes" in graded["test_add"].message


def test_a_flood_of_output_is_cut_and_costs_nothing(grade: Grade, tiny: NotebookBundle) -> None:
    notebook = as_handed_in(tiny)
    notebook.cells.insert(2, code("for _ in range(40): print('x' * 10_000_000)"))
    graded = grade(notebook)
    assert graded.points == FULL
    assert graded.result.outputs[2].truncated
    assert len(graded.result.outputs[2].stdout) <= 1 << 20


def test_output_of_very_many_cells_is_kept_up_to_a_limit_and_costs_nothing(
    grade: Grade, tiny: NotebookBundle
) -> None:
    notebook = as_handed_in(tiny)
    notebook.cells[2:2] = [code("print('x' * 1_000_000)") for _ in range(40)] + [code("1 / 0")]
    graded = grade(notebook)
    assert graded.points == FULL
    outputs = graded.result.outputs
    assert sum(output.size for output in outputs.values()) <= FULL_OUTPUTS << 20
    assert outputs[41].truncated
    assert outputs[42].error == ("ZeroDivisionError", "", [])


def test_a_full_disk_is_an_error_of_that_cell_only(grade: Grade, tiny: NotebookBundle) -> None:
    notebook = as_handed_in(tiny)
    bomb = "with open('big', 'wb') as f:\n    while True: f.write(bytes(1 << 20))"
    notebook.cells.insert(2, code(bomb))
    graded = grade(notebook)
    assert graded.points == FULL
    error = graded.result.outputs[2].error
    assert error is not None
    assert error[0] == "OSError"


def test_an_answer_whose_cell_raised_is_an_error_that_quotes_it(grade: Grade) -> None:
    graded = grade({"add": "1 / 0\ndef add(a, b):\n    return a + b"})
    assert graded.points == {**FULL, "test_add": 0.0}
    assert graded["test_add"].outcome is Outcome.ERROR
    assert "The cell that defines add raised ZeroDivisionError" in graded["test_add"].message


# -- cheating ------------------------------------------------------------------------------------

CHEATS = {
    "equal to everything": """
class Always:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __hash__ = None
    def __bool__(self): return True
    def equal(self, other): return True
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
    def __le__(self, other): return True
    __ge__ = __lt__ = __gt__ = __sub__ = __rsub__ = __abs__ = __le__
def add(a, b): return Always()
def scale(x, k): return Always()
""",
    "an int that is equal to everything": """
class Always(int):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __hash__ = int.__hash__
def add(a, b): return Always(0)
def scale(x, k): return Always(0)
""",
    "a tensor that lies": """
class Lie(torch.Tensor):
    @property
    def shape(self): return torch.Size([3, 3])
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None): return True
    def equal(self, other): return True
    def __eq__(self, other): return True
def add(a, b): return Lie(torch.zeros(()))
def scale(x, k): return torch.zeros(2, 2).as_subclass(Lie)
""",
    "not a number": "nan = float('nan')\ndef add(a, b): return nan\ndef scale(x, k): return x * nan",
    "patched comparisons": """
import builtins, sys
builtins.isinstance = lambda *a: True
torch.equal = torch.allclose = torch.isclose = lambda *a, **k: True
torch.Tensor.equal = torch.Tensor.__eq__ = lambda *a, **k: True
torch.testing.assert_close = lambda *a, **k: None
sys.displayhook = lambda value: print('9.0')
def add(a, b): return 0
def scale(x, k): return x
""",
    "a shell that prints points": """
import ast
ip = get_ipython()
class Drop(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
    def visit_Expr(self, node): return ast.Expr(ast.Constant(7.0))
ip.ast_transformers.append(Drop())
ip.input_transformers_cleanup.append(lambda lines: [])
ip.showtraceback = lambda *a, **k: None
ip.set_custom_exc((Exception,), lambda *a, **k: None)
def add(a, b): return 0
def scale(x, k): return x
""",
    "In and the frames": """
import sys, gc, inspect, linecache
def seen():
    texts = list(get_ipython().user_ns.get('In', []))
    frame = sys._getframe()
    while frame:
        texts.append(repr(frame.f_locals)); frame = frame.f_back
    texts += [str(lines) for lines in linecache.cache.values()]
    found = [t for t in texts if 'BEGIN HID' + 'DEN' in str(t) or 'one' + ' row' in str(t)]
    return found
def add(a, b): return 3 if not seen() else a + b
def scale(x, k): return x if not seen() else x * k
""",
    "answers kept from an earlier call": """
kept = []
def add(a, b):
    kept.append(a + b)
    return kept[0]
def scale(x, k):
    kept.append(x * k)
    return kept[1]
""",
    "replies of its own": """
import gc, socket
from autograder.wall.frames import Frame, send_frame
from autograder.student.server import Server
for thing in gc.get_objects():
    if isinstance(thing, Server):
        for number in range(1, 60):
            send_frame(thing.sock, Frame([number, ['dict', ['value', 3]]]))
def add(a, b): return 0
def scale(x, k): return x
""",
    "points from an answering machine": SAY_ANYTHING
    + """
Server._do_call = lambda self, *a: {'value': 7.0}
Server._do_name = lambda self, name: {'value': 7.0}
def add(a, b): return 0
def scale(x, k): return x
""",
}  # fmt: skip


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheat_earns_nothing(grade: Grade, tiny: NotebookBundle, cheat: str) -> None:
    notebook = as_handed_in(tiny, {"add": CHEATS[cheat], "scale": CHEATS[cheat]})
    graded = grade(notebook)
    assert graded.points == NOTHING
    assert graded.result.outcome is not Outcome.GRADER_ERROR


HOSTILE_VALUES = {
    "a cycle": "loop = []\nloop.append(loop)\nreturn loop",
    "deeply nested": "value = []\nfor _ in range(10_000): value = [value]\nreturn value",
    "endless": "return iter(int, 1)",
    "an endless list": "class L(list):\n    def __iter__(self): return iter(int, 1)\n"
    "return L([1])",
    "an endless tuple": "class T(tuple):\n    def __iter__(self): return iter(int, 1)\n"
    "return T((1,))",
    "very many items": "return list(range(3_000_000))",
    "a huge tensor": "return torch.zeros(1, dtype=torch.int8).expand(1 << 40)",
    "a large tensor": "return torch.zeros(8 << 20)",
    "a huge empty tensor": "return torch.empty(1 << 40, 0)",
    "a tensor of many axes": "return torch.ones([1] * 60)",
    "a tensor of very many axes": "return torch.ones(1).as_strided([1] * 3000, [1] * 3000)",
    "not a number": "return float('nan')",
    "infinite": "return float('inf')",
    "a huge integer": "return 1 << 13_000",
    "a gigantic integer": "return 1 << 1_000_000",
    "complex": "return 1j",
    "a complex scalar tensor": "return torch.tensor(3 + 1j)",
    "a complex tensor": "return torch.zeros(3, 3, dtype=torch.complex64)",
    "sparse": "return torch.eye(3).to_sparse()",
    "on no device": "return torch.empty(3, 3, device='meta')",
    "quantised": "return torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.quint8)",
    "a strange dtype": "return torch.ones(3).to(torch.float8_e4m3fn)",
    "an array of objects": "import numpy as np\nreturn np.array([object()])",
    "an array of text": "import numpy as np\nreturn np.array(['a', 'b'])",
    "an array of long doubles": "import numpy as np\nreturn np.ones((3, 3), np.longdouble)",
    "an array of records": "import numpy as np\nreturn np.zeros(3, dtype=[('a', 'f4')])",
    "an array of dates": "import numpy as np\nreturn np.zeros(3, dtype='M8[s]')",
    "a masked array": "import numpy as np\nreturn np.ma.masked_array([1, 2], [1, 0])",
    "a module": "return torch",
    "a class": "return int",
    "a function": "return lambda *a: a",
    "a generator": "return (n for n in range(3))",
    "a file": "return open('/dev/zero', 'rb')",
    "a layer": "return torch.nn.Linear(2, 2)",
    "a dictionary with odd keys": "return {1j: object(), (): [], frozenset(): {}}",
    "an object without a class": """
class M(type):
    @property
    def __mro__(c): raise ValueError
class O(metaclass=M):
    __slots__ = ()
    @property
    def __class__(s): raise ValueError
return O()
""",
    "an array interface": "class A:\n    __array_interface__ = "
    "{'data': (4096, False), 'shape': (64,), 'typestr': '<f8', 'version': 3}\nreturn A()",
    "a grad tensor with history": "return (torch.ones(3, requires_grad=True) * 2).sum()",
    "an endless range": "return range(10**18)",
    "a string of surrogates": "return '\\ud800' * 100",
    "a long string": "return 'x' * (8 << 20)",
    "bytes": "return b'x' * 1000",
    "many long strings": "return ['x' * 100_000 + str(i) for i in range(100)]",
    "not implemented": "return NotImplemented",
    "everything at once": "return [torch.ones(2), {'a': object()}, 1j, None, ...]",
}  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE_VALUES)
def test_a_strange_value_is_a_wrong_answer_and_nothing_worse(grade: Grade, value: str) -> None:
    body = indent(HOSTILE_VALUES[value], "    ")
    graded = grade({"add": f"def add(a, b):\n{body}", "scale": f"def scale(a, b):\n{body}"})
    assert graded.points == NOTHING
    for name in ("test_add", "test_scale"):
        test = graded[name]
        assert test.outcome in (Outcome.FAILED, Outcome.ERROR, Outcome.OUT_OF_MEMORY), test
        assert len(test.message) < 20_000


def test_a_hostile_value_in_later_cases_only_is_a_wrong_answer_too(grade: Grade) -> None:
    for value in ("torch.empty(1 << 40, 0)", "1j", "10 ** 4000", "torch.ones([1] * 60)"):
        answer = f"def {{}}(a, b):\n    return a + b if (a, b) == (1, 2) else {value}"
        other = f"def scale(x, k):\n    return x * k if x.shape == (2, 3) else {value}"
        graded = grade({"add": answer.format("add"), "scale": other})
        for name in ("test_add", "test_scale"):
            assert graded[name].outcome in (Outcome.FAILED, Outcome.PARTIAL), graded[name]
            assert graded[name].points < 2


def test_what_an_answer_prints_in_visible_lines_is_kept_with_the_test_that_called_it(
    grade: Grade,
) -> None:
    add = "import sys\ndef add(a, b):\n    print('adding', a, b, file=sys.stderr)\n    return a + b"
    graded = grade({"add": add, "scale": "def scale(x, k):\n    return x * k"})
    assert graded["test_add"].printed == "ok   1 + 2\nadding 1 2\n"
    assert "adding" not in graded["test_scale"].printed
    scale = "def scale(x, k):\n    print('scaling')\n    return x * k"
    graded = grade({"add": "def add(a, b):\n    return a + b", "scale": scale})
    assert "scaling" not in graded["test_add"].printed
    assert "scaling" in graded["test_scale"].printed


LIARS = {
    "printed is an object": "Server._do_printed = lambda self, *a: {'stdout': object(), 'stderr': 3}",
    "whether something was printed raises": "Cells.something_printed = property(lambda s: 1 / 0)",
    "printed raises": "Server._do_printed = lambda self, *a: 1 / 0",
    "printed is an error of nothing": "Server._do_printed = lambda self, *a: {'error': None}",
    "cells report objects": "Server._do_cell = lambda *a: {'stdout': object(), 'error': "
    "{'type': object(), 'text': object(), 'traceback': [object()]}, 'truncated': object()}",
    "cells report nonsense": "Server._do_cell = lambda *a: {'error': object(), 'stdout': None}",
    "a cell's lack of memory is an object": "Server._do_cell = lambda *a: {'error': "
    "{'out_of_memory': Loop()}}\nServer._do_length = lambda self, *a: 1 / 0",
    "cells raise": "Server._do_cell = lambda *a: 1 / 0",
    "definitions that are none": "Server._do_cell = lambda *a: {'names': 5}",
    "definitions that are data": "Server._do_cell = lambda *a: "
    "{'names': {'add': 3, 'scale': torch.ones(2, 3)}}",
    "definitions of what nobody asked for": "Server._do_cell = lambda *a: {'names': dict.fromkeys("
    "('expect', 'check', 'torch', 'reference', 'make', 'add', 'scale', 3, 'len'), Loop())}",
    "errors that ask back": "server.describe_error = lambda e: Said({'text': Loop(), 'type': Loop(), "
    "'builtins': Loop(), 'traceback': Loop()}\nServer._do_text = lambda self, *a: 1 / 0\n"
    "Server._do_length = lambda self, *a: 1 / 0",
    "an error that is an object": "Server._do_call = lambda self, *a: {'error': Loop()}\n"
    "Server._do_length = lambda self, *a: {'error': Loop()}",
    "a call without a value": "Server._do_call = lambda self, *a: {}",
    "operations that are none": "Server._do_call = lambda self, *a: "
    "{'value': 3, 'operations': None, 'operation_count': 'many'}",
    "changes that are nonsense": "Server._do_call = lambda self, *a: {'value': 3, 'changed': "
    "((object(), 'x'), {'k': 2, 'z': [1]})}",
    "a name that is a tensor": "Server._do_name = lambda self, n: {'value': torch.ones(3)}",
    "objects of torch": "Objects.lend = lambda self, v: ['handle', 1, ['torch:Tensor', "
    "'torch.nn.modules.container:OrderedDict', 'torch:Size', 'torch:_inductor'], 'f']",
    "handles of handles": "Objects.lend = lambda self, v: ['handle', 1, [['x']], 'f']",
    "yours": "Objects.lend = lambda self, v: ['yours', 1]",
}  # fmt: skip

LIAR = """
{say_anything}
from autograder.shell.shell import Cells
Cells.something_printed = True
class Loop: pass
{lie}
def add(a, b): return object()
def scale(x, k): return object()
"""


@pytest.mark.parametrize("liar", LIARS)
def test_a_process_that_lies_about_itself_gets_a_verdict_and_no_points(
    grade: Grade, limited: Limited, liar: str
) -> None:
    lie = LIAR.replace("{say_anything}", SAY_ANYTHING).replace("{lie}", LIARS[liar])
    with limited(cell_s=5.0):
        graded = grade({"add": lie, "scale": lie})
    assert graded.points == NOTHING
    assert graded.result.outcome is not Outcome.GRADER_ERROR, graded["test_add"].log


def test_a_student_is_never_told_hidden_values_or_paths_of_the_grader(
    grade: Grade, tiny_root: Any
) -> None:
    for answer in (
        "def scale(x, k):\n    raise ValueError(x)",
        "def scale(x, k):\n    return x.shape",
        "def scale(x, k):\n    return undefined",
    ):
        told = grade({"scale": answer}).told
        assert str(tiny_root) not in told
        assert "autograder/" not in told
        assert "site-packages" not in told


# -- our own failures ----------------------------------------------------------------------------


def test_when_no_process_can_be_started_the_verdict_is_the_grader_s_error_and_no_zero(
    grade: Grade, parent: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> Any:
        raise SandboxUnavailable("no more processes")

    monkeypatch.setattr(parent, "start_student", refuse)
    graded = grade()
    assert graded.result.outcome is Outcome.GRADER_ERROR
    assert graded["test_add"].message == "The grader failed, not your code. Nothing was lost."
    assert graded["test_add"].log == "no more processes"


# -- given cells ---------------------------------------------------------------------------------

USES_SETUP = {
    "scale": "def scale(x, k):\n    return x * k + 0 * torch.zeros(x.shape, dtype=x.dtype)"
}


def test_a_given_cell_that_was_deleted_is_run_all_the_same(
    grade: Grade, trusted: TrustedNotebook
) -> None:
    notebook = as_handed_in(trusted.bundle, USES_SETUP)
    del notebook.cells[cell_of(notebook, "setup")]
    assert grade(notebook).points == FULL


def test_a_given_cell_that_was_changed_is_run_as_it_was_and_what_was_added_stays(
    grade: Grade, trusted: TrustedNotebook
) -> None:
    added = {"add": "def add(a, b):\n    return math.floor(a) + b"}
    notebook = as_handed_in(trusted.bundle, {**USES_SETUP, **added})
    notebook.cells[
        cell_of(notebook, "setup")
    ].source = "import math\ntorch = None\npicture = 3\n1 / 0"
    assert grade(notebook).points == FULL


def test_given_cells_are_run_again_after_the_process_was_lost(
    grade: Grade, trusted: TrustedNotebook
) -> None:
    notebook = as_handed_in(
        trusted.bundle, {**USES_SETUP, "add": "import os\n\ndef add(a, b):\n    os._exit(1)"}
    )
    del notebook.cells[cell_of(notebook, "setup")]
    graded = grade(notebook)
    assert graded["test_scale"].points == 7
    assert graded["test_add"].outcome is Outcome.CRASHED
