"""The local site: a list of questions, a page for each question, and one form for each answer."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace

from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from autograder.course.layout import Course
from autograder.errors import AutograderError, UsageError
from autograder.grading.seeds import course_secret
from autograder.nbgrader_api.database import check_database
from autograder.questions.access import HEADERS, Access
from autograder.questions.desk import SHOWN, Desk, Refused, Saved
from autograder.questions.look import failure_page, list_page, question_page
from autograder.questions.question import Question
from autograder.questions.serving import serve
from autograder.rendering.process import PageProcess

MAX_FORM = 200_000  # bytes of a form
_Next = Callable[[Request], Awaitable[Response]]

NO_TOKEN = "Open the address that `autograder questions` printed, with its token."
NOT_OURS = "This form is not from this page. Load the page again; nothing was saved."
NOT_FOUND = "There is no such question."
TOO_LARGE = "The comment is too long; nothing was saved."


def serve_questions(
    course: Course,
    assignment: str,
    names: dict[str, str] | None,
    port: int,
    announce: Callable[[str], None],
) -> None:
    """Serve the questions of an assignment until Ctrl-C; ``announce`` receives the address.

    ``names`` are names of students for the page; None shows no student. Raises UsageError if there
    is no question or the port is taken.
    """
    check_database(course.gradebook)
    with PageProcess() as process, ThreadPoolExecutor(1) as thread:
        desk = Desk(course, assignment, process, course_secret(course), names)
        if not desk.rows():
            raise UsageError(f"{assignment} has no question that a person grades")

        def site(port: int) -> Starlette:
            access = Access(port)
            announce(access.address)
            return question_site(access, desk, thread)

        serve(site, port)


def question_site(access: Access, desk: Desk, thread: Executor) -> Starlette:
    """The site as an ASGI application.

    ``thread`` is one thread that does all work. The process that renders ends with the thread that
    started it, and takes one request at a time.
    """
    site = _Site(access, desk, thread)
    place = "/question/{notebook}/{cell}"
    return Starlette(
        routes=[
            Route("/", site.start),
            Route(place, site.question, methods=["GET"]),
            Route(place, site.save, methods=["POST"]),
        ],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=site.guard)],
    )


@dataclass
class _Site:
    access: Access
    desk: Desk
    thread: Executor

    async def guard(self, request: Request, go_on: _Next) -> Response:
        """Let only the person with the token pass, and set headers for safety."""
        try:
            if not self.access.is_here(request):
                response: Response = _failure(403, NO_TOKEN)
            elif request.method == "GET" and self.access.opens(request):
                response = RedirectResponse("/", 303)
                response.set_cookie(
                    self.access.cookie, self.access.session, httponly=True, samesite="strict"
                )
            elif not self.access.knows(request):
                response = _failure(403, NO_TOKEN)
            else:
                response = await go_on(request)
        except AutograderError as error:
            response = _failure(503, str(error))
        response.headers.update(HEADERS)
        if "Content-Security-Policy" not in response.headers:
            response.headers["Content-Security-Policy"] = _policy("")
        return response

    async def start(self, request: Request) -> Response:
        """The list of questions."""
        return await self._work(
            lambda: HTMLResponse(list_page(self.desk.assignment, self.desk.rows()))
        )

    async def question(self, request: Request) -> Response:
        """The answers to one question."""
        return await self._work(lambda: self._page(request, {}))

    async def save(self, request: Request) -> Response:
        """Save one answer; the reply is JSON for the script of the page, else the page again."""
        if int(request.headers.get("content-length") or MAX_FORM + 1) > MAX_FORM:
            return _failure(413, TOO_LARGE)
        form = await request.form(max_files=0, max_fields=20)
        if not self.access.may_write(request, _field(form, "form")):
            return _failure(403, NOT_OURS)
        return await self._work(lambda: self._save(request, form))

    async def _work(self, work: Callable[[], Response]) -> Response:
        return await asyncio.get_running_loop().run_in_executor(self.thread, work)

    def _save(self, request: Request, form: FormData) -> Response:
        key = _field(form, "key")
        fields = {name: _field(form, name) for name in ("points", "comment", "version")}
        done: Saved | Refused
        question = self._question(request)
        if question is None:
            return _failure(404, NOT_FOUND)
        try:
            done = self.desk.save(question, key, fields)
        except Refused as refusal:
            done = refusal
        if "application/json" in request.headers.get("accept", ""):
            if isinstance(done, Refused):
                return JSONResponse({"problem": str(done)}, 422)
            return JSONResponse(done.__dict__)
        return self._page(request, {key: done})

    def _question(self, request: Request) -> Question | None:
        return self.desk.question(request.path_params["notebook"], request.path_params["cell"])

    def _page(self, request: Request, saved: dict[str, Saved | Refused]) -> Response:
        show = request.query_params.get("show", "all")
        page = request.query_params.get("page", "1")
        question = self._question(request)
        if question is None:
            return _failure(404, NOT_FOUND)
        sheet = self.desk.sheet(
            question,
            show if show in SHOWN else "all",
            int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 1,
            saved,
        )
        nonce = secrets.token_urlsafe(16)
        sheet = replace(sheet, form=self.access.form, nonce=nonce)
        refused = any(isinstance(one, Refused) for one in saved.values())
        response = HTMLResponse(question_page(self.desk.assignment, sheet), 422 if refused else 200)
        response.headers["Content-Security-Policy"] = _policy(nonce)
        return response


def _policy(nonce: str) -> str:
    script = f"script-src 'nonce-{nonce}'; connect-src 'self'; " if nonce else ""
    return (
        f"default-src 'none'; {script}style-src 'unsafe-inline'; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def _failure(status: int, text: str) -> Response:
    return HTMLResponse(failure_page(text), status)


def _field(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
