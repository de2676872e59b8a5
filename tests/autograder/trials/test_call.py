"""Observations of an answer are the same on both sides of the wall, and alone or among others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from autograder.checks import probe
from autograder.proxy.process import StudentProcess
from autograder.trials.call import Asked, Observation, observe, observe_all
from autograder.trials.cases import Call
from autograder.wall.protocol import FindName, RunCell
from tests.autograder.proxy.lies import SAY_ANYTHING

ANSWER = """
def answer(x, many=None, *, start=0):
    if x.numel() == 0:
        raise ValueError("nothing there")
    if many is not None:
        many.append(1)
    if x.dim() > 1:
        x.add_(1)
    return (x * 2).sum() + start
"""
CALLS = [
    Call(torch.ones(3)),
    Call(torch.empty(0)),
    Call(torch.ones(2, 2), start=4),
    Call(torch.ones(2), [0]),
    Call(torch.ones(2), [0], start=1),
]


@probe
def look(answer: Any, x: Any, many: Any = None, **more: Any) -> Any:
    return {"x": answer(x, many, **more), "after": x}


def plainly(answer: Any, x: Any, many: Any = None, **more: Any) -> Any:
    return [answer(x, many, **more), len(x)]


def told(seen: Observation) -> Any:
    raised = seen.raised and (seen.raised.kind, seen.raised.text)
    return repr(seen.value), raised, seen.changed, seen.ran.names, seen.ran.steps > 0


@pytest.mark.parametrize("use", [None, look, plainly])
def test_observations_are_the_same_here_there_together_and_one_by_one(
    student: StudentProcess, use: Callable[..., Any] | None
) -> None:
    names: dict[str, Any] = {}
    exec(ANSWER, names)
    student.ask(RunCell(ANSWER))
    remote = student.ask(FindName("answer")).value
    asked = [
        Asked(call, operations=number % 2 == 0, count=number == 0, arguments=True)
        for number, call in enumerate(CALLS)
    ]
    here = [told(observe(names["answer"], one, use)) for one in asked]
    one_by_one = [told(observe(remote, one, use)) for one in asked]
    together = [told(seen) for seen in observe_all(remote, asked, use)]
    assert here == one_by_one == together
    assert [call.args[0].tolist() for call in CALLS[2:4]] == [[[1.0, 1.0], [1.0, 1.0]], [1.0, 1.0]]
    assert [seen[2] for seen in here] == [(), (), (0,), (1,), (1,)]


def test_calls_cross_together_but_not_before_somebody_asks(student: StudentProcess) -> None:
    student.ask(RunCell("count = 0\ndef answer(x):\n    global count; count += 1; return count"))
    remote = student.ask(FindName("answer")).value
    before = student._number
    seen = observe_all(remote, [Asked(Call(1))] * 6)
    assert student._number == before
    assert [one.value for one in seen] == [1, 2, 3, 4, 5, 6]
    assert student._number == before + 1


@pytest.mark.parametrize("use", [None, look, plainly])
def test_arguments_are_compared_only_where_somebody_asks(
    student: StudentProcess, use: Callable[..., Any] | None
) -> None:
    source = "def answer(x, many=None):\n    x[0] = 7\n    return x"
    names: dict[str, Any] = {}
    exec(source, names)
    student.ask(RunCell(source))
    for answer in (names["answer"], student.ask(FindName("answer")).value):
        asked = [Asked(Call([1]), arguments=looked_at) for looked_at in (False, True)]
        assert [seen.changed for seen in observe_all(answer, asked, use)] == [(), (0,)]


def test_changes_that_make_no_sense_are_changes(student: StudentProcess) -> None:
    student.ask(
        RunCell(
            SAY_ANYTHING
            + "def lie(self, *a):\n    return {'value': 3, 'changed': (({1: [object()]}, 5), object())}\n"
            "Server._do_call = lie\n"
            "def answer(x):\n    return x"
        )
    )
    remote = student.ask(FindName("answer")).value
    assert observe(remote, Asked(Call({1: 2}, 5))).value == 3
    assert observe(remote, Asked(Call({1: 2}, 5), arguments=True)).changed
    assert not observe(remote, Asked(Call({1: 2}, 5))).changed


def test_a_dtype_that_pytorch_cannot_handle_is_no_unwritten_answer() -> None:
    def softmax(x: torch.Tensor) -> torch.Tensor:
        return torch.softmax(x.long(), dim=0)

    raised = observe(softmax, Asked(Call(torch.ones(3)))).raised
    assert raised is not None and not raised.not_written

    def stub(x: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    raised = observe(stub, Asked(Call(torch.ones(3)))).raised
    assert raised is not None and raised.not_written
