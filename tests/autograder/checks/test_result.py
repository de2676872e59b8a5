from __future__ import annotations

import math

import pytest

from autograder.checks import CheckResult, award, check

GROUPS = {"one": dict(n=1), "two": dict(n=2), "three": dict(n=3)}


def shared(**options: float) -> CheckResult:
    """The result of a check of three groups, one of which is right."""
    return check(
        lambda n: n if n == 2 else -n, lambda n: n, lambda draw, n: (n,),
        groups=GROUPS, extras=None, name="same", **options,  # type: ignore[arg-type] # points
    )  # fmt: skip


def test_a_check_without_points_is_worth_its_exact_share_of_one() -> None:
    result = shared()
    assert (result.points, result.max_points) == (1 / 3, 1.0)


@pytest.mark.parametrize(("points", "expected"), [(2, 0.67), (7, 2.33), (0.5, 0.17), (3, 1.0)])
def test_worth_gives_the_same_points_as_a_check_with_points(points: float, expected: float) -> None:
    scaled, stated = shared().worth(points), shared(points=points)
    assert (scaled.points, scaled.max_points) == (expected, points)
    assert scaled == stated
    assert repr(scaled) == f"{expected:g}"


def test_only_the_points_change() -> None:
    result = CheckResult(0.5, 1.0, "half", "<p>half</p>", "a.b", ("c.d",), "ValueError", True, "x")
    scaled = result.worth(4)
    assert scaled == CheckResult(
        2.0, 4, "half", "<p>half</p>", "a.b", ("c.d",), "ValueError", True, "x"
    )


def test_an_award_is_scaled_too() -> None:
    scaled = award(3.5, 5, "70 % of the images").worth(2)
    assert (scaled.points, scaled.max_points, scaled.message) == (1.4, 2, "70 % of the images")


@pytest.mark.parametrize("points", [0, -1, math.nan, math.inf])
def test_points_that_make_no_sense_are_refused(points: float) -> None:
    with pytest.raises(ValueError, match="as a share of"):
        shared().worth(points)
    with pytest.raises(ValueError, match="0 of 0 as a share of 2"):
        award(0, 0, "").worth(2)
