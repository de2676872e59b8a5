from __future__ import annotations

import pytest

from benchmarks.naming.collect import eval_stub, is_stub, normalised, python_of, train_stub

FORWARD = """\
def batchnorm_forward(x, bn_param):
    mode = bn_param["mode"]
    if mode == "train":
        out = x - x.mean(axis=0)
    elif mode == "test":
        pass
    else:
        raise ValueError("Invalid mode %s" % mode)
    return out
"""


def test_names_comments_and_docstrings_do_not_count() -> None:
    one = 'def f(x):\n    """Text."""\n    y = x + 1  # one more\n    return y\n'
    other = "def f(a):\n    b = a + 1\n\n    return b\n"
    assert normalised(one) == normalised(other)
    assert normalised(one) != normalised(other.replace("1", "2"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("out = None\n    return out", True),
        ("raise NotImplementedError()", True),
        ("cache = (x, 1)\n    return None, cache", True),
        ("return x.sum()", False),
        ("return x * 2", False),
    ],
)
def test_a_stub_computes_nothing(body: str, expected: bool) -> None:
    assert is_stub(f"def f(x):\n    {body}\n") is expected


def test_each_mode_may_be_a_stub() -> None:
    assert eval_stub(FORWARD)
    assert not train_stub(FORWARD)


def test_files_for_python_2_import_nothing_from_builtins() -> None:
    assert python_of("from builtins import range\nimport numpy") == 3
    assert python_of("from past.builtins import xrange\nimport numpy") == 3
    assert python_of("import numpy\n\nfor i in range(3): pass") == 2
