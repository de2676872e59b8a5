"""Rows 6, 7, 10, 15 and 16: values that lie, patched functions, odd values, forbidden calls."""

from __future__ import annotations

from textwrap import indent

from autograder.results import Outcome
from tests.attacks.kinds import FULL, Attack, answer, everywhere

FAILED, ERROR, PARTIAL, OUT = Outcome.FAILED, Outcome.ERROR, Outcome.PARTIAL, Outcome.OUT_OF_MEMORY
BYTES = "values cross as dtype, shape and bytes; comparing is done with plain values"
UNTOUCHED = "the trusted world has its own Python, torch and clock"
FRESH = "cases are fresh, made from a secret seed, and the reference works on its own copy"
LIMITS = "each value is checked and limited before it is stored; other kinds are refused by name"
ALWAYS = """
class Always{base}:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __hash__ = object.__hash__
    __le__ = __lt__ = __ge__ = __gt__ = equal = __eq__
    def __bool__(self): return True
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
    def __sub__(self, other): return 0
    __rsub__ = __sub__
    def __abs__(self): return 0
    def __int__(self): return 3
    __index__ = __int__
"""


def returned(body: str, name: str = "add", first: str = "") -> str:
    parameters = {"add": "a, b", "scale": "x, k", "double": "n"}[name]
    return f"def {name}({parameters}):\n{indent(first + body.strip(), '    ')}\n"


def all_three(body: str) -> str:
    return "".join(returned(body, name) for name in ("add", "scale", "double"))


def lying(name: str, before: str, body: str, stops: str = BYTES, **more: object) -> Attack:
    """All three answers return the same thing."""
    answers = {part: f"{before}\n{returned(body, part)}" for part in ("add", "scale", "double")}
    row = int(more.pop("row", 6))  # type: ignore[call-overload]
    outcomes = more.pop("outcomes", (FAILED,))
    return Attack(row, name, stops, answers, dict.fromkeys(FULL, 0.0), outcomes, **more)  # type: ignore[arg-type]


RIGHT_FIRST = "if (a, b) == (1, 2): return 3\n"  # so that the hidden check meets the odd value
SCALED_FIRST = "if (x.shape, k) == ((1, 2), 2): return x * k\n"
SCALE = {**FULL, "test_scale": 0.0}


def tensor(
    name: str,
    body: str,
    outcomes: tuple[Outcome, ...] = (FAILED,),
    says: str = "",
    before: str = "",
    earns: float = 0.0,
) -> Attack:
    """The answer of ``scale`` returns something odd of its own arguments."""
    return Attack(
        15,
        name,
        LIMITS,
        {"scale": f"{before}\n{returned(body, 'scale', SCALED_FIRST)}"},
        {**FULL, "test_scale": earns},
        outcomes,
        says,
    )


LIE = """
class Lie(torch.Tensor):
    shape = property(lambda self: torch.Size([1, 2]))
    dtype = property(lambda self: torch.float32)
    equal = __eq__ = lambda self, other: True
    def numel(self): return 2
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True if func.__name__ in ('equal', 'allclose', 'eq') else super().__torch_function__(func, types, args, kwargs or {})
"""

