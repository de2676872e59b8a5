"""Reading files of predictions: by the same rules, in the same words, as the students' check."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from classroom.board.rules.form import Form
from classroom.board.rules.predictions import read_predictions, read_slowly
from classroom.board.rules.tidy import read_tidy
from source.shared import submission_file

NAMES = ("a/1.jpg", "a/2.jpg", "filename", "b.jpg")
FORM = Form(NAMES, 7)
GOOD = "".join(f"{name} 4 1 6 3 5\n" for name in NAMES)

labels = st.sampled_from(
    ["0", "1", "2", "3", "4", "5", "6", "7", "8", "-1", "-0", "007", "4.0", "x", "", "٤", "1_0"]
)
good_labels = st.permutations([str(label) for label in range(7)]).map(lambda all_: all_[:5])
names = st.sampled_from([*NAMES, "c.jpg", "", "Filename", "\u2028"])


@st.composite
def line(draw: st.DrawFn) -> str:
    fields = [
        draw(names),
        *draw(st.one_of(good_labels, good_labels, st.lists(labels, max_size=7))),
    ]
    text = draw(st.sampled_from([" ", ",", ", ", "  ", "\t", " \t", "\u00a0"])).join(fields)
    return text + draw(st.sampled_from(["", "", "", " ", "\r", "\x85", "\x0c"]))


@st.composite
def tidy(draw: st.DrawFn) -> str:
    """A file that is right but for a few edits."""
    separator = draw(st.sampled_from([" ", ","]))
    rows = [
        separator.join([name, *draw(good_labels)]) for name in draw(st.permutations(list(NAMES)))
    ]
    if separator == "," and draw(st.booleans()):
        rows.insert(0, draw(st.sampled_from(["filename,a,b,c,d,e", "FileName,x", " filename ,"])))
    for _ in range(draw(st.integers(0, 2))):
        rows[draw(st.integers(0, len(rows) - 1))] = draw(line())
    return draw(st.sampled_from(["\n", "\r\n"])).join(rows)


files = st.one_of(
    tidy(), tidy(), st.lists(line(), max_size=6).map("\n".join), st.text(max_size=60)
).flatmap(
    lambda text: st.sampled_from(
        [
            text.encode("utf-8", "surrogatepass"),
            text.encode("utf-8", "surrogatepass") + b"\n",
            b"\xef\xbb\xbf" + text.encode("utf-8", "surrogatepass"),
            text.encode("utf-16", "surrogatepass"),
            text.encode("latin-1", "replace"),
        ]
    )
)


def students_check(data: bytes) -> list[str]:
    with tempfile.NamedTemporaryFile(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as file:
        Path(file.name).write_bytes(data)
        found: list[str] = submission_file.check_predictions(file.name, NAMES, 7)
        return found


@settings(deadline=None)  # a busy machine is no fault
@given(files)
@example(GOOD.encode())
@example(b"")
@example(b"\xef\xbb\xbf")
@example(("filename,1,2,3,4,5\n" + GOOD.replace(" ", ",")).encode())
@example(GOOD.replace("4", "7").encode())
@example(GOOD.replace("5\n", f"5{' ' * 985}\n", 1).encode())
@example(GOOD.replace("5\n", f"5{' ' * 986}\n", 1).encode())
@example(GOOD.replace("5\n", f"5{' ' * 2000}\r\n", 1).encode())
@example(GOOD.replace("5\n", f"5{' 9' * 30}\n", 1).encode())
@example((GOOD + "x" * 5000).encode())
def test_the_server_says_what_the_students_check_says(data: bytes) -> None:
    reading = read_predictions(data, FORM)
    assert [problem.detail for problem in reading.problems] == students_check(data)
    assert (reading.guesses is not None) == (not reading.problems)
    for problem in reading.problems:
        if problem.detail.startswith("line "):
            assert problem.detail.startswith(f"line {problem.line}")


@settings(deadline=None)  # a busy machine is no fault
@given(tidy(), st.booleans())
def test_the_fast_reader_and_the_slow_one_agree(text: str, even: bool) -> None:
    form = FORM
    if even:  # names of one length are compared in another way
        text = text.replace("filename", "c/3.jpg").replace("b.jpg", "d/4.jpg")
        form = Form(("a/1.jpg", "a/2.jpg", "c/3.jpg", "d/4.jpg"), 7)
    fast = read_tidy(text.encode(), form)
    slow = read_slowly(text.encode(), form)
    if fast is not None:
        assert slow.guesses is not None
        assert (fast == slow.guesses).all()


@pytest.mark.parametrize("separator", [" ", ",", ", ", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_guesses_come_back_in_the_order_of_the_names(separator: str, end: str) -> None:
    random = np.random.default_rng(3)
    names = tuple(f"test/{number}.jpg" for number in range(500))
    guesses = np.argsort(random.random((500, 100)), axis=1)[:, :5]
    rows = [separator.join([n, *map(str, g)]) for n, g in zip(names, guesses, strict=True)]
    shuffled = [rows[at] for at in random.permutation(500)]
    reading = read_predictions(end.join(shuffled).encode(), Form(names, 100))
    assert reading.problems == []
    assert reading.guesses is not None
    assert (reading.guesses == guesses).all()


def test_a_tidy_file_takes_the_fast_way() -> None:
    assert read_tidy(GOOD.encode(), FORM) is not None
    assert read_tidy(GOOD.replace(" ", ",").encode(), FORM) is not None


def test_problems_beyond_the_hundredth_are_counted_and_the_explanation_is_kept() -> None:
    form = Form(tuple(f"{number}.jpg" for number in range(300)), 7)
    text = "".join(f"{name} 7 1 2 3 4\n" for name in form.names)
    reading = read_predictions(text.encode(), form)
    assert len(reading.problems) == 100
    assert reading.more == 201
    assert reading.problems[-1].detail == "the label 7 occurs: labels start at 0, not at 1"


@pytest.mark.parametrize("count", [1, 3])
def test_a_form_may_ask_for_fewer_guesses(count: int) -> None:
    form = Form(("a", "b"), 4, count)
    text = "".join(" ".join([name, *"0123"[:count]]) + "\n" for name in "ba")
    reading: Any = read_predictions(text.encode(), form)
    assert reading.guesses.shape == (2, count)
