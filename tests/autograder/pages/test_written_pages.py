"""``feedback --changed``: only pages whose results changed since are written, by content."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.pages.feedback import write_feedback
from autograder.records.gradebook import open_gradebook
from tests.courses.sums import record_result


def changed(course: Course) -> tuple[list[str], list[str]]:
    """The students whose pages were written, and the students who were left out."""
    written = write_feedback(course, "demo", changed_only=True)
    assert written.troubles == []
    starts = [path.parent.parent.name for path in written.starts]
    pages = [path.parent.parent.name for path in written.pages]
    assert starts == pages
    return starts, written.left


def comment(course: Course, student: str, text: str | None) -> None:
    with open_gradebook(course) as gradebook:
        gradebook.find_comment("why", "01_sums", "demo", student).manual_comment = text
        gradebook.db.commit()


def test_only_students_whose_results_changed_get_new_pages(
    course: Course, bundle: NotebookBundle
) -> None:
    for student in ("ada", "bob"):
        record_result(course, bundle, student)
    assert changed(course) == (["ada", "bob"], [])  # there were no pages
    assert changed(course) == ([], ["ada", "bob"])
    comment(course, "bob", "Read this again.")
    assert changed(course) == (["bob"], ["ada"])
    assert "Read this again." in (course.feedback / "bob/demo/01_sums.html").read_text()
    assert changed(course) == ([], ["ada", "bob"])
    comment(course, "bob", None)
    assert changed(course) == (["bob"], ["ada"])


def test_times_of_files_decide_nothing(course: Course, bundle: NotebookBundle) -> None:
    record_result(course, bundle, "ada")
    write_feedback(course, "demo")
    path = course.autograded / "ada/demo/01_sums.ipynb"
    before = path.read_text()
    record_result(course, bundle, "ada")  # the same once more
    os.utime(path, (4e9, 4e9))
    assert changed(course) == ([], ["ada"])
    path.write_text(before.replace("ties", "draws"))
    os.utime(path, (1, 1))
    assert changed(course) == (["ada"], [])


@pytest.mark.parametrize("name", ["01_sums.html", "index.html"])
def test_a_page_that_is_gone_is_written_again(
    course: Course, bundle: NotebookBundle, name: str
) -> None:
    record_result(course, bundle, "ada")
    write_feedback(course, "demo")
    (course.feedback / "ada/demo" / name).unlink()
    assert changed(course) == (["ada"], [])


def test_after_an_interruption_the_pages_are_written_again(
    course: Course, bundle: NotebookBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.pages.feedback import FeedbackWriter

    record_result(course, bundle, "ada")
    write_feedback(course, "demo")

    def stop(self: FeedbackWriter, written: list[Path], target: Path, html: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(FeedbackWriter, "_keep", stop)
        with pytest.raises(KeyboardInterrupt):
            write_feedback(course, "demo")
    assert changed(course) == (["ada"], [])


def test_ids_that_look_like_patterns_are_told_apart(course: Course, bundle: NotebookBundle) -> None:
    names = ["*", "?", "[ab]*"]
    for student in names:
        record_result(course, bundle, student)
    assert changed(course) == (names, [])
    comment(course, "*", "A comment.")
    assert changed(course) == (["*"], [name for name in names if name != "*"])
