"""The audit log: actors, actions and times."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom.storage.tables import Audit

OPERATOR = "operator"  # a user of the command line


def record(
    session: Session, at: datetime, actor: str, action: str, subject: str, **detail: Any
) -> None:
    """Add one line to the log, in the transaction of the action. Never pass a token."""
    session.add(
        Audit(at=at, actor=actor[:100], action=action, subject=subject[:200], detail=detail)
    )


def latest(session: Session, count: int = 100) -> list[Audit]:
    """Return the last lines of the log, newest first."""
    return list(session.scalars(select(Audit).order_by(Audit.id.desc()).limit(count)))
