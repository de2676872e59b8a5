"""nbgrader's columns for late work: copies of the ledger.

nbgrader computes a penalty when it grades, and stores it in a column. Here the column is a copy of
the ledger. ``refresh`` brings it up to date wherever points are shown, and ``follow_changes``
whenever nbgrader changes points or times. A change of one assignment may move late days, so all
assignments of a student are refreshed.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    Grade,
    Gradebook,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import bindparam, event, inspect, select, update
from sqlalchemy.orm import Session
from traitlets.config import Config

from autograder.config.nbgrader_config import ConfigFile
from autograder.course.layout import CONFIG_NAME
from autograder.errors import AutograderError
from autograder.nbgrader_api.own_rows import of_students
from autograder.records.term.ledger import Term, read_terms
from autograder.records.term.times import (
    copy_extensions,
    forget_extension,
    read_times,
)

_log = logging.getLogger(__name__)
_CHANGED = "autograder: rows that penalties depend on and that changed"
_GONE = "autograder: students with a submission that was removed"
_GRANTED = "autograder: submissions with an extension that was set through nbgrader"
CONFIG = "autograder: the configuration of the course"  # in a session's ``info``, where known


def refresh(
    session: Session, config: Config, students: Collection[str] | None = None
) -> dict[str, Term]:
    """Bring nbgrader's columns of these students, or of all, up to date; return their terms.

    The caller commits. Raises UsageError if the course's policy cannot be used.
    """
    copy_extensions(session, read_times(session, students))
    terms = read_terms(session, config, students)
    wrong = [
        {"of": notebook_id, "penalty": penalty}
        for notebook_id, stored, penalty in _penalties(session, terms, students)
        if stored != penalty
    ]
    if wrong:
        table = SubmittedNotebook.__table__
        change = update(table).where(table.c.id == bindparam("of"))
        change = change.values(late_submission_penalty=bindparam("penalty"))
        session.connection().execute(change, wrong)
        for one in list(session.identity_map.values()):
            if isinstance(one, (SubmittedAssignment, SubmittedNotebook)):
                session.expire(one, ["late_submission_penalty"])
    return terms


def refresh_penalties(gradebook: Gradebook, config: Config) -> dict[str, Term]:
    """Bring the columns of the whole class up to date, commit, and return the terms."""
    terms = refresh(gradebook.db, config)
    gradebook.db.commit()
    return terms


def follow_changes() -> None:
    """Keep the penalties right with every later commit to a course's gradebook in this process.

    ``nbgrader_config.py`` calls this, for formgrader and for nbgrader's commands.
    """
    for name, listener in (("after_flush", _note), ("before_commit", _refresh)):
        if not event.contains(Session, name, listener):
            event.listen(Session, name, listener)


def _penalties(
    session: Session, terms: dict[str, Term], students: Collection[str] | None
) -> Iterable[tuple[str, float | None, float | None]]:
    """The id, the stored and the present penalty of each submitted notebook; None without one."""
    query = (
        select(
            SubmittedNotebook.id,
            SubmittedNotebook.late_submission_penalty,
            SubmittedAssignment.student_id,
            Assignment.name,
            Notebook.name,
        )
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
    )
    rows = session.execute(of_students(query, SubmittedAssignment.student_id, students))
    for notebook_id, stored, student, *place in rows:
        if student in terms:
            yield notebook_id, stored, terms[student].points_off.get(tuple(place)) or None


def _note(session: Session, context: Any) -> None:
    """Remember the changed rows that penalties depend on; a flush must not load other rows."""
    kinds = (Grade, SubmittedAssignment, SubmittedNotebook, Assignment)
    changed = [one for one in (*session.new, *session.dirty) if isinstance(one, kinds)]
    session.info.setdefault(_CHANGED, []).extend(changed)
    gone = [one for one in session.deleted if isinstance(one, SubmittedAssignment)]
    names = (inspect(one).dict.get("student_id") for one in gone)
    session.info.setdefault(_GONE, set()).update(filter(None, names))
    session.info.setdefault(_GRANTED, []).extend(
        one
        for one in changed
        if isinstance(one, SubmittedAssignment) and inspect(one).attrs.extension.history.added
    )


def _refresh(session: Session) -> None:
    session.flush()
    changed = [one for one in session.info.pop(_CHANGED, ()) if one in session]
    students = session.info.pop(_GONE, set()).union(*map(_students, changed))
    granted = [one for one in session.info.pop(_GRANTED, ()) if one in session]
    if not students:
        return
    try:
        config = _config_beside(session)
        if config is None:
            return
        for one in granted:  # nbgrader's extension is newer than ours
            forget_extension(session, one.student_id, one.assignment.name)
        refresh(session, config, students)
    except AutograderError as error:  # a grade must be saved even if the policy cannot be used
        _log.error("late penalties are not up to date: %s", error)


def _students(changed: Any) -> set[str]:
    """The students whose points or times depend on a row."""
    if isinstance(changed, Assignment):
        return {one.student_id for one in changed.submissions}
    if isinstance(changed, Grade):
        changed = changed.notebook
    if isinstance(changed, SubmittedNotebook):
        changed = changed.assignment
    return set() if changed is None else {changed.student_id}


def _config_beside(session: Session) -> Config | None:
    """The configuration of the course that a session's gradebook belongs to."""
    known: Config | None = session.info.get(CONFIG)
    if known is not None:
        return known
    database = session.get_bind().engine.url.database
    file = Path(database or "").parent / CONFIG_NAME
    if not database or not file.is_file():
        return None
    return _config_file(file).load()


@lru_cache(maxsize=4)
def _config_file(file: Path) -> ConfigFile:
    return ConfigFile(file)  # executes the file again only after a change
