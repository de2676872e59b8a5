from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.checks import Call, CheckResult, award, check, probe
from autograder.grading.test_cell import Names
from autograder.proxy.errors import StudentError
from autograder.proxy.process import StudentProcess
from autograder.trials.call import Asked, observe
from autograder.trials.compare import difference
from autograder.trials.probe import probe_mistakes
from autograder.wall.protocol import FindName, RunCell

LAYER = """
import torch
from torch import nn

class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.factor = nn.Parameter(torch.ones(3))

    def forward(self, x):
        return x * self.factor
"""


@probe
def gradients(Layer: Any, x: Any, dout: Any) -> dict[str, Any]:

    layer = Layer()
    x = x.clone().requires_grad_()
    layer(x).backward(dout)
    return {"the gradient of x": x.grad, "the gradient of factor": layer.factor.grad}


@probe
def in_place(function: Any, x: Any) -> Any:
    x += 1
    return function(x)


def there(student: StudentProcess, source: str, name: str) -> Any:
    assert student.ask(RunCell(source)).error is None
    return student.ask(FindName(name)).value


def here(source: str, name: str) -> Any:
    scope: dict[str, Any] = {}
    exec(source, scope)
    return scope[name]


def test_gradients_of_a_students_module_come_back_by_value(student: StudentProcess) -> None:
    layer = there(student, LAYER, "Scale")
    x, dout = torch.arange(6.0).reshape(2, 3), torch.ones(2, 3)
    got = gradients(layer, x, dout)
    assert torch.equal(got["the gradient of x"], torch.ones(2, 3))
    assert torch.equal(got["the gradient of factor"], x.sum(0))


def test_here_and_there_a_probe_says_the_same_and_leaves_its_arguments_alone(
    student: StudentProcess,
) -> None:
    source = "def same(x):\n    x *= 2\n    return x"
    for function in (here(source, "same"), there(student, source, "same")):
        x = torch.ones(2)
        assert torch.equal(in_place(function, x), torch.full((2,), 4.0))
        assert torch.equal(x, torch.ones(2))


def test_a_check_with_a_probe_passes_and_fails_and_names_the_misconception(
    student: StudentProcess,
) -> None:
    def make(draw: Any, N: int) -> Call:
        return Call(draw.tensor(N, 3), draw.tensor(N, 3))

    def run(layer: Any) -> CheckResult:
        return check(
            layer,
            here(LAYER, "Scale"),
            make,
            points=2,
            groups={"one": dict(N=1), "several": dict(N=3)},
            use=gradients,
            extras=None,
        )

    assert run(there(student, LAYER, "Scale")).points == 2
    wrong = LAYER.replace("x * self.factor", "x * self.factor.detach()")
    assert run(there(student, wrong, "Scale")).points == 0
    wrong = LAYER.replace("x * self.factor", "x * 2 * self.factor")
    result = run(there(student, wrong, "Scale"))
    assert result.points == 0
    assert "the gradient of" in result.message


def test_forbidden_operations_are_seen_in_a_probe(student: StudentProcess) -> None:
    source = "import torch\ndef pool(x):\n    return torch.nn.functional.max_pool2d(x, 2)"

    @probe
    def use(function: Any, x: Any) -> Any:
        return function(x)

    for pool in (there(student, source, "pool"), here(source, "pool")):
        result = check(
            pool,
            here(source, "pool"),
            lambda draw, N: Call(draw.tensor(N, 1, 4, 4)),
            points=1,
            groups={"one": dict(N=1)},
            use=use,
            extras=None,
            forbid="convolution",
        )
        assert result.points == 0
        assert "max_pool2d" in result.message


def test_what_a_student_raises_inside_a_probe_is_the_students_error(
    student: StudentProcess,
) -> None:
    layer = there(student, "def Scale():\n    raise ValueError('no')", "Scale")
    with pytest.raises(StudentError, match="no"):
        gradients(layer, torch.ones(1, 3), torch.ones(1, 3))


def test_a_closure_is_refused_when_the_probe_is_made() -> None:
    local = 3

    def closes_over(function: Any) -> Any:
        return function(local)

    with pytest.raises(TypeError, match="closes_over needs local of the function around it"):
        probe(closes_over)


