from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from autograder.course.nbgrader_config import ConfigFile
from autograder.course.settings import Settings
from autograder.errors import UsageError


def load(folder: Path, *lines: str) -> Settings:
    path = folder / "nbgrader_config.py"
    path.write_text("\n".join(["c = get_config()", *lines]))
    return Settings.load(ConfigFile(path))


def test_without_a_section_all_settings_have_their_defaults(tmp_path: Path) -> None:
    assert load(tmp_path) == Settings()


def test_the_table_names_and_explains_every_setting() -> None:
    table = Settings.table()
    assert [name for name, _, _ in table] == [f.name for f in dataclasses.fields(Settings)]
    for name, default, explanation in table:
        assert getattr(Settings(), name) == default
        assert len(explanation) > 10


def test_the_limits_are_the_documented_ones() -> None:
    s = Settings()
    assert (s.cell_s, s.submission_s, s.memory_mb) == (60, 300, 4096)
    assert (s.processes, s.threads, s.scratch_mb, s.output_kb) == (64, 512, 512, 1024)
    assert s.sandbox == "bubblewrap"


def test_settings_are_read_and_whole_numbers_serve_as_seconds(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        "c.Autograder.cell_s = 5",
        "c.Autograder.memory_mb = 100",
        "c.Autograder.warm_modules = ['numpy']",
        "c.Other.setting = 1",
    )
    assert found == dataclasses.replace(
        Settings(), cell_s=5.0, memory_mb=100, warm_modules=("numpy",)
    )
    assert type(found.cell_s) is float


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("c.Autograder.cell_seconds = 5", "cell_seconds is not a setting; the settings are"),
        ("c.Autograder.cell_s = '5'", "cell_s is '5', expected float"),
        ("c.Autograder.cell_s = True", "cell_s is True, expected float"),
        ("c.Autograder.memory_mb = 1.5", "memory_mb is 1.5, expected int"),
        ("c.Autograder.workers = True", "workers is True, expected int"),
        ("c.Autograder.sandbox = None", "sandbox is None, expected str"),
        ("c.Autograder.warm_modules = 'numpy'", "warm_modules is 'numpy', expected tuple"),
        ("c.Autograder.warm_modules = [1]", "warm_modules is (1,)"),
        ("c.Autograder.cell_s = 0", "cell_s is 0.0, expected more than 0"),
        ("c.Autograder.memory_mb = -1", "memory_mb is -1, expected more than 0"),
        ("c.Autograder.cell_s = float('nan')", "cell_s is nan"),
        ("c.Autograder.workers = -1", "workers is -1"),
        ("this is not Python", "nbgrader_config.py"),
        ("1 / 0", "division by zero"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, line)
    assert words in str(caught.value)
