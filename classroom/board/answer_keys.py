"""Answer keys: the labels and the split of each competition, in the memory of a server."""

from __future__ import annotations

import threading
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from classroom.board.rules.form import Form
from classroom.board.rules.metrics import unpack
from classroom.storage.tables import Competition


@dataclass(frozen=True, eq=False)
class AnswerKey:
    """The unchanging data for scoring a competition. It never leaves the server."""

    form: Form
    labels: npt.NDArray[np.int16]
    public: npt.NDArray[np.bool_]
    secret: str


class AnswerKeys:
    """The answer keys of all competitions; each is read from the database once per process."""

    def __init__(self) -> None:
        self._keys: dict[int, AnswerKey] = {}
        self._lock = threading.Lock()

    def of(self, session: Session, competition: Competition) -> AnswerKey:
        """Return the answer key of a competition."""
        with self._lock:
            if competition.id not in self._keys:
                self._keys[competition.id] = _read_key(session, competition.id)
            return self._keys[competition.id]


def _read_key(session: Session, competition_id: int) -> AnswerKey:
    hidden = (Competition.secret, Competition.names, Competition.labels, Competition.public)
    whole = session.scalars(
        select(Competition)
        .where(Competition.id == competition_id)
        .options(*map(undefer, hidden))
        .execution_options(populate_existing=True)
    ).one()
    names = tuple(zlib.decompress(whole.names).decode().split("\n"))
    return AnswerKey(
        Form(names, whole.classes, whole.guesses),
        np.frombuffer(whole.labels, "<i2").astype(np.int16),
        unpack(whole.public, whole.pictures),
        whole.secret,
    )
