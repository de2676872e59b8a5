"""Many at once: one student in two browsers, a whole class, two servers on one database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from sqlalchemy import func, select

from classroom.board.competitions import find
from classroom.board.submissions import Receipt, admit, submit
from classroom.errors import TooMany
from classroom.people.roster import by_token
from classroom.storage.database import Database
from classroom.storage.tables import Submission, Team
from classroom.web.service import Service
from tests.classroom.world import PICTURES, SLUG, World, file_with

Sending = Callable[[], Receipt | None]


def sending(service: Service, token: str, data: bytes, at: World) -> Sending:
    """A browser that waits for the button: the receipt, or None when the quota is used up."""

    def send() -> Receipt | None:
        with service.db.read() as session:
            person = by_token(session, token)
        assert person is not None
        entrant = admit(service.db, service.keys, person, SLUG, at.now)
        try:
            return submit(service.db, entrant, data, "p.txt")
        except TooMany:
            return None

    return send


def all_at_once(browsers: list[Sending]) -> list[Receipt | None]:
    start = threading.Barrier(len(browsers))

    def press(send: Sending) -> Receipt | None:
        start.wait()
        return send()

    with ThreadPoolExecutor(len(browsers)) as pool:
        return list(pool.map(press, browsers))


def files(count: int) -> list[bytes]:
    return [file_with(np.arange(PICTURES) < number) for number in range(count)]


def two_servers(world: World, url: str) -> list[Service]:
    return [world.service, Service(Database(url))]


def test_one_student_in_many_browsers_gets_the_quota_and_no_more(world: World, db_url: str) -> None:
    world.competition(daily_limit=3)
    token = world.student()
    servers = two_servers(world, db_url)
    receipts = all_at_once(
        [sending(servers[n % 2], token, data, world) for n, data in enumerate(files(10))]
    )
    taken = [receipt for receipt in receipts if receipt is not None]
    assert sorted(receipt.submissions_left_today for receipt in taken) == [0, 1, 2]
    with world.db.read() as session:
        assert session.scalars(select(Team.entries)).all() == [3]
        count = select(func.count()).select_from(Submission)
        assert session.scalar(count) == 3
    servers[1].db.close()


def test_the_same_file_from_many_browsers_is_scored_once(world: World, db_url: str) -> None:
    world.competition(daily_limit=5)
    token = world.student()
    servers = two_servers(world, db_url)
    (data,) = files(1)
    receipts = all_at_once([sending(servers[n % 2], token, data, world) for n in range(8)])
    assert sorted(receipt.status for receipt in receipts if receipt) == ["duplicate"] * 7 + [
        "scored"
    ]
    assert len({receipt.id for receipt in receipts if receipt}) == 1
    servers[1].db.close()


def test_a_class_that_submits_at_once_is_all_there_afterwards(world: World, db_url: str) -> None:
    world.competition(daily_limit=2)
    tokens = [world.student() for _ in range(12)]
    servers = two_servers(world, db_url)
    browsers = [
        sending(servers[n % 2], token, data, world)
        for n, token in enumerate(tokens)
        for data in files(2)
    ]
    receipts = [receipt for receipt in all_at_once(browsers) if receipt is not None]
    assert len({receipt.id for receipt in receipts}) == 24
    with world.db.read() as session:
        competition = find(session, SLUG)
        teams = session.scalars(select(Team).where(Team.competition_id == competition.id)).all()
    assert [team.entries for team in teams] == [2] * 12
    assert len({team.handle for team in teams}) == 12
    servers[1].db.close()


def test_team_mates_whose_first_files_come_at_once_are_one_team(world: World, db_url: str) -> None:
    world.competition(daily_limit=3)
    servers = two_servers(world, db_url)
    tokens = [world.student(team="Duo"), world.student(team="Duo")]
    browsers = [
        sending(servers[n % 2], tokens[n % 2], data, world) for n, data in enumerate(files(6))
    ]
    receipts = [receipt for receipt in all_at_once(browsers) if receipt is not None]
    assert sorted(receipt.submissions_left_today for receipt in receipts) == [0, 1, 2]
    with world.db.read() as session:
        assert session.scalars(select(Team.entries)).all() == [3]
    servers[1].db.close()
