"""The operations that cross the wall: the table, the student's server and the trusted side agree."""

from __future__ import annotations

import dataclasses
import typing
from typing import Any

import pytest

from autograder.proxy.process import StudentProcess
from autograder.student.server import Server
from autograder.wall import protocol
from autograder.wall.decoder import Decoder
from autograder.wall.encoder import Encoder, refuse_handle
from autograder.wall.messages import ErrorReport, Operation, Reply, Request
from autograder.wall.protocol import (
    OPERATIONS,
    AskMany,
    Call,
    Called,
    CellReport,
    GetItem,
    Items,
    Named,
    Replies,
    Seen,
    Value,
    operation_of,
    read_answer,
)
from autograder.wall.untrusted import ABSENT
from tests.autograder.forged import forged

ALL = list(OPERATIONS.values())
LIES: list[Any] = [
    None, True, 5, -1, 1.5, "text" * 1000, b"bytes", [], ["x" * 1000, 5, None] * 100, (1, 2), {},
    {"type": 5, 7: "x"}, {1: {2: 3}}, [{"error": 5}], [[]], 10**30, forged(["torch:Tensor"]), ABSENT,
]  # fmt: skip


def messages(kind: type) -> set[type]:
    return {
        one
        for one in vars(protocol).values()
        if isinstance(one, type) and issubclass(one, kind) and one.__module__ == protocol.__name__
    }


def test_every_request_and_every_reply_stands_in_the_table() -> None:
    assert messages(Request) == {one.request for one in ALL}
    assert messages(Reply) == {one.reply for one in ALL}
    assert all(OPERATIONS[one.name] is one for one in ALL)
    assert len({one.request for one in ALL}) == len(ALL)


@pytest.mark.parametrize("operation", ALL, ids=list(OPERATIONS))
def test_the_table_says_the_reply_that_the_request_is_typed_with(operation: Operation) -> None:
    (base,) = operation.request.__orig_bases__  # type: ignore[attr-defined]
    assert typing.get_args(base) == (operation.reply,)


def test_the_server_has_a_handler_for_every_operation_and_no_other() -> None:
    handled = {name.removeprefix("_do_") for name in dir(Server) if name.startswith("_do_")}
    assert handled | {operation_of(AskMany([])).name} == set(OPERATIONS)
    for name in handled:
        hints = typing.get_type_hints(getattr(Server, f"_do_{name}"))
        operation = OPERATIONS[name]
        assert (hints["asked"], hints["return"]) == (operation.request, operation.reply), name


@pytest.mark.parametrize("name", ["", "many", "reply", "node", "nothing", "__class__", "cell "])
def test_an_unknown_operation_is_answered_by_an_error(student: StudentProcess, name: str) -> None:
    said = student._exchange("many", ["list", ["list", name, 1], ["list", "printed"]], [])
    unknown, known = Replies.read(said).value
    assert set(unknown) == {"error"}
    assert "error" not in known
    alone = student._exchange("nothing", ["list", 1], [])
    assert ErrorReport.read(alone["error"]).kind == "KeyError"


@pytest.mark.parametrize("arguments", [[], [1], [1, 2, 3]])
def test_a_request_with_other_fields_is_answered_by_an_error(
    student: StudentProcess, arguments: list[Any]
) -> None:
    said = student._exchange("item", ["list", *arguments], [])
    assert isinstance(read_answer(GetItem(1, 2), said), ErrorReport)


@pytest.mark.parametrize("operation", ALL, ids=list(OPERATIONS))
def test_a_reply_of_lies_reads_as_its_types(operation: Operation) -> None:
    reply = operation.reply
    raw = {"value", "changed", "names"}  # values that tests examine stay unchanged
    for name in reply.field_readers:
        for lie in LIES:
            read = reply.read({name: lie, "other": 1, 5: 6})
            kept = getattr(read, name)
            if name not in raw or reply not in (Value, Named, Called, CellReport):
                empty = getattr(reply(), name)
                if kept is not None and empty is not None:
                    assert type(kept) is type(empty) or type(kept) is ErrorReport, (name, lie)
    assert reply.read({}) == reply()


@pytest.mark.parametrize("operation", ALL, ids=list(OPERATIONS))
def test_a_request_crosses_as_it_is(operation: Operation) -> None:
    request = operation.request(*range(len(operation.request.field_names)))
    assert operation.request.read(request.arguments()) == request
    assert operation_of(request) is operation


REPLIES: list[Reply] = [
    Value(None), Value(3), Named(None), Named([1]), Called((1, 2)),
    Called(1, ("aten::add",), ("aten::mul",), 2, 7, ((1,), {"k": 2})),
    Items([1], done=False), Items([], done=True),
    CellReport("out", "err", True, (("input", ""),), ErrorReport("E", ("ValueError",), "no"), {"a": "b"}),
]  # fmt: skip


@pytest.mark.parametrize("reply", REPLIES)
def test_a_reply_crosses_as_it_is(reply: Reply) -> None:
    encoder = Encoder(refuse_handle)
    node = encoder.encode(reply.fields())
    assert type(reply).read(Decoder(tuple(encoder.blobs), lambda _: None).decode(node)) == reply


def test_an_error_is_no_reply_but_a_part_of_a_cell_s() -> None:
    said = {"error": {"type": "ValueError", "text": "no"}, "value": 3}
    answer = read_answer(Call(1, (), {}), said)
    assert isinstance(answer, ErrorReport)
    assert answer.kind == "ValueError"
    report = read_answer(protocol.RunCell(""), said)
    assert isinstance(report, CellReport)
    assert report.error == answer
    assert read_answer(protocol.RunCell(""), {"error": {}}).error.kind == "Exception"


def test_a_value_that_is_not_there_is_no_value_of_a_name() -> None:
    assert Named.read({}).value is ABSENT
    assert Named.read({"value": None}).value is None
    assert Called.read({}).changed is ABSENT


def test_what_calls_ran_adds_up() -> None:
    called = Called(None, ("a",), ("b",), 2, 5)
    assert called.seen + Seen(("c",), 1, 1) == Seen(("a", "b", "c"), 3, 6)


def test_flags_are_given_by_name() -> None:
    flags = {"watch", "compare", "count"}
    for request in (Call, protocol.RunProbe):
        assert flags <= {one.name for one in dataclasses.fields(request)}
        assert request.field_names[-3:] == ("watch", "compare", "count")
