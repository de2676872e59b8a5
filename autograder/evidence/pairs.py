"""Pairs: two misconceptions together, as one patched reference."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from autograder.evidence.cells import Material
from autograder.evidence.findings import Compose, Finding
from autograder.evidence.parts import Candidate
from autograder.evidence.whole import has_same_values
from autograder.results import Evidence

MAX_MEMBERS = 8  # candidates that are joined


def pair(material: Material, found: Sequence[Candidate], compose: Compose) -> list[Finding]:
    """Two findings if two of the candidates together have the answer's values everywhere, or [].

    Of several such pairs, the one whose members explain most cells on their own is told.
    """
    ranked = sorted(found, key=lambda one: -len(one.explained))[:MAX_MEMBERS]
    for first, second in itertools.combinations(ranked, 2):
        function = compose(first.misconception, second.misconception)
        if function is not None and has_same_values(material, function):
            return [_finding(first), _finding(second)]
    return []


def _finding(one: Candidate) -> Finding:
    named = one.misconception
    return Finding(named.id, Evidence.PAIR, named.sentence, one.explained)
