"""Describe a check's findings for a student, in words and a picture."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.checks.told import sentences
from autograder.evidence.findings import Diagnosis
from autograder.palette import Tone, colours
from autograder.trials.call import Trial, Use
from autograder.trials.redaction import without_foreign_numbers

MAX_SHOWN_VALUES = 64
MAX_INLINE_VALUES = 6
_MAX_CELLS = 12
_VALUES = "the values are wrong already"
_PLAIN = "the plain case is not right yet"


@dataclass(frozen=True)
class Story:
    """The facts to report about one wrong answer.

    ``passed``, ``failed`` and ``not_judged`` are names of groups; groups of the last kind judge a
    property of cases whose plain case fails. ``counts_operations``: a plain case may also fail
    because it runs too many operations.
    """

    exercise: str
    passed: tuple[str, ...]
    failed: tuple[str, ...]
    smallest: Trial
    argument_names: tuple[str, ...]
    probed: bool
    diagnosis: Diagnosis
    not_judged: tuple[str, ...] = ()
    counts_operations: bool = False

    @property
    def count(self) -> int:
        """The number of groups."""
        return len(self.passed) + len(self.failed) + len(self.not_judged)

    @property
    def reason(self) -> str:
        """The reason why groups are not judged."""
        return _PLAIN if self.counts_operations else _VALUES


def all_right(exercise: str, groups: int, advice: str = "") -> str:
    """The facts to report about a right answer; advice costs no points."""
    right = f"{exercise} is right in all {groups} groups of cases."
    return f"{right}\nAdvice, which costs no points: {advice}." if advice else right


def all_right_html(exercise: str, groups: int, advice: str = "") -> str:
    """The same as a small box."""
    return plain_html(all_right(exercise, groups, advice), "good")


def plain_html(text: str, tone: Tone = "half") -> str:
    """One sentence as a small box."""
    return str(_macros().plain(text, tone))


@cache
def _macros() -> Any:
    """The macros of the template. They are compiled once a process, with the first HTML."""
    environment = Environment(
        loader=PackageLoader("autograder.checks"), autoescape=True, undefined=StrictUndefined
    )
    environment.globals["colours"] = colours()
    return environment.get_template("report.html.j2").module


def message(story: Story) -> str:
    """The story as text."""
    trial = story.smallest
    right = f"{story.exercise} is right in {len(story.passed)} of {story.count} groups of cases."
    parts = [right]
    if story.failed:
        parts.append(f"Not yet: {'; '.join(story.failed)}.")
    if story.not_judged:
        parts.append(f"Not judged, because {story.reason}: {'; '.join(story.not_judged)}.")
    if trial.difference is not None:
        parts.append(f"Smallest failing case: {_call(story)}: {_sentence(story)}.")
    if trial.got.raised and trial.got.raised.traceback_lines:
        parts.append(_traceback(story))
    parts += [f"What this looks like: {text}" for text in sentences(story.diagnosis)]
    return "\n".join(parts)


def html(story: Story) -> str:
    """The story as a box with the values of the smallest case drawn as coloured tables."""
    found, raised = story.smallest.difference, story.smallest.got.raised
    pictures: list[_Picture] = []
    if found is not None and isinstance(found.got, torch.Tensor):
        if isinstance(found.expected, torch.Tensor):
            pictures = _pictures(found.got, found.expected)
    told = {
        "exercise": story.exercise,
        "passed": story.passed,
        "failed": story.failed,
        "not_judged": story.not_judged,
        "reason": story.reason,
        "count": story.count,
        "looks_like": sentences(story.diagnosis),
        "call": _call(story) if found is not None else "",
        "difference": _sentence(story)[:1].upper() + _sentence(story)[1:],
        "pictures": pictures,
        "traceback": _traceback(story) if raised and raised.traceback_lines else "",
    }
    return str(_macros().story(told))


def argument_names(oracle: Callable[..., Any] | None, use: Use | None) -> tuple[str, ...]:
    """The names of the positional arguments in a shown case, from ``use`` if there is one."""
    target = use or oracle
    if target is None:
        return ()
    many = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = inspect.signature(target).parameters.values()
    names = tuple(parameter.name for parameter in parameters if parameter.kind not in many)
    return names[1:] if use else names


def _sentence(story: Story) -> str:
    found = story.smallest.difference
    if found is None:
        return ""
    if story.smallest.got.raised is not None:
        return without_foreign_numbers(found.sentence, _call(story))
    got, expected = found.got, found.expected
    if isinstance(got, torch.Tensor) and isinstance(expected, torch.Tensor):
        if max(got.numel(), expected.numel()) <= MAX_INLINE_VALUES:
            return f"{found.sentence}: got {_value(got)}, expected {_value(expected)}"
    return found.sentence


def _traceback(story: Story) -> str:
    raised = story.smallest.got.raised
    lines = "\n".join(raised.traceback_lines if raised else ())
    return without_foreign_numbers(lines, _call(story))


def _call(story: Story) -> str:
    call = story.smallest.call
    known = () if story.smallest.style.by_place else story.argument_names
    names = (*known, *[""] * len(call.args))
    shown = [
        f"{name}={_value(value)}" if name else _value(value)
        for name, value in zip(names, call.args, strict=False)
    ]
    shown += [f"{name}={_value(value)}" for name, value in call.kwargs.items()]
    if story.probed:  # settings of a test, not arguments of the answer
        return f"{story.exercise}, tried with {', '.join(shown)}"
    return f"{story.exercise}({', '.join(shown)})"


def _value(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        if value.numel() > 16 or value.numel() == 0 or value.dim() > 6:
            return f"<a tensor of shape {tuple(value.shape)}>"
        numbers = value.detach().tolist()
        text = str(_rounded(numbers))
        return f"{text} (float64)" if value.dtype == torch.float64 else text
    if isinstance(value, (list, tuple)) and any(isinstance(v, torch.Tensor) for v in value):
        return f"<{len(value)} tensors>"
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.4g}")
    return value


@dataclass(frozen=True)
class _Picture:
    """A tensor as tables of numbers, each with a mark: it is wrong."""

    title: str
    shape: tuple[int, ...]
    tables: list[list[list[tuple[str, bool]]]]


def _pictures(got: torch.Tensor, expected: torch.Tensor) -> list[_Picture]:
    """Got and expected, to stand side by side; cells of ``got`` that differ are marked."""
    if max(got.numel(), expected.numel()) > MAX_SHOWN_VALUES:
        return []
    wrong = None
    if got.shape == expected.shape:
        a, b = got.detach(), expected.detach()
        wide = torch.promote_types(torch.promote_types(a.dtype, b.dtype), torch.float64)
        wrong = ~torch.isclose(a.to(wide), b.to(wide), rtol=1e-4, atol=1e-5)
    return [_picture("got", got, wrong), _picture("expected", expected, None)]


def _picture(title: str, value: torch.Tensor, wrong: torch.Tensor | None) -> _Picture:
    shape = tuple(value.shape)
    rows, columns = (shape[-2], shape[-1]) if len(shape) > 1 else (1, value.numel())
    if rows > _MAX_CELLS or columns > _MAX_CELLS or value.numel() == 0:
        return _Picture(title, shape, [])
    slices = value.detach().reshape(-1, rows, columns)
    marks = (
        wrong.reshape(-1, rows, columns)
        if wrong is not None
        else torch.zeros(slices.shape, dtype=torch.bool)
    )
    tables = [_table(one, mark) for one, mark in zip(slices, marks, strict=True)]
    return _Picture(title, shape, tables)


def _table(values: torch.Tensor, marks: torch.Tensor) -> list[list[tuple[str, bool]]]:
    return [
        [(f"{number:.4g}", bad) for number, bad in zip(row, mark, strict=True)]
        for row, mark in zip(values.tolist(), marks.tolist(), strict=True)
    ]
