from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

from autograder.records.lateness import Lateness
from autograder.records.recorded_grades import RecordedGrade, RecordedNotebook
from autograder.rendering.start_page import ShownNotebook, start_page
from autograder.rendering.verdicts import Exercise, PageVerdicts

ON_TIME = Lateness(datetime(2026, 2, 1, 8, tzinfo=UTC), datetime(2026, 2, 1, 9, tzinfo=UTC), False)
LATE = Lateness(
    datetime(2026, 2, 1, 14, tzinfo=UTC),
    datetime(2026, 2, 1, 9, tzinfo=UTC),
    True,
    1.5,
    fraction=0.25,
    days_late=2,
    free_days=1,
    days_left=0,
    allowance=1,
)


def notebook(
    name: str, *exercises: Exercise, outcome: str = "partial", lateness: Lateness = ON_TIME
) -> ShownNotebook:
    grades = {
        one.grade_id: RecordedGrade(
            one.grade_id, one.points, one.max_points, one.state == "waiting"
        )
        for one in exercises
    }
    recorded = RecordedNotebook(
        name=name,
        score=sum(one.points for one in exercises) - lateness.points_off,
        max_score=sum(one.max_points for one in exercises),
        late_penalty=lateness.points_off,
        lateness=lateness,
        grades=grades,
        comments={},
    )
    return ShownNotebook(recorded, PageVerdicts(outcome, exercises))


def text_of(page: str) -> str:
    shown = re.sub(r"<style>.*?</style>|<title>.*?</title>", "", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub("<[^>]*>", " ", shown)).split())


def wrong(name: str, points: float, most: float, mistake: int, sentence: str = "") -> Exercise:
    return Exercise(f"test_{name}", name, "partial", points, most, sentence, mistake)


def test_the_total_is_that_of_all_notebooks() -> None:
    page = text_of(
        start_page(
            "ada",
            "conv",
            [notebook("01_a", wrong("f", 1, 4, 1)), notebook("02_b", wrong("g", 2, 3, 1))],
        )
    )
    assert "3 of 7 points ada" in page
    assert "01_a 1 to mend 1 / 4" in page and "02_b 1 to mend 2 / 3" in page


def test_the_exercise_with_most_lost_points_stands_first_with_its_named_mistake() -> None:
    page = start_page(
        "ada",
        "conv",
        [
            notebook("01_a", wrong("f", 1, 2, 1), wrong("g", 0, 3, 2, "You add.")),
            notebook("02_b", wrong("h", 0, 1, 1)),
        ],
    )
    assert re.findall(r'<a href="([^"]*)">', page) == [
        "01_a.html#mistake:2", "01_a.html#mistake:1", "02_b.html#mistake:1",
    ]  # fmt: skip
    assert "g partly right, in 01_a + 3 points You add. f partly right" in text_of(page)


def test_more_than_five_to_mend_are_folded() -> None:
    exercises = [wrong(f"f{n}", 0, 1, n) for n in range(1, 9)]
    page = start_page("ada", "conv", [notebook("01_a", *exercises)])
    before, _, folded = page.partition("<details>")
    assert (before.count("+ 1 point"), folded.count("+ 1 point")) == (5, 3)
    assert "and 3 more" in folded and 'start="6"' in folded


def test_a_file_that_nobody_could_grade_is_one_thing_to_mend() -> None:
    lost = [Exercise(f"t{n}", f"f{n}", "missing", 0, 2, "", n) for n in (1, 2, 3)]
    page = text_of(
        start_page(
            "ada",
            "conv",
            [
                notebook("01_a", *lost, outcome="missing"),
                notebook("02_b", *lost, outcome="unreadable"),
            ],
        )
    )
    assert page.count("+ 6 points") == 2
    assert "01_a not handed in 0 / 6" in page
    assert "02_b could not be read 0 / 6 handed in 1 February 2026, 08:00 UTC, on time" in page


def test_unwritten_and_unanswered_exercises_say_so() -> None:
    page = text_of(
        start_page(
            "ada",
            "conv",
            [
                notebook(
                    "01_a",
                    Exercise("a", "f", "unwritten", 0, 2, "", 1),
                    Exercise("b", "why", "unanswered", 0, 1, "", 2),
                )
            ],
        )
    )
    assert "f not written yet, in 01_a" in page and "why not answered, in 01_a" in page


def test_answers_that_wait_for_a_person_are_listed_and_count_nothing() -> None:
    waiting = Exercise("why", "why", "waiting", 0, 2)
    page = start_page("ada", "conv", [notebook("01_a", waiting)])
    assert "0 of 2 points so far" in text_of(page)
    assert 'href="01_a.html#why"' in page
    assert "Not graded yet" in page and "Nothing: every graded exercise" in page


def test_times_are_told_once_if_they_are_the_same_and_by_notebook_if_not() -> None:
    one = wrong("f", 1, 4, 1)
    same = text_of(start_page("ada", "conv", [notebook("01_a", one), notebook("02_b", one)]))
    assert same.count("anded in 1 February 2026, 08:00 UTC, on time") == 1
    other = text_of(
        start_page("ada", "conv", [notebook("01_a", one), notebook("02_b", one, lateness=LATE)])
    )
    assert "01_a 1 to mend 1 / 4 handed in 1 February 2026, 08:00 UTC, on time" in other
    assert "5 hours late, 25 % (1.5 points) taken off" in other
    assert "1 late day used for this assignment, 0 left. 25 % (1.5 points) taken off." in other
    assert "02_b: Handed in 5 hours late, 1 February 2026, 14:00 UTC." in other


def test_late_days_that_are_left_are_told_in_a_course_with_late_days() -> None:
    late = replace(ON_TIME, allowance=3, days_left=2)
    one = wrong("f", 1, 4, 1)
    assert "2 of 3 late days are left for the term." in text_of(
        start_page("ada", "conv", [notebook("01_a", one, lateness=late)])
    )
    assert "late days" not in text_of(start_page("ada", "conv", [notebook("01_a", one)]))


def test_an_excused_student_is_told_so_once_and_an_extension_beside_the_time() -> None:
    one = wrong("f", 1, 4, 1)
    excused = replace(LATE, is_excused=True, points_off=0.0, fraction=None)
    page = text_of(
        start_page("ada", "conv", [notebook(name, one, lateness=excused) for name in "ab"])
    )
    assert page.count("You are excused: this assignment does not count") == 1
    extended = replace(ON_TIME, is_extended=True)
    page = text_of(start_page("ada", "conv", [notebook("01_a", one, lateness=extended)]))
    assert "on time with an extension" in page


def test_no_text_becomes_a_tag() -> None:
    evil = "<img src=x onerror=alert(1)>"
    exercise = Exercise(evil, evil, "failed", 0, 1, evil, 1)
    page = start_page(evil, evil, [notebook(evil, exercise)])
    assert "<img" not in page
    assert "default-src 'none'" in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
