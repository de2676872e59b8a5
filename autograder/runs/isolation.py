"""Which of the sandbox's layers this machine gives, found by starting a submission and looking."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

from autograder.config.settings import Settings
from autograder.jail import landlock
from autograder.proxy.process import StudentProcess
from autograder.sandbox.cgroup import ControlGroup
from autograder.sandbox.launcher import ForkServer
from autograder.sandbox.view import shown
from autograder.sandbox.weak_user import why_same_user
from autograder.wall.protocol import RunCell

_LOOK = """
import json, os
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
try:
    open("/proc/self/comm", "w").write("x")
    landlock = False
except PermissionError:
    landlock = True
print(json.dumps({
    "sees": sorted(os.listdir("/")),
    "capabilities": int(status["CapEff"], 16) | int(status["CapBnd"], 16),
    "no_new_privileges": status["NoNewPrivs"].strip() == "1",
    "filter": status["Seccomp"].strip() == "2",
    "landlock": landlock,
    "private_files": sorted({
        line.split()[4] for line in open("/proc/self/mountinfo") if " - overlay " in line
    }),
    "namespaces": {
        name: os.readlink(f"/proc/self/ns/{name}") for name in os.listdir("/proc/self/ns")
    },
}))
"""
SHARED_BY_A_USER = "descriptors in flight, pages of pipes, locks on devices, watches of epoll"
_NAMESPACES = ("user", "pid", "mnt", "net", "ipc", "uts", "cgroup")


@dataclass(frozen=True)
class Layer:
    """One layer: its description, whether it holds here, and whether grading requires it."""

    what: str
    holds: bool
    needed: bool = True


def layers(settings: Settings, kind: str) -> list[Layer]:
    """The layers of this sandbox on this machine.

    Raises SandboxUnavailable if the sandbox does not start.
    """
    with ForkServer(settings, kind) as server:
        process = StudentProcess(server.start_student())
        try:
            seen = json.loads(process.ask(RunCell(_LOOK)).stdout)
        finally:
            process.close()
    return [*_of_the_sandbox(seen, kind, settings), _control_group(settings)]


def _of_the_sandbox(seen: dict[str, Any], kind: str, settings: Settings) -> list[Layer]:
    if kind == "process":
        return _of_the_weak_mode(seen, settings)
    own = [
        name
        for name in _NAMESPACES
        if seen["namespaces"].get(name) != os.readlink(f"/proc/self/ns/{name}")
    ]
    lacking = sorted(set(_NAMESPACES) - set(own))
    names = f"namespaces of its own: {', '.join(own)}" + (
        f"; shared: {', '.join(lacking)}" if lacking else ""
    )
    version = landlock.version()
    return [
        Layer(names, not lacking),
        Layer(f"a file view of its own; it sees {' '.join(seen['sees'])}", True),
        Layer(
            "no capabilities and no new privileges",
            seen["capabilities"] == 0 and seen["no_new_privileges"],
        ),
        Layer("a filter of system calls (seccomp)", seen["filter"]),
        Layer(
            f"Landlock, version {version}" if version else "Landlock (this kernel has none)",
            seen["landlock"],
            needed=False,
        ),
        _private_files(seen["private_files"]),
        _user_ids(settings),
    ]


def _of_the_weak_mode(seen: dict[str, Any], settings: Settings) -> list[Layer]:
    """The layers without namespaces. None of them is needed: the mode was asked for by name."""
    same_user = why_same_user(settings)
    version = landlock.version()
    return [
        Layer(f"a user of its own{f' ({same_user})' if same_user else ''}", not same_user, False),
        Layer(
            "no capabilities and no new privileges",
            seen["capabilities"] == 0 and seen["no_new_privileges"],
            False,
        ),
        Layer("a filter of system calls (seccomp), without network", seen["filter"], False),
        Layer(
            f"Landlock, version {version}: it writes in its scratch folder, /tmp and /dev/shm"
            if version
            else "Landlock (this kernel has none)",
            seen["landlock"],
            needed=False,
        ),
    ]


def _private_files(covered: list[str]) -> Layer:
    lacking = [one.target for one in shown() if not one.link and one.source.is_dir()]
    lacking = [target for target in lacking if target not in covered]
    if lacking:
        text = (
            f"private copies of the shown files (no overlay over {' '.join(lacking)}: a submission "
            "that locks a shown file is noticed by others at the same time)"
        )
        return Layer(text, False, needed=False)
    text = "private copies of the shown files (overlays): locks end at the sandbox"
    return Layer(text, True, needed=False)


def _user_ids(settings: Settings) -> Layer:
    if os.getuid() == 0:
        last = settings.first_user_id + settings.user_ids - 1
        text = f"a user id of its own for each worker, of {settings.first_user_id} to {last}"
        return Layer(text, True, needed=False)
    text = (
        "a user id of its own for each worker (only root can give one: submissions at the same "
        f"time share {SHARED_BY_A_USER})"
    )
    return Layer(text, False, needed=False)


def _control_group(settings: Settings) -> Layer:
    group = ControlGroup.create(settings)
    if group is None:
        text = (
            "a control group (none is lent; memory is watched from outside. As an ordinary user: "
            "systemd-run --user --scope -p Delegate=yes autograder ...)"
        )
        return Layer(text, False, needed=False)
    group.close()
    return Layer(f"a control group with a limit on memory, version {group.version}", True, False)
