"""The errors of the domain. They know no HTTP: ``web/problems.py`` gives each a status."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file: a sentence, and the line that it is about."""

    detail: str
    line: int | None = None


class ClassroomError(Exception):
    """A fault that the person at the command line can act on; its text is the whole message."""


class DatabaseUnusable(ClassroomError):
    """The database cannot be opened, read or migrated."""


class NotFound(ClassroomError):
    """There is no such competition, student or submission; ``kind`` says which of them.

    The text names the thing, for the command line. The web server tells the kind only.
    """

    def __init__(self, text: str, kind: str) -> None:
        self.kind = kind
        super().__init__(text)


class NotAllowed(ClassroomError):
    """An act of an instructor that contradicts the records."""


class BadFile(ClassroomError):
    """A file has problems; all of them are listed."""

    def __init__(self, name: str, problems: list[Problem], more: int = 0) -> None:
        self.name, self.problems, self.more = name, problems, more
        lines = [f"{name}: {problem.detail}" for problem in problems]
        if more:
            lines.append(f"{name}: and {more} more problems")
        super().__init__("\n".join(lines))


class Refused(ClassroomError):
    """A request that is refused. The sender reads ``detail``: it never holds a hidden value.

    problems: the mistakes in the body; retry_after_s: seconds until a new try may succeed.
    """

    def __init__(
        self,
        detail: str,
        *,
        problems: list[Problem] | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        self.detail, self.problems, self.retry_after_s = detail, problems or [], retry_after_s
        super().__init__(detail)


class Forbidden(Refused):
    """This person may not do this."""


class Closed(Refused):
    """The competition no longer accepts this."""


class Unconfirmed(Refused):
    """A choice whose consequences must be confirmed first; ``problems`` lists them."""


class Invalid(Refused):
    """The content is wrong; ``problems`` says where."""


class TooMany(Refused):
    """A limit is used up until ``retry_after_s`` seconds from now."""
