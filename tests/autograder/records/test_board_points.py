from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.records.board_points import read_board_points

HEADER = "student,team,handle,public,private,entries,time,points\n"


def test_a_board_s_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "board.csv"
    file.write_text(
        HEADER + "ada,,quiet-otter,0.3,0.31,4,2026-03-01T10:00:00Z,17.5\nalan,,,,,0,,0\n"
    )
    assert read_board_points(file) == {"ada": 17.5, "alan": 0.0}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEADER + "ada,,quiet-otter,0.3,,4,,\n", "ada has no points yet"),
        (HEADER + "ada,,,,,,,1\nada,,,,,,,1\n", "line 3: ada is there twice"),
        (HEADER + "ada,,,,,,,many\n", "'many' is not a number"),
        (HEADER + "ada,,,,,,,nan\n", "'nan' is not a number"),
        ("name,score\nada,3\n", "no columns student and points"),
        ("\udcff", "cannot be read"),
    ],
)
def test_another_file_is_refused_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "board.csv"
    file.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UsageError, match=re.escape(words)):
        read_board_points(file)
