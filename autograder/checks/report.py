"""Put a check's findings into words for a student, and into a picture."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import torch

from autograder.checks.redaction import without_foreign_numbers
from autograder.trials.call import Trial, Use

MAX_SHOWN_VALUES = 64
MAX_INLINE_VALUES = 6
_MAX_CELLS = 12


@dataclass(frozen=True)
class Story:
    """All that is told about one wrong answer."""

    exercise: str
    passed: tuple[str, ...]
    failed: tuple[str, ...]
    smallest: Trial
    argument_names: tuple[str, ...]
    probed: bool
    sentence: str | None


def all_right(exercise: str, groups: int, advice: str = "") -> str:
    """What is told about a right answer; advice costs no points."""
    right = f"{exercise} is right in all {groups} groups of cases."
    return f"{right}\nAdvice, which costs no points: {advice}." if advice else right


def all_right_html(exercise: str, groups: int, advice: str = "") -> str:
    """The same as a small box."""
    return plain_html(all_right(exercise, groups, advice), "#1a7f37")


def plain_html(text: str, colour: str = "#9a6700") -> str:
    """One sentence as a small box."""
    return f'<div style="{_box(colour)} white-space: pre-wrap">{escape(text)}</div>'


def message(story: Story) -> str:
    """The story as text."""
    total = len(story.passed) + len(story.failed)
    trial = story.smallest
    parts = [
        f"{story.exercise} is right in {len(story.passed)} of {total} groups of cases.",
        f"Not yet: {'; '.join(story.failed)}.",
    ]
    if trial.difference is not None:
        parts.append(f"Smallest failing case: {_call(story)}: {_sentence(story)}.")
    if trial.got.raised and trial.got.raised.traceback_lines:
        parts.append(_traceback(story))
    if story.sentence:
        parts.append(f"What this looks like: {story.sentence}")
    return "\n".join(parts)


def html(story: Story) -> str:
    """The story as a box with the values of the smallest case drawn as coloured tables."""
    total = len(story.passed) + len(story.failed)
    trial = story.smallest
    found = trial.difference
    rows = [
        f"<p><b>{escape(story.exercise)}</b> is right in {len(story.passed)} of {total} "
        "groups of cases.</p>",
    ]
    if story.sentence:
        rows.append(f'<p style="{_HINT}"><b>What this looks like.</b> {escape(story.sentence)}</p>')
    if found is not None:
        rows.append(
            "<p><b>Smallest failing case</b> "
            f"<code>{escape(_call(story))}</code><br>{escape(_sentence(story).capitalize())}.</p>"
        )
        if isinstance(found.got, torch.Tensor) and isinstance(found.expected, torch.Tensor):
            rows.append(_pictures(found.got, found.expected))
    raised = trial.got.raised
    if raised and raised.traceback_lines:
        text = escape(_traceback(story))
        rows.append(f'<pre style="font-size: 12px; overflow-x: auto">{text}</pre>')
    rows += [
        '<p style="margin: 12px 0 4px 0"><b>All groups of cases</b></p>',
        '<ul style="margin: 0; padding-left: 4px; list-style: none">',
        *(f"<li>{_CROSS} {escape(group)}</li>" for group in story.failed),
        *(f"<li>{_TICK} {escape(group)}</li>" for group in story.passed),
        "</ul>",
    ]
    return f'<div style="{_box("#cf222e")}">{"".join(rows)}</div>'


def argument_names(oracle: Callable[..., Any] | None, use: Use | None) -> tuple[str, ...]:
    """Names of the positional arguments, to show a case with: those of ``use``, if there is one."""
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
    if story.probed:  # these are the settings of a test, not what the answer is called with
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


def _box(colour: str) -> str:
    return (
        "font-family: system-ui, sans-serif; font-size: 14px; line-height: 1.5; color: #1f2328; "
        f"background: #f6f8fa; border: 1px solid #d0d7de; border-left: 4px solid {colour}; "
        "border-radius: 4px; padding: 10px 14px; margin: 6px 0;"
    )


_HINT = "background: #fff8c5; border-radius: 4px; padding: 8px 10px; margin: 0 0 8px 0;"
_TICK = '<span style="color: #1a7f37" title="right">&#10003;</span>'
_CROSS = '<span style="color: #cf222e" title="not yet">&#10007;</span>'


def _pictures(got: torch.Tensor, expected: torch.Tensor) -> str:
    """Got and expected side by side; cells of ``got`` that differ are marked."""
    if max(got.numel(), expected.numel()) > MAX_SHOWN_VALUES:
        return ""
    wrong = None
    if got.shape == expected.shape:
        a, b = got.detach(), expected.detach()
        wide = torch.promote_types(torch.promote_types(a.dtype, b.dtype), torch.float64)
        wrong = ~torch.isclose(a.to(wide), b.to(wide), rtol=1e-4, atol=1e-5)
    return (
        '<div style="display: flex; gap: 28px; flex-wrap: wrap">'
        f"{_picture('got', got, wrong)}{_picture('expected', expected, None)}</div>"
    )


def _picture(title: str, value: torch.Tensor, wrong: torch.Tensor | None) -> str:
    shape = tuple(value.shape)
    rows, columns = (shape[-2], shape[-1]) if len(shape) > 1 else (1, value.numel())
    head = f"<div><b>{title}</b> <small>shape {shape}</small>"
    if rows > _MAX_CELLS or columns > _MAX_CELLS or value.numel() == 0:
        return head + "</div>"
    slices = value.detach().reshape(-1, rows, columns)
    marks = (
        wrong.reshape(-1, rows, columns)
        if wrong is not None
        else torch.zeros(slices.shape, dtype=torch.bool)
    )
    tables = "".join(_table(one, mark) for one, mark in zip(slices, marks, strict=True))
    return head + tables + "</div>"


def _table(values: torch.Tensor, marks: torch.Tensor) -> str:
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="{_CELL}{_WRONG if bad else ""}">{number:.4g}</td>'
            for number, bad in zip(row.tolist(), mark.tolist(), strict=True)
        )
        + "</tr>"
        for row, mark in zip(values, marks, strict=True)
    )
    return f'<table style="border-collapse: collapse; margin: 4px 0">{body}</table>'


_CELL = (
    "border: 1px solid #d0d7de; padding: 3px 9px; text-align: right; "
    "font-family: ui-monospace, monospace; background: #ffffff;"
)
_WRONG = " background: #ffcecb; font-weight: bold;"
