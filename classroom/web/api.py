"""The API for students' notebooks, ``/api/v1``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from classroom.board import competitions, finals, names, standings
from classroom.errors import Forbidden
from classroom.people.tokens import is_token
from classroom.storage.tables import INSTRUCTOR, Person
from classroom.web import documents
from classroom.web.documents import (
    Board,
    ChosenFinals,
    CompetitionInfo,
    Finals,
    MySubmissions,
    Name,
    NameChoice,
    SubmissionReceipt,
)
from classroom.web.http.addresses import address_of
from classroom.web.http.bodies import read_json
from classroom.web.http.problems import documented
from classroom.web.service import Serving

router = APIRouter(prefix="/api/v1/competitions/{slug}")
bearer = HTTPBearer(auto_error=False, description="The token that the instructor handed out.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]

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


async def visitor(request: Request, service: Serving) -> None:
    """Count an anonymous request towards the rate of its network address."""
    service.admit_address(address_of(request))


async def person(request: Request, service: Serving, sent: Credentials) -> Person:
    """Return the sender of a request. Raises Unauthorized and TooMany.

    A request that is refused without a look-up in the database takes no thread.
    """
    token, address = sent.credentials if sent else None, address_of(request)
    if token is None or not is_token(token):
        return service.person_of(token, address)
    service.check_pace(token)
    return await run_in_threadpool(service.person_of, token, address)


Visitor = Annotated[None, Depends(visitor)]
Known = Annotated[Person, Depends(person)]


async def sent_finals(request: Request, service: Serving, who: Known) -> Finals:
    """Return the body of a request; the token is checked first."""
    return await read_json(request, service.settings, Finals)


async def sent_name(request: Request, service: Serving, who: Known) -> NameChoice:
    """Return the body of a request; the token is checked first."""
    return await read_json(request, service.settings, NameChoice)


def _takes(model: type[BaseModel]) -> dict[str, Any]:
    """Return the OpenAPI description of a JSON body."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.get("", response_model=CompetitionInfo, responses=documented(404, 422, 429))
def competition(slug: str, service: Serving, _: Visitor) -> CompetitionInfo:
    """The rules of a competition."""
    with service.db.read() as session:
        return documents.competition(competitions.find(session, slug))


@router.get("/leaderboard", response_model=Board, responses=documented(404, 422, 429))
def leaderboard(slug: str, service: Serving, _: Visitor) -> Board:
    """The public board, best first."""
    with service.db.read() as session:
        return documents.board(standings.board(session, competitions.find(session, slug)))


@router.get("/standings", response_model=Board, responses=documented(401, 403, 404, 422, 429))
def private_standings(slug: str, service: Serving, who: Known) -> Board:
    """The private board. Students may read it after the competition is finalized."""
    with service.db.read() as session:
        found = competitions.find(session, slug)
        if found.finalized_at is None and who.role != INSTRUCTOR:
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

    A file that the team has sent before gets the same answer again, with the status ``duplicate``.
    It does not count towards the quota.
    """
    return documents.receipt(await service.submit(request, who, slug))


@router.get(
    "/submissions/mine", response_model=MySubmissions, responses=documented(401, 404, 422, 429)
)
def mine(slug: str, service: Serving, who: Known) -> MySubmissions:
    """All files of the sender's team, latest first, refused files included."""
    with service.db.read() as session:
        found = competitions.find(session, slug)
        return documents.mine(session, found, who, service.clock())


@router.put(
    "/submissions/final",
    response_model=ChosenFinals,
    response_model_exclude_defaults=True,
    openapi_extra=_takes(Finals),
    responses=documented(400, 401, 403, 404, 408, 409, 413, 415, 422, 429),
)
def choose_finals(
    slug: str, service: Serving, who: Known, chosen: Annotated[Finals, Depends(sent_finals)]
) -> ChosenFinals:
    """Choose up to two submissions that count in the end. Without any, the best public one counts.

    The answer has a warning for each file that was not better than the team's best: its own
    private score counts then.
    """
    got = finals.choose(service.db, service.clock(), who, slug, chosen.ids)
    return ChosenFinals(ids=got.ids, warnings=got.warnings)


@router.put(
    "/name",
    response_model=Name,
    openapi_extra=_takes(NameChoice),
    responses=documented(400, 401, 403, 404, 408, 409, 413, 415, 422, 429),
)
def choose_name(
    slug: str, service: Serving, who: Known, choice: Annotated[NameChoice, Depends(sent_name)]
) -> Name:
    """Show the real name on the board, or the handle."""
    shown = names.show_name(
        service.db, service.keys, service.clock(), who, slug, choice.show_real_name
    )
    return Name(handle=shown)
