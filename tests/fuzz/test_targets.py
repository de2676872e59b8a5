"""The fuzzed functions on samples and on random changes of them; see ``make soak``."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.targets import TARGETS

CHANGES = 300


def changed(data: bytes, source: random.Random) -> bytes:
    """The bytes with a few of them changed, lost, doubled or put in."""
    text = bytearray(data)
    for _ in range(source.randint(1, 4)):
        place = source.randint(0, len(text))
        match source.randrange(4):
            case 0 if place < len(text):
                text[place] = source.randrange(256)
            case 1:
                del text[place : place + source.choice([1, 2, 50])]
            case 2:
                text[place:place] = text[place : place + source.choice([1, 8, 100])]
            case _:
                text[place:place] = source.randbytes(source.choice([1, 2, 9]))
    return bytes(text)


@pytest.mark.parametrize("name", TARGETS)
def test_changed_samples_never_do_more_than_fail(name: str) -> None:
    target, samples = TARGETS[name]
    source = random.Random(name)
    for sample in samples():
        target(sample)
        for _ in range(CHANGES // 10 if name == "notebooks" else CHANGES // len(samples())):
            target(changed(sample, source))
