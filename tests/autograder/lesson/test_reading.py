from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from autograder.lesson.reading import Reading, readings


@dataclass(frozen=True)
class Cell:
    source: str
    exercise: str = ""
    kind: str = "code"
    metadata: Mapping[str, Any] = field(default_factory=dict)


def text(source: str) -> Cell:
    return Cell(source, kind="markdown")


LESSON = [
    text('# Title\n\n## 1 Sums\n*Lecture: "Sums"\nand "More".*\n\nText.'),
    Cell("def one(): ...", "one"),
    text("Still of *part* one."),
    Cell("def two(): ...", "two"),
    text("## 2 Products\nNo lecture.\n```\n## 9 Not a heading\n```"),
    Cell("def three(): ...", "three"),
    Cell("def four(): ...", "four", metadata={"lecture": "Powers"}),
    text('## Last\n*Lecture 6: "A"; lecture 7: "B".*'),
    Cell("def five(): ...", "five"),
    Cell("def six(): ...", "six", metadata={"lecture": ""}),
    text("## 3 Later"),
    Cell("test(one)", "one"),
]


def test_an_exercise_belongs_to_the_section_of_its_first_cell() -> None:
    assert {name: one.parts for name, one in readings(LESSON).items()} == {
        "one": ["section 1 of the notebook, “Sums”", "lecture: “Sums” and “More”"],
        "two": ["section 1 of the notebook, “Sums”", "lecture: “Sums” and “More”"],
        "three": ["section 2 of the notebook, “Products”"],
        "four": ["section 2 of the notebook, “Products”", "lecture: “Powers”"],
        "five": ["“Last” in the notebook", "lecture 6: “A”; lecture 7: “B”"],
        "six": ["“Last” in the notebook"],
    }


@pytest.mark.parametrize("cells", [[], [Cell("x", "one")]])
def test_a_lesson_without_headings_has_nothing_to_read(cells: list[Cell]) -> None:
    assert all(one == Reading() and one.parts == [] for one in readings(cells).values())


def test_quotation_marks_in_a_heading_stay_apart() -> None:
    assert Reading('1 Say "no"').parts == ["section 1 of the notebook, “Say ‘no’”"]
