"""Several messages in one frame: whoever waits for an answer is woken once, not once for each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from autograder.wall.values import Encoder

MAX_ITEMS, MAX_BYTES = 2_000, 1 << 20  # together; a single one may be as large as a frame allows


@dataclass
class Several:
    """Nodes that share a frame while they are small together."""

    nodes: list[Any] = field(default_factory=list)
    blobs: list[bytes] = field(default_factory=list)
    _items: int = 0
    _size: int = 0

    def add(self, node: Any, encoder: Encoder) -> bool:
        """Take the node that ``encoder`` made, its ``first_blob`` the number of blobs so far.

        False, and nothing is taken, where it does not fit beside those that are there.
        """
        items, size = self._items + encoder.items, self._size + encoder.size
        if self.nodes and (items > MAX_ITEMS or size > MAX_BYTES):
            return False
        self._items, self._size = items, size
        self.nodes.append(node)
        self.blobs += encoder.blobs
        return True
