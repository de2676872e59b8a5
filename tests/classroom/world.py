"""A small competition and the people in it, over a clock that only the test moves."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import numpy as np
from starlette.testclient import TestClient

from classroom.board import competitions
from classroom.board.rules.competition_file import CompetitionFile
from classroom.board.rules.labels import Labels
from classroom.board.rules.points import PointsRule
from classroom.people import roster
from classroom.storage.database import Database
from classroom.storage.tables import INSTRUCTOR, Competition
from classroom.web.app import create_app
from classroom.web.http.settings import Rate, Settings
from classroom.web.service import Service

SLUG = "places"
CLASSES, PICTURES = 10, 60
NAMES = tuple(f"test/{number:08d}.jpg" for number in range(1, PICTURES + 1))
LABELS = np.arange(PICTURES, dtype=np.int16) % CLASSES
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
FREE = Rate(burst=10**9, per_second=1e6)
SETTINGS = Settings(board_age_s=0, token=FREE, address=FREE, failed_tokens=FREE)


def competition_file(**changes: Any) -> CompetitionFile:
    values: dict[str, Any] = {
        "slug": SLUG,
        "title": "Places",
        "metric": "top5_error",
        "labels": Labels(NAMES, LABELS),
        "public_fraction": 0.5,
        "daily_limit": 3,
        "team_size": 2,
        "public_score": "ladder",
        "opens_at": None,
        "closes_at": None,
        "time_zone": "UTC",
        "classes": CLASSES,
        "guesses": 5,
        "points": PointsRule("linear", ((0.9, 0.0), (0.1, 20.0))),
    }
    return CompetitionFile(**values | changes)


def guesses_with(
    right: Sequence[bool] | np.ndarray[Any, Any], variant: int = 0
) -> np.ndarray[Any, Any]:
    """Five labels a picture, the true one among them exactly where ``right``.

    A variant changes the file, and not which pictures are right.
    """
    right = np.asarray(right)
    labels = LABELS[: len(right)]
    first = np.where(right, labels - variant % 5, labels + 1)
    ahead = (np.arange(5)[None, :] + np.zeros_like(first)[:, None]) % CLASSES
    return np.asarray((first[:, None] + ahead) % CLASSES, np.int16)


def text_of(guesses: np.ndarray[Any, Any], names: Sequence[str] = NAMES) -> bytes:
    lines = zip(names, guesses.tolist(), strict=True)
    return "".join(f"{name} {' '.join(map(str, row))}\n" for name, row in lines).encode()


def file_with(right: Sequence[bool] | np.ndarray[Any, Any], variant: int = 0) -> bytes:
    return text_of(guesses_with(right, variant))


class World:
    """A server without a network, and the requests of a test."""

    def __init__(self, db: Database, settings: Settings = SETTINGS) -> None:
        self.db = db
        self.now = NOON
        self.ticks = 0.0
        self.service = Service(db, lambda: self.now, settings, lambda: self.ticks)
        self.app = create_app(self.service)
        self.client = TestClient(self.app, raise_server_exceptions=False)
        self._names = itertools.count(1)

    def competition(self, **changes: Any) -> Competition:
        with self.db.write() as session:
            return competitions.create(session, self.now, competition_file(**changes))

    def public(self, slug: str = SLUG) -> np.ndarray[Any, Any]:
        with self.db.read() as session:
            return self.service.keys.of(session, competitions.find(session, slug)).public

    def student(self, student: str = "", team: str = "", name: str = "") -> str:
        """The token of a new student."""
        student = student or f"s{next(self._names)}"
        with self.db.write() as session:
            name = name or f"Name of {student}"
            token = roster.enter(session, self.now, student, name, f"{student}@uni.test", team)
        assert token is not None
        return token

    def instructor(self) -> str:
        with self.db.write() as session:
            token = roster.enter(session, self.now, "teacher", "Teacher", role=INSTRUCTOR)
        assert token is not None
        return token

    def submit(
        self, token: str, data: bytes, slug: str = SLUG, name: str = "predictions.txt"
    ) -> httpx2.Response:
        return self.client.post(
            f"/api/v1/competitions/{slug}/submissions",
            files={"file": (name, data, "text/plain")},
            headers=bearer(token),
        )

    def taken(self, token: str, data: bytes, slug: str = SLUG) -> dict[str, Any]:
        """The receipt of a file that must be taken."""
        reply = self.submit(token, data, slug)
        assert reply.status_code == 201, reply.text
        receipt: dict[str, Any] = reply.json()
        return receipt

    def get(self, path: str, token: str | None = None, slug: str = SLUG) -> httpx2.Response:
        headers = bearer(token) if token else {}
        return self.client.get(f"/api/v1/competitions/{slug}{path}", headers=headers)

    def put(self, path: str, token: str, body: Any, slug: str = SLUG) -> httpx2.Response:
        return self.client.put(
            f"/api/v1/competitions/{slug}{path}", json=body, headers=bearer(token)
        )

    def board(self, slug: str = SLUG) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.get("/leaderboard", slug=slug).json()["entries"]
        return entries

    def finalize(self, slug: str = SLUG) -> None:
        with self.db.write() as session:
            competitions.finalize(session, self.now, slug)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def assert_problem(reply: httpx2.Response, status: int) -> dict[str, Any]:
    """The problem document that a reply must be."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = reply.json()
    assert body["status"] == status
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"]
    return body


def half_right(
    public: np.ndarray[Any, Any], on_public: int, on_private: int
) -> np.ndarray[Any, Any]:
    """Which pictures are right, with so many on either side."""
    right = np.zeros(len(public), bool)
    right[np.flatnonzero(public)[:on_public]] = True
    right[np.flatnonzero(~public)[:on_private]] = True
    return right
