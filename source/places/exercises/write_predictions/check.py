"""The hidden test of write_predictions."""

import tempfile
from pathlib import Path

import torch
from shared.memory_order import column_by_column

from autograder.checks import assignments, check, probe
from solutions.places import leaderboard as reference

REVERSED, SHUFFLED = 1, 2  # the order of the names
LISTS, TUPLE, SCATTERED = 1, 2, 3  # how names and guesses are passed
BARE, MIXED = 1, 2  # what the names look like
END, LEFT = 1, 2  # what is looked at, other than the lines


def make(draw, N, order=0, kind=0, naming=0, classes=100, as_text=0,
         old=0, what=0):  # fmt: skip
    numbers = sorted({draw.integer(1, 9_999) for _ in range(4 * N)})
    if draw.is_readable:
        numbers = range(1, 2 * N + 1)
    picked = [numbers[i] for i in sorted(draw.tensor(len(numbers)).topk(N).indices.tolist())]
    patterns = [
        ["test/{:08d}.jpg"],
        ["{:08d}.jpg"],
        ["val/a/abbey/{:08d}.jpg", "test/{:08d}.jpg", "Test/{:08d}.JPG", "{:d}.png"],
    ][naming]
    names = sorted(patterns[k % len(patterns)].format(n) for k, n in enumerate(picked))
    if order == REVERSED:
        names = names[::-1]
    if order == SHUFFLED:
        names = [names[i] for i in draw.tensor(N).argsort().tolist()]
        if names == sorted(names):
            names = names[1:] + names[:1]
    top5 = draw.tensor(N, classes).topk(5, dim=1).indices
    if N > 1:
        top5[0] = torch.tensor([classes - 1, 0, 3, 2, 1])  # the largest label and the smallest
    settings = {
        "kind": ("tensor", "lists", "tuple", "scattered")[kind], "as_text": as_text, "old": old,
        "what": ("lines", "end", "left")[what],
    }  # fmt: skip
    return names, top5, settings


@probe
def look(write_predictions, names, top5, settings):
    if settings["kind"] == "lists":
        top5 = top5.tolist()
    if settings["kind"] == "tuple":
        names = tuple(names)
    if settings["kind"] == "scattered":
        top5 = column_by_column(top5)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "predictions.txt"
        if settings["old"]:
            path.write_text("an older file\n" * 200)
        write_predictions(str(path) if settings["as_text"] else path, names, top5)
        found = [file.name for file in Path(folder).iterdir()]
        data = torch.tensor(list(path.read_bytes()), dtype=torch.uint8)
    said = {"files": found, "data": data}
    if settings["what"] == "left":
        said |= {"names": names, "top5": top5}
    return said


@look.reading
def look(found, names, top5, settings):
    text = found["data"].numpy().tobytes().decode("utf-8", "replace")
    if settings["what"] == "end":
        return {
            "newlines at the end of the file": len(text) - len(text.rstrip("\n")),
            "newlines": text.count("\n"),
            "carriage returns": text.count("\r"),
            "files written": found["files"],
            "the file": text,
        }
    if settings["what"] == "left":
        return {
            "the file": text,
            "the names that were passed, afterwards": found["names"],
            "the guesses that were passed, afterwards": found["top5"],
        }
    lines = text.splitlines()
    return {f"line {k + 1} of the file": line for k, line in enumerate(lines)} | {
        "the number of lines": len(lines)
    }


def written(names, top5, settings):
    top5 = top5.tolist() if settings["kind"] == "lists" else top5
    names = tuple(names) if settings["kind"] == "tuple" else names
    code = ['path = Path(tempfile.mkdtemp()) / "predictions.txt"']
    if settings["as_text"]:
        code.append("path = str(path)")
    if settings["old"]:
        code.append('path.write_text("an older file\\n" * 200)')
    code.append(assignments(names=names, top5=top5))
    if settings["kind"] == "scattered":
        code.append("top5 = top5.t().contiguous().t()  # another order in memory")
    code.append("write_predictions(path, names, top5)")
    look = {"lines": "", "end": ".read_bytes()", "left": ".read_text(), names, top5"}
    return "\n".join([*code, f"print(Path(path){look[settings['what']] or '.read_text()'})"])


def test(write_predictions):
    return check(
        write_predictions,
        reference.write_predictions,
        make,
        use=look,
        snippet=written,
        groups={
            "names in order already": [dict(N=3), dict(N=4, kind=LISTS)],
            "names in reverse order": dict(N=4, order=REVERSED),
            "names in any order, guesses in a tensor": [
                dict(N=5, order=SHUFFLED),
                dict(N=7, order=SHUFFLED, classes=8),
            ],
            "names in any order, guesses in lists": dict(N=6, order=SHUFFLED, kind=LISTS),
            "names in a tuple": dict(N=3, order=SHUFFLED, kind=TUPLE),
            "names without a folder, and with others": [
                dict(N=4, order=SHUFFLED, naming=BARE),
                dict(N=8, order=SHUFFLED, naming=MIXED),
            ],
            "a tensor that is not contiguous in memory": dict(N=4, order=SHUFFLED, kind=SCATTERED),
            "an older file is replaced": dict(N=3, old=1),
            "the path as text": dict(N=3, order=SHUFFLED, as_text=1),
            "a single image": [dict(N=1), dict(N=1, kind=LISTS)],
            "many images": dict(N=150, order=SHUFFLED),
            "every line ends in one newline": [dict(N=3, what=END), dict(N=1, what=END)],
            "the lists that were passed are left alone": [
                dict(N=4, order=SHUFFLED, what=LEFT),
                dict(N=4, order=SHUFFLED, kind=LISTS, what=LEFT),
                dict(N=3, order=REVERSED, kind=TUPLE, what=LEFT),
                dict(N=1, what=LEFT),
            ],
        },
        shrink=dict(N=(1, 8), classes=(5, 10)),
        extras=None,
    )
