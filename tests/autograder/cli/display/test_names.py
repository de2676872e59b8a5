"""Names of people in the terminal: in the summary, for one student, in lists."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from autograder.cli.display.attention import attention
from autograder.cli.display.details import details
from autograder.cli.display.files import files
from autograder.cli.display.student import student
from autograder.files.unused_files import Unused, UnusedFile
from autograder.people.person import Person
from autograder.records.class_summary import summarize
from autograder.results import NotebookResult, Outcome
from autograder.runs.plan import FilesReport

PEOPLE = {
    person.id: person
    for person in (
        Person("ada", "Ada", "Lovelace"),
        Person("wu", "", "孙悟空"),
        Person("al", "محمد", "الخوارزمي"),
        Person("mal", "[red]Mal\x1b[2J", "\u202eory"),
        Person("long", "Wolfeschlegelsteinhausenbergerdorff " * 3, "Sr."),
    )
}


def broken(*students: str) -> list[NotebookResult]:
    return [
        NotebookResult(
            name, "conv", "01_convolution", (), outcome=Outcome.UNREADABLE, time_doubt="PST"
        )
        for name in students
    ]


def summary_lines(*students: str) -> list[str]:
    found = summarize("conv", broken(*students))
    return [line.plain for line in attention(found, [], 80, PEOPLE)]


def test_a_summary_names_the_first_students() -> None:
    _, unreadable, time = summary_lines("ada", "wu", "unknown")
    assert unreadable == (
        "unreadable  files of 3 students: Ada Lovelace (ada), 孙悟空 (wu), unknown"
    )
    assert "3 students: Ada Lovelace (ada), " in time


def test_a_summary_keeps_the_ids_of_people_with_long_names() -> None:
    assert summary_lines("long")[1].endswith("1 student: long")
    assert summary_lines("ada", "al", "wu", "mal")[1].endswith(", …")
    assert max(len(line) for line in summary_lines("ada", "al", "wu", "mal")) <= 80


def said(show: object, *arguments: object) -> str:
    file = io.StringIO()
    console = Console(width=200, file=file)
    show(console, *arguments)  # type: ignore[operator]
    return file.getvalue()


def test_one_student_is_shown_with_the_name() -> None:
    assert said(student, broken("ada"), {}, PEOPLE["ada"].shown).startswith(
        "Ada Lovelace (ada), conv: "
    )
    assert said(student, broken("ada"), {}).startswith("ada, conv: ")


def test_unused_files_and_unclear_times_name_their_student() -> None:
    report = FilesReport({"ada": (UnusedFile(("x.pdf",), Unused.DOCUMENT),)}, ())
    assert "Ada Lovelace (ada): " in said(files, report, PEOPLE)
    told = said(details, broken("ada", "wu"), PEOPLE)
    assert "time not clear for Ada Lovelace (ada), 孙悟空 (wu): PST" in told


def test_names_are_no_commands_of_terminals(tmp_path: Path) -> None:
    report = FilesReport({"mal": (UnusedFile(("x.pdf",), Unused.DOCUMENT),)}, ())
    for text in (
        said(files, report, PEOPLE),
        said(details, broken("mal"), PEOPLE),
        said(student, broken("mal"), {}, PEOPLE["mal"].shown),
        summary_lines("mal")[1],
    ):
        assert "[red]Mal\ufffd[2J \ufffdory (mal)" in text
        assert "\x1b[2J" not in text
        assert "\u202e" not in text
