"""Error pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

from fastapi import FastAPI, Request
from starlette.responses import Response

from classroom.web.site import NOBODY, site_of

Handler = Callable[[Request, Any], Response]
WHAT_TO_DO = {
    401: "Open the link that your instructor sent you, or sign in with your token.",
    403: "If you think that you should be allowed to, ask your instructor.",
    404: "Check the address, or start from the list of competitions.",
    405: "Go back to the page you came from and use its buttons.",
    408: "Try again on a steadier connection.",
    409: "Nothing was changed; the board shows how things stand.",
    413: "Check that it is the file of predictions, and nothing else.",
    415: "Go back and send the form again.",
    422: "Go back, correct it and send it again.",
    429: "Wait a moment, then load the page again.",
    500: "Try again; if it stays, tell your instructor the reference.",
}


def wants_page(request: Request) -> bool:
    """Return whether a request comes from a browser, not from a program."""
    if request.url.path.startswith("/api/"):
        return False
    return "text/html" in request.headers.get("accept", "")


def install(app: FastAPI) -> None:
    """Show the problem documents of an application as pages in browsers."""
    for kind, handler in list(app.exception_handlers.items()):
        if handler.__module__ == "classroom.web.http.problems":
            app.add_exception_handler(kind, _as_page(cast(Handler, handler)))


def _as_page(handler: Handler) -> Handler:
    def answer(request: Request, error: Exception) -> Response:
        response = handler(request, error)
        if not wants_page(request):
            return response
        problem = json.loads(bytes(response.body))
        kept = {"retry-after", "allow"}
        headers = {name: value for name, value in response.headers.items() if name in kept}
        return site_of(request).page(
            request,
            "failure.html",
            NOBODY,
            response.status_code,
            headers,
            problem=problem,
            advice=WHAT_TO_DO.get(response.status_code, "Go back and try again."),
        )

    return answer
