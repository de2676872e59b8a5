from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.wall.decoder import MAX_KEYS, Decoder
from autograder.wall.encoder import Encoder, freeze, refuse_handle
from autograder.wall.frames import ProtocolError
from autograder.wall.values import MAX_AXES, MAX_ITEMS, TORCH_DTYPES, Refused


def no_handle(node: list[Any]) -> Any:
    raise ProtocolError("no handles here")


def crossed(value: Any, keep_layout: bool = False) -> Any:
    """A value after a trip through the wall."""
    encoder = Encoder(refuse_handle)
    tree = encoder.encode(value)
    return Decoder(tuple(encoder.blobs), no_handle, keep_layout).decode(tree)


def read(tree: Any, *blobs: bytes) -> Any:
    return Decoder(blobs, no_handle).decode(tree)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**100), 10**100)
    | st.floats()
    | st.complex_numbers()
    | st.text()
    | st.binary(max_size=20)
)
HASHABLE = st.integers() | st.text() | st.booleans() | st.tuples(st.integers(), st.text())
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(HASHABLE, inner, max_size=4)
    ),
    max_leaves=15,
)


@given(st.sets(HASHABLE, max_size=6))
def test_sets_arrive_equal(value: set[Any]) -> None:
    assert crossed(value) == value
    assert crossed(frozenset(value)) == value
    assert type(crossed(frozenset(value))) is frozenset


@given(VALUES)
def test_plain_values_arrive_equal_and_of_the_same_type(value: Any) -> None:
    assert repr(crossed(value)) == repr(value)


@given(
    hnp.arrays(
        st.sampled_from("? i1 >i2 <u4 i8 u8 f2 >f4 f8 c8 c16".split()), hnp.array_shapes(min_dims=0)
    )
)
def test_arrays_arrive_with_dtype_shape_and_bits(array: np.ndarray[Any, Any]) -> None:
    back = crossed(array)
    assert type(back) is np.ndarray
    assert back.shape == array.shape
    assert back.dtype == array.dtype.newbyteorder("<")
    assert back.tobytes() == array.astype(back.dtype).tobytes()
    assert back.flags.writeable


@given(
    st.sampled_from(sorted(TORCH_DTYPES)),
    st.lists(st.integers(0, 4), max_size=4),
    st.randoms(use_true_random=False),
)
def test_tensors_arrive_with_dtype_shape_and_bits(name: str, shape: list[int], source: Any) -> None:
    dtype = TORCH_DTYPES[name]
    size = math.prod(shape) * dtype.itemsize
    data = bytes(source.randrange(2 if name == "bool" else 256) for _ in range(size))
    flat = torch.frombuffer(bytearray(data), dtype=dtype) if data else torch.empty(0, dtype=dtype)
    tensor = flat.reshape(shape)
    back = crossed(tensor)
    assert type(back) is torch.Tensor
    assert (back.dtype, back.shape) == (tensor.dtype, tensor.shape)
    assert freeze(back) == freeze(tensor)
    assert bytes(freeze(back).blobs[0]) == data


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(24.0).reshape(2, 3, 4).permute(2, 0, 1),
        torch.arange(10.0)[::3],
        torch.arange(3.0).expand(4, 3),
        torch.arange(4).flip(0),
        torch.tensor([1 + 2j, 3j]).conj(),
        torch.tensor([1 + 2j]).conj().imag,
        torch.zeros(0, 3),
        torch.tensor(7.0),
    ],
)
def test_views_arrive_with_the_values_that_they_show(tensor: torch.Tensor) -> None:
    assert crossed(tensor).equal(tensor.resolve_conj().resolve_neg())
    assert crossed(tensor).is_contiguous()


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(6.0).reshape(2, 3).t(),
        torch.arange(30.0).reshape(2, 3, 5)[:, 1:, 1::2],
        torch.arange(8)[3:],
        torch.arange(3.0).expand(4, 3),
        torch.arange(3.0)[:, None].expand(3, 4),
        torch.tensor(2.0).expand(2, 2),
        torch.arange(9.0).unfold(0, 4, 2),
    ],
)
def test_an_argument_keeps_its_layout_where_the_reader_wants_it(tensor: torch.Tensor) -> None:
    back = crossed(tensor, keep_layout=True)
    assert back.equal(tensor)
    assert back.stride() == tensor.stride()
    assert back.storage_offset() == tensor.storage_offset()


def test_gaps_in_memory_are_limited() -> None:
    back = crossed(torch.zeros(1 << 23).reshape(2, -1)[:, :1], keep_layout=True)
    assert back.stride() == (1 << 22, 1)
    far = torch.zeros(1).as_strided((2,), (0,)).as_strided((1,), (1 << 40,))
    assert crossed(far.expand(1), keep_layout=True).equal(torch.zeros(1))


def test_a_frozen_value_may_leave_out_how_tensors_lie_in_memory() -> None:
    tensor = torch.arange(6.0).reshape(2, 3)
    turned = tensor.t().contiguous().t()
    assert freeze(tensor) != freeze(turned)
    assert freeze(tensor, layouts=False) == freeze(turned, layouts=False)
    assert freeze(tensor, layouts=False) != freeze(tensor.t(), layouts=False)


