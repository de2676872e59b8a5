"""The sandbox, the jail, the watchdog and the process behind the wall."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch

from autograder.errors import SandboxUnavailable
from autograder.jail import jail
from autograder.proxy.errors import WallFailure
from autograder.proxy.process import StudentProcess
from autograder.results import Outcome
from autograder.sandbox import watchdog
from autograder.sandbox.bubblewrap import describe
from autograder.sandbox.cgroup import places
from autograder.sandbox.launcher import ForkServer
from autograder.wall.protocol import AdviseOnDevices, Call, FindName, RunCell, TakePrinted
from autograder.wall.values import MAX_ITEMS
from tests.courses.tiny import SMALL, Limited


def run(student: StudentProcess, source: str) -> str:
    """The output of a cell; its error is raised here."""
    report = student.ask(RunCell(source))
    assert report.error is None, report.error
    return str(report.stdout)


def define(student: StudentProcess, source: str, name: str = "f") -> Any:
    run(student, source)
    return student.ask(FindName(name)).value


def printed_error(student: StudentProcess, source: str) -> str:
    error = student.ask(RunCell(source)).error
    assert error is not None
    return error.type


# -- a submission's view of the machine ----------------------------------------------------------


def test_there_is_no_network(student: StudentProcess) -> None:
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    with server:
        for address in (("127.0.0.1", port), ("1.1.1.1", 53), ("localhost", port)):
            source = f"import socket; socket.create_connection({address!r}, timeout=3)"
            assert printed_error(student, source) in (
                "OSError",
                "ConnectionRefusedError",
                "gaierror",
            )
    interfaces = run(student, "import socket; print([n for _, n in socket.if_nameindex()])")
    assert interfaces in ("['lo']\n", "[]\n")


def test_unix_sockets_of_the_machine_are_not_reachable(student: StudentProcess) -> None:
    name = f"\0autograder-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        source = f"import socket; socket.socket(socket.AF_UNIX).connect({name!r})"
        assert printed_error(student, source) == "ConnectionRefusedError"


def test_no_file_of_the_grader_is_there(student: StudentProcess, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the hidden tests")
    repository = Path(__file__).resolve().parents[3]
    paths = {secret, tmp_path, Path.home(), repository, repository / "source", Path("/root")}
    for path in paths - set(Path(sys.base_prefix).parents):  # those lead to Python, and are empty
        told = run(student, f"import os; print(os.path.exists({str(path)!r}))")
        assert told == "False\n", path
    roots = run(student, "import os; print(sorted(os.listdir('/')))")
    to_python = {Path(sys.base_prefix).parts[1]}
    assert not ({"home", "root", "work", "srv", "mnt", "var"} - to_python) & set(eval(roots))
    assert run(student, "import os; print(os.listdir('/engine/autograder'))").count("wall") == 1
    assert run(student, "import os; print(sorted(os.listdir('/engine/autograder')))") == (
        "['__init__.py', 'jail', 'shell', 'student', 'torch_watch', 'wall']\n"
    )


def test_the_environment_of_the_grader_is_not_there(
    parent: ForkServer, student: StudentProcess
) -> None:
    os.environ["A_TOKEN_OF_THE_GRADER"] = "s3cret"
    try:
        told = run(student, "import os; print(sorted(os.environ), os.environ['HOME'])")
        proc = run(
            student, "print(open('/proc/self/environ').read(), open('/proc/1/cmdline').read())"
        )
    finally:
        del os.environ["A_TOKEN_OF_THE_GRADER"]
    assert "A_TOKEN_OF_THE_GRADER" not in told
    assert "/tmp/home" in told
    assert "s3cret" not in proc
    for name in ("OLDPWD", "SSH_AUTH_SOCK", "VIRTUAL_ENV", "SUDO_USER"):
        assert f"'{name}'" not in told


def test_proc_shows_this_submission_s_processes_only(
    parent: ForkServer, student: StudentProcess
) -> None:
    other = StudentProcess(parent.start_student())
    try:
        told = run(student, "import os; print([p for p in os.listdir('/proc') if p.isdigit()])")
    finally:
        other.close()
    assert told == "['1']\n"
    assert run(student, "import os; print(os.getpid(), os.getppid())") == "1 0\n"


def test_two_submissions_share_no_folder_and_no_memory(
    parent: ForkServer, student: StudentProcess
) -> None:
    leave = (
        "import os\nfor folder in ('/tmp', '/tmp/work', '/dev/shm', '/tmp/home'):\n"
        "    open(folder + '/left_behind', 'w').write('hello')\n"
    )
    run(student, leave)
    other = StudentProcess(parent.start_student())
    try:
        look = (
            "import os\nfor top in ('/tmp', '/dev/shm'):\n    for _, _, files in os.walk(top):\n"
            "        print('left_behind' in files)\n"
        )
        assert "True" not in run(other, look)
        assert run(student, look).count("True") >= 4
    finally:
        other.close()


@pytest.mark.parametrize(
    "path", ["/usr/x", "/engine/autograder/wall/x", "/env/x", "/x", "/dev/x", "/proc/x", "/bin/x", "/etc/x"]
)  # fmt: skip
def test_nothing_outside_scratch_can_be_written(student: StudentProcess, path: str) -> None:
    kinds = ("OSError", "PermissionError", "FileNotFoundError")
    assert printed_error(student, f"open({path!r}, 'w')") in kinds


def test_the_engine_s_files_cannot_be_changed(student: StudentProcess) -> None:
    for path in ("/engine/autograder/wall/frames.py", "/engine/autograder/student/server.py"):
        for source in (f"open({path!r}, 'a')", f"import os; os.remove({path!r})"):
            assert printed_error(student, source) in ("OSError", "PermissionError")


@pytest.mark.parametrize(
    "call",
    [
        "libc.unshare(0x10000000)",
        "libc.mount(b'none', b'/tmp', b'tmpfs', 0, None)",
        "libc.umount2(b'/proc', 2)",
        "libc.chroot(b'/tmp')",
        "libc.ptrace(0, 0, 0, 0)",
        "libc.setns(0, 0)",
        "libc.syscall(101, 16, 1, 0, 0)",  # ptrace, attach
        "libc.syscall(321, 0, 0, 0)",  # bpf
        "libc.syscall(425, 1, 0)",  # io_uring_setup
        "libc.syscall(250, 0, 0)",  # keyctl
        "libc.syscall(310, 1, 0, 0, 0, 0, 0)",  # process_vm_readv
        "libc.syscall(435, 0, 0)",  # clone3
        "libc.syscall(56, 0x10000011, 0, 0, 0, 0)",  # clone into a new user namespace
        "libc.syscall(319, b'x', 0)",  # memfd_create
        "libc.shmget(0, 4096, 0o1600)",
        "libc.msgget(0, 0o1600)",
        "libc.semget(0, 1, 0o1600)",
        "libc.setuid(0)",
        "libc.setresuid(0, 0, 0)",
        "libc.sethostname(b'x', 1)",
        "libc.kill(-1, 9)",
        "libc.sched_setaffinity(0, 128, b'\\xff' * 128)",
    ],
)
def test_calls_that_escapes_are_made_of_fail(student: StudentProcess, call: str) -> None:
    source = f"import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nprint({call})"
    assert run(student, source) == "-1\n"


def test_a_submission_has_no_capability_and_cannot_gain_one(student: StudentProcess) -> None:
    status = run(student, "print(open('/proc/self/status').read())")
    fields = dict(line.split(":\t") for line in status.splitlines() if ":\t" in line)
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(fields[name], 16) == 0, name
    assert fields["NoNewPrivs"] == "1"
    assert fields["Seccomp"] == "2"
    assert fields["Uid"].split() == ["1000"] * 4


def test_on_the_machine_a_submission_is_not_root(student: StudentProcess) -> None:
    process = psutil.Process(student._watchdog._pid)
    assert process.uids().real != 0
    assert process.gids().real != 0


def test_no_descriptor_but_the_wall_s_is_inherited(student: StudentProcess) -> None:
    told = run(
        student,
        "import os\nfor fd in range(200):\n    try: print(fd, os.readlink(f'/proc/self/fd/{fd}'))\n"
        "    except OSError: pass",
    )
    targets = [line.split()[1] for line in told.splitlines()]
    assert targets[:3] == ["/dev/null"] * 3
    assert [target.partition(":")[0] for target in targets[3:]] == ["socket"]


def test_files_are_handed_over_to_the_working_folder(student: StudentProcess) -> None:
    large = bytes(range(256)) * 10_001  # more than a socket takes at once
    student.write_files({"mine.py": b"value = 41 + 1\n", "empty": b"", "large": large})
    assert run(student, "import mine, os; print(mine.value, os.getcwd())") == "42 /tmp/work\n"
    source = "import hashlib\nprint(hashlib.sha256(open('large', 'rb').read()).hexdigest())"
    assert run(student, source).strip() == hashlib.sha256(large).hexdigest()
    assert run(student, "print(os.path.getsize('empty'))") == "0\n"


def test_a_file_that_finds_no_room_keeps_no_other_from_arriving(student: StudentProcess) -> None:
    with pytest.raises(OSError, match="No space left"):
        large = bytes((SMALL.scratch_mb << 20) * 3 // 4)
        student.write_files({"a": large, "b": large, "": b"x" * 9, "small": b"is there"})
    source = "import os\nprint(sorted(os.listdir()), open('small').read())"
    assert run(student, source) == "['a', 'small'] is there\n"


def test_every_submission_draws_the_same_random_numbers(parent: ForkServer) -> None:
    source = (
        "import random, numpy, torch\nprint(random.random(), numpy.random.rand(), torch.rand(1), "
        "hash('text'))"
    )
    told = []
    for _ in range(2):
        process = StudentProcess(parent.start_student())
        told.append(run(process, source))
        process.close()
    assert told[0] == told[1]


# -- cells ---------------------------------------------------------------------------------------


def test_a_cell_reports_its_output_and_its_error(student: StudentProcess) -> None:
    report = student.ask(
        RunCell("import sys\nprint('out')\nprint('err', file=sys.stderr)\ndef f():\n    1 / 0\nf()")
    )
    assert report.stdout == "out\n"
    assert report.stderr == "err\n"
    assert report.error.type == "ZeroDivisionError"
    lines = "\n".join(report.error.traceback)
    assert "1 / 0" in lines
    assert "site-packages" not in lines
    assert "/engine" not in lines


def test_output_is_kept_up_to_the_limit_in_any_alphabet(student: StudentProcess) -> None:
    for character in ("x", "é", "\U0001f600", "\ud800"):
        source = (
            f"import sys\nfor s in (sys.stdout, sys.stderr): s.write({character!r} * 1_100_000)"
        )
        report = student.ask(RunCell(source))
        assert report.stdout == report.stderr == character * (1 << 20)
        assert report.truncated is True
    assert student.ask(RunCell("print(1)")).truncated is False


def test_a_call_s_value_and_prints_come_back_apart(student: StudentProcess) -> None:
    f = define(student, "def f(x):\n    print('working')\n    return x + 1")
    assert f(torch.tensor([1.0])).equal(torch.tensor([2.0]))
    assert student.ask(TakePrinted()).stdout == "working\n"
    assert student.ask(TakePrinted()).stdout == ""


def test_changes_to_arguments_come_back(student: StudentProcess) -> None:
    f = define(
        student,
        "def f(t, a, l, d, u):\n    t.add_(1); a += 1; l.append(3); d['b'] = [2]; d.pop('c')\n"
        "    u = u + 1\n    return None",
    )
    tensor, array, untouched = torch.zeros(2, 3), np.zeros(4, np.int32), torch.zeros(3)
    items, table = [1], {"a": 1, "c": 2}
    assert f(tensor, array, items, table, untouched) is None
    assert tensor.equal(torch.ones(2, 3))
    assert array.tolist() == [1, 1, 1, 1]
    assert (items, table) == ([1, 3], {"a": 1, "b": [2]})
    assert untouched.equal(torch.zeros(3))


def test_an_argument_arrives_with_its_layout_and_its_gradient_flag(
    student: StudentProcess,
) -> None:
    f = define(student, "def f(x):\n    return x.stride(), x.is_contiguous(), x.requires_grad")
    assert f(torch.zeros(2, 3).t()) == ((1, 3), False, False)
    assert f(torch.zeros(2, requires_grad=True)) == ((1,), True, True)


def test_operations_of_a_call_are_reported_while_watched(student: StudentProcess) -> None:
    f = define(student, "import torch\ndef f(x):\n    return torch.max_pool1d(x * 2, 1).sum()")
    with student.watch(count=True):
        f(torch.ones(1, 3))
        seen = student.seen
        f(torch.ones(1, 3))
        twice = student.seen
    assert seen is not None
    assert twice is not None
    assert "aten::max_pool1d" in seen.names
    assert seen.operations == 3
    assert seen.steps > 3
    assert (twice.operations, twice.steps) == (6, 2 * seen.steps)
    assert student.seen is None
    f(torch.ones(1, 3))


def test_values_may_nest_as_deep_as_the_setting_says(student: StudentProcess) -> None:
    f = define(student, "def f(n):\n    v = 1\n    for _ in range(n): v = [v]\n    return v")
    value = f(SMALL.value_depth - 5)
    for _ in range(SMALL.value_depth - 5):
        (value,) = value
    assert value == 1
    assert "nested more than 80 levels" in repr(f(100))


def test_several_requests_are_answered_together_errors_among_the_replies(
    student: StudentProcess,
) -> None:
    f = define(student, "asked = []\ndef f(x):\n    asked.append(x)\n    return [1 / x], asked[:]")
    first, second, third = student.ask_many([Call(f, (x,), {}) for x in (1, 0, 4)])
    assert first.value == ([1.0], [1])
    assert second.type == "ZeroDivisionError"
    assert third.value == ([0.25], [1, 0, 4])


def test_what_cannot_be_sent_takes_nothing_from_the_replies_beside_it(
    student: StudentProcess,
) -> None:
    source = (
        "import torch\n"
        "class Broken(tuple):\n"
        "    def __iter__(self):\n        raise ValueError('broken')\n"
        "def f(x):\n"
        "    return torch.full((2,), x), Broken() if x == 2 else ()"
    )
    f = define(student, source)
    first, second, third = student.ask_many([Call(f, (x,), {}) for x in (1, 2, 3)])
    assert first.value[0].tolist() == [1, 1]
    assert second.text == "broken"
    assert third.value[0].tolist() == [3, 3]
    g = define(student, f"def g():\n    return [0] * {MAX_ITEMS - 9}, Broken()", "g")
    with pytest.raises(ValueError, match="broken"):
        g()


def test_large_values_come_one_by_one_and_whole(student: StudentProcess) -> None:
    f = define(student, "import torch\ndef f(n):\n    return torch.full((n,), float(n))")
    sizes = [5, 400_000, 300_000, 6, 7]
    values, rounds = [], 0
    while len(values) < len(sizes):
        rest = [Call(f, (n,), {}) for n in sizes[len(values) :]]
        values += [reply.value for reply in student.ask_many(rest)]
        rounds += 1
    assert [value.tolist()[-1] for value in values] == sizes
    assert [len(value) for value in values] == sizes
    assert 1 < rounds < len(sizes)


def test_a_reply_of_many_keys_leaves_no_room_for_others(student: StudentProcess) -> None:
    f = define(student, "def f(n):\n    return dict.fromkeys(range(n))")
    sizes, values = [9_000, 9_000, 3], []
    while len(values) < len(sizes):
        rest = [Call(f, (n,), {}) for n in sizes[len(values) :]]
        values += [reply.value for reply in student.ask_many(rest)]
    assert [len(value) for value in values] == sizes


def test_what_a_test_sends_has_no_limit_but_what_comes_back_has(student: StudentProcess) -> None:
    f = define(student, "def f(x, back):\n    return x if back else len(x)")
    data = bytes((SMALL.value_mb << 20) + 1)
    assert f(data, False) == len(data)
    assert f(data[:-1], True) == data[:-1]
    assert "more than the limit" in repr(f(data, True))
    assert f(b"x", True) == b"x"


@pytest.mark.parametrize(
    "value",
    [
        "'no list'",
        "[]",
        "[{'value': 3}] * 9",
        "[{'value': 3}, 4]",
        "[{'error': 'no'}]",
        "[object()]",
    ],
)
def test_several_replies_that_are_none_are_asked_for_one_by_one(
    student: StudentProcess, value: str
) -> None:
    f = define(
        student,
        "import gc\n"
        "from autograder.student.server import Server\n"
        "from autograder.wall.frames import Frame\n"
        "from autograder.wall.encoder import Encoder\n"
        "honest = Server._reply\n"
        "def lying(self, request):\n"
        "    number, operation, _ = request.header\n"
        "    if operation != 'many':\n"
        "        return honest(self, request)\n"
        f"    node = Encoder(self.objects.lend).encode({{'value': {value}}})\n"
        "    return Frame([number, node])\n"
        "Server._reply = lying\n"
        "def f(x):\n    return x + 1",
    )
    requests = [Call(f, (x,), {}) for x in (1, 2, 3)]
    assert [reply.value for reply in student.ask_many(requests)] == [2]


def test_advice_ends_in_time_also_if_a_destructor_swallows_the_first_end(
    student: StudentProcess,
) -> None:
    source = (
        "class Slow:\n    def __del__(self):\n        while True: pass\n"
        "def f(x):\n    if x.is_meta:\n        Slow()\n        while True: pass\n    return x"
    )
    f = define(student, source)
    with student.time_limit(40):
        assert student.ask(AdviseOnDevices(f, (torch.ones(2),), {})).value == ""
    assert f(torch.ones(2)).tolist() == [1, 1]


# -- the end of a process ------------------------------------------------------------------------


def alive(student: StudentProcess) -> list[int]:
    return [pid for pid in student._watchdog._family() if psutil.pid_exists(pid)]


@pytest.mark.parametrize(
    ("source", "outcome", "words"),
    [
        ("import os; os._exit(3)", Outcome.CRASHED, "exit code 3"),
        ("import ctypes; ctypes.string_at(0)", Outcome.CRASHED, "SIGSEGV"),
        ("import os; os.abort()", Outcome.CRASHED, "was killed by SIG"),
        ("import os; os.closerange(3, 100)", Outcome.CRASHED, ""),
        ("import ctypes; ctypes.CDLL(None).exit(0)", Outcome.CRASHED, "exit code 0"),
    ],
)
def test_a_process_that_ends_itself_says_how(
    student: StudentProcess, source: str, outcome: Outcome, words: str
) -> None:
    with pytest.raises(WallFailure) as caught:
        student.ask(RunCell(source))
        student.ask(TakePrinted())
    assert caught.value.outcome is outcome
    assert words in caught.value.message
    assert not student.is_open
    with pytest.raises(WallFailure, match="has ended"):
        student.ask(TakePrinted())


def test_a_wall_failure_is_not_caught_by_except_exception() -> None:
    assert not issubclass(WallFailure, Exception)


def test_time_limits_nest_and_the_shorter_one_holds(student: StudentProcess) -> None:
    with student.time_limit(30), student.time_limit(0.3), student.time_limit(30):
        with pytest.raises(WallFailure) as caught:
            student.ask(RunCell("while True: pass"))
    assert caught.value.outcome is Outcome.TIMED_OUT


def test_a_time_limit_ends_with_its_block(student: StudentProcess) -> None:
    with student.time_limit(0.0001):
        pass
    assert run(student, "print(1)") == "1\n"


def test_a_reply_after_the_deadline_is_never_read(student: StudentProcess) -> None:
    source = "import time\ndef f():\n    time.sleep(0.6)\n    return 'late'"
    f = define(student, source)
    with student.time_limit(0.2), pytest.raises(WallFailure):
        f()
    with pytest.raises(WallFailure, match="has ended"):
        f()


DRIP = """
import gc, struct, time
from autograder.student.server import Server
sock = next(o for o in gc.get_objects() if isinstance(o, Server)).sock
sock.send(struct.pack('<IIQ', 1000, 0, 0))
while True:
    sock.send(b'x')
    time.sleep(0.05)
