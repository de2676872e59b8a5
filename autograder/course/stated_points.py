"""Compare the two places that state a test's points: the cell's header and its check.

nbgrader reads the maximum from the header, and a student's points from the value of the cell's last
line, for example of ``test(corr2d).worth(2)``. The comparison reads the text of the cell and runs
no code.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping

_MAKERS = ("check", "award")
_WORTH = "worth"  # the method of a result that scales it
_OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class Unknown(Exception):
    """The text does not state the points; the cell has to be run."""


def points_mistake(source: str, points: float, setup: str = "") -> str:
    """The problem with the points of a test cell, as a sentence; empty if they agree.

    ``setup`` is the code that the cell may use. Raises Unknown if only a run of the cell can tell,
    and SyntaxError if it is not Python.
    """
    body = ast.parse(source).body
    if not body:
        return ""
    makers, constants = _makers(body), _constants(body)
    for statement in body[:-1]:
        if isinstance(statement, ast.Expr) and (name := _result_of(statement.value, makers)):
            return (
                f"line {statement.lineno}: the result of this {name}(...) is not used. Only the "
                "value of a cell's last line counts: put it there, or add several up in award(...)"
            )
    functions = [one for one in (*ast.parse(setup).body, *body) if isinstance(one, ast.FunctionDef)]
    most = _most(body[-1], functions, makers, constants)
    if most is None or math.isclose(most, points):
        return ""
    return mismatch(points, most)


def mismatch(stated: float, given: float) -> str:
    """The sentence about two different numbers of points."""
    return f"its header says {stated:g} points, its check gives {given:g}. Make them the same"


def _most(
    statement: ast.stmt,
    functions: list[ast.FunctionDef],
    makers: Mapping[str, str],
    constants: Mapping[str, float],
) -> float | None:
    """The most points that a cell's last line can give; None if the cell only has to reach it."""
    if not isinstance(statement, ast.Expr):
        return None
    value = statement.value
    if _result_of(value, makers):
        return _of_result(value, makers, constants)
    if isinstance(value, ast.Call):
        return _of_function(value, functions, makers, constants)
    if isinstance(value, ast.IfExp):
        return max(_folded(value.body, constants), _folded(value.orelse, constants))
    if isinstance(value, ast.Constant) and type(value.value) not in (int, float):
        return None  # any value that is not a number means all points
    return _folded(value, constants)


def _result_of(node: ast.expr | None, makers: Mapping[str, str]) -> str:
    """The function that makes a result with points: check, award or worth; empty for others."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == _WORTH:
            return _WORTH
    return makers[_name(node)] if node is not None and _is_call_of(node, makers) else ""


def _of_result(call: ast.expr, makers: Mapping[str, str], constants: Mapping[str, float]) -> float:
    assert isinstance(call, ast.Call)
    if _result_of(call, makers) == _WORTH:  # the points of the result before it do not count
        return _of_worth(call, constants)
    is_award = makers[_name(call)] == "award"
    keyword = "max_points" if is_award else "points"
    for given in call.keywords:
        if given.arg == keyword:
            return _folded(given.value, constants)
    if is_award and len(call.args) > 1 and not any(isinstance(a, ast.Starred) for a in call.args):
        return _folded(call.args[1], constants)
    if is_award or any(given.arg is None for given in call.keywords):
        raise Unknown
    return 1.0  # a check without points is worth its share of 1


def _of_worth(call: ast.Call, constants: Mapping[str, float]) -> float:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    if len(given) != 1:
        raise Unknown
    return _folded(given[0], constants)


def _of_function(
    call: ast.Call,
    functions: list[ast.FunctionDef],
    makers: Mapping[str, str],
    constants: Mapping[str, float],
) -> float | None:
    """The points of a function of the cell or the setup, such as ``test(corr2d)``."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    found = [one for one in functions if one.name == name]
    if len(found) != 1:
        raise Unknown
    returned = [one.value for one in ast.walk(found[0]) if isinstance(one, ast.Return)]
    if not any(one is not None for one in returned):
        return None
    points = {
        _of_result(one, makers, constants) if _result_of(one, makers) else _folded(one, constants)
        for one in returned
        if one is not None
    }
    if len(points) != 1:
        raise Unknown
    return points.pop()


def _makers(body: list[ast.stmt]) -> dict[str, str]:
    """The names of checks in a cell, with their kinds: ``check`` or ``award``."""
    found = {f"checks.{name}": name for name in _MAKERS}
    found |= {f"autograder.checks.{name}": name for name in _MAKERS}
    for node in (inner for statement in body for inner in ast.walk(statement)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autograder.checks"):
            for alias in node.names:
                if alias.name in _MAKERS:
                    found[alias.asname or alias.name] = alias.name
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == "autograder.checks" and alias.asname:
                    found |= {f"{alias.asname}.{name}": name for name in _MAKERS}
    return found


def _constants(body: list[ast.stmt]) -> dict[str, float]:
    """Named numbers: assigned once, at the top level of the cell."""
    stored = [
        node.id
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    found: dict[str, float] = {}
    for statement in body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            (target,) = statement.targets
            if isinstance(target, ast.Name) and stored.count(target.id) == 1:
                try:
                    found[target.id] = _folded(statement.value, found)
                except Unknown:
                    continue
    return found


def _folded(node: ast.expr, constants: Mapping[str, float]) -> float:
    """The number that an expression stands for. Raises Unknown."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return float(node.value)  # type: ignore[arg-type] # a number
    if isinstance(node, ast.Name) and node.id in constants:
        return constants[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        left, right = _folded(node.left, constants), _folded(node.right, constants)
        try:
            return _OPERATIONS[type(node.op)](left, right)
        except ArithmeticError:
            raise Unknown from None
    raise Unknown


def _is_call_of(node: ast.expr | None, makers: Mapping[str, str]) -> bool:
    return isinstance(node, ast.Call) and _name(node) in makers


def _name(call: ast.expr) -> str:
    return ast.unparse(call.func) if isinstance(call, ast.Call) else ""
