from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.course.misconceptions import load_bank
from autograder.course.source import NotebookBundle, load_bundle
from autograder.errors import SourceError

HEAD = 'notebook = "01_tiny"\nexercise = "add"\n[[misconception]]\nid = "x"\nsentence = "No."\n'


def bank(course: Course, text: str) -> list[str]:
    """Ids and codes of a bank with this file in it."""
    folder = course.source / "tiny" / "misconceptions"
    (folder / "zz.toml").write_text(text)
    return [wrong.code for wrong in load_bank(load_bundle(bundle_path(course)))]


def bundle_path(course: Course) -> Path:
    return course.source / "tiny" / "01_tiny.py"


def test_the_bank_is_read_in_the_order_of_its_files(tiny: NotebookBundle) -> None:
    wrong = load_bank(tiny)
    assert [one.id for one in wrong] == [
        "add.subtracts", "scale.adds", "scale.last_row_forgotten",
    ]  # fmt: skip
    assert wrong[0].sentence == "You take b away where it should be added."


def test_a_patch_changes_the_reference_and_code_replaces_it(tiny: NotebookBundle) -> None:
    subtracts, _, last = load_bank(tiny)
    assert "return a - b" in subtracts.code
    assert "SOLUTION" not in subtracts.code
    assert subtracts.build({})(5, 3) == 2
    assert "out[-1] = x[-1]" in last.code


def test_building_leaves_the_namespace_alone(tiny: NotebookBundle) -> None:
    namespace: dict[str, object] = {"add": "untouched"}
    load_bank(tiny)[0].build(namespace)
    assert namespace == {"add": "untouched"}


def test_a_bank_of_another_notebook_is_passed_over(tiny_course: Course) -> None:
    assert len(bank(tiny_course, HEAD.replace("01_tiny", "02_other"))) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("notebook = ", "zz.toml"),
        (HEAD.replace('"add"', '"nothing"'), "has no exercise 'nothing'"),
        (HEAD + 'patches = [{ find = "a * b", put = "a" }]', "occurs 0 times in"),
        (HEAD + 'patches = [{ find = "r", put = "c" }]', "times in .*, expected 1"),
        (HEAD + 'patches = [{ find = "a + b", put = "a", count = 2 }]', "expected 2"),
        (HEAD + "patches = []" + HEAD[HEAD.index("[[") - 1 :] + "patches = []", "used twice"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_name(
    tiny_course: Course, text: str, words: str
) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        bank(tiny_course, text)
    assert "zz.toml" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        HEAD.replace('id = "x"\n', ""),
        HEAD.replace('sentence = "No."\n', ""),
        HEAD,
        HEAD + 'patches = [{ put = "a" }]',
        HEAD + "patches = 5",
        'notebook = "01_tiny"\nexercise = "add"\nmisconception = 5',
        'notebook = "01_tiny"\nexercise = "add"\nmisconception = ["a"]',
    ],
)
def test_an_incomplete_entry_is_a_source_error_that_names_the_file(
    tiny_course: Course, text: str
) -> None:
    with pytest.raises(SourceError, match=r"zz\.toml"):
        bank(tiny_course, text)
