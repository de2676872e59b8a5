"""The file of labels: the pictures of the test set and their classes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from classroom.errors import BadFile, ClassroomError, Problem

MOST_CLASSES = 10_000


@dataclass(frozen=True)
class Labels:
    """Names and classes, in the order of the file."""

    names: tuple[str, ...]
    classes: npt.NDArray[np.int16]


def read_labels(path: Path) -> Labels:
    """Return the labels of a file with lines like ``test/00000001.jpg 17``.

    Raises BadFile with every problem, ClassroomError if the file cannot be read.
    """
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ClassroomError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BadFile(str(path), [Problem("the file is not UTF-8 text")]) from error
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        parts = line.split()
        if not parts:
            continue
        problem = None
        if len(parts) != 2:
            problem = f"line {number}: expected a name and a label, found {len(parts)} fields"
        elif "," in parts[0]:
            problem = f"line {number}: the name {shortened(parts[0])} holds a comma"
        elif parts[0] in seen:
            problem = f"line {number}: {shortened(parts[0])} is there twice"
        elif not re.fullmatch("[0-9]{1,9}", parts[1]) or int(parts[1]) >= MOST_CLASSES:
            problem = (
                f"line {number}: the label {shortened(parts[1])} is not a whole number from 0 "
                f"to {MOST_CLASSES - 1}"
            )
        else:
            seen[parts[0]] = int(parts[1])
        if problem:
            problems.append(Problem(problem, number))
    if not problems and len(seen) < 2:
        problems.append(Problem("at least two pictures are needed, one public and one private"))
    if problems:
        raise BadFile(str(path), problems[:100], max(0, len(problems) - 100))
    return Labels(tuple(seen), np.array(list(seen.values()), np.int16))


def shortened(text: str) -> str:
    """Return a piece of a file in quotes, shortened to 40 characters."""
    return repr(text if len(text) <= 40 else text[:37] + "...")
