"""The forms of students on a board: hand in a file, choose finals, show a name."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from classroom.board import finals, names
from classroom.board.competitions import find
from classroom.errors import Forbidden, Refused, Unconfirmed
from classroom.web.http.errors import Unauthorized
from classroom.web.http.problems import retry_after, status_of
from classroom.web.http.uploads import UploadedFile
from classroom.web.pages.board import board_page
from classroom.web.pages.visitors import OwnForm, Visiting, Visitor, check_form_token
from classroom.web.service import Service, Serving

router = APIRouter(prefix="/c/{slug}", include_in_schema=False)


@router.post("/submissions")
async def submit(slug: str, request: Request, service: Serving, who: Visiting) -> Response:
    """Hand in a file; the board shows the receipt, or the reasons of a refusal."""

    def check(file: UploadedFile) -> None:
        check_form_token(who.cookie, file.fields.get("form_token", ""))
        if not file.name and not file.data:
            raise Refused("Choose a file first.")

    try:
        receipt = await service.submit(request, who.known(), slug, check)
    except (Unauthorized, Forbidden):
        raise
    except Refused as error:
        return await run_in_threadpool(_with_failure, request, service, who, slug, error)
    return RedirectResponse(f"/c/{slug}?sent={receipt.id}-{receipt.status}#sent", 303)


def _with_failure(
    request: Request,
    service: Service,
    who: Visitor,
    slug: str,
    error: Refused,
    confirm: list[int] | None = None,
) -> Response:
    """Return the board with the reasons why a form was refused or must be confirmed."""
    with service.db.read() as session:
        return board_page(
            session, request, service, who, find(session, slug),
            failure=error.detail, problems=error.problems, status=status_of(error),
            headers=retry_after(error), confirm=confirm,
        )  # fmt: skip


@router.post("/finals")
def choose_finals(
    slug: str, request: Request, service: Serving, who: Visiting, form: OwnForm
) -> Response:
    """Choose the submissions that count in the end."""
    confirmed = form.one("confirm") == "yes"
    ids: list[int] = []
    try:
        ids = form.numbers("final")
        finals.choose(service.db, service.clock(), who.known(), slug, ids, confirmed)
    except Forbidden:
        raise
    except Refused as error:
        confirm = ids if isinstance(error, Unconfirmed) else None
        return _with_failure(request, service, who, slug, error, confirm)
    return RedirectResponse(f"/c/{slug}?saved=finals#mine", 303)


@router.post("/name")
def choose_name(
    slug: str, request: Request, service: Serving, who: Visiting, form: OwnForm
) -> Response:
    """Show the real name on the board, or the handle."""
    person, show = who.known(), form.one("show") == "yes"
    try:
        names.show_name(service.db, service.keys, service.clock(), person, slug, show)
    except Forbidden:
        raise
    except Refused as error:
        return _with_failure(request, service, who, slug, error)
    return RedirectResponse(f"/c/{slug}?saved=name#you", 303)
