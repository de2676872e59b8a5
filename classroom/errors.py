"""Every error that the leaderboard raises on purpose."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file: a sentence, and the line that it is about."""

    detail: str
    line: int | None = None


class LeaderboardError(Exception):
    """A fault that the person at the command line can act on; its text is the whole message."""


class DatabaseUnusable(LeaderboardError):
    """The database cannot be opened, read or migrated."""


class NotFound(LeaderboardError):
    """There is no such competition, student or submission."""


class NotAllowed(LeaderboardError):
    """What was asked for contradicts what is recorded."""


class BadFile(LeaderboardError):
    """A file has problems; all of them are listed."""

    def __init__(self, name: str, problems: list[Problem], more: int = 0) -> None:
        self.name, self.problems, self.more = name, problems, more
        lines = [f"{name}: {problem.detail}" for problem in problems]
        if more:
            lines.append(f"{name}: and {more} more problems")
        super().__init__("\n".join(lines))


class Refused(LeaderboardError):
    """A request that gets a problem document (RFC 9457) instead of what it asked for.

    The text is the detail that the sender reads: it never holds a hidden value.
    """

    status = 400
    title = "The request cannot be answered"

    def __init__(
        self,
        detail: str,
        *,
        problems: list[Problem] | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        self.detail, self.problems, self.retry_after_s = detail, problems or [], retry_after_s
        super().__init__(detail)


class Unauthorized(Refused):
    """No token, or one that nobody has."""

    status, title = 401, "No valid token"


class Forbidden(Refused):
    """A known person who may not do this."""

    status, title = 403, "Not allowed"


class Absent(Refused):
    """No such thing at this address."""

    status, title = 404, "Not found"


class UploadTooSlow(Refused):
    """The body did not arrive in time."""

    status, title = 408, "The upload took too long"


class Closed(Refused):
    """The competition takes this no longer."""

    status, title = 409, "The competition is closed"


class Unconfirmed(Refused):
    """A choice with a consequence that must be read first; ``problems`` says which."""

    status, title = 409, "Please confirm"


class TooLarge(Refused):
    """The body is larger than a file of predictions can be."""

    status, title = 413, "The file is too large"


class WrongType(Refused):
    """The body is not of the type that is read here."""

    status, title = 415, "Unsupported kind of request"


class Invalid(Refused):
    """The body was read and is wrong; ``problems`` says where."""

    status, title = 422, "Not valid"


class TooMany(Refused):
    """A limit is used up; ``retry_after_s`` says for how long."""

    status, title = 429, "Too many requests"
