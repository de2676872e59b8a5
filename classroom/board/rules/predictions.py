"""A file of predictions, read strictly: all of its problems, or its guesses as an array.

The sentences are those of the check in the students' notebook; a test compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from classroom.errors import Problem

MOST_PROBLEMS = 100  # told one by one; the rest is counted
SPARE_WORK = 5_000  # lines and odd labels that are looked at beyond what a right file has
LINE_SPARE = 1_000  # characters a line may have beyond the longest name
MORE_LABELS = 5  # labels of a line that are looked at beyond those that are expected
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

BLANK, NEWLINE = ord(" "), ord("\n")
MOST_DIGITS = 5  # a label has at most four

Guesses = npt.NDArray[np.int16]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Form:
    """What a file must hold: these pictures, each with so many different labels below ``classes``.

    Names hold neither blanks nor commas.
    """

    names: tuple[str, ...]
    classes: int
    guesses: int = 5

    @cached_property
    def index(self) -> dict[bytes, int]:
        """Where each name stands, by its bytes."""
        return {name.encode(): at for at, name in enumerate(self.names)}

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each name stands."""
        return {name: at for at, name in enumerate(self.names)}

    @cached_property
    def usual_labels(self) -> dict[str, int]:
        """The labels in their usual spelling."""
        return {str(label): label for label in range(self.classes)}

    @cached_property
    def longest_name(self) -> int:
        """How many characters the longest name has."""
        return max(map(len, self.names))

    @cached_property
    def name_letters(self) -> npt.NDArray[np.uint8] | None:
        """The names as bytes, a row each, if all have the same length."""
        width = {len(name) for name in self.index}
        if len(width) > 1:
            return None
        return np.frombuffer(b"".join(self.index), np.uint8).reshape(len(self.names), *width)


@dataclass(frozen=True)
class Reading:
    """What came of a file: guesses (N, guesses) in the order of the names, or what is wrong."""

    guesses: Guesses | None
    problems: list[Problem]
    more: int = 0  # problems beyond those listed
    stopped: bool = False  # the rest of the file was not looked at: there may be more still


def read_predictions(data: bytes, form: Form) -> Reading:
    """Return the guesses of a file, or every problem that it has."""
    guesses = _read_plain(data, form)
    if guesses is not None:
        return Reading(guesses, [])
    return _read_slowly(data, form)


def _read_plain(data: bytes, form: Form) -> Guesses | None:
    """Return the guesses of a tidy file, or None: then the slow reader decides.

    Takes only what the slow reader takes: one blank or one comma between fields all through, and
    labels in their usual spelling. Two hundred files at once are read in this way.
    """
    pictures = len(form.names)
    if not pictures - 1 <= data.count(b"\n") <= pictures + 1:  # one more is a header
        return None  # before anything is copied
    data = data.removeprefix(BYTE_ORDER_MARK)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    if b"," in data:
        if b" " in data:
            return None
        first, _, rest = data.partition(b"\n")
        data = rest if first.lower().startswith(b"filename,") else data
        data = data.replace(b",", b" ")
    data = data if data.endswith(b"\n") else data + b"\n"
    if data.count(b" ") + data.count(b"\n") != pictures * (form.guesses + 1):
        return None
    letters = np.frombuffer(data, np.uint8)
    all_ends = np.flatnonzero((letters == BLANK) | (letters == NEWLINE))
    ends = all_ends.reshape(pictures, form.guesses + 1)
    if (letters[ends[:, :-1]] != BLANK).any() or (letters[ends[:, -1]] != NEWLINE).any():
        return None
    begins = np.concatenate([[0], ends[:-1, -1] + 1])
    order = _order(data, letters, begins, ends[:, 0], form)
    guesses = _numbers(letters, ends[:, :-1] + 1, ends[:, 1:], form.classes)
    if order is None or guesses is None:
        return None
    sorted_guesses = np.empty_like(guesses)
    sorted_guesses[order] = guesses
    in_order = np.sort(guesses, axis=1)
    return None if (in_order[:, 1:] == in_order[:, :-1]).any() else sorted_guesses


def _order(
    data: bytes, letters: npt.NDArray[np.uint8], begins: Places, ends: Places, form: Form
) -> Places | None:
    """Return where the name of each line stands in the form, None if some are not there."""
    wanted = form.name_letters
    if wanted is not None and (ends - begins == wanted.shape[1]).all():
        if (letters[begins[:, None] + np.arange(wanted.shape[1])] == wanted).all():
            return np.arange(len(form.names))
    names = [data[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
    try:
        order = list(map(form.index.__getitem__, names))
    except KeyError:
        return None
    return np.array(order) if len(set(order)) == len(order) else None


def _numbers(
    letters: npt.NDArray[np.uint8], begins: Places, ends: Places, classes: int
) -> Guesses | None:
    """Return the numbers that are written at these places, None if one has an odd spelling."""
    lengths = ends - begins
    if lengths.min() < 1 or lengths.max() > MOST_DIGITS:
        return None
    numbers = np.zeros(lengths.shape, np.int32)
    for place in range(int(lengths.max())):
        digits = letters[np.maximum(ends - 1 - place, 0)].astype(np.int32) - ord("0")
        there = lengths > place
        if (there & ((digits < 0) | (digits > 9))).any():
            return None
        numbers += np.where(there, digits * 10**place, 0)
    leading = (letters[begins] == ord("0")) & (lengths > 1)
    if leading.any() or numbers.max() >= classes:
        return None
    return numbers.astype(np.int16)


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
    """What may still be spent on a file with mistakes: a unit a line, a unit a wrong label.

    A right file needs none of the spare units, so only files with thousands of mistakes stop early.
    """

    def __init__(self, form: Form) -> None:
        self.left = len(form.names) + SPARE_WORK
        self.spellings: dict[str, int] = {}  # right labels in odd spellings, such as 007

    def spend(self) -> bool:
        """Return whether one more unit was there."""
        self.left -= 1
        return self.left >= 0


def _read_slowly(data: bytes, form: Form) -> Reading:
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
        # Worth more than the hundredth repetition of what it explains.
        if found.count >= MOST_PROBLEMS:
            found.first.pop()
            found.first.append(Problem(hint))
            found.count += 1
        else:
            found.add(hint)
    return found.reading() if found.count else Reading(guesses, [])


def _lines(text: str, longest: int) -> Iterator[tuple[int, str]]:
    """Yield each line with its number; of a line that is too long only so much as shows it."""
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
    """Return the whole numbers among the labels of a line, in order; add what is wrong."""
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
    """Return the number that a label is, and what is wrong with it."""
    if not re.fullmatch("-?[0-9]{1,18}", label):
        return None, f"{shortened(label)} is not a whole number"
    value = int(label)
    if not 0 <= value < form.classes:
        return value, f"the label {value} is not between 0 and {form.classes - 1}"
    return value, f"the label {value} is repeated" if value in known else None


def shortened(text: str) -> str:
    """Return a piece of a file in quotes, cut where it is long."""
    return repr(text if len(text) <= 40 else text[:37] + "...")
