"""How long students wait for the leaderboard: a class that hands in at once, and a full board.

``python -m benchmarks.leaderboard`` starts a server on the loopback interface, which shares the
machine with the students that are played here. Seconds that people wait belong to the machine and
what else it does; the processor seconds of the server tell the two apart.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.burst import burst, missing_or_twice
from leaderboard import clock, competitions, people
from leaderboard.competition_file import CompetitionFile
from leaderboard.competitions import AnswerKeys
from leaderboard.database import Database
from leaderboard.labels import Labels
from leaderboard.points import PointsRule
from leaderboard.sign_ins import sign_in
from leaderboard.tables import Submission, Team
from tests.leaderboard.live import Live, serving

SLUG, CLASSES, PICTURES = "bench", 100, 10_000
CLASS, FULL_CLASS, ENTRIES, VIEWS = 200, 1000, 20_000, 200


Measured = tuple[str, list[float], float]  # what, how long each waited, the server's CPU seconds


def main() -> None:
    """Measure, and print one table."""
    table = Table(title="seconds that students wait, on loopback", title_justify="left")
    for name in ("what", "median", "p95", "slowest", "server's CPU s, each"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for what, seconds, cpu_s in (*whole_class_at_once(), *full_board()):
        p95 = statistics.quantiles(seconds, n=20)[-1]
        numbers = (statistics.median(seconds), p95, max(seconds), cpu_s / len(seconds))
        table.add_row(what, *(f"{number:.3f}" for number in numbers))
    Console(width=120).print(table)


def whole_class_at_once() -> Iterator[Measured]:
    """Yield how long each of a class waits for the answer to a whole file."""
    random = np.random.default_rng(1)
    with _server() as (db, live):
        tokens = _class(db, CLASS)
        files = [_file(random) for _ in tokens]
        for what in ("first files", "second files"):
            before = _cpu_s(live)
            answers = burst(live.url, SLUG, tokens, files)
            cpu_s = _cpu_s(live) - before
            assert {answer.status for answer in answers} == {201}
            assert not missing_or_twice(db, answers)
            title = f"{CLASS} students at once, {PICTURES:,} lines each, {what}"
            yield title, [answer.seconds for answer in answers], cpu_s
            files = [_file(random) for _ in tokens]


def full_board() -> Iterator[Measured]:
    """Yield how long a board with a large class takes: the page, what is polled, and the API."""
    with _server() as (db, live):
        tokens = _class(db, FULL_CLASS)
        cookies = _fill(db, tokens)
        title = f"{FULL_CLASS:,} students, {ENTRIES:,} submissions"
        page, api = f"/c/{SLUG}", f"/api/v1/competitions/{SLUG}"
        with httpx2.Client(base_url=live.url) as client:

            def get(path: str, view: int) -> float:
                cookie = cookies[view % len(cookies)]
                begun = time.perf_counter()
                reply = client.get(path, headers={"Cookie": f"leaderboard={cookie}"})
                seconds = time.perf_counter() - begun
                assert reply.status_code in (200, 204), reply.text
                return seconds

            def changed(view: int) -> float:
                _move(db, view)
                return get(page, view)

            measured: dict[str, Callable[[int], float]] = {
                "the page": lambda view: get(page, view),
                "the page, just changed": changed,
                "its parts, for a page that is open": lambda view: get(f"{page}/live", view),
                "the board by the API": lambda view: get(f"{api}/leaderboard", view),
            }
            for what, look in measured.items():
                look(0)
                before = _cpu_s(live)
                seconds = [look(view) for view in range(VIEWS)]
                yield f"{title}: {what}", seconds, _cpu_s(live) - before


def _cpu_s(live: Live) -> float:
    used = psutil.Process(live.process.pid).cpu_times()
    return float(used.user + used.system)


@contextmanager
def _server() -> Iterator[tuple[Database, Live]]:
    random = np.random.default_rng(0)
    labels = random.integers(0, CLASSES, PICTURES).astype(np.int16)
    labels[:CLASSES] = np.arange(CLASSES)
    names = tuple(f"test/{number:08d}.jpg" for number in range(1, PICTURES + 1))
    file = CompetitionFile(
        slug=SLUG, title="Bench", metric="top5_error", labels=Labels(names, labels),
        public_fraction=0.3, daily_limit=1000, team_size=1, public_score="ladder", opens_at=None,
        closes_at=None, time_zone="UTC", classes=CLASSES, guesses=5, points=PointsRule("steps", ()),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        with Database(url) as db:
            with db.write() as session:
                competitions.create(session, clock.now(), file)
            with serving(url) as live:
                yield db, live


def _class(db: Database, count: int) -> list[str]:
    with db.write() as session:
        return [
            people.enter(session, clock.now(), f"s{number}", f"Student {number}") or ""
            for number in range(count)
        ]


def _file(random: np.random.Generator) -> bytes:
    guesses = (random.integers(0, CLASSES, PICTURES)[:, None] + np.arange(5)) % CLASSES
    lines = enumerate(guesses.tolist(), 1)
    return "".join(f"test/{n:08d}.jpg {' '.join(map(str, row))}\n" for n, row in lines).encode()


def _fill(db: Database, tokens: list[str]) -> list[str]:
    """Write a term's entries straight into the database; return cookies of some students."""
    now, each = datetime.now(UTC), ENTRIES // len(tokens)
    random = np.random.default_rng(2)
    with db.write() as session:
        competition = competitions.find(session, SLUG)
        key = AnswerKeys().of(session, competition)
        shown = int(key.public.sum())
        for number in range(len(tokens)):
            team = Team(
                competition_id=competition.id, key=f"student s{number}", handle=f"handle-{number}",
                shown_name=None, baseline=False, entries=each, standing=None, best_id=None,
                best_at=None,
            )  # fmt: skip
            session.add(team)
            session.flush()
            standings = np.sort(random.integers(shown // 5, shown, each))[::-1].tolist()
            for done, standing in enumerate(standings):
                at = now - timedelta(days=each - 1 - done)
                submission = Submission(
                    competition_id=competition.id, team_id=team.id, person_id=number + 1,
                    received_at=at, day=at.date().isoformat(), file_name="p.txt", size=1,
                    sha256=f"{number}-{done}", status="scored", problems=None, standing=standing,
                    improved=True, final=False, disqualified_at=None, why=None,
                    hits=random.bytes(PICTURES // 8),
                )  # fmt: skip
                session.add(submission)
            session.flush()
            team.standing, team.best_id, team.best_at = standings[-1], submission.id, at
        return [sign_in(session, now, token) or "" for token in tokens[:50]]


def _move(db: Database, view: int) -> None:
    """Let something change on the board."""
    with db.write() as session:
        session.get_one(Team, view % FULL_CLASS + 1).entries += 1


if __name__ == "__main__":
    main()
