"""The lessons read as lessons: short headers, hidden tests elsewhere, points in one place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.lesson.headers import is_header, read_header
from tests.course.conftest import NOTEBOOKS, ROOT

MAX_HEADER = 80  # characters


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def lesson(request: pytest.FixtureRequest) -> str:
    path: Path = request.param
    return path.read_text(encoding="utf-8")


def headers(lesson: str) -> list[str]:
    return [line for line in lesson.splitlines() if is_header(line)]


def test_every_header_is_in_the_grammar_and_short(lesson: str) -> None:
    plain = {"# %%", "# %% [markdown]"}
    for line in headers(lesson):
        assert len(line) <= MAX_HEADER
        header = read_header(line)
        assert line in plain or (header is not None and not header.extra.keys() - {"tags"}), line


def test_no_lesson_holds_a_hidden_test(lesson: str) -> None:
    assert "HIDDEN TESTS" not in lesson
    assert "autograder.checks" not in lesson
    assert not re.search(r"^(from|import) solutions\b", lesson, re.MULTILINE)


def test_points_of_an_exercise_or_question_are_placeholders(lesson: str) -> None:
    typed = re.findall(
        r"^#.*(?:\(|: |person; )[\d.]+ points?\b(?: each|\)|\.).*$", lesson, re.MULTILINE
    )
    assert [line for line in typed if not line.startswith("# Grading")] == []


def test_every_exercise_has_its_folder_and_every_folder_its_exercise() -> None:
    for folder in sorted(ROOT.glob("source/*/exercises")):
        lessons = "\n".join(path.read_text() for path in sorted(folder.parent.glob("[0-9]*_*.py")))
        found = [read_header(line) for line in headers(lessons)]
        checked = {one.name for one in found if one is not None and one.kind == "check"}
        assert {path.name for path in folder.iterdir() if path.is_dir()} == checked
