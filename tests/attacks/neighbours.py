"""Kernel resources that one submission can take away from another that runs at the same time.

Each attack takes as much as possible of one resource; then an honest submission uses a little of
it. As a program, this prints the attacks that the honest submission noticed, as JSON.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from autograder.config.settings import Settings
from autograder.proxy.process import StudentProcess
from autograder.sandbox.launcher import ForkServer
from autograder.wall.protocol import RunCell

WARM = Settings(warm_modules=("numpy", "torch"), memory_mb=1000, cell_s=60.0)
IMPORTS = "import array, ctypes, fcntl, mmap, os, signal, socket, struct, sys, threading, time\nkept = []\n"


@dataclass(frozen=True)
class Neighbour:
    """One thing that two submissions may share; ``use`` prints ``fine`` when it is there.

    ``of_a_user`` names what an ordinary user's submissions do share, as docs/security.md has it.
    """

    name: str
    take: str
    use: str
    of_a_user: str = ""


_FLY = """
def fly(count):
    a, b = socket.socketpair()
    kept.append((a, b))
    a.setblocking(False)
    a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0] * count))])
"""
_SHOWN = """
import glob
shown = [os.__file__, "/usr/bin/env", "/proc/self/exe", "/usr/lib", "/etc/fonts",
         "/etc/ld.so.cache", "/etc/localtime", "/env/pyvenv.cfg", "/engine/autograder/__init__.py",
         "/engine/autograder/wall/frames.py", "/usr/bin", "/dev/shm", "/tmp"]
"""
_DEVICES = """
shown = ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"]
"""
_LOCK = """
def lock(path):
    try: fd = os.open(path, os.O_RDONLY)
    except FileNotFoundError: return
    kept.append(fd)
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
"""
_RECORD = """
def lock(path):
    try: fd = os.open(path, os.O_RDWR)
    except OSError: return
    kept.append(fd)
    fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
"""
_ALL = """
for path in shown:
    try: lock(path)
    except OSError: {otherwise}
"""
_TAKE_LOCKS, _USE_LOCKS = _ALL.format(otherwise="pass"), _ALL.format(otherwise="raise")
_SIGNALS = """
libc = ctypes.CDLL(None, use_errno=True)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMIN + 1})
def queue(count):
    for _ in range(count):
        if libc.sigqueue(os.getpid(), signal.SIGRTMIN + 1, None): raise OSError(ctypes.get_errno(), "")
"""
_TIMER = """
libc = ctypes.CDLL(None, use_errno=True)
def timer():
    made = ctypes.c_void_p()
    if libc.timer_create(time.CLOCK_MONOTONIC, None, ctypes.byref(made)): raise OSError(11, "no timer")
