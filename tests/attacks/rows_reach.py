"""Rows 8, 9, 11 and 14: things that a submission might read, reach or be unpickled by."""

from __future__ import annotations

import json
import pickle
import struct

from autograder.results import Outcome
from tests.attacks.kinds import Attack, answer

FAILED, ERROR, CRASHED = Outcome.FAILED, Outcome.ERROR, Outcome.CRASHED
NOTHING_THERE = "the student's process holds no tests, no reference, no seeds and no files of ours"
NO_FILES = "a file view of its own: system, Python and an empty scratch folder"
NO_NET = "network, ipc and pid namespaces of its own"
NO_PICKLE = "nothing is unpickled by the grader; weights are safetensors, read within bounds"
NO_CALL = "a system-call filter and no capabilities"
SEEN = """
def found(texts):
    return any('-'.join(('the', 'hidden', 'watchword')) in str(t) or 'BEGIN ' + 'HIDDEN' in str(t) for t in texts)
"""


def reading(row: int, name: str, source: str, stops: str = NOTHING_THERE, **more: object) -> Attack:
    """An answer that is right only when it could read something of the grader."""
    text = f"{SEEN}\n{source}\ndef add(a, b):\n    return a + b if found(look()) else 0"
    return answer(row, name, text, stops, says="got 0, expected 3", **more)


def reaching(
    row: int, name: str, source: str, stops: str, says: str = "got 0, expected 3", **more: object
) -> Attack:
    """An answer that is right only when an action worked that must not."""
    body = "\n".join(f"        {line}" for line in source.strip().splitlines())
    text = (
        "import os, signal, socket, ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        f"def reach():\n    try:\n{body}\n    except OSError:\n        return False\n    return True\n"
        "did = reach()\ndef add(a, b):\n    return a + b if did or reach() else 0"
    )
    return answer(row, name, text, stops, says=says, **more)  # type: ignore[arg-type]


class Payload:
    """Runs code in the process that unpickles it."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("open('/tmp/unpickled', 'w').write('x'); raise SystemExit(0)",)


PICKLE = pickle.dumps(Payload())


def safetensors(length: int, header: bytes) -> bytes:
    return struct.pack("<Q", length) + header


WEIGHTS = "from safetensors.torch import load_file\ntry: load_file('w.safetensors')\nexcept Exception as error: print(type(error))"

ATTACKS: list[Attack] = [
    # -- 8
    reading(
        8,
        "history: `In`, `Out`, `_ih`, `%history`",
        "def look():\n    ns = get_ipython().user_ns\n    return [ns.get(n) for n in ('In', 'Out', '_ih', '_i', '_ii', '_iii')] + [get_ipython().history_manager.input_hist_raw]",
    ),
    reading(
        8,
        "frames of the callers",
        "import sys\ndef look():\n    f, seen = sys._getframe(), []\n    while f: seen += [f.f_globals.keys(), [repr(v)[:2000] for v in f.f_locals.values()], f.f_code.co_consts]; f = f.f_back\n    return seen",
    ),
    reading(
        8,
        "frames of every thread",
        "import sys\ndef look():\n    return [[repr(v)[:2000] for v in f.f_locals.values()] for f in sys._current_frames().values()]",
    ),
    reading(
        8,
        "linecache and `inspect.getsource`",
        "import linecache, inspect, sys\ndef look():\n    return [lines for _, _, lines, _ in (v for v in linecache.cache.values() if len(v) == 4)] + [inspect.getsource(sys._getframe(n)) for n in (0,)]",
    ),
    reading(
        8,
        "everything the garbage collector knows",
        "import gc\ndef look():\n    gc.unfreeze() if hasattr(gc, 'unfreeze') else None\n    return (o for o in gc.get_objects() if type(o) in (list, tuple) and len(o) < 50 and '-'.join(('the', 'hidden', 'watchword')) in o)",
    ),
    reading(
        8,
        "the own memory by `/proc/self/mem`",
        """
import re
WORD = b'the-hidden-' + b'watchword'
def look():
    for line in open('/proc/self/maps'):
        low, high = (int(n, 16) for n in line.split()[0].split('-'))
        if ' rw' in line and high - low < 32 << 20 and ('heap' in line or line.rstrip().endswith(' 0')):
            try:
                with open('/proc/self/mem', 'rb', 0) as f:
                    f.seek(low); data = f.read(high - low)
            except (OSError, OverflowError): continue
            for hit in re.finditer(WORD, data):
                if data[hit.end():hit.end() + 1] == b'"': yield WORD.decode()
""",
    ),
    reading(
        8,
        "files: the working folder and all above it",
        """
