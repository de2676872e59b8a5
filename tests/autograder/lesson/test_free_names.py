from __future__ import annotations

from typing import Any

import pytest

from autograder.lesson.free_names import global_names, names_of_code, names_of_source

SOURCES = {
    "scale(3)": "scale",
    "y = 1\ny": "",
    "import a.b as c\nc.d, print": "",
    "for i in r: i": "r",
    "[scale(i) for i in range(3)]": "scale",
    "lambda x: x + w": "w",
    "with o as p: p": "o",
    "try:\n    pass\nexcept E as error: error": "E",
    "f'{k!r:{w}}'": "k w",
    "(n := m), n": "m",
    "x += 1": "",
    "@deco\ndef f(a: T = D) -> R: return a": "D R T deco",
    "def f():\n    global g\n    g = 1\nprint(g)": "g",
    "def f():\n    def g(): return h\n    return g": "h",
    "def f():\n    x = 1\n    class B:\n        y = x + z\n    return B": "z",
    "class A:\n    scale = 1\n    twice = scale * 2": "",
    "class A:\n    scale = 1\n    def f(self): return scale(3)": "scale",
    "class A:\n    scale = 1\ny = scale(3)": "scale",
}


@pytest.mark.parametrize("source", SOURCES)
def test_the_names_that_a_cell_takes_from_outside(source: str) -> None:
    assert names_of_source(source, "cell") == set(SOURCES[source].split())


def test_a_cell_that_is_no_python_is_a_syntax_error() -> None:
    with pytest.raises(SyntaxError):
        names_of_source("x = (", "cell")


def test_the_names_that_a_function_takes_from_outside() -> None:
    def look(answer: object, more: int = 3) -> list[object]:
        import math

        return [unknown(answer, math.pi) for _ in range(more)]  # type: ignore[name-defined]  # noqa: F821

    assert global_names(look.__code__) == {"unknown"}


def test_names_in_the_instructions_of_a_function() -> None:
    source = (
        "def f(x):\n    global w\n    import a.b, c as d\n    w = [k for k in r]\n"
        "    class A(base):\n        s = t\n    def g():\n            global v\n            del v\n"
    )
    names: dict[str, Any] = {}
    exec(source, names)
    found = names_of_code(names["f"].__code__)
    assert {*found.read} == {"r", "base", "t", "__name__"}
    assert found.defined >= {"s"}
    assert found.written == ("w", "v")
    assert found.imported == ("a.b", "c")
