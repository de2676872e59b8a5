"""What a running server holds, and how a request finds its way to a person."""

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
        # More threads than this would only take the processor from each other.
        self.scoring = CapacityLimiter(4)
        self.uploads = Arrivals(self.settings, Limiter(self.settings.refused_files, self.ticks))
        self._people = Limiter(self.settings.token, self.ticks)
        self._addresses = Limiter(self.settings.address, self.ticks)
        self._failures = Limiter(self.settings.failed_tokens, self.ticks)
        self._seen = Remembered()  # whose tokens were right, by their hashes, for their pace only

    def admit_address(self, address: str) -> None:
        """Count a request that came without a right token. Raises TooMany."""
        wait = self._addresses.take(network_of(address))
        if wait:
            raise TooMany("Too many requests from your network address.", retry_after_s=wait)

    def person_of(self, token: str | None, address: str) -> Person:
        """Return whose token this is. Raises Unauthorized, and TooMany after many wrong ones.

        The token is looked up before any limit of the address: a right one always works, however
        many wrong ones come from the same address.
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
        """Raise TooMany for somebody seen before who sends too many requests, without a look-up."""
        number = self._seen.get(token_hash(token))
        wait = self._people.peek(str(number)) if number is not None else 0
        if wait:
            raise TooMany("Too many requests with your token.", retry_after_s=wait)

    def admit_person(self, person: Person) -> None:
        """Count a request of somebody, with the token or from any browser. Raises TooMany."""
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

        The sender is admitted before anything of the body is read. check: may refuse the file
        before it is scored. Raises what ``admit``, ``read_upload`` and ``submit`` of the board
        raise, and TooMany.
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
    """Return the service of the application that a request reached.

    It is ``async`` so that FastAPI does not hand it to a thread.
    """
    service: Service = request.app.state.service
    return service


Serving = Annotated[Service, Depends(service_of)]
