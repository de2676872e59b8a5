"""A registration on the command line: the cells that change and the entries that are lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.cli.display.text import escape, near, shortened

if TYPE_CHECKING:  # these load nbgrader, for which `autograder --help` need not wait
    from autograder.registration.differences import Difference, Entered
    from autograder.registration.registration import Registration

_MOST_SHOWN = 60  # columns of a comment that is quoted


def registered(console: Console, done: Registration) -> None:
    """The changes to submissions; prints nothing if there are none."""
    if not done.reaches_submissions:
        return
    count = _counted(done.submissions, "submission")
    console.print(
        f"  gradebook: cells of {escape(done.assignment)} changed, with {count} recorded:"
    )
    _print_differences(console, done)
    if done.backup is not None:
        path = escape(near(done.backup))
        console.print(f"  gradebook: {path} is a copy from before the change", soft_wrap=True)
    command = f"autograder grade {done.assignment}"
    console.print(f"  next: `{escape(command)}` brings the points up to date", soft_wrap=True)


def planned(console: Console, found: Registration) -> None:
    """The changes of a planned registration."""
    if not found.differences:
        console.print("  gradebook: no change")
        return
    count = _counted(found.submissions, "submission")
    console.print(f"  gradebook: these cells would change, with {count} recorded:")
    _print_differences(console, found)
    if found.reaches_submissions:
        console.print("  gradebook: a copy would be made before the change")


def _print_differences(console: Console, found: Registration) -> None:
    texts = 0
    for one in found.differences:
        if one.effect == "text":
            texts += 1
            continue
        for line in _lines(one):
            console.print(f"    {escape(line)}", soft_wrap=True)
    if texts:
        console.print(f"    new text in {_counted(texts, 'cell')}")


def _lines(one: Difference) -> Iterator[str]:
    name = f"{one.notebook}: {one.cell}" if one.cell else f"{one.notebook}: the notebook"
    yield f"{name}: {_what_changes(one)}"
    for entered in one.lost:
        yield f"  lost: {_said(entered)}"
    for entered in one.over:
        yield f"  kept, though more than the cell is worth: {_said(entered)}"
    if one.kept:
        verb = "waits" if len(one.kept) == 1 else "wait"
        yield f"  {_counted(len(one.kept), 'manual grade')} kept, {verb} for another look"


def _what_changes(one: Difference) -> str:
    before, after = _points(one.before), _points(one.after)
    if one.effect == "added":
        return "added" + (f", {after}" if after else "")
    if one.effect == "removed":
        return "removed" + (f", {before}" if before else "")
    if one.effect == "points":
        return f"{before} before, {after} now"
    if one.before == one.after:
        return "graded in another way"
    return f"graded in another way, {before or 'no points'} before, {after or 'no points'} now"


def _points(points: float | None) -> str:
    return "" if points is None else f"{points:g} point{'s' * (points != 1)}"


def _said(entered: Entered) -> str:
    """A student's entries in one line."""
    parts = [_points(entered.points)] if entered.points is not None else []
    if entered.extra_credit is not None:
        parts.append(f"extra credit {entered.extra_credit:g}")
    if entered.comment:
        parts.append(f"the comment “{shortened(entered.comment, _MOST_SHOWN)}”")
    return f"{entered.student}: {', '.join(parts)}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
