"""The API for students' notebooks, ``/api/v1``."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from leaderboard import competitions, documents, finals, people, standings, submissions
from leaderboard.documents import (
    Board,
    CompetitionInfo,
    Finals,
    MySubmissions,
    Name,
    NameChoice,
    SubmissionReceipt,
)
from leaderboard.errors import Absent, Forbidden, NotFound
from leaderboard.problems import documented
from leaderboard.service import Service, address_of, service_of
from leaderboard.tables import Competition, Person
from leaderboard.teams import ensure_team, show_name, team_of
from leaderboard.uploads import read_upload

router = APIRouter(prefix="/api/v1/competitions/{slug}")
bearer = HTTPBearer(auto_error=False, description="The token that the instructor handed out.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
Serving = Annotated[Service, Depends(service_of)]

UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


def visitor(request: Request, service: Serving) -> None:
    """Count the request of somebody who need not say who they are."""
    service.admit_address(address_of(request))


def person(request: Request, service: Serving, sent: Credentials) -> Person:
    """Return who sends the request. Raises Unauthorized and TooMany."""
    address = address_of(request)
    service.admit_address(address)
    return service.person_of(sent.credentials if sent else None, address)


Visitor = Annotated[None, Depends(visitor)]
Known = Annotated[Person, Depends(person)]


def _find(session: Session, slug: str) -> Competition:
    try:
        return competitions.find(session, slug)
    except NotFound:
        raise Absent("There is no such competition.") from None


@router.get("", response_model=CompetitionInfo, responses=documented(404, 422, 429))
def competition(slug: str, service: Serving, _: Visitor) -> CompetitionInfo:
    """The rules of a competition."""
    with service.db.read() as session:
        return documents.competition(_find(session, slug))


@router.get("/leaderboard", response_model=Board, responses=documented(404, 422, 429))
def leaderboard(slug: str, service: Serving, _: Visitor) -> Board:
    """The public board, the best first."""
    with service.db.read() as session:
        return documents.board(standings.board(session, _find(session, slug)))


@router.get("/standings", response_model=Board, responses=documented(401, 403, 404, 422, 429))
def private_standings(slug: str, service: Serving, who: Known) -> Board:
    """The private board: for students once the competition is finalized."""
    with service.db.read() as session:
        found = _find(session, slug)
        if found.finalized_at is None and who.role != people.INSTRUCTOR:
            raise Forbidden("The private standings appear when the competition is finalized.")
        key = service.keys.of(session, found)
        return documents.board(standings.private_board(session, found, key))


@router.post(
    "/submissions",
    response_model=SubmissionReceipt,
    status_code=201,
    openapi_extra=UPLOAD,
    responses=documented(400, 401, 403, 404, 408, 409, 413, 415, 422, 429),
)
async def submit(slug: str, request: Request, service: Serving, who: Known) -> SubmissionReceipt:
    """Hand in a file of predictions.

    A file that the team has handed in before is answered as it was then, with the status
    ``duplicate``; it costs nothing.
    """
    at = service.clock()
    entrant = await run_in_threadpool(submissions.admit, service.db, service.keys, who, slug, at)
    name, data = await read_upload(request, service.settings)
    kept = service.settings.invalid_kept
    receipt = await to_thread.run_sync(
        submissions.submit, service.db, entrant, data, name, kept, limiter=service.scoring
    )
    return documents.receipt(receipt)


@router.get(
    "/submissions/mine", response_model=MySubmissions, responses=documented(401, 404, 422, 429)
)
def mine(slug: str, service: Serving, who: Known) -> MySubmissions:
    """What the team of the sender has handed in, the latest first, refused files included."""
    with service.db.read() as session:
        found = _find(session, slug)
        return documents.mine(session, found, who, service.clock())


@router.put(
    "/submissions/final",
    response_model=Finals,
    responses=documented(400, 401, 403, 404, 409, 422, 429),
)
def choose_finals(slug: str, chosen: Finals, service: Serving, who: Known) -> Finals:
    """Choose up to two submissions that count in the end; none: the best public one counts."""
    with service.db.write() as session:
        found = _find(session, slug)
        team = team_of(session, found, who)
        ids = finals.choose(session, service.clock(), found, who, team, chosen.ids)
        return Finals(ids=ids)


@router.put("/name", response_model=Name, responses=documented(400, 401, 403, 404, 409, 422, 429))
def choose_name(slug: str, choice: NameChoice, service: Serving, who: Known) -> Name:
    """Show the real name on the board, or the handle again."""
    if who.role != people.STUDENT:
        raise Forbidden("Only students are on the board.")
    with service.db.write() as session:
        found = _find(session, slug)
        team = ensure_team(session, found, who, service.keys.of(session, found))
        shown = show_name(session, service.clock(), found, who, team, choice.show_real_name)
        return Name(handle=shown)
