"""All attacks and accidents, in the order in which they are graded."""

from __future__ import annotations

from tests.attacks import (
    accidents,
    rows_bombs,
    rows_budgets,
    rows_files,
    rows_isolation,
    rows_names,
    rows_pages,
    rows_reach,
    rows_replies,
    rows_results,
    rows_rules,
    rows_values,
    rows_wall,
)
from tests.attacks.kinds import Attack

ATTACKS: list[Attack] = [
    *rows_results.ATTACKS,
    *rows_wall.ATTACKS,
    *rows_values.ATTACKS,
    *rows_reach.ATTACKS,
    *rows_bombs.ATTACKS,
    *rows_files.ATTACKS,
    *rows_isolation.ATTACKS,
    *rows_names.ATTACKS,
    *rows_budgets.ATTACKS,
    *rows_pages.ATTACKS,
    *rows_replies.ATTACKS,
    *rows_rules.ATTACKS,
    *accidents.ATTACKS,
]
