"""Submitting through the API, on SQLite and on PostgreSQL."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from classroom.storage.tables import Submission, Upload
from tests.classroom.world import (
    LABELS,
    NAMES,
    PICTURES,
    SLUG,
    World,
    assert_problem,
    bearer,
    file_with,
    guesses_with,
    half_right,
)

GOOD = file_with(np.ones(PICTURES, bool))
BAD = GOOD.replace(b" ", b" x", 1)


def test_a_good_file_gets_its_score_its_rank_and_what_is_left(world: World) -> None:
    world.competition()
    token = world.student()
    right = half_right(world.public(), 24, 3)
    assert world.taken(token, file_with(right)) == {
        "id": 1,
        "status": "scored",
        "public_score": pytest.approx(6 / 30),
        "best_public_score": pytest.approx(6 / 30),
        "improved": True,
        "verdict": "better",
        "rank": 1,
        "submissions_left_today": 2,
    }


def test_predictions_and_their_hits_are_kept(world: World) -> None:
    world.competition()
    right = np.arange(PICTURES) % 3 == 0
    number = world.taken(world.student(), file_with(right))["id"]
    with world.db.read() as session:
        upload = session.get_one(Upload, number)
        guesses = np.frombuffer(zlib.decompress(upload.guesses), "<i2").reshape(-1, 5)
        hits = np.unpackbits(
            np.frombuffer(session.get_one(Submission, number).hits or b"", np.uint8)
        )
    assert (guesses == guesses_with(right)).all()
    assert (hits[:PICTURES] == right).all()


def test_a_worse_file_shows_the_best_score_again(world: World) -> None:
    world.competition()
    token = world.student()
    world.taken(token, file_with(half_right(world.public(), 20, 20)))
    second = world.taken(token, file_with(half_right(world.public(), 10, 20)))
    assert second["public_score"] == second["best_public_score"] == pytest.approx(10 / 30)
    assert not second["improved"]
    assert [entry["submissions"] for entry in world.board()] == [2]


def test_an_invalid_file_lists_every_problem_with_its_line_and_costs_nothing(world: World) -> None:
    world.competition(daily_limit=1)
    token = world.student()
    lines = GOOD.decode().splitlines(keepends=True)
    lines[1] = lines[1].replace(" 1 2", " 1 1")
    lines[4] = "test/nothing.jpg 1 2 3 4 99\n"
    body = assert_problem(world.submit(token, "".join(lines).encode()), 422)
    assert body["errors"] == [
        {"detail": "line 2: the label 1 is repeated", "line": 2},
        {"detail": "line 5: there is no test image 'test/nothing.jpg'", "line": 5},
        {"detail": "line 5: the label 99 is not between 0 and 9", "line": 5},
        {"detail": f"{NAMES[4]} is missing"},
    ]
    assert world.taken(token, GOOD)["submissions_left_today"] == 0


def test_a_refused_file_is_in_the_students_list_with_its_reasons(world: World) -> None:
    world.competition()
    token = world.student()
    assert_problem(world.submit(token, BAD, name="mine.txt"), 422)
    world.taken(token, GOOD)
    mine = world.get("/submissions/mine", token).json()
    assert mine["submissions_left_today"] == 2
    assert [one["status"] for one in mine["submissions"]] == ["scored", "invalid"]
    refused = mine["submissions"][1]
    assert refused["file_name"] == "mine.txt"
    assert refused["public_score"] is None
    assert refused["errors"] == [{"detail": "line 1: 'x0' is not a whole number", "line": 1}]


def test_only_the_latest_refused_files_are_remembered(small_world: World) -> None:
    small_world.competition()
    token = small_world.student()
    for number in range(60):
        small_world.submit(token, f"{number}".encode())
    mine = small_world.get("/submissions/mine", token).json()["submissions"]
    assert [one["id"] for one in mine] == list(range(60, 10, -1))


def test_a_file_with_very_many_problems_lists_the_first_hundred(small_world: World) -> None:
    small_world.competition()
    body = assert_problem(small_world.submit(small_world.student(), b"x\n" * 5000), 422)
    assert len(body["errors"]) == 100
    assert body["detail"].startswith("The file has 10060 problems; the first 100 are listed.")


def test_the_same_file_is_recognised_and_costs_nothing(world: World) -> None:
    world.competition()
    token = world.student()
    first = world.taken(token, GOOD)
    again = world.taken(token, GOOD)
    assert again == first | {"status": "duplicate", "improved": False}
    assert again["submissions_left_today"] == 2
    assert world.board()[0]["submissions"] == 1


def test_the_same_file_of_another_student_is_another_submission(world: World) -> None:
    world.competition()
    assert world.taken(world.student(), GOOD)["rank"] == 1
    second = world.taken(world.student(), GOOD)
    assert (second["status"], second["rank"]) == ("scored", 2)


def test_team_mates_share_quota_score_and_duplicates(world: World) -> None:
    world.competition()
    ada, alan = world.student(team="Duo"), world.student(team="Duo")
    first = world.taken(ada, GOOD)
    assert world.taken(alan, GOOD)["status"] == "duplicate"
    other = file_with(np.ones(PICTURES, bool), variant=1)
    assert world.taken(alan, other)["submissions_left_today"] == 1
    (entry,) = world.board()
    assert entry["submissions"] == 2
    ids = [one["id"] for one in world.get("/submissions/mine", ada).json()["submissions"]]
    assert ids == [first["id"] + 1, first["id"]]


def test_a_team_that_is_too_large_may_not_submit(world: World) -> None:
    world.competition(team_size=2)
    tokens = [world.student(team="Crowd") for _ in range(3)]
    body = assert_problem(world.submit(tokens[0], GOOD), 403)
    assert body["detail"] == "Your team has 3 members; this competition allows 2."


def test_without_a_valid_token_nothing_is_taken(world: World) -> None:
    world.competition()
    path = f"/api/v1/competitions/{SLUG}/submissions"
    sent: list[dict[str, str] | dict[str, bytes]] = [
        {},
        bearer("nobodys"),
        {"Authorization": "Basic eDp5"},
        {"Authorization": b"Bearer \xe9"},
    ]
    for headers in sent:
        reply = world.client.post(path, files={"file": ("p.txt", GOOD)}, headers=headers)
        assert_problem(reply, 401)
        assert reply.headers["www-authenticate"] == "Bearer"
    assert world.board() == []


def test_an_instructor_submits_nothing(world: World) -> None:
    world.competition()
    assert_problem(world.submit(world.instructor(), GOOD), 403)


@pytest.mark.parametrize("slug", ["nothing", "Places", "a%00b", "%F0%9F%90%B8", "x" * 500])
def test_an_unknown_competition_is_not_found(world: World, slug: str) -> None:
    token = world.student()
    assert_problem(world.submit(token, GOOD, slug), 404)
    for path in ("", "/leaderboard", "/submissions/mine", "/standings"):
        assert_problem(world.get(path, token, slug), 404)
    assert_problem(world.put("/submissions/final", token, {"ids": []}, slug), 404)
    assert_problem(world.put("/name", token, {"show_real_name": True}, slug), 404)


def test_top1_accuracy_counts_the_first_guess_only(world: World) -> None:
    world.competition(metric="top1_accuracy", public_fraction=0.5)
    token = world.student()
    first_wrong = file_with(np.ones(PICTURES, bool), variant=1)  # the true label comes second
    assert world.taken(token, first_wrong)["public_score"] == 0
    better = world.taken(token, GOOD)
    assert better["public_score"] == 1
    assert better["improved"]


def test_top1_files_may_have_one_guess_a_line(world: World) -> None:
    world.competition(metric="top1_accuracy", guesses=1)
    lines = [f"{name},{label}\n" for name, label in zip(NAMES, LABELS, strict=True)]
    text = "filename,label\n" + "".join(reversed(lines))
    assert world.taken(world.student(), text.encode())["public_score"] == 1


def test_a_rounded_score_is_a_multiple_of_the_standard_error(world: World) -> None:
    world.competition(public_score="rounded")
    token = world.student()
    got = world.taken(token, file_with(half_right(world.public(), 24, 3)))
    step = 1 / (2 * 30**0.5)
    assert got["public_score"] == pytest.approx(2 * step)  # 6 of 30 are 2.19 steps
    worse = world.taken(token, file_with(half_right(world.public(), 15, 3)))
    assert worse["public_score"] == pytest.approx(5 * step)
    assert worse["best_public_score"] == pytest.approx(2 * step)


def test_our_own_failure_says_so_and_counts_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world.competition()
    token = world.student()
    with monkeypatch.context() as patch:
        patch.setattr("classroom.board.submissions.rank_of", lambda *_: 1 / 0)
        body = assert_problem(world.submit(token, GOOD), 500)
    assert body["detail"].startswith("The leaderboard failed, not your file.")
    assert "ZeroDivisionError" not in str(body)
    assert body["detail"].split()[-1].rstrip(".") in caplog.text
    assert world.board() == []
    assert world.taken(token, GOOD)["submissions_left_today"] == 2
