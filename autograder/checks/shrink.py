"""Search for the smallest failing case with hypothesis."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from autograder.trials.cases import Sizes

MAX_CALLS = 80


def smallest_failing(
    ranges: Mapping[str, tuple[int, int]],
    valid: Callable[..., bool],
    fails: Callable[[Sizes], bool],
    seed: int,
) -> Sizes | None:
    """The smallest sizes within ``ranges`` for which ``fails`` is true, or None.

    Each size is tried once, and the search ends after MAX_CALLS calls, so that its result does not
    depend on the speed of the machine.
    """
    known: dict[tuple[int, ...], bool] = {}

    def condition(sizes: Sizes) -> bool:
        key = tuple(sizes.values())
        if key not in known:
            if len(known) >= MAX_CALLS:
                return False
            known[key] = fails(sizes)
        return known[key]

    strategy = st.fixed_dictionaries(
        {name: st.integers(low, high) for name, (low, high) in ranges.items()}
    ).filter(lambda sizes: valid(**sizes))
    try:
        find(
            strategy,
            condition,
            settings=settings(
                max_examples=MAX_CALLS,
                database=None,
                deadline=None,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
            random=random.Random(seed),
        )
    except HypothesisException:
        pass  # nothing found, or no calls left: the sizes tried so far count
    failing = [dict(zip(ranges, key, strict=True)) for key, failed in known.items() if failed]
    return min(failing, key=lambda sizes: sum(sizes.values()), default=None)
