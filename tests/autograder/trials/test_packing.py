from __future__ import annotations

import marshal
import sys
from collections import namedtuple
from typing import Any

import numpy as np
import pytest
import torch

from autograder.checks import check, probe
from autograder.proxy.objects import RemoteObject
from autograder.student.probes import unpack
from autograder.trials import packing
from autograder.trials.packing import pack

Pair = namedtuple("Pair", "a b")
SECRET = "told to nobody"


def named(source: str, **names: Any) -> Any:
    """The function ``look`` of a source that runs with some names."""
    exec(source, names)
    return names["look"]


def outer(source: str) -> str:
    """A source in which a function that ``look`` uses holds the line."""
    return f"def helper():\n    {source}\ndef look(f):\n    return helper()"


MISTAKES = {
    "def look(f): return nowhere": (
        "the probe look needs nowhere, which the check does not define: define or import it there"
    ),
    outer("return [[nowhere for _ in f()] for f in []]"): (
        "helper, which the probe look uses, needs nowhere, which the check does not define: "
        "define or import it there"
    ),
    "def look(f):\n    global x\n    x = 1": (
        "the probe look changes the global x: return the value instead"
    ),
    outer("global x; del x"): (
        "the probe look needs helper, and helper changes the global x: return the value instead"
    ),
    "from autograder.checks.check import check as c\ndef look(f): return c": (
        "the probe look needs c, a part of the grader (autograder.checks.check), "
        "which never crosses the wall"
    ),
    "import autograder.checks as c\ndef look(f): return c.check": (
        "the probe look needs c, a part of the grader (autograder.checks), "
        "which never crosses the wall"
    ),
    "from autograder.results import Outcome\ndef look(f): return Outcome": (
        "the probe look needs Outcome, a part of the grader (autograder.results), "
        "which never crosses the wall"
    ),
    "from autograder.results import Outcome\nout = Outcome.PASSED\ndef look(f): return out": (
        "the probe look needs out, a part of the grader (autograder.results), "
        "which never crosses the wall"
    ),
    "def look(f):\n    from autograder.checks import check": (
        "the probe look imports a part of the grader (autograder.checks), "
        "which never crosses the wall"
    ),
    outer("import shared.geometry"): (
        "the probe look needs helper, and helper imports the course's module shared.geometry: "
        "import its functions by name at the top of the check"
    ),
    "import tests\ndef look(f): return tests": (
        "the probe look needs tests, the course's module tests: "
        "import its functions by name at the top of the check"
    ),
    "class Net: pass\ndef look(f): return Net()": (
        "the probe look needs Net, a class of the check: "
        "define it inside the probe or inside a function"
    ),
    "from autograder.checks import probe\nlook = lambda f: again(f)\nagain = probe(look)": (
        "the probe <lambda> needs again, another probe: "
        "put the common part into a plain function that both call"
    ),
    "from functools import cache\n@cache\ndef helper(): pass\ndef look(f): return helper()": (
        "the probe look needs helper, a value of type _lru_cache_wrapper: "
        "make it inside the probe, or pass it as an argument"
    ),
    "import torch\n@torch.no_grad()\ndef helper(): pass\ndef look(f): return helper()": (
        "the probe look needs helper, and helper is wrapped by a decorator: "
        "do that inside the function"
    ),
    "def made(n): return lambda: n\nhelper = made(3)\ndef look(f): return helper()": (
        "the probe look needs helper, and helper needs n of the function around it: "
        "define or import that inside"
    ),
    "import numpy\ndef helper(x=numpy.ones(3)): pass\ndef look(f): return helper()": (
        "the probe look needs helper, and helper needs plain defaults"
    ),
    "__file__ = '/home/of/the/grader'\ndef look(f): return __file__": (
        "the probe look needs __file__, a value of type str: "
        "make it inside the probe, or pass it as an argument"
    ),
}


@pytest.mark.parametrize("source", MISTAKES)
def test_a_probe_that_must_not_or_cannot_cross_is_told_with_the_way_out(source: str) -> None:
    with pytest.raises(TypeError) as caught:
        pack(named(source))
    assert str(caught.value) == MISTAKES[source]


