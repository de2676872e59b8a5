"""Points, totals and tables that are filled into a lesson's prose."""

from __future__ import annotations

import pytest

from autograder.errors import SourceError
from autograder.lesson.placeholders import fill_placeholders
from autograder.lesson.text import read_lesson

LESSON = """\
# %% [markdown]
# # Sums
#
# @EXERCISES@
#
# In all @POINTS@ points. @HELP@

# %% [markdown]
# ## 1 Add up
#
# `total`: @ABOUT:total@.

# %% answer total minutes=15 level=easy
def total(numbers):
    ...

# %% try total
# %% check total points=2
# %% [markdown]
# ## 2 Watch
# ## 3 The mean
# %% answer mean minutes=20 level=hard
# %% check mean points=1 "`mean` and `median`"
# %% [markdown]
# ## 4 Questions, @POINTS:why@ point each
# %% [markdown] question why points=1
# %% [markdown] question how points=1.5
"""


def filled(text: str) -> list[str]:
    notebook = read_lesson(text)
    fill_placeholders(notebook, "demo/01_sums.py", "Ask in the forum.")
    return [cell.source for cell in notebook.cells]


def test_the_table_tells_each_section_its_work_points_minutes_and_level() -> None:
    assert filled(LESSON)[0].splitlines()[2:9] == [
        "| part | you write | points | minutes | level |",
        "| --- | --- | --- | --- | --- |",
        "| 1 Add up | `total` | 2 | 15 | easy |",
        "| 2 Watch | nothing to hand in | | | |",
        "| 3 The mean | `mean` and `median` | 1 | 20 | hard |",
        "| 4 Questions, 1 point each | a few sentences each | 2.5 | | |",
        "",
    ]


def test_totals_and_points_are_filled_in() -> None:
    cells = filled(LESSON)
    assert "In all 5.5 points. Ask in the forum." in cells[0]
    assert "`total`: 2 points, about 15 minutes, easy." in cells[1]


def test_minutes_and_levels_are_columns_only_if_there_are_some() -> None:
    text = LESSON.replace(" minutes=15 level=easy", "").replace(" minutes=20 level=hard", "")
    assert "| part | you write | points |\n" in filled(text)[0]
    assert "`total`: 2 points." in filled(text)[1]


def test_code_keeps_its_text() -> None:
    assert "@POINTS@" in filled(LESSON.replace("    ...", "    '@POINTS@'"))[2]


def test_a_placeholder_of_an_unknown_exercise_is_a_mistake() -> None:
    with pytest.raises(SourceError) as caught:
        filled(LESSON.replace("@ABOUT:total@", "@ABOUT:totl@"))
    assert str(caught.value) == (
        "demo/01_sums.py: @ABOUT:totl@ names no exercise or question of this notebook; it has "
        "total, mean, why, how"
    )