"""


def test_a_process_that_drips_its_reply_gains_no_time(student: StudentProcess) -> None:
    started = time.monotonic()
    with student.time_limit(0.5), pytest.raises(WallFailure) as caught:
        student.ask(RunCell(DRIP))
    assert caught.value.outcome is Outcome.TIMED_OUT
    assert time.monotonic() - started < 10


SEND = """
import gc
from autograder.student.server import Server
from autograder.wall.frames import Frame
sock = next(o for o in gc.get_objects() if isinstance(o, Server)).sock
sock.send({data!r})
"""


@pytest.mark.parametrize(
    "data",
    [
        b"\xff" * 64,
        b"\x00" * 64,
        b"GET / HTTP/1.1\r\n\r\n" * 10,
        b"\x01" + bytes(15) + b"\xc0",
        b"\x03" + bytes(15) + b"\x92\x63\x80",
    ],
)
def test_junk_on_the_wall_is_a_crash_of_that_process(student: StudentProcess, data: bytes) -> None:
    with pytest.raises(WallFailure) as caught:
        student.ask(RunCell(SEND.format(data=data)))
    assert caught.value.outcome is Outcome.CRASHED
    assert "broke its connection" in caught.value.message


def test_a_reply_to_another_question_is_refused(student: StudentProcess) -> None:
    forge = SEND.format(data=b"").replace(
        "sock.send(b'')",
        "from autograder.wall.frames import send_frame\n"
        "send_frame(sock, Frame([999, ['dict', ['value', 7.0]]]))",
    )
    with pytest.raises(WallFailure, match="was not asked"):
        student.ask(RunCell(forge))


def test_background_children_die_with_their_submission(student: StudentProcess) -> None:
    source = """
