"""The TOML of a competition: every mistake is named, at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from classroom.board.rules.competition_file import CompetitionFile, read_competition
from classroom.board.rules.labels import read_labels
from classroom.board.rules.points import PointsRule
from classroom.errors import BadFile, ClassroomError

GOOD = """
slug = "places-2026"
title = "Places"
metric = "top5_error"
labels = "labels.txt"
public_fraction = 0.3
daily_limit = 3
team_size = 2
"""
LABELS = "".join(f"test/{number}.jpg {number % 8}\n" for number in range(40))


def read(folder: Path, text: str, labels: str | None = LABELS) -> CompetitionFile:
    if labels is not None:
        (folder / "labels.txt").write_text(labels)
    (folder / "c.toml").write_text(text)
    return read_competition(folder / "c.toml")


def problems(folder: Path, text: str, labels: str | None = LABELS) -> list[str]:
    with pytest.raises(BadFile) as caught:
        read(folder, text, labels)
    return [problem.detail for problem in caught.value.problems]


def test_a_short_file_gets_the_usual_rules(tmp_path: Path) -> None:
    got = read(tmp_path, GOOD)
    assert (got.slug, got.metric, got.public_score) == ("places-2026", "top5_error", "ladder")
    assert (got.time_zone, got.opens_at, got.closes_at) == ("UTC", None, None)
    assert (got.classes, got.guesses, got.points) == (8, 5, PointsRule("steps", ()))
    assert got.labels.names[:2] == ("test/0.jpg", "test/1.jpg")
    assert got.labels.classes[:9].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 0]


def test_times_come_with_an_offset_or_in_the_zone_of_the_file(tmp_path: Path) -> None:
    more = 'time_zone = "Europe/Berlin"\nopens_at = 2026-07-01T00:00:00\n'
    got = read(tmp_path, GOOD + more + "closes_at = 2026-12-01T23:59:59-05:00\n")
    assert got.opens_at == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert got.closes_at == datetime(2026, 12, 2, 4, 59, 59, tzinfo=UTC)
    assert read(tmp_path, GOOD + 'closes_at = "2026-07-01T00:00:00Z"').closes_at == datetime(
        2026, 7, 1, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD.replace("places-2026", "Places!"),
         "slug is 'Places!', expected small letters, digits and hyphens, at most 63"),
        (GOOD.replace('"Places"', '""'),
         "title is '', expected one line of text, at most 200 letters"),
        (GOOD.replace("top5_error", "accuracy"),
         "metric is 'accuracy', expected top5_error or top1_accuracy"),
        (GOOD.replace("0.3", "1.0"), "public_fraction is 1.0, expected a number between 0 and 1"),
        (GOOD.replace("0.3", "nan"), "public_fraction is nan, expected a number between 0 and 1"),
        (GOOD.replace("= 3", "= 0"), "daily_limit is 0, expected a whole number from 1 to 10000"),
        (GOOD.replace("= 2", "= true"), "team_size is True, expected a whole number from 1 to 1000"),
        (GOOD.replace("team_size = 2", ""), "the key team_size is missing"),
        (GOOD + "dayly_limit = 3", "dayly_limit is not a key of a competition"),
        (GOOD + 'public_score = "plain"', "public_score is 'plain', expected ladder or rounded"),
        (GOOD + 'time_zone = "Berlin"',
         """time_zone is 'Berlin', expected the name of a time zone, such as "Europe/Berlin\""""),
        (GOOD + 'time_zone = "../etc"',
         """time_zone is '../etc', expected the name of a time zone, such as "Europe/Berlin\""""),
        (GOOD + "opens_at = 2026-07-01T00:00:00",
         "opens_at is '2026-07-01T00:00:00', expected an offset behind it (Z, +01:00), or the key "
         "time_zone in the file"),
        (GOOD + 'time_zone = "Europe/Berlin"\ncloses_at = 2026-10-25T02:30:00',
         "closes_at is '2026-10-25T02:30:00', expected an offset behind it: in Europe/Berlin "
         "clocks change in this hour"),
        (GOOD + "closes_at = 2026-07-01",
         "closes_at is datetime.date(2026, 7, 1), expected a date with a time, such as "
         "2026-12-01T23:59:59Z"),
        (GOOD + "opens_at = 2026-07-01T00:00:00Z\ncloses_at = 2026-07-01T00:00:00Z",
         "opens_at is not before closes_at"),
        (GOOD + "classes = 7", "classes is 7, expected a whole number from 8 to 10000"),
        (GOOD + "points = 3", "points is not a table: write [points] above its keys"),
        (GOOD + '[points]\nrule = "rank"', "points.rule is 'rank', expected 'linear' or 'steps'"),
        (GOOD + "[points]\nzero_at = 0.2\nfull_at = 0.8\nmax = 20",
         "points: full_at must be smaller than zero_at, since smaller is better in top5_error"),
        (GOOD + "[points]\nzero_at = 0.8\nmax = 20",
         "points.full_at is None, expected a number from 0 to 1"),
        (GOOD + "[points]\nzero_at = 0.8\nfull_at = 0.2\nmax = 20\nbonus = 3",
         "points.bonus is not a key here"),
        (GOOD + '[points]\nrule = "steps"\nsteps = [[0.8, 5], [0.9, 10]]',
         "points: steps must go to smaller scores, since smaller is better in top5_error"),
        (GOOD + '[points]\nrule = "steps"\nsteps = [[0.8, 5], [0.7, 4]]',
         "points: a better score must not earn fewer points"),
        (GOOD + '[points]\nrule = "steps"\nsteps = [[0.8]]',
         "points.steps: step 1 is not [score, points], with a score from 0 to 1 and points from 0"),
        (GOOD + '[points]\nrule = "steps"', "points.steps is not a list of [score, points]"),
        (GOOD.replace('"labels.txt"', "3"), "labels is 3, expected the path of a file"),
    ],
)  # fmt: skip
def test_each_mistake_is_named(text: str, expected: str, tmp_path: Path) -> None:
    assert problems(tmp_path, text) == [expected]


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    text = 'slug = 3\nmetric = "x"\nlabels = "labels.txt"\npublic_fraction = 2\nteam_size = 0\n'
    found = problems(tmp_path, text, "a.jpg x\nb.jpg\n\na.jpg 3\na.jpg 4\nc,d 5\n")
    assert [line.partition(",")[0] for line in found] == [
        "the key title is missing",
        "the key daily_limit is missing",
        "slug is 3",
        "metric is 'x'",
        "public_fraction is 2",
        "team_size is 0",
        "labels: line 1: the label 'x' is not a whole number from 0 to 9999",
        "labels: line 2: expected a name and a label",
        "labels: line 5: 'a.jpg' is there twice",
        "labels: line 6: the name 'c",
    ]


