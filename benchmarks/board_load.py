"""The leaderboard under load: a whole class before the deadline, and a large board.

``python -m benchmarks.board_load [DATABASE_URL]`` starts a real server on the loopback interface,
on a new SQLite file or on the given empty database. Client and server share the machine. Exits with
1 if a submission was lost or counted twice.
"""

from __future__ import annotations

import http.client
import json
import sys
import tempfile
import threading
import time
import urllib.parse
import zlib
from datetime import UTC, datetime, timedelta

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, insert, select

from classroom.board import competitions
from classroom.board.rules.competition_file import CompetitionFile
from classroom.board.rules.labels import Labels
from classroom.board.rules.points import PointsRule
from classroom.people import roster
from classroom.storage.database import Database
from classroom.storage.tables import Submission, Team
from tests.classroom.live import serving

STUDENTS, PICTURES, CLASSES = 200, 10_000, 100
TEAMS, SUBMISSIONS, VIEWS = 1_000, 20_000, 200
NAMES = tuple(f"test/{number:08d}.jpg" for number in range(1, PICTURES + 1))
START = datetime(2026, 3, 1, tzinfo=UTC)


def main() -> None:
    """Measure both and print a table."""
    with tempfile.TemporaryDirectory() as folder:
        url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/board.db"
        table = Table(title=f"leaderboard on {url.partition(':')[0]}", title_justify="left")
        for name in ("what", "median ms", "p95 ms", "slowest ms"):
            table.add_column(name, justify="left" if name == "what" else "right")
        with Database(url) as db:
            tokens = fill(db)
            with serving(url) as live:
                burst = hand_in_at_once(live.url, tokens)
                problems = lost(db, burst)
                row(table, f"{STUDENTS} files of {PICTURES:,} lines at once", burst_seconds(burst))
                board = f"{TEAMS:,} teams, {SUBMISSIONS:,} submissions"
                for what, path in (
                    ("page", "/c/large"),
                    ("API", "/api/v1/competitions/large/leaderboard"),
                ):
                    row(table, f"board of {board}: {what}", views(live.url, path))
        Console().print(table)
        for problem in problems:
            print(problem, file=sys.stderr)
        sys.exit(1 if problems else 0)


def competition(slug: str, daily_limit: int = 3) -> CompetitionFile:
    """A competition with many pictures."""
    labels = np.random.default_rng(0).integers(0, CLASSES, PICTURES).astype(np.int16)
    return CompetitionFile(
        slug=slug, title=slug, metric="top5_error", labels=Labels(NAMES, labels),
        public_fraction=0.3, daily_limit=daily_limit, team_size=1, public_score="ladder",
        opens_at=None, closes_at=None, time_zone="UTC", classes=CLASSES, guesses=5,
        points=PointsRule("linear", ((0.9, 0.0), (0.1, 20.0))),
    )  # fmt: skip


