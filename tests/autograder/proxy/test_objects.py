from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from autograder.proxy.errors import StudentError, student_error
from autograder.proxy.objects import RemoteObject
from autograder.proxy.process import StudentProcess
from autograder.wall.messages import ErrorReport
from autograder.wall.protocol import FindName, RunCell
from tests.autograder.forged import forged
from tests.autograder.proxy.lies import SAY_ANYTHING
from tests.courses.tiny import SMALL


def made(student: StudentProcess, source: str) -> Any:
    """The object ``thing`` of a cell."""
    report = student.ask(RunCell("import torch\n" + source))
    assert report.error is None, report.error
    return student.ask(FindName("thing")).value


def test_a_layer_is_used_as_if_it_were_here(student: StudentProcess) -> None:
    layer = made(student, "thing = torch.nn.Linear(3, 2)")
    assert type(layer) is RemoteObject
    assert isinstance(layer, nn.Module)
    assert isinstance(layer, nn.Linear)
    assert not isinstance(layer, nn.Conv2d)
    x = torch.ones(4, 3)
    expected = x @ layer.weight.T + layer.bias
    assert torch.allclose(layer(x), expected)
    assert layer.in_features == 3
    assert "Linear(in_features=3" in repr(layer)
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]
    with pytest.raises(AttributeError):
        layer.nothing


def test_attributes_items_lengths_and_loops_go_across(student: StudentProcess) -> None:
    thing = made(
        student,
        "class Thing:\n    color = 'red'\n    def __len__(self): return 3\n"
        "    def __getitem__(self, key): return [key]\n    def __iter__(self): return iter('ab')\n"
        "    def twice(self, x, *, by=2): return x * by\nthing = Thing()",
    )
    assert (thing.color, len(thing), thing[slice(1, 2)], list(thing)) == (
        "red", 3, [slice(1, 2)], ["a", "b"],
    )  # fmt: skip
    assert thing.twice(4) == 8
    assert thing.twice(x=4, by=3) == 12
    thing.color = torch.tensor([1.0])
    assert thing.color.equal(torch.tensor([1.0]))


def test_parameters_come_several_at_a_time_and_a_student_s_own_items_as_they_are_taken(
    student: StudentProcess,
) -> None:
    net = made(
        student, "thing = torch.nn.Sequential(*[torch.nn.Linear(n, 2) for n in range(1, 60)])"
    )
    number = student._number
    shapes = [tuple(parameter.shape) for parameter in net.parameters()]
    assert shapes == [shape for n in range(1, 60) for shape in ((2, n), (2,))]
    assert student._number - number < 8
    taken = made(
        student,
        "taken = []\ndef count():\n    for n in range(9):\n        taken.append(n)\n        yield n\n"
        "class Both: taken = taken; count = staticmethod(count)\nthing = Both",
    )
    for item in taken.count():
        assert taken.taken == [*range(item + 1)]
    assert item == 8


def test_large_parameters_come_one_by_one(student: StudentProcess) -> None:
    side = 1 << 10  # 4 MB each, together more than a reply may hold
    count = (SMALL.value_mb >> 2) + 2
    source = f"thing = torch.nn.ParameterList([torch.ones({side}, {side}) for _ in range({count})])"
    net = made(student, source)
    assert [parameter.sum() for parameter in net.parameters()] == [side**2] * count


@pytest.mark.parametrize("reply", ["{'done': True, 'value': [1, 2]}", "{'value': [1, 2]}", "{}"])
def test_an_iterator_ends_when_it_says_so_or_says_nothing(
    student: StudentProcess, reply: str
) -> None:
    thing = made(
        student,
        SAY_ANYTHING + f"Server._do_next = lambda self, target: {reply}\n"
        "class T:\n    def __iter__(self): return iter('ab')\nthing = T()",
    )
    assert list(thing) == ([1, 2] if "1" in reply else [])


def test_the_same_object_is_the_same_handle(student: StudentProcess) -> None:
    thing = made(student, "class T: pass\nt = T(); t.me = t; thing = t")
    assert thing.me is thing
    assert copy.deepcopy(thing) is thing
    assert copy.copy(thing) is thing


def test_a_handle_can_be_an_argument(student: StudentProcess) -> None:
    thing = made(student, "class T:\n    def same(self, other): return other is self\nthing = T()")
    assert thing.same(thing) is True
    assert thing.same([thing]) is False


def test_a_function_knows_its_name(student: StudentProcess) -> None:
    assert made(student, "def thing(): pass").__name__ == "thing"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("raise ValueError('no')", ValueError),
        ("{}['k']", KeyError),
        ("class Mine(LookupError): pass\n    raise Mine('no')", LookupError),
        ("raise NotImplementedError", NotImplementedError),
        ("raise OSError(2, 'no')", OSError),
        ("raise UnicodeDecodeError('a', b'', 0, 1, 'b')", StudentError),
        ("raise ExceptionGroup('g', [ValueError()])", StudentError),
    ],
)
def test_an_exception_is_an_instance_of_the_built_in_kind_it_extends(
    student: StudentProcess, code: str, kind: type[Exception]
) -> None:
    thing = made(student, f"def thing():\n    {code}")
    with pytest.raises(kind) as caught:
        thing()
    assert isinstance(caught.value, StudentError)
    assert any("thing" in line for line in caught.value.traceback_lines)


