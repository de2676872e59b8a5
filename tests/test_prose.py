"""The check of the English finds sentences that are hard to read, and no others."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests import prose

STYLE = [
    "What a server can be told, and what holds when it is not.",
    "None at all is right.",
    "what was freed is kept: to get it from the kernel anew costs more than most cells do",
    "A board, line by line, as nobody's own.",
    "one that finds no room in the sandbox keeps no other from arriving",
    "the process fails at what no honest one fails at",
    "Raises UsageError when it is none, or from before the end",
]
PLAIN = [
    "Server settings and their defaults.",
    "A missing file is fine.",
    "Submissions are accepted through the whole second of ``closes_at``.",
    "Keep freed memory: asking the kernel for it again costs more than running most cells.",
    "The board's rows, with no team highlighted.",
    "If one file does not fit into the sandbox, the others still arrive.",
    "Only a tampered process can fail this request.",
    "Raises UsageError if the file is not a standings CSV, or was written before the competition "
    "was finalised.",
]


def rules_hit(words: str, *, lesson: bool = False) -> list[str]:
    text = prose.Text(Path("a.py"), 1, words, lesson)
    return [hit.rule.name for hit in prose.hits_in(text)]


BAD = [(rule.name, words) for rule in prose.RULES for words in rule.bad]
GOOD = [words for rule in prose.RULES for words in rule.good]


@pytest.mark.parametrize(("rule", "words"), BAD)
def test_a_rule_hits_its_bad_examples(rule: str, words: str) -> None:
    assert rule in rules_hit(words)


@pytest.mark.parametrize("words", GOOD)
def test_good_examples_break_no_rule(words: str) -> None:
    assert rules_hit(words) == []


@pytest.mark.parametrize("words", STYLE)
def test_the_sentences_that_the_style_guide_calls_hard_are_hit(words: str) -> None:
    assert rules_hit(words) != []


@pytest.mark.parametrize("words", PLAIN)
def test_the_sentences_that_the_style_guide_calls_plain_are_not_hit(words: str) -> None:
    assert rules_hit(words) == []


def texts(folder: Path, name: str, content: str) -> list[tuple[int, str]]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return [(text.line, text.words) for text in prose.texts_of(path, root=folder)]


def test_docstrings_and_comments_are_read_with_their_lines(tmp_path: Path) -> None:
    content = '''"""The module."""

# First line
# and second line.
X = 1  # a comment of its own


def f():
    """Do it.

    >>> whatever()
    whoever

    An example:

        whatever

    The end.
    """
    return "# whatever"
'''
    assert texts(tmp_path, "autograder/a.py", content) == [
        (1, "The module."),
        (9, "Do it. An example: The end."),
        (3, "First line and second line."),
        (5, "a comment of its own"),
    ]


def test_comments_for_tools_are_left_out(tmp_path: Path) -> None:
    content = "import os  # noqa: F401\nx = 1  # type: ignore[misc]\n# fmt: skip\n"
    assert texts(tmp_path, "autograder/a.py", content) == []


def test_markdown_is_read_by_paragraph_item_and_row(tmp_path: Path) -> None:
    content = """# Title

One paragraph
of two lines.

    whatever --code

- an item
  that goes on
- another

```
whatever
```

| a | b |
|---|---|
| c | d |
"""
    assert texts(tmp_path, "docs/a.md", content) == [
        (1, "Title"),
        (3, "One paragraph of two lines."),
        (8, "an item that goes on"),
        (10, "another"),
        (16, "a | b |"),
        (18, "c | d |"),
    ]


def test_of_a_lesson_only_the_text_cells_are_read(tmp_path: Path) -> None:
    content = """# %% [markdown]
# # Title
#
# A paragraph.

# %%
x = 1  # whatever

# %% [markdown]
# The end.
"""
    assert texts(tmp_path, "source/conv/01.py", content) == [
        (2, "Title"),
        (4, "A paragraph."),
        (10, "The end."),
    ]


def test_code_and_quoted_messages_are_not_judged() -> None:
    assert rules_hit("The message ``whatever it is`` or `whatever`.") == []
    assert rules_hit('nbgrader says "whatever you do" here, or “all that it holds”.') == []
    assert rules_hit("The message 'whatever you do' is nbgrader's.") == []


def test_questions_are_not_judged() -> None:
    assert rules_hit("What is left of the error? The rest stays.") == []


def test_the_lessons_break_no_rule_that_holds_for_them() -> None:
    rooms = prose.rooms_of()
    lessons = {name: room for name, room in rooms.items() if name.startswith("source/")}
    assert len(lessons) >= 2
    assert [str(hit) for room in lessons.values() for hit in room.hits] == []


def test_no_room_has_an_allowance_and_all_together_are_within_the_limit() -> None:
    settings = tomllib.loads((prose.ROOT / "pyproject.toml").read_text())
    assert settings["tool"]["prose"]["allowed"] == {}
    rooms = prose.rooms_of().values()
    assert sum(room.bad for room in rooms) <= prose.LIMIT * sum(room.texts for room in rooms)


def room(texts: int, bad: int) -> prose.Room:
    (rule, *_) = prose.RULES
    hits = [prose.Hit(prose.Text(Path("a.py"), i, "what"), rule, "what") for i in range(bad)]
    return prose.Room(texts, hits)


def test_a_room_over_the_limit_is_named() -> None:
    assert prose.complaints({"a": room(100, 2)}, {}) == []
    (line,) = prose.complaints({"a": room(100, 3)}, {})
    assert line.startswith("a: 3 of 100 texts")


def test_one_hit_is_allowed_in_a_small_room() -> None:
    assert prose.complaints({"a": room(5, 1)}, {}) == []
    assert prose.complaints({"a": room(5, 2)}, {}) != []


def test_an_allowance_holds_for_a_room_and_the_rooms_in_it() -> None:
    assert prose.complaints({"a/b": room(100, 20)}, {"a": 20}) == []
    assert prose.complaints({"a/b": room(100, 21)}, {"a": 20}) != []
    assert prose.complaints({"a/b": room(100, 20), "a": room(100, 20)}, {"a": 20, "a/b": 3}) != []


def test_an_allowance_that_is_not_needed_must_go() -> None:
    (line,) = prose.complaints({"a/b": room(100, 2)}, {"a": 20})
    assert "remove" in line
    (line,) = prose.complaints({"a": room(100, 2)}, {"no_such_room": 20})
    assert line.startswith("no_such_room: remove")


def test_the_command_lists_the_hits(capsys: pytest.CaptureFixture[str]) -> None:
    assert prose.main(["--list"]) == 0
    out = capsys.readouterr().out
    assert "docstrings and comments have hits" in out


def test_the_command_fails_if_a_room_has_too_many_hits(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prose, "rooms_of", lambda: {"tests": room(100, 3)})
    assert prose.main([]) == 1
    assert "tests: 3 of 100 texts" in capsys.readouterr().out
