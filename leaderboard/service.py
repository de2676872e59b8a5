"""What a running server holds, and how a request finds its way to a person."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from anyio import CapacityLimiter
from fastapi import Request

from leaderboard import clock
from leaderboard.clock import Clock
from leaderboard.competitions import AnswerKeys
from leaderboard.database import Database
from leaderboard.errors import TooMany, Unauthorized
from leaderboard.people import by_token
from leaderboard.rates import Limiter
from leaderboard.settings import Settings
from leaderboard.tables import Person
from leaderboard.tokens import token_hash


@dataclass
class Service:
    """The database, the answer keys, the clocks and the limits of one server."""

    db: Database
    clock: Clock = clock.now
    settings: Settings = field(default_factory=Settings)
    ticks: Callable[[], float] = time.monotonic
    keys: AnswerKeys = field(default_factory=AnswerKeys)

    def __post_init__(self) -> None:
        # More threads than this would only take the processor from each other.
        self.scoring = CapacityLimiter(4)
        self._tokens = Limiter(self.settings.token, self.ticks)
        self._addresses = Limiter(self.settings.address, self.ticks)
        self._failures = Limiter(self.settings.failed_tokens, self.ticks)

    def admit_address(self, address: str) -> None:
        """Count a request from an address. Raises TooMany."""
        wait = self._addresses.take(address)
        if wait:
            raise TooMany("Too many requests from your network address.", retry_after_s=wait)

    def person_of(self, token: str | None, address: str) -> Person:
        """Return whose token this is. Raises Unauthorized, and TooMany after many wrong ones."""
        wait = self._failures.peek(address)
        if wait:
            raise TooMany("Too many wrong tokens from your network address.", retry_after_s=wait)
        if token is None:
            raise Unauthorized("Send your token: Authorization: Bearer TOKEN.")
        with self.db.read() as session:
            person = by_token(session, token)
        if person is None:
            self._failures.take(address)
            raise Unauthorized("The server does not know this token, or it was replaced.")
        self.admit_key(token)
        return person

    def admit_key(self, key: str) -> None:
        """Count a request with a token, or with a browser's cookie. Raises TooMany."""
        wait = self._tokens.take(token_hash(key))
        if wait:
            raise TooMany("Too many requests with your token.", retry_after_s=wait)


async def service_of(request: Request) -> Service:
    """Return the service of the application that a request reached.

    It is ``async`` so that FastAPI does not hand it to a thread.
    """
    service: Service = request.app.state.service
    return service


def address_of(request: Request) -> str:
    """Return the network address that a request came from."""
    return request.client.host if request.client else "unknown"
