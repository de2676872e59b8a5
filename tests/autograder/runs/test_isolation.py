"""The student's process from inside: refused calls, and honest code that works."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Callable
from dataclasses import replace

import pytest

from autograder.proxy.errors import WallFailure
from autograder.proxy.process import StudentProcess
from autograder.results import Outcome
from autograder.sandbox.cgroup import ControlGroup
from autograder.sandbox.launcher import ForkServer
from autograder.sandbox.shared_memory import SharedMemory, largest_piece
from autograder.student import jail
from autograder.wall.protocol import RunCell
from tests.courses.tiny import SMALL, Grade, Limited

HONEST = {
    "matplotlib's font cache, made anew": """
import matplotlib, matplotlib.font_manager as fonts, matplotlib.pyplot as plt, os
fonts._load_fontmanager(try_read_cache=False)
fig, ax = plt.subplots(); ax.set_title('fine'); fig.savefig('a.png')
assert os.path.getsize('a.png') > 1000 and os.listdir(matplotlib.get_cachedir())""",
    "torch, saved, loaded and shared with a child": """
import torch, torch.multiprocessing as mp
torch.save(torch.ones(3), 'a.pt'); assert torch.load('a.pt', weights_only=True).sum() == 3
shared = torch.zeros(4).share_memory_()
def fill(t): t += 1
worker = mp.get_context('fork').Process(target=fill, args=(shared,)); worker.start(); worker.join()
assert shared.sum() == 4""",
    "a loader with workers": """
import torch
data = torch.utils.data.TensorDataset(torch.arange(40.0))
loader = torch.utils.data.DataLoader(data, batch_size=8, num_workers=2, multiprocessing_context='fork')
assert sum(float(x.sum()) for x, in loader) == 780""",
    "sqlite in scratch": """
import sqlite3
for mode in ('delete', 'wal'):
    with sqlite3.connect('a.db') as db:
        db.execute(f'pragma journal_mode={mode}')
        db.execute('create table if not exists t (n)'); db.execute('insert into t values (1)')
assert sqlite3.connect('a.db').execute('select count(*) from t').fetchone() == (2,)""",
    "locks in scratch keep two processes apart": """
