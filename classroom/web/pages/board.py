"""The public pages: the list of competitions, a board, its rules."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from classroom.board import competitions
from classroom.board.competitions import points_rule
from classroom.board.submissions import DUPLICATE
from classroom.errors import Problem
from classroom.storage.tables import Competition
from classroom.web.documents import MySubmission, MySubmissions
from classroom.web.pages.visitors import Visiting, Visitor
from classroom.web.service import Service, Serving
from classroom.web.site import site_of
from classroom.web.views.board_view import (
    handed_in,
    look,
    phase_of,
    phase_words,
)
from classroom.web.views.snapshots import Snapshots, version

router = APIRouter(include_in_schema=False)


@router.get("/")
def index(request: Request, service: Serving, who: Visiting) -> HTMLResponse:
    """The list of competitions."""
    now = service.clock()
    with service.db.read() as session:
        rows = [
            (row, phase_of(row, now), phase_words(row, now)) for row in competitions.listed(session)
        ]
    return site_of(request).page(request, "index.html", who.frame, competitions=rows)


@router.get("/c/{slug}")
def board(
    slug: str,
    request: Request,
    service: Serving,
    who: Visiting,
    shown: Annotated[str, Query(alias="board")] = "",
    sent: str = "",
    saved: str = "",
) -> HTMLResponse:
    """A board, with the files of the student who is signed in."""
    with service.db.read() as session:
        return board_page(
            session, request, service, who, competitions.find(session, slug),
            public=shown == "public", sent=sent, saved=saved,
        )  # fmt: skip


def board_page(
    session: Session,
    request: Request,
    service: Service,
    who: Visitor,
    competition: Competition,
    *,
    public: bool = False,
    sent: str = "",
    saved: str = "",
    failure: str = "",
    problems: list[Problem] | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
    confirm: list[int] | None = None,
) -> HTMLResponse:
    """Return the page of a board, with the result of a form if one was sent.

    confirm: finals that the student must confirm before they are saved.
    """
    now = service.clock()
    snapshot = _snapshots(request).of(session, competition, now)
    view = look(session, snapshot, who.person, competition, now, public)
    mine = handed_in(session, competition, who.person, now)
    return site_of(request).page(
        request,
        "board.html",
        who.frame,
        status,
        headers,
        view=view,
        mine=mine,
        phase_words=phase_words(competition, now),
        receipt=_receipt(mine, sent),
        again=sent.endswith(DUPLICATE),
        saved=saved if saved in ("finals", "name") else "",
        failure=failure,
        problems=problems or [],
        confirm=confirm or [],
    )


def _receipt(mine: MySubmissions | None, sent: str) -> MySubmission | None:
    number = sent.partition("-")[0]
    for one in mine.submissions if mine else []:
        if str(one.id) == number and one.status == "scored":
            return one
    return None


@router.get("/c/{slug}/live")
def live(
    slug: str, request: Request, service: Serving, who: Visiting, v: str = "", board: str = ""
) -> Response:
    """The changes on a board since version ``v``, for the script that updates open pages."""
    now = service.clock()
    with service.db.read() as session:
        competition = competitions.find(session, slug)
        snapshots = _snapshots(request)
        recent = snapshots.recent(competition.id)
        current = recent.version if recent else version(session, competition, now)
        if current == v:
            return Response(status_code=204)
        snapshot = recent or snapshots.of(session, competition, now)
        view = look(session, snapshot, who.person, competition, now, board == "public")
        words = phase_words(competition, now)
        mine = handed_in(session, competition, who.person, now) if view.phase == "final" else None
    return site_of(request).page(
        request, "live.html", who.frame, view=view, mine=mine, phase_words=words
    )


@router.get("/c/{slug}/rules")
def rules(slug: str, request: Request, service: Serving, who: Visiting) -> HTMLResponse:
    """The rules of a competition."""
    now = service.clock()
    with service.db.read() as session:
        competition = competitions.find(session, slug)
    rule = points_rule(competition)
    context: dict[str, Any] = {
        "competition": competition,
        "phase_words": phase_words(competition, now),
        "rule": rule,
        "host": str(request.base_url).rstrip("/"),
    }
    return site_of(request).page(request, "rules.html", who.frame, **context)


def _snapshots(request: Request) -> Snapshots:
    snapshots: Snapshots = request.app.state.snapshots
    return snapshots
