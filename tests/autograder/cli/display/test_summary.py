from __future__ import annotations

import functools
import io
import os
import pty
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from autograder.cli.display.summary import summary
from autograder.course.layout import Course
from autograder.files.student_folders import OddFolder, Oddity
from autograder.files.unused_files import Unused, UnusedFile
from autograder.results import NotebookResult, Outcome, TestResult
from autograder.runs.plan import FilesReport
from tests.courses.class_results import LONG, WIDE, class_results

REPOSITORY = Path(__file__).resolve().parents[4]
UNUSED = FilesReport(
    {f"{LONG}{n}": (UnusedFile(("x.pdf",), Unused.DOCUMENT),) for n in range(50)},
    tuple(OddFolder(f"{WIDE}{n}", "Conv", Oddity.NEAR) for n in range(9)),
)
MISTAKES = (  # of the course, with long texts
    TestResult("test_" + "c" * 90, "e", 0.0, 2.0, Outcome.GRADER_ERROR, mistake="says 3 " * 40),
    TestResult("test_two", "e", 0.0, 2.0, Outcome.GRADER_ERROR, mistake="says [4]"),
)


def shown(
    results: Sequence[NotebookResult],
    files: FilesReport | None = None,
    width: int = 80,
    **options: Any,
) -> list[str]:
    """The lines of a summary, which is no terminal's unless ``options`` say so."""
    file = io.StringIO()
    course = Course.find(REPOSITORY)
    console = Console(width=width, file=file, **options)
    summary(console, course, results, [files] if files else [], 12.3)
    return file.getvalue().splitlines()


@functools.cache
def made_up(students: int, notebooks: str, names: tuple[str, ...]) -> list[NotebookResult]:
    exercises = 1 if students > 1_000 else 5
    return class_results(students, NOTEBOOKS[notebooks], names=names, exercises=exercises)


def lost(student: str, tests: Sequence[TestResult], assignment: str = "conv") -> NotebookResult:
    """A notebook without a verdict."""
    return NotebookResult(
        student, assignment, "01_convolution", tuple(tests), outcome=Outcome.GRADER_ERROR,
        sandbox="process",
    )  # fmt: skip


NOTEBOOKS = {
    "one": ("01_convolution",),
    "four": ("01_convolution", "02_pooling", "03_normalization", "04_lenet"),
    "many": tuple(f"{number:02}_{'学習' * number}" for number in range(1, 13)),
}


@pytest.mark.parametrize("students", [1, 3, 40, 2_000])
@pytest.mark.parametrize("notebooks", NOTEBOOKS)
@pytest.mark.parametrize("names", [(), (LONG, WIDE, "x" * 300, "line\nbreak" * 20)])
def test_a_class_of_any_size_fits_24_lines_of_80_columns(
    students: int, notebooks: str, names: tuple[str, ...]
) -> None:
    results = made_up(students, notebooks, names)
    for files in (None, UNUSED):
        lines = shown(results, files)
        assert len(lines) <= 23  # and a prompt
        assert max(map(cell_len, lines)) <= 80
        assert lines[0].startswith(f"conv: {students:,} student")
        assert lines[-1].startswith("more: autograder grade --details conv (all), --student ID")


def test_the_worst_class_with_the_longest_names_fits_and_tells_each_failure_with_its_command() -> (
    None
):
    assignment = "a" * 60
    results = class_results(300, NOTEBOOKS["many"], assignment, 2, (LONG, WIDE))
    results += [lost(f"zoe{number}", MISTAKES, assignment) for number in range(700)]
    lines = shown(results, UNUSED)
    assert len(lines) <= 24
    assert max(map(cell_len, lines)) <= 80
    text = " ".join(" ".join(lines).split())
    assert re.search(r"no verdict for [\d,]+ students, because of \d+ mistakes of the course", text)
    assert f"mend it, then: autograder release {assignment}" in text
    assert re.search(r"no verdict for [\d,]+ notebooks of [\d,]+ students: ", text)
    assert f"grade again: autograder grade {assignment}" in text
    assert f"more: autograder grade --details {assignment} (all)" in text
    assert re.search(r"by hand [\d,]+ answers of [\d,]+ students", text)
    assert "WEAK" in text


def test_a_class_without_failures_shows_points_outcomes_and_mistakes() -> None:
    wrong = TestResult("t", "conv2d", 1.0, 4.0, Outcome.PARTIAL, "conv2d.flipped")
    right = TestResult("t", "conv2d", 4.0, 4.0, Outcome.PASSED)
    results = [
        NotebookResult(name, "conv", "01_convolution", (test,), outcome=test.outcome)
        for name, test in (("ada", wrong), ("bob", right), ("cleo", wrong))
    ]
    lines = shown(results)
    assert lines[:2] == ["conv: 3 students, 3 notebooks in 12.3 s", "1 passed, 2 partial"]
    (row,) = [line for line in lines if line.startswith("01_convolution")]
    assert row.split(maxsplit=6) == ["01_convolution", "3", "2.0", "1.0", "1-4", "4", "█      ▄"]
    assert "2  conv2d.flipped" in lines
    assert "nothing needs a person" in lines


