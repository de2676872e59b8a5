"""One uploaded file, taken from a request with a bound on what is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from leaderboard.errors import Invalid, Problem, TooLarge, UploadTooSlow, WrongType
from leaderboard.settings import Settings

FIELD = "file"
FRAMING = 16 * 1024  # what multipart adds around a file, at most


async def read_upload(request: Request, settings: Settings) -> tuple[str, bytes]:
    """Return the name and the bytes of the file in a multipart request.

    Stops reading, and raises TooLarge, as soon as the body is larger than a file may be. Raises
    WrongType, Invalid and UploadTooSlow too.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise WrongType("Send the file as multipart/form-data, in the field named file.")
    limit = settings.max_upload_bytes
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and int(stated[:18]) > limit + FRAMING:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(settings.upload_timeout_s):
            return await _read(request, limit)
    except TimeoutError:
        raise UploadTooSlow(
            f"The file did not arrive within {settings.upload_timeout_s:g} seconds."
        ) from None


async def _read(request: Request, limit: int) -> tuple[str, bytes]:
    parser = MultiPartParser(
        request.headers, _bounded(request, limit), max_files=1, max_fields=8, max_part_size=FRAMING
    )
    # What fits into memory stays there: a file on the disk would only slow it down.
    parser.spool_max_size = limit
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError) as error:
        reason = getattr(error, "message", "the multipart body cannot be read")
        raise Invalid(
            "The request holds no readable file.", problems=[Problem(str(reason))]
        ) from None
    try:
        files = form.getlist(FIELD)
        if len(files) != 1 or not isinstance(files[0], UploadFile):
            raise Invalid(
                "The request holds no file.",
                problems=[Problem("one file is expected, in the field named file")],
            )
        data = await files[0].read()
        if len(data) > limit:
            raise _too_large(limit)
        return files[0].filename or FIELD, data
    finally:
        await form.close()


async def _bounded(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    read = 0
    async for chunk in request.stream():
        read += len(chunk)
        if read > limit + FRAMING:
            raise _too_large(limit)
        yield chunk


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"A file of predictions has at most {limit} bytes.")
