"""What the leaderboard's server looks for in a file of predictions."""

import re
from pathlib import Path


def check_predictions(path, names, num_classes, guesses=5):
    """Return everything that is wrong with a file of predictions, one sentence each, in order.

    path: the file. Each line is a name and its guesses, best first, separated by spaces
    (``test/00000001.jpg 3 17 88 0 9``) or by commas; the comma form may begin with a header.
    names: the file names that must be there, each once, in any order. Labels are whole numbers
    from 0 to num_classes - 1. An empty list means that the server takes the file.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        return [f"{path} cannot be read: {error.strerror or error}"]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return [f"line {line}: the file is not UTF-8 text (byte {error.start + 1})"]
    if not text.strip():
        return ["the file is empty"]
    problems, seen, one_based = [], {}, 0
    wanted = set(names)
    longest = max(map(len, names), default=0) + 1000
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[-1] == "":  # the newline that ends the last line
        lines.pop()
    for number, line in enumerate(lines, 1):
        if len(line) > longest:
            problems.append(f"line {number} has more than {longest} characters")
            continue
        commas = "," in line
        parts = [part.strip() for part in line.split(",")] if commas else line.split()
        if not line.strip():
            problems.append(f"line {number} is empty")
            continue
        if number == 1 and commas and parts[0].lower() == "filename":
            continue
        name, labels = parts[0], parts[1:]
        if name not in wanted:
            problems.append(f"line {number}: there is no test image {shortened(name)}")
        elif name in seen:
            problems.append(f"line {number}: {name} is in line {seen[name]} already")
        seen.setdefault(name, number)
        if len(labels) != guesses:
            problems.append(f"line {number}: {len(labels)} labels, expected {guesses}")
        known = []
        for label in labels[: guesses + 5]:  # the count is told, so the rest is not looked at
            if not re.fullmatch("-?[0-9]{1,18}", label):
                problems.append(f"line {number}: {shortened(label)} is not a whole number")
                continue
            value = int(label)
            if not 0 <= value < num_classes:
                one_based += value == num_classes
                problems.append(
                    f"line {number}: the label {value} is not between 0 and {num_classes - 1}"
                )
            elif value in known:
                problems.append(f"line {number}: the label {value} is repeated")
            known.append(value)
    problems += [f"{name} is missing" for name in names if name not in seen]
    if one_based:
        problems.append(f"the label {num_classes} occurs: labels start at 0, not at 1")
    return problems


def shortened(text):
    """Return a piece of a file in quotes, cut where it is long."""
    return repr(text if len(text) <= 40 else text[:37] + "...")
