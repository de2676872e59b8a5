from __future__ import annotations

import pytest

from autograder.rendering.rendered_texts import RenderedTexts


def test_a_text_is_rendered_once_for_each_kind() -> None:
    texts = RenderedTexts()
    for _ in range(3):
        assert texts.html("text", "a", lambda: "<p>a</p>") == "<p>a</p>"
        assert texts.html("code", "a", lambda: "<pre>a</pre>") == "<pre>a</pre>"
    assert texts.rendered == 2


def test_an_error_is_not_kept() -> None:
    texts = RenderedTexts()
    with pytest.raises(ZeroDivisionError):
        texts.html("text", "a", lambda: str(1 / 0))
    assert texts.html("text", "a", lambda: "fine") == "fine"


def test_texts_that_were_not_used_for_the_longest_time_are_forgotten_first() -> None:
    texts = RenderedTexts(max_characters=6)
    for text in ("a", "b", "c", "a", "d"):  # each takes two characters; "d" pushes out "b"
        texts.html("text", text, lambda text=text: text.upper())  # type: ignore[misc]
    assert texts.rendered == 4
    for text in ("a", "c", "d"):
        texts.html("text", text, lambda: pytest.fail("rendered again"))
    assert texts.html("text", "b", lambda: "again") == "again"


def test_a_text_that_is_larger_than_all_room_is_rendered_each_time() -> None:
    texts = RenderedTexts(max_characters=6)
    for _ in range(2):
        assert texts.html("text", "long", lambda: "LONG") == "LONG"
    assert texts.rendered == 2
