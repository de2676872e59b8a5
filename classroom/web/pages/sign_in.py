"""Sign-in with a token, and sign-out.

A link has the token after ``#``. Browsers do not send that part, so it appears in no log and no
referrer. A script moves the token from the address into the form and removes it from the history.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from classroom.board import competitions
from classroom.errors import Forbidden, Refused
from classroom.people.sessions import form_token, sign_in, sign_out
from classroom.people.tokens import is_token, new_token
from classroom.web.http.addresses import address_of
from classroom.web.http.errors import Unauthorized
from classroom.web.http.problems import retry_after, status_of
from classroom.web.pages.visitors import (
    COOKIE,
    VISIT,
    Form,
    Newcomer,
    OwnForm,
    Visiting,
    Visitor,
    check_form_token,
    cookie_of,
    drop_cookie,
    read_form,
    set_cookie,
)
from classroom.web.service import Serving
from classroom.web.site import Frame, site_of

router = APIRouter(include_in_schema=False)
Sent = Annotated[Form, Depends(read_form)]
OURS = re.compile(r"/(c/[a-z0-9-]+(/[a-z]+)*)?")  # pages for the redirect, never another site


@router.get("/sign-in")
def sign_in_page(request: Request, who: Newcomer, next: str = "") -> Response:
    """The form for a token."""
    return _page(request, who, next)


@router.post("/sign-in")
def enter(request: Request, service: Serving, who: Newcomer, form: Sent) -> Response:
    """Sign a browser in and redirect to the board."""
    following = form.one("next")
    try:
        check_form_token(cookie_of(request, VISIT), form.one("form_token"))
        token = form.one("token").strip()
        service.person_of(token, address_of(request))
        with service.db.write() as session:
            if who.cookie:
                sign_out(session, who.cookie)
            cookie = sign_in(session, service.clock(), token)
            slugs = [row.slug for row in competitions.listed(session)]
    except Refused as error:
        detail = error.detail
        if isinstance(error, Unauthorized):
            detail = "This token is not known. Copy it again, all of it, or ask for a new one."
        if isinstance(error, Forbidden):
            detail = "The form was out of date. Please sign in again; cookies must be allowed."
        return _page(request, who, following, detail, error)
    if not OURS.fullmatch(following):
        following = f"/c/{slugs[0]}" if len(slugs) == 1 else "/"
    response = RedirectResponse(following, 303)
    set_cookie(response, request, COOKIE, cookie or "")
    drop_cookie(response, request, VISIT)
    return response


@router.post("/sign-out")
def leave(request: Request, service: Serving, who: Visiting, form: OwnForm) -> Response:
    """Sign a browser out."""
    with service.db.write() as session:
        sign_out(session, who.cookie)
    response = RedirectResponse("/", 303)
    drop_cookie(response, request, COOKIE)
    return response


def _page(
    request: Request,
    who: Visitor,
    following: str,
    failure: str = "",
    error: Refused | None = None,
) -> Response:
    sent = cookie_of(request, VISIT)
    visit = sent if is_token(sent) else new_token()
    response = site_of(request).page(
        request,
        "sign_in.html",
        Frame(who.person, who.frame.form_token),
        status_of(error) if error else 200,
        retry_after(error) if error else {},
        failure=failure,
        visit_token=form_token(visit),
        next=following if OURS.fullmatch(following) else "",
    )
    set_cookie(response, request, VISIT, visit)
    return response
