"""Bodies of requests, with limits on bytes, pieces and seconds."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from classroom.errors import Invalid, Problem
from classroom.web.http.errors import TooLarge, UploadTooSlow, WrongType
from classroom.web.http.settings import Settings

PIECES, PIECE_BYTES = 400, 512  # PIECES pieces, and one more for each PIECE_BYTES bytes
MOST_TOLD = 20  # problems of a JSON body that are listed
Model = TypeVar("Model", bound=BaseModel)


async def pieces(
    request: Request, most: int, timeout_s: float, too_large: str
) -> AsyncIterator[bytes]:
    """Yield the body of a request piece by piece.

    Raises TooLarge with the sentence ``too_large``; if the stated length is too large, before
    reading. Raises UploadTooSlow after ``timeout_s`` seconds, WrongType for a compressed body, and
    Invalid for a body in very many tiny pieces, because each piece costs processor time.
    """
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise WrongType("Send the body as it is, not compressed.")
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and int(stated[:18]) > most:
        raise TooLarge(too_large)
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + timeout_s
    size = count = 0
    while True:
        try:
            async with asyncio.timeout_at(ends_at):
                message = await request.receive()
        except TimeoutError:
            raise UploadTooSlow(f"The file did not arrive within {timeout_s:g} seconds.") from None
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body: bytes = message.get("body", b"")
        size, count = size + len(body), count + 1
        if size > most:
            raise TooLarge(too_large)
        if count > PIECES + size // PIECE_BYTES:
            raise Invalid("The body arrives in too many tiny pieces.")
        if body:
            yield body
        if not message.get("more_body", False):
            return


async def read_small(request: Request, settings: Settings, what: str) -> bytes:
    """Return the body of a form or a JSON document. Raises the errors of ``pieces``."""
    most = settings.form_bytes
    body = bytearray()
    too_large = f"{what} has at most {most} bytes."
    async for piece in pieces(request, most, settings.form_timeout_s, too_large):
        body += piece
    return bytes(body)


async def read_json(request: Request, settings: Settings, model: type[Model]) -> Model:
    """Return the JSON body of a request as a document.

    Raises Invalid with every problem, WrongType, and the errors of ``pieces``. Routes call this
    because the framework would read the body before it checks the token.
    """
    kind = request.headers.get("content-type", "application/json")
    if kind.partition(";")[0].strip().lower() != "application/json":
        raise WrongType("Send JSON, with the content type application/json.")
    body = await read_small(request, settings, "This document")
    try:
        return model.model_validate(json.loads(body, parse_constant=_no_number))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        problems = [_problem(one["loc"], one["msg"]) for one in found[:MOST_TOLD]]
    except (ValueError, RecursionError):
        problems = [Problem("the body is not JSON")]
    raise Invalid("The request is not valid.", problems=problems)


def _problem(location: tuple[int | str, ...], message: str) -> Problem:
    where = ".".join(str(part)[:40] for part in location)
    return Problem(f"{where}: {message}" if where else message)


def _no_number(name: str) -> float:
    return math.nan  # NaN and Infinity are not JSON; every document here refuses NaN


class CloseUnread:
    """Ends the connection after an answer that was sent before the whole body was read.

    Otherwise a refused client could go on sending, and the server would have to read the whole body
    to find the next request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not _has_body(scope):
            await self.app(scope, receive, send)
            return
        unread = True

        async def counted() -> Message:
            nonlocal unread
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body", False):
                unread = False
            return message

        async def closing(message: Message) -> None:
            if unread and message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        await self.app(scope, counted, closing)


def _has_body(scope: Scope) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip() != b"0")
        for name, value in scope["headers"]
    )
