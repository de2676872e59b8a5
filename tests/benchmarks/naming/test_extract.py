from __future__ import annotations

import json

import pytest

from benchmarks.naming.extract import Module, NotFound, notebook_code

FILE = '''\
from past.builtins import xrange
import numpy as np
from math import *
from other.place import helped

SCALE = 2
UNUSED = 3


def double(x):
    return SCALE * x


def twice(x):
    """First version."""
    return x


def twice(x):
    """Last version."""
    return sum(double(x) for _ in xrange(1))


def far(x):
    return helped(x)


class Layer:
    @staticmethod
    def forward(x):
        return double(x)
'''


def test_the_last_definition_counts() -> None:
    text = Module(FILE).function("twice")
    assert text.startswith('def twice(x):\n    """Last version."""')
    assert text.endswith("xrange(1))")


def test_a_method_stands_without_its_indentation_and_with_its_decorator() -> None:
    text = Module(FILE).function("Layer.forward")
    assert text == "@staticmethod\ndef forward(x):\n    return double(x)"


def test_an_answer_has_what_it_needs_and_no_more() -> None:
    text = Module(FILE).answer(["twice"])
    assert "SCALE = 2" in text
    assert "def double" in text
    assert "First version" not in text
    assert "UNUSED" not in text
    assert "import xrange" not in text
    assert "class Layer" in Module(FILE).answer(["Layer.forward"])


def test_code_of_another_file_is_told() -> None:
    with pytest.raises(NotFound, match="helped comes from another file"):
        Module(FILE).answer(["far"])
    star = Module("from .other import *\n\n\ndef f(x):\n    return helped(x)\n")
    with pytest.raises(NotFound, match="helped may come from another file"):
        star.answer(["f"])


def test_a_function_that_is_not_there_is_told() -> None:
    for name in ("thrice", "Layer.backward"):
        with pytest.raises(NotFound):
            Module(FILE).function(name)


def test_a_file_that_python_3_does_not_read_as_a_whole() -> None:
    text = "SCALE = 2\n\n\ndef old():\n    print 'old'\n\n\ndef f(x):\n    return SCALE * x\n"
    assert Module(text).answer(["f"]) == "SCALE = 2\n\ndef f(x):\n    return SCALE * x"
    with pytest.raises(NotFound):
        Module(text).function("old")


def test_the_code_of_a_notebook() -> None:
    cells = [
        {"cell_type": "code", "source": ["%matplotlib inline\n", "a = 1\n", "!ls"]},
        {"cell_type": "markdown", "source": "Text"},
        {"cell_type": "code", "source": "b = 2"},
    ]
    assert notebook_code(json.dumps({"cells": cells})) == "a = 1\n\nb = 2\n\n"
    with pytest.raises(NotFound, match="not a notebook"):
        notebook_code("[]")


def test_local_variables_need_no_definition() -> None:
    code = """\
from .other import *

total = 7


class Layer:
    def forward(self, x):
        n, total = len(x), 0
        for row in x:
            total += max(value * n for value in row)
        return total


def max(values):
    return sorted(values)[-1]
"""
    text = Module(code).answer(["Layer.forward"])
    assert "total = 7" not in text
    assert "def max" in text
