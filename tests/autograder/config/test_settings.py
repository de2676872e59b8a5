from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Sequence
from pathlib import Path

import pytest

from autograder.config.nbgrader_config import ConfigFile
from autograder.config.settings import Settings
from autograder.errors import UsageError


def load(folder: Path, *lines: str, arguments: Sequence[str] = ()) -> Settings:
    path = folder / "nbgrader_config.py"
    path.write_text("\n".join(["c = get_config()", *lines]))
    return Settings.load(ConfigFile(path), arguments)


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


def test_a_list_is_a_list_a_tuple_or_more_of_the_default(tmp_path: Path) -> None:
    default = Settings().warm_modules
    for line, modules in {
        "= ['numpy', 'torch']": ("numpy", "torch"),
        "= ('numpy', 'torch')": ("numpy", "torch"),
        "= []": (),
        ".append('scipy')": (*default, "scipy"),
    }.items():
        assert load(tmp_path, f"c.Autograder.warm_modules {line}").warm_modules == modules


def test_the_settings_that_a_verdict_depends_on_are_written_as_before() -> None:
    """The text is a part of each stored result's key."""
    assert repr(Settings().of_grading()) == (
        "{'cell_s': 60.0, 'submission_s': 300.0, 'cpu_s': 300.0, 'memory_mb': 4096, "
        "'processes': 64, 'threads': 512, 'sockets': 512, 'scratch_mb': 512, 'output_kb': 1024, "
        "'value_mb': 64, 'value_depth': 50, 'sandbox': 'bubblewrap', 'warm_modules': "
        "('numpy', 'matplotlib.pyplot', 'torch', 'torch.optim', 'torch._dynamo')}"
    )


def test_late_work_and_its_time_zone_are_settings(tmp_path: Path) -> None:
    default = Settings()
    assert (default.late_policy, default.late_days, default.late_day_fraction) == ("", 3, 0.25)
    assert default.time_zone == "UTC"
    found = load(
        tmp_path,
        "c.Autograder.late_policy = 'rules.late:Own_1'",
        "c.Autograder.late_days = 0",
        "c.Autograder.late_day_fraction = 1",
        "c.Autograder.time_zone = 'America/Argentina/Buenos_Aires'",
    )
    assert (found.late_policy, found.late_days) == ("rules.late:Own_1", 0)
    assert (found.late_day_fraction, found.time_zone) == (1.0, "America/Argentina/Buenos_Aires")
    assert load(tmp_path, "c.Autograder.late_day_fraction = 0").late_day_fraction == 0


def test_loaded_settings_are_plain_values_that_cross_to_a_worker(tmp_path: Path) -> None:
    found = load(tmp_path, "c.Autograder.cell_s = 5", "c.Autograder.warm_modules = ['numpy']")
    assert pickle.loads(pickle.dumps(found)) == found
    assert b"traitlets" not in pickle.dumps(found)


WRONG = {
    "cell_seconds = 5": "cell_seconds is not a setting; did you mean cell_s?",
    "memory = 5": "memory is not a setting; did you mean memory_mb?",
    "zebra = 5": "zebra is not a setting; known are branch, cell_s, course_url, cpu_s, ",
    "config = {}": "config is not a setting",
    "cell_s = '5'": "cell_s is '5', expected a number above 0",
    "cell_s = True": "cell_s is True, expected a number above 0",
    "cell_s = 0": "cell_s is 0, expected a number above 0",
    "cell_s = float('nan')": "cell_s is nan, expected a number above 0",
    "cell_s = float('inf')": "cell_s is inf, expected a number above 0",
    "cell_s = 10**400": "expected a number above 0",
    "memory_mb = 1.5": "memory_mb is 1.5, expected a whole number, 1 or more",
    "memory_mb = -1": "memory_mb is -1, expected a whole number, 1 or more",
    "memory_mb = True": "memory_mb is True, expected a whole number, 1 or more",
    "workers = True": "workers is True, expected a whole number, 0 or more",
    "workers = -1": "workers is -1, expected a whole number, 0 or more",
    "sandbox = None": "sandbox is None, expected text",
    "late_policy = 'late day'": "expected an empty text, late_days, or MODULE:CLASS",
    "late_policy = 'module:'": "expected an empty text, late_days, or MODULE:CLASS",
    "late_policy = 'a b:C'": "expected an empty text, late_days, or MODULE:CLASS",
    "late_policy = '../a:C'": "expected an empty text, late_days, or MODULE:CLASS",
    "late_policy = '.a:C'": "expected an empty text, late_days, or MODULE:CLASS",
    "late_days = -1": "late_days is -1, expected a whole number, 0 or more",
    "late_days = 2.5": "late_days is 2.5, expected a whole number, 0 or more",
    "late_day_fraction = 25": "late_day_fraction is 25, expected a number from 0 to 1",
    "late_day_fraction = -0.25": "late_day_fraction is -0.25, expected a number from 0 to 1",
    "late_day_fraction = True": "late_day_fraction is True, expected a number from 0 to 1",
    "late_day_fraction = float('nan')": "late_day_fraction is nan, expected a number from 0 to 1",
    "time_zone = 'Europe/Berlim'": "expected the IANA name of a time zone, such as Europe/Berlin",
    "time_zone = 'Europe'": "time_zone is 'Europe', expected the IANA name of a time zone",
    "time_zone = ''": "time_zone is '', expected the IANA name of a time zone",
    "time_zone = '../../etc/passwd'": "expected the IANA name of a time zone",
    "time_zone = '/usr/share/zoneinfo/UTC'": "expected the IANA name of a time zone",
    "time_zone = 'a\\0b'": "expected the IANA name of a time zone",
    "time_zone = 2": "time_zone is 2, expected the IANA name of a time zone",
    "warm_modules = 'numpy'": "warm_modules is 'numpy', expected a list of names",
    "warm_modules = [1]": "warm_modules is [1], expected a list of names",
    "warm_modules = 7": "warm_modules is 7, expected a list of names",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_setting_is_refused_by_name(tmp_path: Path, line: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, f"c.Autograder.{line}")
    assert str(caught.value).startswith("nbgrader_config.py: c.Autograder.")
    assert WRONG[line] in str(caught.value)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("this is no Python", "SyntaxError"),
        ("1 / 0", "division by zero"),
        ("c.Autograder = 5", "must be Config"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, line)
    assert str(caught.value).startswith(str(tmp_path / "nbgrader_config.py"))
    assert words in str(caught.value)


def test_arguments_replace_the_settings_of_the_file(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        "c.Autograder.cell_s = 5",
        "c.Autograder.processes = 7",
        arguments=[
            "--Autograder.cell_s=1",
            "--Autograder.cell_s=2.5",
            "--Autograder.workers=0",
            "--Autograder.warm_modules=numpy",
            "--Autograder.warm_modules=scipy",
            "--Autograder.branch=a=b",
        ],
    )
    assert found == dataclasses.replace(
        Settings(), cell_s=2.5, processes=7, warm_modules=("numpy", "scipy"), branch="a=b"
    )


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("cell_s", "--Autograder.cell_s: a setting is given as --Autograder.NAME=VALUE"),
        ("cel_s=3", "--Autograder.cel_s is not a setting; did you mean cell_s?"),
        ("cell_s=much", "--Autograder.cell_s is 'much', expected a number above 0"),
        ("cell_s=-1", "--Autograder.cell_s is '-1', expected a number above 0"),
        ("memory_mb=", "--Autograder.memory_mb is '', expected a whole number, 1 or more"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(tmp_path: Path, argument: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, arguments=[f"--Autograder.{argument}"])
    assert str(caught.value) == words
