"""An uploaded file, read from a multipart request with limits."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from classroom.errors import Invalid, Problem
from classroom.web.http.bodies import pieces
from classroom.web.http.errors import TooLarge, WrongType
from classroom.web.http.settings import Settings

FIELD = b"file"
FIELDS, FIELD_BYTES = 10, 1000  # short text fields of a form beside the file
FRAMING = 16 * 1024  # the most bytes that multipart adds around a file
PART_HEADERS, PART_HEADER_BYTES = 10, 4096  # headers of one part
MOST_OPTIONS = 20  # options of a Content-Type or a Content-Disposition
KIND_BYTES, BOUNDARY_BYTES = 300, 70  # a boundary by RFC 2046
BROKEN = "the multipart body cannot be read, or its end is missing"


@dataclass(frozen=True)
class UploadedFile:
    """The file of a form, and the short text fields beside it."""

    name: str
    data: bytes
    fields: dict[str, str]


async def read_upload(request: Request, settings: Settings) -> UploadedFile:
    """Return the file in a multipart request.

    Stops reading and raises TooLarge as soon as the body is too large. Also raises WrongType,
    Invalid and UploadTooSlow. The file stays in memory.
    """
    stated = request.headers.get("content-type", "")
    kind, options = parse_options_header(stated if len(stated) <= KIND_BYTES else "")
    if kind != b"multipart/form-data":
        raise WrongType("Send the file as multipart/form-data, in the field named file.")
    limit = settings.max_upload_bytes
    parts = _Parts()
    await _feed(request, parts, options.get(b"boundary", b""), settings)
    if len(parts.files) != 1:
        raise _invalid("one file is expected, in the field named file")
    name, data = parts.files[0]
    if len(data) > limit:
        raise _too_large(limit)
    return UploadedFile(name, bytes(data), parts.fields())


class _Parts:
    """Collects the parts of a body: files in the field ``file``, and short texts.

    Raises Invalid for more or longer headers than our forms have, because each header costs time.
    """

    def __init__(self) -> None:
        self.files: list[tuple[str, bytearray]] = []
        self.texts: dict[bytes, bytearray] = {}
        self.ended = False
        self._headers = self._header_bytes = 0
        self._header, self._value = b"", b""
        self._disposition = b""
        self._data: bytearray | None = None

    def fields(self) -> dict[str, str]:
        """Return the texts, by field name."""
        return {
            name.decode("utf-8", "replace"): bytes(text).decode("utf-8", "replace")
            for name, text in self.texts.items()
        }

    def on_part_begin(self) -> None:
        self._disposition, self._data = b"", None
        self._headers = self._header_bytes = 0

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._check_headers(end - start)
        self._header += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._check_headers(end - start)
        self._value += data[start:end]

    def _check_headers(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > PART_HEADER_BYTES:
            raise _invalid(f"the headers of a part have more than {PART_HEADER_BYTES} bytes")

    def on_header_end(self) -> None:
        self._headers += 1
        if self._headers > PART_HEADERS:
            raise _invalid(f"a part has more than {PART_HEADERS} headers")
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header, self._value = b"", b""

    def on_headers_finished(self) -> None:
        if self._disposition.count(b";") > MOST_OPTIONS:
            raise _invalid("the header of a part has too many options")
        _, options = parse_options_header(self._disposition)
        if options.get(b"name") == FIELD and b"filename" in options:
            self._data = bytearray()
            name = options[b"filename"].decode("utf-8", "replace")
            self.files.append((name, self._data))
        elif b"filename" not in options and len(self.texts) < FIELDS:
            self._data = self.texts.setdefault(options.get(b"name", b""), bytearray())

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._data is None:
            return
        if self.files and self._data is self.files[-1][1]:
            self._data += data[start:end]
        else:
            room = FIELD_BYTES - len(self._data)
            self._data += data[start : min(end, start + room)]

    def on_end(self) -> None:
        self.ended = True


class _Delimiters:
    """Checks the delimiters of a body before the parser, which is slow with odd delimiters.

    Raises Invalid for more delimiters than our forms have, and for a delimiter that neither begins
    a part nor ends the body.
    """

    def __init__(self, boundary: bytes) -> None:
        self._delimiter = b"\r\n--" + boundary
        self._tail = b""
        self._count = 0

    def check(self, piece: bytes) -> None:
        """Check one more piece of the body."""
        size = len(self._delimiter)
        seen = self._tail + piece
        at = seen.find(self._delimiter)
        while 0 <= at <= len(seen) - size - 2:
            self._count += 1
            if self._count > FIELDS + 2:
                raise _invalid(f"the body has more than {FIELDS + 1} parts")
            if seen[at + size : at + size + 2] not in (b"\r\n", b"--"):
                raise _invalid(BROKEN)
            at = seen.find(self._delimiter, at + size)
        self._tail = seen[-size - 1 :]


async def _feed(request: Request, parts: _Parts, boundary: bytes, settings: Settings) -> None:
    """Give the body to ``parts``, piece by piece. Raises Invalid and the errors of ``pieces``."""
    if not boundary:
        raise _invalid("the boundary of the multipart body is not stated")
    if len(boundary) > BOUNDARY_BYTES or not re.fullmatch(rb"[ -~]*[!-~]", boundary):
        raise _invalid(f"the boundary is not 1 to {BOUNDARY_BYTES} letters, digits and marks")
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": parts.on_part_begin,
            "on_header_field": parts.on_header_field,
            "on_header_value": parts.on_header_value,
            "on_header_end": parts.on_header_end,
            "on_headers_finished": parts.on_headers_finished,
            "on_part_data": parts.on_part_data,
            "on_end": parts.on_end,
        },
    )
    limit = settings.max_upload_bytes
    too_large = _too_large(limit).detail
    request.state.expected = True  # connections.py keeps uploads of known people
    delimiters = _Delimiters(boundary)
    try:
        async for piece in pieces(request, limit + FRAMING, settings.upload_timeout_s, too_large):
            delimiters.check(piece)
            parser.write(piece)
        parser.finalize()
    except FormParserError:
        raise _invalid(BROKEN) from None
    if not parts.ended:
        raise _invalid(BROKEN)


def _invalid(problem: str) -> Invalid:
    return Invalid("The request holds no readable file.", problems=[Problem(problem)])


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"A file of predictions has at most {limit} bytes.")
