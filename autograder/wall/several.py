"""Several messages in one frame: whoever waits for an answer is woken once, not once for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autograder.wall.values import Encoder

MAX_ITEMS, MAX_BYTES = 2_000, 1 << 20  # together; a single one may be as large as a frame allows


@dataclass
class Several:
    """Nodes of one encoder that share a frame while they are small together."""

    encoder: Encoder
    nodes: list[Any] = field(default_factory=list)

    def add(self, encode: Callable[[], Any]) -> bool:
        """Take the node that ``encode`` makes with the encoder.

        False, and nothing is taken, where it does not fit beside those that are there.
        """
        encoder, before = self.encoder, self.encoder.state()
        node = encode()
        if self.nodes and (encoder.items > MAX_ITEMS or encoder.size > MAX_BYTES):
            encoder.back_to(before)
            return False
        self.nodes.append(node)
        return True
