"""Ends that a submission makes for itself and that look like somebody else's doing."""

from __future__ import annotations

_LIBC = """
import ctypes, os, resource, signal, struct, subprocess, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def call(*numbers): return libc.syscall(*(ctypes.c_long(n) if isinstance(n, int) else n for n in numbers))
one_second = (ctypes.c_uint64 * 2)(1, 1)
def burn():
    end = time.process_time() + 4
    while time.process_time() < end: pass
"""
_END = "\nos._exit(7)"  # where the attack did not end the process, it ends here
_ELF = """
head = b'\\x7fELF\\x02\\x01\\x01' + bytes(9) + struct.pack('<HHIQQQIHHHHHH', 2, 62, 1, 0x400000, 64, 0, 0, 64, 56, {count}, 0, 0, 0)
open('/tmp/work/odd', 'wb').write(head + {segments} + bytes(4096))
os.chmod('/tmp/work/odd', 0o755)
try: os.execv('/tmp/work/odd', ['odd'])
except OSError: pass
"""

ENDS = {
    "lowers its own limit of processor time": """
try: resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
except (OSError, ValueError): os._exit(7)
burn()""",
    "the same, with SIGXCPU ignored": """
signal.signal(signal.SIGXCPU, signal.SIG_IGN)
try: resource.setrlimit(resource.RLIMIT_CPU, (1, 2))
except (OSError, ValueError): os._exit(7)
burn()""",
    "the same by `prlimit`, with bits that the kernel does not read": """
call(302, 0, 1 << 32, one_second, 0); call(302, 1 << 32, 0, one_second, 0)
burn()""",
    "the same by `setrlimit` itself": "call(160, 0, one_second); call(160, 1 << 40, one_second)\nburn()",
    "the same by a child, for its parent": """
if os.fork() == 0:
    call(302, 1, 0, one_second, 0); os._exit(0)
os.wait(); burn()""",
    "the same by a program": "subprocess.run(['prlimit', '--pid', '1', '--cpu=1:1'])\nburn()",
    "SIGKILL to itself": "os.kill(os.getpid(), signal.SIGKILL)",
    "SIGKILL to its parent": "os.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(1)",
    "SIGKILL to its process group": "os.killpg(0, signal.SIGKILL)\ntime.sleep(1)",
    "SIGKILL to its session, by number": """
for pid in {os.getsid(0), os.getpgid(0), -os.getpgrp()}:
    try: os.kill(-abs(pid), signal.SIGKILL)
    except OSError: pass
time.sleep(1)""",
    "SIGKILL to everybody": """
try: os.kill(-1, signal.SIGKILL)
except OSError: pass""",
    "SIGKILL from a child": """
if os.fork() == 0:
    for pid in (1, 0, -1, os.getppid()):
        try: os.kill(pid, signal.SIGKILL)
        except OSError: pass
time.sleep(1)""",
    "SIGKILL to each number": """
for pid in range(2, 40000):
    try: os.kill(pid, signal.SIGKILL)
    except OSError: pass
time.sleep(0.5)""",
    "SIGKILL to a thread, and by a descriptor": """
call(234, os.getpid(), threading.get_native_id(), 9)
try: signal.pidfd_send_signal(os.pidfd_open(os.getpid()), signal.SIGKILL)
except OSError: pass""",
    "SIGKILL at the end of its parent": "libc.prctl(1, 9)\nlibc.prctl(1, 0)\nlibc.prctl(1, 9)",
    "SIGKILL by a queue of signals": """
info = ctypes.create_string_buffer(struct.pack('iii', 9, 0, -1) + bytes(116))
call(129, os.getpid(), 9, info); call(129, 0, 9, info)""",
    "a filter of its own that kills": """
program = (ctypes.c_uint64 * 1)(0x80000000 << 32 | 6)
class Program(ctypes.Structure): _fields_ = (('length', ctypes.c_ushort), ('filter', ctypes.c_void_p))
libc.prctl(22, 2, ctypes.byref(Program(1, ctypes.addressof(program))))
os.getpid()""",
    "a program that cannot be loaded": _ELF.format(
        count=1, segments="struct.pack('<IIQQQQQQ', 1, 7, 0, 0xffffffff00000000, 0, 4096, 1 << 46, 4096)"
    ),
    "a program without segments": _ELF.format(count=0, segments="b''"),
    "a program whose interpreter is itself": _ELF.format(
        count=1, segments="struct.pack('<IIQQQQQQ', 3, 4, 120, 0, 0, 16, 16, 1) + b'/tmp/work/odd\\0\\0\\0'"
    ),
    "another program, with a limit of its own": """
os.execv('/bin/sh', ['sh', '-c', 'ulimit -t 1; while :; do :; done'])""",
    "a system call of 32 bits": """
import mmap
code = mmap.mmap(-1, 4096, prot=7)
code.write(b'\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3')
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()""",
    "an abort": "os.abort()",
    "more memory than allowed": "kept = []\nwhile True: kept.append(bytearray(b'1') * (16 << 20))",
    "descriptors of everything closed": "os.closerange(0, 4096)",
}  # fmt: skip


def source_of(name: str) -> str:
    """A cell that ends its own process in this way, one way or another."""
    return f"{_LIBC}\n{ENDS[name].strip()}{_END}"