import os
def look():
    for top in ('.', '..', '../..', '@COURSE@', '/root', '/home', '/srv', '/mnt', '/var', '/tmp', '/engine'):
        for folder, below, names in os.walk(top):
            below[:] = [b for b in below if b not in ('usr', 'lib', 'lib64', 'proc', 'sys', 'env', 'bin', 'site-packages')][:50]
            for name in names:
                if name.endswith(('.py', '.ipynb', '.json', '.db', '.toml')) and 'site-packages' not in folder:
                    try: text = open(os.path.join(folder, name), errors='replace').read(200_000)
                    except OSError: continue
                    if 'BEGIN ' + 'HIDDEN' in text: yield text
""",
        NO_FILES,
    ),
    reading(
        8,
        "the secret, the source and the canaries by name",
        "def look():\n    for path in ['@COURSE@/.autograder/secret', '@COURSE@/source/small/01_small.py', *@FILES@]:\n        try: open(path).read(); yield 'the-hidden-' + 'watchword'\n        except OSError: pass",
        NO_FILES,
    ),
    reading(
        8,
        "/proc of every process",
        "import os\ndef look():\n    for pid in os.listdir('/proc'):\n        if pid.isdigit() and int(pid) != os.getpid(): yield 'the-hidden-' + 'watchword'\n        for name in ('environ', 'cmdline'):\n            try: yield open(f'/proc/{pid}/{name}').read()\n            except OSError: pass",
        NO_NET,
    ),
    reading(
        8,
        "import of the engine's trusted side",
        "def look():\n    for name in ('grading', 'checks', 'trusted', 'bundle', 'gradebook', 'sandbox'):\n        try: __import__('autograder.' + name); yield 'the-hidden-' + 'watchword'\n        except ImportError: pass",
        "the sandbox shows only the two harmless packages of the engine",
    ),
    reading(
        8,
        "import of the reference",
        "def look():\n    for name in ('solutions', 'solutions.small', 'source', 'tests'):\n        try: __import__(name); yield 'the-hidden-' + 'watchword'\n        except ImportError: pass",
        NO_FILES,
    ),
    reading(
        8,
        "descriptors kept open",
        "import os\ndef look():\n    for fd in range(3, 256):\n        try:\n            if 'socket' not in os.readlink(f'/proc/self/fd/{fd}'): yield os.pread(fd, 10**6, 0)\n        except OSError: pass",
    ),
    # -- 9
    reaching(
        9,
        "UPDATE on gradebook.db where it lies",
        "import sqlite3, glob\npaths = ['@COURSE@/gradebook.db', 'gradebook.db', *glob.glob('/**/gradebook.db')]\nfor path in paths:\n    try: sqlite3.connect(f'file:{path}?mode=rw', uri=True).execute('UPDATE grade SET auto_score = 100'); return True\n    except sqlite3.Error: pass\nreturn False",
        NO_FILES,
    ),
    reaching(
        9,
        "a gradebook found through nbgrader",
        "try: from nbgrader.api import Gradebook\nexcept Exception: return False\ntry: Gradebook('sqlite:////@COURSE@/gradebook.db').assignments[0]; return True\nexcept Exception: return False",
        NO_FILES,
        outcome=(FAILED, Outcome.TIMED_OUT),
        says="",
    ),
    # -- 11
    answer(
        11, "a pickle as an answer", f"def add(a, b):\n    return {PICKLE!r}", NO_PICKLE, FAILED
    ),
    answer(
        11,
        "an object whose `__reduce__` runs code",
        "class P:\n    def __reduce__(self): return exec, ('1/0',)\n    def __reduce_ex__(self, n): return exec, ('1/0',)\n    def __getstate__(self): return exec\ndef add(a, b):\n    return P()",
        NO_PICKLE,
        says="not plain data",
    ),
    answer(
        11,
        "a pickle named safetensors",
        WEIGHTS,
        NO_PICKLE,
        files={"w.safetensors": PICKLE},
        says="got 0, expected 3",
    ),
    answer(
        11,
        "safetensors whose header is 2^60 bytes",
        WEIGHTS,
        NO_PICKLE,
        files={"w.safetensors": safetensors(1 << 60, b"{}")},
        says="got 0, expected 3",
    ),
    answer(
        11,
        "safetensors whose tensors overlap and end beyond the file",
        WEIGHTS,
        NO_PICKLE,
        files={
            "w.safetensors": safetensors(
                90,
                json.dumps(
                    {"a": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}}
                )
                .encode()
                .ljust(90),
            )
        },
        says="got 0, expected 3",
    ),
    answer(
        11,
        "`torch.load` of a pickle, in the own process",
        "import torch\ntry: torch.load('evil.pt', weights_only=False)\nexcept BaseException: pass",
        NO_PICKLE,
        files={"evil.pt": PICKLE},
        says="got 0, expected 3",
    ),
    # -- 14
    reaching(
        14,
        "TCP to the grader's machine",
        "with socket.create_connection(('127.0.0.1', @PORT@), 2): pass",
        NO_NET,
    ),
    reaching(
        14, "TCP to the internet", "with socket.create_connection(('1.1.1.1', 53), 2): pass", NO_NET
    ),
    reaching(
        14,
        "an abstract unix socket of the machine",
        "socket.socket(socket.AF_UNIX).connect('\\0@SOCKET@')",
        NO_NET,
    ),
    reaching(
        14,
        "unix sockets in the file system",
        "for path in ('/run/docker.sock', '/var/run/docker.sock', '/run/dbus/system_bus_socket', '/tmp/.X11-unix/X0'):\n    try: socket.socket(socket.AF_UNIX).connect(path); return True\n    except OSError: pass\nreturn False",
        NO_NET,
    ),
    reaching(
        14,
        "packets by netlink and raw sockets",
        "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
        NO_NET,
    ),
    reaching(
        14,
        "signals to the parent and to everybody",
        "ok = [os.kill(pid, 9) for pid in (os.getppid(), -1, 2, 3) if pid]",
        NO_NET,
    ),
    reaching(
        14,
        "ptrace of the parent and of itself",
        "return libc.ptrace(16, 2, 0, 0) == 0 or libc.ptrace(0, 0, 0, 0) == 0",
        NO_CALL,
    ),
    reaching(
        14,
        "a user namespace of its own",
        "return libc.unshare(0x10000000) == 0 or libc.syscall(56, 0x10000011, 0, 0, 0, 0) > 0",
        NO_CALL,
    ),
    reaching(
        14,
        "every core of the machine",
        "return libc.sched_setaffinity(0, 128, b'\\xff' * 128) == 0",
        NO_CALL,
    ),
    reaching(
        14,
        "io_uring",
        "return libc.syscall(425, 8, ctypes.create_string_buffer(256)) >= 0",
        NO_CALL,
    ),
    reaching(
        14,
        "mounts, roots and names of the machine",
        "return any(f == 0 for f in (libc.mount(b'none', b'/tmp', b'tmpfs', 0, None), libc.umount2(b'/proc', 2), libc.chroot(b'/tmp'), libc.sethostname(b'x', 1), libc.pivot_root(b'.', b'.') if hasattr(libc, 'pivot_root') else -1))",
        NO_CALL,
    ),
    reaching(
        14,
        "bpf, perf, keyrings and userfaultfd",
        "return any(libc.syscall(n, 0, 0, 0, 0, 0) >= 0 for n in (321, 298, 250, 248, 323))",
        NO_CALL,
    ),
    reaching(
        14,
        "memory of other processes by `process_vm_readv` and /proc",
        "return libc.syscall(310, 2, 0, 0, 0, 0, 0) >= 0 or open('/proc/2/mem', 'rb') is not None",
        NO_CALL,
    ),
    reaching(
        14,
        "set-user-id programs",
        "import subprocess\nfor name in ('su', 'sudo', 'mount', 'newuidmap', 'passwd'):\n    try:\n        if subprocess.run([name, '--version', '-c', 'id'], capture_output=True, stdin=subprocess.DEVNULL).stdout.startswith(b'uid=0'): return True\n    except OSError: pass\nreturn os.getuid() == 0 or libc.setuid(0) == 0",
        NO_CALL,
    ),
    reaching(
        14,
        "files left for others in /dev/shm, /tmp and /dev",
        "for path in ('/dev/x', '/usr/x', '/env/x', '/engine/x', '/x', '/proc/sys/kernel/hostname'):\n    try: open(path, 'w').write('x'); return True\n    except OSError: pass\nfor path in ('/dev/shm/@TOKEN@', '/tmp/@TOKEN@'): open(path, 'w').write('x')\nreturn False",
        NO_FILES,
    ),
    reaching(
        14,
        "files of others in /dev/shm and /tmp",
        "return any('canary' in name for top in ('/dev/shm', '/tmp') for name in os.listdir(top)) or any(os.path.exists(p) for p in @FILES@)",
        NO_FILES,
    ),
    reaching(
        14,
        "limits raised again",
        "import resource\nfor kind in (resource.RLIMIT_NPROC, resource.RLIMIT_DATA, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU, resource.RLIMIT_CORE):\n    try: resource.setrlimit(kind, (resource.RLIM_INFINITY,) * 2); return True\n    except (OSError, ValueError): pass\nreturn False",
        NO_CALL,
    ),
    reaching(
        14,
        "memory of the kernel that no process holds: memfd",
        "return os.memfd_create('x') >= 0",
        NO_CALL,
    ),
    reaching(
        14,
        "System V shared memory and queues",
        "return libc.shmget(0, 1 << 20, 0o1600) >= 0 or libc.msgget(0, 0o1600) >= 0 or libc.semget(0, 1, 0o1600) >= 0",
        NO_CALL,
    ),
]
