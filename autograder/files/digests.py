"""Digests of handed-in files: SHA-256, in hex."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


class PartsDigest:
    """A digest of parts, each with its length, so that no two lists of parts have the same."""

    def __init__(self, *parts: str | bytes) -> None:
        self._digest = hashlib.sha256()
        for part in parts:
            self.add(part)

    def add(self, part: str | bytes) -> None:
        """Add one more part."""
        data = part.encode() if isinstance(part, str) else part
        self._digest.update(len(data).to_bytes(8, "big"))
        self._digest.update(data)

    def copy(self) -> PartsDigest:
        """A digest of the same parts, to which others can be added."""
        other = PartsDigest()
        other._digest = self._digest.copy()
        return other

    @property
    def hex(self) -> str:
        """The digest of the parts so far."""
        return self._digest.hexdigest()


def files_digest(data: bytes | PartsDigest, files: Mapping[str, bytes]) -> str:
    """A digest of a notebook's bytes and of the files beside it, with their names.

    ``data`` is the bytes, or the digest of the bytes as the only part.
    """
    digest = data.copy() if isinstance(data, PartsDigest) else PartsDigest(data)
    for name, content in sorted(files.items()):
        digest.add(name)
        digest.add(content)
    return digest.hex


def submission_digest(notebook: bytes, files: Mapping[str, bytes]) -> str:
    """A digest of a notebook, given as the SHA-256 of its bytes, and of the modules beside it.

    The modules may be in any order. Names, archives and weights are left out, so equal code meets
    equal cases.
    """
    digest = hashlib.sha256(notebook)
    modules = (hashlib.sha256(files[name]).digest() for name in files if name.endswith(".py"))
    for module in sorted(modules):
        digest.update(module)
    return digest.hexdigest()
