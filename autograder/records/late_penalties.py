"""Late penalties, computed from the present points and times.

nbgrader computes a penalty when it grades, and stores it in a column. That column is a cache: after
a manual grade, an extension or a new due date it is wrong until the penalty is computed again. This
module computes it wherever points are shown, and ``follow_changes`` computes it whenever nbgrader
changes points or times.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import event
from sqlalchemy.orm import Session
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.course.layout import CONFIG_NAME

_CHANGED = "autograder: what decides on penalties and was changed"
CONFIG = "autograder: the configuration of the course"  # in a session's ``info``, where known


class LatePenalties:
    """The late penalties that a course's nbgrader configuration sets."""

    def __init__(self, config: Config) -> None:
        self._step = AssignLatePenalties(config=config)
        self._step.init_plugin()

    def penalty(self, submission: SubmittedAssignment, notebook: SubmittedNotebook) -> float | None:
        """The present penalty of a notebook, at most its score; None without a penalty."""
        late_s = submission.total_seconds_late
        if late_s <= 0:
            return None
        penalty = self._step.plugin_inst.late_submission_penalty(
            submission.student.id, notebook.score, late_s
        )
        return None if penalty is None else min(max(float(penalty), 0.0), float(notebook.score))

    def refresh(self, submission: SubmittedAssignment) -> bool:
        """Bring the column of a submission's notebooks up to date; return whether it changed."""
        changed = False
        for notebook in submission.notebooks:
            penalty = self.penalty(submission, notebook)
            if penalty != notebook.late_submission_penalty:
                notebook.late_submission_penalty = penalty
                changed = True
        return changed


def refresh_penalties(gradebook: Gradebook, config: Config, assignment: str = "") -> None:
    """Bring the penalties of an assignment, or of all, up to date and commit the changes."""
    penalties = LatePenalties(config)
    changed = [
        penalties.refresh(submission)
        for one in gradebook.assignments
        if assignment in ("", one.name)
        for submission in one.submissions
    ]
    if any(changed):
        gradebook.db.commit()


def follow_changes() -> None:
    """Keep the penalties right with every later commit to a course's gradebook in this process.

    ``nbgrader_config.py`` calls this, for formgrader and for nbgrader's commands.
    """
    for name, listener in (("after_flush", _note), ("before_commit", _refresh)):
        if not event.contains(Session, name, listener):
            event.listen(Session, name, listener)


def _note(session: Session, context: Any) -> None:
    """Remember the changed rows that penalties depend on; a flush must not load other rows."""
    kinds = (Grade, SubmittedAssignment, Assignment)
    changed = [one for one in (*session.new, *session.dirty) if isinstance(one, kinds)]
    session.info.setdefault(_CHANGED, []).extend(changed)


def _refresh(session: Session) -> None:
    session.flush()
    changed = [one for one in session.info.pop(_CHANGED, ()) if one in session]
    config = _config_beside(session) if changed else None
    if config is None:
        return
    touched: dict[str, SubmittedAssignment] = {}
    for one in changed:
        if isinstance(one, Grade):
            found = [one.notebook.assignment] if one.notebook is not None else []
        else:
            found = [one] if isinstance(one, SubmittedAssignment) else one.submissions
        touched |= {submission.id: submission for submission in found}
    penalties = LatePenalties(config)
    for submission in touched.values():
        for notebook in submission.notebooks:
            session.expire(notebook)  # the database computes the score of a notebook
        penalties.refresh(submission)
    session.flush()
    session.info.pop(_CHANGED, None)


def _config_beside(session: Session) -> Config | None:
    """The configuration of the course that a session's gradebook belongs to."""
    known: Config | None = session.info.get(CONFIG)
    if known is not None:
        return known
    database = session.get_bind().engine.url.database
    file = Path(database or "").parent / CONFIG_NAME
    if not database or not file.is_file():
        return None
    return _loaded(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _loaded(file: Path, changed_ns: int) -> Config:
    # by its whole path: traitlets would expand variables and ``~`` in names of folders
    config: Config = PyFileConfigLoader(str(file.absolute())).load_config()
    return config
