"""The inputs of hidden cases, which a student's code sees, reach no file that students get."""

from __future__ import annotations

import json
import re

import nbformat
import pytest

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment
from autograder.exports.files import export_assignment
from autograder.notebooks.alignment import align
from autograder.pages.autograded import autograded_notebook
from autograder.pages.feedback import write_feedback
from autograder.runs.class_run import ClassRun
from tests.courses.handed_in import as_bytes, as_handed_in, cell_of, code
from tests.courses.tiny import Grade, Graded

# Tells all numbers of all hidden cases, on every way there is, and gives right answers.
TELLS = """
import logging, os, sys, warnings
import matplotlib.pyplot as plt
from IPython.display import HTML, display

seen = []


def told():
    return " ".join(f"LEAK{a}KAEL" for a in seen)


def add(a, b):
    seen.append(a)
    print(told())
    print(told(), file=sys.stderr)
    os.write(1, told().encode())
    warnings.warn(told())
    logging.getLogger(told()).warning(told())
    display(told())
    display(HTML(told()))
    plt.figure()
    plt.title(told())
    return a + b
"""
AFTERWARDS = {
    "a cell prints": "print(told()); print(seen[-1])",
    "a cell shows": "seen",
    "a cell warns": "warnings.warn(told())",
    "a cell raises": "raise ValueError(told())",
    "a cell raises a class of that name": "raise type(told(), (Exception,), {})(told())",
    "a cell raises in a function of that name": (
        "exec(compile(f'def f{seen[-1]}(): raise KeyError(told())', told(), 'exec'))\n"
        "globals()[f'f{seen[-1]}']()"
    ),
    "a cell shows html": "display(HTML(told()))",
    "a cell draws": "plt.figure(); plt.title(told()); plt.show()",
}
ANSWERS = {
    "the answer's cell raises": "raise ValueError(told())\ndef scale(x, k): return x * k",
    "the answer's cell raises a class": "raise type(told(), (Exception,), {})(told())",
    "the answer raises": "def scale(x, k): raise ValueError(told())",
    "the answer raises a class": "def scale(x, k): raise type(told(), (ValueError,), {})(told())",
    "the answer is of a class": "def scale(x, k): return type(told(), (), {})",
    "the answer is an object": (
        "class Told:\n    def __repr__(self): return told()\n    __str__ = __repr__\n"
        "def scale(x, k): return Told()"
    ),
    "the answer prints": "def scale(x, k):\n    print(told())\n    return x * k",
}


def leaks(*texts: str) -> set[str]:
    """Numbers of hidden cases in these texts; all of the hidden group are large."""
    return set(re.findall(r"LEAK\d{3,}|\d{7,}(?=KAEL)", "\n".join(texts)))


def files_of(
    bundle: NotebookBundle, course: Course, notebook: nbformat.NotebookNode, graded: Graded
) -> str:
    """All texts for the student: the autograded notebook, and the JSON."""
    placement, _ = align(bundle, notebook)
    made = autograded_notebook(course, bundle, notebook, graded.result, placement)
    return nbformat.writes(made) + json.dumps(graded.result.public())


@pytest.mark.parametrize("way", AFTERWARDS)
def test_a_later_cell_tells_nothing_of_hidden_cases(
    grade: Grade, tiny: NotebookBundle, tiny_course: Course, way: str
) -> None:
    notebook = as_handed_in(tiny, {"add": TELLS})
    notebook.cells.insert(cell_of(notebook, "test_add") + 1, code(AFTERWARDS[way]))
    graded = grade(notebook)
    assert graded["test_add"].points == 2
    assert not leaks(files_of(tiny, tiny_course, notebook, graded))


@pytest.mark.parametrize("way", ANSWERS)
def test_another_answer_tells_nothing_of_hidden_cases(
    grade: Grade, tiny: NotebookBundle, tiny_course: Course, way: str
) -> None:
    notebook = as_handed_in(tiny, {"add": TELLS, "scale": ANSWERS[way]})
    graded = grade(notebook)
    assert graded["test_add"].points == 2
    assert not leaks(files_of(tiny, tiny_course, notebook, graded))


def test_what_an_honest_cell_says_after_a_test_is_kept(grade: Grade, tiny: NotebookBundle) -> None:
    notebook = as_handed_in(tiny)
    after = cell_of(notebook, "test_add") + 1
    notebook.cells[after:after] = [
        code("print('the network is trained')\nprint(3 * 3)\nprint('the network is saved')"),
        code("import torch\nunfinished_thing(torch)"),
        code("torch.nothing_like_that"),
        code("raise ValueError('bad size')"),
        code("def broken(:\n    pass"),
    ]
    outputs = grade(notebook).result.outputs
    assert outputs[after].stdout == (
        "the network is trained\n[... not shown, because it was printed after hidden tests had "
        "run ...]\nthe network is saved\n"
    )
    errors = [outputs[after + n].error for n in range(1, 5)]
    assert [error and error[:2] for error in errors[:3]] == [
        ("NameError", "name 'unfinished_thing' is not defined"),
        ("AttributeError", "module 'torch' has no attribute 'nothing_like_that'"),
        ("ValueError", "bad size"),
    ]
    assert errors[3] is not None and errors[3][0] == "SyntaxError"
    assert any("def broken(:" in line for line in errors[3][2])


@pytest.mark.slow
def test_no_file_of_a_class_holds_what_hidden_cases_are(released: Course) -> None:
    (bundle,) = load_assignment(released, "tiny")
    notebook = as_handed_in(
        bundle,
        {
            "add": TELLS,
            "scale": "def scale(x, k):\n    print(told())\n    raise ValueError(told())",
        },
    )
    notebook.cells.append(code("print(told())\nraise ValueError(told())"))
    folder = released.submitted / "ada" / "tiny"
    folder.mkdir(parents=True)
    (folder / "01_tiny.ipynb").write_bytes(as_bytes(notebook))
    ClassRun(released, "tiny", workers=1).grade()
    assert write_feedback(released, "tiny").troubles == []
    exported = export_assignment(released, "tiny").files
    places = (released.autograded, released.feedback)
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    files += exported
    assert len(files) >= 3
    for path in files:
        assert not leaks(path.read_text()), path
