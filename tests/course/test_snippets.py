"""The smallest failing case of an exercise, pasted into a notebook, shows the mistake."""

from __future__ import annotations

import ast
import html
import re
from typing import Any

import numpy as np
import pytest
import torch

from autograder.checks import CheckContext, CheckResult, checking
from autograder.grading.grader import TrustedNotebook
from autograder.grading.test_cell import TestCell
from autograder.trials.compare import difference
from tests.course.exercise import NOTEBOOKS, SEED, notebook

MISCONCEPTIONS = 2  # of each exercise
NOT_OF_VALUES = ("operations", "loop", "steps")  # a pasted case cannot show these differences


def exercises() -> list[tuple[str, TestCell]]:
    return [(name, test) for name in NOTEBOOKS for test in notebook(name).tests]


def result(trusted: TrustedNotebook, test: TestCell, answer: Any, seed: int) -> CheckResult:
    """The result of the hidden test for an answer of this process."""
    exercise, source = test.cell.exercise, test.cell.source
    body, _, _ = source[: source.index("### END HIDDEN TESTS")].rstrip().rpartition("\n")
    names = trusted.fresh_setup()
    exec(body, names)
    context = CheckContext(seed)
    others = {key: value for key, value in trusted.joiner.namespace.items() if key != exercise}
    wanted = names["test"].__code__.co_varnames[: names["test"].__code__.co_argcount]
    with checking(context):
        found: CheckResult = names["test"](*[{**others, exercise: answer}[one] for one in wanted])
    return found


def code_of(result: CheckResult) -> str:
    """The snippet in the box; it stands in the message too."""
    found = re.search(r"<pre[^>]*>(.*?)</pre>", result.html, re.DOTALL)
    assert found is not None
    code = html.unescape(found[1])
    assert f"\n{code}\n" in f"{result.message}\n"
    return code


def pasted(code: str, names: dict[str, Any]) -> list[Any]:
    """The values of the expressions in pasted code, or the exception that ends it."""
    found: list[Any] = []
    for statement in ast.parse(code).body:
        try:
            if isinstance(statement, ast.Expr):
                found.append(eval(compile(ast.Expression(statement.value), "case", "eval"), names))
            else:
                exec(compile(ast.Module([statement], []), "case", "exec"), names)
        except Exception as error:
            return [*found, f"{type(error).__name__}: {error}"]
    return found


def plain(value: Any) -> Any:
    return value.detach() if isinstance(value, torch.Tensor) else value


def differ(one: list[Any], other: list[Any]) -> bool:
    return len(one) != len(other) or any(map(unlike, one, other))


def unlike(one: Any, other: Any) -> bool:
    try:
        return difference(plain(one), plain(other), strict_dtype=True) is not None
    except TypeError:  # an expression that returns an object, such as ``layer.eval()``
        return False


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "test"), exercises(), ids=lambda value: getattr(value, "cell", None) and value.cell.exercise
)  # fmt: skip
def test_a_pasted_case_tells_the_wrong_function_from_the_reference(
    name: str, test: TestCell
) -> None:
    trusted = notebook(name)
    exercise = test.cell.exercise
    shown = 0
    for one in trusted.misconceptions.get(exercise, ())[:MISCONCEPTIONS]:
        found = result(trusted, test, one.function, SEED)
        code = code_of(found)
        sentence = found.message.partition("Smallest failing case: ")[2].partition("\n")[0]
        if code.startswith("#") or any(word in sentence for word in NOT_OF_VALUES):
            continue  # settings of a probe, or nothing that values can show
        assert "# other numbers" not in code, code
        values = [
            pasted(code, {**trusted.fresh_setup(), "torch": torch, "np": np, exercise: function})
            for function in (one.function, trusted.joiner.namespace[exercise])
        ]
        assert values[1] and not isinstance(values[1][-1], str), (code, values[1])
        assert differ(*values), (one.id, found.message)
        shown += 1
    if "snippet=" in test.cell.source or "use=" not in test.cell.source:
        assert shown
