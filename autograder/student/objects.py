"""Objects that stay in the student's process, and that the trusted side holds by their numbers."""

from __future__ import annotations

from pathlib import Path
from types import GeneratorType
from typing import Any

import torch

from autograder.wall.protocol import Items

_LAYERS = str(Path(torch.nn.__file__).parent)
_ITEMS_AT_ONCE, _BYTES_AT_ONCE = 100, 1 << 20


class Objects:
    """The student's objects that were handed out, by number."""

    def __init__(self) -> None:
        self._objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}  # id(object) -> number; lent objects are kept alive

    def lend(self, value: Any) -> list[Any]:
        """The node that stands for an object: its number, its classes, its name."""
        number = self._numbers.setdefault(id(value), len(self._objects) + 1)
        self._objects[number] = value
        kinds = [f"{kind.__module__}:{kind.__qualname__}" for kind in type(value).__mro__][:50]
        name = getattr(value, "__qualname__", "") if callable(value) else ""
        return ["handle", number, kinds, str(name)[:200]]

    def find(self, node: list[Any]) -> Any:
        """The object of a node that came back."""
        return self._objects[node[1]]


class ItemsInTurn:
    """An iterator that is lent as an object even where it would cross by value.

    One of torch's own over the parameters or layers of a model is asked for several items at once:
    it does nothing on the way that anybody could notice.
    """

    def __init__(self, iterator: Any) -> None:
        self._iterator = iterator
        code = iterator.gi_code if isinstance(iterator, GeneratorType) else None
        of_layers = code is not None and code.co_filename.startswith(_LAYERS)
        self._at_once = _ITEMS_AT_ONCE if of_layers else 1

    def advance(self) -> Items:
        """The next items."""
        items, size = [], 0
        for item in self._iterator:
            items.append(item)
            size += item.nbytes if isinstance(item, torch.Tensor) else 0
            if len(items) == self._at_once or size > _BYTES_AT_ONCE:
                return Items(items, done=False)
        return Items(items, done=True)
