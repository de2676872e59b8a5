"""The reference of a course's settings, from ``Settings.table()``."""

from __future__ import annotations

from typing import Any

from autograder.config.settings import Settings
from docs.generated.markdown import code, plain, table


def markdown() -> str:
    """A table with each setting, its default and its meaning."""
    rows = [(code(name), _shown(default), plain(help)) for name, default, help in Settings.table()]
    return table(("setting", "default", "meaning"), rows)


def _shown(default: Any) -> str:
    if isinstance(default, tuple):
        return code(repr(list(default))) if default else "none"
    if isinstance(default, float):
        return code(f"{default:g}")
    return code(str(default)) or "empty"
