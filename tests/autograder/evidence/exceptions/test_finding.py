from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch

from autograder.checks import Call, CheckContext, CheckResult, Draw, check, checking
from autograder.evidence.exceptions.kinds import kinds
from autograder.proxy.process import StudentProcess
from autograder.results import Evidence
from autograder.trials.cases import Style
from autograder.wall.protocol import FindName, RunCell
from tests.autograder.evidence.raising import SIZES, answer, of_line, told, tried

KINDS = {
    # -- sizes and indices
    "out = np.zeros((H / 2, W))": ("float_size", "In this line it comes from “/”"),
    "for i in range(H / 2): pass": ("float_size", "In this line it comes from “/”"),
    "out = torch.zeros(H / 1, W)": ("size_arguments", "In this line it comes from “/”"),
    "out = x.new_zeros((H / 1, W))": ("float_size", "In this line it comes from “/”"),
    "return a[: H / 2]": ("float_size", "In this line it comes from “/”"),
    "return x[: H / 2]": ("float_size", "In this line it comes from “/”"),
    "return [1, 2][H / 2]": ("float_size", "In this line it comes from “/”"),
    "return a[H / 2]": ("float_index", "In this line it comes from “/”"),
    "return x[H / 2]": ("float_index", "In this line it comes from “/”"),
    "return x.reshape(H * W / 1, 1)": ("size_arguments", "In this line it comes from “/”"),
    "out = np.zeros((np.floor(H / 2), W))": ("float_size", "so do np.floor and np.ceil"),
    "out = np.zeros(2.0)": ("float_size", "Where is this number computed?"),
    "return [0] * 2.0": ("float_size", "Where is this number computed?"),
    "return a[np.zeros(2)]": ("float_index", "an array of floats"),
    "return x[torch.zeros(2)]": ("float_index", "an array of floats"),
    "return range(np.zeros(2))": ("integer_needed", "array of floats"),
    "a[9, 0] = 1": ("index_out_of_bounds", "past the end of axis 0 of “a”"),
    "x[0, 9] = 1": ("index_out_of_bounds", "past the end of axis 1 of “x”"),
    "return x[0, 9]": ("index_out_of_bounds", "Print the index and the shape of “x”"),
    "a[0, 9] = a[9, 0]": ("index_out_of_bounds", "past the end of axis 0 of “a”"),
    "return a[-9]": ("index_out_of_bounds", "before the start of axis 0 of “a”"),
    "return [1][3]": ("index_out_of_bounds", "a list, a tuple or a shape"),
    "return x.shape[3]": ("index_out_of_bounds", "a list, a tuple or a shape"),
    "return x[:0][0]": ("index_out_of_bounds", "axis 0 of the array is empty"),
    "return a[0, 0, 0]": ("too_many_indices", "more indices than the array has axes"),
    "return x[0, 0, 0]": ("too_many_indices", "more indices than the array has axes"),
    "return list(a)[0, 0]": ("list_as_array", "with several indices at once"),
    "return np.zeros(-1)": ("negative_size", "a size is negative here"),
    "return torch.zeros(-1)": ("negative_size", "a size is negative here"),
    "return a[:, :0].max()": ("empty", "without values"),
    "return x[:0].max()": ("empty", "without values"),
    "return max([])": ("empty", "without values"),
    "return torch.stack([])": ("empty", "without values"),
    "return np.concatenate([])": ("empty", "without values"),
    "return F.conv2d(x[None, None], torch.ones(1, 1, 9, 9))": ("kernel_too_large", "larger than"),
    "return F.max_pool2d(x[None], 9)": ("kernel_too_large", "larger than its input"),
    "return x.unfold(1, 9, 1)": ("kernel_too_large", "larger than its input"),
    "return x[torch.ones(9, 9) > 0]": ("mask", "a mask does not have the shape"),
    "return a[np.ones((9, 9)) > 0]": ("mask", "a mask does not have the shape"),
    "return a[0, 0][0]": ("too_many_indices", "more indices"),
    "return x[0][0][0]": ("too_many_indices", "more indices"),
    # -- shapes
    "return torch.dot(x, x)": ("product_axes", "another number of axes"),
    "return torch.mm(x, x[0])": ("product_axes", "another number of axes"),
    "return np.tensordot(a, np.ones((9, 9)), 1)": ("matmul", "inner sizes"),
    "return F.conv2d(x, x)": ("layer_axes", "another number of axes"),
    "return nn.BatchNorm2d(3)(x)": ("layer_axes", "another number of axes"),
    "return nn.BatchNorm2d(9)(x[None, None])": ("channels", "a normalisation gets"),
    "return a.reshape(7, 5)": ("reshape", "as many entries"),
    "return x.reshape(7, 5)": ("reshape", "as many entries"),
    "return x.view(7, 5)": ("reshape", "as many entries"),
    "return x.t().view(-1)": ("view", "stand in order in memory"),
    "return torch.ones(2, 3) @ torch.ones(2, 3)": ("matmul", "inner sizes"),
    "return np.ones((2, 3)) @ np.ones((2, 3))": ("matmul", "inner sizes"),
    "return np.ones((2, 3)).dot(np.ones((2, 3)))": ("matmul", "inner sizes"),
    "return torch.ones(2, 3) @ torch.ones(2)": ("matmul", "inner sizes"),
    "return torch.bmm(torch.ones(2, 3, 4), torch.ones(2, 3, 4))": ("matmul", "inner sizes"),
    "return nn.Linear(9, 2)(x)": ("matmul", "inner sizes"),
    "return torch.einsum('abc->a', x)": ("einsum", "letters"),
    "return np.einsum('abc->a', a)": ("einsum", "letters"),
    "return torch.einsum('ab,cb->a', x, torch.ones(2, 9))": ("einsum", "letters"),
    "return torch.cat([x, torch.ones(9, 9)])": ("join", "do not have the same sizes"),
    "return torch.stack([x, torch.ones(9, 9)])": ("join", "do not have the same sizes"),
    "return np.stack([a, np.ones((9, 9))])": ("join", "do not have the same sizes"),
    "return np.concatenate([a, np.ones((9, 9))])": ("join", "do not have the same sizes"),
    "a[:] = np.ones((9, 9))": ("assigned_shape", "does not fit into the place"),
    "x[:] = torch.ones(9, 9)": ("assigned_shape", "does not fit into the place"),
    "return x.expand(9, 9)": ("assigned_shape", "does not fit into the place"),
    "np.zeros((2, 2))[:] = a[0:-0, 0:-0]": ("empty_side", "is empty"),
    "torch.zeros(2, 2)[:] = x[0:-0, 0:-0]": ("empty_side", "is empty"),
    "a[0:-0] = np.ones((H, W))": ("empty_side", "is empty"),
    "x[:, 0:-0] = torch.ones(H, W)": ("empty_side", "is empty"),
    "return np.ones((H, W)) + a[0:0]": ("empty_side", "is empty"),
    "a[:, 2:1] += np.ones((H, W))": ("empty_side", "is empty"),
    "return x[:, 0:-0] * torch.ones(H, W)": ("empty_side", "is empty"),
    "return torch.ones(H, W) * x[0:-0]": ("empty_side", "is empty"),
    "return a[0:0].reshape(2, 2)": ("empty_side", "is empty"),
    "return x[0:0].reshape(2, 2)": ("empty_side", "is empty"),
    "return torch.ones(2, 0) @ torch.ones(4, 2)": ("empty_side", "is empty"),
    "return torch.ones(10, 20) @ torch.ones(30, 2)": ("matmul", "inner sizes"),
    "return np.ones((3, 0)) @ np.ones((4, 2))": ("empty_side", "is empty"),
    "np.zeros((10, 20))[:] = np.ones((30, 20))": ("assigned_shape", "does not fit"),
    "return a + np.ones((10, 20))": ("broadcast", "shapes do not fit"),
    "return a + np.ones((9, 9))": ("broadcast", "shapes do not fit"),
    "return x + torch.ones(9, 9)": ("broadcast", "shapes do not fit"),
    "a += np.ones((9, 9))": ("broadcast", "shapes do not fit"),
    "return a.sum(axis=2)": ("axis", "fewer axes"),
    "return x.sum(dim=2)": ("axis", "fewer axes"),
    "return a.transpose(0, 1, 2)": ("permute", "each axis"),
    "return x.permute(0, 1, 2)": ("permute", "each axis"),
    "return nn.Conv2d(9, 2, 1)(x[None])": ("channels", "as many channels as its weights"),
    # -- dtypes
    "out = np.zeros(x.shape, int); out += a": ("cast", "whole numbers"),
    "out = torch.zeros(x.shape, dtype=torch.int64); out += x": ("cast", "whole numbers"),
    "return x.long().mean()": ("mean_of_integers", "whole numbers"),
    "return x @ torch.ones(W, 2).double()": ("dtype", "different dtypes"),
    "out = torch.zeros(H); out[torch.arange(H)] = x.double()[:, 0]": ("dtype", "different dtypes"),
    "return F.conv2d(x[None, None], torch.ones(1, 1, 2, 2).double())": ("dtype", "different"),
    "return F.cross_entropy(x, x[:, 0])": ("target_dtype", "no whole numbers"),
    "return x.gather(0, x)": ("index_dtype", "whole numbers"),
    "return np.arange(3) ** -1": ("whole_power", "negative power"),
    "return np.bincount(np.ones(3))": ("float_index", "floats are given"),
    # -- devices
    "return x.cuda()": ("device", "the grader has none"),
    "return x.to('cuda')": ("device", "the grader has none"),
    "return torch.zeros(2, device='cuda:0')": ("device", "the grader has none"),
    "return x + torch.ones(H, W, device='meta')": ("devices", "different devices"),
    # -- gradients
    "w = torch.ones(2, requires_grad=True); w += 1": ("in_place_leaf", "in place"),
    "w = torch.ones(2, requires_grad=True); w[0] = 1": ("in_place_leaf", "in place"),
    "w = torch.ones(2, requires_grad=True); b = w.exp(); b += 1; b.sum().backward()": (
        "in_place_graph", "the backward pass still needs"),
    "return torch.ones(2, requires_grad=True).numpy()": ("numpy_of_grad", "NumPy array"),
    "return x.sum().backward()": ("no_graph", "no gradient leads to"),
    "w = torch.ones(2, requires_grad=True); b = w.exp().sum(); b.backward(); b.backward()": (
        "backward_twice", "a second time"),
    "x[:, :1].expand(H, 3).add_(1)": ("shared_memory", "shares its values"),
    "np.broadcast_to(a, (2, H, W))[0, 0] = 1": ("shared_memory", "read-only"),
    # -- values
    "if x > 1: pass": ("truth_value", "in place of one truth value"),
    "if a > 1: pass": ("truth_value", "in place of one truth value"),
    "return max(x, 0 * x)": ("truth_value", "in place of one truth value"),
    "return int(x)": ("one_number", "where one number is needed"),
    "return float(a)": ("one_number", "where one number is needed"),
    "return x.item()": ("one_number", "where one number is needed"),
    "return F.cross_entropy(x, torch.full((H,), 9))": ("class_index", "number of classes"),
    "return F.embedding(torch.tensor([9]), x)": ("index_out_of_bounds", "Print the index"),
    "return 1 / (H - H)": ("zero_division", "divided by zero"),
    "return H // 0": ("zero_division", "divided by zero"),
    "nn.Linear(2, 3).load_state_dict({'w': x})": ("state_dict", "stored parameters"),
    "nn.Linear(2, 3).load_state_dict({'weight': x, 'bias': x})": ("state_dict", "stored"),
    "return {}['weight']": ("key", "not in the dictionary"),
    # -- types
    "return x.size[0]": ("method_not_called", "round brackets missing"),
    "return x.sum * 2": ("method_not_called", "used like a value"),
    "return x + None": ("none", "is None where"),
    "return (lambda: None)()[0]": ("none", "is None where"),
    "H, W = None": ("none", "is None where"),
    "return torch.mm(x, None)": ("none", "is None where"),
    "return None.shape": ("attribute", "the object before “.shape” is None"),
    "return a.unsqueeze(0)": ("attribute", "“unsqueeze” is a method of tensors"),
    "return x.astype(float)": ("attribute", "“astype” is a method of NumPy arrays"),
    "return (x, x).shape": ("attribute", "is of type tuple, which has no “shape”"),
    "return x.shpe": ("attribute", "is of type Tensor, which has no “shpe”"),
    "return np.int(3)": ("module_name", "np.int was removed from NumPy"),
    "return torch.summ(x)": ("module_name", "the module torch has no “summ”"),
    "return total; total = 1": ("unassigned", "“total” has no value yet"),
    "N, C, H, W = x.shape": ("unpacking", "the number of axes"),
    "N, C, H = x, a": ("unpacking", "the number of values on the right"),
    "N, C = 5": ("unpacking", "a single object"),
    "return x.sum(1, 2, 3, 4, 5)": ("arguments", "types"),
    "return torch.zeros_like(x, 3, 4)": ("signature", "other arguments"),
    "return (lambda a: a)(1, 2)": ("signature", "other arguments than it takes"),
    "return (lambda a: a)(b=1)": ("signature", "other arguments than it takes"),
    "return nn.Linear(2)": ("signature", "other arguments than it takes"),
    "H, W = x.shape()": ("not_callable", "“shape” is a tuple, and this line calls it"),
    "return H(2)": ("not_callable", "no function"),
    "return H[0]": ("not_a_sequence", "a single number"),
    "return len(H)": ("not_a_sequence", "a single number"),
    "for i in H: pass": ("not_a_sequence", "a single number"),
    "return len(x.sum())": ("not_a_sequence", "a single number"),
    "x.shape[0] = 3": ("immutable", "cannot be changed"),
    "return torch.mm(a, x)": ("not_a_tensor", "no tensor"),
    "return torch.stack([1, 2])": ("not_a_tensor", "no tensor"),
    "return torch.from_numpy(x)": ("not_a_tensor", "no array"),
    "return [1] - 1": ("operand_types", "types"),
    # -- names and the rest
    "return sp.zeros(2)": ("not_defined", "“sp” is not defined when this line runs"),
    "for i in xrange(3): pass": ("not_defined", "“xrange” is a name of Python 2"),
    "return of(x)": ("not_defined", "“of” is not defined"),
    "assert H == 99": ("own_assertion", "your own assertion"),
    "assert (H * W + 1) % W == 0": ("own_assertion", "wants a division without a remainder"),
    "assert (H + 1) % 99 == 0, 'not'": ("own_assertion", "wants a division without a remainder"),
    "assert H % 99 == 0 and H == 99": ("own_assertion", "condition of your own assertion"),
    "assert H % 99 == 1": ("own_assertion", "condition of your own assertion"),
    "assert H == 99, 'index 4 is out of bounds for axis 2 with size 4'": ("own_assertion", ""),
    "np.testing.assert_allclose(a, a + 1)": ("assertion", "a function that you call"),
    "raise ValueError('H must be odd')": ("own_error", "your own code raises"),
    "raise IndexError('index 4 is out of bounds for axis 2 with size 4')": ("own_error", ""),
    "import nothing_of_this_name": ("import", "not there"),
    "open('weights.pt')": ("file", "a file is not there"),
    "return torch.load('weights.pt')": ("file", "a file is not there"),
    "return int('abc')": ("other", "its text is “invalid literal for int()"),
}  # fmt: skip


