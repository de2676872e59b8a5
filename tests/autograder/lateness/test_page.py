"""``docs/late-work.md``: its table is computed, and its class is run."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from autograder.config.nbgrader_config import ConfigFile
from autograder.config.settings import Settings
from autograder.lateness.choice import policy_of
from autograder.lateness.late_days import LateDays
from autograder.lateness.plugin import PluginPolicy
from autograder.lateness.policy import Charge, HandIn
from tests.autograder.lateness.kit import DAY, DUE, HOUR, hand_in

PAGE = Path(__file__).resolve().parents[3] / "docs" / "late-work.md"
TEXT = PAGE.read_text(encoding="utf-8")
SETTINGS, OWN_CLASS, OWN_SETTING, PLUGIN = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def rows(head: str) -> list[list[str]]:
    """The rows of the table whose head begins with a word."""
    table = TEXT.partition(f"\n| {head} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


def config_file(folder: Path, text: str) -> ConfigFile:
    (folder / "nbgrader_config.py").write_text(f"c = get_config()\n{text}")
    return ConfigFile(folder / "nbgrader_config.py")


def test_the_settings_on_the_page_turn_the_policy_on(tmp_path: Path) -> None:
    policy = policy_of(config_file(tmp_path, SETTINGS).load())
    assert isinstance(policy, LateDays)
    assert (policy.allowance, policy.day_fraction) == (3, 0.25)
    assert Settings.load(config_file(tmp_path, SETTINGS)).time_zone == "Europe/Berlin"


def test_the_term_on_the_page_is_the_policy_s() -> None:
    term = rows("hand-in")
    hours = [int(row[1].split()[0]) for row in term]
    charges = LateDays().charges(
        [
            hand_in(number * HOUR, row[0], due=DUE + 7 * week * DAY, points=20.0)
            for week, (row, number) in enumerate(zip(term, hours, strict=True))
        ]
    )
    left = 3
    for row in term:
        charge = charges.get((row[0], "01_convolution"), Charge())
        left -= charge.free_days
        told = [charge.days_late, charge.free_days, left]
        assert [int(cell) for cell in row[2:5]] == told, row
        assert row[5] == f"{charge.fraction:.0%}".replace("%", " %")
        assert float(row[6]) == 20 - 20 * charge.fraction
    assert [row[0] for row in term] == [f"week {number}" for number in range(1, 6)]


def test_the_class_on_the_page_does_what_its_text_says(tmp_path: Path) -> None:
    (tmp_path / "late_rules.py").write_text(OWN_CLASS)
    policy = policy_of(config_file(tmp_path, OWN_SETTING).load())
    assert policy is not None and policy.allowance == 0
    found = policy.charges(
        [
            hand_in(3 * DAY, "second", due=DUE + 7 * DAY),
            hand_in(9 * DAY, "third", due=DUE + 14 * DAY),
            hand_in(HOUR, "first"),
            hand_in(2 * DAY, "first", notebook="02_other"),
            hand_in(-HOUR, "on time"),
            hand_in(None, "not known"),
        ]
    )
    assert {place: round(charge.fraction, 9) for place, charge in found.items()} == {
        ("first", "01_convolution"): 0.0,
        ("first", "02_other"): 0.0,
        ("second", "01_convolution"): 0.3,
        ("third", "01_convolution"): 0.5,
    }
    assert policy.charges([]) == {}


def test_the_plugin_on_the_page_counts_instead(tmp_path: Path) -> None:
    policy = policy_of(config_file(tmp_path, SETTINGS + PLUGIN).load())
    assert isinstance(policy, PluginPolicy)


def test_the_page_names_each_field() -> None:
    on_page = {name for row in rows("field") for name in re.findall(r"`(\w+)`", row[0])}
    one = HandIn("ada", "conv", "n", DUE, DUE, 1.0, 1.0, timedelta(0))
    assert on_page == {*vars(one), "late_by", "days_late"}
    charges = TEXT.partition("A charge has")[2]
    assert set(re.findall(r"^\| `(\w+)` \|", charges, re.MULTILINE)) == set(vars(Charge()))
