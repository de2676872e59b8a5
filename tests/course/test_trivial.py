"""The trivial answers find a group of cases that needs no work."""

from __future__ import annotations

from pathlib import Path

from autograder.course.source import load_bundle
from autograder.grading.grader import TrustedNotebook
from tests.course.trivial import TRIVIAL, trivial_points
from tests.courses.build import build_course, config
from tests.courses.cells import answer, graded, notebook, setup

ANSWER = """\
def dim(picture, light):
    ### BEGIN SOLUTION
    return picture * light
    ### END SOLUTION
"""
CHECK = """\
### BEGIN HIDDEN TESTS
from autograder.checks import check


def make(draw, light):
    return draw.tensor(2, 3), draw.uniform(light / 2, light, 1)


check(
    dim,
    lambda picture, light: picture * light,
    make,
    points=2,
    groups={groups},
    extras=None,
    name="dim",
)
### END HIDDEN TESTS
"""


def points(folder: Path, groups: str) -> dict[str, float]:
    cells = (
        setup("import torch"),
        answer("dim", ANSWER),
        graded("dim", 2, CHECK.replace("{groups}", groups)),
    )
    course = build_course(folder, config("dim"), "all", {"01_dim": notebook(*cells)})
    bundle = load_bundle(course.source / "all" / "01_dim.py")
    return trivial_points(TrustedNotebook.load(bundle, course.root))["dim"]


def test_a_group_that_zeros_satisfy_gives_points_to_zeros(tmp_path: Path) -> None:
    found = points(tmp_path, '{"some light": dict(light=3), "no light": dict(light=0)}')
    assert {name: won for name, won in found.items() if won} == {"zeros": 1.0}


def test_a_group_with_a_case_that_needs_the_work_gives_no_points(tmp_path: Path) -> None:
    found = points(tmp_path, '{"light, and none": [dict(light=0), dict(light=3)]}')
    assert found == dict.fromkeys(TRIVIAL, 0.0)
