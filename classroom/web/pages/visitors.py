"""Visitors of pages, and the check that a form comes from one of our pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from classroom.errors import Forbidden, Invalid
from classroom.people.sessions import LASTS, form_token, form_token_matches, signed_in
from classroom.people.tokens import is_token
from classroom.storage.tables import INSTRUCTOR, Person
from classroom.web.http.addresses import address_of
from classroom.web.http.bodies import read_small
from classroom.web.http.errors import Unauthorized, WrongType
from classroom.web.service import Service, Serving
from classroom.web.site import Frame

COOKIE = "leaderboard"
VISIT = "leaderboard_visit"  # before sign-in, for the sign-in form


@dataclass(frozen=True)
class Visitor:
    """A browser, and the person who is signed in."""

    person: Person | None
    cookie: str

    @property
    def frame(self) -> Frame:
        """The data for the frame of a page."""
        return Frame(self.person, form_token(self.cookie) if self.person else "")

    def known(self) -> Person:
        """Return the person who is signed in. Raises Unauthorized."""
        if self.person is None:
            raise Unauthorized("Please sign in first.")
        return self.person

    def instructor(self) -> Person:
        """Return the instructor who is signed in. Raises Unauthorized and Forbidden."""
        person = self.known()
        if person.role != INSTRUCTOR:
            raise Forbidden("This page is for instructors.")
        return person


async def visitor(request: Request, service: Serving) -> Visitor:
    """Return the visitor; without a valid cookie, the person is None. Raises TooMany."""
    found = await newcomer(request, service)
    if found.person is None:
        service.admit_address(address_of(request))
    return found


async def newcomer(request: Request, service: Serving) -> Visitor:
    """Return the visitor as ``visitor`` does, without the limit of the address.

    For the sign-in page: other people at the same address must not block a valid token.
    """
    cookie = cookie_of(request, COOKIE)
    if not is_token(cookie):
        return Visitor(None, "")
    return await run_in_threadpool(_signed_in, service, cookie)


def _signed_in(service: Service, cookie: str) -> Visitor:
    with service.db.read() as session:
        person = signed_in(session, service.clock(), cookie)
    if person is not None:
        service.admit_person(person)
    return Visitor(person, cookie)


def cookie_of(request: Request, name: str) -> str:
    """Return the value of our cookie, without parsing thousands of other cookies."""
    sent = request.headers.get("cookie", "")
    found = re.search(rf"(?:^|;) ?{name}=([^;]*)", sent)
    return found[1].strip() if found else ""


Newcomer = Annotated[Visitor, Depends(newcomer)]
Visiting = Annotated[Visitor, Depends(visitor)]


class Form:
    """The fields of a form."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        self._fields = fields

    def one(self, name: str) -> str:
        """Return the value of a field, or an empty text."""
        return self._fields.get(name, [""])[0]

    def numbers(self, name: str) -> list[int]:
        """Return the values of a field as numbers. Raises Invalid."""
        values = self._fields.get(name, [])
        if not all(value.isascii() and value.isdigit() and len(value) < 10 for value in values):
            raise Invalid(f"The field {name} holds something that is not a number.")
        return [int(value) for value in values]


async def read_form(request: Request, service: Serving) -> Form:
    """Return the fields of a small form, without the check of its origin."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise WrongType("This address takes forms only.")
    body = await read_small(request, service.settings, "A form")
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise Invalid("The form cannot be read.") from None
    return Form(fields)


async def own_form(request: Request, service: Serving, who: Visiting) -> Form:
    """Return the fields of a form, after the check that our page in this browser sent it."""
    who.known()
    form = await read_form(request, service)
    check_form_token(who.cookie, form.one("form_token"))
    return form


OwnForm = Annotated[Form, Depends(own_form)]


def check_form_token(cookie: str, sent: str) -> None:
    """Raise Forbidden unless the form came from one of our pages."""
    if not cookie or not form_token_matches(cookie, sent):
        raise Forbidden("This form is out of date. Go back, reload the page and send it again.")


def set_cookie(response: Response, request: Request, name: str, value: str) -> None:
    """Set a cookie that scripts and other sites cannot use."""
    response.set_cookie(
        name,
        value,
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, request: Request, name: str) -> None:
    """Delete a cookie."""
    response.delete_cookie(
        name, path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )
