"""The graded cell that is made of a check."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import SourceError
from autograder.lesson.check_module import check_of, check_path, graded_cell
from autograder.lesson.shared_code import SharedCode

CHECK = '''\
"""The hidden test of total."""

from autograder.checks import check


def make(draw, n):
    return (draw.tensor(n),)


def test(total):
    return check(total, sum, make, groups={"three": dict(n=3)})
'''


def cell(folder: Path, text: str | None = CHECK, points: float = 2) -> str:
    path = check_path(folder, "total")
    path.parent.mkdir(parents=True)
    if text is not None:
        path.write_text(text)
    return graded_cell(path, "total", points, SharedCode(folder / "shared"))


def test_the_graded_cell_is_the_checks_text_and_one_call(tmp_path: Path) -> None:
    assert cell(tmp_path) == (
        "# total, 2 points: hidden tests run here when your notebook is graded.\n"
        f"### BEGIN HIDDEN TESTS\n{CHECK}\ntest(total).worth(2)\n### END HIDDEN TESTS"
    )


@pytest.mark.parametrize("points", [0.5, 1, 2.5])
def test_points_stand_in_the_visible_line_and_in_the_call(tmp_path: Path, points: float) -> None:
    unit = "point" if points == 1 else "points"
    text = cell(tmp_path, points=points)
    assert f"# total, {points:g} {unit}: " in text
    assert f"test(total).worth({points:g})" in text


def test_the_check_is_found_again_in_its_cell(tmp_path: Path) -> None:
    assert check_of(cell(tmp_path)) == CHECK
    assert check_of("assert total([1]) == 1") == ""
    assert check_of("### BEGIN HIDDEN TESTS\nassert x\n### END HIDDEN TESTS") == "assert x\n"


def test_every_parameter_is_a_name_of_the_students(tmp_path: Path) -> None:
    text = CHECK.replace("def test(total)", "def test(total, Block)")
    assert "\ntest(total, Block).worth(2)\n" in cell(tmp_path, text)


def test_a_name_with_the_default_none_may_be_missing(tmp_path: Path) -> None:
    text = cell(tmp_path, CHECK.replace("def test(total)", "def test(total, Block=None)"))
    assert "\ntest(total, if_defined(lambda: Block)).worth(2)\n" in text
    assert check_of(text) == CHECK.replace("def test(total)", "def test(total, Block=None)")


def test_shared_code_stands_in_the_cell(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "shapes.py").write_text("def circle(r):\n    return r\n")
    text = cell(tmp_path, "from shared.shapes import circle\n" + CHECK)
    assert "def circle(r):" in text
    assert "shared" not in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "exercises/total/check.py is missing: the check of total, with a function test"),
        ("def make(draw): return ()\n", "a check defines one function test, found 0"),
        (CHECK.replace("(draw, n)", "(draw, n"), "check.py, line 6: '(' was never closed"),
        (
            CHECK.replace("test(total)", "test(total=1)"),
            "a name that may be missing has the default None",
        ),
        (CHECK.replace("test(total)", "test(*total)"), "line 10: the parameters of test are names"),
    ],
)
def test_an_authors_mistake_is_told_with_its_file(
    tmp_path: Path, text: str | None, words: str
) -> None:
    with pytest.raises(SourceError) as caught:
        cell(tmp_path, text)
    assert words in str(caught.value)
