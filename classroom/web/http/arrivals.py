"""Uploads in progress: limits per student for uploads at once and for refused files."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeVar

from anyio import CapacityLimiter, create_task_group, to_thread
from fastapi import Request
from starlette.requests import ClientDisconnect

from classroom.errors import Refused, TooMany
from classroom.storage.tables import Person
from classroom.web.http.rates import Limiter
from classroom.web.http.settings import Settings

Result = TypeVar("Result")


class Arrivals:
    """The current uploads of one server, by student. For one event loop."""

    def __init__(self, settings: Settings, refused: Limiter) -> None:
        self._most = settings.uploads_at_once
        self._refused = refused
        self._now: Counter[int] = Counter()

    @contextlib.contextmanager
    def one(self, person: Person) -> Iterator[None]:
        """Count an upload of a student while it is read and scored, and count a refused file.

        Raises TooMany before the file is read if the student has too many uploads in progress or
        too many refused files. Refused files do not count towards the daily quota.
        """
        key = str(person.id)
        wait = self._refused.peek(key)
        if wait:
            raise TooMany(
                "Too many of your files were refused. Your submissions of today are still there.",
                retry_after_s=wait,
            )
        if self._now[person.id] >= self._most:
            raise TooMany(f"{self._most} files of yours are on their way already.", retry_after_s=2)
        self._now[person.id] += 1
        try:
            yield
        except (Refused, ClientDisconnect):
            self._refused.take(key)
            raise
        finally:
            self._now[person.id] -= 1
            if not self._now[person.id]:
                del self._now[person.id]


async def in_thread_while_connected(
    request: Request, limiter: CapacityLimiter, work: Callable[[], Result]
) -> Result:
    """Run ``work`` in one of the limiter's threads and return its result.

    The body of the request must have been read. Raises ClientDisconnect if the client leaves before
    a thread is free. Work that has begun is finished.
    """
    results: list[Result] = []
    errors: list[Exception] = []
    async with create_task_group() as group:

        async def leave() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            group.cancel_scope.cancel()

        group.start_soon(leave)
        try:
            results.append(await to_thread.run_sync(work, limiter=limiter))
        except Exception as error:  # raised below: the group would wrap the error
            errors.append(error)
        group.cancel_scope.cancel()
    if errors:
        raise errors[0]
    if not results:
        raise ClientDisconnect
    return results[0]
