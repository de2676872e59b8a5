"""The errors of requests that no other room knows: tokens and bodies."""

from __future__ import annotations

from classroom.errors import Refused


class Unauthorized(Refused):
    """No token, or an unknown one."""


class UploadTooSlow(Refused):
    """The body did not arrive in time."""


class TooLarge(Refused):
    """The body is larger than a file of predictions can be."""


class WrongType(Refused):
    """The body has a type that is not read here."""
