"""Row 32: files that cost little to hand in and much to read."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import struct
import tarfile
from typing import Any

from nbformat import NotebookNode, v4

from autograder.results import Outcome
from tests.attacks.kinds import FULL, Attack
from tests.attacks.rows_files import MINE, zipped

STOPS = "one budget for each student: archives, entries, bytes, nesting, values and seconds"
NONE = dict.fromkeys(FULL, 0.0)
MB = 1 << 20


def beside(name: str, files: dict[str, bytes], says: str) -> Attack:
    """A right notebook beside something hostile: nothing is lost, and the limit is told."""
    outcomes = (Outcome.NEEDS_MANUAL_GRADE,)
    return Attack(32, name, STOPS, {}, dict(FULL), outcomes, says, files=files)


def unread(name: str, data: bytes, says: str) -> Attack:
    """Bytes that are no notebook one could read."""
    return Attack(32, name, STOPS, {}, NONE, (Outcome.UNREADABLE,), says, change=lambda _: data)


def with_source(name: str, *sources: str) -> Attack:
    """A right notebook with costly cells behind the answers."""

    def change(notebook: NotebookNode) -> None:
        notebook.cells += [v4.new_code_cell(source) for source in sources]

    outcomes = (Outcome.NEEDS_MANUAL_GRADE,)
    return Attack(32, name, STOPS, {}, dict(FULL), outcomes, change=change)


def member(name: str, size: int = 0, **facts: Any) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = size
    for fact, value in facts.items():
        setattr(info, fact, value)
    return info


def tarred(*members: tuple[tarfile.TarInfo, bytes], **options: Any) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", **options) as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def many_names(count: int) -> bytes:
    """A zip that lists this many files in its end and holds none."""
    entry = struct.pack(
        "<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0
    )  # fmt: skip
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, count * (len(entry) + 1), 0, 0)
    return (entry + b"x") * count + end


def tree(width: int, depth: int) -> bytes:
    """Zips in zips, each holding copies of the next."""
    data = zipped(("mine.py", MINE))
    for _ in range(depth):
        data = zipped(*((f"{n}.zip", data) for n in range(width)))
    return data


PAX = {f"k{n}": "v" * 40 for n in range(20_000)}
SPARSE = {
    "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "big.py",
    "GNU.sparse.realsize": str(2**50),
}  # fmt: skip
HOLE = b"1\n0\n1\n".ljust(512, b"\0") + b"x"
LOOP = member("././@PaxHeader", 8, type=tarfile.XHDTYPE).tobuf() + b"8 a=bcd\n".ljust(512, b"\0")
ENDLESS = member("endless.csv", 2**60).tobuf(tarfile.GNU_FORMAT) + bytes(4096)
SMALL = zipped(("m.ipynb", b" " * (20 * MB)))

ATTACKS: list[Attack] = [
    beside("many small zips", {f"{n}.zip": zipped((f"m{n}.py", MINE)) for n in range(40)}, "more than 20 archives"),
    beside("many zips, each below the limit of one", {f"{n}.zip": SMALL for n in range(19)}, "more than 256 MB unpacked"),
    beside("a zip of a hundred thousand names", {"names.zip": many_names(100_000)}, "more than 4 MB of file names"),
    beside("a zip of files that nobody wants", {"names.zip": many_names(30_000)}, "more than 20000 files and folders"),
    beside("zips in zips in zips", {"deep.zip": tree(1, 9)}, "nested more than 4 deep"),
    beside("a tree of zips", {"tree.zip": tree(12, 3)}, "more than 20 archives"),
    beside("many files", {f"{n % 50}/{n}.csv": b"" for n in range(21_000)}, "more than 20000 files and folders"),
    beside("a bomb of gzip", {"bomb.tar.gz": gzip.compress(member("a.csv", 300 * MB).tobuf()) + gzip.compress(bytes(10 * MB)) * 30}, "more than 256 MB unpacked"),
    beside("a bomb of bzip2", {"bomb.tar.bz2": bz2.compress(member("a.csv", 300 * MB).tobuf()) + bz2.compress(bytes(9 * MB)) * 33}, "more than 256 MB unpacked"),
    beside("a tar member that says it is endless", {"a.tar": ENDLESS}, "could not be unpacked"),
    beside("attributes of a tar without end", {"a.tar": tarred((member("a.py", 1, pax_headers=PAX), b"a"))}, "a header is larger than 256 KB"),
    beside("a long name in a tar", {"a.tar": tarred((member("x/" * MB, 1), b"a"), format=tarfile.GNU_FORMAT)}, "a header is larger than 256 KB"),
    beside("headers of headers in a tar", {"a.tar": LOOP * 5000}, "a.tar: "),
    beside("a sparse file of a petabyte", {"a.tar": tarred((member("s.py", len(HOLE), pax_headers=SPARSE), HOLE))}, ""),
    beside("devices and links in a tar", {"a.tar": tarred(*((member(f"{n}.py", type=kind, linkname="/etc/passwd"), b"") for n, kind in enumerate((tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE))))}, "a link, ignored"),
    unread("a notebook of nested nothing", b'{"cells": [], "x": [' + b"[]," * 3_000_000 + b"[]]}", "more than 2000000 values"),
    unread("nested nothing behind texts that look like it", b'{"cells": [], "a": "\\"[[[[", "x": [' + b'"",' * 3_000_000 + b"[]]}", "more than 2000000 values"),
    unread("nested nothing in UTF-16", ('{"cells": [], "a": "\\"", "x": [' + "[]," * 2_000_000 + "[]]}").encode("utf-16"), "more than 2000000 values"),
    unread("a million keys", json.dumps({"cells": [], "metadata": {str(n): 0 for n in range(1_100_000)}}).encode(), "more than 2000000 values"),
    unread("an old format of empty worksheets", b'{"nbformat": 3, "worksheets": [' + b'{"cells": []},' * 100_000 + b"{}]}", "old format"),
    beside("a number of a hundred thousand digits", {"n.ipynb": b'{"cells": [], "x": ' + b"9" * 100_000 + b"}"}, "not a notebook of this assignment"),
    with_source("a megabyte of `a.`", "a." * (MB // 2)),
    with_source("a hundred kilobytes of `a.`, several times", *(f"a{n}." + "a." * 60_000 for n in range(3))),
    with_source("long cells of short lines", *(f"x{n} = 1\n" + "x = 1\n" * 40_000 for n in range(3))),
    beside("many broken notebooks", {f"01_small ({n}).ipynb": b"[" * 1000 for n in range(200)}, "another copy of 01_small"),
]  # fmt: skip
