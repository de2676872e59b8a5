"""Access tokens: random, shown once, kept as hashes only."""

from __future__ import annotations

import hashlib
import hmac
import secrets


def new_token() -> str:
    """Return a new token of 256 random bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is stored of a token. It needs no salt: a token has 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def matches(token: str, stored_hash: str) -> bool:
    """Return whether a token has this hash, in a time that does not depend on where they differ."""
    return hmac.compare_digest(token_hash(token), stored_hash)
