"""The state of a running server, and the use cases that depend on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated

from anyio import CapacityLimiter
from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from classroom import clock
from classroom.board import submissions
from classroom.board.answer_keys import AnswerKeys
from classroom.board.submissions import Receipt
from classroom.clock import Clock
from classroom.errors import TooMany
from classroom.people.roster import by_token
from classroom.people.tokens import is_token, token_hash
from classroom.storage.database import Database
from classroom.storage.tables import Person
from classroom.web.http.addresses import network_of
from classroom.web.http.arrivals import Arrivals, in_thread_while_connected
from classroom.web.http.errors import Unauthorized
from classroom.web.http.rates import Limiter, Remembered
from classroom.web.http.settings import Settings
from classroom.web.http.uploads import UploadedFile, read_upload


@dataclass
class Service:
    """The database, the answer keys, the clocks and the limits of one server."""

    db: Database
    clock: Clock = clock.now
    settings: Settings = field(default_factory=Settings)
    ticks: Callable[[], float] = time.monotonic
    keys: AnswerKeys = field(default_factory=AnswerKeys)

    def __post_init__(self) -> None:
        # More threads would only compete for the processor.
        self.scoring = CapacityLimiter(4)
        self.uploads = Arrivals(self.settings, Limiter(self.settings.refused_files, self.ticks))
        self._people = Limiter(self.settings.token, self.ticks)
        self._addresses = Limiter(self.settings.address, self.ticks)
        self._failures = Limiter(self.settings.failed_tokens, self.ticks)
        self._seen = Remembered()  # the people of valid tokens by hash, only for their rate

    def admit_address(self, address: str) -> None:
        """Count a request without a valid token. Raises TooMany."""
        wait = self._addresses.take(network_of(address))
        if wait:
            raise TooMany("Too many requests from your network address.", retry_after_s=wait)

    def person_of(self, token: str | None, address: str) -> Person:
        """Return the person with this token. Raises Unauthorized, and TooMany for many wrong ones.

        The token is looked up before any limit of the address, so a valid token always works, also
        after many wrong tokens from the same address.
        """
        person = self._known(token) if token else None
        if person is not None:
            self.admit_person(person)
            return person
        self.admit_address(address)
        if token is None:
            raise Unauthorized("Send your token: Authorization: Bearer TOKEN.")
        wait = self._failures.take(network_of(address))
        if wait:
            raise TooMany("Too many wrong tokens from your network address.", retry_after_s=wait)
        raise Unauthorized("The server does not know this token, or it was replaced.")

    def _known(self, token: str) -> Person | None:
        if not is_token(token):
            return None
        self.check_pace(token)
        with self.db.read() as session:
            person = by_token(session, token)
        if person is not None:
            self._seen.put(token_hash(token), person.id)
        return person

    def check_pace(self, token: str) -> None:
        """Raise TooMany if a known person sends too many requests; needs no look-up."""
        number = self._seen.get(token_hash(token))
        wait = self._people.peek(str(number)) if number is not None else 0
        if wait:
            raise TooMany("Too many requests with your token.", retry_after_s=wait)

    def admit_person(self, person: Person) -> None:
        """Count a request of a person, by token or from any browser. Raises TooMany."""
        wait = self._people.take(str(person.id))
        if wait:
            raise TooMany("Too many requests with your token.", retry_after_s=wait)

    async def submit(
        self,
        request: Request,
        person: Person,
        slug: str,
        check: Callable[[UploadedFile], None] = lambda file: None,
    ) -> Receipt:
        """Return the receipt of the file in a request, for the API and the pages alike.

        The sender is admitted before the body is read. check: may refuse the file before it is
        scored. Raises the errors of ``admit``, ``read_upload``, ``check`` and the board's
        ``submit``, and TooMany.
        """
        admit, at = submissions.admit, self.clock()
        entrant = await run_in_threadpool(admit, self.db, self.keys, person, slug, at)
        with self.uploads.one(person):
            file = await read_upload(request, self.settings)
            check(file)
            kept = self.settings.invalid_kept
            work = partial(submissions.submit, self.db, entrant, file.data, file.name, kept)
            return await in_thread_while_connected(request, self.scoring, work)


async def service_of(request: Request) -> Service:
    """Return the service of the request's application.

    It is ``async`` so that FastAPI does not run it in a thread.
    """
    service: Service = request.app.state.service
    return service


Serving = Annotated[Service, Depends(service_of)]
