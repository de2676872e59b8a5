"""A pack of feedback pages for a learning management system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.cli.display.text import escape, near, one_line

if TYPE_CHECKING:  # loads nbgrader, which `autograder --help` does not need
    from autograder.pages.packs import Pack
    from autograder.people.person import Person

_HOW = {
    "moodle": "In the assignment on Moodle: Upload multiple feedback files in a zip.",
    "canvas": "In the assignment on Canvas: Upload Submissions.",
}


def packed(console: Console, pack: Pack, people: Mapping[str, Person]) -> None:
    """The zip with the way to upload it, and the students without a page in it."""
    count = len(pack.packed)
    if pack.path is not None:
        size_mb = pack.path.stat().st_size / 1e6
        text = f"{count} student{'s' * (count != 1)} in {near(pack.path)}, {size_mb:.1f} MB"
        console.print(escape(text), soft_wrap=True)
        console.print(_HOW[pack.lms.value], soft_wrap=True)
    else:
        console.print("no zip was written", soft_wrap=True)
    for student, reason in sorted(pack.left_out.items()):
        person = people.get(student)
        name = person.shown if person else student
        text = escape(one_line(f"{name}: {reason}"))
        console.print(f"[bold red]left out:[/] {text}", soft_wrap=True)