@pytest.mark.parametrize("line", KINDS)
def test_each_kind_of_exception_is_named_with_its_line(line: str) -> None:
    name, words = KINDS[line]
    found = of_line(line)
    assert len(found.sentence.split()) <= 60
    assert found.id == f"f.exception_{name}"
    assert words in found.sentence


def test_every_kind_of_the_table_has_a_line_that_raises_it() -> None:
    assert {kind.name for kind in kinds()} - {name for name, _ in KINDS.values()} == {"recursion"}
    code = "def f(x, P, bias):\n    return f(x, P, bias)\n"
    (found,) = told(tried(code, SIZES[:1]))
    assert found.id == "f.exception_recursion"
    assert "in the line “return f(x, P, bias)”" in found.sentence


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("True", "It comes in every case."),
        ("H != W", "Among the tried cases it comes if and only if H and W differ."),
        ("P == 0", "Among the tried cases it comes if and only if P = 0."),
        ("P > 0", "Among the tried cases it comes if and only if P > 0."),
        ("bias is None", "Among the tried cases it comes if and only if there is no bias."),
    ],
)
def test_the_sizes_for_which_it_comes_are_told(condition: str, words: str) -> None:
    code = f"def f(x, P, bias):\n    H, W = x.shape\n    return x[99] if {condition} else x\n"
    (found,) = told(tried(code))
    assert words in found.sentence
    assert found.groups == ()
    assert found.evidence is Evidence.EXCEPTION


