from __future__ import annotations

from contextlib import nullcontext

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.nbgrader_api.converters import course_directory
from autograder.rendering import server
from autograder.rendering.process import PageRequest
from tests.courses.sums import record_result

STEPS = ("autograder.rendering.exporter.GetVerdicts",)


def request(course: Course, student: str) -> PageRequest:
    path = course.autograded / student / "demo" / "01_sums.ipynb"
    database = course_directory(course).db_url
    return PageRequest(
        str(path), student, "demo", "01_sums", str(course.root), database, 30.0, STEPS
    )


def test_the_same_text_is_rendered_once_for_the_whole_class(
    course: Course, bundle: NotebookBundle
) -> None:
    for student, text in (("ada", "Yes."), ("bob", "*No*."), ("cleo", "Yes.")):
        record_result(course, bundle, student, text)
    texts = server._exporter(str(course.root), STEPS).texts
    pages, rendered = [], []
    for student in ("ada", "bob", "cleo", "ada"):
        pages.append(server.render(request(course, student), nullcontext).html)
        rendered.append(texts.rendered)
    assert rendered[1] == rendered[0] + 1  # the answer to the open question
    assert rendered[3] == rendered[2] == rendered[1]
    assert "<em>No</em>" in pages[1] and "<em>No</em>" not in pages[2]
    assert pages[3] == pages[0]


def test_a_page_tells_its_verdicts(course: Course, bundle: NotebookBundle) -> None:
    record_result(course, bundle)
    page = server.render(request(course, "ada"), nullcontext)
    assert page.verdicts is not None and page.verdicts.outcome == "partial"
    assert [(one.title, one.words) for one in page.verdicts.exercises] == [
        ("total", "right"),
        ("commonest", "partly right"),
        ("why", "waits to be read by a person"),
    ]
