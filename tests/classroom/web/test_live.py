"""A server in a process of its own: the notebook's cell submits to it, and ``kill -9`` loses nothing."""

from __future__ import annotations

import os
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer

from classroom.board.disqualification import replay
from classroom.storage.database import Database
from classroom.storage.tables import Competition, Submission, Team, Upload
from source.shared import submit
from source.shared.submit import submit_predictions
from tests.classroom.live import ROOT, Live, serving
from tests.classroom.world import PICTURES, SLUG, World, bearer, file_with

KILLS = int(os.environ.get("KILLS", "2"))


@pytest.mark.parametrize("with_requests", [True, False])
def test_the_code_of_the_notebook_submits_and_reads_the_answer(
    world: World,
    db_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    with_requests: bool,
) -> None:
    if with_requests:
        assert submit.requests is not None
    else:
        monkeypatch.setattr(submit, "requests", None)
    world.competition()
    token = world.student()
    path = tmp_path / "predictions.txt"
    path.write_bytes(file_with(np.arange(PICTURES) < 40))
    with serving(db_url) as live:
        answer = submit_predictions(path, live.url, SLUG, token)
        assert answer is not None
        assert (answer["rank"], answer["submissions_left_today"]) == (1, 2)
        assert "Submission 1 was taken (scored)." in capsys.readouterr().out
        assert submit_predictions(path, live.url, SLUG, token)["status"] == "duplicate"
        assert "Submission 1 was taken (duplicate)." in capsys.readouterr().out
        path.write_bytes(path.read_bytes().replace(b" 1 2", b" 1 1"))
        assert submit_predictions(path, live.url, SLUG, token) is None
        assert "line 1: the label 1 is repeated" in capsys.readouterr().out
        assert submit_predictions(path, live.url, SLUG, "wrong") is None
        assert "does not know this token" in capsys.readouterr().out
        assert submit_predictions(path, live.url, "nothing", token) is None
        assert "There is no such competition" in capsys.readouterr().out


def test_the_notebooks_own_cells_ask_for_the_token_and_hand_in(
    small_world: World,
    sqlite_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small_world.competition()
    token = small_world.student()
    cells = (ROOT / "source/places/04_leaderboard.py").read_text().split("\n# %%")
    (where,) = [cell for cell in cells if "\nLEADERBOARD_URL = " in cell]
    (send,) = [cell for cell in cells if "\nsent = submit_predictions(" in cell]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("getpass.getpass", lambda prompt: token)
    Path("predictions.txt").write_bytes(file_with(np.arange(PICTURES) < 40))
    with serving(sqlite_url) as live:
        where = where.replace('URL = ""', f'URL = "{live.url}"').replace("miniplaces", SLUG)
        names = {"submit_predictions": submit_predictions}
        for cell in (where, send):
            exec(cell.partition("\n")[2], names)
    assert "Submission 1 was taken (scored)." in capsys.readouterr().out
    assert small_world.board()[0]["submissions"] == 1


def test_a_class_that_hands_in_twice_at_once_is_scored_once_and_loses_nothing(
    world: World, db_url: str
) -> None:
    world.competition()
    tokens = [world.student() for _ in range(30)]
    start = threading.Barrier(2 * len(tokens))
    with serving(db_url) as live:

        def hand_in(number: int) -> tuple[int, str]:
            start.wait()
            reply = httpx2.post(
                f"{live.url}/api/v1/competitions/{SLUG}/submissions",
                files={"file": ("p.txt", file_with(np.arange(PICTURES) < number // 2))},
                headers=bearer(tokens[number // 2]),
                timeout=60,
            )
            assert reply.status_code == 201, reply.text
            return reply.json()["id"], reply.json()["status"]

        with ThreadPoolExecutor(2 * len(tokens)) as pool:
            answers = list(pool.map(hand_in, range(2 * len(tokens))))
    for once, again in zip(answers[::2], answers[1::2], strict=True):
        assert once[0] == again[0]
        assert {once[1], again[1]} == {"scored", "duplicate"}
    assert everything_is_whole(world.db, world, {number for number, _ in answers}) == len(tokens)


def test_ctrl_c_ends_the_server_in_order(sqlite_url: str) -> None:
    with serving(sqlite_url) as live:
        assert httpx2.get(f"{live.url}/nothing").status_code == 404
        live.process.send_signal(signal.SIGINT)
        assert live.process.wait(30) == 0
        assert live.process.stderr is not None
        assert live.process.stderr.read() == ""


class Burst:
    """A class that submits as fast as it can until the server is gone."""

    def __init__(self, live: Live, tokens: list[str], files: list[bytes], kill_after: int) -> None:
        self.live, self.tokens, self.files, self.kill_after = live, tokens, files, kill_after
        self.acknowledged: list[int] = []
        self._lock = threading.Lock()

    def run(self) -> list[int]:
        with ThreadPoolExecutor(len(self.tokens)) as pool:
            list(pool.map(self._student, self.tokens))
        return self.acknowledged

    def _student(self, token: str) -> None:
        with httpx2.Client(base_url=self.live.url, headers=bearer(token), timeout=30) as client:
            for data in self.files:
                try:
                    reply = client.post(
                        f"/api/v1/competitions/{SLUG}/submissions",
                        files={"file": ("p.txt", data, "text/plain")},
                    )
                except httpx2.TransportError:
                    return
                assert reply.status_code == 201, reply.text
                with self._lock:
                    self.acknowledged.append(reply.json()["id"])
                    if len(self.acknowledged) == self.kill_after:
                        self.live.kill()


def everything_is_whole(db: Database, world: World, acknowledged: set[int]) -> int:
    """The number of submissions there are, each with all of its parts."""
    with db.read() as session:
        competition = session.scalars(select(Competition)).one()
        submissions = session.scalars(select(Submission).options(undefer(Submission.hits))).all()
        assert acknowledged <= {one.id for one in submissions}
        uploads = set(session.scalars(select(Upload.submission_id)))
        assert uploads == {one.id for one in submissions}
        assert all(one.hits and one.standing is not None for one in submissions)
        kept = {(one.team_id, one.sha256) for one in submissions}
        assert len(kept) == len(submissions), "scored twice"
        for team in session.scalars(select(Team)):
            stands = team.entries, team.standing, team.best_id, team.best_at
            replay(session, world.service.keys, competition, team)
            assert stands == (team.entries, team.standing, team.best_id, team.best_at)
        session.rollback()
    return len(submissions)


def test_a_server_that_is_killed_in_a_burst_keeps_what_it_acknowledged(
    world: World, db_url: str
) -> None:
    world.competition(daily_limit=1000)
    tokens = [world.student() for _ in range(6)]
    files = [file_with(np.arange(PICTURES) < number) for number in range(50)]
    seed = random.randrange(10**6)
    print("seed", seed)
    chance = random.Random(seed)
    acknowledged: set[int] = set()
    for number in range(KILLS):
        fresh = [text.replace(b" ", b"  ", number + 1) for text in files]
        with serving(db_url) as live:
            acknowledged |= set(Burst(live, tokens, fresh, chance.randint(5, 60)).run())
        assert everything_is_whole(world.db, world, acknowledged) >= len(acknowledged)
    with serving(db_url) as live:
        reply = httpx2.get(f"{live.url}/api/v1/competitions/{SLUG}/leaderboard")
        entries = sum(entry["submissions"] for entry in reply.json()["entries"])
    assert entries == everything_is_whole(world.db, world, acknowledged)
