"""The pages in a real browser: by day and by night, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from playwright.sync_api import Browser, Page

from autograder.checks import CheckContext, CheckResult, Draw, check, checking
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_bundle
from autograder.evidence.findings import Misconception
from autograder.grading.notebook import without_verdict
from autograder.pages.autograded import write_autograded
from autograder.pages.feedback import write_feedback
from autograder.records.gradebook import record
from autograder.release.instructor import trusted_notebook
from autograder.release.solutions import visible_part
from autograder.results import CellOutput, NotebookResult, Outcome, TestResult
from tests.autograder.conftest import CONFIG
from tests.chromium import launched, needs_chromium
from tests.courses.build import build_course
from tests.courses.cells import answer, graded, notebook, question, setup, text
from tests.looks import serious_faults, unfold, weak_words, width_of

pytestmark = [pytest.mark.slow, pytest.mark.browser, needs_chromium]

LONG = " + ".join(f"w_{{{n}}} x_{{{n}}}^{{(l)}}" for n in range(40))
PROSE = f"""\
# Filters

A [link](https://example.org) and `code` in a sentence, $a < b$, and a long formula in the line:
${LONG}$ which goes on.

$$y = {LONG}$$

| layer | {" | ".join(f"column number {n}" for n in range(12))} |
|---|{"---|" * 12}
| conv | {" | ".join("0.0000000" for n in range(12))} |

> A remark with `code`.

```python
result = {" + ".join(f"first_long_name_{n}" for n in range(30))}  # a comment
```
"""
LOOKS = notebook(
    text(PROSE),
    setup(f"import math  # a comment\n\nNAMES = {['a long name'] * 30}\n"),
    answer(
        "scale",
        'def scale(x):\n    """Return twice x."""\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION\n',
    ),
    graded("scale", 4, "assert scale(1) == 2\n### BEGIN HIDDEN TESTS\n4.0\n### END HIDDEN TESTS\n"),
    text("A text between two exercises."),
    answer(
        "shift",
        "def shift(x):\n    ### BEGIN SOLUTION\n    return x + 1\n    ### END SOLUTION\n",
    ),
    graded("shift", 2, "assert shift(1) == 2\n### BEGIN HIDDEN TESTS\n2.0\n### END HIDDEN TESTS\n"),
    question("why", "### BEGIN SOLUTION\nBecause.\n### END SOLUTION\n"),
)
PLACEMENT = {"setup": 1, "scale": 2, "test_scale": 3, "shift": 5, "test_shift": 6, "why": 7}


def make(draw: Draw, rows: int, columns: int) -> tuple[torch.Tensor]:
    return (draw.tensor(2, 2, rows, columns),)


def raises(x: torch.Tensor) -> torch.Tensor:
    raise ValueError("a message without a gap: " + "x" * 300)


def box(function: Callable[[torch.Tensor], torch.Tensor]) -> CheckResult:
    """A real check's box; adding 2 is the known mistake."""
    known = Misconception("scale.adds", "You add where you should multiply.", lambda x: x + 2)
    with checking(CheckContext(5, (known,))):
        return check(
            function, lambda x: 2 * x, make, points=4.0, name="scale",
            groups={"a square": dict(rows=3, columns=3), "more columns": dict(rows=2, columns=5)},
            sizes=dict(rows=(1, 5), columns=(1, 5)),
        )  # fmt: skip


def verdict(name: str, most: float, checked: CheckResult | None) -> TestResult:
    """The verdict of a check; without one, the exercise is not written yet."""
    test = TestResult(f"test_{name}", name, 0.0, most, Outcome.FAILED)
    if checked is None:
        text = f"{name} is not written yet."
        return replace(test, unwritten=True, message=text, html=f"<p>{text}</p>")
    right = checked.points == checked.max_points
    return replace(
        test,
        points=most if right else 0.0,
        outcome=Outcome.PASSED if right else Outcome.FAILED,
        message=checked.message,
        html=checked.html,
        sentence=checked.sentence,
    )


def write(course: Course, bundle: NotebookBundle, student: str, *tests: TestResult) -> None:
    """A submission with these verdicts, with long lines that the student printed."""
    paper = trusted_notebook(course, bundle)
    for cell in paper.cells:
        cell.source = visible_part(cell.source)
    paper.cells[2].source = f"def scale(x):\n    return {' + '.join(['x'] * 80)}  # all of them"
    paper.cells[7].source = f"An *answer* with {'w' * 300} and ${LONG}$."
    printed = CellOutput(
        stdout="1 2 3 " * 100 + "\n" + "#" * 500,
        stderr="a warning " * 40,
        error=("ValueError", "no", [f"\x1b[31mValueError\x1b[0m: {'no ' * 100}", "\x1b[33m->\x1b[0m 1"]),
    )  # fmt: skip
    waiting = TestResult("why", "why", 0.0, 1.0, Outcome.NEEDS_MANUAL_GRADE)
    result = NotebookResult(
        student, "demo", bundle.name, (*tests, waiting), outcome=Outcome.PARTIAL,
        notes=(f"renamed from {'x' * 200}.ipynb",), outputs={2: printed},
    )  # fmt: skip
    record(course, [bundle], [result])
    write_autograded(course, bundle, paper, result, PLACEMENT)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages by their kind."""
    root = tmp_path_factory.mktemp("looks")
    course = build_course(root, CONFIG.read_text(), "demo", {"01_looks": LOOKS, "02_more": LOOKS})
    first, second = (load_bundle(path) for path in course.notebook_sources("demo"))
    wrong, crashing, right = (box(one) for one in (lambda x: x + 2, raises, lambda x: x + x))
    long_name = "a-student-with-a-name-" + "n" * 60
    write(course, first, long_name, verdict("scale", 4.0, wrong), verdict("shift", 2.0, crashing))
    lost = without_verdict(second, long_name, Outcome.UNREADABLE, "The file is no notebook.")
    record(course, [second], [lost])
    write_autograded(course, second, None, lost, {})
    write(course, first, "passing", verdict("scale", 4.0, right), verdict("shift", 2.0, right))
    write(course, first, "unwritten", verdict("scale", 4.0, None), verdict("shift", 2.0, None))
    write(course, first, "plain", verdict("scale", 4.0, right), verdict("shift", 2.0, right))
    (course.autograded / "plain/demo/01_looks.ipynb").write_text("{")
    write_feedback(course, "demo")
    folder = course.feedback / long_name / "demo"
    return {
        "failing": folder / "01_looks.html",
        "unreadable": folder / "02_more.html",
        "start": folder / "index.html",
        **{
            one: course.feedback / one / "demo/01_looks.html"
            for one in ("passing", "unwritten", "plain")
        },
    }


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


SCHEMES = ("light", "dark")
WIDTHS = (1280, 390)
KINDS = ("failing", "passing", "unwritten", "unreadable", "plain", "start")


def opened(chromium: Browser, file: Path, scheme: Any, width: int) -> Page:
    page = chromium.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page.goto(file.as_uri())
    return page


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_can_be_read_and_fits_the_window(
    pages: dict[str, Path], chromium: Browser, kind: str, width: int, scheme: str
) -> None:
    page = opened(chromium, pages[kind], scheme, width)
    assert width_of(page) <= width
    unfold(page)
    assert width_of(page) <= width
    assert weak_words(page) == []
    assert serious_faults(page) == []
    page.close()


@pytest.mark.parametrize("kind", ["failing", "start"])
def test_paper_is_white_even_at_night(pages: dict[str, Path], chromium: Browser, kind: str) -> None:
    page = opened(chromium, pages[kind], "dark", 1280)
    page.emulate_media(media="print", color_scheme="dark")
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colour == "rgb(255, 255, 255)"
    assert not page.locator(".next, .crumbs").first.is_visible()
    page.close()
