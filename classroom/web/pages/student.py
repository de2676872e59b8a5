"""What a student does on a board: hand in a file, choose finals, show a name."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from classroom.board import finals, submissions
from classroom.board.competitions import find
from classroom.board.submissions import Receipt
from classroom.errors import Forbidden, Refused, Unconfirmed
from classroom.people import roster
from classroom.people.teams import ensure_team, show_name, team_of
from classroom.storage.tables import Person
from classroom.web.arrivals import in_thread_while_connected
from classroom.web.errors import Unauthorized
from classroom.web.pages.board import board_page
from classroom.web.pages.visitors import OwnForm, Serving, Visiting, Visitor, check_form_token
from classroom.web.problems import retry_after, status_of
from classroom.web.service import Service
from classroom.web.uploads import read_upload_and_fields

router = APIRouter(prefix="/c/{slug}", include_in_schema=False)


@router.post("/submissions")
async def submit(slug: str, request: Request, service: Serving, who: Visiting) -> Response:
    """Hand in a file; the board tells what came of it."""
    try:
        receipt = await _take(request, service, who, slug)
    except (Unauthorized, Forbidden):
        raise
    except Refused as error:
        return await run_in_threadpool(_with_failure, request, service, who, slug, error)
    return RedirectResponse(f"/c/{slug}?sent={receipt.id}-{receipt.status}#sent", 303)


async def _take(request: Request, service: Service, who: Visitor, slug: str) -> Receipt:
    person, at = who.known(), service.clock()
    entrant = await run_in_threadpool(submissions.admit, service.db, service.keys, person, slug, at)
    with service.uploads.one(person):
        name, data, fields = await read_upload_and_fields(request, service.settings)
        check_form_token(who.cookie, fields.get("form_token", ""))
        if not name and not data:
            raise Refused("Choose a file first.")
        kept = service.settings.invalid_kept
        work = partial(submissions.submit, service.db, entrant, data, name, kept)
        return await in_thread_while_connected(request, service.scoring, work)


def _with_failure(
    request: Request,
    service: Service,
    who: Visitor,
    slug: str,
    error: Refused,
    confirm: list[int] | None = None,
) -> Response:
    """Return the board with the reasons why a form was refused, or must be confirmed."""
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
    person = _student(who)
    try:
        with service.db.write() as session:
            competition = find(session, slug)
            team = team_of(session, competition, person)
            ids = form.numbers("final")
            confirmed = form.one("confirm") == "yes"
            finals.choose(session, service.clock(), competition, person, team, ids, confirmed)
    except Unconfirmed as error:
        return _with_failure(request, service, who, slug, error, ids)
    except Forbidden:
        raise
    except Refused as error:
        return _with_failure(request, service, who, slug, error)
    return RedirectResponse(f"/c/{slug}?saved=finals#mine", 303)


@router.post("/name")
def choose_name(
    slug: str, request: Request, service: Serving, who: Visiting, form: OwnForm
) -> Response:
    """Show the real name on the board, or the handle again."""
    person = _student(who)
    try:
        with service.db.write() as session:
            competition = find(session, slug)
            team = ensure_team(session, competition, person, service.keys.of(session, competition))
            show = form.one("show") == "yes"
            show_name(session, service.clock(), competition, person, team, show)
    except Forbidden:
        raise
    except Refused as error:
        return _with_failure(request, service, who, slug, error)
    return RedirectResponse(f"/c/{slug}?saved=name#you", 303)


def _student(who: Visitor) -> Person:
    person = who.known()
    if person.role != roster.STUDENT:
        raise Forbidden("Only students are on the board.")
    return person
