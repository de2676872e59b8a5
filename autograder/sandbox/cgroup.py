"""The kernel's own limit on the memory of one submission, where this machine lends control groups.

The watchdog looks from outside, a few times a second. The kernel also stops faster growth. Version
2 or version 1 is used, if it has the memory controller and allows a new group: as root, or in a
separate scope (``systemd-run --user --scope -p Delegate=yes``). If neither allows one, only the
watchdog limits the memory.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.config.settings import Settings

_PREFIX = "autograder-"
_GRADER = "autograder.grader"  # holds ourselves where a group with processes may not have children
_GONE_S = 2.0  # how long the kernel may take to see that a killed process has gone
_count = itertools.count()


@dataclass(frozen=True)
class Place:
    """A group under which we may make others."""

    folder: Path
    version: int


class ControlGroup:
    """One submission's group. ``create`` makes it; ``close`` ends it with its processes."""

    def __init__(self, folder: Path, version: int) -> None:
        self.version = version
        self._folder = folder

    @classmethod
    def create(cls, settings: Settings) -> ControlGroup | None:
        """A new group with the limit of these settings; None if the machine allows no group.

        The scratch folder lies in memory, so the limit is the sum of memory and scratch.
        """
        limit = (settings.memory_mb + settings.scratch_mb) << 20
        for place in places():
            with contextlib.suppress(OSError):
                return cls._made(place, limit)
        return None

    @classmethod
    def _made(cls, place: Place, limit: int) -> ControlGroup:
        folder = place.folder / f"{_PREFIX}{os.getpid()}-{next(_count)}"
        folder.mkdir()
        group = cls(folder, place.version)
        try:
            if place.version == 2:
                (folder / "memory.max").write_text(str(limit))
                for name, text in (("memory.swap.max", "0"), ("memory.oom.group", "1")):
                    with contextlib.suppress(OSError):  # there is no swap; an older kernel
                        (folder / name).write_text(text)
            else:
                (folder / "memory.limit_in_bytes").write_text(str(limit))
                with contextlib.suppress(OSError):  # swap is not accounted for
                    (folder / "memory.memsw.limit_in_bytes").write_text(str(limit))
        except OSError:
            folder.rmdir()
            raise
        return group

    def take(self, pid: int) -> None:
        """Put a process into the group; its later children are in it too.

        Raises OSError when the kernel refuses.
        """
        (self._folder / "cgroup.procs").write_text(str(pid))

    def ran_out(self) -> bool:
        """Whether the kernel has killed a process of the group for want of memory."""
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        try:
            text = (self._folder / name).read_text()
        except OSError:
            return False
        counts = dict(line.split() for line in text.splitlines() if len(line.split()) == 2)
        return int(counts.get("oom_kill", "0")) > 0

    def close(self) -> None:
        """Kill the processes in the group and remove it."""
        end = time.monotonic() + _GONE_S
        while self._folder.exists():
            try:
                self._folder.rmdir()
            except OSError:
                if time.monotonic() > end:
                    return  # ``sweep`` tries again
                self._kill()
                time.sleep(0.01)

    def _kill(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            for pid in map(int, (self._folder / "cgroup.procs").read_text().split()):
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)


def has_control_groups(settings: Settings) -> bool:
    """Whether this machine lends us a group with a limit on memory."""
    group = ControlGroup.create(settings)
    if group is not None:
        group.close()
    return group is not None


def sweep() -> None:
    """Remove the empty groups that graders which were killed have left."""
    for place in places():
        for folder in place.folder.glob(f"{_PREFIX}*-*"):
            maker = folder.name.removeprefix(_PREFIX).partition("-")[0]
            if not Path("/proc", maker).exists():
                with contextlib.suppress(OSError):
                    folder.rmdir()


def places(proc: Path = Path("/proc/self")) -> Iterator[Place]:
    """Where this process could make groups with a limit on memory, the best first."""
    try:
        mounts = (proc / "mountinfo").read_text().splitlines()
        memberships = (proc / "cgroup").read_text().splitlines()
    except OSError:
        return
    paths = {}
    for line in memberships:
        _, controllers, path = line.split(":", 2)
        if controllers == "" or "memory" in controllers.split(","):
            paths[1 if controllers else 2] = path
    found: dict[int, Path] = {}
    for line in mounts:
        left, _, right = line.partition(" - ")
        root, mounted = left.split()[3:5]
        kind, options = right.split()[0], right.split()[-1].split(",")
        version = {"cgroup2": 2, "cgroup": 1}.get(kind, 0)
        if version in paths and (version == 2 or "memory" in options):
            inside = os.path.relpath(paths[version], root)
            found[version] = Path(mounted) if inside.startswith("..") else Path(mounted, inside)
    for version, folder in sorted(found.items(), reverse=True):
        if version == 1:
            yield Place(folder, 1)
            continue
        own = folder.parent if folder.name == _GRADER else folder
        with contextlib.suppress(OSError):
            if _lends_memory(own):
                yield Place(own, 2)


def _lends_memory(group: Path) -> bool:
    """Whether the children of a group of version 2 have the memory controller, now if not before.

    A group that holds processes cannot lend it. Where all of them are this grader's, they move to
    a group of their own.
    """
    if "memory" not in (group / "cgroup.controllers").read_text().split():
        return False
    lent = group / "cgroup.subtree_control"
    if "memory" in lent.read_text().split():
        return True
    members = [int(pid) for pid in (group / "cgroup.procs").read_text().split()]
    if members:
        if any(os.getpgid(pid) != os.getpgrp() for pid in members):
            return False
        (group / _GRADER).mkdir(exist_ok=True)
        for pid in members:
            (group / _GRADER / "cgroup.procs").write_text(str(pid))
    lent.write_text("+memory")
    return True
