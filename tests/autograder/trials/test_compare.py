from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.trials.compare import Tolerance, describe, difference, identical
from autograder.wall.values import Refused
from tests.autograder.forged import forged

NAN, INF = float("nan"), float("inf")


def told(got: Any, expected: Any, **options: Any) -> str:
    """The difference in words; empty where there is none."""
    found = difference(got, expected, **options)
    return found.sentence if found else ""


FLOATS = hnp.arrays(
    st.sampled_from([np.float32, np.float64]),
    hnp.array_shapes(max_dims=3, max_side=4),
    elements=st.floats(-1e6, 1e6, width=32) | st.sampled_from([NAN, INF, -INF]),
)


@given(FLOATS)
def test_every_array_equals_itself(array: np.ndarray[Any, Any]) -> None:
    tensor = torch.from_numpy(array)
    assert told(tensor, tensor.clone()) == ""
    assert told(array, array.copy()) == ""


@given(FLOATS, FLOATS)
def test_tensors_agree_exactly_when_torch_says_they_are_close(
    one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]
) -> None:
    got, expected = torch.from_numpy(one), torch.from_numpy(other)
    limits = Tolerance.of(expected.dtype)
    close = got.shape == expected.shape and torch.allclose(
        got.double(), expected.double(), limits.rtol, limits.atol, equal_nan=True
    )
    assert (told(got, expected) == "") is close


@given(st.integers(0, 23), st.sampled_from([NAN, INF, -INF, 1e4, -3.0]))
def test_one_wrong_value_anywhere_is_found(place: int, value: float) -> None:
    expected = torch.arange(24.0).reshape(2, 3, 4)
    got = expected.clone()
    got.view(-1)[place] = value
    if value != place:
        assert "1 of the 24 values" in told(got, expected) or "nan" in told(got, expected)


@pytest.mark.parametrize(
    ("got", "expected", "words"),
    [
        (torch.zeros(2, 3), torch.zeros(3, 2), "has shape (2, 3), expected (3, 2)"),
        (torch.zeros(1, 3), torch.zeros(3), "has shape (1, 3), expected (3,)"),
        (torch.zeros(()), torch.zeros(1), "has shape (), expected (1,)"),
        (torch.ones(2), torch.zeros(2), "all of the 2 values of the output are wrong"),
        (torch.ones(1), torch.zeros(1), "the value of the output is wrong"),
        (torch.tensor([1.0, 2.5]), torch.tensor([1.0, 2.0]), "the largest error is 0.5"),
        (torch.tensor([NAN]), torch.tensor([1.0]), "not numbers (nan)"),
        (torch.tensor([1.0]), torch.tensor([NAN]), "is wrong"),
        (torch.tensor([5.0]), torch.tensor([INF]), "is wrong"),
        (torch.tensor([-INF]), torch.tensor([INF]), "is wrong"),
        (torch.tensor([1j]), torch.tensor([1.0]), "is complex, expected real numbers"),
        (torch.tensor([1j]), torch.tensor([1]), "is complex, expected real numbers"),
        (torch.tensor([1 + 5j]), torch.tensor([1 + 2j]), "is wrong"),
        (torch.tensor([1.0]), torch.tensor([1 + 2j]), "is wrong"),
        (torch.tensor([1, 3]), torch.tensor([1, 2]), "1 of the 2 values"),
        (torch.tensor([1.4]), torch.tensor([1]), "is wrong"),
        (np.zeros(2), torch.zeros(2), "is a numpy array of shape (2,), expected a tensor of shape"),
        (torch.zeros(2), np.zeros(2), "expected a numpy array"),
        ([0.0, 0.0], torch.zeros(2), "[0.0, 0.0] (list), expected a tensor"),
        (None, torch.zeros(2), "None (is there a return?)"),
        (3, 4, "is 3, expected 4"),
        (4.0, 4, "4.0 (float), expected 4"),
        (True, 1, "True (bool), expected 1"),
        (1, True, "1 (int), expected True"),
        (np.bool_(True), True, "expected True"),
        ("4", 4, "'4' (str), expected 4"),
        (torch.tensor(4.0), 4, "expected 4"),
        (torch.tensor(True), 1, "expected 1"),
        (torch.tensor([4]), 4, "expected 4"),
        (torch.tensor(4 + 1j), 4, "expected 4"),
        (torch.tensor(4 + 0j), 4, "expected 4"),
        (10**400, 0.5, "expected 0.5"),
        (-(10**400), 0.5, "expected 0.5"),
        (NAN, 0.5, "expected 0.5"),
        (5.0, INF, "expected inf"),
        (0.5, NAN, "expected nan"),
        (True, 1.0, "expected 1.0"),
        (1j, 1.0, "expected 1.0"),
        (torch.tensor(1j), 1.0, "expected 1.0"),
        ("1.0", 1.0, "expected 1.0"),
        (None, 1.0, "None (is there a return?), expected 1.0"),
        ((1, 2), (1, 3), "is (1, 2), expected (1, 3)"),
        ((1,), (1, 3), "has 1 values, expected 2"),
        (5, (1, 3), "5 (int), expected 2 values in a tuple"),
        (torch.tensor([1, 3]), (1, 3), "expected 2 values in a tuple"),
        (
            (torch.ones(1), torch.ones(2)),
            (torch.ones(1), torch.zeros(2)),
            "2 values of output 2 are",
        ),
        ([1, (2, "a")], [1, (2, "b")], "value 2 of the output is (2, 'a'), expected (2, 'b')"),
        ({"a": 1}, {"a": 1, "b": 2}, "b is missing"),
        ({"a": 2}, {"a": 1}, "a is 2, expected 1"),
        ([1], {"a": 1}, "expected a dictionary"),
        (0, None, "0 (int), expected None"),
        ("a", "b", "is 'a', expected 'b'"),
        (Refused("a sparse tensor"), torch.zeros(1), "the output is a sparse tensor"),
        (forged(["torch:Tensor"]), torch.zeros(1), "an object that is not plain data"),
        (forged([]), 3, "an object that is not plain data"),
        (forged([]), 3.0, "an object that is not plain data"),
        (forged(["torch:Size"]), (1, 2), "an object that is not plain data"),
        (forged([]), {"a": 1}, "an object that is not plain data"),
        (forged([]), None, "an object that is not plain data"),
        ([Refused("a huge value")], [1], "a huge value"),
    ],
)
def test_a_wrong_value_is_described(got: Any, expected: Any, words: str) -> None:
    assert words in told(got, expected)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (torch.tensor([1.0 + 1e-6]), torch.tensor([1.0])),
        (torch.tensor([1.0], dtype=torch.float64), torch.tensor([1.0])),
        (torch.tensor([1]), torch.tensor([1.0])),
        (torch.tensor([1.0]), torch.tensor([1])),
        (torch.tensor([True]), torch.tensor([1])),
        (torch.tensor([INF, NAN]), torch.tensor([INF, NAN])),
        (torch.ones(2, requires_grad=True), torch.ones(2)),
        (torch.tensor([1 + 2j]), torch.tensor([1 + 2j])),
        (torch.tensor([2.0]), torch.tensor([2 + 0j])),
        (torch.zeros(0, 3), torch.zeros(0, 3)),
        (torch.arange(6).reshape(2, 3).t(), torch.arange(6).reshape(2, 3).t().contiguous()),
        (np.float32(0.5), 0.5),
        (torch.tensor(0.5), 0.5),
        (np.array(0.5), 0.5),
        (1, 1.0),
        (NAN, NAN),
        (INF, INF),
        (np.int64(3), 3),
        (torch.tensor(3), 3),
        (np.array(3), 3),
        (3, np.int64(3)),
        (0.5, np.float64(0.5)),
        ([1, 2], (1, 2)),
        (torch.Size([1, 2]), (1, 2)),
        ([], ()),
        ({"a": 1, "more": 2}, {"a": 1}),
        (np.array([1, 2], np.uint16), np.array([1, 2])),
        (np.array([1, 2], np.uint64), np.array([1, 2])),
        (np.ones(2, np.longdouble), np.ones(2)),
        (np.ones(2, ">f4"), np.ones(2)),
        (np.ones((2, 3)).T, np.ones((3, 2))),
        (np.ones(4)[::-1], np.ones(4)),
    ],
)
def test_a_right_value_is_right_in_any_plain_form(got: Any, expected: Any) -> None:
    assert told(got, expected) == ""


