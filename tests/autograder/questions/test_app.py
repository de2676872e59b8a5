"""The page of a question: all answers in a row, saved as formgrader does, and nobody else writes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from html import unescape

import nbformat
import pytest
from starlette.testclient import TestClient

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.questions.access import Access
from autograder.questions.app import question_site
from autograder.questions.desk import PAGE_SIZE, Desk
from autograder.records.gradebook import open_gradebook
from autograder.rendering.process import PageProcess
from tests.courses.sums import record_result

PORT = 8123
PLACE = "/question/01_sums/why"
Rendering = tuple[PageProcess, ThreadPoolExecutor]


class Site:
    """The site of a course, and a browser that has opened it."""

    def __init__(self, course: Course, process: Rendering, names: dict[str, str] | None) -> None:
        self.access = Access(PORT)
        desk = Desk(course, "demo", process[0], b"a secret", names)
        self.app = question_site(self.access, desk, process[1])
        self.browser = self.new_browser()
        assert self.browser.get(f"/?token={self.access.token}").status_code == 200

    def new_browser(self) -> TestClient:
        return TestClient(self.app, base_url=f"http://127.0.0.1:{PORT}")

    def page(self, query: str = "") -> str:
        reply = self.browser.get(PLACE + query)
        assert reply.status_code == 200
        return reply.text

    def forms(self, query: str = "") -> list[dict[str, str]]:
        """The fields of the answers' forms, with the text of the answer as ``text``."""
        found = []
        for part in self.page(query).split("<article")[1:]:
            fields = dict(re.findall(r'name="(\w+)"[^>]*?value="([^"]*)"', part))
            fields = {name: unescape(value) for name, value in fields.items()}
            comment = re.search(r"<textarea[^>]*>([^<]*)</textarea>", part)
            answer = re.search(r'<div class="text" dir="auto">(.*?)</div>\s*<form', part, re.DOTALL)
            assert comment and answer
            found.append(fields | {"comment": unescape(comment[1]), "text": answer[1]})
        return found

    def form_of(self, text: str) -> dict[str, str]:
        (found,) = [form for form in self.forms() if text in form["text"]]
        return found


@pytest.fixture(scope="module")
def process() -> Iterator[Rendering]:
    with PageProcess() as process, ThreadPoolExecutor(1) as thread:
        yield process, thread


@pytest.fixture
def site(course: Course, bundle: NotebookBundle, process: Rendering) -> Site:
    record_result(course, bundle, "ada", "The answer of one.")
    record_result(course, bundle, "bob", "The answer of **two**: $a < b$")
    record_result(course, bundle, "cleo", "The answer of three.")
    return Site(course, process, None)


def recorded(course: Course, student: str) -> tuple[float | None, bool, str | None]:
    with open_gradebook(course) as gradebook:
        grade = gradebook.find_grade("why", "01_sums", "demo", student)
        comment = gradebook.find_comment("why", "01_sums", "demo", student)
        return grade.manual_score, bool(grade.needs_manual_grade), comment.manual_comment


def test_all_answers_to_a_question_stand_in_a_row_with_the_sample_answer(site: Site) -> None:
    start = site.browser.get("/").text
    assert f'href="{PLACE}?show=waiting"' in start
    assert "01_sums, 3 answers, 3 to grade" in start
    page = site.page()
    assert "Because addition commutes." in page and "<p>Why?</p>" in page
    assert [form["text"].count("The answer of") for form in site.forms()] == [1, 1, 1]
    assert "<strong>two</strong>" in page and "<math" in page
    for name in ("ada", "bob", "cleo"):
        assert not re.search(rf"\b{name}\b", page + start)


def test_the_order_is_the_same_at_each_call_and_not_that_of_the_names(
    course: Course, bundle: NotebookBundle, process: Rendering
) -> None:
    names = [f"student{number:02}" for number in range(12)]
    for name in names:
        record_result(course, bundle, name, f"I am {name}.")
    site = Site(course, process, {"student03": "Ada Lovelace (student03)"})
    page = site.page()
    order = re.findall(r"I am (\w+)\.", page)
    assert sorted(order) == names
    assert order not in (names, names[::-1])
    assert re.findall(r"I am (\w+)\.", site.page()) == order
    shown = re.findall(r'<h2 id="name-\d+">([^<]+)</h2>', page)
    assert [name.replace("Ada Lovelace (student03)", "student03") for name in shown] == order


