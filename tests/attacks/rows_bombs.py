"""Rows 12 and 13: time, memory, processes, threads, disk and output."""

from __future__ import annotations

from nbformat import NotebookNode, v4

from autograder.results import Outcome
from tests.attacks.kinds import FULL, Attack, answer, everywhere

FAILED, ERROR, CRASHED = Outcome.FAILED, Outcome.ERROR, Outcome.CRASHED
TIMED_OUT, OUT = Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY
CLOCK = "a clock in the trusted world, and SIGKILL, which no process can ignore"
MEMORY = "limits on each process, and a watchdog for all processes together"
LATE = "did not finish in the time allowed"
WAIT = (Outcome.NEEDS_MANUAL_GRADE,)


def many_cells(source: str, count: int) -> object:
    def change(notebook: NotebookNode) -> None:
        notebook.cells += [v4.new_code_cell(source) for _ in range(count)]

    return change


ATTACKS: list[Attack] = [
    answer(12, "an endless loop in the cell", "while True: pass", CLOCK, TIMED_OUT, LATE),
    answer(
        12,
        "an endless loop in the answer",
        "def add(a, b):\n    while True: pass",
        CLOCK,
        TIMED_OUT,
        LATE,
    ),
    answer(
        12,
        "a sleep that ignores every signal",
        "import signal, time\nfor n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n    except (OSError, ValueError): pass\ntime.sleep(10**6)",
        CLOCK,
        TIMED_OUT,
        LATE,
    ),
    answer(
        12,
        "a hang inside C code",
        "import re\nre.match(r'(a+)+$', 'a' * 64 + 'b')",
        CLOCK,
        TIMED_OUT,
        LATE,
    ),
    answer(
        12,
        "`except BaseException` around a loop",
        "import time\nwhile True:\n    try:\n        while True: time.sleep(1)\n    except BaseException: pass",
        CLOCK,
        TIMED_OUT,
        LATE,
    ),
    answer(
        12,
        "SIGSTOP to itself and a stopped child that holds on",
        "import os, signal\nif os.fork() == 0:\n    os.kill(os.getpid(), signal.SIGSTOP)\nos.kill(os.getpid(), signal.SIGSTOP)\ndef add(a, b):\n    os.wait()\n    return 0",
        CLOCK,
        TIMED_OUT,
        LATE,
    ),
    answer(
        12,
        "recursion without end",
        "def add(a, b):\n    return add(a, b)",
        "Python's own limit; the error is the student's",
        ERROR,
        "add raised RecursionError",
    ),
    answer(
        12,
        "recursion with the limit taken away",
        "import sys\nsys.setrecursionlimit(10**9)\nclass C:\n    def __getattr__(self, name): return getattr(self, name)\ndef add(a, b):\n    return C().x",
        CLOCK,
        (CRASHED, TIMED_OUT, OUT, ERROR),
    ),
    answer(
        12,
        "a lock that is never released",
        "import threading\nlock = threading.Lock()\nlock.acquire()\ndef add(a, b):\n    lock.acquire()",
        CLOCK,
        TIMED_OUT,
        LATE,
    ),
    answer(
        12,
        "an object whose conversion to text never ends",
        "class Slow:\n    def __repr__(self):\n        while True: pass\ndef add(a, b):\n    return [Slow()]",
        CLOCK,
        TIMED_OUT,
        LATE,
    ),
    answer(
        12,
        "a reply that drips",
        "import gc, struct, time\nfrom autograder.student.server import Server\nsock = next(o for o in gc.get_objects() if isinstance(o, Server)).sock\nsock.send(struct.pack('<IIQ', 1000, 0, 0))\nwhile True:\n    sock.send(b'x'); time.sleep(0.05)",
        CLOCK,
        TIMED_OUT,
        LATE,
    ),
    Attack(
        12,
        "many cells, each a little under the limit",
        "own cells together have half of the notebook's time",
        {},
        dict(FULL),
        (Outcome.NEEDS_MANUAL_GRADE,),
        "so that the tests have time: cell 4, cell 5",
        change=lambda n: n.cells.__setitem__(
            slice(1, 1), [v4.new_code_cell("import time; time.sleep(6)") for _ in range(6)]
        ),
    ),
    # -- 13
    answer(
        13,
        "a memory bomb of Python objects",
        "kept = []\nwhile True: kept.append(bytearray(1 << 20))",
        MEMORY,
        (OUT, ERROR),
    ),
    answer(
        13,
        "a memory bomb of one allocation",
        "import torch\ndef add(a, b):\n    return torch.ones(1 << 40)",
        MEMORY,
        OUT,
        "ran out of memory",
    ),
    answer(
        13,
        "a memory bomb of shared anonymous memory",
        "import mmap\nkept = []\nwhile True:\n    kept.append(mmap.mmap(-1, 64 << 20)); kept[-1].write(b'1' * (64 << 20))",
        MEMORY,
        OUT,
        "held more than 600 MB",
    ),
    answer(
        13,
        "memory spread over children",
        "import os, time\nfor _ in range(6):\n    if os.fork() == 0:\n        kept = bytearray(b'1') * (130 << 20)\n        time.sleep(10**6)\ntime.sleep(10**6)",
        MEMORY,
        OUT,
        "held more than 600 MB",
    ),
    answer(
        13,
        "a fork bomb",
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
        "a limit on processes, watched from outside",
        CRASHED,
        "more than 16 processes",
    ),
    answer(
        13,
        "a fork bomb that hides in sessions and sleeps",
        "import os, time\nfor _ in range(40):\n    try:\n        if os.fork() == 0:\n            os.setsid(); time.sleep(10**6)\n    except OSError: pass\ntime.sleep(10**6)",
        "a limit on processes, watched from outside",
        CRASHED,
        "more than 16 processes",
    ),
    answer(
        13,
        "a thread bomb",
        "import threading\nwait = threading.Event()\nwhile True: threading.Thread(target=wait.wait, daemon=True).start()",
        "a limit on threads",
        ERROR,
        "raised RuntimeError",
    ),
    answer(
        13,
        "a disk bomb in scratch",
        "with open('big', 'wb') as f:\n    while True: f.write(bytes(1 << 20))",
        "scratch is a file system of a fixed size in memory",
        ERROR,
        "raised OSError",
    ),
    answer(
        13,
        "a disk bomb in /dev/shm",
        "with open('/dev/shm/big', 'wb') as f:\n    while True: f.write(bytes(1 << 20))",
        "scratch and /dev/shm are one file system of a fixed size",
        ERROR,
        "raised OSError",
    ),
    answer(
        13,
        "a sparse file of a terabyte",
        "with open('big', 'wb') as f: f.truncate(1 << 40)",
        "a limit on the size of a file",
        (ERROR, CRASHED),
    ),
    answer(
        13,
        "a million empty files and folders",
        "import os\nfor n in range(10**6): os.mkdir(str(n))",
        "a fixed number of files",
        (ERROR, TIMED_OUT),
    ),
    answer(
        13,
        "one line of 100 MB",
        "print('x' * 100_000_000)",
        "output is kept up to a limit",
        says="got 0, expected 3",
    ),
    answer(
        13,
        "output from the answer, without end",
        "def add(a, b):\n    for _ in range(2000): print('x' * 100_000)\n    return 0",
        "output is kept up to a limit",
        says="got 0, expected 3",
    ),
    answer(
        13,
        "output from a child process and a shell",
        "!yes | head -c 20000000",
        "output is kept up to a limit",
        says="got 0, expected 3",
    ),
    Attack(
        13,
        "output from 2,000 cells",
        "output of all cells together is kept up to a limit",
        {},
        FULL,
        WAIT,
        change=many_cells("print('x' * 60_000)", 2000),
    ),
    answer(
        13,
        "descriptors used up",
        "import os\nkept = []\nwhile True: kept.append(os.open('/dev/null', 0))",
        "a limit on descriptors",
        ERROR,
        "raised OSError",
    ),
    answer(
        13,
        "figures by the hundred",
        "import matplotlib.pyplot as plt, warnings\nwarnings.simplefilter('ignore')\nfor _ in range(300): plt.figure()",
        "figures are closed after each cell",
        says="got 0, expected 3",
    ),
    answer(
        13,
        "a core dump",
        "import os, resource\ntry: resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))\nexcept ValueError: pass\nos.abort()",
        "no core files",
        CRASHED,
        "was killed by SIG",
    ),
    everywhere(
        13,
        "a child that holds the wall while its parent ends",
        "import os, time\nif os.fork() == 0:\n    time.sleep(10**6)\nos._exit(0)",
        "the first process of the namespace takes all others along",
        CRASHED,
        "ended its own process",
        earns={**FULL, "test_add": 0.0, "test_scale": 0.0, "test_double": 0.0},
    ),
]
