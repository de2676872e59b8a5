from __future__ import annotations

from pathlib import Path

import pytest

from autograder.config.nbgrader_config import ConfigFile
from autograder.config.settings import Settings
from autograder.course.help_text import help_text
from autograder.course.source import load_assignment
from autograder.errors import UsageError
from tests.courses.build import build_course
from tests.courses.tiny import CONFIG

URL = "https://uni.example/cnn (2027)/"
RULES = "- Talk in pairs, write alone.\n- Name the programs that helped."


def test_without_configuration_a_neutral_sentence_stands_alone() -> None:
    text = help_text(Settings())
    assert text == (
        "The rules of your course say what help is allowed, from people and from programs. If you "
        "are not sure, ask before you hand in."
    )
    assert help_text(Settings(help=" \n")) == text


def test_the_course_page_is_linked_for_the_due_date() -> None:
    assert help_text(Settings(course_url=URL)).endswith(
        f" ask before you hand in. The due date is on the [course page](<{URL}>)."
    )


def test_rules_of_the_course_replace_the_sentence() -> None:
    assert help_text(Settings(help=RULES)) == RULES
    both = help_text(Settings(help=f"\n{RULES}\n", course_url=URL))
    assert both == f"{RULES}\n\nThe due date is on the [course page](<{URL}>)."


@pytest.mark.parametrize("wrong", ["uni.example", "javascript:alert(1)", "http://", "https://a>b"])
def test_a_course_page_is_a_web_address(wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "nbgrader_config.py"
    path.write_text(f"c = get_config()\nc.Autograder.course_url = {wrong!r}\n")
    with pytest.raises(UsageError, match="expected an address that begins with https:// or http:"):
        Settings.load(ConfigFile(path))
    path.write_text(f"c = get_config()\nc.Autograder.course_url = {URL!r}\n")
    assert Settings.load(ConfigFile(path)).course_url == URL


def test_the_loader_fills_it_into_the_lesson(tmp_path: Path) -> None:
    lesson = "# %% [markdown]\n# **Rules**\n#\n# @HELP@\n#\n# - one more\n"
    settings = f"{CONFIG}c.Autograder.help = {RULES!r}\nc.Autograder.course_url = {URL!r}\n"
    course = build_course(tmp_path, settings, "tiny", {"01_tiny": lesson})
    (bundle,) = load_assignment(course, "tiny")
    assert bundle.cells[0].source == (
        f"**Rules**\n\n{RULES}\n\nThe due date is on the [course page](<{URL}>).\n\n- one more"
    )