def test_points_and_comment_are_saved_as_formgrader_saves_them(site: Site, course: Course) -> None:
    form = site.form_of("two")
    reply = site.browser.post(PLACE, data=form | {"points": "0,5", "comment": "Nearly.\r\nWhy?"})
    assert reply.status_code == 200 and "Saved." in reply.text
    assert recorded(course, "bob") == (0.5, False, "Nearly.\nWhy?")
    assert recorded(course, "ada") == (None, True, None)
    form = site.form_of("three")
    reply = site.browser.post(PLACE + "?show=waiting", data=form | {"points": "1"})
    assert "Saved." in reply.text and "The answer of three." in reply.text  # it stays in sight
    site.browser.post(PLACE, data=form | {"points": ""})
    form = site.form_of("two")
    assert (form["points"], form["comment"]) == ("0.5", "Nearly.\nWhy?")
    assert len(site.forms("?show=graded")) == 1 and len(site.forms("?show=waiting")) == 2
    reply = site.browser.post(PLACE, data=form | {"points": "", "comment": ""})  # taken back
    assert recorded(course, "bob") == (None, True, None)


def test_the_script_of_the_page_gets_json(site: Site, course: Course) -> None:
    accept = {"Accept": "application/json"}
    form = site.form_of("one") | {"points": "1"}
    said = site.browser.post(PLACE, data=form, headers=accept).json()
    assert said == {
        "points": "1", "comment": "", "version": json.dumps([1.0, ""]), "waits": False, "notice": ""
    }  # fmt: skip
    reply = site.browser.post(PLACE, data=form | {"points": "3"}, headers=accept)
    assert (reply.status_code, "between 0 and 1" in reply.json()["problem"]) == (422, True)
    assert recorded(course, "ada")[0] == 1.0


@pytest.mark.parametrize("points", ["-0.5", "1.01", "nan", "inf", "one", "1e9", "١x", "0x1"])
def test_wrong_points_are_refused_and_change_nothing(
    site: Site, course: Course, points: str
) -> None:
    form = site.form_of("one")
    reply = site.browser.post(PLACE, data=form | {"points": points, "comment": "No."})
    assert reply.status_code == 422
    assert "state problem" in reply.text
    assert recorded(course, "ada") == (None, True, None)


def test_the_last_entry_wins_and_tells_the_entry_in_between(site: Site, course: Course) -> None:
    form = site.form_of("one")
    with open_gradebook(course) as gradebook:  # formgrader, in another window
        grade = gradebook.find_grade("why", "01_sums", "demo", "ada")
        grade.manual_score, grade.needs_manual_grade, grade.extra_credit = 0.25, False, 2.0
        gradebook.find_comment("why", "01_sums", "demo", "ada").manual_comment = "By <me>."
        gradebook.db.commit()
    reply = site.browser.post(PLACE, data=form | {"points": "1", "comment": "Mine."})
    assert (
        "Saved over another entry that was made since: 0.25 points, with the comment “By &lt;me&gt;.”."
        in reply.text
    )
    assert recorded(course, "ada") == (1.0, False, "Mine.")
    with open_gradebook(course) as gradebook:
        assert gradebook.find_grade("why", "01_sums", "demo", "ada").extra_credit == 2.0


def test_the_late_penalty_follows(
    course: Course, bundle: NotebookBundle, process: Rendering
) -> None:
    config = course.root / "nbgrader_config.py"
    (course.root / "half_off.py").write_text(
        "from nbgrader.plugins import BasePlugin\n\n\nclass Half(BasePlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
        "        return score / 2\n"
    )
    config.write_text(
        f"import sys\nsys.path.insert(0, {str(course.root)!r})\n{config.read_text()}\n"
        'c.AssignLatePenalties.plugin_class = "half_off.Half"\n'
    )
    record_result(Course.find(course.root), bundle, "ada", "The answer of one.")
    with open_gradebook(course) as gradebook:
        gradebook.find_assignment("demo").duedate = datetime(2026, 1, 1)
        gradebook.find_submission("demo", "ada").timestamp = datetime(2026, 1, 9)
        gradebook.db.commit()
    site = Site(Course.find(course.root), process, None)
    site.browser.post(PLACE, data=site.form_of("one") | {"points": "1"})
    with open_gradebook(course) as gradebook:
        notebook = gradebook.find_submission_notebook("01_sums", "demo", "ada")
        assert (notebook.score, notebook.late_submission_penalty) == (4.5, 2.25)