def test_without_a_condition_its_groups_are_told() -> None:
    code = "def f(x, P, bias):\n    H, W = x.shape\n    return x[99] if H + W == 7 else x\n"
    (found,) = told(tried(code))
    assert "it comes" not in found.sentence or "differ" in found.sentence
    code = "def f(x, P, bias):\n    return x[99] if P == 2 else x\n"
    (found,) = told(tried(code))
    assert "it comes" not in found.sentence
    assert found.groups == (str(SIZES[-1]),)


def test_two_conditions_that_the_cases_do_not_tell_apart_are_both_told() -> None:
    sizes = [dict(H=3, W=w, P=p, with_bias=0) for w, p in ((3, 0), (4, 1), (5, 1))]
    sizes.append(dict(H=4, W=4, P=0, with_bias=0))
    (found,) = told(tried("def f(x, P, bias):\n    return x[99] if P else x\n", sizes))
    assert (
        "Among the tried cases it comes if and only if P > 0 (in these cases also: H and W differ)."
        in (found.sentence)
    )


def test_other_values_do_not_hide_an_exception_and_its_cells_are_its_own() -> None:
    code = "def f(x, P, bias):\n    if bias is None:\n        return x @ bias\n    return x + 1\n"
    (found,) = told(tried(code))
    assert found.id == "f.exception_not_a_tensor" or found.id == "f.exception_none"
    assert found.explained == {0, 1, 3}


