"""The points that can be earned without the work: by constants, and by others' replies.

    python -m tests.course.strategies

writes the table of docs/strategies.md.
"""

from __future__ import annotations

import importlib
import math
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

from autograder.checks import Call
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_bundle
from autograder.evidence.findings import Diagnosis
from autograder.grading.grader import TrustedNotebook
from autograder.release.samples import released_notebook
from autograder.results import NotebookResult
from autograder.sandbox.launcher import ForkServer
from autograder.wall.encoder import freeze
from tests.course.impostor import (
    Fill,
    Impostor,
    Question,
    Table,
    agreed,
    an_argument,
    filled,
    first_argument,
    hollow,
    noise,
)
from tests.course.recording import Stage, grade_staged, recorded
from tests.course.trivial import trivial_points

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "strategies.md"
NOTEBOOKS = sorted(ROOT.glob("source/*/[0-9]*_*.py"))
MAX_SHARE = 0.02  # of a notebook's points
OTHERS = ("another student", "a third student")  # whose replies are known
MADE_BY, END = "strategies: made by python -m tests.course.strategies", "end of strategies"
SECRET = "the student without answers"
SAME = "replay of the same seed"  # shows that replies are played back whole
TRIVIAL = "trivial code"  # for each exercise, the best of tests.course.trivial.TRIVIAL

Strategy = Callable[[Question], dict[str, Any]]


@dataclass(frozen=True)
class Earned:
    """Points that each strategy earns in one notebook, by exercise."""

    notebook: str
    max_points: float
    worth: dict[str, float]  # exercise -> points
    points: dict[str, dict[str, float]] = field(default_factory=dict)  # strategy -> exercise

    @property
    def strategies(self) -> list[str]:
        """The strategies' names, without the strategy that knows this student's own replies."""
        return [name for name in self.points if name != SAME]

    def share(self, strategy: str) -> float:
        """The part of the notebook's points that a strategy earns."""
        return sum(self.points[strategy].values()) / self.max_points

    def best(self) -> dict[str, float]:
        """The best strategy's points, by exercise; exercises without points are left out."""
        found: dict[str, float] = {}
        for name in self.strategies:
            for exercise, points in self.points[name].items():
                found[exercise] = max(points, found.get(exercise, 0.0))
        return {exercise: points for exercise, points in found.items() if points}


def strategies(others: Table, same: Table) -> dict[str, Strategy]:
    """Ways to reply, by name: ``others`` are known, ``same`` tells the shapes of right replies."""

    def knowing(strategy: Strategy) -> Strategy:
        return lambda question: others.exactly(question) or strategy(question)

    def right_shape(fill: Callable[[Question], Fill]) -> Strategy:
        return knowing(lambda question: hollow(same.closest(question), fill(question)))

    return {
        "None": knowing(lambda question: {"value": None}),
        "zeros": knowing(lambda question: filled(question, 0)),
        "ones": knowing(lambda question: filled(question, 1)),
        "first argument": knowing(first_argument),
        "shape, zeros": right_shape(lambda question: torch.zeros_like),
        "shape, random": right_shape(lambda question: noise),
        "shape, arguments": right_shape(an_argument),
        "parts that agree": knowing(
            lambda question: agreed(*others.by_recording(question), an_argument(question))
        ),
        "replay by place": others.at_its_place,
        "by shapes": knowing(others.in_turn(lambda question: question.shapes)),
        "by code": knowing(others.in_turn(lambda question: question.code)),
        "most alike": others.closest,
    }


@contextmanager
def unexplained() -> Iterator[None]:
    """Wrong answers cost points and are not explained, which takes long."""
    checks = importlib.import_module("autograder.checks.check")  # the package's name is a function
    with (
        patch.object(checks, "smallest_case", lambda run, make, failing, *_: failing[0]),
        patch.object(checks, "diagnose", lambda *_: Diagnosis()),
    ):
        yield


