"""Bodies that once cost a server seconds or gigabytes, each as large as one may be."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Sequence

MIB = 2**20
SIZE = 4 * MIB


def filled(text: str | bytes, size: int = SIZE) -> bytes:
    """A text again and again, up to a size."""
    piece = text.encode() if isinstance(text, str) else text
    return (piece * (size // len(piece) + 1))[:size]


def files(good: bytes, size: int = SIZE) -> dict[str, bytes]:
    """Refused files of predictions, by their oddity; ``good`` is a right file."""
    first = good.partition(b"\n")[0]
    name = first.split()[0]
    lines = good.splitlines(keepends=True)
    chance = random.Random(7)
    return {
        "a line of labels without an end": name + b" " + filled("1 2 3 4 ", size - 99),
        "a line of other labels without an end": name
        + b" "
        + " ".join(map(str, range(size // 9))).encode(),
        "a line of repeated labels": name + b" " + filled("7 ", size - 99),
        "one word without an end": filled("x", size),
        "two million commas": filled(",", size),
        "a header without an end": b"filename," + filled("a,", size - 9),
        "two million short lines": filled("x\n", size),
        "short lines of one label": filled("1 2\n", size),
        "only newlines": filled("\n", size),
        "only carriage returns": filled("\r", size),
        "only Windows newlines": filled("\r\n", size),
        "only blanks": filled(" ", size),
        "only blanks of Unicode": filled("\u2003", size - 1),
        "NUL bytes": filled("\0", size),
        "the same row again": filled(first + b"\n", size),
        "the right file again and again": filled(good, size),
        "unicode digits": filled(name.decode() + " ٤ ٣ ٢ ١ ٥\n", size - 40)[:-40],
        "huge exponents": filled(name + b" 1e999999999 1e9999 -1e99999 nan inf\n", size),
        "long numbers": filled(name + b" " + b"9" * 200 + b" 1 2 3 4\n", size),
        "odd spellings": filled(name + b" 0000000001 02 003 -0 0000005\n", size),
        "one problem at the end": b"".join(lines[:-1]) + lines[-1].replace(b" ", b" x", 1),
        "a wrong label in each line": good.replace(b"\n", b"x\n"),
        "labels that are too large": good.replace(b"\n", b"9\n"),
        "mixed separators": good.replace(b" ", b", ").replace(b"\n", b",\n"),
        "lines of the longest length": filled(name + b" " + filled("1 ", 900) + b"\n", size),
        "lines of all labels": filled(
            name + b" " + " ".join(map(str, range(250))).encode() + b"\n", size
        ),
        "names without an end": filled(b"n" * 900 + b" 1 2 3 4 5\n", size),
        "other planes of Unicode": filled("\U0001f438", size),
        "UTF-16": good.decode().encode("utf-16"),
        "a byte order mark in each line": filled(b"\xef\xbb\xbf" + first + b"\n", size),
        "not UTF-8 at its end": filled("a\n", size - 2) + b"\xff\n",
        "gzip": gzip.compress(filled("x\n", 50 * MIB)),
        "noise": chance.randbytes(size // 4),
        "noise of letters": chance.randbytes(size // 4).hex(" ", 3).encode(),
    }


Multipart = tuple[str, bytes]  # the content type, and the body


def part(head: str, data: bytes, boundary: str = "b") -> bytes:
    """A part of a body, without the end of the body."""
    return f"--{boundary}\r\n{head}\r\n\r\n".encode() + data + b"\r\n"


FILE = 'Content-Disposition: form-data; name="file"; filename="p.txt"'


def multiparts(size: int = SIZE) -> dict[str, Multipart]:
    """Bodies that are expensive for a multipart parser, by their oddity."""
    kind = "multipart/form-data; boundary=b"
    start = part(FILE, b"")[:-2]
    return {
        "299,000 parts": (kind, filled("--b\r\n\r\n\r\n", size)),
        "parts with names": (
            kind,
            filled(part('Content-Disposition: form-data; name="a"', b""), size),
        ),
        "a prefix of the boundary again and again": (
            f"{kind[:-1]}{'-' * 60}",
            start.replace(b"--b", b"--" + b"-" * 60) + filled("\r\n" + "-" * 61, size),
        ),
        "the boundary as data": (kind, start + filled("\r\n--bX", size)),
        "a boundary and blanks": (kind, start + b"\r\n--b" + filled(" ", size)),
        "only hyphens": (kind, filled("-", size)),
        "only carriage returns": (kind, start + filled("\r", size)),
        "newlines before the first boundary": (kind, filled("\r\n-", size)),
        "text after the end": (kind, b"--b--\r\n" + filled("--b\r\n", size)),
        "a header without an end": (kind, b"--b\r\nX: " + filled("y", size)),
        "a header of blanks": (kind, b"--b\r\nX:" + filled(" ", size)),
        "a header's name without an end": (kind, b"--b\r\n" + filled("X", size)),
        "100,000 headers": (kind, b"--b\r\n" + filled("X: y\r\n", size)),
        "options without an end": (
            kind,
            part('Content-Disposition: form-data; name="file"' + ';"' * 2000, b"") + b"--b--\r\n",
        ),
        "a long boundary": (f"multipart/form-data; boundary={'b' * 4000}", filled("b", size)),
        "options in the content type": (kind + ';"' * 4000, filled("b", size)),
        "two files": (kind, part(FILE, b"") * 2 + b"--b--\r\n"),
        "a large text": (
            kind,
            part('Content-Disposition: form-data; name="note"', filled("n", size)) + b"--b--\r\n",
        ),
        "no end": (kind, part(FILE, filled("x\n", size))),
        "gzip as multipart": (kind, gzip.compress(filled("x", 50 * MIB))),
        "another type": ("text/plain", filled("x", size)),
        "a form": ("application/x-www-form-urlencoded", filled("a=b&", size)),
        "JSON": ("application/json", filled("[", size)),
    }


Body = Callable[[], bytes]
DOCUMENTS: Sequence[bytes] = (
    b"[" * 16_000,
    b'{"a":' * 3000,
    b'{"ids":[' + b"1," * 5000 + b"1]}",
    b'{"ids":[' + b"9" * 15_000 + b"]}",
    b'{"ids":[1e999999999]}',
    b'{"ids":[NaN,-Infinity]}',
    b'{"show_real_name":' + b"[" * 10_000,
    b"{" + b",".join(b'"k%d":1' % n for n in range(1500)) + b"}",
    b'{"ids":["\\ud800"]}',
    b"\xff\xfe{\x00}\x00",
    b"\x00" * 16_000,
    b'"' + b"\\u0041" * 2500 + b'"',
    b"",
)
