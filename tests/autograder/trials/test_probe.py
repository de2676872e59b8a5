from __future__ import annotations

from typing import Any

import pytest
import torch

from autograder.checks import Call, CheckResult, award, check, probe
from autograder.proxy.errors import StudentError
from autograder.proxy.process import StudentProcess
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


def test_a_probe_that_needs_a_name_of_this_side_is_refused() -> None:
    local = 3

    def closes_over(function: Any) -> Any:
        return function(local)

    def uses_a_global(function: Any) -> Any:
        return [torch.zeros(n) for n in range(3)]

    with pytest.raises(TypeError, match="closes_over needs local"):
        probe(closes_over)
    with pytest.raises(TypeError, match="uses_a_global needs torch"):
        probe(uses_a_global)


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
