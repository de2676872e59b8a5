from __future__ import annotations

import base64
import html
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_bundle
from autograder.errors import UsageError
from autograder.pages import feedback
from autograder.pages.feedback import write_feedback
from autograder.records.gradebook import open_gradebook
from tests.courses.sums import record_result

REPOSITORY = Path(__file__).resolve().parents[3]
PLACEMENT = {"setup": 1, "total": 3, "test_total": 4, "commonest": 6, "test_commonest": 7, "why": 9}


class Tags(HTMLParser):
    """The elements of a page and the addresses it refers to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def generate(course: Course, *words: str) -> subprocess.CompletedProcess[str]:
    """nbgrader's own command."""
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", *words]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        command, cwd=course.root, env=env, capture_output=True, text=True, timeout=300
    )


def page_of(course: Course, student: str = "ada") -> str:
    return (course.feedback / student / "demo/01_sums.html").read_text()


def test_a_page_shows_points_messages_and_comments(course: Course, bundle: NotebookBundle) -> None:
    record_result(course, bundle)
    with open_gradebook(course) as gradebook:
        row = gradebook.find_grade("why", "01_sums", "demo", "ada")
        row.manual_score, row.needs_manual_grade = 0.5, False
        gradebook.find_comment("why", "01_sums", "demo", "ada").manual_comment = "*Nearly*: $a<b$"
        gradebook.db.commit()
    assert write_feedback(course, "demo").pages == [course.feedback / "ada/demo/01_sums.html"]
    page = page_of(course)
    assert re.search(r"<b>4</b> of 6 points\s", page)
    assert "1.5 / 3" in page and "0.5 / 1" in page
    assert "<p><b>Look at ties.</b></p>" in page
    assert "<em>Nearly</em>" in page


def test_an_answer_that_nobody_read_yet_has_no_points(
    course: Course, bundle: NotebookBundle
) -> None:
    record_result(course, bundle)
    write_feedback(course, "demo")
    page = page_of(course)
    assert "points so far" in page
    assert "waits to be read by a person" in page
    assert "– / 1" in page


def test_a_page_does_not_tell_the_hidden_tests(course: Course, bundle: NotebookBundle) -> None:
    record_result(course, bundle)
    write_feedback(course, "demo")
    page = page_of(course)
    assert "hidden_number" not in page and "HIDDEN" not in page
    assert "total of 1 and 2" in page


def test_a_page_needs_no_network_and_runs_nothing(course: Course, bundle: NotebookBundle) -> None:
    hostile = (
        "<script>alert(1)</script> [x](java&#115;cript:alert(1)) ![p](https://example.org/p.png)"
    )
    record_result(course, bundle, text=hostile)
    write_feedback(course, "demo")
    page = page_of(course)
    tags = Tags(page)
    assert not tags.names & {"script", "iframe", "object", "embed", "link", "form", "svg", "base"}
    assert tags.handlers == []
    inside = ("#", "data:image/png", "index.html", "01_sums.html")
    own = [address for address in tags.addresses if not address.startswith(inside)]
    assert all(address.startswith("https://example.org") for address in own)
    assert "<img" not in page
    assert "default-src 'none'" in page


def test_formulas_are_drawn_by_the_browser_itself(course: Course, bundle: NotebookBundle) -> None:
    record_result(course, bundle, text="$\\frac{a}{b}$ and $$\\sum_i x_i$$ and $\\nonsense{$")
    write_feedback(course, "demo")
    page = page_of(course)
    assert "<mfrac>" in page
    assert 'display="block"' in page


def test_nbgraders_own_command_makes_the_same_page(course: Course, bundle: NotebookBundle) -> None:
    record_result(course, bundle)
    write_feedback(course, "demo")
    ours = page_of(course)
    shutil.rmtree(course.feedback)
    done = generate(course, "demo")
    assert done.returncode == 0, done.stderr
    assert page_of(course) == ours


def test_only_the_students_asked_for_get_pages(course: Course, bundle: NotebookBundle) -> None:
    for student in ("ada", "bob", "[c]*"):
        record_result(course, bundle, student)
    assert [path.parts[-3] for path in write_feedback(course, "demo", ["bob", "[c]*"]).pages] == [
        "[c]*",
        "bob",
    ]
    assert not (course.feedback / "ada").exists()


def edit(course: Course, student: str, change: Callable[[nbformat.NotebookNode], object]) -> None:
    """Change an autograded notebook, as a person or another program may."""
    path = course.autograded / student / "demo/01_sums.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