def test_two_places_are_two_findings_the_more_frequent_first() -> None:
    code = (
        "def f(x, P, bias):\n    if bias is None:\n        return x[99]\n"
        "    return x.reshape(99) if P > 1 else x if P else x[:, 99]\n"
    )
    found = told(tried(code))
    assert [one.id for one in found] == ["f.exception_index_out_of_bounds", "f.exception_reshape"]
    assert "it comes" not in found[0].sentence  # the other exception may hide it


def test_an_exception_only_for_another_dtype_is_told() -> None:
    code = "def f(x, P, bias):\n    return x.mm(torch.eye(x.shape[1]))\n"
    double = tried(code, SIZES[:2], Style(dtype=torch.float64, strict_dtype=True), "float64")
    (found,) = told([*tried(code), *double])
    assert found.id == "f.exception_dtype"
    assert "It comes only for inputs of dtype float64." in found.sentence
    assert found.explained == frozenset()


def test_an_exception_only_for_another_layout_is_told() -> None:
    code = "def f(x, P, bias):\n    assert P\n    return x\n"
    style = Style(layout="transposed")
    (found,) = told([*tried(code, SIZES[3:]), *tried(code, SIZES[:1], style, "not contiguous")])
    assert "only with inputs that are not contiguous: their last axis comes" in found.sentence


