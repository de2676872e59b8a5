"""Fuzz one target, guided by which lines of the engine it reaches."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["autograder.wall", "autograder.notebooks.notebook"]):
    from tests.fuzz.targets import TARGETS, WORDS


def main() -> None:
    """Fuzz the target that is named first; the other arguments are libFuzzer's."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: python -m tests.fuzz {'|'.join(TARGETS)} [libFuzzer's options]")
    target, samples = TARGETS[sys.argv[1]]
    with tempfile.TemporaryDirectory() as corpus, tempfile.NamedTemporaryFile("w") as words:
        words.writelines(f'"{word}"\n' for word in WORDS)
        words.flush()
        for number, sample in enumerate(samples()):
            Path(corpus, str(number)).write_bytes(sample)
        limits = ["-timeout=10", "-rss_limit_mb=2048", "-max_len=65536", "-print_final_stats=1"]
        limits.append(f"-dict={words.name}")
        atheris.Setup([sys.argv[0], *limits, *sys.argv[2:], corpus], target)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