import os, signal, sys
for sign in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT): signal.signal(sign, signal.SIG_IGN)
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.close(read)
        os.write(write, b'x')
        while True: signal.pause()
    os._exit(0)
os.read(read, 1)
import subprocess
subprocess.Popen(['sleep', '1000'], start_new_session=True)
"""
    run(student, source)
    family = list(all_in_namespace(student))
    assert len(family) >= 3  # the shell, the orphan, the sleeper; perhaps a zombie
    student.close()
    assert not any(is_running(pid) for pid in family)


def all_in_namespace(student: StudentProcess) -> list[int]:
    """Every process of the machine that lives in the student's pid namespace."""
    own = os.readlink(f"/proc/{student._watchdog._pid}/ns/pid")
    found = []
    for pid in psutil.pids():
        try:
            if os.readlink(f"/proc/{pid}/ns/pid") == own:
                found.append(pid)
        except OSError:
            continue
    return found


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_fork_bomb_ends_and_leaves_nothing(student: StudentProcess) -> None:
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    namespace = os.readlink(f"/proc/{student._watchdog._pid}/ns/pid")
    with pytest.raises(WallFailure) as caught:
        student.ask(RunCell(bomb))
    assert caught.value.outcome is Outcome.CRASHED
    assert caught.value.message == "Your code started more than 16 processes."
    for pid in psutil.pids():
        try:
            assert os.readlink(f"/proc/{pid}/ns/pid") != namespace or not is_running(pid)
        except OSError:
            continue


