"""The memory of a container, and the share of it for a submission."""

from __future__ import annotations

from pathlib import Path

GRADER_MB = 900  # of the trusted processes and the fork server, which all load torch
LEAST_MB = 256
_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def memory_for_a_submission_mb(wanted_mb: int, limits: tuple[Path, ...] = _LIMITS) -> int:
    """The limit of memory of a submission, in MB: ``wanted_mb``, or less in a small container.

    If the container's memory ran out, the kernel could end the grader instead of the submission.
    """
    held = [_megabytes(path) for path in limits]
    room = min((found for found in held if found is not None), default=None)
    if room is None:
        return wanted_mb
    return min(wanted_mb, max(LEAST_MB, room - GRADER_MB))


def _megabytes(path: Path) -> int | None:
    try:
        text = path.read_text().strip()
    except OSError:
        return None
    return int(text) >> 20 if text.isdecimal() else None  # "max" is no limit
