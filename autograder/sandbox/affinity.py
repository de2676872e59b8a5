"""Which processor core each worker of a run stays on."""

from __future__ import annotations

import os


def usable_cores() -> list[int]:
    """The cores that this process may run on, by number."""
    return sorted(os.sched_getaffinity(0))


def cores_for(workers: int) -> list[int | None]:
    """The core of each worker where there is one for each, else None: the kernel places them.

    A worker and the student's process that it asks take turns, so a core is enough for both, and
    on the same one neither wakes an idle other, which takes longer than to answer most questions.
    A submission that is busy with all its processes then slows no other of the run. Fewer workers
    than cores are not held, because the workers of another run could get the same cores.
    """
    cores = usable_cores()
    return [*cores] if workers == len(cores) else [None] * workers
