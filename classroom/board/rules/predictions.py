"""The strict reader of prediction files: guesses as an array, or every problem of the file.

The check in the students' notebook uses the same sentences; a test compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from classroom.board.rules.form import Form, Guesses
from classroom.board.rules.labels import shortened
from classroom.board.rules.tidy import read_tidy
from classroom.errors import Problem

MOST_PROBLEMS = 100  # listed one by one; the others are counted
SPARE_WORK = 5_000  # lines and odd labels that are read beyond the number in a right file
LINE_SPARE = 1_000  # characters a line may have beyond the longest name
MORE_LABELS = 5  # labels of a line that are read beyond the expected number


@dataclass(frozen=True)
class Reading:
    """The result of reading a file: guesses (N, guesses) in the order of the names, or problems."""

    guesses: Guesses | None
    problems: list[Problem]
    more: int = 0  # further problems that are not listed
    stopped: bool = False  # reading ended early: there may be further problems


def read_predictions(data: bytes, form: Form) -> Reading:
    """Return the guesses of a file, or every problem of the file."""
    guesses = read_tidy(data, form)
    if guesses is not None:
        return Reading(guesses, [])
    return read_slowly(data, form)


class _Problems:
    """Keeps the first problems and counts the others."""

    def __init__(self) -> None:
        self.first: list[Problem] = []
        self.count = 0
        self.stopped = False

    def add(self, detail: str, line: int | None = None) -> None:
        self.count += 1
        if len(self.first) < MOST_PROBLEMS:
            self.first.append(Problem(detail, line))

    def reading(self) -> Reading:
        return Reading(None, self.first, self.count - len(self.first), self.stopped)


class _Work:
    """The remaining budget for a file with mistakes: one unit per line and per wrong label.

    A right file needs no spare units, so reading stops early only after thousands of mistakes.
    """

    def __init__(self, form: Form) -> None:
        self.left = len(form.names) + SPARE_WORK
        self.spellings: dict[str, int] = {}  # right labels in odd spellings, such as 007

    def spend(self) -> bool:
        """Use one unit; return whether it was available."""
        self.left -= 1
        return self.left >= 0


def read_slowly(data: bytes, form: Form) -> Reading:
    """Return the guesses of a file or its problems, line by line: the rules of the format."""
    found = _Problems()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad = data.count(b"\n", 0, error.start) + 1
        found.add(f"line {bad}: the file is not UTF-8 text (byte {error.start + 1})", bad)
        return found.reading()
    if not text or text.isspace():
        found.add("the file is empty")
        return found.reading()
    guesses = np.zeros((len(form.names), form.guesses), np.int16)
    seen: dict[str, int] = {}
    work = _Work(form)
    longest = form.longest_name + LINE_SPARE
    one_based = False
    for number, line in _lines(text, longest):
        if not work.spend():
            found.stopped = True
            break
        if len(line) > longest:
            found.add(f"line {number} has more than {longest} characters", number)
            continue
        commas = "," in line
        parts = [part.strip() for part in line.split(",")] if commas else line.split()
        if not parts or (commas and not line.strip()):
            found.add(f"line {number} is empty", number)
            continue
        if number == 1 and commas and parts[0].lower() == "filename":
            continue
        name, labels = parts[0], parts[1:]
        if name not in form.places:
            found.add(f"line {number}: there is no test image {shortened(name)}", number)
        elif name in seen:
            found.add(f"line {number}: {name} is in line {seen[name]} already", number)
        else:
            seen[name] = number
        if len(labels) != form.guesses:
            found.add(f"line {number}: {len(labels)} labels, expected {form.guesses}", number)
        known = _known(labels[: form.guesses + MORE_LABELS], number, form, found, work)
        one_based = one_based or form.classes in known
        if found.stopped:
            break
        if not found.count:
            guesses[form.places[name]] = list(known)
    if not found.stopped:
        for name in form.names:
            if name not in seen:
                found.add(f"{name} is missing")
    if one_based:
        hint = f"the label {form.classes} occurs: labels start at 0, not at 1"
        # This hint replaces the hundredth problem: it explains the others.
        if found.count >= MOST_PROBLEMS:
            found.first.pop()
            found.first.append(Problem(hint))
            found.count += 1
        else:
            found.add(hint)
    return found.reading() if found.count else Reading(guesses, [])


def _lines(text: str, longest: int) -> Iterator[tuple[int, str]]:
    """Yield each line with its number; a line that is too long is cut just above the limit."""
    number, start = 0, 0
    while start < len(text):
        end = text.find("\n", start)
        stop = len(text) if end < 0 else end
        if end > start and text[end - 1] == "\r":
            stop -= 1
        number += 1
        yield number, text[start : min(stop, start + longest + 1)]
        start = len(text) if end < 0 else end + 1


def _known(
    labels: list[str], number: int, form: Form, found: _Problems, work: _Work
) -> dict[int, None]:
    """Return the whole numbers among the labels of a line, in order; add the problems found."""
    known: dict[int, None] = {}
    for label in labels:
        value = form.usual_labels.get(label)
        if value is None:
            value = work.spellings.get(label)
        if value is not None and value not in known:
            known[value] = None
            continue
        value, problem = _look_at(label, known, form)
        if value is not None:
            known[value] = None
        if problem is None and value is not None:
            work.spellings[label] = value
        elif work.spend():
            found.add(f"line {number}: {problem}", number)
        else:
            found.stopped = True
            break
    return known


def _look_at(label: str, known: dict[int, None], form: Form) -> tuple[int | None, str | None]:
    """Return the number of a label, and its problem if it has one."""
    if not re.fullmatch("-?[0-9]{1,18}", label):
        return None, f"{shortened(label)} is not a whole number"
    value = int(label)
    if not 0 <= value < form.classes:
        return value, f"the label {value} is not between 0 and {form.classes - 1}"
    return value, f"the label {value} is repeated" if value in known else None
