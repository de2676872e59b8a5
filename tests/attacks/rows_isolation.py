"""Rows 30, 31 and 33: a user's limits, sockets, processes that end themselves."""

from __future__ import annotations

import textwrap

from autograder.results import Outcome
from tests.attacks.kinds import FULL, WRONG, Attack, answer, everywhere
from tests.attacks.neighbours import IMPORTS, NEIGHBOURS
from tests.attacks.own_ends import ENDS, source_of
from tests.attacks.rows_reach import reaching

CRASHED, ERROR, FAILED, OUT = (
    Outcome.CRASHED,
    Outcome.ERROR,
    Outcome.FAILED,
    Outcome.OUT_OF_MEMORY,
)
TIMED_OUT = Outcome.TIMED_OUT
OWN_USER = "a user id of the machine and private files for each worker, limits for each submission"
SHARED = "shared memory counts even if it is not resident"
SOCKETS = "a list of the address families, types and protocols that are allowed"
OWN_END = "only a process in its original state counts as ended from outside"


def taking(name: str, take: str) -> Attack:
    """A submission that takes all it can get of something, and holds it."""
    body = textwrap.indent(take, "    ")
    source = f"{IMPORTS}try:\n{body}\nexcept (OSError, RuntimeError): pass\n{WRONG['add']}"
    return answer(30, f"all there is: {name}", source, OWN_USER, says="got 0, expected 3")


def holding(name: str, loop: str, outcome: object = OUT, says: str = "held more than") -> Attack:
    """A submission that fills memory that no process has resident."""
    return answer(30, name, f"{IMPORTS}{loop}", SHARED, outcome, says)  # type: ignore[arg-type]


def odd_socket(name: str, source: str) -> Attack:
    """A submission that is right only if it got a socket of an odd kind."""
    return reaching(31, name, source, SOCKETS)


_PIECE = """
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
def piece(size=32 << 20, flags=0x21, fd=-1):
    at = libc.mmap(None, size, 3, flags, fd, 0)
    if at in (None, ctypes.c_void_p(-1).value): raise OSError(ctypes.get_errno(), 'mmap')
    ctypes.memset(at, 1, size)
    return at
"""

_FAMILIES = """
for family in {families}:
    for kind in (1, 2, 3, 4, 5, 10):
        for protocol in (0, 1, 6, 17, 255):
            if libc.syscall({number}, ctypes.c_long(family), ctypes.c_long(kind), ctypes.c_long(protocol), {more}) >= 0: return True
return False"""

