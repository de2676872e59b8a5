"""The configuration chooses the policy; each configuration is a file, as in a course."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from traitlets.config import Config

from autograder.config.nbgrader_config import ConfigFile
from autograder.course.layout import Course
from autograder.errors import UsageError
from autograder.lateness.choice import policy_of
from autograder.lateness.late_days import LateDays
from autograder.lateness.own_class import OwnPolicy
from autograder.lateness.plugin import PluginPolicy
from autograder.lateness.policy import Charge
from tests.autograder.lateness.kit import DAY, HOUR, hand_in

ROOT = Path(__file__).resolve().parents[3]
OWN = """
from dataclasses import dataclass

from autograder.lateness.policy import Charge, LatePolicy
import numbers_of_the_course


@dataclass
class Strict(LatePolicy):
    allowance: int = 1

    def charges(self, hand_ins):
        return {
            (one.assignment, one.notebook): Charge(1, 0, numbers_of_the_course.PART)
            for one in hand_ins
            if one.late_by
        }
"""


def config(folder: Path, *lines: str) -> Config:
    path = folder / "nbgrader_config.py"
    path.write_text("\n".join(["c = get_config()", *lines]))
    return ConfigFile(path).load()


def test_a_course_that_configures_nothing_has_no_policy(tmp_path: Path) -> None:
    assert policy_of(config(tmp_path)) is None
    assert policy_of(Config()) is None
    assert policy_of(config(tmp_path, "c.Autograder.late_days = 5")) is None
    # reading an option makes its section
    assert policy_of(config(tmp_path, "c.LateSubmissionPlugin", "c.AssignLatePenalties")) is None


def test_late_days_have_the_settings_of_the_course(tmp_path: Path) -> None:
    policy = policy_of(
        config(
            tmp_path,
            "c.Autograder.late_policy = 'late_days'",
            "c.Autograder.late_days = 0",
            "c.Autograder.late_day_fraction = 0.1",
            "c.Autograder.cel_s = 'a mistake of another part'",
        )
    )
    assert isinstance(policy, LateDays)
    assert (policy.allowance, policy.day_fraction) == (0, 0.1)


def test_this_course_has_the_policy_of_the_lecture() -> None:
    policy = policy_of(Course.find(ROOT).config)
    assert isinstance(policy, LateDays)
    assert (policy.allowance, policy.day_fraction) == (3, 0.25)


def test_an_argument_of_a_command_replaces_a_setting(tmp_path: Path) -> None:
    config(tmp_path, "c.Autograder.late_policy = 'late_days'")
    course = Course.find(tmp_path, ["--Autograder.late_days=7"])
    policy = policy_of(course.config)
    assert policy is not None and policy.allowance == 7
    assert policy_of(Course.find(tmp_path, ["--Autograder.late_policy="]).config) is None


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        ("c.LateSubmissionPlugin.penalty_method = 'zero'", 1.0),
        ("c.LateSubmissionPlugin.penalty_method = 'none'", 0.0),
        ("c.AssignLatePenalties.LateSubmissionPlugin.penalty_method = 'zero'", 1.0),
        ("c.AssignLatePenalties.plugin_class = 'nbgrader.plugins.LateSubmissionPlugin'", 0.0),
        ("c.AssignLatePenalties.plugin_class = 'fixed_plugin.TwoPoints'", 0.25),
    ],
)
def test_a_plugin_of_nbgrader_that_is_set_wins(tmp_path: Path, line: str, taken: float) -> None:
    (tmp_path / "fixed_plugin.py").write_text(
        "from nbgrader.plugins import LateSubmissionPlugin\n\n\n"
        "class TwoPoints(LateSubmissionPlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
        "        return 2\n"
    )
    policy = policy_of(config(tmp_path, "c.Autograder.late_policy = 'late_days'", line))
    assert isinstance(policy, PluginPolicy)
    (charge,) = policy.charges([hand_in(HOUR), hand_in(-HOUR, "other")]).values()
    assert charge == Charge(1, 0, taken)


def test_a_class_of_the_course_is_found_from_every_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, other, elsewhere = tmp_path / "a course", tmp_path / "other", tmp_path / "elsewhere"
    for folder, part in ((course, 0.5), (other, 0.125)):
        folder.mkdir()
        (folder / "late_rules.py").write_text(OWN.replace("numbers_of_the_course.PART", f"{part}"))
        (folder / "numbers_of_the_course.py").write_text("")
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    line = "c.Autograder.late_policy = 'late_rules:Strict'"
    for folder, part in ((course, 0.5), (other, 0.125), (course, 0.5)):
        policy = policy_of(config(folder, line))
        assert isinstance(policy, OwnPolicy)
        assert policy.allowance == 1
        (charge,) = policy.charges([hand_in(HOUR)]).values()
        assert charge.fraction == part
    # formgrader runs in the course's folder, and its configuration has no mark of the folder
    monkeypatch.chdir(other)
    policy = policy_of(Config({"Autograder": {"late_policy": "late_rules:Strict"}}))
    assert policy is not None
    (charge,) = policy.charges([hand_in(HOUR)]).values()
    assert charge.fraction == 0.125


def test_a_changed_class_counts_at_once_and_may_lie_in_a_package(tmp_path: Path) -> None:
    package = tmp_path / "rules" / "late"
    package.mkdir(parents=True)
    made = config(tmp_path, "c.Autograder.late_policy = 'rules.late:Strict'")
    for part in ("0.5", "0.2"):  # of one length, within the same second
        text = OWN.replace("numbers_of_the_course.PART", part)
        (package / "__init__.py").write_text(text.replace("import numbers_of_the_course\n", ""))
        os.utime(package / "__init__.py", ns=(0, 1))
        policy = policy_of(made)
        assert policy is not None
        (charge,) = policy.charges([hand_in(HOUR)]).values()
        assert charge.fraction == float(part)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "AttributeError: module .* has no attribute 'Strict'"),
        ("import not_there_at_all", "ModuleNotFoundError: No module named 'not_there_at_all'"),
        ("class Strict", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("class Strict: pass", "is no subclass of autograder.lateness.policy.LatePolicy"),
        ("Strict = 7", "TypeError: 'int' object is not callable"),
        (
            "from autograder.lateness.policy import LatePolicy as Strict",
            "TypeError: Can't instantiate abstract class LatePolicy",
        ),
        (OWN.replace("= 1", "= -1").replace("import num", "# "), "has the allowance -1"),
        (OWN.replace("= 1", "= 1.5").replace("import num", "# "), "has the allowance 1.5"),
    ],
)
def test_a_class_that_cannot_be_used_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "late_rules.py").write_text(text)
    made = config(tmp_path, "c.Autograder.late_policy = 'late_rules:Strict'")
    with pytest.raises(UsageError, match=words) as caught:
        policy_of(made)
    assert str(caught.value).startswith("c.Autograder.late_policy: late_rules:Strict ")


def test_a_module_that_is_nowhere_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"nowhere\.to_be:Seen cannot be used: ModuleNotFoundError"
    ):
        policy_of(config(tmp_path, "c.Autograder.late_policy = 'nowhere.to_be:Seen'"))


@pytest.mark.parametrize(
    ("charges", "words"),
    [
        ("{PLACE: Charge(1, 0, 1.5)}", "returned the fraction 1.5, which is not from 0 to 1, for"),
        ("{PLACE: Charge(1, 0, -0.1)}", "the fraction -0.1"),
        ("{PLACE: Charge(1, 0, float('nan'))}", "the fraction nan"),
        ("{PLACE: Charge(1, 0, float('inf'))}", "the fraction inf"),
        ("{PLACE: Charge(1, 0, '0.5')}", "the fraction '0.5', which is no number"),
        ("{PLACE: Charge(1, 0, None)}", "the fraction None"),
        ("{PLACE: Charge(1, 0, True)}", "the fraction True"),
        ("{PLACE: Charge(-1, 0, 0.5)}", "days_late=-1"),
        ("{PLACE: Charge(1.5, 0, 0.5)}", "days_late=1.5"),
        ("{PLACE: Charge(1, 2, 0.5)}", "free_days=2 of 1 days late"),
        ("{PLACE: Charge(1, -1, 0.5)}", "free_days=-1"),
        ("{PLACE: 0.5}", "0.5, which is no Charge"),
        ("{('conv', 'unknown'): Charge()}", r"charges \('conv', 'unknown'\), which ada has not"),
        ("{'conv': Charge()}", "charges 'conv', which ada has not handed in"),
        ("None", "failed for ada: TypeError"),
        ("7", "failed for ada: TypeError"),
        ("1 / 0", "failed for ada: ZeroDivisionError: division by zero"),
    ],
)
def test_an_answer_that_makes_no_sense_is_an_error_that_names_the_class(
    tmp_path: Path, charges: str, words: str
) -> None:
    (tmp_path / "late_rules.py").write_text(
        "from autograder.lateness.policy import Charge, LatePolicy\n\n"
        "PLACE = ('conv', '01_convolution')\n\n\n"
        "class Odd(LatePolicy):\n"
        f"    def charges(self, hand_ins):\n        return {charges}\n"
    )
    policy = policy_of(config(tmp_path, "c.Autograder.late_policy = 'late_rules:Odd'"))
    assert policy is not None
    with pytest.raises(UsageError, match=words) as caught:
        policy.charges([hand_in(HOUR)])
    assert str(caught.value).startswith("c.Autograder.late_policy: late_rules:Odd ")


def test_numbers_of_numpy_become_plain_numbers(tmp_path: Path) -> None:
    (tmp_path / "late_rules.py").write_text(
        "import numpy as np\nfrom autograder.lateness.policy import Charge, LatePolicy\n\n\n"
        "class Odd(LatePolicy):\n    allowance = np.int64(2)\n\n"
        "    def charges(self, hand_ins):\n"
        "        charge = Charge(np.int32(2), np.int8(1), np.float32(0.25))\n"
        "        return {('conv', '01_convolution'): charge}\n"
    )
    policy = policy_of(config(tmp_path, "c.Autograder.late_policy = 'late_rules:Odd'"))
    assert policy is not None and type(policy.allowance) is int
    (charge,) = policy.charges([hand_in(timedelta(days=2))]).values()
    assert charge == Charge(2, 1, 0.25)
    assert [type(one) for one in (charge.days_late, charge.free_days, charge.fraction)] == [
        int,
        int,
        float,
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("late_policy = 'late days'", "late_policy is 'late days', expected an empty text, late"),
        ("late_policy = None", "late_policy is None"),
        ("late_days = -1", "late_days is -1, expected a whole number, 0 or more"),
        ("late_day_fraction = 25", "late_day_fraction is 25, expected a number from 0 to 1"),
    ],
)
def test_a_wrong_setting_is_refused(tmp_path: Path, line: str, words: str) -> None:
    made = config(tmp_path, "c.Autograder.late_policy = 'late_days'", f"c.Autograder.{line}")
    with pytest.raises(UsageError, match=words):
        policy_of(made)


def test_days_of_a_plugin_are_started_days(tmp_path: Path) -> None:
    policy = policy_of(config(tmp_path, "c.LateSubmissionPlugin.penalty_method = 'zero'"))
    assert policy is not None and policy.allowance == 0
    (charge,) = policy.charges([hand_in(DAY + HOUR)]).values()
    assert charge == Charge(2, 0, 1.0)