import fcntl, os
with open('lock', 'w') as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    if (child := os.fork()) == 0:
        try: fcntl.flock(open('lock', 'w'), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError: os._exit(3)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3""",
    "a pool of processes and queues": """
import multiprocessing as mp
with mp.get_context('fork').Pool(3) as pool: assert sum(pool.map(abs, range(-9, 0))) == 45
value = mp.Value('i', 3); array = mp.Array('d', [1.0, 2.0]); assert value.value + sum(array) == 6
queue = mp.Queue(); queue.put('x'); assert queue.get(timeout=20) == 'x'""",
    "asyncio, with a program": """
import asyncio
async def main():
    p = await asyncio.create_subprocess_exec('echo', 'x', stdout=asyncio.subprocess.PIPE)
    return (await p.communicate())[0]
assert asyncio.run(main()) == b'x\\n'""",
    "a temporary file, a map of it, and an anonymous map": """
import mmap, tempfile
with tempfile.TemporaryFile() as file:
    file.write(bytes(1 << 20)); file.flush()
    with mmap.mmap(file.fileno(), 0) as kept: kept[5] = 7; assert kept[5] == 7
with mmap.mmap(-1, 1 << 20) as kept: kept[5] = 7""",
    "zeros, and nothing": """
assert open('/dev/zero', 'rb').read(4) == bytes(4); open('/dev/null', 'w').write('x')""",
    "names of hosts fail as without a network": """
import socket, urllib.request
try: urllib.request.urlopen('http://example.org', timeout=5)
except OSError as error: assert 'family' not in str(error), error
else: raise AssertionError""",
    "its own limits, read and lowered": """
import resource
from collections.abc import Callable
resource.setrlimit(resource.RLIMIT_NOFILE, (500, 500)); resource.getrlimit(resource.RLIMIT_CPU)
resource.setrlimit(resource.RLIMIT_STACK, resource.getrlimit(resource.RLIMIT_STACK))""",
    "a shell, a terminal, and what it says": """
import pty, subprocess
assert subprocess.run('seq 3 | tail -1', shell=True, capture_output=True).stdout == b'3\\n'
assert pty.spawn(['true']) == 0""",
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_code_runs(student: StudentProcess, name: str) -> None:
    report = student.ask(RunCell(HONEST[name]))
    assert report.error is None, report.error


CALLS = {
    "inotify_init1(0)": errno.ENOSYS,
    "fanotify_init(0, 0)": errno.ENOSYS,
    "fcntl(0, 1024, 0)": errno.EINVAL,  # F_SETLEASE
    "fcntl(0, 1026, 1)": errno.EINVAL,  # F_NOTIFY
    "ioctl(0, ctypes.c_ulong(0x5412), b'x')": errno.EPERM,
    "ioctl(0, ctypes.c_ulong(0x100005412), b'x')": errno.EPERM,
    "mq_open(b'/x', 0o102, 0o600, None)": errno.EPERM,
    "syscall(206, 1, ctypes.byref(ctypes.c_long(0)))": errno.EPERM,
    "socket(40, 1, 0)": errno.EAFNOSUPPORT,
    "socket(2, 3, 17)": errno.ESOCKTNOSUPPORT,
    "socket(2, 3, 1)": errno.EPROTONOSUPPORT,
    "socket(2, 1, 262)": errno.EPROTONOSUPPORT,
    "socket(16, 3, 9)": errno.EPROTONOSUPPORT,
    "socketpair(30, 1, 0, ctypes.create_string_buffer(8))": errno.EAFNOSUPPORT,
}


@pytest.mark.parametrize("call", CALLS)
def test_a_call_is_refused(student: StudentProcess, call: str) -> None:
    source = f"import ctypes\nlibc = ctypes.CDLL('librt.so.1', use_errno=True)\nprint(libc.{call}, ctypes.get_errno())"
    assert student.ask(RunCell(source)).stdout == f"-1 {CALLS[call]}\n"


def test_calls_that_concern_all_do_nothing(student: StudentProcess) -> None:
    source = (
        "import os\nos.sync()\nfd = os.open(os.__file__, os.O_RDONLY)\n"
        "os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)\nprint('fine')"
    )
    assert student.ask(RunCell(source)).stdout == "fine\n"


def test_it_is_a_session_and_a_process_group_of_its_own(student: StudentProcess) -> None:
    """A signal to a process group crosses pid namespaces and would reach the parent."""
    source = "import os\nprint(os.getpid(), os.getsid(0), os.getpgrp())"
    assert student.ask(RunCell(source)).stdout == "1 1 1\n"


def test_its_limits_leave_room_for_the_grader(student: StudentProcess) -> None:
    source = (
        "import resource as r\nprint(*(r.getrlimit(k)[1] for k in "
        "(r.RLIMIT_NOFILE, r.RLIMIT_SIGPENDING, r.RLIMIT_MSGQUEUE)))"
    )
    files, signals, queues = map(int, student.ask(RunCell(source)).stdout.split())
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == min(hard, 1 << 20)  # the grader's own was raised
    assert files == min(jail.FILES, hard // 4)
    assert (signals, queues) == (1024, 0)


def test_all_shown_files_are_private(student: StudentProcess) -> None:
    source = """
import os
top = {}
for line in open('/proc/self/mountinfo'):
    left, _, right = line.partition(' - ')
    top[left.split()[4]] = right.split()[0]
print(*sorted(path for path, kind in top.items() if kind not in ('overlay', 'tmpfs', 'proc', 'devpts')))
print(*(path for path in ('/usr', '/env', '/engine/autograder/wall') if top[path] != 'overlay'))
print(*sorted(os.listdir('/tmp')))"""
    shared, uncovered, scratch = student.ask(RunCell(source)).stdout.splitlines()
    devices = "/dev/full /dev/null /dev/random /dev/tty /dev/urandom /dev/zero"
    assert shared == ("" if os.getuid() == 0 else devices)
    assert uncovered == ""
    assert scratch == ".shm home matplotlib work"


@pytest.fixture
def uncounted(monkeypatch: pytest.MonkeyPatch) -> None:
    """No control group is lent, as to an ordinary user."""
    monkeypatch.setattr(ControlGroup, "create", classmethod(lambda *_: None))


PIECES = """
import ctypes, mmap
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + 3 * [ctypes.c_int] + [ctypes.c_long]
libc.madvise.argtypes = libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
size = 16 << 20
def piece():
    at = libc.mmap(None, size, 3, 0x21, -1, 0)
    ctypes.memset(at, 1, size)
    return at
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "give_up", ["libc.madvise(at, size, 4)", "libc.munmap(at + 4096, size - 4096, 0)"]
)
def test_shared_memory_that_is_resident_nowhere_counts_without_a_control_group(
    uncounted: None, give_up: str
) -> None:
    settings = replace(SMALL, warm_modules=("numpy",), memory_mb=400)
    with ForkServer(settings) as parent:
        honest = StudentProcess(parent.start_student())
        few = f"{PIECES}for _ in range(5):\n    at = piece(); {give_up}"
        assert honest.ask(RunCell(few)).error is None
        honest.close()
        hostile = StudentProcess(parent.start_student())
        with pytest.raises(WallFailure, match="held more than 400 MB") as caught:
            hostile.ask(RunCell(f"{PIECES}while True:\n    at = piece(); {give_up}"))
        assert caught.value.outcome is Outcome.OUT_OF_MEMORY
        late = StudentProcess(parent.start_student())
        too_large = f"import mmap\nmmap.mmap(-1, {largest_piece(settings) + 4096})"
        assert "Cannot allocate memory" in late.ask(RunCell(too_large)).error.text
        late.close()


