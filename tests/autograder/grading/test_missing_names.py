"""Which name was not defined travels as data; no text of a message decides anything."""

from __future__ import annotations

import pytest

from autograder.course.source import NotebookBundle
from autograder.results import Evidence, Outcome, TestResult
from tests.courses.handed_in import as_handed_in, cell_of, code
from tests.courses.tiny import FULL, Grade


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        ("scale = None\ndel scale", "scale"),
        ("def scale(x, k):\n    return times(x, k)", "times"),
        ("def scale(x, k):\n    return x * k if x.shape[1] != 2 else times(x, k)", "times"),
        ("def scale(x, k):\n    raise NameError('times is not defined')", ""),
        ("def scale(x, k):\n    raise RuntimeError(\"name 'times' is not defined\")", ""),
        ("def scale(x, k):\n    return x + k", ""),
        ("def scale(x, k):\n    return x * k", ""),
    ],
)
def test_the_name_that_was_not_defined_is_known(grade: Grade, answer: str, missing: str) -> None:
    test = grade({"scale": answer})["test_scale"]
    assert test.missing_name == missing
    assert (test.outcome is Outcome.PASSED) == (answer.endswith("return x * k"))


def test_an_error_that_only_sounds_like_it_runs_nothing_again(
    grade: Grade, tiny: NotebookBundle
) -> None:
    wrong = "def scale(x, k):\n    raise RuntimeError('k is not defined')"
    notebook = as_handed_in(tiny, {"scale": wrong})
    notebook.cells.insert(2, code("later\nprint('once more')"))
    notebook.cells.append(code("later = 1"))
    graded = grade(notebook)
    assert graded["test_scale"].points == 0
    assert graded.result.outputs[2].stdout == ""


def test_a_name_that_comes_later_counts_whatever_the_message_says(
    grade: Grade, tiny: NotebookBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = TestResult.__post_init__

    def without_text(self: TestResult) -> None:
        object.__setattr__(self, "message", "")
        made(self)

    monkeypatch.setattr(TestResult, "__post_init__", without_text)
    notebook = as_handed_in(tiny, {"scale": "def scale(x, k):\n    return times(x, k)"})
    notebook.cells.append(code("def times(x, k):\n    return x * k"))
    assert grade(notebook).points == FULL


def test_a_cell_that_failed_is_blamed_for_the_name_that_is_missing(
    grade: Grade, tiny: NotebookBundle
) -> None:
    notebook = as_handed_in(
        tiny, {"scale": "import nothing_of_this_name\ndef scale(x, k):\n    return x * k"}
    )
    test = grade(notebook)["test_scale"]
    assert test.message.startswith(
        "The cell that defines scale raised ModuleNotFoundError: No module"
    )
    assert cell_of(notebook, "scale") == 5
    assert (test.diagnosis, test.evidence) == ("scale.exception_not_defined", Evidence.EXCEPTION)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("print 'hello'\ndef scale(x, k):\n    return x * k", "SyntaxError: Missing parentheses"),
        ("def scale(x, k):\n    return x * k\n  pass", "IndentationError: unindent does not"),
        ("k = xrange(3)\ndef scale(x, k):\n    return x * k", "NameError: name 'xrange' is not"),
    ],
)
def test_the_reason_why_an_answer_is_not_defined_is_named(
    grade: Grade, answer: str, said: str
) -> None:
    test = grade({"scale": answer})["test_scale"]
    assert test.message.startswith(f"The cell that defines scale raised {said}")
    assert (test.diagnosis, test.evidence) == ("scale.exception_not_defined", Evidence.EXCEPTION)


def test_a_name_that_no_cell_defines_is_no_failed_cell(grade: Grade) -> None:
    assert grade({"scale": "scale = None\ndel scale"})["test_scale"].diagnosis is None
    called = grade({"scale": "def scale(x, k):\n    return times(x, k)"})["test_scale"]
    assert called.outcome is not Outcome.PASSED and called.missing_name == "times"
