from __future__ import annotations

import pytest

from autograder.course.layout import Course
from autograder.course.source import load_assignment, load_bundle
from autograder.errors import SourceError
from autograder.mistakes.running import running_mistakes
from autograder.release.release import release, stale

CHECK = '    points=2,\n    groups={"small numbers"'


def edit(course: Course, old: str, new: str) -> None:
    path = course.source / "tiny" / "01_tiny.py"
    assert path.read_text().count(old) == 1
    path.write_text(path.read_text().replace(old, new))


def test_other_points_in_the_header_than_in_the_check_stop_everything(tiny_course: Course) -> None:
    edit(tiny_course, '"points": 2,', '"points": 4,')
    told = (
        "a mistake of the course, in source/tiny/01_tiny.py, cell test_add: its header says 4 "
        "points, its check gives 2. Make them the same"
    )
    for action in (release, stale, load_assignment):
        with pytest.raises(SourceError) as caught:
            action(tiny_course, "tiny")
        assert str(caught.value) == told
    assert not tiny_course.assignments.exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [("sum([1, 1, 1])", "its header says 2 points, its check gives 3"), ("sum([1, 1])", "")],
)
def test_points_that_are_computed_are_found_by_running_the_reference(
    tiny_course: Course, given: str, said: str
) -> None:
    edit(tiny_course, CHECK, CHECK.replace("points=2", f"points={given}"))
    bundles = [load_bundle(tiny_course.source / "tiny" / "01_tiny.py")]
    found = running_mistakes(tiny_course, bundles, {}, {})
    place = "a mistake of the course, in source/tiny/01_tiny.py, cell test_add: "
    assert found == ([f"{place}{said}. Make them the same"] if said else [])


def test_the_release_runs_what_only_running_can_tell(tiny_course: Course) -> None:
    edit(tiny_course, CHECK, CHECK.replace("points=2", "points=sum([1, 1, 1])"))
    with pytest.raises(SourceError, match="its check gives 3"):
        release(tiny_course, "tiny")
    assert not tiny_course.assignments.exists()
