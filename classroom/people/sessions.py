"""Sessions of browsers: a random cookie, stored as a hash, and its token against CSRF."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from classroom.people.roster import by_token
from classroom.people.tokens import matches, new_token, token_hash
from classroom.storage import audit
from classroom.storage.tables import Person, SignIn

LASTS = timedelta(days=30)


def sign_in(session: Session, at: datetime, token: str) -> str | None:
    """Start a session for the person with this token; return its cookie, None if unknown."""
    person = by_token(session, token)
    if person is None:
        return None
    session.execute(delete(SignIn).where(SignIn.expires_at <= at))
    cookie = new_token()
    session.add(
        SignIn(
            person_id=person.id,
            cookie_hash=token_hash(cookie),
            created_at=at,
            expires_at=at + LASTS,
        )
    )
    audit.record(session, at, person.student, "signed in", person.student)
    return cookie


def signed_in(session: Session, at: datetime, cookie: str) -> Person | None:
    """Return the person who is signed in with a cookie, or None."""
    found = session.execute(
        select(Person, SignIn)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(SignIn.cookie_hash == token_hash(cookie))
    ).one_or_none()
    if found is None or found.SignIn.expires_at <= at:
        return None
    person: Person = found.Person
    return person if matches(cookie, found.SignIn.cookie_hash) else None


def sign_out(session: Session, cookie: str) -> None:
    """End the session of a browser."""
    session.execute(delete(SignIn).where(SignIn.cookie_hash == token_hash(cookie)))


def form_token(cookie: str) -> str:
    """Return the token that a form must send back; other sites cannot compute it."""
    return hmac.digest(cookie.encode(), b"form", hashlib.sha256).hex()


def form_token_matches(cookie: str, sent: str) -> bool:
    """Return whether the token of a form is right; the comparison takes constant time."""
    return hmac.compare_digest(form_token(cookie).encode(), sent.encode("utf-8", "replace"))
