from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.collect.map_file import read_map_file
from autograder.errors import UsageError

TEXT = 'name,student,time\n"Lovelace, Ada",ada,2026-02-01 12:00 UTC\nx,=1+1,\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_and_line_ends_are_read(tmp_path: Path, encoding: str, end: str) -> None:
    path = tmp_path / "map.csv"
    path.write_bytes(TEXT.replace("\n", end).encode(encoding))
    found = read_map_file(path)
    assert found.students == {"Lovelace, Ada": "ada", "x": "=1+1"}
    assert found.times["ada"].utc == datetime(2026, 2, 1, 12, tzinfo=UTC)


def test_a_time_without_a_zone_is_local(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text("student;time\nada;2026-02-01 12:00\n")
    assert read_map_file(path).times["ada"].local == datetime(2026, 2, 1, 12)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "must name the columns"),
        ("name,student\n,\nx\n", None),
        ("name,student\na,1\na,2\n", "line 3: 'a' has another student"),
        ("name,student,time\n,,2026-01-01 10:00 UTC\n", "line 2: it names no student"),
        ("student,time\nada,tomorrow\n", "line 2: 'tomorrow' is no time"),
        ("student,time\nada,2026-02-01\n", "is no time"),
    ],
)
def test_mistakes_are_told_with_the_line(tmp_path: Path, text: str, told: str | None) -> None:
    path = tmp_path / "map.csv"
    path.write_text(text)
    if told is None:
        assert read_map_file(path).students == {}
        return
    with pytest.raises(UsageError, match=told):
        read_map_file(path)
