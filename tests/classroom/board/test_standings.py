"""Boards: ties, teams, baselines, finals, disqualified entries, and the gradebook's table."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, event

from autograder.records.board_points import read_board_points
from classroom.board import baselines, competitions, standings
from classroom.board.disqualification import disqualify
from classroom.board.standings import COLUMNS, Line
from classroom.errors import BadFile, NotAllowed, NotFound
from classroom.storage.tables import Submission, Team
from tests.classroom.world import (
    PICTURES,
    SLUG,
    World,
    assert_problem,
    file_with,
    half_right,
)


def entry(world: World, token: str, on_public: int, on_private: int, variant: int = 0) -> int:
    """The number of a submission that is right on so many pictures of either side."""
    right = half_right(world.public(), on_public, on_private)
    number = world.taken(token, file_with(right, variant))["id"]
    assert isinstance(number, int)
    return number


def table(world: World, private: bool = True) -> list[Line]:
    with world.db.read() as session:
        competition = competitions.find(session, SLUG)
        key = world.service.keys.of(session, competition)
        return standings.table(session, competition, key, private)


def private_scores(world: World, token: str) -> list[tuple[int | None, float]]:
    entries = world.get("/standings", token).json()["entries"]
    return [(one["rank"], round(one["score"] * 30)) for one in entries]


def add_baseline(world: World, name: str, right: Any, data: bytes | None = None) -> None:
    with world.db.write() as session:
        competition = competitions.find(session, SLUG)
        data = file_with(right) if data is None else data
        baselines.add(session, world.now, world.service.keys, competition, name, data, "b.txt")


def take_out(world: World, number: int, why: str = "used the labels") -> None:
    with world.db.write() as session:
        disqualify(session, world.now, world.service.keys, number, why)


def test_the_best_is_first_and_ties_go_to_the_earlier(world: World) -> None:
    world.competition()
    for right in (10, 20, 10, 30):
        entry(world, world.student(), right, 0)
        world.later(minutes=1)
    board = world.board()
    assert [one["rank"] for one in board] == [1, 2, 3, 4]
    assert [round(one["score"] * 30) for one in board] == [0, 10, 20, 20]
    assert board[2]["submitted_at"] < board[3]["submitted_at"]


def test_a_tie_is_decided_by_when_the_score_was_reached_not_by_the_last_file(world: World) -> None:
    world.competition()
    early, late = world.student(), world.student()
    entry(world, early, 10, 0)
    entry(world, late, 10, 0)
    entry(world, early, 5, 0)
    assert [one["submissions"] for one in world.board()] == [2, 1]


def test_baselines_are_named_and_take_no_rank(world: World) -> None:
    world.competition()
    add_baseline(world, "chance", half_right(world.public(), 3, 3))
    add_baseline(world, "ResNet-18", half_right(world.public(), 20, 20))
    assert entry(world, world.student(), 25, 3)
    second = world.taken(world.student(), file_with(half_right(world.public(), 10, 9)))
    assert second["rank"] == 2
    assert [(one["rank"], one["baseline"]) for one in world.board()] == [
        (1, False), (None, True), (2, False), (None, True)
    ]  # fmt: skip
    assert world.board()[1]["handle"] == "ResNet-18"


def test_a_baseline_with_mistakes_or_a_name_that_is_taken_is_refused(world: World) -> None:
    world.competition()
    add_baseline(world, "chance", np.zeros(PICTURES, bool))
    with pytest.raises(NotAllowed, match="the name 'chance' is taken in places"):
        add_baseline(world, "chance", np.ones(PICTURES, bool))
    with pytest.raises(BadFile, match=r"b\.txt: the file is empty"):
        add_baseline(world, "nothing", None, b"")
    with pytest.raises(NotAllowed, match="not one line"):
        add_baseline(world, "two\nlines", np.ones(PICTURES, bool))
    assert len(world.board()) == 1


def test_private_standings_appear_with_the_end(world: World) -> None:
    world.competition()
    ada, alan, teacher = world.student(), world.student(), world.instructor()
    entry(world, ada, 20, 5)
    entry(world, alan, 10, 15)
    assert_problem(world.get("/standings", ada), 403)
    assert_problem(world.get("/standings"), 401)
    assert private_scores(world, teacher) == [(1, 15), (2, 25)]
    world.finalize()
    assert private_scores(world, ada) == [(1, 15), (2, 25)]
    assert_problem(world.submit(ada, file_with(np.ones(PICTURES, bool))), 409)
    assert_problem(world.put("/submissions/final", ada, {"ids": []}), 409)
    assert_problem(world.put("/name", ada, {"show_real_name": True}), 409)


def test_the_best_public_submission_counts_without_finals(world: World) -> None:
    world.competition()
    token, teacher = world.student(), world.instructor()
    entry(world, token, 20, 5)
    entry(world, token, 10, 30)
    assert private_scores(world, teacher) == [(1, 25)]


def test_of_two_finals_the_better_private_one_counts(world: World) -> None:
    world.competition(daily_limit=5)
    token, teacher = world.student(), world.instructor()
    first, second, third = (entry(world, token, 20 - n, 5 + n * 5) for n in range(3))
    assert world.put("/submissions/final", token, {"ids": [second, first]}).json()["ids"] == [
        first, second
    ]  # fmt: skip
    assert private_scores(world, teacher) == [(1, 20)]
    world.put("/submissions/final", token, {"ids": [third]})
    assert private_scores(world, teacher) == [(1, 15)]
    mine = world.get("/submissions/mine", token).json()["submissions"]
    assert [one["final"] for one in mine] == [True, False, False]
    world.put("/submissions/final", token, {"ids": []})
    assert private_scores(world, teacher) == [(1, 25)]


def test_a_private_tie_goes_to_the_earlier_of_what_counts(world: World) -> None:
    world.competition()
    ada, alan, teacher = world.student("ada"), world.student("alan"), world.instructor()
    entry(world, ada, 5, 5)
    entry(world, alan, 4, 10)
    entry(world, ada, 20, 10)
    entries = world.get("/standings", teacher).json()["entries"]
    assert [one["score"] for one in entries] == [pytest.approx(2 / 3)] * 2
    assert [line.student for line in table(world)] == ["alan", "ada"]


def test_only_own_valid_submissions_can_be_finals(world: World) -> None:
    world.competition(daily_limit=5)
    ada, alan = world.student(), world.student()
    assert world.put("/submissions/final", ada, {"ids": []}).json() == {"ids": []}
    assert_problem(world.put("/submissions/final", ada, {"ids": [1]}), 403)
    mine, other, out = entry(world, ada, 3, 3), entry(world, alan, 4, 4), entry(world, ada, 5, 5)
    assert_problem(world.submit(ada, b"junk"), 422)
    take_out(world, out)
    reply = world.put("/submissions/final", ada, {"ids": [other, out]})
    assert [one["detail"] for one in assert_problem(reply, 422)["errors"]] == [
        f"{other} is not a valid submission of your team",
        f"{out} is disqualified",
    ]
    reply = world.put("/submissions/final", ada, {"ids": [mine, mine]})
    assert assert_problem(reply, 422)["errors"] == [{"detail": "a submission is named twice"}]
    for body in ({"ids": [1, 2, 3]}, {"ids": ["1"]}, {"ids": [True]}, {"ids": [2**31]}, {}, [],
                 {"ids": [], "more": 1}, {"ids": [0]}):  # fmt: skip
        assert assert_problem(world.put("/submissions/final", ada, body), 422)["errors"]


def test_a_disqualified_entry_leaves_the_board_and_the_ladder_is_climbed_again(
    world: World,
) -> None:
    world.competition(daily_limit=5)
    token, teacher = world.student(), world.instructor()
    first = entry(world, token, 10, 1)
    best = entry(world, token, 25, 25)
    third = entry(world, token, 15, 3)  # not shown: worse than the best
    world.put("/submissions/final", token, {"ids": [best]})
    take_out(world, best)
    (line,) = world.board()
    assert (round(line["score"] * 30), line["submissions"]) == (15, 2)
    assert private_scores(world, teacher) == [(1, 27)]
    mine = world.get("/submissions/mine", token).json()
    assert {one["id"]: one["status"] for one in mine["submissions"]} == {
        first: "scored", best: "disqualified", third: "scored"
    }  # fmt: skip
    assert "used the labels" not in str(mine)
    assert mine["submissions_left_today"] == 2, "the quota stays used"
    with world.db.read() as session:
        assert session.get_one(Submission, best).why == "used the labels"


def test_a_team_with_nothing_but_a_disqualified_entry_is_on_no_board(world: World) -> None:
    world.competition()
    token, teacher = world.student(), world.instructor()
    take_out(world, entry(world, token, 10, 1))
    assert world.board() == []
    assert private_scores(world, teacher) == []
    assert [(line.entries, line.points) for line in table(world)] == [(0, 0)]
    with world.db.write() as session:
        for number, why, error in ((1, "x", "already"), (1, " ", "reason"), (9, "x", "no scored")):
            with pytest.raises((NotAllowed, NotFound), match=error):
                disqualify(session, world.now, world.service.keys, number, why)


def test_the_table_has_every_student_and_points_by_the_rule(world: World, tmp_path: Path) -> None:
    world.competition()
    duo = [world.student("ada", "Duo"), world.student("bob", "Duo")]
    solo, absent = world.student("cyd"), world.student("dot")
    assert absent
    entry(world, solo, 10, 10)
    world.later(minutes=5)
    entry(world, duo[1], 20, 15)
    with world.db.read() as session:
        competition = competitions.find(session, SLUG)
        key = world.service.keys.of(session, competition)
        text = standings.table_csv(standings.table(session, competition, key, True))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == COLUMNS
    assert [(row["student"], row["team"]) for row in rows] == [
        ("ada", "Duo"), ("bob", "Duo"), ("cyd", ""), ("dot", "")
    ]  # fmt: skip
    assert rows[0] | {"student": ""} == rows[1] | {"student": ""}
    handle = rows[0].pop("handle")
    assert handle.count("-") == 1
    assert rows[0] == {
        "student": "ada", "team": "Duo", "public": "0.333333", "private": "0.500000",
        "entries": "1", "time": "2026-03-10T12:05:00Z", "points": "10",
    }  # fmt: skip
    assert rows[3] == {
        "student": "dot", "team": "", "handle": "", "public": "", "private": "",
        "entries": "0", "time": "", "points": "0",
    }  # fmt: skip
    file = tmp_path / "board.csv"
    file.write_text(text, newline="")
    read = read_board_points(file)  # by the gradebook's side
    assert read == {row["student"]: float(row["points"]) for row in rows}


def test_the_table_holds_no_private_score_unless_asked(world: World) -> None:
    world.competition()
    entry(world, world.student("ada"), 10, 20)
    entry(world, world.student("bob"), 11, 3)
    lines = table(world, private=False)
    assert [line.student for line in lines] == ["bob", "ada"]
    assert {(line.private, line.points) for line in lines} == {(None, None)}


def test_real_names_show_only_by_choice(world: World) -> None:
    world.competition()
    token = world.student("ada", name="Ada Lovelace")
    entry(world, token, 10, 10)
    (line,) = world.board()
    assert "ovelace" not in line["handle"]
    shown = world.put("/name", token, {"show_real_name": True})
    assert shown.json() == {"handle": "Ada Lovelace"} == {"handle": world.board()[0]["handle"]}
    world.put("/name", token, {"show_real_name": False})
    assert world.board() == [line]
    assert_problem(world.put("/name", token, {"show_real_name": 1}), 422)
    assert_problem(world.put("/name", world.instructor(), {"show_real_name": True}), 403)


def test_handles_differ_between_competitions(world: World) -> None:
    world.competition()
    world.competition(slug="other")
    token = world.student()
    data = file_with(np.ones(PICTURES, bool))
    world.taken(token, data)
    world.taken(token, data, "other")
    handles = {world.board()[0]["handle"], world.board("other")[0]["handle"]}
    assert len(handles) == 2


def test_intervals_lie_around_the_scores(world: World) -> None:
    world.competition(metric="top1_accuracy")
    entry(world, world.student(), 12, 20)
    with world.db.read() as session:
        competition = competitions.find(session, SLUG)
        key = world.service.keys.of(session, competition)
        (public,) = standings.board(session, competition)
        (private,) = standings.private_board(session, competition, key)
    assert public.interval == pytest.approx((0.2459, 0.5768), abs=1e-4)  # Wilson, 12 of 30
    assert private.interval == pytest.approx((0.4878, 0.8077), abs=1e-4)  # 20 of 30


def test_a_large_board_needs_no_more_queries_than_a_small_one(world: World) -> None:
    competition = world.competition()
    queries: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        queries.append(statement)

    def queries_of_a_board(teams: int) -> int:
        queries.clear()
        assert len(world.board()) == teams
        return len(queries)

    def add(*numbers: int) -> None:
        with world.db.write() as session:
            session.add_all(
                Team(
                    competition_id=competition.id, key=f"student {number}", handle=f"h{number}",
                    shown_name=None, baseline=False, entries=20, standing=number % 31,
                    best_id=number, best_at=world.now,
                )
                for number in numbers
            )  # fmt: skip

    add(0, 1)
    world.board()
    event.listen(Engine, "before_cursor_execute", note)
    try:
        few = queries_of_a_board(2)
        add(*range(2, 1000))
        assert queries_of_a_board(1000) == few > 0
    finally:
        event.remove(Engine, "before_cursor_execute", note)