def test_the_dtype_matters_only_where_it_is_asked_for() -> None:
    got, expected = torch.ones(2, dtype=torch.float64), torch.ones(2)
    assert told(got, expected) == ""
    assert told(got, expected, strict_dtype=True) == (
        "the output has dtype float64, expected float32"
    )
    assert "dtype float32, expected float64" in told(
        np.ones(2, np.float32), np.ones(2), strict_dtype=True
    )
    assert "dtype float64" in told((1, got), (1, expected), strict_dtype=True)


def test_double_precision_is_compared_as_such() -> None:
    expected = torch.ones(1, dtype=torch.float64)
    assert told(expected + 1e-10, expected) == ""
    assert told(expected + 1e-5, expected) != ""
    assert told(expected + 1e-5, expected, tolerance=Tolerance(0, 1e-4)) == ""
    assert told(1.001, 1.0, tolerance=Tolerance(0, 1e-2)) == ""


def test_descriptions_are_short_whatever_the_value() -> None:
    for value in ("x" * 10**6, [1] * 10**5, {"a": "b" * 10**5}, torch.zeros(1000), 10**4000):
        assert len(describe(value)) < 200


def test_comparing_with_what_has_no_rule_is_our_mistake() -> None:
    with pytest.raises(TypeError, match="cannot compare with object"):
        difference(1, object())


def test_identical_values_agree_to_the_last_digit_in_dtype_and_shape() -> None:
    x = torch.tensor([1.0, float("nan"), float("inf")])
    assert identical(x, x.clone()) and identical([x, {"a": 1}], [x.clone(), {"a": 1}])
    for other in (x.double(), x[None], x + torch.tensor([1e-7, 0, 0]), None, "x", [x]):
        assert not identical(x, other) and not identical(other, x)


def test_what_cannot_be_compared_is_not_identical() -> None:
    assert not identical(object(), object())
    assert not identical(Refused("a value"), Refused("a value"))


def test_the_items_of_a_tuple_have_the_names_of_the_reference() -> None:
    got, expected = (torch.ones(2), torch.ones(2, 2)), (torch.ones(2), torch.zeros(2, 2))
    found = difference(got, expected, names=("dx", "dweight"))
    assert found is not None
    assert found.sentence == "all of the 4 values of dweight are wrong; the largest error is 1"
    assert found.what == "dweight"
    assert found.wrong is not None and bool(found.wrong.all())
    shape = told((torch.ones(3), got[1]), expected, names=("dx", "dweight"))
    assert shape == "dx has shape (3,), expected (2,)"
    assert "output 2" in told(got, expected, names=("dx", "dweight", "dbias"))


def test_one_wrong_value_is_told_in_the_singular() -> None:
    assert told(torch.ones(1), torch.zeros(1)) == "the value of the output is wrong"
    assert told(torch.tensor([0.0, 1.0]), torch.zeros(2)).startswith(
        "1 of the 2 values of the output is wrong"
    )