ATTACKS: list[Attack] = [
    # -- 30
    *(taking(one.name, one.take) for one in NEIGHBOURS),
    holding(
        "shared memory that is given up, page by page, and stays",
        f"{_PIECE}while True: libc.madvise(piece(), 32 << 20, 4)",
    ),
    holding(
        "shared memory that is unmapped but for one page",
        f"{_PIECE}while True: libc.munmap(piece() + 4096, (32 << 20) - 4096)",
    ),
    holding(
        "shared memory that a child has written",
        f"{_PIECE}while True:\n    kept.append(mmap.mmap(-1, 32 << 20))\n    if os.fork() == 0:\n"
        "        kept[-1].write(bytes(32 << 20)); os._exit(0)\n    os.wait()",
    ),
    holding(
        "a mapping of /dev/zero",
        f"{_PIECE}fd = os.open('/dev/zero', os.O_RDWR)\nwhile True: libc.madvise(piece(32 << 20, 1, fd), 32 << 20, 4)",
        ERROR,
        "raised OSError",
    ),
    holding(
        "huge pages of the machine",
        f"{_PIECE}while True: piece(2 << 20, 0x40022)",
        ERROR,
        "raised OSError",
    ),
    holding(
        "buffers of sockets",
        "while True:\n    a, b = socket.socketpair(); a.setblocking(False); kept.append((a, b))\n"
        "    try:\n        while True: a.send(bytes(65536))\n    except OSError: pass\n"
        "    if len(kept) > 400: time.sleep(1000)",
        CRASHED,
        "more than 512 sockets",
    ),
    holding(
        "buffers of sockets, in children",
        "for _ in range(8):\n    if os.fork() == 0:\n        for _ in range(100):\n"
        "            a, b = socket.socketpair(); a.setblocking(False); kept.append((a, b))\n"
        "            try:\n                while True: a.send(bytes(65536))\n"
        "            except OSError: pass\n        time.sleep(1000)\ntime.sleep(1000)",
        CRASHED,
        "more than 512 sockets",
    ),
    # -- 31
    odd_socket(
        "AF_VSOCK, to the machine's host",
        "s = socket.socket(getattr(socket, 'AF_VSOCK', 40), socket.SOCK_STREAM)\ns.settimeout(1)\ns.connect((2, 22))",
    ),
    odd_socket(
        "every other family, type and protocol",
        _FAMILIES.format(
            families="set(range(64)) - {1, 2, 10, 16}", number=41, more="ctypes.c_long(0)"
        ),
    ),
    odd_socket(
        "families in bits that the kernel does not read",
        _FAMILIES.format(
            families="[1 << 32 | n for n in range(17, 46)] + [(1 << 64) - 1 - n for n in range(9)]",
            number=41,
            more="ctypes.c_long(0)",
        ),
    ),
    odd_socket(
        "pairs of sockets of other families",
        _FAMILIES.format(
            families="set(range(64)) - {1}", number=53, more="ctypes.create_string_buffer(8)"
        ),
    ),
    odd_socket(
        "packets, raw sockets and other transports",
        "for family in (2, 10):\n    for kind, protocol in ((3, 1), (3, 255), (1, 132), (1, 262), (2, 136), (5, 132), (6, 33), (2, 1), (2, 58), (1, 256), (10, 3)):\n"
        "        if libc.socket(family, kind, protocol) >= 0: return True\nreturn False",
    ),
    odd_socket(
        "netlink beyond the list of interfaces",
        "return any(libc.socket(16, kind, n) >= 0 for kind in (2, 3) for n in range(1, 32))",
    ),
    odd_socket(
        "crypto sockets of the kernel",
        "s = socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)\ns.bind(('hash', 'sha256'))",
    ),
    odd_socket(
        "a socket by io_uring",
        "params = ctypes.create_string_buffer(120)\nfd = libc.syscall(425, 4, params)\nreturn fd >= 0",
    ),
    odd_socket(
        "the device of vsock, and one made by hand",
        "for path in ('/dev/vsock', '/dev/vhost-vsock', '/dev/net/tun', '/dev/kvm', '/dev/fuse', '/dev/userfaultfd'):\n"
        "    try: os.open(path, os.O_RDWR); return True\n    except OSError: pass\n"
        "os.mknod('vsock', 0o020666, os.makedev(10, 122))",
    ),
    everywhere(
        31,
        "a socket by a system call of 32 bits",
        "import ctypes, mmap, os\ncode = mmap.mmap(-1, 4096, prot=7)\n"
        "code.write(b'\\xb8\\x67\\x01\\x00\\x00\\xbb\\x28\\x00\\x00\\x00\\xb9\\x01\\x00\\x00\\x00\\x31\\xd2\\xcd\\x80\\xc3')\n"
        "at = ctypes.addressof(ctypes.c_char.from_buffer(code))\n"
        "if ctypes.CFUNCTYPE(ctypes.c_int)(at)() < 0: os._exit(3)\n"
        "def add(a, b):\n    return a + b",
        "a process that calls the kernel by another interface is ended",
        CRASHED,
        "was killed by SIGSYS",
    ),
    # -- 33
    *(
        answer(33, name, source_of(name), OWN_END, (CRASHED, TIMED_OUT, OUT), earns=_earns)
        for name, _earns in ((name, {**FULL, "test_add": 0.0}) for name in ENDS)
    ),
]