def cell(notebook: nbformat.NotebookNode, grade_id: str) -> nbformat.NotebookNode:
    return next(
        one
        for one in notebook.cells
        if one.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def test_one_students_broken_file_leaves_the_others_their_pages_and_its_own_points(
    course: Course, bundle: NotebookBundle
) -> None:
    for student in ("ada", "bob"):
        record_result(course, bundle, student)
    (course.autograded / "ada/demo/01_sums.ipynb").write_text("{")
    written = write_feedback(course, "demo")
    assert [path.parts[-3] for path in written.pages] == ["ada", "bob"]
    (trouble,) = written.troubles
    assert trouble.startswith("ada, 01_sums: a plain page: NotJSONError")
    assert re.search(r"<b>3.5</b> of 6 points\s", page_of(course))
    assert "simple page" in page_of(course) and "simple page" not in page_of(course, "bob")


def test_a_page_that_cannot_be_made_removes_neither_another_nor_its_old_self(
    course: Course, bundle: NotebookBundle
) -> None:
    twin = course.source / "demo/02_more.py"
    twin.write_text((course.source / "demo/01_sums.py").read_text())
    for one in (bundle, load_bundle(twin)):
        record_result(course, one)
    write_feedback(course, "demo")
    old = page_of(course)
    (course.autograded / "ada/demo/01_sums.ipynb").write_text("{")
    with open_gradebook(course) as gradebook:
        gradebook.db.delete(gradebook.find_submission_notebook("01_sums", "demo", "ada"))
        gradebook.db.commit()
    other = course.feedback / "ada/demo/02_more.html"
    before = other.stat().st_mtime_ns
    written = write_feedback(course, "demo")
    assert written.pages == [other]
    assert other.stat().st_mtime_ns > before
    assert page_of(course) == old
    (trouble,) = written.troubles
    assert "ada, 01_sums: no page: NotJSONError" in trouble and "gradebook" in trouble


def test_a_cell_that_cannot_be_rendered_is_shown_as_typed_and_named(
    course: Course, bundle: NotebookBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    (course.root / "nbgrader_config.py").write_text(
        (course.root / "nbgrader_config.py").read_text() + "c.Autograder.feedback_s = 8\n"
    )
    course = Course.find(course.root)
    record_result(course, bundle)
    slow = "a." * 25_000  # keeps the highlighter busy for minutes

    def change(notebook: nbformat.NotebookNode) -> None:
        cell(notebook, "total").source = slow
        notebook.cells.append(nbformat.v4.new_markdown_cell("x" * 100_000 + "</pre><b>"))

    edit(course, "ada", change)
    record_result(course, bundle, "bob")
    written = write_feedback(course, "demo")
    assert len(written.pages) == 2
    assert [trouble.partition(" is shown as it was typed ")[2] for trouble in written.troubles] == [
        "(it takes too long to render)",
        "(ValueError: longer than 60,000 characters)",
    ]
    assert all(trouble.startswith("ada, 01_sums: cell ") for trouble in written.troubles)
    assert slow in page_of(course)
    assert "1.5 / 3" in page_of(course) and "Look at ties." in page_of(course)


HANG = """
import os, time
class Hang:
    def __init__(self, **traits): self.enabled = True
    def __call__(self, notebook, resources):
        if resources["nbgrader"]["student"] == "ada":
            {what}
        return notebook, resources
"""


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("while True: pass", "processor seconds to render"),
        ("os.kill(os.getpid(), 9)", "ran out of memory or was ended"),
        ("return bytearray(1 << 50)", "it needs too much memory to render"),
        ("raise RecursionError('too deep')", "RecursionError: too deep"),
        ("raise SystemExit(0)", "SystemExit: 0"),
    ],
)
def test_whatever_ends_the_rendering_of_one_page_others_are_made(
    course: Course,
    bundle: NotebookBundle,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    what: str,
    reason: str,
) -> None:
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + "c.Autograder.feedback_s = 6\n")
    course = Course.find(course.root)
    (tmp_path / "hang").mkdir()
    (tmp_path / "hang" / "hanging.py").write_text(HANG.format(what=what))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'hang'}:{REPOSITORY}")
    monkeypatch.setattr(
        feedback, "_OURS", ("hanging.Hang", "autograder.rendering.exporter.GetVerdicts")
    )
    for student in ("ada", "bob"):
        record_result(course, bundle, student)
    written = write_feedback(course, "demo")
    assert [path.parts[-3] for path in written.pages] == ["ada", "bob"]
    (trouble,) = written.troubles
    assert trouble.startswith("ada, 01_sums: a plain page: ") and reason in trouble
    assert "def total(numbers)" in page_of(course)  # the code is there, as it was typed
    assert "hidden_number" not in page_of(course) and "simple page" in page_of(course)
    assert "simple page" not in page_of(course, "bob")


PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"a picture").decode()


@pytest.mark.parametrize("command", ["autograder", "nbgrader"])
def test_a_pasted_picture_is_in_the_page(
    course: Course, bundle: NotebookBundle, command: str
) -> None:
    record_result(course, bundle)
    attached = {"q.png": {"image/png": PICTURE}}

    def change(notebook: nbformat.NotebookNode) -> None:
        answer = cell(notebook, "why")
        answer.source = "See ![q.png](attachment:q.png) and ![gone](attachment:gone.png)"
        answer.attachments = attached
        notebook.cells.append(
            nbformat.v4.new_markdown_cell("![q](attachment:q.png)", attachments=attached)
        )

    edit(course, "ada", change)
    if command == "autograder":
        assert write_feedback(course, "demo").troubles == []
    else:
        assert generate(course, "demo").returncode == 0
    page = page_of(course)
    assert page.count(f'src="data:image/png;base64,{PICTURE}"') == 2
    assert "a picture that is not in the notebook: gone" in page


def test_nbgraders_own_command_names_a_page_that_is_not_whole_and_writes_the_others(
    course: Course, bundle: NotebookBundle
) -> None:
    for student in ("[c]*", ".dot", "a\nb", "ada"):
        record_result(course, bundle, student)
    (course.autograded / "ada/demo/01_sums.ipynb").write_text("{")
    done = generate(course, "demo")
    assert done.returncode != 0
    assert "ada, 01_sums: a plain page: NotJSONError" in done.stderr
    for student in ("[c]*", ".dot", "a\nb"):
        assert "def total(numbers)" in html.unescape(
            re.sub("<[^>]*>", "", page_of(course, student))
        )
    assert "simple page" in page_of(course)
    files = {path.name for path in course.feedback.rglob("*") if path.is_file()}
    assert files == {"01_sums.html", "index.html"}


def test_nbgraders_own_command_leaves_new_pages_alone_unless_forced(
    course: Course, bundle: NotebookBundle
) -> None:
    record_result(course, bundle)
    assert generate(course, "demo").returncode == 0
    page = course.feedback / "ada/demo/01_sums.html"
    page.write_text("mine")
    assert generate(course, "demo").returncode == 0
    assert page.read_text() == "mine"
    assert generate(course, "demo", "--force").returncode == 0
    assert page.read_text() != "mine"


def test_what_no_notebook_stands_behind_is_removed(course: Course, bundle: NotebookBundle) -> None:
    record_result(course, bundle)
    folder = course.feedback / "ada/demo"
    folder.mkdir(parents=True)
    (folder / "00_old.html").write_text("old")
    (folder / "01_sums.ipynb").write_text("with hidden tests")
    write_feedback(course, "demo")
    assert {path.name for path in folder.iterdir()} == {"01_sums.html", "index.html"}


def test_a_penalty_of_now_is_on_the_page(course: Course, bundle: NotebookBundle) -> None:
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + "c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    record_result(course, bundle)
    with sqlite3.connect(course.gradebook) as database:  # as another program might
        database.execute("UPDATE submitted_assignment SET timestamp = '2026-02-01 10:00:00.0'")
        database.execute("UPDATE assignment SET duedate = '2026-02-01 09:00:00.0'")
    database.close()
    write_feedback(course, "demo")
    assert "<b>0</b> of 6 points" in page_of(course)
    assert "100 % (3.5 points) taken off" in page_of(course)


def start_of(course: Course, student: str = "ada") -> str:
    return (course.feedback / student / "demo/index.html").read_text()


def test_a_start_page_leads_to_the_places_of_mistakes_and_each_page_back(
    course: Course, bundle: NotebookBundle
) -> None:
    twin = course.source / "demo/02_more.py"
    twin.write_text((course.source / "demo/01_sums.py").read_text())
    for one in (bundle, load_bundle(twin)):
        record_result(course, one)
    written = write_feedback(course, "demo")
    assert written.starts == [course.feedback / "ada/demo/index.html"]
    start, first = start_of(course), page_of(course)
    second = (course.feedback / "ada/demo/02_more.html").read_text()
    assert "<b>7</b> of 12 points so far" in start
    for address in ("01_sums.html#mistake:1", "02_more.html#mistake:1", "01_sums.html#why"):
        assert f'href="{address}"' in start
    for page in (first, second):
        tags = Tags(page)
        assert tags.addresses[:3] == ["index.html", "01_sums.html", "02_more.html"]
        assert page.count('id="mistake:1"') == page.count('id="why"') == 1
    assert 'href="02_more.html#mistake:1"' in first  # the last mistake leads to the next page
    assert "This was the last one" in second and "02_more.html#mistake:1" not in second