def test_shared_memory_of_the_machine_is_not_blamed_on_who_holds_none() -> None:
    before = SharedMemory(before=0, largest=1 << 20)
    assert before.growth() > 0
    assert before.held_by([os.getpid()]) <= 1 << 20


def test_sockets_have_a_limit(limited: Limited, parent: ForkServer) -> None:
    with limited(sockets=40):
        student = StudentProcess(parent.start_student())
        few = "import socket\nkept = [socket.socketpair() for _ in range(10)]"
        assert student.ask(RunCell(few)).error is None
        with pytest.raises(WallFailure, match="more than 40 sockets") as caught:
            student.ask(RunCell("kept += [socket.socketpair() for _ in range(30)]\nwhile 1: 0"))
    assert (caught.value.outcome, caught.value.limit) == (Outcome.CRASHED, "sockets")


def test_processor_time_is_one_budget_over_all_processes_of_a_submission(
    grade: Grade, limited: Limited
) -> None:
    """An answer that ends its process starts a new one, and so would get the time anew."""
    burn = (
        "import os, time\n\ndef add(a, b):\n    end = time.process_time() + 0.9\n"
        "    while time.process_time() < end: pass\n    os._exit(3)\n"
    )
    with limited(cpu_s=1.5):
        graded = grade({"add": burn, "scale": burn.replace("add(a, b)", "scale(x, k)")})
    assert [stop.limit for stop in graded.result.stops][:2] == [None, "cpu_s"]


def test_memory_that_a_failed_cell_still_holds_is_not_blamed_on_the_next(
    grade: Grade, limited: Limited, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel refused the cell more memory before the watchdog looked."""
    monkeypatch.setattr("autograder.sandbox.watchdog.RELAXED_PERIOD_S", 1000.0)
    monkeypatch.setattr("autograder.sandbox.watchdog.PERIOD_S", 1000.0)
    hog = "kept = bytearray(b'1') * (500 << 20)\nraise MemoryError"
    with limited(memory_mb=400):
        graded = grade({"add": hog})
    assert [(stop.stage, stop.limit) for stop in graded.result.stops] == [("cell 3", "memory_mb")]
    assert graded["test_scale"].outcome is Outcome.PASSED


def test_the_weak_mode_does_not_count_the_sockets_of_the_whole_machine() -> None:
    settings = replace(SMALL, warm_modules=("numpy",), sockets=1)
    with ForkServer(settings, "process") as parent:
        student = StudentProcess(parent.start_student())
        assert student._watchdog.verdict() is None
        student.close()


@pytest.mark.parametrize(
    ("change", "untouched"),
    [
        (lambda: None, True),
        (lambda: resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, 8 << 20)), True),
        (lambda: resource.setrlimit(resource.RLIMIT_CPU, (100, 5000)), False),
        (lambda: resource.setrlimit(resource.RLIMIT_CPU, (100, 100)), False),
        (lambda: os.execv("/bin/true", ["true"]), False),
    ],
    ids=["as it was", "another limit", "a soft limit", "a hard limit", "another program"],
)
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_child_that_ran_another_program_or_lowered_its_time_is_not_untouched(
    change: Callable[[], None], untouched: bool
) -> None:
    child = os.fork()
    if child == 0:
        try:
            change()
        finally:
            os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    proc = os.open("/proc", os.O_PATH)
    try:
        assert jail.is_untouched(proc, child, 300.0) is untouched
    finally:
        os.close(proc)
        os.waitpid(child, 0)
    proc = os.open("/proc", os.O_PATH)
    assert not jail.is_untouched(proc, child, 300.0)  # the process is gone
    os.close(proc)
