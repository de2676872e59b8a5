"""The roster keeps the teams that have entries."""

from __future__ import annotations

import numpy as np
import pytest

from classroom.errors import NotAllowed
from classroom.people import roster
from classroom.storage.tables import INSTRUCTOR
from tests.classroom.world import (
    PICTURES,
    World,
    file_with,
)

GOOD = file_with(np.ones(PICTURES, bool))


def test_a_team_with_entries_cannot_be_left_or_joined_by_somebody_with_entries(
    world: World,
) -> None:
    world.competition()
    world.taken(world.student("ada"), GOOD)
    with world.db.write() as session:
        with pytest.raises(NotAllowed, match="ada cannot change the team any more"):
            roster.enter(session, world.now, "ada", "Ada", "", "Duo")
        assert roster.enter(session, world.now, "ada", "Ada L", "") is None
        with pytest.raises(NotAllowed, match="registered as student"):
            roster.enter(session, world.now, "ada", "Ada", role=INSTRUCTOR)