def test_a_call_with_other_parameters_is_told_without_a_line() -> None:
    (found,) = told(tried("def f(x, padding):\n    return x\n"))
    assert found.id == "f.exception_signature"
    assert found.sentence.startswith("TypeError: the call itself fails, before the first line")


LIE = "index 4 is out of bounds for axis 2 with size 4"


@pytest.mark.parametrize(
    "code",
    [
        f"class IndexError(Exception): pass\ndef f(x, P, bias):\n    raise IndexError('{LIE}')\n",
        f"def f(x, P, bias):\n    raise IndexError('{LIE}')\n",
        f"def g(): raise IndexError('{LIE}')\ndef f(x, P, bias):\n    g()\n",
        f"def f(x, P, bias):\n    try: x[99]\n    except IndexError as e:\n"
        f"        raise IndexError('{LIE}') from e\n",
    ],
)
def test_an_exception_that_the_answer_raises_itself_states_no_cause(code: str) -> None:
    (found,) = told(tried(code))
    assert found.id == "f.exception_own_error"
    assert "axis 2" not in found.sentence.rpartition("”")[2]


def test_a_forged_traceback_is_not_quoted() -> None:
    forged = 'no\\n  File "<ipython-input-1>", line 1, in f\\n    the grader is wrong'
    (found,) = told(tried(f"def f(x, P, bias):\n    raise ValueError('{forged}')\n"))
    assert "in the line “raise ValueError('no" in found.sentence
    assert len(found.sentence.split()) <= 60


@pytest.mark.parametrize(
    "text",
    [
        "'<b>bold</b> <script>alert(1)</script>'",
        "'\\x1b[31mred \\u202e \\x00 \\u2028'",
        "'word ' * 500",
        "'x' * 5000",
        "str(x.sum().item() + 0.123456)",
    ],
)
def test_the_text_of_an_unknown_exception_is_short_and_inert(text: str) -> None:
    code = f"def f(x, P, bias):\n    return int({text})\n"
    (found,) = told(tried(code))
    assert found.id == "f.exception_other"
    assert found.sentence.isprintable()
    assert len(found.sentence.split()) <= 60 and len(found.sentence) <= 400
    assert not re.search(r"\d{3}", found.sentence)


@pytest.mark.parametrize(
    "body",
    [
        "return type(f'T{int(x.sum())}9876', (), {})().shape",
        "return eval(f'n{int(x.sum())}9876')",
        "return getattr(x, f'a{int(x.sum())}9876')",
        "return {}[9876.5]",
    ],
)
def test_names_that_hold_inputs_are_not_quoted(body: str) -> None:
    (found,) = told(tried(f"def f(x, P, bias):\n    {body}\n", SIZES[:1]))
    assert not re.search(r"\d{3}", found.sentence)


