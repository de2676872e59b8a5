"""One uploaded file, taken from a request with a bound on what is read."""

from __future__ import annotations

import asyncio

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from leaderboard.errors import Invalid, Problem, TooLarge, UploadTooSlow, WrongType
from leaderboard.settings import Settings

FIELD = b"file"
FIELDS, FIELD_BYTES = 10, 1000  # short texts that a form may hold beside the file
FRAMING = 16 * 1024  # what multipart adds around a file, at most
BROKEN = "the multipart body cannot be read, or its end is missing"


async def read_upload(request: Request, settings: Settings) -> tuple[str, bytes]:
    """Return the name and the bytes of the file in a multipart request.

    Stops reading, and raises TooLarge, as soon as the body is larger than a file may be. Raises
    WrongType, Invalid and UploadTooSlow too. Nothing is written to the disk.
    """
    name, data, _ = await read_upload_and_fields(request, settings)
    return name, data


async def read_upload_and_fields(
    request: Request, settings: Settings
) -> tuple[str, bytes, dict[str, str]]:
    """Return what ``read_upload`` does, and the short text fields of a form beside the file."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        raise WrongType("Send the file as multipart/form-data, in the field named file.")
    limit = settings.max_upload_bytes
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and int(stated[:18]) > limit + FRAMING:
        raise _too_large(limit)
    parts = _Parts()
    try:
        async with asyncio.timeout(settings.upload_timeout_s):
            await _feed(request, parts, options.get(b"boundary", b""), limit)
    except TimeoutError:
        raise UploadTooSlow(
            f"The file did not arrive within {settings.upload_timeout_s:g} seconds."
        ) from None
    if len(parts.files) != 1:
        raise _invalid("one file is expected, in the field named file")
    name, data = parts.files[0]
    if len(data) > limit:
        raise _too_large(limit)
    return name, bytes(data), parts.fields()


class _Parts:
    """Collects the parts of a body that are files under the name ``file``, and short texts."""

    def __init__(self) -> None:
        self.files: list[tuple[str, bytearray]] = []
        self.texts: dict[bytes, bytearray] = {}
        self.ended = False
        self._header, self._value = b"", b""
        self._disposition = b""
        self._data: bytearray | None = None

    def fields(self) -> dict[str, str]:
        """Return the texts, by the names of their fields."""
        return {
            name.decode("utf-8", "replace"): bytes(text[:FIELD_BYTES]).decode("utf-8", "replace")
            for name, text in self.texts.items()
        }

    def on_part_begin(self) -> None:
        self._disposition, self._data = b"", None

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header, self._value = b"", b""

    def on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        if options.get(b"name") == FIELD and b"filename" in options:
            self._data = bytearray()
            name = options[b"filename"].decode("utf-8", "replace")
            self.files.append((name, self._data))
        elif b"filename" not in options and len(self.texts) < FIELDS:
            self._data = self.texts.setdefault(options.get(b"name", b""), bytearray())

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._data is not None:
            self._data += data[start:end]

    def on_end(self) -> None:
        self.ended = True


async def _feed(request: Request, parts: _Parts, boundary: bytes, limit: int) -> None:
    """Give the body to ``parts``, piece by piece. Raises TooLarge and Invalid."""
    if not boundary:
        raise _invalid("the boundary of the multipart body is not stated")
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
    read = 0
    try:
        async for chunk in request.stream():
            read += len(chunk)
            if read > limit + FRAMING:
                raise _too_large(limit)
            parser.write(chunk)
        parser.finalize()
    except FormParserError:
        raise _invalid(BROKEN) from None
    if not parts.ended:
        raise _invalid(BROKEN)


def _invalid(problem: str) -> Invalid:
    return Invalid("The request holds no readable file.", problems=[Problem(problem)])


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"A file of predictions has at most {limit} bytes.")