@pytest.mark.parametrize(
    "value",
    [
        torch.ones(1),
        np.ones(1),
        np.float64(1),
        torch.float64,
        Pair(1, 2),
        [1, (2, {"a": np.int64(1)})],
        {Pair(1, 2): 1},
        object(),
        iter(()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_that_is_no_plain_data_is_refused_as_a_constant_and_as_a_default(
    value: Any,
) -> None:
    with pytest.raises(TypeError, match="needs GIVEN, a value of type"):
        pack(named("def look(f): return GIVEN", GIVEN=value))
    with pytest.raises(TypeError, match="needs plain defaults"):
        pack(named("def look(f, x=GIVEN): return x", GIVEN=value))


def test_a_list_that_holds_itself_is_no_plain_data() -> None:
    ring: list[Any] = []
    ring.append(ring)
    with pytest.raises(TypeError, match="needs RING"):
        pack(named("def look(f): return RING", RING=ring))


def test_the_reference_never_crosses(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "solutions"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "sums.py").write_text("def add(a, b):\n    return a + b\nclass Net: pass\n")
    for module in ("solutions", "solutions.sums"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    words = (
        r"needs it, the reference \(solutions.sums\), which never crosses the wall: "
        "compare in a reading"
    )
    for line in (
        "import solutions.sums as it",
        "from solutions.sums import add as it",
        "from solutions.sums import Net as it",
        "from solutions.sums import Net; it = Net()",
    ):
        for source in (f"{line}\ndef look(f): return it", f"{line}\n{outer('return it')}"):
            with pytest.raises(TypeError, match=words):
                pack(named(source))
    with pytest.raises(TypeError, match=r"look imports the reference \(solutions.sums\)"):
        pack(named("def look(f):\n    from solutions.sums import add"))
    for module in ("solutions", "solutions.sums"):
        sys.modules.pop(module, None)


def test_an_object_of_the_student_is_no_name_of_a_probe() -> None:
    remote = RemoteObject(None, 1, (), "conv2d")  # type: ignore[arg-type]  # never asked
    with pytest.raises(TypeError, match="needs conv2d, an object of the student: pass it"):
        pack(named("def look(f): return conv2d", conv2d=remote))


def test_only_names_in_use_are_packed() -> None:
    source = "def other(): return check\ndef look(f): return f(len('a'), LIMIT)"
    names = dict(check=check, WANTED=SECRET, LIMIT=3)
    data = pack(named(source, **names)).data
    assert SECRET.encode() not in data
    assert b"check" not in data
    assert unpack(data)(lambda *given: given) == (1, 3)


LIBRARY = {
    "import torch.nn.functional as it": "functional",
    "from torch.nn.functional import relu as it": "relu",
    "from torch.nn.functional import conv2d as it": "conv2d",
    "from math import floor as it": "floor",
    "from os.path import join as it": "join",
    "import os.path as it": "path",
    "from torch.optim import SGD; it = SGD.step": "step",  # wrapped by a decorator of torch's
    "from torch import Tensor as it": "Tensor",
    "it = ValueError": "ValueError",
}


@pytest.mark.parametrize("line", LIBRARY)
def test_objects_of_libraries_cross_by_name(line: str) -> None:
    look = named(f"{line}\ndef look(f): return it")
    packed = pack(look)
    assert len(packed.data) < 400
    assert unpack(packed.data)(None) is look(None)


def test_a_large_probe_is_refused() -> None:
    text = "x" * (packing.MAX_KB << 10)
    with pytest.raises(TypeError, match="takes 256 kB with all that it uses, and at most 256 kB"):
        pack(named("def look(f): return TEXT", TEXT=text))


def test_a_name_of_python_may_have_another_meaning_in_the_check() -> None:
    assert unpack(pack(named("def sum(x): return 'mine'\ndef look(f): return sum([1])")).data)(
        None
    ) == ("mine")
    source = (
        "size = 3\ndef look(f):\n    class A:\n        size = size\n        both = size\n"
        "    return A.both"
    )
    assert unpack(pack(named(source)).data)(None) == 3


def test_equal_probes_are_equal_bytes_that_are_packed_once() -> None:
    source = (
        "import math\nSIZES = (1, 'a')\n"
        "def look(f): return math.pi, SIZES, helper()\ndef helper(): pass"
    )
    first, second = named(source), named(source)
    assert pack(first).data == pack(second).data
    one = probe(first)
    assert one.packed is one.packed


def test_the_paths_of_the_grader_are_not_packed() -> None:
    names: dict[str, Any] = {}
    source = "def look(f): return [inner() for inner in [lambda: helper()]]\ndef helper(): pass"
    exec(compile(source, "/home/of/the/grader/check.py", "exec"), names)
    data = pack(names["look"]).data
    assert b"/home" not in data
    assert b"<probe>" in data


def test_packed_bytes_are_read_as_marshalled_data_only() -> None:
    functions, scopes = marshal.loads(pack(named("import math\ndef look(f): return math")).data)
    assert scopes == [{"math": ("module", "math")}]
    assert [type(part) for part in functions[0]] == [bytes, int, bytes]
