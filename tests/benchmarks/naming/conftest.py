from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

OLD = ("int", "float", "object", "product", "infty", "float_", "mat")


@pytest.fixture(autouse=True)
def numpy_as_it_is() -> Iterator[None]:
    """Rebuilt answers give numpy the names of its older versions; here they last one test."""
    yield
    for name in OLD:
        vars(np).pop(name, None)


def pytest_collection_finish() -> None:
    """Some answers are rebuilt while tests are collected."""
    for name in OLD:
        vars(np).pop(name, None)
