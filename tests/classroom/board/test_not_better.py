"""A file that was not better says so, everywhere, and is no final without a warning."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from classroom.storage.tables import Submission
from classroom.web.views.class_list import DISQUALIFIED
from source.shared import submit
from tests.classroom.browsing import Browser, student, teacher
from tests.classroom.live import serving
from tests.classroom.world import (
    SLUG,
    World,
    assert_problem,
    file_with,
    half_right,
)

FINALS = f"/c/{SLUG}/finals"


def climbed(world: World, token: str, **changes: Any) -> list[dict[str, Any]]:
    """Three files: 20, 10 and 19 of 30 public pictures right, private ones the other way round."""
    world.competition(daily_limit=10, **changes)
    public = world.public()
    files = [file_with(half_right(public, right, 30 - right)) for right in (20, 10, 19)]
    return [world.taken(token, data) for data in files]


@pytest.mark.parametrize("rule", ["ladder", "rounded"])
@pytest.mark.parametrize("metric", ["top5_error", "top1_accuracy"])
def test_the_api_says_for_each_file_whether_it_was_better(
    small_world: World, rule: str, metric: str
) -> None:
    token = small_world.student()
    receipts = climbed(small_world, token, public_score=rule, metric=metric)
    verdicts = ["better", "not better", "not better"]
    assert [one["verdict"] for one in receipts] == verdicts
    assert [one["improved"] for one in receipts] == [True, False, False]
    mine = small_world.get("/submissions/mine", token).json()["submissions"][::-1]
    assert [one["verdict"] for one in mine] == verdicts
    scores = [one["public_score"] for one in mine]
    if rule == "ladder":
        assert scores[1:] == [None, None], "the team's best is not the score of these files"
    else:
        assert len(set(scores)) > 1 and None not in scores
    assert_problem(small_world.submit(token, b"junk"), 422)
    assert small_world.get("/submissions/mine", token).json()["submissions"][0]["verdict"] is None


def test_a_repeated_file_says_what_it_said_the_first_time(small_world: World) -> None:
    world = small_world
    token = world.student()
    climbed(world, token)
    public = world.public()
    again = [world.taken(token, file_with(half_right(public, n, 30 - n))) for n in (20, 10)]
    assert [one["status"] for one in again] == ["duplicate", "duplicate"]
    assert [one["verdict"] for one in again] == ["better", "not better"]


def test_the_api_answers_such_a_final_with_a_warning(world: World) -> None:
    token = world.student()
    climbed(world, token)
    assert world.put("/submissions/final", token, {"ids": [1]}).json() == {"ids": [1]}
    assert world.put("/submissions/final", token, {"ids": [3, 1]}).json() == {
        "ids": [1, 3],
        "warnings": [
            "Submission 3 was not better than your best, submission 1. As a final, its own score "
            "on the private pictures counts, and that may be worse."
        ],
    }  # fmt: skip
    two = world.put("/submissions/final", token, {"ids": [2, 3]}).json()
    assert [text[:12] for text in two["warnings"]] == ["Submission 2", "Submission 3"]
    assert world.put("/submissions/final", token, {"ids": []}).json() == {"ids": []}


def test_the_page_says_not_better_and_shows_no_other_files_score(world: World) -> None:
    browser = student(world)
    token = world.student("alan")
    climbed(world, token)
    public = world.public()
    browser.upload(file_with(half_right(public, 20, 10)), "first.txt")
    shown = browser.upload(file_with(half_right(public, 10, 20)), "second.txt")
    assert "Submission 5 was scored: not better. Your best stays at 0.3333." in shown.text
    assert "improved 0.3333" in shown.row("first.txt")
    assert "not better –" in shown.row("second.txt")
    assert "0.3333" not in shown.row("second.txt")


@pytest.fixture
def ada(small_world: World) -> Browser:
    """Signed in, with three files, of which the first is the best."""
    token = small_world.student("ada")
    climbed(small_world, token)
    browser = Browser(small_world)
    browser.sign_in(token)
    return browser


def finals(world: World) -> list[int]:
    with world.db.read() as session:
        return list(session.scalars(select(Submission.id).where(Submission.final.is_(True))))


def test_such_a_final_is_saved_only_when_the_warning_was_confirmed(
    small_world: World, ada: Browser
) -> None:
    asked = ada.send(FINALS, final=["3"])
    assert asked.status == 409 and ("div", "role", "alert") in asked.attributes
    assert "Nothing is saved yet" in asked.text
    assert "Submission 3 was not better than your best, submission 1." in asked.text
    assert "Your best, submission 1, then does not count at all." in asked.text
    assert "that may be worse" in asked.text and "Your finals are saved." not in asked.text
    assert finals(small_world) == []
    form = re.search(r'<form method="post" action="[^"]*finals" class="actions">.*?</form>',
                     asked.html, re.DOTALL)  # fmt: skip
    assert form
    fields = dict(re.findall(r'name="(\w+)" value="(\w+)"', form[0]))
    assert fields.pop("form_token") == asked.form_token
    done = ada.post(FINALS, form_token=asked.form_token, **fields)
    assert "Your finals are saved." in done.text
    assert finals(small_world) == [3]
    assert "final, not better" in done.row("3 predictions.txt")
    assert "not better" not in done.row("1 predictions.txt")


def test_a_choice_that_stays_is_not_asked_about_again_and_each_other_one_is(
    small_world: World, ada: Browser
) -> None:
    assert ada.send(FINALS, final=["1"]).status == 200
    both = ada.send(FINALS, final=["1", "2"])
    assert both.status == 409 and "does not count at all" not in both.text
    assert ada.send(FINALS, final=["1", "2"], confirm="yes").status == 200
    assert ada.send(FINALS, final=["1", "2"]).status == 200
    alone = ada.send(FINALS, final=["2"])
    assert alone.status == 409, "the best one is taken out: now it matters"
    assert finals(small_world) == [1, 2]
    assert ada.send(FINALS).status == 200
    assert finals(small_world) == []


@pytest.mark.parametrize("confirm", ["", "no", "YES", "1"])
def test_only_the_button_confirms(small_world: World, ada: Browser, confirm: str) -> None:
    assert ada.send(FINALS, final=["2"], confirm=confirm).status == 409
    assert finals(small_world) == []


def test_a_wrong_choice_is_refused_before_anything_is_asked(
    small_world: World, ada: Browser
) -> None:
    for chosen in (["1", "2", "3"], ["2", "2"], ["99"]):
        refused = ada.send(FINALS, final=chosen)
        assert refused.status == 422 and "anyway" not in refused.text
        assert ada.send(FINALS, final=chosen, confirm="yes").status == 422
    assert ada.post(FINALS, final=["2"], confirm="yes", form_token="0" * 64).status == 403
    small_world.finalize()
    assert ada.send(FINALS, final=["2"], confirm="yes").status == 409
    assert finals(small_world) == []


def test_the_instructor_reads_the_true_public_score_and_students_do_not(
    small_world: World, ada: Browser
) -> None:
    staff = teacher(small_world)
    listed = staff.get(f"/c/{SLUG}/instructor/submissions")
    assert "scored improved 0.3333 0.3333" in listed.row("1 ada")
    assert "scored not better – 0.6667" in listed.row("2 ada")
    assert "scored not better – 0.3667" in listed.row("3 ada")
    one = staff.get(f"/c/{SLUG}/instructor/submissions/2")
    assert "Shown score not better: its own score is not shown" in one.text
    assert "Measured, public 0.6667" in one.text
    assert "Measured, private 0.3333" in one.text
    small_world.submit(small_world.student("eve"), b"junk")
    assert "refused – –" in staff.get(f"/c/{SLUG}/instructor/submissions").row("eve")
    assert staff.get(f"/c/{SLUG}/instructor/submissions?status={DISQUALIFIED}").status == 200
    for page in (ada.get(), ada.get(f"/c/{SLUG}/live"), ada.get(f"/c/{SLUG}/rules")):
        assert "0.6667" not in page.html and "0.3667" not in page.html
    assert ada.get(f"/c/{SLUG}/instructor/submissions").status == 403


def test_by_rounding_each_file_shows_its_own_score_and_says_not_better(small_world: World) -> None:
    world = small_world
    token = world.student("ada")
    climbed(world, token, public_score="rounded")
    browser = Browser(world)
    browser.sign_in(token)
    shown = browser.get()
    scores = {
        re.findall(r"0\.\d{4}", shown.row(f"{number} predictions.txt"))[0] for number in (1, 2)
    }
    assert len(scores) == 2 and "not better" in shown.row("2 predictions.txt")
    assert browser.send(FINALS, final=["2"]).status == 409
    listed = teacher(world).get(f"/c/{SLUG}/instructor/submissions")
    assert "0.6667" in listed.row("2 ada")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"verdict": "not better", "public_score": 0.2, "best_public_score": 0.2},
         "Not better than your best, 0.2000, which stays on the board."),
        ({"verdict": "not better", "public_score": 0.25, "best_public_score": 0.2},
         "Public score: 0.2500; your best: 0.2000.\nNot better than your best."),
        ({"verdict": "better", "improved": True, "public_score": 0.2, "best_public_score": 0.2},
         "Public score: 0.2000; your best: 0.2000.\nThat is your best so far."),
        ({"public_score": 0.2, "best_public_score": 0.2},
         "Public score: 0.2000; your best: 0.2000."),
    ],
)  # fmt: skip
def test_the_notebooks_cell_says_not_better(answer: dict[str, Any], said: str) -> None:
    told = submit.accepted({"id": 3, "status": "scored", **answer})
    assert told == f"Submission 3 was taken (scored).\n{said}"


def test_the_notebooks_cell_says_so_for_the_servers_own_answer(
    small_world: World, sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = small_world.student()
    climbed(small_world, token)
    path = tmp_path / "predictions.txt"
    path.write_bytes(file_with(np.arange(60) < 5))
    with serving(sqlite_url) as live:
        assert submit.submit_predictions(path, live.url, SLUG, token) is not None
    said = capsys.readouterr().out
    assert "Not better than your best, 0.3333, which stays on the board." in said
    assert "Public score:" not in said
