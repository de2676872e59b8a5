from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder.course.layout import Course
from autograder.course.source import load_bundle
from autograder.errors import SourceError
from autograder.lesson.shared_code import SharedCode
from autograder.release.reference import reference_module
from autograder.release.release import release
from autograder.workers.cache import source_digest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sums.py").write_text(
        '"""Sums.\n\nOf numbers."""\n\nfrom __future__ import annotations\n\nimport math\n\n\n'
        "def total(numbers):\n    return math.fsum(numbers)\n"
    )
    (tmp_path / "means.py").write_text(
        '"""Means."""\n\nfrom shared.sums import total\n\n\ndef mean(x):\n    return total(x) / len(x)\n'
    )
    (tmp_path / "broken.py").write_text("def broken(:\n")
    return tmp_path


def built(folder: Path, *sources: str) -> list[str]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    return [cell.source for cell in SharedCode(folder).copy_into(notebook).cells]


def test_an_import_becomes_the_text_of_the_module_without_its_docstring(folder: Path) -> None:
    (cell,) = built(folder, "x = 1\nfrom shared.sums import total  # noqa: E402\ny = total([x])")
    assert cell == (
        "x = 1\nimport math\n\n\ndef total(numbers):\n    return math.fsum(numbers)\ny = total([x])"
    )


def test_a_module_is_copied_once_a_notebook_however_it_is_asked_for(folder: Path) -> None:
    cells = built(
        folder,
        "from shared.means import (\n    mean,\n)\nprint(mean([1]))",
        "from shared.sums import total\nprint(total([1]))",
    )
    assert "\n".join(cells).count("def total") == 1
    assert "\n".join(cells).count("def mean") == 1
    assert "shared" not in "\n".join(cells)
    assert cells[1] == "print(total([1]))"
    scope: dict[str, object] = {}
    exec("\n".join(cells), scope)


def test_markdown_and_other_imports_are_left_alone(folder: Path) -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("from shared.sums import total"),
            nbformat.v4.new_code_cell("    from shared.sums import total\nfrom math import pi"),
        ]
    )
    before = [cell.source for cell in notebook.cells]
    assert [cell.source for cell in SharedCode(folder).copy_into(notebook).cells] == before


@pytest.mark.parametrize(("name", "words"), [("nothing", "is not there"), ("broken", "line 1")])
def test_a_module_that_is_missing_or_broken_is_a_source_error(
    folder: Path, name: str, words: str
) -> None:
    with pytest.raises(SourceError, match=words):
        built(folder, f"from shared.{name} import x")


SHARED = '''\
"""Given code."""

import math

ZERO = 0.0


def start():
    return ZERO


def unused():
    return math.pi
'''


@pytest.fixture
def sharing(course: Course) -> Course:
    """The demo course with an answer that uses shared code of the setup cell."""
    (course.source / "shared").mkdir()
    (course.source / "shared" / "given.py").write_text(SHARED)
    path = course.source / "demo" / "01_sums.py"
    source = path.read_text()
    source = source.replace("import math\n", "from shared.given import start\n", 1)
    source = source.replace("    return secret_sum", "    return secret_sum + start()")
    path.write_text(source)
    return course


def test_the_reference_module_holds_the_given_code_that_answers_use_and_no_more(
    sharing: Course,
) -> None:
    text = reference_module(load_bundle(sharing.source / "demo" / "01_sums.py"))
    scope: dict[str, object] = {}
    exec(text, scope)
    assert "ZERO = 0.0" in text
    assert "unused" not in text
    assert "shared" not in text
    assert scope["total"]([1, 2]) == 3  # type: ignore[operator]


@pytest.mark.slow
def test_a_release_holds_the_shared_code_and_no_trace_of_its_folder(sharing: Course) -> None:
    release(sharing, "demo")
    for folder in (sharing.assignments, sharing.solutions):
        text = (folder / "demo" / "01_sums.ipynb").read_text()
        assert "def start()" in text
        assert "shared.given" not in text


def test_another_text_of_the_shared_code_grades_again(sharing: Course) -> None:
    path = sharing.source / "demo" / "01_sums.py"
    before = source_digest(load_bundle(path))
    (sharing.source / "shared" / "given.py").write_text(SHARED.replace("0.0", "0.5"))
    assert source_digest(load_bundle(path)) != before
