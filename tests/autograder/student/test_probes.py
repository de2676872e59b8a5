from __future__ import annotations

import builtins
import marshal

import pytest

from autograder.student.probes import unpack
from autograder.wall.packed import Function, Packed, as_data


def code(source: str, name: str) -> bytes:
    names: dict[str, object] = {}
    exec(source, names)
    return marshal.dumps(names[name].__code__)  # type: ignore[attr-defined]


PLAIN = as_data((None, None))


def test_functions_of_one_scope_share_names_and_scopes_do_not_mix() -> None:
    packed = Packed(
        [
            Function(code("def look(f): return f, n, near(), far()", "look"), 0, PLAIN),
            Function(
                code("def near(k=1, *, m=2): return n + k + m", "near"),
                0,
                as_data(((5,), {"m": 7})),
            ),
            Function(code("def far(): return n, globals()['__name__']", "far"), 1, PLAIN),
        ],
        [
            {"n": ("constant", as_data(1)), "near": ("function", 1), "far": ("function", 2)},
            {"n": ("constant", as_data("other"))},
        ],
    )
    look = unpack(packed.as_bytes())
    assert look("f") == ("f", 1, 13, ("other", "probe"))
    assert look.__globals__["__builtins__"] is builtins


def test_modules_and_objects_of_libraries_are_found_by_name() -> None:
    packed = Packed(
        [Function(code("def look(f): return os.sep, Kind", "look"), 0, PLAIN)],
        [
            {
                "os": ("module", "posixpath"),
                "Kind": ("object", "collections", "OrderedDict.fromkeys"),
            }
        ],
    )
    sep, made = unpack(packed.as_bytes())(None)
    assert (sep, made("ab")) == ("/", {"a": None, "b": None})


@pytest.mark.parametrize("meaning", [("module", "no_such_module"), ("object", "os", "no.thing")])
def test_a_library_that_lacks_a_name_is_an_error_of_the_call(meaning: tuple[str, ...]) -> None:
    packed = Packed([Function(code("def look(f): pass", "look"), 0, PLAIN)], [{"x": meaning}])  # type: ignore[dict-item]
    with pytest.raises((ImportError, AttributeError)):
        unpack(packed.as_bytes())
