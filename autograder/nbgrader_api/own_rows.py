"""Rows of our tables in the gradebook, and its times: naive UTC in the file, aware in Python."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import sqlalchemy
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

FEW = 500  # students that one query names; for more, all rows are read


def has_table(session: Session, table: Table) -> bool:
    """Whether the gradebook has one of our tables already."""
    return bool(sqlalchemy.inspect(session.connection()).has_table(table.name))


def own_rows(session: Session, table: Table, students: Collection[str] | None = None) -> list[Any]:
    """The rows of these students, or all, in one of our tables; none without the table."""
    if not has_table(session, table):
        return []
    rows = session.execute(of_students(select(table), table.c.student_id, students))
    return [row for row in rows if students is None or row.student_id in students]


def of_students(query: Any, column: Any, students: Collection[str] | None) -> Any:
    """The query for these students; for many, it stays whole, and the caller leaves out rows."""
    return query if students is None or len(students) > FEW else query.where(column.in_(students))


def aware(time: datetime | None) -> datetime | None:
    """A time of the gradebook (naive UTC) with its zone."""
    return None if time is None else time.replace(tzinfo=UTC)


def naive(time: datetime | None) -> datetime | None:
    """An aware time as the gradebook stores it: UTC without a zone.

    Raises ValueError for a time without a zone, which would be stored as if it were UTC.
    """
    if time is not None and time.utcoffset() is None:
        raise ValueError(f"{time} names no time zone")
    return None if time is None else time.astimezone(UTC).replace(tzinfo=None)
