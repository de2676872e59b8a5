"""Access tokens: random, shown once, stored only as hashes."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

FORM = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits in base64 for addresses


def new_token() -> str:
    """Return a new token of 256 random bits."""
    return secrets.token_urlsafe(32)


def is_token(text: str) -> bool:
    """Return whether a text has the form of a token; other texts need no look-up."""
    return FORM.fullmatch(text) is not None


def token_hash(token: str) -> str:
    """Return the hash of a token. It needs no salt: a token has 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def matches(token: str, stored_hash: str) -> bool:
    """Return whether a token has this hash; the comparison takes constant time."""
    return hmac.compare_digest(token_hash(token), stored_hash)
