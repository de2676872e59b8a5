"""Two submissions at the same time, and the resources they share, as root and as a user."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from autograder.runs.isolation import SHARED_BY_A_USER
from tests.attacks.neighbours import NEIGHBOURS, noticed
from tests.attacks.ordinary import home_of_ordinary_user, needs_root, run_as_ordinary_user

pytestmark = [pytest.mark.attacks, pytest.mark.slow]
OF_A_USER = {one.name for one in NEIGHBOURS if one.of_a_user}
PAGE = Path(__file__).resolve().parents[2] / "docs" / "security.md"
RUN = "import json; from tests.attacks.neighbours import noticed; print(json.dumps(noticed()))"


def test_no_submission_takes_anything_from_another() -> None:
    expected = set() if os.getuid() == 0 else OF_A_USER
    found = noticed()
    assert set(found) == expected, found


@needs_root
def test_an_ordinary_user_s_submissions_share_what_is_documented_and_no_more() -> None:
    with home_of_ordinary_user() as home:
        found = json.loads(run_as_ordinary_user(RUN, home).splitlines()[-1])
    assert set(found) == OF_A_USER, found


@pytest.mark.parametrize("what", sorted({one.of_a_user for one in NEIGHBOURS} - {""}))
def test_what_an_ordinary_user_s_submissions_share_is_listed(what: str) -> None:
    assert what in SHARED_BY_A_USER  # `doctor` says so
    assert what in PAGE.read_text()
