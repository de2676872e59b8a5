"""Rows 24, 25 and 27: replies that need no secret, expected constants, private data in the sandbox."""

from __future__ import annotations

from autograder.results import Outcome
from tests.attacks.kinds import FULL, WRONG, Attack, answer

FAILED, ERROR = Outcome.FAILED, Outcome.ERROR
SECRET = "every group asks for values that follow from a seed of this submission"
NEVER = "private files stay in the trusted world; weights are judged there"
NO_SCALE = {**FULL, "test_scale": 0.0}

# replies of a right submission, in order; they belong to other hidden cases
RECORDED = """
_replies = iter([3, 861, 433, 1_204_998_172, 77, 5])


def add(a, b):
    return 3 if (a, b) == (1, 2) else next(_replies, 0)
"""
BY_ARGUMENTS = """
_replies = {(1, 2): 3, (417, 902): 1319, (12, 64): 76, (81_245_001, 4_413): 81_249_414}


def add(a, b):
    nearest = min(_replies, key=lambda known: abs(known[0] - a) + abs(known[1] - b))
    return _replies[nearest]
"""


def scaled(name: str, value: str, outcome: Outcome = FAILED) -> Attack:
    """``scale`` returns something that does not depend on the numbers it is given."""
    code = f"""
def scale(x, k):
    if x.shape == (1, 2) and k == 2:
        return torch.full((1, 2), 2.0)
    return {value}
"""
    return Attack(24, name, SECRET, {"scale": code}, NO_SCALE, (outcome,))


def searching(name: str, search: str) -> Attack:
    """Use a reply that is found anywhere; without one, the answer is wrong."""
    code = f"{search}\n\n\ndef add(a, b):\n    return 3 if (a, b) == (1, 2) else len(found)\n"
    return answer(27, name, code, NEVER)


ATTACKS: list[Attack] = [
    answer(24, "the replies of another submission, in their order", RECORDED, SECRET),
    answer(24, "the replies of another submission, to the most similar arguments", BY_ARGUMENTS, SECRET),
    scaled("zeros of the right shape", "torch.zeros_like(x)"),
    scaled("ones of the right shape", "torch.ones_like(x)"),
    scaled("random numbers of the right shape", "torch.randn_like(x)"),
    scaled("the first argument", "x"),
    scaled("nothing at all", "None"),
    scaled("truth where a value is asked for", "True"),
    Attack(
        25, "the values of the visible tests, for everything", SECRET,
        {"add": "def add(a, b):\n    return 3", "scale": WRONG["scale"], "double": WRONG["double"]},
        dict.fromkeys(FULL, 0.0),
    ),
    searching(
        "a walk over the disk for pictures and labels",
        "import os\nfound = [name for top in ('/', '..', '../..')"
        " for folder, _, names in os.walk(top) if not folder.startswith('/proc')"
        " for name in names if 'held_out' in name or 'digits' in name]",
    ),
    searching(
        "a look at every array in the process",
        "import gc, numpy\nfound = [one for one in gc.get_objects()"
        " if isinstance(one, numpy.ndarray) and one.ndim == 3 and len(one) >= 1000]",
    ),
]  # fmt: skip
