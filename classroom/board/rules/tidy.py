"""The fast reader for tidy prediction files: it reads the whole file as one array."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from classroom.board.rules.form import Form, Guesses

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BLANK, NEWLINE = ord(" "), ord("\n")
MOST_DIGITS = 5  # a label has at most four

Places = npt.NDArray[np.intp]


def read_tidy(data: bytes, form: Form) -> Guesses | None:
    """Return the guesses of a tidy file; None if the slow reader must decide.

    A tidy file has one blank or one comma between all fields, and labels in their usual spelling.
    The slow reader accepts every such file too. A class that hands in at once needs the speed.
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
    """Return the position in the form of each line's name; None if a name is unknown."""
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
    """Return the numbers at these places; None if a number has an odd spelling."""
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
