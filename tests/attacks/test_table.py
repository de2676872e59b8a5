"""docs/security.md says what the suite asserts."""

from __future__ import annotations

from tests.attacks.suite import ATTACKS
from tests.attacks.table import PAGE, ROWS, filled


def test_the_tables_are_what_the_suite_and_the_settings_say() -> None:
    page = PAGE.read_text()
    assert page == filled(page), "run: python -m tests.attacks.table"


def test_every_row_has_a_title() -> None:
    assert {attack.row for attack in ATTACKS} == set(ROWS)


def test_names_are_told_apart_and_every_attack_says_what_stops_it() -> None:
    names = [(attack.row, attack.name) for attack in ATTACKS]
    assert len(set(names)) == len(names)
    assert all(attack.stops for attack in ATTACKS)
