"""Make the memory of a process cheap to fork: large pages in place of many small pages.

A fork copies the page tables of its parent, and its end takes them apart again. Of some 250 MB that
is most of what a short submission costs; in pages of 2 MB it is little.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path

_LARGE = 2 << 20
_MADV_COLLAPSE = 25  # Linux 6.1; the system's policy for huge pages does not apply to it
_libc = ctypes.CDLL(None, use_errno=True)


def use_large_pages() -> int:
    """Move this process's own memory to large pages; how many there are now.

    Pages that cannot be moved stay. An older kernel moves no page.
    """
    return sum(
        _libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(_LARGE), _MADV_COLLAPSE) == 0
        for start in _large_pages()
    )


def _large_pages() -> Iterator[int]:
    """Where whole large pages of the heap and of unnamed mappings could be."""
    for line in _mappings():
        addresses, rights, _, _, _, *name = line.split()
        if rights == "rw-p" and name in ([], ["[heap]"]):
            start, end = (int(address, 16) for address in addresses.split("-"))
            yield from range(-(-start // _LARGE) * _LARGE, end // _LARGE * _LARGE, _LARGE)


def _mappings() -> list[str]:
    return Path("/proc/self/maps").read_text().splitlines()
