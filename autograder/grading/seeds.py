"""The seeds of tests, and the secret of a course that they are made from."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets

from autograder.course.layout import Course


def course_secret(course: Course) -> bytes:
    """The secret behind the seeds; created once, readable only by its owner."""
    path = course.state / "secret"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"secret.{os.getpid()}")
        try:
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_hex(32))
            os.link(fresh, path)  # the first process wins, and its file is complete
        except FileExistsError:
            pass
        finally:
            fresh.unlink(missing_ok=True)
    return path.read_bytes()


def seed_for(secret: bytes, *parts: str) -> int:
    """The seed of one test of one submission: secret, and the same every time.

    One part is the digest of the submitted code, so cases that one hand-in has shown do not help
    the next hand-in.
    """
    digest = hmac.new(secret, "\x00".join(parts).encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:6], "big")