"""

NEIGHBOURS = (
    Neighbour(
        "descriptors in flight",
        _FLY + "for _ in range(200): fly(250)",
        _FLY + "fly(3)",
        of_a_user="descriptors in flight",
    ),
    Neighbour(
        "descriptors in flight, sent by children",
        _FLY + "for n in range(4):\n    if os.fork() == 0:\n        try:\n"
        "            while True: fly(253)\n        except OSError: time.sleep(1000)\ntime.sleep(3)",
        _FLY + "fly(3)",
        of_a_user="descriptors in flight",
    ),
    Neighbour(
        "pages of pipes",
        "for _ in range(400):\n    kept.append(os.pipe())\n"
        "    try: fcntl.fcntl(kept[-1][0], 1031, 1 << 20)\n    except OSError: pass",
        "r, w = os.pipe()\nassert fcntl.fcntl(r, 1032) >= 65536",
        of_a_user="pages of pipes",
    ),
    Neighbour(
        "pages of pipes, by their number",
        "for n in range(4):\n    if os.fork() == 0:\n        try:\n"
        "            while True: kept.append(os.pipe())\n        except OSError: time.sleep(1000)\n"
        "time.sleep(3)",
        "for _ in range(8):\n    kept.append(os.pipe())\n    assert fcntl.fcntl(kept[-1][0], 1032) >= 65536",
        of_a_user="pages of pipes",
    ),
    Neighbour("locks on shown files", _SHOWN + _LOCK + _TAKE_LOCKS, _SHOWN + _LOCK + _USE_LOCKS),
    Neighbour("record locks on shown files", _SHOWN + _RECORD + _TAKE_LOCKS, _SHOWN + _RECORD + _USE_LOCKS),
    Neighbour(
        "locks on devices", _DEVICES + _LOCK + _TAKE_LOCKS, _DEVICES + _LOCK + _USE_LOCKS, of_a_user="locks on devices"
    ),
    Neighbour(
        "record locks on devices",
        _DEVICES + _RECORD + _TAKE_LOCKS,
        _DEVICES + _RECORD + _USE_LOCKS,
        of_a_user="locks on devices",
    ),
    Neighbour("pending signals", _SIGNALS + "queue(10**6)", _SIGNALS + "queue(500)"),
    Neighbour("timers", _TIMER + "while True: timer()", _TIMER + "for _ in range(100): timer()"),
    Neighbour(
        "instances of inotify",
        "libc = ctypes.CDLL(None)\nfor _ in range(1000): libc.inotify_init1(0)",
        # there is a library fallback without inotify, so the honest submission works
        "import subprocess\nopen('log', 'w').write('fine')\n"
        "assert subprocess.run(['timeout', '1', 'tail', '-f', 'log'], capture_output=True).stdout == b'fine'",
    ),
    Neighbour(
        "threads",
        "stop = threading.Event()\nwhile True: threading.Thread(target=stop.wait, daemon=True).start()",
        "stop = threading.Event()\nfor _ in range(50): threading.Thread(target=stop.wait, daemon=True).start()\nstop.set()",
    ),
    Neighbour(
        "locked memory",
        "libc = ctypes.CDLL(None)\nwhile True:\n    kept.append(mmap.mmap(-1, 1 << 20))\n"
        "    if libc.mlock(ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(kept[-1]))), 1 << 20): break",
        "libc = ctypes.CDLL(None)\nkept.append(mmap.mmap(-1, 4 << 20))\n"
        "assert libc.mlock(ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(kept[-1]))), 4 << 20) == 0",
    ),
    Neighbour(
        "terminals",
        "import pty\nwhile True: kept.append(pty.openpty())",
        "import pty\nfor _ in range(40): kept.append(pty.openpty())",
    ),
    Neighbour(
        "requests of asynchronous input and output",
        "libc = ctypes.CDLL(None)\nfor _ in range(100):\n    context = ctypes.c_void_p(0)\n"
        "    libc.syscall(206, 60000, ctypes.byref(context))",
        "taken, most = (int(open(f'/proc/sys/fs/aio-{n}').read()) for n in ('nr', 'max-nr'))\nassert taken < most // 2",
    ),
    Neighbour(
        "names of unix sockets",
        "for n in range(50):\n    kept.append(socket.socket(socket.AF_UNIX)); kept[-1].bind(f'\\0name{n}')",
        "for n in range(50):\n    kept.append(socket.socket(socket.AF_UNIX)); kept[-1].bind(f'\\0name{n}')",
    ),
    Neighbour(
        "files in /tmp and /dev/shm",
        "for folder in ('/tmp', '/dev/shm'):\n    with open(folder + '/all', 'wb') as f:\n"
        "        try:\n            while True: f.write(bytes(1 << 20))\n        except OSError: pass",
        "for folder in ('/tmp', '/dev/shm'):\n    assert not os.path.exists(folder + '/all')\n"
        "    open(folder + '/mine', 'wb').write(bytes(64 << 20))",
    ),
)  # fmt: skip


def noticed(neighbours: tuple[Neighbour, ...] = NEIGHBOURS) -> dict[str, str]:
    """The attacks that the honest submission noticed, by name, with its observations."""
    found = {}
    with ForkServer(WARM) as one, ForkServer(replace(WARM)) as other:
        for neighbour in neighbours:
            hostile = StudentProcess(one.start_student())
            try:
                hostile.ask(RunCell(IMPORTS + neighbour.take))
                seen = _used(other, neighbour.use)
            finally:
                hostile.close()
            if seen != "fine\n":
                found[neighbour.name] = seen
    return found


def _used(parent: ForkServer, source: str) -> str:
    try:
        honest = StudentProcess(
            parent.start_student()
        )  # the grader itself sends it two descriptors
    except OSError as error:
        return f"the grader: {error}"
    try:
        report = honest.ask(RunCell(f"{IMPORTS}{source}\nprint('fine')"))
        return str(report.stdout or report.error)
    finally:
        honest.close()


if __name__ == "__main__":
    print(json.dumps(noticed()))