def test_requires_grad_crosses_and_history_does_not() -> None:
    leaf = torch.ones(2, requires_grad=True)
    assert crossed(leaf).requires_grad
    assert crossed(leaf * 2).is_leaf
    assert not crossed(leaf.detach()).requires_grad


@pytest.mark.parametrize(
    "value",
    [
        torch.Size([2, 3]),
        torch.float64,
        torch.device("cpu"),
        slice(1, None, 2),
        ...,
        range(2, 9, 3),
        np.float32(1.5),
        np.int64(-3),
        np.bool_(True),
        2**200,
        -(2**63),
        2**63,
        float("-inf"),
        "\ud800",
        "long \U0001f600" * 1000,
        {"x" * 5000: 1},
        b"\x00" * 5000,
    ],
)
def test_other_plain_things_cross_by_value(value: Any) -> None:
    back = crossed(value)
    assert type(back) is type(value)
    assert back == value


class Sly:
    """Compares equal to everything, in each of its base classes."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


class SlyInt(Sly, int): ...


class SlyFloat(Sly, float): ...


class SlyText(Sly, str): ...


class SlyList(Sly, list): ...  # type: ignore[type-arg]


class SlyDict(Sly, dict): ...  # type: ignore[type-arg]


class SlyArray(np.ndarray):  # type: ignore[type-arg]
    @property
    def shape(self) -> Any:
        return (2, 2)

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


class SlyTensor(torch.Tensor):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = torch.Tensor.__hash__

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return super().__torch_function__(func, types, args, kwargs or {})


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (SlyInt(3), int),
        (SlyFloat(0.5), float),
        (SlyText("no"), str),
        (SlyList([1]), list),
        (SlyDict(a=1), dict),
        (np.zeros(4).view(SlyArray), np.ndarray),
        (torch.zeros(3).as_subclass(SlyTensor), torch.Tensor),
        (torch.nn.Parameter(torch.zeros(2)), torch.Tensor),
        (np.ma.masked_array([1.0, 2.0], [True, False]), np.ndarray),
    ],
)
def test_a_subclass_arrives_as_the_plain_type_it_extends(value: Any, kind: type) -> None:
    assert type(crossed(value)) is kind


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (torch.empty(3, device="meta"), "meta device"),
        (torch.eye(3).to_sparse(), "sparse"),
        (torch.ones(2).to(torch.float8_e4m3fn), "dtype torch.float8"),
        (torch.zeros(1).expand(1 << 40), "larger than the limit"),
        (torch.zeros([1] * (MAX_AXES + 1)), "axes"),
        (np.array([object()]), "dtype object"),
        (np.array(["text"]), "dtype <U4"),
        (np.zeros(2, dtype="M8[s]"), "dtype datetime64"),
        (np.zeros(2, dtype=[("a", "f4")]), "array of dtype"),
        (np.broadcast_to(np.zeros(1), (1 << 40,)), "larger than the limit"),
        (1 << 1_000_000, "integer of more than"),
        ("x" * (65 << 20), "larger than the limit"),
        (range(10**18), "range of more than"),
        (range(2**70), "range of more than"),
        (object(), "type object"),
        (print, "builtin_function"),
        (torch.nn.Linear(1, 1), "type Linear"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 40 else "",
)
def test_what_cannot_cross_is_refused_by_name(value: Any, words: str) -> None:
    back = crossed(value)
    assert isinstance(back, Refused)
    assert words in back.reason


class Endless(list[int]):
    def __iter__(self) -> Any:
        return iter(int, 1)


class EndlessTuple(tuple[int, ...]):
    __slots__ = ()

    def __iter__(self) -> Any:
        while True:
            yield None


def test_cyclic_deep_endless_and_long_containers_are_cut_off_at_a_limit() -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    deep: Any = 1
    for _ in range(100_000):
        deep = (deep,)
    for value in (cycle, deep, EndlessTuple((1,)), [0.5] * 300_000, [None] * 300_000):
        back = crossed(value)
        while isinstance(back, (list, tuple)) and back:
            back = back[-1]
        assert isinstance(back, Refused)
    assert crossed(Endless([1, 2])) == [1, 2]  # the list's own items, not the items that it reports


def test_a_container_that_shares_one_item_many_times_is_bounded() -> None:
    value: Any = torch.zeros(1000)
    for _ in range(30):
        value = [value, value]
    encoder = Encoder(refuse_handle, max_bytes=1 << 20)
    encoder.encode(value)
    assert sum(map(len, encoder.blobs)) <= 1 << 20


def test_the_size_limit_holds_for_all_parts_together() -> None:
    encoder = Encoder(refuse_handle, max_bytes=1000)
    tree = encoder.encode([torch.zeros(200), torch.zeros(200), np.zeros(100)])
    assert [node[0] for node in tree[1:]] == ["tensor", "refused", "refused"]


TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)
TAGS = [name.removeprefix("_read_") for name in dir(Decoder) if name.startswith("_read_")]


@settings(max_examples=400)
@given(TREES, st.lists(st.binary(max_size=9), max_size=2))
def test_junk_trees_never_do_more_than_fail(tree: Any, blobs: list[bytes]) -> None:
    try:
        read(tree, *blobs)
    except ProtocolError:
        pass


@settings(max_examples=600)
@given(
    st.sampled_from(TAGS), st.lists(TREES, max_size=6), st.lists(st.binary(max_size=16), max_size=2)
)
def test_junk_behind_a_known_tag_never_does_more_than_fail(
    tag: str, rest: list[Any], blobs: list[bytes]
) -> None:
    try:
        read([tag, *rest], *blobs)
    except ProtocolError:
        pass


@settings(max_examples=300)
@given(
    st.sampled_from(["tensor", "array"]),
    st.sampled_from(
        ["float32", "<f4", "bool", "<c16", "O", "V8", "f4,f4", "(2,)f4", ">M8[s]", "S3"]
    ),
    st.lists(st.sampled_from([0, 1, 2, 3, 2**31, 2**47, 2**63, -1, 2.0, True]), max_size=40),
    st.binary(max_size=16),
    st.none() | st.lists(st.sampled_from([0, 1, 2, -1, 2**62]), max_size=4),
)
def test_a_shape_that_lies_never_does_more_than_fail(
    tag: str, dtype: str, shape: list[Any], data: bytes, layout: Any
) -> None:
    rest = [layout, True] if tag == "tensor" else []
    try:
        value = Decoder((data,), no_handle, keep_layout=True).decode([tag, dtype, shape, 0, *rest])
    except ProtocolError:
        return
    assert list(value.shape) == shape
    assert value.nbytes == len(data)


@pytest.mark.parametrize(
    "tree",
    [
        ["tensor", "float32", [2], 0, None, False],
        ["tensor", "float32", [-1, -1], 0, None, False],
        ["tensor", "float33", [1], 0, None, False],
        ["tensor", "float32", [True], 0, None, False],
        ["tensor", "float32", [1], 1, None, False],
        ["tensor", "float32", [1], -1, None, False],
        ["tensor", "float32", [1], True, None, False],
        ["tensor", "float32", [1] * 1000, 0, None, False],
        ["array", "O", [0], 0],
        ["array", "<f4", [1 << 60, 1 << 60], 0],
        ["scalar", ["list"]],
        ["dict", [["list"], 1]],
        ["dict", [1]],
        ["dict", 5],
        ["set", ["list"]],
        ["set", *range(MAX_KEYS + 1)],
        ["dict", *([i, None] for i in range(MAX_KEYS + 1))],
        ["int", "1" * 5000],
        ["int", "one"],
        ["int", 5],
        ["range", 0, 10**18, 1],
        ["range", 0, 1, 0],
        ["array", "(1,", [1], 0],
        ["array", "(,)f4", [1], 0],
        ["array", "f4,", [1], 0],
        ["array", 5, [1], 0],
        ["device", 0],
        ["device", "the moon"],
        ["text", 0],
        ["size", 1.5],
        ["handle", 1, [], ""],
        ["yours", 1],
        ["decode", 1],
        ["_all", 1],
        [""],
        [[]],
        [],
        {"a": 1},
        b"bytes",
        ["list"] * 1 + [["list"] * 1 + [b""]],
    ],
)
def test_a_malformed_node_is_refused(tree: Any) -> None:
    with pytest.raises(ProtocolError):
        read(tree, b"\xff\xff\xff\xff")


def test_the_limit_on_keys_holds_for_all_sets_and_dictionaries_of_a_reply_together() -> None:
    half = list(range(MAX_KEYS // 2))
    pairs = [[key, None] for key in half]
    assert len(read(["list", ["set", *half], ["dict", *pairs]])) == 2
    with pytest.raises(ProtocolError, match="larger than the limit"):
        read(["list", ["set", *half], ["dict", *pairs], ["frozenset", 1]])


def test_nesting_and_items_of_a_received_tree_are_limited() -> None:
    deep: Any = ["list"]
    for _ in range(70):
        deep = ["list", deep]
    with pytest.raises(ProtocolError, match="larger than the limit"):
        read(deep)
    with pytest.raises(ProtocolError, match="larger than the limit"):
        read(["list", *[None] * (3 * MAX_ITEMS + 1)])
    part = ["list", *[None] * MAX_ITEMS]
    with pytest.raises(ProtocolError, match="larger than the limit"):
        read(["list", part, part, ["dict", ["key", part]]])


def test_two_values_freeze_alike_exactly_when_they_are_alike() -> None:
    nan = torch.tensor([float("nan")])
    assert freeze((nan, {"a": 1})) == freeze((nan.clone(), {"a": 1}))
    assert freeze(torch.tensor([0.0])) != freeze(torch.tensor([-0.0]))
    assert freeze(torch.tensor([0.0])) != freeze(torch.tensor([0.0], dtype=torch.float64))
    assert freeze([1, 2]) != freeze((1, 2))
