"""Hints, folded and unfolded."""

from __future__ import annotations

import pytest

from autograder.lesson.hints import folded, folded_text


@pytest.mark.parametrize("text", ["Start from 0.", "Two\n\nparagraphs", ""])
def test_the_text_of_a_hint_is_found_again(text: str) -> None:
    assert folded_text(folded(text)) == text
    assert folded_text(folded(text) + "\n") == text


def test_other_markdown_is_no_hint() -> None:
    assert folded_text("Start from 0.") is None
    assert folded_text(folded("Start from 0.") + "\nmore") is None
    assert folded_text(folded("Start from 0.").replace("Stuck?", "Look")) is None
