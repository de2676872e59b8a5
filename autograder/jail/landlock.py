"""Landlock: rules of the kernel on the use of files by this process and its children.

It holds beneath mounts and permissions: should the file view have a hole, nothing outside the
scratch folder can be written even so. Where the kernel has no Landlock, nothing happens.

See https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_ASK_VERSION, _PATH_BENEATH = 1, 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_OLDEST = (1 << 13) - 1  # the rights that version 1 knows; each later one added some
_ADDED = {2: _REFER, 3: _TRUNCATE, 5: _IOCTL_DEV}
_SCOPES = 0b11  # abstract sockets and signals stay among those under the same rules
_SCOPES_SINCE = 6

_READ = _EXECUTE | _READ_FILE | _READ_DIR
_DEVICES = _READ_FILE | _READ_DIR | _WRITE_FILE | _IOCTL_DEV

_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """The version of Landlock that this kernel has; 0 where it has none or it is off."""
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)))


def restrict(writable: tuple[str, ...]) -> bool:
    """Let this process write in these folders only, read elsewhere; True when the kernel keeps it.

    Needs ``no_new_privs``. Raises OSError where the kernel has Landlock and refuses.
    """
    known = version()
    if known == 0:
        return False
    files = _OLDEST
    for since, right in _ADDED.items():
        files |= right if known >= since else 0
    asked = _Ruleset(files, 0, _SCOPES if known >= _SCOPES_SINCE else 0)
    size = 8 if known < 4 else 16 if known < _SCOPES_SINCE else 24  # the fields that it knows
    rules = _system_call(_CREATE_RULESET, ctypes.byref(asked), ctypes.c_size_t(size), 0)
    try:
        _allow(rules, "/", _READ & files)
        _allow(rules, "/dev", _DEVICES & files)
        for folder in writable:
            _allow(rules, folder, files & ~(_MAKE_CHAR | _MAKE_BLOCK))
        _system_call(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)
    return True


def _allow(rules: int, folder: str, rights: int) -> None:
    place = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _Beneath(rights, place)
        _system_call(_ADD_RULE, rules, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(place)


def _system_call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return result
