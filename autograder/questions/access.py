"""Who may use the local page: the browser that was opened with the token, and no other site.

The page writes grades. Other programs, other users of this machine and other sites in the browser
must not. Each request needs the cookie that only the token gives. Its host must be this machine,
against DNS rebinding. Each write needs a second secret, which only our forms hold.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import Request

HOST = "127.0.0.1"
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with "no-referrer", a form has no origin
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Access:
    """The secrets of one run of the server on one port."""

    port: int
    token: str = field(default_factory=_secret, repr=False)
    session: str = field(default_factory=_secret, repr=False)
    form: str = field(default_factory=_secret, repr=False)

    @property
    def cookie(self) -> str:
        """The name of the cookie; cookies do not know ports, so each server has its own."""
        return f"autograder-questions-{self.port}"

    @property
    def address(self) -> str:
        """The address with which a person starts."""
        return f"http://{HOST}:{self.port}/?token={self.token}"

    def is_here(self, request: Request) -> bool:
        """Whether a request names this machine and port as its host."""
        return request.headers.get("host", "") in {
            f"{HOST}:{self.port}",
            f"localhost:{self.port}",
        }

    def opens(self, request: Request) -> bool:
        """Whether a request brings the token."""
        return _same(request.query_params.get("token", ""), self.token)

    def knows(self, request: Request) -> bool:
        """Whether a request brings the cookie."""
        return _same(request.cookies.get(self.cookie, ""), self.session)

    def may_write(self, request: Request, given: str) -> bool:
        """Whether a form is ours: its secret, and its origin if the browser tells one."""
        origin = request.headers.get("origin")
        from_here = origin is None or urlsplit(origin).netloc == request.headers.get("host")
        return from_here and _same(given, self.form)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
