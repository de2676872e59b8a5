"""A part of the suite as an ordinary user, who sandboxes by another way than root."""

from __future__ import annotations

import json
import os

import pytest

from tests.attacks.ordinary import home_of_ordinary_user, needs_root, run_as_ordinary_user

pytestmark = pytest.mark.attacks

ROWS = tuple(map(int, os.environ.get("ATTACK_ROWS", "8 9 14 30 31 33").split()))
RUN = f"""
import json, sys
from pathlib import Path
from tests.attacks.batch import problems, run_batch
from tests.attacks.suite import ATTACKS
chosen = [attack for attack in ATTACKS if attack.row in {ROWS}]
full, alone = run_batch(Path(sys.argv[1]), chosen)
print(json.dumps({{"problems": problems(full, alone, chosen), "count": len(chosen)}}))
"""


@pytest.mark.slow
@needs_root
def test_an_ordinary_user_is_as_safe_as_root() -> None:
    with home_of_ordinary_user() as home:
        told = json.loads(run_as_ordinary_user(RUN, home).splitlines()[-1])
    assert told["problems"] == []
    assert told["count"] >= 25