def test_nobody_reads_or_writes_without_the_token(site: Site, course: Course) -> None:
    stranger = site.new_browser()
    form = site.form_of("one") | {"points": "1"}
    assert stranger.get("/").status_code == 403
    assert stranger.get("/?token=guess").status_code == 403
    assert stranger.get(PLACE).status_code == 403
    assert stranger.post(PLACE, data=form).status_code == 403
    other_host = {"Host": "evil.example:8123"}  # DNS rebinding
    assert site.browser.get(PLACE, headers=other_host).status_code == 403
    assert site.browser.post(PLACE, data=form, headers=other_host).status_code == 403
    assert site.browser.post(PLACE, data=form | {"form": "guess"}).status_code == 403
    del form["form"]
    assert site.browser.post(PLACE, data=form).status_code == 403
    form = site.form_of("one") | {"points": "1"}
    elsewhere = {"Origin": "http://127.0.0.1:9999"}
    assert site.browser.post(PLACE, data=form, headers=elsewhere).status_code == 403
    null = {"Origin": "null"}
    assert site.browser.post(PLACE, data=form, headers=null).status_code == 403
    assert recorded(course, "ada") == (None, True, None)
    here = {"Origin": f"http://127.0.0.1:{PORT}"}
    assert site.browser.post(PLACE, data=form, headers=here).status_code == 200
    assert recorded(course, "ada") == (1.0, False, None)


def test_the_address_with_the_token_leads_to_one_without_it(site: Site) -> None:
    reply = site.new_browser().get(f"/?token={site.access.token}", follow_redirects=False)
    assert (reply.status_code, reply.headers["location"]) == (303, "/")
    cookie = reply.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie
    assert site.access.token not in site.page() + site.browser.get("/").text


def test_an_answer_runs_nothing_and_loads_nothing(
    course: Course, bundle: NotebookBundle, process: Rendering
) -> None:
    text = (
        "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1))\n\n"
        "<form action='/x'><button>Save</button></form>\n\n# points-1\n\n"
        "![p](http://127.0.0.1:1/p.png) {{ 7 * 7 }}"
    )
    record_result(course, bundle, "ada", text)
    path = course.autograded / "ada/demo/01_sums.ipynb"
    notebook = nbformat.read(path, as_version=4)  # as a notebook that plain nbgrader graded
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "why":
            cell.source = text
    nbformat.write(notebook, path)
    site = Site(course, process, None)
    reply = site.browser.get(PLACE)
    (form,) = site.forms()
    shown = form["text"]
    assert not re.search(r"<(script|form|button|img)\b", shown)
    assert "javascript:" not in shown and "49" not in shown
    assert ' id="' not in shown
    policy = reply.headers["content-security-policy"]
    (nonce,) = re.findall(r"script-src 'nonce-([^']+)'", policy)
    assert f'<script nonce="{nonce}">' in reply.text
    assert "default-src 'none'" in policy and "form-action 'self'" in policy
    assert nonce not in site.page()


def test_a_damaged_notebook_leaves_the_other_answers(site: Site, course: Course) -> None:
    (course.autograded / "bob/demo/01_sums.ipynb").write_text("{")
    texts = [form["text"] for form in site.forms()]
    assert sum("cannot be read" in text for text in texts) == 1
    assert sum("The answer of" in text for text in texts) == 2


def test_many_answers_come_in_pages(
    course: Course, bundle: NotebookBundle, process: Rendering
) -> None:
    for number in range(PAGE_SIZE + 1):
        record_result(course, bundle, f"s{number}", f"I am {number}.")
    site = Site(course, process, None)
    first, second = site.forms(), site.forms("?page=2")
    assert (len(first), len(second)) == (PAGE_SIZE, 1)
    assert not {form["key"] for form in first} & {form["key"] for form in second}
    for odd in ("?page=0", "?page=-1", "?page=99999999", "?page=x", "?show=<b>", "?page=²"):
        assert len(site.forms(odd)) == PAGE_SIZE
    assert len(site.forms("?page=99")) == 1


@pytest.mark.parametrize("place", ["/question/01_sums/test_total", "/question/x/why", "/x"])
def test_there_are_only_questions(site: Site, place: str) -> None:
    assert site.browser.get(place).status_code == 404


def test_a_large_form_is_refused(site: Site, course: Course) -> None:
    form = site.form_of("one") | {"points": "1", "comment": "x" * 300_000}
    assert site.browser.post(PLACE, data=form).status_code == 413
    reply = site.browser.post(PLACE, data=form | {"comment": "x" * 30_000})
    assert reply.status_code == 422 and "at most 20,000 characters" in reply.text
    assert recorded(course, "ada") == (None, True, None)
