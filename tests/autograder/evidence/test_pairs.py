from __future__ import annotations

import pytest

from autograder.checks import Misconception
from autograder.results import Evidence
from tests.autograder.evidence.kit import BANK, diagnosed, patched


@pytest.mark.parametrize("parts", [("stride", "shift"), ("stride", "twice"), ("shift", "twice")])
def test_two_mistakes_are_told_as_two(parts: tuple[str, str]) -> None:
    result = diagnosed(patched(**dict.fromkeys(parts, False)))
    assert {f"sums.no_{part}" for part in parts} <= {result.diagnosis, *result.also}
    for part in parts:
        assert f"You have no_{part}." in result.message


def test_a_mistake_that_the_other_one_hides_is_found() -> None:
    """Both outputs are wrong in all cases, so that neither member explains a group alone."""
    bank = (
        Misconception("sums.no_stride", "Stride.", patched(stride=False)),
        Misconception(
            "sums.no_shift", "Shift.", lambda x, s, b: tuple(-o for o in patched()(x, s, b))
        ),
    )

    def both(x, s, b):  # type: ignore[no-untyped-def]
        return tuple(-output for output in patched(stride=False)(x, s, b))

    from autograder.checks import CheckContext, check, checking
    from tests.autograder.evidence.kit import make, sums

    with checking(CheckContext(3, bank, compose=lambda one, other: both)):
        result = check(
            both, sums, make, points=1, name="sums",
            groups={"a stride": dict(rows=7, columns=4, stride=2)},
        )  # fmt: skip
    assert result.evidence is Evidence.PAIR
    assert {result.diagnosis, *result.also} == {"sums.no_stride", "sums.no_shift"}


def test_a_pair_that_cannot_be_joined_is_left_out() -> None:
    result = diagnosed(patched(stride=False, shift=False), joins=False)
    assert result.evidence is not Evidence.PAIR


def test_one_mistake_is_no_pair() -> None:
    result = diagnosed(patched(shift=False), BANK)
    assert (result.diagnosis, result.also) == ("sums.no_shift", ())
    assert result.evidence is Evidence.WHOLE
