from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.course.source import load_assignment, load_bundle
from autograder.errors import SourceError
from autograder.release.reference_points import check_points_by_running
from autograder.release.release import release, stale

REPOSITORY = Path(__file__).resolve().parents[3]
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
    if not said:
        check_points_by_running(tiny_course, bundles)
        return
    with pytest.raises(SourceError, match=f"tiny/01_tiny.py, cell test_add: {said}"):
        check_points_by_running(tiny_course, bundles)


def test_the_release_runs_what_only_running_can_tell(tiny_course: Course) -> None:
    edit(tiny_course, CHECK, CHECK.replace("points=2", "points=sum([1, 1, 1])"))
    with pytest.raises(SourceError, match="its check gives 3"):
        release(tiny_course, "tiny")
    assert not tiny_course.assignments.exists()


def test_the_course_s_own_pooling_with_one_header_changed(tmp_path: Path) -> None:
    """The case points-in-two-places: the header of one test says 4, its check 3."""
    shutil.copytree(REPOSITORY / "source" / "shared", tmp_path / "source" / "shared")
    (tmp_path / "source" / "conv").mkdir()
    text = (REPOSITORY / "source" / "conv" / "02_pooling.py").read_text()
    header = next(line for line in text.splitlines() if '"grade_id": "test_max_pool2d"' in line)
    changed = text.replace(header, header.replace('"points": 3', '"points": 4'))
    assert changed != text
    path = tmp_path / "source" / "conv" / "02_pooling.py"
    for source, said in ((text, ""), (changed, "its header says 4 points, its check gives 3")):
        path.write_text(source)
        if said:
            with pytest.raises(
                SourceError, match=f"conv/02_pooling.py, cell test_max_pool2d: {said}"
            ):
                load_bundle(path)
        else:
            load_bundle(path)