@pytest.mark.parametrize("name", ["StopIteration", "StopAsyncIteration"])
def test_an_exception_cannot_end_a_loop_of_the_test(student: StudentProcess, name: str) -> None:
    thing = made(student, f"def thing(case):\n    raise {name}")
    with pytest.raises(StudentError):
        assert all(map(thing, [1, 2, 3]))


@pytest.mark.parametrize("name", ["SystemExit", "KeyboardInterrupt", "GeneratorExit"])
def test_what_would_end_the_grader_is_an_ordinary_error_here(
    student: StudentProcess, name: str
) -> None:
    thing = made(student, f"def thing():\n    raise {name}")
    with pytest.raises(StudentError) as caught:
        thing()
    assert caught.value.kind == name
    assert not isinstance(caught.value, (SystemExit, KeyboardInterrupt))


ARRAY = {"data": (4096, False), "shape": (64,), "typestr": "<f8", "version": 3}


@pytest.mark.parametrize(
    "name",
    [
        "__array_interface__",
        "__array_struct__",
        "__cuda_array_interface__",
        "__dlpack__",
        "__torch_function__",
        "__array__",
        "__wrapped__",
        "__signature__",
        "__fspath__",
        "__index__",
        "__reduce_ex__",
    ],
)
def test_special_names_do_not_cross_for_libraries_act_on_them(
    student: StudentProcess, name: str
) -> None:
    thing = made(student, f"class T: pass\nthing = T()\nsetattr(thing, {name!r}, {ARRAY!r})")
    if name != "__reduce_ex__":
        assert not hasattr(thing, name)
    for use in (torch.as_tensor, torch.tensor, float, int, open):
        with pytest.raises((TypeError, ValueError, RuntimeError)):
            use(thing)
    assert np.asarray(thing).dtype == object or np.asarray(thing).size == 0


@pytest.mark.parametrize(
    "kind",
    [
        "torch:Tensor",
        "torch.nn.parameter:Parameter",
        "torch:Size",
        "torch.nn.modules.container:OrderedDict",
        "torch.nn.modules.module:OrderedDict",
        "torch._tensor:Number",
        "builtins:int",
        "torch:_inductor",
        "torch._inductor:config",
        "torch",
        "torch:",
        ":",
        "",
        "torch.nn:nothing",
        "torchvision:Anything",
        "numpy:ndarray",
    ],
)
def test_an_object_cannot_pose_as_data(kind: str) -> None:
    thing = forged([kind])
    assert thing.__class__ is RemoteObject
    for data in (torch.Tensor, tuple, list, dict, int, float, str, np.ndarray):
        assert not isinstance(thing, data)


def test_asking_for_a_class_imports_nothing() -> None:
    import sys

    before = set(sys.modules)
    assert not isinstance(forged(["torch:_inductor", "torch:_export", "torch:onnx"]), nn.Module)
    assert set(sys.modules) == before


@pytest.mark.parametrize(
    "report",
    [
        {},
        {"text": None, "type": None, "builtins": None, "traceback": None},
        {"text": 5, "type": [], "builtins": {"ValueError": 1}, "traceback": "lines"},
        {"builtins": [None, 5, "", "print", "__import__", "object", "BaseException", "SystemExit"]},
        {"type": forged([]), "text": forged([]), "builtins": forged([]), "traceback": forged([])},
        {"traceback": [forged([]), 1, "x" * 10_000] * 1000, "text": "y" * 10**6, "type": "z" * 10**6},
        {"out_of_memory": "yes"},
    ],
)  # fmt: skip
def test_a_report_of_lies_is_still_one_plain_error(report: dict[str, Any]) -> None:
    error = student_error(ErrorReport.read(report))
    assert type(error.kind) is type(error.text) is str
    assert all(type(line) is str for line in error.traceback_lines)
    assert len(error.text) <= 2000
    assert len("".join(error.traceback_lines)) <= 60 * 500
    assert error.out_of_memory is False
    assert not isinstance(error, (StopIteration, SystemExit))


def test_the_length_of_an_object_must_be_a_length(student: StudentProcess) -> None:
    lie = SAY_ANYTHING + "class T: pass\nthing = T()\n"
    for value in ("-1", "'x'", "2.5", "True", "None"):
        thing = made(student, lie + f"Server._do_length = lambda self, t: {{'value': {value}}}")
        with pytest.raises(TypeError, match="is not a number"):
            len(thing)


def test_an_endless_loop_over_an_object_ends_with_the_time_limit(student: StudentProcess) -> None:
    from autograder.proxy.errors import WallFailure

    thing = made(student, "thing = iter(int, 1)")
    with student.time_limit(0.3), pytest.raises(WallFailure):
        for value in thing:
            assert value == 0
