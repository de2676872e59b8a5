"""Handles that claim kinds of their own."""

from __future__ import annotations

from typing import Any

from autograder.proxy.objects import RemoteObject


def forged(kinds: list[Any], name: str = "x") -> RemoteObject:
    return RemoteObject(None, 1, tuple(kinds), name)  # type: ignore[arg-type]