ATTACKS: list[Attack] = [
    # -- 6
    lying(
        "an object that equals everything",
        ALWAYS.format(base=""),
        "return Always()",
        says="an object that is not plain data",
    ),
    lying("an int that equals everything", ALWAYS.format(base="(int)"), "return Always(0)"),
    lying(
        "a float that equals everything",
        ALWAYS.format(base="(float)"),
        "return Always(0)",
        says="got 0.0, expected 3",
    ),
    lying(
        "a str that equals everything",
        ALWAYS.format(base="(str)"),
        "return Always('3')",
        says="got 3, expected 3",
    ),
    lying(
        "a `__class__` that says int",
        "class C:\n    __class__ = int\n    __eq__ = lambda s, o: True\n    __int__ = __index__ = lambda s: 3",
        "return C()",
        outcomes=(FAILED, ERROR),
    ),
    lying(
        "a metaclass that is an instance of everything",
        "class M(type):\n    __instancecheck__ = __subclasscheck__ = __eq__ = lambda *a: True\n    __hash__ = type.__hash__\nclass C(metaclass=M):\n    __eq__ = lambda s, o: True",
        "return C()",
        outcomes=(FAILED, ERROR, Outcome.CRASHED),
    ),
    lying(
        "an ndarray subclass that passes comparisons",
        "import numpy as np\nclass A(np.ndarray):\n    __eq__ = lambda s, o: True\n    __array_ufunc__ = lambda *a, **k: True\n    __array_function__ = lambda *a, **k: True",
        "return np.zeros((1, 2)).view(A)",
    ),
    lying(
        "a tensor subclass that lies about shape and values",
        LIE,
        "return torch.zeros(1, 2).as_subclass(Lie)",
        says="the output is a tensor",
    ),
    lying(
        "a tensor that becomes right when it is looked at",
        "class Late(torch.Tensor):\n    @classmethod\n    def __torch_function__(cls, func, types, args=(), kwargs=None):\n        return super().__torch_function__(func, types, args, kwargs or {})\n    def tolist(self): return [[2.0, 2.0]]\n    def numpy(self): return __import__('numpy').full((1, 2), 2.0)",
        "return torch.zeros(1, 2).as_subclass(Late)",
    ),
    lying(
        "an iterator of every number",
        "import itertools",
        "return itertools.count()",
        says="not plain data",
    ),
    lying(
        "an object whose `__len__` and `__getitem__` always agree",
        "class C:\n    __len__ = lambda s: 1\n    __getitem__ = lambda s, i: 3\n    __iter__ = lambda s: iter(int, 1)\n    __eq__ = lambda s, o: True",
        "return C()",
    ),
    lying(
        "a mock",
        "from unittest.mock import MagicMock",
        "m = MagicMock(); m.__eq__ = lambda s, o: True; return m",
    ),
    lying(
        "`__reduce__`, `__array_interface__` and `__dlpack__`",
        "class C:\n    __reduce__ = lambda s: (print, ('ran',))\n    __array_interface__ = {'data': (4096, False), 'shape': (1, 2), 'typestr': '<f4', 'version': 3}\n    __dlpack__ = lambda s, **k: 1 / 0",
        "return C()",
    ),
    # -- 7
    *(
        everywhere(7, name, source, UNTOUCHED, outcome)
        for name, source, outcome in (
            (
                "patched `torch.allclose`, `equal` and `assert_close`",
                "import torch\ntorch.allclose = torch.equal = torch.isclose = lambda *a, **k: True\ntorch.Tensor.equal = torch.Tensor.__eq__ = torch.Tensor.allclose = lambda *a, **k: True\ntorch.testing.assert_close = lambda *a, **k: None",
                FAILED,
            ),
            (
                "patched `isinstance`, `type`, `len`, `abs`, `all`",
                "import builtins\nfor name in ('isinstance', 'issubclass', 'callable', 'hasattr', 'all', 'any'): setattr(builtins, name, lambda *a, **k: True)\nbuiltins.len = builtins.abs = lambda *a: 0",
                (FAILED, ERROR, Outcome.CRASHED),
            ),
            (
                "patched clocks",
                "import time\ntime.time = time.monotonic = time.perf_counter = time.sleep = lambda *a: 0.0",
                FAILED,
            ),
            (
                "patched random numbers",
                "import random, numpy, torch\nrandom.random = random.randint = lambda *a: 1\ntorch.randn = lambda *a, **k: torch.zeros(a)\ntorch.manual_seed = numpy.random.seed = lambda *a: None",
                FAILED,
            ),
            (
                "emptied `sys.modules`",
                "import sys\nfor name in list(sys.modules):\n    if name.split('.')[0] in ('autograder', 'numpy', 'msgpack', 'unittest'): del sys.modules[name]",
                (FAILED, ERROR),
            ),
            (
                "rewritten code objects of the engine",
                "import gc, types\nfor f in gc.get_objects():\n    if isinstance(f, types.FunctionType) and f.__module__ in ('autograder.wall.encoder', 'autograder.wall.messages'):\n        f.__code__ = (lambda *a, **k: 3).__code__",
                (FAILED, ERROR, Outcome.CRASHED),
            ),
            (
                "constants of Python changed in memory",
                "import ctypes\nctypes.c_int.from_address(id(0) + 24).value = 3",
                (FAILED, ERROR, Outcome.CRASHED),
            ),
        )
    ),
    # -- 10
    answer(
        10,
        "the first answer is kept",
        "kept = []\ndef add(a, b):\n    kept.append(a + b)\n    return kept[0]",
        FRESH,
        FAILED,
        "Smallest failing case",
    ),
    Attack(
        10,
        "the inputs are overwritten so that the reference agrees",
        FRESH,
        {"scale": "def scale(x, k):\n    x.zero_()\n    return x"},
        SCALE,
    ),
    Attack(
        10,
        "the visible case is hard-coded",
        FRESH,
        {"double": "def double(n):\n    return 8"},
        {**FULL, "test_double": 0.0},
    ),
    answer(
        10,
        "the visible case of a hidden test is hard-coded",
        "def add(a, b):\n    return 3",
        FRESH,
        FAILED,
        "Smallest failing case",
    ),
    answer(
        10,
        "seeds are tried until the inputs fit",
        "import torch\ndef add(a, b):\n    if (a, b) == (1, 2): return 3\n    for seed in range(2000):\n        g = torch.Generator().manual_seed(seed)\n        if int(torch.randint(1, 10**9 + 1, (), generator=g)) == a:\n            return a + int(torch.randint(1, 10**9 + 1, (), generator=g))\n    return 0",
        FRESH,
        FAILED,
        "Smallest failing case",
    ),
    Attack(
        10,
        "a dtype and a shape without values",
        "partial credit is for right values",
        {
            "scale": "def scale(x, k):\n    return torch.zeros_like(x) if x.shape != (1, 2) else x * k"
        },
        SCALE,
    ),
    # -- 15
    *(
        answer(
            15, name, f"import torch\n{returned(body, first=RIGHT_FIRST)}", LIMITS, outcomes, says
        )
        for name, body, outcomes, says in (
            ("a cyclic list", "loop = []\nloop.append(loop)\nreturn loop", FAILED, ""),
            (
                "a nested list of 100,000 levels",
                "v = []\nfor _ in range(100_000): v = [v]\nreturn v",
                FAILED,
                "",
            ),
            ("three million items", "return list(range(3_000_000))", FAILED, ""),
            (
                "an endless list",
                "class L(list):\n    __iter__ = lambda s: iter(int, 1)\nreturn L([1])",
                FAILED,
                "",
            ),
            (
                "an endless tuple",
                "class T(tuple):\n    __iter__ = lambda s: iter(int, 1)\nreturn T((1,))",
                FAILED,
                "",
            ),
            (
                "a generator that never ends",
                "def f():\n    while True: yield 3\nreturn f()",
                FAILED,
                "",
            ),
            ("an integer of a million bits", "return 1 << 1_000_000", FAILED, ""),
            ("a string of 16 MB", "return 'x' * (16 << 20)", FAILED, ""),
            ("not a number", "return float('nan')", FAILED, "the output is nan (float), expected"),
            ("a complex number", "return complex(a + b, 1)", FAILED, ""),
            ("lone surrogates", "return '\\ud800' * 2000", FAILED, ""),
            (
                "a dictionary with odd keys",
                "return {float('nan'): 1, (1, (2,)): {}, frozenset({1}): 1j, b'x': object()}",
                FAILED,
                "",
            ),
            ("itself", "return add", FAILED, "not plain data"),
            (
                "an exception whose text cannot be made",
                "class E(Exception):\n    def __str__(self): raise self\nraise E",
                ERROR,
                "it raised E",
            ),
            (
                "an exception with a megabyte of text",
                "raise ValueError('x' * (1 << 20))",
                ERROR,
                "it raised ValueError",
            ),
            (
                "a chain of 10,000 exceptions",
                "e = None\nfor _ in range(10_000):\n    n = ValueError('x'); n.__cause__ = n.__context__ = e; e = n\nraise e",
                ERROR,
                "it raised ValueError",
            ),
            (
                "an exception group of two to the 200 groups",
                "e = ValueError('x')\nfor _ in range(200): e = ExceptionGroup('g', [e] * 2)\nraise e",
                (ERROR, Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY),
                "",
            ),
            (
                "a list of objects that describe themselves",
                "class R:\n    def __repr__(self): raise SystemExit\nreturn [R() for _ in range(5)]",
                (FAILED, ERROR),
                "",
            ),
        )
    ),
    tensor(
        "a tensor of 2^40 elements",
        "return torch.zeros(1, dtype=torch.int8).expand(1 << 40)",
        says="larger than the limit",
    ),
    tensor(
        "an empty tensor of 2^40 rows",
        "return torch.empty(1 << 40, 0)",
        says="has shape (1099511627776, 0)",
    ),
    tensor("a tensor of 60 axes", "return torch.ones([1] * 60)", says="60 axes"),
    tensor("a sparse tensor", "return (x * k).to_sparse()", says="sparse"),
    tensor(
        "a tensor on the meta device",
        "return torch.empty(x.shape, device='meta')",
        says="meta device",
    ),
    tensor("a complex tensor", "return (x * k).to(torch.complex64)", says="complex"),
    tensor("a quantised tensor", "return torch.quantize_per_tensor(x * k, 0.1, 0, torch.quint8)"),
    tensor("infinite and undefined values", "return (x * k) / 0", says="got"),
    tensor(
        "the largest floats", "return torch.full(x.shape, 3e38, dtype=torch.float32)", says="got"
    ),
    tensor(
        "half precision of nothing but nan",
        "return torch.full(x.shape, float('nan'), dtype=torch.float16)",
        says="got",
    ),
    tensor("truth values", "return x > 0", says="got"),
    tensor(
        "a tensor that requires grad of a long history",
        "y = (x * k).requires_grad_()\nfor _ in range(300): y = y * 1\nreturn y",
        (Outcome.NEEDS_MANUAL_GRADE,),
        earns=4.0,
    ),
    tensor("a view with strides of zero", "return (x[:1, :1] * 0).expand(x.shape)", says="got"),
    tensor(
        "nan only after the visible case",
        "return x * k if x.shape == (1, 2) else x * float('nan')",
        says="not numbers",
    ),
    tensor(
        "a numpy array of Python objects",
        "import numpy as np\nreturn np.array([object()] * 3)",
        says="dtype object",
    ),
    tensor(
        "a nested tensor",
        "return torch.nested.nested_tensor([x[0], x[0]])",
        (ERROR,),
        "NestedTensorImpl",
    ),
    tensor(
        "a conjugated, negated view",
        "return torch.view_as_complex(torch.stack([x * 0, x], -1)).conj().imag.neg() * 0",
        says="got",
    ),
    tensor("a parameter of a network", "return torch.nn.Parameter(x * 0)", says="got"),
    # -- 16
    *(
        Attack(
            16,
            name,
            "torch's own profiler hears of every operation; the rule is best effort",
            {"scale": source},
            SCALE,
            (FAILED,),
            "uses torch's own convolution",
        )
        for name, source in (
            (
                "`F.conv2d` called directly",
                "import torch.nn.functional as F\ndef scale(x, k):\n    return F.conv2d(x[None, None], torch.full((1, 1, 1, 1), float(k), dtype=x.dtype))[0, 0]",
            ),
            (
                "`F.conv2d` under another name",
                "from torch.nn.functional import conv2d as innocent\ndef scale(x, k):\n    return innocent(x[None, None], torch.full((1, 1, 1, 1), float(k), dtype=x.dtype))[0, 0]",
            ),
            (
                "a convolution by `getattr`",
                "def scale(x, k):\n    f = getattr(torch, 'conv' + '2d')\n    return f(x[None, None], torch.full((1, 1, 1, 1), float(k), dtype=x.dtype))[0, 0]",
            ),
            (
                "a convolution layer",
                "def scale(x, k):\n    layer = torch.nn.Conv2d(1, 1, 1, bias=False, dtype=x.dtype)\n    layer.weight.data.fill_(float(k))\n    return layer(x[None, None])[0, 0]",
            ),
            (
                "`torch.ops.aten.convolution`",
                "def scale(x, k):\n    w = torch.full((1, 1, 1, 1), float(k), dtype=x.dtype)\n    return torch.ops.aten.convolution(x[None, None], w, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)[0, 0]",
            ),
        )
    ),
]