def test_a_file_that_is_not_there_or_not_toml_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ClassroomError, match=r"none\.toml cannot be read: No such file"):
        read_competition(tmp_path / "none.toml")
    assert problems(tmp_path, "slug = ")[0].startswith("this is not TOML")
    (tmp_path / "c.toml").write_bytes(b"\xff")
    with pytest.raises(BadFile, match="this is not TOML"):
        read_competition(tmp_path / "c.toml")
    missing = problems(tmp_path, GOOD.replace("labels.txt", "none.txt"))
    assert missing[0].endswith("none.txt cannot be read: No such file or directory")
    (tmp_path / "labels.txt").write_bytes(b"\xff\n")
    assert problems(tmp_path, GOOD, None) == ["labels: the file is not UTF-8 text"]


def test_one_picture_is_too_few_and_many_mistakes_are_counted(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("a.jpg 1\n")
    with pytest.raises(BadFile, match="at least two pictures are needed"):
        read_labels(tmp_path / "one.txt")
    (tmp_path / "many.txt").write_text("a.jpg\n" * 150)
    with pytest.raises(BadFile, match="and 50 more problems"):
        read_labels(tmp_path / "many.txt")
    assert problems(tmp_path, GOOD, "a.jpg\n" * 150)[-1] == "labels: and 50 more problems"


def test_five_guesses_need_five_classes(tmp_path: Path) -> None:
    few = "".join(f"{number}.jpg {number % 3}\n" for number in range(9))
    assert problems(tmp_path, GOOD, few) == [
        "5 different guesses are not possible with 3 classes; set classes or guesses"
    ]
    assert read(tmp_path, GOOD.replace("top5_error", "top1_accuracy"), few).guesses == 3


@pytest.mark.parametrize(
    ("rule", "metric", "expected"),
    [
        (PointsRule("linear", ((0.8, 0), (0.3, 20))), "top5_error",
         {0.9: 0, 0.8: 0, 0.55: 10, 0.3: 20, 0.1: 20, 0.7: 4}),
        (PointsRule("linear", ((0.2, 0), (0.6, 10))), "top1_accuracy",
         {0.1: 0, 0.3: 2.5, 0.6: 10, 1.0: 10}),
        (PointsRule("steps", ((0.6, 5), (0.45, 10))), "top5_error",
         {0.61: 0, 0.6: 5, 0.46: 5, 0.45: 10, 0.0: 10}),
        (PointsRule("steps", ()), "top5_error", {0.0: 0}),
    ],
)  # fmt: skip
def test_points_follow_the_rule(
    rule: PointsRule, metric: str, expected: dict[float, float]
) -> None:
    assert {score: rule.points(metric, score) for score in expected} == expected
    assert rule.points(metric, None) == 0


def test_labels_keep_the_order_of_their_file(tmp_path: Path) -> None:
    (tmp_path / "l.txt").write_text("\ufeffb.jpg 3\r\n\r\na.jpg 0\r\n")
    got = read_labels(tmp_path / "l.txt")
    assert got.names == ("b.jpg", "a.jpg")
    assert (got.classes == np.array([3, 0])).all()