def test_the_type_of_a_class_of_the_student_is_not_told() -> None:
    code = "class Grader(Exception): pass\ndef f(x, P, bias):\n    raise Grader('all is right')\n"
    (found,) = told(tried(code))
    assert found.sentence.startswith("An exception in the line “raise Grader('all is right')”")


def test_right_answers_and_wrong_values_have_no_finding() -> None:
    assert told(tried("def f(x, P, bias):\n    return x\n")) == []
    assert told(tried("def f(x, P, bias):\n    return x + 1\n")) == []


# -- in checks, here and across the wall

GROUPS = {
    "square": [dict(H=3, W=3, S=1), dict(H=4, W=4, S=1)],
    "wide": [dict(H=3, W=5, S=1), dict(H=5, W=4, S=1)],
    "a stride": [dict(H=4, W=4, S=2), dict(H=6, W=6, S=3)],
}


def thin(x: torch.Tensor, stride: int) -> torch.Tensor:
    return x[::stride, ::stride].clone()


def make(draw: Draw, H: int, W: int, S: int) -> Call:
    return Call(draw.tensor(H, W), S)


def checked(function: Callable[..., Any]) -> CheckResult:
    with checking(CheckContext(3, ())):
        return check(
            function, thin, make, points=1, groups=GROUPS,
            sizes=dict(H=(1, 5), W=(1, 5), S=(1, 3)),
        )  # fmt: skip


CELL = """\
import numpy as np
import torch
def thin(x, stride):
    H, W = x.shape
    out = x.new_zeros((H - 1) // stride + 1, (W - 1) // stride + 1)
    for i in range({rows}):
        for j in range({columns}):
            out[i, j] = {value}
    return out
"""
RIGHT = dict(rows="out.shape[0]", columns="out.shape[1]", value="x[i * stride, j * stride]")
CELLS = {
    "float": (RIGHT | dict(rows="(H - 1) / stride + 1"), "float_size", "It comes in every case."),
    "not square": (
        RIGHT | dict(columns="out.shape[0]"),
        "index_out_of_bounds",
        "past the end of axis 1 of “out” or “x”. Among the tried cases it comes if and only if H is larger than W.",
    ),
    "stride": (
        RIGHT | dict(rows="H", value="x[:, j * stride].max()"),
        "index_out_of_bounds",
        "Among the tried cases it comes only if S > 1, though not always. Is it the right index for this axis",
    ),
}


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("where", ["here", "across the wall"])
def test_a_check_names_the_exception(name: str, where: str, request: Any) -> None:
    parts, kind, words = CELLS[name]
    source = CELL.format(**parts)
    if where == "here":
        function: Any = answer(source, "thin")
    else:
        student: StudentProcess = request.getfixturevalue("student")
        student.ask(RunCell(source))
        function = student.ask(FindName("thin")).value
    result = checked(function)
    assert result.diagnosis == f"thin.exception_{kind}"
    assert result.evidence is Evidence.EXCEPTION
    assert words in result.message


def test_places_with_the_same_meaning_are_told_together() -> None:
    code = (
        "def f(x, P, bias):\n    if P > 1:\n        assert bias is None\n"
        "    assert P == 0\n    return x\n"
    )
    (found,) = told(tried(code))
    assert found.sentence.startswith("AssertionError in the line “assert P == 0” and in others:")
    assert "Among the tried cases it comes if and only if P > 0." in found.sentence
    assert found.explained == {3, 4, 5}


def test_what_holds_for_some_cases_only_is_not_told_for_all() -> None:
    code = "def f(x, P, bias):\n    i, j = (9, 0) if P else (0, 9)\n    return x[i, j]\n"
    (found,) = told(tried(code))
    assert ": an index lies outside its axis. It comes in every case." in found.sentence


def test_a_slice_up_to_minus_zero_is_told() -> None:
    code = "def f(x, P, bias):\n    out = x.clone()\n    out[:] = x[0:-P, 0:-P] if P == 0 else x\n    return out\n"
    (found,) = told(tried(code))
    assert found.id == "f.exception_empty_side"
    assert found.sentence.endswith(
        "Among the tried cases it comes if and only if P = 0. A slice that ends at -0 is empty, because -0 is 0."
    )
