from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.notebooks import notebook
from autograder.notebooks.notebook import count_values

TEXTS = st.text(st.sampled_from('",:[]{}\\/ab\n\u2022\u0222'), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=40,
)


def size(value: Any) -> int:
    """Values and keys in a value, itself left out."""
    if isinstance(value, dict):
        return sum(2 + size(inner) for inner in value.values())
    return sum(1 + size(inner) for inner in value) if isinstance(value, list) else 0


@pytest.fixture(autouse=True, scope="module")
def always_exact() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notebook, "_EXACT_FROM", 0)
        yield


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@given(value=VALUES, ascii=st.booleans())
def test_it_is_never_less_than_what_is_there(encoding: str, value: Any, ascii: bool) -> None:
    data = json.dumps(value, ensure_ascii=ascii).encode(encoding)
    assert count_values(data) >= size(value)


def test_what_stands_in_texts_does_not_count() -> None:
    text = json.dumps({"a": '{"b": [1, 2, 3], "\\\\": "' * 1000}).encode()
    assert count_values(text) == 2


def test_quotes_without_end_are_not_looked_at_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "_MAX_QUOTES", 10)
    assert count_values(b'["' + b'",' * 20) == 21
