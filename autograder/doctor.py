"""Is this machine ready to grade strangers' code?"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass

from autograder.cores import usable_cores
from autograder.course import Course
from autograder.errors import ExposedFiles, SandboxUnavailable
from autograder.layers import layers
from autograder.sandbox import describe
from autograder.shown import refuse_exposed


@dataclass(frozen=True)
class Line:
    """One thing that was looked at, and whether grading needs it."""

    what: str
    ok: bool
    needed: bool = True


@dataclass(frozen=True)
class Report:
    """All that was looked at; ``ready`` when grading can start."""

    lines: tuple[Line, ...]

    @property
    def ready(self) -> bool:
        return all(line.ok or not line.needed for line in self.lines)


def examine(course: Course, kind: str) -> Report:
    """Look at the interpreter, the tools and the sandbox, by using them."""
    version = platform.python_version()
    free_gb = shutil.disk_usage(course.root).free / 1e9
    lines = [
        Line(f"Python {version} (3.11 or newer)", sys.version_info >= (3, 11)),
        Line(f"{len(usable_cores())} processor cores, {free_gb:.0f} GB of free disk", free_gb > 1),
        Line(f"course at {course.root}", True),
        Line("the course folder can be written", os.access(course.root, os.W_OK)),
    ]
    if kind == "bubblewrap":
        found = shutil.which("bwrap")
        lines.append(
            Line(f"bubblewrap: {found or 'apt-get install bubblewrap'}", found is not None)
        )
        lines.append(_private(course))
    try:
        here = layers(course.settings, kind)
        lines.append(Line(f"sandbox {describe(kind)} works", True))
        lines += [Line(f"  layer: {one.what}", one.holds, one.needed) for one in here]
    except SandboxUnavailable as error:
        lines.append(Line(f"sandbox {kind}: {error}", False))
    return Report(tuple(lines))


def _private(course: Course) -> Line:
    try:
        refuse_exposed(course)
    except ExposedFiles as error:
        return Line(str(error), False)
    return Line("no submission can read the course or your home folder", True)