@contextmanager
def expecting_once() -> Iterator[None]:
    """The reference's reply to each call, computed once for all comparisons."""
    runs = importlib.import_module("autograder.checks.check")._Run
    expected, known = runs._expected, {}

    def remembered(run: Any, call: Call) -> Any:
        frame = freeze((call.args, call.kwargs))
        key = (run.exercise, run.seed, repr(frame.header), frame.blobs)
        if key not in known:
            known[key] = expected(run, call)
        return known[key]

    with patch.object(runs, "_expected", remembered):
        yield


def played(
    course: Course,
    trusted: TrustedNotebook,
    parent: ForkServer,
    secret: str,
    table: Table,
    strategy: Strategy,
) -> NotebookResult:
    """The verdict on an untouched notebook whose process replies by a strategy."""
    stage = Stage()

    class Parent:
        settings, kind = parent.settings, parent.kind

        @staticmethod
        def start_student() -> None:
            """There is no process, and so no channel."""

        @staticmethod
        def wrap(channel: None) -> Impostor:
            return Impostor(parent.settings, stage, table.names, strategy)

    notebook = released_notebook(course, trusted.bundle)
    with unexplained():
        return grade_staged(Parent(), trusted, stage, secret, notebook, {})


def earned_in(course: Course, bundle: NotebookBundle, parent: ForkServer) -> Earned:
    """The points of each strategy in a notebook, without trained weights."""
    trusted = TrustedNotebook.load(bundle, course.root)
    answered = [test for test in bundle.tests if bundle.answer_for(test.exercise) is not None]
    others = Table([recorded(course, bundle, trusted, parent, secret) for secret in OTHERS])
    same = Table([recorded(course, bundle, trusted, parent, SECRET)])
    earned = Earned(
        bundle.name,
        sum(cell.points for cell in bundle.graded),
        {test.exercise: test.points for test in answered},
    )
    ways = {**strategies(others, same), SAME: same.at_its_place}
    with unexplained():
        earned.points[TRIVIAL] = {
            exercise: max(points.values()) for exercise, points in trivial_points(trusted).items()
        }
    with expecting_once():
        for name, strategy in ways.items():
            torch.manual_seed(0)
            result = played(course, trusted, parent, SECRET, others, strategy)
            points = {test.exercise: test.points for test in result.tests}
            earned.points[name] = {test.exercise: points[test.exercise] for test in answered}
    return earned


def row(one: Earned) -> str:
    """The share of a notebook's points that each strategy earns, as a row of the page's table."""
    shares = (f"{math.ceil(1000 * one.share(name)) / 10:g} %" for name in one.strategies)
    return f"| {one.notebook} | {' | '.join(shares)} |"


def line(one: Earned) -> str:
    """The most that any strategy earns, by exercise."""
    words = ", ".join(f"`{name}` {points:g}" for name, points in one.best().items())
    return f"- {one.notebook}: {words or 'nothing'}"


def tables(found: list[Earned]) -> str:
    """The points of the strategies, in Markdown."""
    names = found[0].strategies
    return "\n".join(
        [
            f"| notebook | {' | '.join(names)} |",
            f"|---|{'---:|' * len(names)}",
            *map(row, found),
            "",
            "The most points that any strategy earns, by exercise:",
            "",
            *map(line, found),
        ]
    )


def filled_page(page: str, made: str, begin: str = MADE_BY, end: str = END) -> str:
    """The page with its text between two comments made anew."""
    begin, end = f"<!-- {begin} -->", f"<!-- {end} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return pattern.sub(lambda _: f"{begin}\n{made}\n{end}", page)


def all_earned() -> list[Earned]:
    """The points of each strategy in each notebook of the course."""
    course = Course.find(ROOT)
    torch.set_num_threads(1)
    with ForkServer(course.settings) as parent:
        return [earned_in(course, load_bundle(path), parent) for path in NOTEBOOKS]


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # from tests that get odd replies
    made = tables(all_earned())
    PAGE.write_text(filled_page(PAGE.read_text(), made))