def test_a_thread_bomb_is_an_error_of_the_student_s_code(student: StudentProcess) -> None:
    bomb = (
        "import threading\nwait = threading.Event()\n"
        "for _ in range(1000): threading.Thread(target=wait.wait, daemon=True).start()"
    )
    assert printed_error(student, bomb) == "RuntimeError"


def test_memory_of_children_counts_too(limited: Limited) -> None:
    source = """
import mmap, os
for _ in range(4):
    if os.fork() == 0:
        kept = mmap.mmap(-1, 120 << 20)
        kept.write(b'1' * (120 << 20))
        while True: pass
while True: pass
"""
    with limited(memory_mb=400) as parent:
        process = StudentProcess(parent.start_student())
        with pytest.raises(WallFailure) as caught:
            process.ask(RunCell(source))
    assert caught.value.outcome is Outcome.OUT_OF_MEMORY
    assert "400 MB" in caught.value.message


def test_the_kernel_stops_what_the_watch_is_too_slow_for(
    limited: Limited, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not list(places()):
        pytest.skip("this machine lends no control group with a limit on memory")
    monkeypatch.setattr(watchdog, "RELAXED_PERIOD_S", 1000.0)
    source = """
import mmap, os
for _ in range(8):
    if os.fork() == 0:
        kept = mmap.mmap(-1, 120 << 20)
        kept.write(b'1' * (120 << 20))
        while True: pass
os.wait()
"""
    with limited(memory_mb=400, scratch_mb=1) as parent:
        process = StudentProcess(parent.start_student())
        with pytest.raises(WallFailure) as caught, process.time_limit(10):
            process.ask(RunCell(source))
            process.ask(RunCell("import time; time.sleep(60)"))
    assert caught.value.outcome is Outcome.OUT_OF_MEMORY


def test_memory_in_scratch_and_shared_memory_is_limited(student: StudentProcess) -> None:
    for path in ("/dev/shm/a", f"{jail.WORK}/b", f"{jail.HOME}/c"):
        source = f"with open({path!r}, 'wb') as f:\n    while True: f.write(bytes(1 << 20))"
        assert printed_error(student, source) == "OSError"
        run(student, f"import os; os.remove({path!r})")
    many = "for n in range(10**6): open(str(n), 'w').close()"
    with student.time_limit(60):
        assert printed_error(student, many) == "OSError"


def test_one_student_s_end_leaves_the_others_running(parent: ForkServer) -> None:
    first, second = StudentProcess(parent.start_student()), StudentProcess(parent.start_student())
    with pytest.raises(WallFailure):
        first.ask(RunCell("import os; os._exit(1)"))
    assert run(second, "print('still here')") == "still here\n"
    second.close()


def test_closing_twice_is_harmless_and_frees_descriptors(parent: ForkServer) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        process = StudentProcess(parent.start_student())
        process.close()
        process.close()
        process.kill()
    assert len(os.listdir("/proc/self/fd")) == before
    assert not [t for t in threading.enumerate() if t.name == "watchdog"]


def test_processor_time_is_known_after_the_end(student: StudentProcess) -> None:
    run(
        student,
        "import time\nend = time.process_time() + 0.2\nwhile time.process_time() < end: pass",
    )
    student.close()
    assert 0.2 <= student.cpu_s < 20


def test_the_processor_s_soft_limit_comes_before_its_hard_limit(student: StudentProcess) -> None:
    told = run(student, "import resource; print(resource.getrlimit(resource.RLIMIT_CPU))")
    soft, hard = eval(told)
    assert SMALL.cpu_s <= soft < hard


# -- the fork server -----------------------------------------------------------------------------


LIGHT = replace(SMALL, warm_modules=("torch",))


def gone(student: StudentProcess) -> bool:
    """Whether the process ends soon."""
    try:
        psutil.Process(student._watchdog._pid).wait(timeout=20)
    except psutil.NoSuchProcess:
        pass
    except psutil.TimeoutExpired:
        return False
    return True


def test_when_the_fork_server_stops_its_students_are_gone() -> None:
    warm = ForkServer(LIGHT)
    warm.start()
    process = StudentProcess(warm.start_student())
    warm.stop()
    assert gone(process)
    with pytest.raises(WallFailure):
        process.ask(TakePrinted())
    process.close()
    with pytest.raises(SandboxUnavailable, match="not running"):
        StudentProcess(warm.start_student())
    warm.stop()


def test_a_fork_server_that_was_killed_takes_its_students_along_and_is_reported() -> None:
    with ForkServer(LIGHT) as warm:
        process = StudentProcess(warm.start_student())
        assert warm._process is not None
        os.killpg(warm._process.pid, signal.SIGKILL)
        assert gone(process)
        process.close()
        with pytest.raises(SandboxUnavailable):
            StudentProcess(warm.start_student())


def test_a_module_that_cannot_be_loaded_is_a_readable_refusal() -> None:
    warm = ForkServer(replace(SMALL, warm_modules=("no_module_of_this_name",)))
    with pytest.raises(SandboxUnavailable, match="No module named 'no_module_of_this_name'"):
        warm.start()


def test_an_unknown_sandbox_is_refused_by_name() -> None:
    with pytest.raises(SandboxUnavailable, match="no sandbox is named 'docker'"):
        ForkServer(SMALL, "docker")


def test_without_bubblewrap_grading_refuses_and_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxUnavailable, match="apt-get install bubblewrap") as caught:
        ForkServer(SMALL).start()
    assert "--sandbox process" in str(caught.value)


@pytest.fixture
def weak() -> Iterator[ForkServer]:
    with ForkServer(LIGHT, "process") as warm:
        yield warm


def test_the_weak_mode_keeps_limits_and_its_own_environment(weak: ForkServer) -> None:
    process = StudentProcess(weak.start_student())
    assert (
        run(process, "import os; print('HOME' in os.environ, len(os.environ) < 20)")
        == "True True\n"
    )
    children = (
        "import os\nif os.fork() == 0:\n    os.setsid()\n    while True: pass\nprint('started')"
    )
    run(process, children)
    with process.time_limit(0.5), pytest.raises(WallFailure) as caught:
        process.ask(RunCell("while True: pass"))
    assert caught.value.outcome is Outcome.TIMED_OUT
    assert "WEAK" in describe("process")
