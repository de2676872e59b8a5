"""Describe a check's findings for a student, in words and in a box with drawings."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import torch
from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.checks.drawing import WORDS, Drawing, drawing
from autograder.checks.snippet import Snippet, Write, snippet
from autograder.checks.told import NOT_RECOGNISED, ONE_OF_THESE, Told, told
from autograder.evidence.findings import Diagnosis
from autograder.lesson.reading import NOTHING, Reading
from autograder.palette import Tone, colours
from autograder.trials.call import Trial, Use
from autograder.trials.compare import difference
from autograder.trials.redaction import without_foreign_numbers

MAX_INLINE_VALUES = 12
_VALUES = "the values are wrong already"
_PLAIN = "the plain case is not right yet"


@dataclass(frozen=True)
class Story:
    """The facts to report about one wrong answer.

    ``passed``, ``failed`` and ``not_judged`` are names of groups; groups of the last kind judge a
    property of cases whose plain case fails. ``counts_operations``: a plain case may also fail
    because it runs too many operations. ``parameters`` are the positional parameters of the
    exercise. ``settings`` are the parameters of a probe, which the exercise itself does not take.
    ``write`` is the check's own ``snippet``.
    """

    exercise: str
    passed: tuple[str, ...]
    failed: tuple[str, ...]
    smallest: Trial
    parameters: tuple[str, ...]
    diagnosis: Diagnosis
    settings: tuple[str, ...] | None = None
    not_judged: tuple[str, ...] = ()
    counts_operations: bool = False
    write: Write | None = None
    reading: Reading = NOTHING

    @property
    def count(self) -> int:
        """The number of groups."""
        return len(self.passed) + len(self.failed) + len(self.not_judged)

    @property
    def reason(self) -> str:
        """The reason why groups are not judged."""
        return _PLAIN if self.counts_operations else _VALUES

    @property
    def right(self) -> str:
        """The first sentence; other tools read it."""
        return f"{self.exercise} is right in {len(self.passed)} of {self.count} groups of cases."

    @cached_property
    def snippet(self) -> Snippet:
        """The code of the smallest failing case."""
        trial = self.smallest
        return snippet(
            self.exercise,
            trial.call,
            self.parameters,
            layout=trial.style.layout,
            changed=trial.got.changed if trial.style.strict_arguments else (),
            settings=self.settings,
            write=self.write,
        )

    @property
    def sentence(self) -> str:
        """The difference in the smallest failing case; empty if there is none."""
        found = self.smallest.difference
        if found is None:
            return ""
        if self.smallest.got.raised is None:
            return found.sentence
        return without_foreign_numbers(found.sentence, self.snippet.code)

    @property
    def told(self) -> list[Told]:
        """The findings; empty if no mistake is recognised."""
        return told(self.diagnosis)

    @property
    def unknown(self) -> str:
        """A remark where no mistake is recognised; none where only a property is wrong.

        The sentence of the smallest failing case tells which property.
        """
        trial = self.smallest
        is_right = trial.got.raised is None and not _differ(trial.got.value, trial.expected)
        return "" if self.diagnosis.findings or is_right else NOT_RECOGNISED

    @property
    def traceback(self) -> str:
        """The student's own lines that raised, without inputs of other cases."""
        raised = self.smallest.got.raised
        lines = "\n".join(raised.traceback_lines if raised else ())
        return without_foreign_numbers(lines, self.snippet.code)

    @property
    def drawing(self) -> Drawing | None:
        """Got and expected as tables, if they are tensors."""
        found = self.smallest.difference
        if found is None:
            return None
        return drawing(found.got, found.expected, found.wrong, found.what)


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
    environment.globals |= {
        "colours": colours(),
        "mark_words": WORDS,
        "one_of_these": ONE_OF_THESE,
    }
    return environment.get_template("report.html.j2").module


def message(story: Story) -> str:
    """The story as text: the mistakes, the case, the groups, and the parts to read again."""
    parts = [story.right, *(one.text for one in story.told)]
    parts += [story.unknown] if story.unknown else []
    if story.sentence:
        said = _ended(story.sentence + _inline(story, MAX_INLINE_VALUES))
        parts.append(f"Smallest failing case: {said}")
        parts.append(story.snippet.code)
    if story.traceback:
        parts.append(story.traceback)
    if story.failed:
        parts.append(f"Not yet: {'; '.join(story.failed)}.")
    if story.passed:
        parts.append(f"Right: {'; '.join(story.passed)}.")
    if story.not_judged:
        parts.append(f"Not judged, because {story.reason}: {'; '.join(story.not_judged)}.")
    if story.reading.parts:
        parts.append(f"Read again: {'; '.join(story.reading.parts)}.")
    return "\n".join(parts)


def html(story: Story) -> str:
    """The same as a box, with the values of the smallest case drawn as tables."""
    found = story.drawing
    facts = {
        "exercise": story.exercise,
        "passed": story.passed,
        "failed": story.failed,
        "not_judged": story.not_judged,
        "reason": story.reason,
        "count": story.count,
        "told": story.told,
        "unknown": story.unknown,
        "snippet": story.snippet if story.sentence else None,
        "difference": _difference(story, _inline(story, 1) if found is None else ""),
        "drawing": found,
        "traceback": story.traceback,
        "reading": _capital("; ".join(story.reading.parts)),
    }
    return str(_macros().story(facts))


def argument_names(oracle: Callable[..., Any] | None, use: Use | None) -> tuple[str, ...]:
    """The names of the positional arguments in a shown case, from ``use`` if there is one."""
    target = use or oracle
    if target is None:
        return ()
    many = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    try:
        parameters = inspect.signature(target).parameters.values()
    except ValueError:  # a function without a signature, such as torch.relu
        return ()
    names = tuple(parameter.name for parameter in parameters if parameter.kind not in many)
    return names[1:] if use else names


def _inline(story: Story, most: int) -> str:
    """Got and expected for a sentence, if they are tensors of at most so many numbers."""
    found = story.smallest.difference
    if found is None:
        return ""
    got, expected = found.got, found.expected
    if isinstance(got, torch.Tensor) and isinstance(expected, torch.Tensor):
        if max(got.numel(), expected.numel()) <= most and got.numel() and expected.numel():
            if got.numel() == expected.numel() == 1:
                got, expected = got.reshape(()), expected.reshape(())
            return f": got {_value(got)}, expected {_value(expected)}"
    return ""


def _value(value: torch.Tensor) -> str:
    return str(_rounded(value.detach().tolist()))


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    if isinstance(value, float):
        short = float(f"{value:.4g}")
        return int(short) if short.is_integer() and abs(short) < 1e6 else short
    return value


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def _difference(story: Story, more: str) -> str:
    """The difference as a sentence; the name of an output keeps its first letter."""
    found, sentence = story.smallest.difference, _ended(story.sentence + more)
    is_name = found is not None and found.what != "the output" and sentence.startswith(found.what)
    return sentence if is_name else _capital(sentence)


def _differ(got: object, expected: object) -> bool:
    try:
        return difference(got, expected) is not None
    except TypeError:  # values that a check cannot compare
        return True


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
