"""Fingerprints of code, by copydetect: names of variables, comments and layout do not count."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from autograder.errors import UsageError

if TYPE_CHECKING:  # an extra, which loads pyplot
    from copydetect import CodeFingerprint

K = 25  # characters of filtered code in a fingerprint; copydetect's default
NEEDS_EXTRA = "--similar needs copydetect: pip install 'autograder-course[similar]'"


def check_installed() -> None:
    """Raise UsageError, with the command to install it, if copydetect is missing."""
    try:
        import copydetect  # noqa: F401
    except ImportError as error:
        raise UsageError(NEEDS_EXTRA) from error


def fingerprint(code: str) -> CodeFingerprint:
    """All fingerprints of a piece of Python code.

    The window is 1, so none is left out: which ones a larger window selects depends on a hash that
    differs between runs.
    """
    from copydetect import CodeFingerprint

    made = CodeFingerprint("answer.py", K, 1, language="python", fp=io.StringIO(code))
    if len(made.offsets):  # copydetect adds up the offsets, except at names of classes
        made.offsets[:, 1] = np.maximum.accumulate(made.offsets[:, 1])
    return made


def without(made: CodeFingerprint, common: Collection[int]) -> None:
    """Remove fingerprints that say nothing, such as fingerprints of released text.

    copydetect has an option for that, which is wrong for code with repeated parts.
    """
    from copydetect.utils import get_token_coverage

    made.hashes = {one for one in made.hashes if one not in common}
    made.hash_idx = {one: made.hash_idx[one] for one in made.hashes}
    made.token_coverage = get_token_coverage(made.hash_idx, made.k, len(made.filtered_code))


def hashes_of(codes: Iterable[str]) -> set[int]:
    """All fingerprints of some pieces of code."""
    return {one for code in codes for one in _hashes(code)}


@lru_cache(maxsize=1024)  # the given code of a notebook, for each of its exercises
def _hashes(code: str) -> frozenset[int]:
    return frozenset(fingerprint(code).hashes)


def alike_lines(code: str, slices: np.ndarray) -> list[bool]:
    """Whether at least half of each line lies in the slices (start and end positions)."""
    inside = np.zeros(len(code) + 1, dtype=bool)
    if slices.size:
        for start, end in slices.astype(int).T:
            inside[max(0, start) : max(0, end)] = True
    marks, place = [], 0
    for line in code.split("\n"):
        own = [inside[place + at] for at, letter in enumerate(line) if not letter.isspace()]
        marks.append(bool(own) and bool(2 * sum(own) >= len(own)))
        place += len(line) + 1
    return marks
