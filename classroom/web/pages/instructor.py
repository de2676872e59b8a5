"""The instructor's pages: all data of a competition, and the forms that change it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from classroom.board import competitions, standings
from classroom.board.disqualification import disqualify
from classroom.errors import Invalid, NotAllowed, NotFound
from classroom.people import roster
from classroom.storage import audit
from classroom.web.http.problems import status_of
from classroom.web.pages.visitors import OwnForm, Visiting, Visitor
from classroom.web.service import Service, Serving
from classroom.web.site import site_of
from classroom.web.views import class_list
from classroom.web.views.board_view import phase_of, phase_words

router = APIRouter(prefix="/c/{slug}/instructor", include_in_schema=False)
Page = Annotated[int, Query(ge=1, le=100_000)]


def _page(
    request: Request,
    service: Service,
    who: Visitor,
    slug: str,
    template: str,
    status: int = 200,
    **context: Any,
) -> Response:
    now = service.clock()
    with service.db.read() as session:
        competition = competitions.find(session, slug)
    return site_of(request).page(
        request,
        f"instructor/{template}.html",
        who.frame,
        status,
        competition=competition,
        phase=phase_of(competition, now),
        phase_words=phase_words(competition, now),
        **context,
    )


@router.get("")
def show_standings(
    slug: str, request: Request, service: Serving, who: Visiting, by: str = "private"
) -> Response:
    """Every student with both scores and points, ordered by either score."""
    who.instructor()
    with service.db.read() as session:
        competition = competitions.find(session, slug)
        key = service.keys.of(session, competition)
        lines = standings.table(session, competition, key, True)
        names = class_list.names(session)
        baselines = [row for row in standings.board(session, competition) if row.baseline]
    if by == "public":
        worst = float("inf")
        sign = 1 if competition.metric == "top5_error" else -1
        lines.sort(key=lambda line: worst if line.public is None else sign * line.public)
    return _page(
        request, service, who, slug, "standings",
        lines=lines, names=names, baselines=baselines, by=by,
    )  # fmt: skip


@router.get("/standings.csv")
def download(slug: str, service: Serving, who: Visiting) -> Response:
    """The table for the gradebook."""
    who.instructor()
    with service.db.read() as session:
        competition = competitions.find(session, slug)
        key = service.keys.of(session, competition)
        text = standings.table_csv(standings.table(session, competition, key, True))
    headers = {"Content-Disposition": f'attachment; filename="{competition.slug}.csv"'}
    return Response(text, headers=headers, media_type="text/csv; charset=utf-8")


@router.get("/roster")
def show_roster(slug: str, request: Request, service: Serving, who: Visiting) -> Response:
    """The roster, with handles and entries."""
    who.instructor()
    with service.db.read() as session:
        students = class_list.students(session, competitions.find(session, slug))
    return _page(request, service, who, slug, "roster", students=students)


@router.post("/roster/token")
def new_token(
    slug: str, request: Request, service: Serving, who: Visiting, form: OwnForm
) -> Response:
    """Replace a student's token and show the new token once."""
    actor = who.instructor()
    student = form.one("student")
    with service.db.write() as session:
        if not roster.find(session, student).is_student:
            raise NotFound(f"{student} is no student", "student")
        token = roster.rotate(session, service.clock(), student, actor.student)
    link = f"{str(request.base_url).rstrip('/')}/sign-in#token={token}"
    return _page(request, service, who, slug, "token", student=student, token=token, link=link)


@router.get("/submissions")
def list_submissions(
    slug: str,
    request: Request,
    service: Serving,
    who: Visiting,
    student: str = "",
    status: str = "",
    page: Page = 1,
) -> Response:
    """The list of submissions, latest first."""
    who.instructor()
    with service.db.read() as session:
        competition = competitions.find(session, slug)
        rows, more = class_list.submissions(
            session, service.keys, competition, student, status, page
        )
    return _page(
        request, service, who, slug, "submissions",
        rows=rows, more=more, student=student, chosen=status, page=page,
    )  # fmt: skip


@router.get("/submissions/{number}")
def show_submission(
    slug: str, number: int, request: Request, service: Serving, who: Visiting
) -> Response:
    """One submission with all its data."""
    who.instructor()
    return _submission(request, service, who, slug, number)


@router.post("/submissions/{number}")
def take_out(
    slug: str, number: int, request: Request, service: Serving, who: Visiting, form: OwnForm
) -> Response:
    """Disqualify a submission, with a reason."""
    actor = who.instructor()
    why = form.one("why").strip()
    if not why:
        failure = "Write down the reason, for the record."
        return _submission(request, service, who, slug, number, failure, status_of(Invalid))
    try:
        with service.db.write() as session:
            class_list.submission(session, service.keys, competitions.find(session, slug), number)
            disqualify(session, service.clock(), service.keys, number, why, actor.student)
    except (NotAllowed, NotFound) as error:
        failure = f"{error}."[0].upper() + f"{error}."[1:]
        return _submission(request, service, who, slug, number, failure, status_of(NotAllowed))
    return RedirectResponse(f"/c/{slug}/instructor/submissions/{number}", 303)


def _submission(
    request: Request,
    service: Service,
    who: Visitor,
    slug: str,
    number: int,
    failure: str = "",
    status: int = 200,
) -> Response:
    with service.db.read() as session:
        competition = competitions.find(session, slug)
        one = class_list.submission(session, service.keys, competition, number)
    return _page(request, service, who, slug, "submission", status, one=one, failure=failure)


@router.get("/log")
def show_log(slug: str, request: Request, service: Serving, who: Visiting) -> Response:
    """The audit log."""
    who.instructor()
    with service.db.read() as session:
        lines = audit.latest(session, 300)
    return _page(request, service, who, slug, "log", lines=lines)


@router.get("/finalize")
def ask(slug: str, request: Request, service: Serving, who: Visiting) -> Response:
    """The form to finalize a competition, with an explanation."""
    who.instructor()
    return _page(request, service, who, slug, "finalize", failure="")


@router.post("/finalize")
def finalize(
    slug: str, request: Request, service: Serving, who: Visiting, form: OwnForm
) -> Response:
    """End a competition, if its name was typed."""
    actor = who.instructor()
    if form.one("confirm").strip() != slug:
        failure = f"Type {slug} to confirm. Nothing was changed."
        return _page(request, service, who, slug, "finalize", status_of(Invalid), failure=failure)
    try:
        with service.db.write() as session:
            competitions.finalize(session, service.clock(), slug, actor.student)
    except NotAllowed as error:
        failure = f"{error}."
        return _page(
            request, service, who, slug, "finalize", status_of(NotAllowed), failure=failure
        )
    return RedirectResponse(f"/c/{slug}", 303)