CHECK = """
import functools
import math
from collections import OrderedDict
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.functional import relu
from autograder.checks import probe

SHIFT = 2
SIZES = {"small": (2, 3), "names": ["a", "b"], "none": None}


@probe
def look(answer, x):
    return {"moved": moved(answer(x)), "even": even(6), "more": more(x)}


def moved(x, by=SHIFT):
    return F.pad(x, (by, 0)) + SHIFT


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


def more(x):
    class Net(nn.Module):
        width = SIZES["small"][1]

        def forward(self, x):
            return relu(x) * self.width

    kinds = [type(Path("a/b").name).__name__, OrderedDict(a=1)["a"], functools.reduce(max, [1, 3])]
    return Net()(x), kinds, SIZES, math.floor(2.5), [torch.full((SHIFT,), k) for k in range(2)]
"""
WANTED = {
    "moved": torch.tensor([2.0, 2.0, 4.0, 0.0]),
    "even": True,
    "more": (
        torch.tensor([3.0, 0.0]),
        ["str", 1, 3],
        {"small": (2, 3), "names": ["a", "b"], "none": None},
        2,
        [torch.tensor([0, 0]), torch.tensor([1, 1])],
    ),
}


def as_cell(source: str, folder: Path) -> dict[str, Any]:
    """The names of a check that runs as a test cell."""
    nothing: dict[str, Any] = {}
    names = Names({"__name__": "__main__"}, nothing.__getitem__)
    exec(compile(source, "<test_look>", "exec"), names)
    return names


