"""The fork server: loads the heavy modules once, then forks one jailed child per submission.

Run as an unprivileged program inside bubblewrap, see ``entrance``. It holds nothing of the course.
Each request on its control socket is one datagram with two descriptors: the child's end of the
wall, and a pipe for how the child ended.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import random
import signal
import socket
import sys
import tempfile
import traceback
from typing import Any

from autograder.jail import jail, landlock
from autograder.jail.seccomp import Filter
from autograder.jail.without_namespaces import confine, end_processes_of
from autograder.shell.shell import Cells, CellShell, create_shell
from autograder.student.huge_pages import use_large_pages
from autograder.student.private_names import check_private_names
from autograder.student.server import Server
from autograder.torch_watch.calls import install_audit
from autograder.torch_watch.operations import prepare_to_watch


def main() -> None:
    """Load the modules, say so, and serve until the control socket closes."""
    config: dict[str, Any] = json.loads(sys.argv[1])
    control = socket.socket(fileno=int(config["control_fd"]))
    jailed = bool(config["jailed"])
    shell = warm_up(config["warm_modules"])
    build = Filter if jailed else _filter_if_possible
    seccomp = build(config["shared_bytes"])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps our children
    control.send(b"ready")
    while True:
        message, fds, _, _ = socket.recv_fds(control, 1, 2)
        if not message:
            return
        if os.fork() == 0:
            control.close()
            _in_fork(config, fds, shell, seccomp)
        for fd in fds:
            os.close(fd)


def _filter_if_possible(shared_bytes: int) -> Filter | None:
    """A filter that also refuses the network; None if this machine cannot build one."""
    try:
        return Filter(shared_bytes, network=False)
    except (OSError, RuntimeError):
        return None


def warm_up(modules: list[str]) -> CellShell:
    """Import the modules and use torch once, so that its late imports are done.

    The children get all this as it is here, the state of random generators included. Raises
    PrivateNameMissing with a version of IPython or torch that the engine cannot use.
    """
    for name in modules:
        importlib.import_module(name)
    import numpy
    import torch

    check_private_names()
    torch.set_num_threads(1)
    layer = torch.nn.Conv2d(1, 1, 3)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    layer(torch.zeros(1, 1, 4, 4)).sum().backward()
    optimizer.step()
    install_audit()
    prepare_to_watch()
    shell = create_shell()
    shell.run_cell("pass")  # type: ignore[no-untyped-call]
    shell.run_cell("%matplotlib inline\n%reset -f", silent=True)  # type: ignore[no-untyped-call]
    numpy.random.seed(0)  # the same numbers for every child: grading twice gives the same points
    torch.manual_seed(0)
    gc.collect()
    gc.freeze()
    use_large_pages()
    return shell


def _in_fork(
    config: dict[str, Any], fds: list[int], shell: CellShell, seccomp: Filter | None
) -> None:
    """Fork the jailed child, wait for it, report how it ended. Never returns."""
    wall_fd, status_fd = fds
    jailed, user_id = bool(config["jailed"]), int(config["user_id"])
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        jail.die_with_parent()
        if jailed:
            jail.enter_namespaces()
        proc = os.open("/proc", os.O_PATH)  # the child will mount another one over it
        child = os.fork()
        if child == 0:
            os.close(status_fd)
            _in_child(config, wall_fd, shell, seccomp)
        os.close(wall_fd)
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        cpu_s = config["limits"]["cpu_s"]
        untouched = jailed and jail.is_untouched(proc, child, cpu_s)
        _, status, usage = os.wait4(child, 0)
        if user_id and not jailed:  # in a namespace, the kernel does it
            end_processes_of(user_id)
        _report(
            status_fd,
            {
                "exit": os.waitstatus_to_exitcode(status),
                "cpu_s": usage.ru_utime + usage.ru_stime,
                "untouched": untouched,
            },
        )
    except BaseException:
        _report(status_fd, {"setup_error": traceback.format_exc(limit=5)})
    finally:
        os._exit(0)


def _in_child(
    config: dict[str, Any], wall_fd: int, shell: CellShell, seccomp: Filter | None
) -> None:
    """Close every door, then answer. Never returns."""
    sock = socket.socket(fileno=wall_fd)
    jailed = bool(config["jailed"])
    try:
        os.setsid()  # a signal to its process group would reach the processes that started it
        jail.die_with_parent()
        limits = jail.Limits(**config["limits"])
        if jailed:
            jail.mount_private_folders(limits)
            work, home = jail.WORK, jail.HOME
        else:
            work = home = tempfile.mkdtemp(dir=config["scratch"])
        os.chdir(work)
        os.environ["HOME"] = home  # update() writes to many pages that are still the parent's
        os.environ["TMPDIR"] = "/tmp" if jailed else work
        sys.path.insert(0, work)
        sys.argv = ["notebook"]
        _keep_only(wall_fd)
        jail.set_limits(limits)
        if not jailed:
            confine(int(config["user_id"]), work, seccomp)
        elif seccomp is not None:
            jail.drop_privileges()
            landlock.restrict(writable=("/tmp", "/dev/shm"))
            seccomp.load()
        sock.send(b"+")
    except BaseException:
        sock.send(b"-" + traceback.format_exc(limit=5).encode()[:2000])
        os._exit(70)
    random.seed(0)  # Python's own generator alone starts anew in every fork
    cells = Cells(shell, config["output_bytes"])
    cells.install()
    Server(sock, cells, config["max_bytes"], config["max_depth"]).serve()
    os._exit(0)


def _keep_only(wall_fd: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.closerange(3, wall_fd)
    os.closerange(wall_fd + 1, 4096)


def _report(status_fd: int, status: dict[str, Any]) -> None:
    os.write(status_fd, json.dumps(status).encode())


if __name__ == "__main__":
    main()
