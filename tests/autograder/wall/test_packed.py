from __future__ import annotations

import pytest

from autograder.wall.packed import Function, Packed, as_data


def test_a_packed_probe_is_read_as_it_was_written() -> None:
    packed = Packed(
        [Function(b"code", 0, b"defaults"), Function(b"more", 1, b"")],
        [{"f": ("function", 1), "m": ("module", "os")}, {"c": ("constant", as_data([1]))}],
    )
    assert Packed.read(packed.as_bytes()) == packed


def test_the_same_data_is_the_same_bytes_however_often_its_parts_are_held() -> None:
    text = "".join(["a", "b", "c"])
    held = [text, (text, text)]
    other = ["".join(["a", "b", "c"]), ("".join(["ab", "c"]), "".join(["a", "bc"]))]
    assert as_data(held) == as_data(other)


def test_other_objects_are_no_data() -> None:
    with pytest.raises(ValueError, match="unmarshallable"):
        as_data(object())