def fill(db: Database) -> list[str]:
    """Make a competition to hand in to, and a large one to look at; return students' tokens."""
    random = np.random.default_rng(1)
    with db.write() as session:
        competitions.create(session, START, competition("burst"))
        large = competitions.create(session, START, competition("large"))
        tokens = [
            roster.enter(session, START, f"s{number}", f"Student {number}")
            for number in range(STUDENTS)
        ]
        hits = zlib.compress(bytes(PICTURES // 8))
        each = SUBMISSIONS // TEAMS
        for number in range(TEAMS):
            team = Team(
                competition_id=large.id, key=f"student t{number}", handle=f"team-{number}",
                shown_name=None, baseline=False, entries=each, standing=None, best_id=None,
                best_at=None,
            )  # fmt: skip
            session.add(team)
            session.flush()
            standings = np.sort(random.integers(500, 2900, each))[::-1]
            times = [
                START + timedelta(minutes=int(m))
                for m in np.sort(random.integers(0, 100_000, each))
            ]
            session.execute(
                insert(Submission),
                [
                    {
                        "competition_id": large.id, "team_id": team.id, "person_id": None,
                        "received_at": at, "day": f"{at:%Y-%m-%d}", "file_name": "p.txt",
                        "size": 1, "sha256": f"{number:032d}{entry:032d}", "status": "scored",
                        "problems": None, "standing": int(standing), "improved": True,
                        "final": False, "disqualified_at": None, "why": None, "hits": hits,
                    }
                    for entry, (standing, at) in enumerate(zip(standings, times, strict=True))
                ],
            )  # fmt: skip
            team.standing, team.best_at = int(standings[-1]), times[-1]
            team.best_id = session.scalar(
                select(func.max(Submission.id)).where(Submission.team_id == team.id)
            )
    return [token for token in tokens if token is not None]


Reply = tuple[float, int, str]  # seconds, status, body


def hand_in_at_once(url: str, tokens: list[str]) -> list[Reply]:
    """Send a file for every student, all at the same time."""
    random = np.random.default_rng(2)
    bodies = []
    for _ in tokens:
        first = random.integers(0, CLASSES, PICTURES)
        guesses = (first[:, None] + np.arange(5)) % CLASSES
        lines = zip(NAMES, guesses.tolist(), strict=True)
        bodies.append(
            "".join(f"{name} {' '.join(map(str, row))}\n" for name, row in lines).encode()
        )
    replies: list[Reply] = []
    gate = threading.Barrier(len(tokens))

    def send(token: str, data: bytes) -> None:
        head = (
            '--x\r\nContent-Disposition: form-data; name="file"; filename="p.txt"\r\n'
            "Content-Type: text/plain\r\n\r\n"
        )
        body = head.encode() + data + b"\r\n--x--\r\n"
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "multipart/form-data; boundary=x",
        }
        gate.wait()
        replies.append(timed(url, "POST", "/api/v1/competitions/burst/submissions", body, headers))

    threads = [
        threading.Thread(target=send, args=pair) for pair in zip(tokens, bodies, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return replies


def timed(
    url: str, method: str, path: str, body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Reply:  # fmt: skip
    """Send one request on a new connection."""
    started = time.perf_counter()
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=120)
    try:
        connection.request(method, path, body, headers or {})
        reply = connection.getresponse()
        text = reply.read().decode()
        return time.perf_counter() - started, reply.status, text
    finally:
        connection.close()


def lost(db: Database, replies: list[Reply]) -> list[str]:
    """The wrong submissions: refused, acknowledged and missing, or there more than once."""
    problems = [f"status {status}: {text[:200]}" for _, status, text in replies if status != 201]
    told = sorted(json.loads(text)["id"] for _, status, text in replies if status == 201)
    with db.read() as session:
        burst = competitions.find(session, "burst")
        kept = sorted(
            session.scalars(select(Submission.id).where(Submission.competition_id == burst.id))
        )
        twice = session.execute(
            select(Submission.team_id)
            .where(Submission.competition_id == burst.id)
            .group_by(Submission.team_id)
            .having(func.count() > 1)
        ).all()
    if kept != told:
        problems.append(f"{len(told)} were acknowledged, {len(kept)} are there")
    if twice:
        problems.append(f"{len(twice)} teams were scored more than once")
    return problems


def burst_seconds(replies: list[Reply]) -> list[float]:
    """The durations of the accepted submissions."""
    return [seconds for seconds, status, _ in replies if status == 201]


def views(url: str, path: str) -> list[float]:
    """Load a page again and again, within the limit for an address."""
    found = []
    for _ in range(VIEWS):
        seconds, status, text = timed(url, "GET", path)
        if status == 429:
            time.sleep(1)
            continue
        if status != 200:
            raise SystemExit(f"{path}: status {status}: {text[:200]}")
        found.append(seconds)
    return found


def row(table: Table, what: str, seconds: list[float]) -> None:
    """Add a line of times."""
    ms = np.array(seconds) * 1000
    table.add_row(what, *(f"{np.percentile(ms, part):.0f}" for part in (50, 95, 100)))


if __name__ == "__main__":
    main()
