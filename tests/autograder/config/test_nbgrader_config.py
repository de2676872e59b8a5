from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.config.nbgrader_config import ConfigFile
from autograder.errors import UsageError


def write(path: Path, *lines: str) -> ConfigFile:
    path.write_text("\n".join(["c = get_config()", *lines]))
    return ConfigFile(path)


def test_the_file_is_executed_again_only_when_it_has_changed(tmp_path: Path) -> None:
    path, seen = tmp_path / "nbgrader_config.py", tmp_path / "seen"
    note = f"with open({str(seen)!r}, 'a') as file: file.write('x')"
    config = write(path, note, "c.Part.value = 1")
    assert [config.load().Part.value for _ in range(3)] == [1, 1, 1]
    assert seen.read_text() == "x"
    write(path, "c.Part.value = 2")
    os.utime(path, ns=(0, 1))
    assert config.load().Part.value == 2


def test_each_caller_gets_a_copy(tmp_path: Path) -> None:
    config = write(tmp_path / "nbgrader_config.py", "c.Part.values = [1]")
    config.load().Part["values"].append(2)
    assert config.load().Part["values"] == [1]


def test_code_that_fails_is_a_usage_error_that_names_the_file(tmp_path: Path) -> None:
    config = write(tmp_path / "nbgrader_config.py", "1 / 0")
    with pytest.raises(UsageError, match=r"nbgrader_config\.py: ZeroDivisionError"):
        config.load()
