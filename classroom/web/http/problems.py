"""Problem documents (RFC 9457): one form, and one status, for every error of the service."""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from classroom.errors import (
    ClassroomError,
    Closed,
    Forbidden,
    Invalid,
    NotAllowed,
    NotFound,
    Problem,
    Refused,
    TooMany,
    Unconfirmed,
)
from classroom.web.http.errors import TooLarge, Unauthorized, UploadTooSlow, WrongType

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger("leaderboard")

ANSWERS: dict[type[ClassroomError], tuple[int, str]] = {  # status and title of each error
    Refused: (400, "The request cannot be answered"),
    Unauthorized: (401, "No valid token"),
    Forbidden: (403, "Not allowed"),
    NotFound: (404, "Not found"),
    UploadTooSlow: (408, "The upload took too long"),
    NotAllowed: (409, "Not possible"),
    Closed: (409, "The competition is closed"),
    Unconfirmed: (409, "Please confirm"),
    TooLarge: (413, "The file is too large"),
    WrongType: (415, "Unsupported kind of request"),
    Invalid: (422, "Not valid"),
    TooMany: (429, "Too many requests"),
}


def status_of(error: ClassroomError | type[ClassroomError]) -> int:
    """Return the HTTP status of an error."""
    return ANSWERS[error if isinstance(error, type) else type(error)][0]


def retry_after(error: Refused) -> dict[str, str]:
    """Return the header ``Retry-After`` if the error has a time for it."""
    return {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}


class ErrorItem(BaseModel):
    """One mistake; ``line`` if it is about a line of the file."""

    detail: str
    line: int | None = None


class ProblemDocument(BaseModel):
    """The reason for a refused request."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ErrorItem] | None = None


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of these error responses."""
    described: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        described[status] = {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
        }
        if status == 429:
            described[status]["headers"] = {
                "Retry-After": {"description": "seconds", "schema": {"type": "integer"}}
            }
    return described


def problem(
    status: int,
    title: str,
    detail: str,
    problems: list[Problem] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Return a problem document as a response."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if problems:
        body["errors"] = [
            {"detail": one.detail} | ({} if one.line is None else {"line": one.line})
            for one in problems
        ]
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def refused(request: Request, error: Exception) -> JSONResponse:
    """Answer a refused request."""
    assert isinstance(error, Refused)
    headers = retry_after(error)
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    return problem(*ANSWERS[type(error)], error.detail, error.problems, headers)


def _not_found(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, NotFound)
    return problem(*ANSWERS[NotFound], f"There is no such {error.kind}.")


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    return problem(error.status_code, phrase, str(error.detail), headers=dict(error.headers or {}))


def _validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = []
    for one in error.errors()[:20]:
        where = ".".join(str(part) for part in one["loc"] if part != "body")
        found.append(Problem(f"{where}: {one['msg']}" if where else str(one["msg"])))
    return refused(request, Invalid("The request is not valid.", problems=found))


def _gone(request: Request, error: Exception) -> JSONResponse:
    return problem(400, "The connection ended", "The connection ended before the file did.")


def _ours(request: Request, error: Exception) -> JSONResponse:
    reference = secrets.token_hex(4)
    log.error("reference=%s path=%s", reference, request.url.path, exc_info=error)
    return problem(
        500,
        "The leaderboard failed",
        f"The leaderboard failed, not your file. Nothing was counted. Reference: {reference}.",
    )


def install(app: FastAPI) -> None:
    """Answer every error of an application with a problem document."""
    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(NotFound, _not_found)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _ours)