def as_module(source: str, folder: Path) -> dict[str, Any]:
    """The names of a check that is imported."""
    path = folder / "check.py"
    path.write_text(source)
    spec = spec_from_file_location("check", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return vars(module)


FORMS = {"a cell": as_cell, "a module": as_module}


@pytest.mark.parametrize("form", FORMS)
def test_a_probe_uses_the_names_of_its_check_also_those_below_it(
    student: StudentProcess, form: str, tmp_path: Path
) -> None:
    look = FORMS[form](CHECK, tmp_path)["look"]
    twice, x = "def f(x): return x * 2", torch.tensor([1.0, -1.0])
    for function in (there(student, twice, "f"), here(twice, "f")):
        assert not difference(look(function, x), WANTED)


def test_functions_of_several_modules_keep_their_own_names(
    student: StudentProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "some_geometry.py").write_text(
        "SIDE = 5\ndef area(n):\n    return scale(n) * SIDE\ndef scale(n):\n    return 10 * n\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    source = (
        "from autograder.checks import probe\nfrom some_geometry import area, scale as wider\n"
        "SIDE = 1\ndef scale(n):\n    return n + SIDE\n"
        "@probe\ndef look(f):\n    return f(area(1)), scale(1), wider(1), SIDE\n"
    )
    look = as_module(source, tmp_path)["look"]
    mine = "SIDE, area, scale = 'mine', None, None\ndef f(n): return n, SIDE"
    for function in (there(student, mine, "f"), here(mine, "f")):
        assert look(function) == ((50, "mine"), 2, 10, 1)
    assert there(student, mine, "SIDE") == "mine"


STATE = """
from autograder.checks import probe
SEEN, SHIFT = [1], 1


@probe
def look(f, x, more=[]):
    more.append(x)
    return f(x + SHIFT), SEEN, grow([]), more


def grow(new, kept=[]):
    kept.append(0)
    return kept
"""


def test_a_probe_keeps_nothing_between_calls_and_follows_its_names(
    student: StudentProcess, tmp_path: Path
) -> None:
    names = as_cell(STATE, tmp_path)
    look, f = names["look"], there(student, "def f(x): return x", "f")
    assert look(f, 1) == look(f, 1) == (2, [1], [0], [1])
    names["SHIFT"] = 10
    assert look(f, 1)[0] == 11
    names["SEEN"].append(2)
    assert look(f, 1)[1] == [1, 2]
    exec("def grow(new): return 'another'", names)
    assert look(f, 1)[2] == "another"


REVEALS = """
import sys
import traceback
from autograder.checks import probe


@probe
def look(f):
    return helper(f)


def helper(f):
    marked = "a line of the check"
    return f()
"""
SPIES = """
import sys, traceback
def spy():
    frame, seen = sys._getframe(1), []
    while frame.f_code.co_name in ("helper", "look"):
        seen.append((frame.f_code.co_filename, frame.f_globals["__name__"]))
        frame = frame.f_back
    return seen, "".join(traceback.format_stack())
def fail():
    raise ValueError("no")
"""


@pytest.mark.parametrize("form", FORMS)
def test_the_student_sees_neither_paths_nor_lines_of_a_probe_s_functions(
    student: StudentProcess, form: str, tmp_path: Path
) -> None:
    look = FORMS[form](REVEALS, tmp_path)["look"]
    seen, stack = look(there(student, SPIES, "spy"))
    assert seen == [("<probe>", "probe"), ("<probe>", "probe")]
    assert "a line of the check" not in stack
    assert str(tmp_path) not in stack
    with pytest.raises(StudentError) as caught:
        look(there(student, SPIES, "fail"))
    assert "raise ValueError" in "".join(caught.value.traceback_lines)
    assert "helper" not in "".join(caught.value.traceback_lines)


def test_mistakes_are_told_with_the_reference_and_without_a_call(tmp_path: Path) -> None:
    source = (
        "from autograder.checks import probe\n@probe\ndef look(f):\n    return nowhere(f)\n"
        "@probe\ndef fine(f):\n    return f()\n@fine.reading\ndef read(raw):\n    return nothing\n"
    )
    names = as_module(source, tmp_path)
    words = "the probe look needs nowhere, which the check does not define"
    assert [mistake.partition(":")[0] for mistake in probe_mistakes(names)] == [words]
    with pytest.raises(TypeError, match=words):
        names["look"](lambda: 1)
    with pytest.raises(TypeError, match=words):
        observe(lambda: 1, Asked(Call()), names["look"])
    with pytest.raises(TypeError, match=words):
        names["look"].packed


def test_an_award_is_a_result_with_its_words() -> None:
    result = award(1.5, 2, "Your network is right on 96.2 % of the images.")
    assert (result.points, result.max_points, repr(result)) == (1.5, 2.0, "1.5")
    assert "96.2 %" in result.message
    assert "96.2 %" in result.html
    for points in (-1, 3, float("nan")):
        with pytest.raises(ValueError, match="points of 2"):
            award(points, 2, "")


@probe
def scaled(function: Any, x: Any, by: Any = (2, "t"), *, plus: int = 1) -> Any:
    return function(x) * by[0] + plus, by


def test_a_probe_s_defaults_cross_with_it(student: StudentProcess) -> None:
    for function in (here("def f(x): return x", "f"), there(student, "def f(x): return x", "f")):
        assert scaled(function, 3) == (7, (2, "t"))
        assert scaled(function, 3, (1,), plus=0) == (3, (1,))


TENSOR = torch.ones(1)


def test_a_probe_is_a_function_with_plain_defaults() -> None:
    with pytest.raises(TypeError, match="needs plain defaults"):

        @probe
        def odd(function: Any, x: Any = TENSOR) -> Any:
            return function(x)

    with pytest.raises(TypeError, match="plain function"):
        probe(len)


@probe
def surroundings(function: Any) -> tuple[str, bool]:
    return globals()["__name__"], globals()["__builtins__"] is not None


def test_a_probe_has_around_it_what_a_module_has(student: StudentProcess) -> None:
    """Libraries read the globals of their caller; torch asks for ``__builtins__``."""
    assert surroundings(there(student, "def f(): pass", "f")) == ("probe", True)


@probe
def raw(function: Any, x: Any) -> dict[str, Any]:
    return {"before": x.clone(), "value": function(x), "after": x}


@raw.reading
def read(found: Any, x: Any) -> dict[str, Any]:
    same = bool(torch.equal(found["after"], x))
    return {"the value": found["value"], "is x left alone": same}


LIES = {
    "honest": "def f(x):\n    return x * 2",
    "changes x": "def f(x):\n    return x.mul_(2)",
}


@pytest.mark.parametrize("how", LIES)
def test_truth_values_are_made_of_raw_replies_on_this_side(
    student: StudentProcess, how: str
) -> None:
    x = torch.ones(3)
    for function in (here(LIES[how], "f"), there(student, LIES[how], "f")):
        found = read(function, x)
        assert torch.equal(found["the value"], torch.full((3,), 2.0))
        assert found["is x left alone"] is (how == "honest")
        result = check(
            function, lambda x: x * 2, lambda draw, n: (draw.tensor(n),), points=4.0,
            groups={"some": dict(n=3)}, extras=None, use=read, name="f",
        )  # fmt: skip
        assert result.points == (4 if how == "honest" else 0)


@pytest.mark.parametrize("reply", [None, {}, {"the value": 2.0, "is x left alone": True}])
def test_a_reply_that_cannot_be_read_is_wrong(reply: Any) -> None:
    found = read.read(reply, torch.ones(3))
    assert "not what this test asks for" in repr(found)