def test_a_start_page_repeats_the_sentence_of_the_named_mistake(
    course: Course, bundle: NotebookBundle
) -> None:
    record_result(course, bundle)

    def name_it(notebook: nbformat.NotebookNode) -> None:
        cell(notebook, "test_commonest").metadata["autograder"]["sentence"] = "You take <the last>."

    edit(course, "ada", name_it)
    write_feedback(course, "demo")
    assert "You take &lt;the last&gt;." in start_of(course)


def test_a_plain_page_stays_linked(course: Course, bundle: NotebookBundle) -> None:
    record_result(course, bundle)
    (course.autograded / "ada/demo/01_sums.ipynb").write_text("{")
    write_feedback(course, "demo")
    assert "simple page" in page_of(course) and 'href="index.html"' in page_of(course)
    assert 'href="01_sums.html#mistake:1"' in start_of(course)
    assert 'id="mistake:1"' in page_of(course)


def test_a_notebook_named_index_keeps_its_page(course: Course, bundle: NotebookBundle) -> None:
    source = course.source / "demo/01_sums.py"
    record_result(course, load_bundle(shutil.copy(source, source.with_name("index.py"))))
    assert write_feedback(course, "demo").starts == [course.feedback / "ada/demo/index-.html"]
    page = (course.feedback / "ada/demo/index.html").read_text()
    assert "Look at ties." in page and 'href="index-.html"' in page


@pytest.mark.parametrize(
    ("stamp", "told"),
    [
        ("2026-02-01 10:00:00 UTC", "Handed in 1 hour late, 1 February 2026, 10:00 UTC."),
        ("02/03/2026 10:00", "It counts neither as late nor as on time."),
        ("2026-02-01 08:00:00 UTC", "Handed in 1 February 2026, 08:00 UTC, on time."),
    ],
)
def test_a_start_page_says_when_the_files_were_handed_in(
    course: Course, bundle: NotebookBundle, stamp: str, told: str
) -> None:
    folder = course.submitted / "ada/demo"
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text(stamp)
    record_result(course, bundle)
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_assignment("demo", duedate="2026-02-01 09:00:00 UTC")
    write_feedback(course, "demo")
    assert re.search(told, start_of(course))


@pytest.mark.nbgrader
def test_nbgraders_own_release_takes_the_pages_to_the_exchange(
    course: Course, bundle: NotebookBundle, tmp_path: Path
) -> None:
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    config = course.root / "nbgrader_config.py"
    config.write_text(
        config.read_text()
        + f"c.Exchange.root = {str(exchange)!r}\nc.CourseDirectory.course_id = 'sums'\n"
    )
    course = Course.find(course.root)
    folder = course.submitted / "ada/demo"
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text("2026-02-01 08:00:00 UTC")
    (folder / "submission_secret.txt").write_text("the secret of ada")
    record_result(course, bundle)
    stamped = course.autograded / "ada/demo/timestamp.txt"
    stamped.write_text("2026-02-01 08:00:00.000000 UTC\n")
    write_feedback(course, "demo")
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "nbgrader", "release_feedback", "demo"]
    done = subprocess.run(
        command, cwd=course.root, env=env, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    released = {path.read_text() for path in (exchange / "sums/feedback").iterdir()}
    assert released == {page_of(course), start_of(course)}


def test_students_who_were_not_graded_are_named(course: Course, bundle: NotebookBundle) -> None:
    with pytest.raises(UsageError, match="no submission of demo has been graded yet"):
        write_feedback(course, "demo")
    record_result(course, bundle)
    with pytest.raises(UsageError, match="not graded yet in demo: bob"):
        write_feedback(course, "demo", ["bob"])


def test_a_notebook_graded_by_plain_nbgrader_gets_a_page_too(
    course: Course, bundle: NotebookBundle
) -> None:
    record_result(course, bundle)
    path: Path = course.autograded / "ada/demo/01_sums.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("autograder")
    for cell in notebook.cells:
        cell.metadata.pop("autograder", None)
    nbformat.write(notebook, path)
    write_feedback(course, "demo")
    assert "partly right" in page_of(course)
