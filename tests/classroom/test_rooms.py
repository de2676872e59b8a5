"""A room is shallow: at most three modules stand on each other in it."""

from __future__ import annotations

import grimp
import pytest

GRAPH = grimp.build_graph("classroom")
MODULES = {module for module in GRAPH.modules if not GRAPH.find_children(module)}
ROOMS = sorted({module.rpartition(".")[0] for module in MODULES} - {"classroom"})


def level(module: str, room: str) -> int:
    """The number of modules of the room in the longest chain of imports from this module."""
    below = {
        other
        for other in GRAPH.find_modules_directly_imported_by(module) & MODULES
        if other.rpartition(".")[0] == room
    }
    return 1 + max((level(other, room) for other in below), default=0)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_at_most_three_levels_of_imports(room: str) -> None:
    levels = {
        module: level(module, room) for module in MODULES if module.rpartition(".")[0] == room
    }
    assert max(levels.values()) <= 3, levels
