"""The two streams of the terminal."""

from __future__ import annotations

import io
import sys

from rich.console import Console

console = Console()
errors = Console(stderr=True)


def replace_unknown_characters() -> None:
    """Write "?" for characters that the terminal's encoding lacks, instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
