"""The pages: their content for each kind of visitor, and their protection against misuse."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.board import baselines, competitions
from classroom.board.disqualification import disqualify
from classroom.board.rules.metrics import wilson
from classroom.clock import day_of
from classroom.web.http.settings import Rate, Settings
from classroom.web.views.chart import round_scale
from tests.classroom.browsing import Browser, student, teacher
from tests.classroom.world import FREE, PICTURES, SLUG, World, file_with, half_right

STAFF = ("", "/standings.csv", "/roster", "/submissions", "/submissions/1", "/log", "/finalize")
FORMS = (
    "/sign-out",
    f"/c/{SLUG}/submissions",
    f"/c/{SLUG}/finals",
    f"/c/{SLUG}/name",
    f"/c/{SLUG}/instructor/finalize",
    f"/c/{SLUG}/instructor/roster/token",
    f"/c/{SLUG}/instructor/submissions/1",
)
NASTY = "<script>alert(1)</script>'\"&"


def right(count: int) -> np.ndarray[Any, Any]:
    return np.arange(PICTURES) < count


# The chart


@pytest.mark.parametrize(
    ("low", "high", "scale"),
    [
        (0.2737, 0.8625, "1.0 0.8 0.6 0.4 0.2"),
        (0.2, 0.37, "0.40 0.35 0.30 0.25 0.20 0.15"),
        (0.9, 0.95, "0.96 0.94 0.92 0.90 0.88"),
        (0.5, 0.5, "0.505 0.500 0.495"),
        (0.0, 0.0, "0.005 0.004 0.003 0.002 0.001 0.000"),
        (0.0, 1.0, "1.0 0.8 0.6 0.4 0.2 0.0"),
    ],
)
def test_scores_stand_beside_round_numbers(low: float, high: float, scale: str) -> None:
    assert round_scale(low, high) == scale.split()


@given(st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted))
def test_a_scale_holds_its_scores_and_has_few_numbers_evenly_spread(ends: list[float]) -> None:
    scale = [float(number) for number in round_scale(*ends)]
    assert 3 <= len(scale) <= 6
    assert 1 >= scale[0] >= ends[1] and ends[0] >= scale[-1] >= 0
    assert np.allclose(np.diff(scale), scale[1] - scale[0])


# Signing in


def test_a_token_signs_in_and_the_board_knows_who_looks(world: World) -> None:
    world.competition()
    shown = Browser(world).sign_in(world.student("ada"))
    assert shown.status == 200
    assert "Name of ada" in shown.text
    assert "Hand in a file" in shown.text


def test_the_cookie_is_hidden_from_scripts_and_other_sites_and_secure_behind_tls(
    small_world: World,
) -> None:
    small_world.competition()
    for address, secure in (("http://testserver", False), ("https://testserver", True)):
        browser = Browser(small_world, address)
        page = browser.get("/sign-in")
        token = small_world.student()
        reply = browser.post("/sign-in", False, token=token, form_token=page.form_token).reply
        cookies = reply.headers.get_list("set-cookie")
        (cookie,) = [one for one in cookies if one.startswith("leaderboard=")]
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
        assert ("Secure" in cookie) is secure
        assert token not in str(reply.headers)
        assert reply.status_code == 303 and reply.headers["location"] == f"/c/{SLUG}"


def test_the_token_is_in_no_address_and_the_script_for_links_takes_it_out_of_the_history(
    small_world: World,
) -> None:
    browser = Browser(small_world)
    page = browser.get("/sign-in?token=mytoken&next=/")
    assert "mytoken" not in page.html
    assert ("form", "method", "post") in page.attributes
    script = re.search(r'src="(/static/sign-in.js[^"]*)"', page.html)
    assert script and "history.replaceState" in browser.client.get(script[1]).text


def test_a_wrong_token_is_said_to_be_wrong(small_world: World) -> None:
    shown = Browser(small_world).sign_in("wrong")
    assert shown.status == 401
    assert "This token is not known." in shown.text
    assert "wrong" not in re.sub(r"<[^>]+>", "", shown.html)


def test_signing_in_needs_the_form_of_this_browser(small_world: World) -> None:
    world = small_world
    world.competition()
    token = world.student()
    theirs = Browser(world).get("/sign-in").form_token
    browser = Browser(world)
    browser.get("/sign-in")
    for sent in ("", "0" * 64, theirs):
        shown = browser.post("/sign-in", token=token, form_token=sent)
        assert shown.status == 403
        assert "Please sign in again" in shown.text
    assert "Sign out" not in browser.get().text


@pytest.mark.parametrize(
    "following",
    ["https://evil.test/", "//evil.test", "/\\evil.test", "/c/places\r\nX: y", "javascript:x", "c"],
)
def test_signing_in_leads_to_no_other_site(small_world: World, following: str) -> None:
    small_world.competition()
    browser = Browser(small_world)
    page = browser.get("/sign-in")
    reply = browser.post(
        "/sign-in", False, token=small_world.student(), form_token=page.form_token, next=following
    ).reply
    assert reply.headers["location"] == f"/c/{SLUG}"
    assert "evil" not in Browser(small_world).get(f"/sign-in?next={following!r}").html


def test_signing_out_ends_the_cookie_also_on_the_server(small_world: World) -> None:
    world = small_world
    world.competition()
    browser = student(world)
    cookie = browser.client.cookies["leaderboard"]
    shown = browser.send("/sign-out")
    assert "Sign in" in shown.text
    again = Browser(world)
    again.client.cookies.set("leaderboard", cookie)
    assert "Sign in" in again.get().text


def test_many_wrong_tokens_have_to_wait_and_the_page_says_so(small_world: World) -> None:
    settings = Settings(token=FREE, address=FREE, failed_tokens=Rate(burst=2, per_second=0.1))
    world = World(small_world.db, settings)
    browser = Browser(world)
    assert [browser.sign_in("wrong").status for _ in range(3)] == [401, 401, 429]
    assert browser.sign_in("wrong").reply.headers["retry-after"] == "10"


# Forms


def test_no_form_is_taken_from_elsewhere_or_from_nobody(small_world: World) -> None:
    world = small_world
    world.competition()
    world.taken(world.student("alan"), file_with(right(30)))
    browser, staff = student(world), teacher(world)
    stolen = student(world, "eve").get().form_token
    for path in FORMS:
        who = staff if "instructor" in path else browser
        assert Browser(world).post(path).status == 401, path
        for sent in ("", stolen, "é"):
            fields: dict[str, Any] = {"data": {"form_token": sent}}
            if path.endswith("/submissions"):
                fields["files"] = {"file": ("p.txt", file_with(right(40)), "text/plain")}
            reply = who.client.post(path, **fields)
            assert reply.status_code == 403, path
            assert "out of date" in reply.text
    assert world.board()[0]["submissions"] == 1
    assert len(world.board()) == 1
    assert "Sign out" in browser.get().text


def test_every_form_carries_a_token_and_none_is_sent_by_get(small_world: World) -> None:
    world = small_world
    world.competition()
    browser, staff = student(world), teacher(world)
    browser.upload(file_with(right(30)))
    pages = [browser.get(), staff.get()]
    pages += [
        staff.get(f"/c/{SLUG}/instructor{path}") for path in STAFF if path != "/standings.csv"
    ]
    for page in pages:
        for form in re.findall(r"<form.*?</form>", page.html, re.DOTALL):
            assert ('method="get"' in form) != ("form_token" in form), form


def test_a_form_that_is_too_large_or_no_form_is_refused(small_world: World) -> None:
    world = small_world
    world.competition()
    browser = student(world)
    assert browser.post(f"/c/{SLUG}/name", show="x" * 20_000).status == 413
    assert browser.client.post(f"/c/{SLUG}/name", json={}).status_code == 415
    many = "&".join("final=1" for _ in range(200))
    kind = {"content-type": "application/x-www-form-urlencoded"}
    reply = browser.client.post(f"/c/{SLUG}/finals", content=many, headers=kind)
    assert reply.status_code == 422
    assert browser.send(f"/c/{SLUG}/finals", final=["one"]).status == 422


# Handing in


def test_a_file_is_handed_in_and_the_board_tells_what_came_of_it(world: World) -> None:
    world.competition()
    browser = student(world)
    shown = browser.upload(file_with(half_right(world.public(), 15, 30)))
    assert shown.status == 200
    assert shown.reply.history[0].status_code == 303
    assert "Submission 1 is your best so far: 0.5000." in shown.text
    assert "You are 1st of 1. 2 submissions left today." in shown.text
    assert "predictions.txt improved 0.5000" in shown.row("predictions.txt")
    assert " you 0.5000" in shown.row("1 ")
    again = browser.upload(file_with(half_right(world.public(), 15, 30)))
    assert "Submission 1 is this very file. Nothing new was counted." in again.text
    worse = browser.upload(file_with(half_right(world.public(), 10, 30)))
    assert "Submission 2 was scored: not better. Your best stays at 0.5000." in worse.text
    assert worse.row("2 predictions.txt").count("not better") == 1 and "0.5000" not in worse.row(
        "2 predictions.txt"
    )


def test_a_bad_file_is_answered_with_every_line_that_is_wrong_and_listed(world: World) -> None:
    world.competition()
    browser = student(world)
    lines = file_with(right(30)).decode().splitlines()
    lines[2], lines[7] = "test/00000003.jpg 1 1 2 3 4", "test/00000008.jpg 1 2 3 4 77"
    shown = browser.upload("\n".join(lines).encode(), "bad.txt")
    assert shown.status == 422
    assert ("div", "role", "alert") in shown.attributes
    assert "The file has 2 problems." in shown.text
    assert "line 3: the label 1 is repeated" in shown.text and "line 8:" in shown.text
    later = browser.get()
    assert "refused" in later.row("bad.txt") and "line 3:" in later.row("bad.txt")
    assert "Left today 3 of 3" in later.text


def test_what_cannot_be_taken_is_explained_on_the_board(small_world: World) -> None:
    world = small_world
    world.competition(daily_limit=1)
    browser = student(world)
    parts = (
        f'--x\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{browser.get().form_token}'
        '\r\n--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--x--\r\n'
    )
    kind = {"content-type": "multipart/form-data; boundary=x"}
    empty = browser.client.post(f"/c/{SLUG}/submissions", content=parts, headers=kind)
    assert empty.status_code == 400 and "Choose a file first." in empty.text
    browser.upload(file_with(right(30)))
    spent = browser.upload(file_with(right(31)))
    assert spent.status == 429 and "All 1 submissions of today are used." in spent.text
    assert "retry-after" in spent.reply.headers
    world.finalize()
    closed = browser.upload(file_with(right(32)))
    assert closed.status == 409 and "finalized" in closed.text
    large = b"x" * (world.service.settings.max_upload_bytes + 20_000)
    assert "Hand in a file" not in browser.get().text
    world.competition(slug="other")
    assert browser.upload(large, slug="other").status == 413


def test_two_finals_are_chosen_and_a_third_is_refused(world: World) -> None:
    world.competition(daily_limit=5)
    browser = student(world)
    for count in (10, 20, 30):
        browser.upload(file_with(right(count)))
    shown = browser.send(f"/c/{SLUG}/finals", final=["1", "3"])
    assert "Your finals are saved." in shown.text
    assert shown.html.count(" checked>") == 2
    refused = browser.send(f"/c/{SLUG}/finals", final=["1", "2", "3"])
    assert refused.status == 422 and "expected at most 2" in refused.text
    assert browser.get().html.count(" checked>") == 2
    assert browser.send(f"/c/{SLUG}/finals").html.count(" checked>") == 0


def test_the_real_name_is_shown_by_choice_only_and_hidden_again(world: World) -> None:
    world.competition()
    browser, other = student(world, "ada"), student(world, "alan")
    browser.upload(file_with(right(30)))
    assert "Name of ada" not in other.get().html
    assert (
        "The board calls you Name of ada now." in browser.send(f"/c/{SLUG}/name", show="yes").text
    )
    assert "Name of ada" in other.get().row("1 ")
    browser.send(f"/c/{SLUG}/name", show="no")
    assert "Name of ada" not in other.get().html


# The content of a board


def test_a_board_without_entries_is_a_page_too(small_world: World) -> None:
    small_world.competition()
    shown = Browser(small_world).get()
    assert shown.status == 200
    assert "The first entry leads." in shown.text


def test_own_row_baselines_and_intervals_are_marked(small_world: World) -> None:
    world = small_world
    world.competition()
    browser = student(world)
    browser.upload(file_with(half_right(world.public(), 15, 0)))
    with world.db.write() as session:
        found = competitions.find(session, SLUG)
        data = file_with(half_right(world.public(), 6, 0))
        baselines.add(session, world.now, world.service.keys, found, "chance", data, "c.txt")
    shown = browser.get()
    assert "0.3315" not in shown.html
    own = shown.row(" you ")
    assert own.startswith("1 ") and "0.5000 0.332–0.668" in own
    assert shown.row("chance").startswith("chance baseline 0.8000")
    assert ("tr", "aria-current", "true") in shown.attributes
    assert "The baseline chance is at 0.800." in shown.html
    stranger = Browser(world).get()
    assert ("tr", "aria-current", "true") not in stranger.attributes
    assert " you " not in stranger.row("1 ")


def test_what_changed_today_names_old_and_new_ranks_and_scores(world: World) -> None:
    world.competition()
    ada, alan, eve = (student(world, name) for name in ("ada", "alan", "eve"))
    public = world.public()
    ada.upload(file_with(half_right(public, 10, 0)))
    alan.upload(file_with(half_right(public, 15, 0)))
    world.later(days=1)
    assert "Nothing yet." in ada.get().text
    eve.upload(file_with(half_right(public, 5, 0)))
    world.later(minutes=5)
    shown = ada.upload(file_with(half_right(public, 25, 0)))
    moved = re.search(r'<ul class="moves">(.*?)</ul>', shown.html, re.DOTALL)
    assert moved
    text = " ".join(re.sub(r"<[^>]+>", " ", moved[1]).split())
    ours, theirs = (world.board()[at]["handle"] for at in (0, 2))
    assert text == (f"▲ 1 {ours} 2nd to 1st 0.1667 from 0.6667 new {theirs} enters at 3rd 0.8333")
    assert "Entries today 2" in shown.text
    world.later(days=1)
    assert "Nothing yet." in ada.get().text


def test_an_idle_board_costs_nothing_and_a_changed_one_sends_its_parts(world: World) -> None:
    world.competition()
    browser = student(world)
    poll = re.search(r'hx-get="([^"]+)"', browser.get().html)
    assert poll
    assert browser.get(poll[1]).status == 204
    assert browser.get(poll[1]).html == ""
    world.taken(world.student("alan"), file_with(right(40)))
    changed = browser.get(poll[1])
    assert changed.status == 200
    assert changed.html.count("hx-swap-oob") == 6
    assert "The board has changed." in changed.text
    fresh = re.search(r'hx-get="([^"]+)"', changed.html)
    assert fresh and browser.get(fresh[1]).status == 204
    world.later(days=1)
    assert browser.get(fresh[1]).status == 200, "today is another day"


@pytest.mark.parametrize(
    "change", ["disqualified", "name", "finalized", "baseline", "finals", "closed"]
)
def test_whatever_changes_a_board_reaches_those_who_look(small_world: World, change: str) -> None:
    world = small_world
    closes = world.now.replace(hour=23)
    world.competition(closes_at=closes)
    browser = student(world)
    browser.upload(file_with(right(30)))
    poll = re.search(r'hx-get="([^"]+)"', browser.get().html)
    assert poll and browser.get(poll[1]).status == 204
    if change == "name":
        browser.send(f"/c/{SLUG}/name", show="yes")
    elif change == "finals":
        browser.send(f"/c/{SLUG}/finals", final="1")
    elif change == "finalized":
        world.finalize()
    elif change == "closed":
        world.later(hours=11, seconds=1)
    else:
        with world.db.write() as session:
            if change == "disqualified":
                disqualify(session, world.now, world.service.keys, 1, "why")
            else:
                found = competitions.find(session, SLUG)
                data = file_with(right(9))
                baselines.add(session, world.now, world.service.keys, found, "b", data, "b.txt")
    assert day_of(world.now, "UTC") == day_of(closes, "UTC")
    assert browser.get(poll[1]).status == 200


def test_the_board_survives_everything_that_people_can_name(small_world: World) -> None:
    world = small_world
    world.competition(title=NASTY)
    browser = Browser(world)
    browser.sign_in(world.student("ada", name=NASTY))
    browser.upload(b"test/x" + NASTY.encode() + b"\n", NASTY + "\u202e.txt")
    browser.upload(file_with(right(30)), NASTY)
    shown = browser.send(f"/c/{SLUG}/name", show="yes")
    staff = teacher(world)
    submission = f"/c/{SLUG}/instructor/submissions/2"
    token = staff.get(submission).form_token
    staff.post(submission, form_token=token, why=NASTY)
    pages = [shown, browser.get(), browser.get("/"), browser.get(f"/c/{SLUG}/rules")]
    pages += [
        staff.get(f"/c/{SLUG}/instructor{path}") for path in STAFF if path != "/standings.csv"
    ]
    pages.append(staff.get(submission))
    pages.append(staff.get(f"/c/{SLUG}/instructor/submissions?student={NASTY}&status={NASTY}"))
    for page in pages:
        assert page.status == 200, page.text
        assert "<script>" not in page.html and "alert(1)</" not in page.html
        assert "\u202e" not in page.html
        assert not [one for one in page.attributes if one[1].startswith("on") or one[1] == "style"]
        assert not re.findall(r"<script(?![^>]* src=)", page.html)
        assert "<style" not in page.html
    assert NASTY in shown.text
    assert NASTY in staff.get(submission).text


# Nothing hidden


def test_no_page_of_a_student_holds_a_private_score_before_the_end(small_world: World) -> None:
    world = small_world
    world.competition(daily_limit=10)
    browser, public = student(world), world.public()
    answers = [browser.upload(file_with(half_right(public, 17, 23)))]
    answers.append(browser.upload(file_with(half_right(public, 18, 29))))  # held back
    world.taken(world.student("alan"), file_with(half_right(public, 5, 26)))
    answers.append(browser.send(f"/c/{SLUG}/finals", final=["1", "2"]))
    paths = ["/", "/sign-in", *(f"/c/{SLUG}{tail}" for tail in ("", "?board=private", "/rules"))]
    paths += [f"/c/{SLUG}/live?board=private", f"/c/{SLUG}/live?v=x"]
    paths += [f"/c/{SLUG}/instructor{path}" for path in STAFF]
    answers += [who.get(path) for path in paths for who in (browser, Browser(world))]
    with world.db.read() as session:
        key = world.service.keys.of(session, competitions.find(session, SLUG))
    hidden = {f"{1 - right / 30:.4f}" for right in (23, 29, 26, 18)}
    hidden |= {f"{1 - right / 60:.4f}" for right in (40, 47, 31)}
    hidden |= {"{:.3f}–{:.3f}".format(*wilson(1 - right / 30, 30)) for right in (23, 29, 26, 18)}
    for page in answers:
        assert key.secret not in page.html
        assert not [number for number in hidden if number in page.html], page.reply.url
    for path in STAFF:
        assert browser.get(f"/c/{SLUG}/instructor{path}").status == 403
        assert Browser(world).get(f"/c/{SLUG}/instructor{path}").status == 401


def test_the_private_board_appears_when_the_competition_is_finalized(world: World) -> None:
    world.competition()
    ada, alan = student(world, "ada"), student(world, "alan")
    ada.upload(file_with(half_right(world.public(), 25, 10)))
    alan.upload(file_with(half_right(world.public(), 20, 28)))
    assert "Your rank 2 of 2" in alan.get().text
    assert "0.0667" not in alan.get().html
    world.finalize()
    shown = alan.get()
    assert "Final standings" in shown.text
    assert "Your final rank 1 of 2" in shown.text
    assert "0.0667" in shown.row("1 ")
    assert "Hand in a file" not in shown.text and 'type="checkbox"' not in shown.html
    assert "0.1667" in alan.get(f"/c/{SLUG}?board=public").row("1 ")


# The instructor


def test_the_instructor_reads_everything_and_downloads_the_table(world: World) -> None:
    world.competition()
    browser = student(world)
    browser.upload(file_with(half_right(world.public(), 20, 15)))
    browser.upload(b"nothing", "bad.txt")
    staff = teacher(world)
    base = f"/c/{SLUG}/instructor"
    assert "0.3333 0.5000 1" in staff.get(base).row("ada")
    assert "0.3333 0.5000 1" in staff.get(f"{base}?by=public").row("ada")
    assert "Name of ada ada@uni.test" in staff.get(f"{base}/roster").row("ada")
    listed = staff.get(f"{base}/submissions")
    assert "refused" in listed.row("bad.txt") and "scored" in listed.row("predictions.txt")
    assert "bad.txt" not in staff.get(f"{base}/submissions?status=scored").html
    assert "Nothing here." in staff.get(f"{base}/submissions?student=nobody").text
    one = staff.get(f"{base}/submissions/1")
    assert "Measured, private 0.5000" in one.text
    assert "Why it was refused" in staff.get(f"{base}/submissions/2").text
    assert staff.get(f"{base}/submissions/99").status == 404
    assert staff.get(f"{base}/submissions/{10**30}").status == 404
    assert "signed in" in staff.get(f"{base}/log").row("ada")
    csv = staff.client.get(f"{base}/standings.csv")
    assert csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert csv.headers["content-disposition"] == f'attachment; filename="{SLUG}.csv"'
    assert csv.text.splitlines()[1].startswith("ada,,")
    assert ",0.333333,0.500000,1," in csv.text


def test_the_instructor_disqualifies_with_a_reason_that_is_kept(world: World) -> None:
    world.competition()
    browser = student(world)
    browser.upload(file_with(right(30)))
    staff = teacher(world)
    path = f"/c/{SLUG}/instructor/submissions/1"
    token = staff.get(path).form_token
    blank = staff.post(path, form_token=token, why="  ")
    assert blank.status == 422 and "Write down the reason" in blank.text
    done = staff.post(path, form_token=token, why="Labels were copied.")
    assert "Labels were copied." in done.text
    assert world.board() == []
    again = staff.post(path, form_token=token, why="twice")
    assert again.status == 409 and "disqualified already" in again.text
    assert "disqualified" in browser.get().row("predictions.txt")
    assert "Labels were copied." not in browser.get().html
    log = staff.get(f"/c/{SLUG}/instructor/log").row("disqualified")
    assert "teacher" in log and "Labels were copied." in log


def test_a_submission_of_another_competition_is_not_found_here(small_world: World) -> None:
    world = small_world
    world.competition()
    world.competition(slug="other")
    world.taken(world.student(), file_with(right(30)))
    staff = teacher(world)
    token = staff.get().form_token
    path = "/c/other/instructor/submissions/1"
    assert staff.get(path).status == 404
    assert staff.post(path, form_token=token, why="x").status == 404
    assert world.board()


def test_finalizing_needs_the_name_typed_and_happens_once(world: World) -> None:
    world.competition()
    student(world).upload(file_with(right(30)))
    staff = teacher(world)
    path = f"/c/{SLUG}/instructor/finalize"
    token = staff.get(path).form_token
    refused = staff.post(path, form_token=token, confirm="yes")
    assert refused.status == 422 and "Nothing was changed." in refused.text
    assert world.get("").json()["finalized"] is False
    done = staff.post(path, form_token=token, confirm=SLUG)
    assert "Final standings" in done.text
    again = staff.post(path, form_token=token, confirm=SLUG)
    assert again.status == 409


def test_a_new_token_is_shown_once_and_the_old_one_is_out(world: World) -> None:
    world.competition()
    old = world.student("ada")
    signed_in = Browser(world)
    signed_in.sign_in(old)
    staff = teacher(world)
    base = f"/c/{SLUG}/instructor"
    token = staff.get(f"{base}/roster").form_token
    shown = staff.post(f"{base}/roster/token", form_token=token, student="ada")
    link = re.search(r"http://testserver/sign-in#token=([\w-]+)", shown.text)
    assert link
    assert shown.reply.headers["cache-control"] == "no-store"
    assert Browser(world).sign_in(old).status == 401
    assert Browser(world).sign_in(link[1]).status == 200
    assert "Sign in" in signed_in.get().text
    for nobody in ("nobody", "teacher", ""):
        reply = staff.post(f"{base}/roster/token", form_token=token, student=nobody)
        assert reply.status == 404
    assert link[1] not in staff.get(f"{base}/log").html


# Frame, rules, failures


def test_failures_are_pages_for_people_and_documents_for_programs(small_world: World) -> None:
    world = small_world
    world.competition()
    browser = Browser(world)
    for path, status in (("/nothing", 404), ("/c/none", 404), (f"/c/{SLUG}/instructor", 401)):
        shown = browser.get(path)
        assert shown.status == status
        assert shown.reply.headers["content-type"] == "text/html; charset=utf-8"
        assert "All competitions" in shown.text
        plain = browser.client.get(path, headers={"accept": "*/*"})
        assert plain.headers["content-type"] == "application/problem+json"
    assert student(world).get(f"/c/{SLUG}/instructor").status == 403
    assert browser.client.get("/api/v1/nothing").headers["content-type"].endswith("problem+json")
    assert browser.client.post("/").status_code == 405
    limited = World(world.db, Settings(address=Rate(burst=1, per_second=0.1)))
    fresh = Browser(limited)
    fresh.get()
    busy = fresh.get()
    assert busy.status == 429 and "Wait a moment" in busy.text
    assert busy.reply.headers["retry-after"] == "10"


def test_a_fault_of_ours_is_a_page_with_a_reference_and_nothing_else(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_world.competition()

    def broken(*_: object) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr("classroom.web.pages.board.look", broken)
    shown = Browser(small_world).get()
    assert shown.status == 500
    assert re.search(r"Reference: \w{8}", shown.text)
    assert "secret" not in shown.html
    assert "default-src 'none'" in shown.reply.headers["content-security-policy"]
    assert shown.reply.headers["cache-control"] == "no-store"


def test_every_page_has_strict_headers_and_is_kept_by_no_cache(small_world: World) -> None:
    small_world.competition()
    browser = student(small_world)
    for path in ("/", "/sign-in", f"/c/{SLUG}", f"/c/{SLUG}/rules", "/nothing"):
        headers = browser.get(path).reply.headers
        assert headers["cache-control"] == "no-store"
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_assets_are_ours_named_by_what_is_in_them_and_kept(small_world: World) -> None:
    small_world.competition()
    browser = Browser(small_world)
    page = browser.get()
    found = [value for _, name, value in page.attributes if name in ("src", "href")]
    assets = [value for value in found if value.startswith("/static/")]
    assert len(assets) == 4
    assert not [value for value in found if "//" in value]
    for address in assets:
        reply = browser.client.get(address)
        assert reply.status_code == 200
        assert "immutable" in reply.headers["cache-control"]
    assert browser.get("/static/../app.py").status == 404


def test_the_rules_say_what_the_competition_says(small_world: World) -> None:
    world = small_world
    world.competition(
        closes_at=world.now.replace(hour=21, minute=59, second=59), time_zone="Europe/Berlin"
    )
    shown = Browser(world).get(f"/c/{SLUG}/rules")
    assert "60 pictures, out of 10 classes" in shown.text
    assert "10 Mar 2026, 22:59:59 (Europe/Berlin)" in shown.text
    assert "3 submissions a day and team" in shown.text
    assert "A team has up to 2 members" in shown.text
    assert "30 of the pictures (50%)" in shown.text
    assert "0.9000 or worse 0 0.1000 or better 20" in shown.text
    assert f'COMPETITION = "{SLUG}"' in shown.text
    assert 'LEADERBOARD_URL = "http://testserver"' in shown.text


def test_every_page_can_be_read_by_a_screen_reader(small_world: World) -> None:
    world = small_world
    world.competition()
    browser, staff = student(world), teacher(world)
    browser.upload(file_with(right(30)))
    pages = [browser.get(path) for path in ("/", f"/c/{SLUG}", f"/c/{SLUG}/rules", "/nothing")]
    pages += [
        staff.get(f"/c/{SLUG}/instructor{path}") for path in STAFF if path != "/standings.csv"
    ]
    pages.append(Browser(world).get("/sign-in"))
    for page in pages:
        html = page.html
        assert '<html lang="en">' in html and html.count("<main") == 1 and html.count("<h1") == 1
        assert html.count("<table") == html.count("<caption")
        assert 'href="#main"' in html
        ids = [value for _, name, value in page.attributes if name == "id"]
        assert len(ids) == len(set(ids))
        for _, name, value in page.attributes:
            if name in ("for", "aria-labelledby", "aria-describedby"):
                assert set(value.split()) <= set(ids), value
    assert ("p", "aria-live", "polite") in pages[1].attributes
    assert ("svg", "role", "img") in pages[1].attributes


def test_the_list_of_competitions_says_which_are_open(small_world: World) -> None:
    world = small_world
    assert "There is no competition yet." in Browser(world).get("/").text
    world.competition(title="First")
    world.competition(slug="second", title="Second", opens_at=world.now.replace(day=20))
    world.finalize()
    shown = Browser(world).get("/")
    assert re.search(r"Second Opens 20\sMar 12:00.*First Finished", shown.text)


def test_open_pages_do_not_have_the_board_made_again_for_each_of_many_files(
    small_world: World,
) -> None:
    world = World(small_world.db, Settings(token=FREE, address=FREE, failed_tokens=FREE))
    world.competition()
    browser = student(world)
    poll = re.search(r'hx-get="([^"]+)"', browser.get().html)
    assert poll
    world.taken(world.student("alan"), file_with(right(40)))
    assert browser.get(poll[1]).status == 204, "a second has not passed"
    Browser(world).get().row("1 ")  # a page that is loaded always shows how things stand
    world.ticks += 1
    assert browser.get(poll[1]).status == 200
