"""No end of a submission's own making gets it a second try, or is called a failure of ours."""

from __future__ import annotations

import pytest

from autograder.results import Outcome
from autograder.workers.worker import _deserves_another_try
from tests.attacks.own_ends import ENDS, source_of
from tests.courses.tiny import Grade, Limited

pytestmark = [pytest.mark.attacks, pytest.mark.slow]


@pytest.mark.parametrize("name", ENDS)
def test_it_gets_no_second_try(grade: Grade, limited: Limited, name: str) -> None:
    with limited(cell_s=20.0, memory_mb=700):
        result = grade({"add": source_of(name)}).result
    assert result.stops, "it went on as if nothing had been"
    assert [stop for stop in result.stops if stop.from_outside] == []
    assert result.outcome is not Outcome.GRADER_ERROR
    assert not _deserves_another_try(result)
