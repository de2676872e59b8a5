"""Names of people on feedback pages: escaped, in their own direction, in titles."""

from __future__ import annotations

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.pages.feedback import write_feedback
from autograder.people.person import Person
from autograder.people.roster import write_people
from autograder.records.gradebook import open_gradebook
from tests.courses.sums import record_result


def name(course: Course, *people: Person) -> None:
    with open_gradebook(course) as gradebook:
        write_people(gradebook.db, people)
        gradebook.db.commit()


def test_pages_show_the_name_and_the_id(course: Course, bundle: NotebookBundle) -> None:
    for student in ("ada", "bob"):
        record_result(course, bundle, student)
    name(course, Person("ada", "محمد", "<b>Al</b>"))
    written = write_feedback(course, "demo")
    page, start = (
        (course.feedback / "ada" / "demo" / file).read_text()
        for file in ("01_sums.html", written.starts[0].name)
    )
    for text in (page, start):
        assert '<span class="who"><bdi>محمد &lt;b&gt;Al&lt;/b&gt; (ada)</bdi></span>' in text
        assert "محمد &lt;b&gt;Al&lt;/b&gt; (ada)</title>" in text
        assert "<b>Al</b>" not in text
    other = (course.feedback / "bob" / "demo" / "01_sums.html").read_text()
    assert '<span class="who"><bdi>bob</bdi></span>' in other


def test_a_corrected_name_makes_new_pages(course: Course, bundle: NotebookBundle) -> None:
    for student in ("ada", "bob"):
        record_result(course, bundle, student)
    write_feedback(course, "demo")
    name(course, Person("ada", "Ada", "King"))
    written = write_feedback(course, "demo", changed_only=True)
    assert [path.parts[-3] for path in written.starts] == ["ada"]
    assert written.left == ["bob"]