def test_the_sentence_of_a_mistake_is_shown_as_far_as_it_fits() -> None:
    from autograder.course.misconceptions import load_bank
    from autograder.course.source import load_assignment

    bundle = load_assignment(Course.find(REPOSITORY), "conv")[0]
    first = load_bank(bundle)[0]
    test = TestResult("t", first.exercise, 0.0, 4.0, Outcome.FAILED, first.id)
    lines = shown([NotebookResult("ada", "conv", bundle.name, (test,), outcome=Outcome.FAILED)])
    (told,) = [line for line in lines if first.id in line]
    start = f"1  {first.id}: "
    words = first.sentence[: 79 - len(start)].rpartition(" ")[0]
    assert told == f"{start}{words}…"


def test_a_mistake_of_the_course_has_file_cell_and_command() -> None:
    lines = shown([lost("ada", MISTAKES[1:]), lost("bob", MISTAKES[1:])])
    at = lines.index("course      no verdict for 2 students, because of a mistake of the course")
    assert [line.strip() for line in lines[at + 1 : at + 3]] == [
        "in source/conv/01_convolution.py, cell test_two: says [4]",
        "mend it, then: autograder release conv",
    ]
    assert not any("grade again" in line for line in lines)


def test_a_name_with_spaces_is_quoted_in_commands() -> None:
    failed = TestResult("t", "e", 0.0, 2.0, Outcome.GRADER_ERROR, log="why\nMemoryError: [x]\n\n")
    lines = shown([lost("ada", [failed], "my conv")])
    assert "            grade again: autograder grade 'my conv' (MemoryError: [x])" in lines


def test_files_and_times_are_counted() -> None:
    unused = {"ada": (UnusedFile(("x.pdf",), Unused.DOCUMENT),) * 2}
    files = FilesReport(unused, (OddFolder("near", "Conv", Oddity.NEAR),))
    doubt = NotebookResult("ada", "conv", "01_convolution", (), time_doubt="it says PST")
    lines = shown([doubt], files)
    assert "time        of hand-in not clear for 1 student: ada" in lines
    assert "not used    2 files of 1 student: ada; 1 folder, such as near/Conv" in lines


@pytest.mark.parametrize("width", [1, 8, 20, 36, 50, 72])
def test_a_narrow_terminal_cuts_lines_and_breaks_nothing(width: int) -> None:
    lines = shown(class_results(40, names=(LONG, WIDE)), UNUSED, width)
    assert max(map(cell_len, lines)) <= max(width, 2)
    if width == 72:  # the log of formgrader
        assert len(lines) <= 24
    if width >= 20:
        text = " ".join(" ".join(lines).split())
        assert "grade again: autograder grade conv" in text and "--details conv" in text


def test_without_a_terminal_it_is_plain_text_of_80_columns() -> None:
    lines = shown(class_results(40), UNUSED, width=200)
    assert max(map(cell_len, lines)) <= 80
    assert "\x1b" not in "".join(lines)
    assert "\x1b[1m" in "".join(shown(class_results(40), force_terminal=True))


def test_names_cannot_command_a_terminal_and_markup_is_shown() -> None:
    evil = lost("a\x1b]0;owned\x07[red]", [], "[bold]t")
    text = "\n".join(shown([evil], FilesReport({"\x1b[2J\u202ey": UNUSED.unused[f"{LONG}0"]}, ())))
    assert not set(text) & {"\x1b", "\x07", "\u202e"}
    assert "[red]" in text and "[bold]t" in text


SHOW = """
import sys
sys.path.insert(0, {root!r})
from tests.autograder.cli.display.test_summary import UNUSED, Course, Path, REPOSITORY, class_results
from autograder.cli import consoles
from autograder.cli.display.summary import summary
consoles.replace_unknown_characters()
summary(consoles.console, Course.find(REPOSITORY), class_results(40), [UNUSED], 1.0)
"""


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_terminal_of_24_lines_shows_all_of_it(encoding: str) -> None:
    ours, theirs = pty.openpty()
    environment = {
        "PATH": os.environ["PATH"], "TERM": "xterm", "COLUMNS": "80", "LINES": "24",
        "PYTHONIOENCODING": encoding,
    }  # fmt: skip
    code = SHOW.format(root=str(REPOSITORY))
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.STDOUT, env=environment) as run:
        os.close(theirs)
        data = b""
        while chunk := _read(ours):
            data += chunk
        assert run.wait() == 0, data.decode()
    text = re.sub(r"\x1b\[[\d;]*m", "", data.decode())
    lines = text.splitlines()
    assert len(lines) <= 23 and max(map(cell_len, lines)) <= 80
    assert ("█" in text) == (encoding == "utf-8")
    assert ("@" in lines[4] or "@" in lines[5]) == (encoding == "ascii")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the other side was closed
        return b""
