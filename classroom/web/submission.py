"""One submission, from a request to its receipt: the API and the pages use the same way."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from classroom.board import submissions
from classroom.board.submissions import Receipt
from classroom.storage.tables import Person
from classroom.web.arrivals import in_thread_while_connected
from classroom.web.service import Service
from classroom.web.uploads import UploadedFile, read_upload


async def submit(
    request: Request,
    service: Service,
    person: Person,
    slug: str,
    check: Callable[[UploadedFile], None] = lambda file: None,
) -> Receipt:
    """Return the receipt of the file in a request.

    The sender is admitted before anything of the body is read. check: may refuse the file before
    it is scored. Raises what ``admit``, ``read_upload`` and ``submit`` raise, and TooMany.
    """
    admit = submissions.admit
    at = service.clock()
    entrant = await run_in_threadpool(admit, service.db, service.keys, person, slug, at)
    with service.uploads.one(person):
        file = await read_upload(request, service.settings)
        check(file)
        kept = service.settings.invalid_kept
        work = partial(submissions.submit, service.db, entrant, file.data, file.name, kept)
        return await in_thread_while_connected(request, service.scoring, work)
