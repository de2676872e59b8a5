"""A roster from a file: each row as a person, and the rows that cannot be one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.errors import UsageError
from autograder.files.student_folders import is_student
from autograder.people.files.columns import (
    ID_KINDS,
    OTHER_IDS,
    Columns,
    columns_of,
    find_column,
    recognised,
)
from autograder.people.files.table_file import Row, read_table
from autograder.people.person import Person

KINDS = OTHER_IDS
MAX_ID = 128  # characters, the width of nbgrader's column
MAX_ID_BYTES = 200  # of a folder's name
_MOST_TOLD = 20  # problems
_HEADING_ROWS = 10  # the headings stand in one of the first rows
_STAFF = re.compile(
    r"\b(teacher|instructor|professor|ta|teaching assistant|designer|observer|reader|manager|tutor|"
    r"grader|dozent|dozierende|lehrende|lehrer|trainer|betreuer|verwalter)",
    re.IGNORECASE,
)
_STUDENT = re.compile(r"student|studierende|teilnehm|participant|learner", re.IGNORECASE)
_TEST_STUDENT = {"student, test", "test student"}
_POSTING = re.compile(r"\s*(muted|manual posting.*)?\s*", re.IGNORECASE)


@dataclass
class RosterFile:
    """A roster that was read.

    ``layout`` says who wrote it, ``id_heading`` which column became the id. ``lines`` are the first
    lines of people by id. ``remarks`` tell about rows that were left out or joined.
    """

    layout: str
    id_heading: str
    people: dict[str, Person] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def read_roster(path: Path, id_column: str = "") -> RosterFile:
    """The people in a file.

    ``id_column`` names the column that becomes the id. Without it, the first kind of ``ID_KINDS``
    that has an entry in some row is taken. Raises UsageError with the lines of all problems.
    """
    rows = read_table(path, recognised)
    head = max(rows[:_HEADING_ROWS], key=lambda row: recognised(row.cells))
    columns = columns_of(head.cells)
    wanted = id_column and find_column(head.cells, id_column)
    if id_column and wanted is None:
        raise UsageError(f"{path} has no column {id_column!r}. {_listed(head)}")
    found = RosterFile(columns.layout.value, "")
    people = list(_student_rows(found, columns, (row for row in rows if row.line > head.line)))
    position = wanted if isinstance(wanted, int) else _id_position(columns, people)
    if position is None:
        raise UsageError(
            f"{path} has no column that can be an id, such as {_usual()}. {_listed(head)} "
            "Choose one with --id COLUMN"
        )
    found.id_heading = head.cells[position]
    problems = list(_take(found, columns, people, position))
    if problems:
        more = len(problems) - _MOST_TOLD
        told = "".join(f"\n  {one}" for one in problems[:_MOST_TOLD])
        rest = f"\n  and {more} more" if more > 0 else ""
        raise UsageError(
            f"{path} was not imported. The ids stand in its column {found.id_heading!r}; another "
            f"one can be chosen with --id COLUMN. Mend these lines:{told}{rest}"
        )
    if not found.people:
        raise UsageError(f"{path} holds no students")
    return found


def id_problem(student: str) -> str:
    """The reason why an id cannot be the name of a student's folder; empty if it can."""
    if not student:
        return "no id"
    shown = repr(student if len(student) <= 60 else f"{student[:60]}…")
    if len(student) > MAX_ID or len(student.encode()) > MAX_ID_BYTES:
        return f"the id {shown} is too long ({len(student)} characters)"
    if student in (".", "..") or any(sign in student for sign in "/\\"):
        return f"the id {shown} cannot be the name of a folder"
    if any(unicodedata.category(sign) in ("Cc", "Zl", "Zp", "Cs") for sign in student):
        return f"the id {shown} holds a control character"
    if not is_student(student):
        return f"the id {shown} is the name of another program's folder"
    return ""


def alike(student: str) -> str:
    """A form that is the same for ids that differ only by upper and lower case or by accents' form.

    Such ids share one folder on Windows and macOS.
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", student).casefold())


def _student_rows(found: RosterFile, columns: Columns, rows: Iterable[Row]) -> Iterator[Row]:
    """The rows of students; remarks name the others."""
    staff: list[str] = []
    for row in rows:
        name, role = _name_cell(columns, row), columns.cell(row.cells, "role")
        if columns.layout.is_canvas and "points possible" in name.casefold():
            continue
        if columns.layout.is_canvas and all(_POSTING.fullmatch(cell) for cell in row.cells):
            continue
        if columns.layout.is_canvas and name.casefold() in _TEST_STUDENT:
            found.remarks.append(f"line {row.line}: Canvas's test student was left out")
        elif _STAFF.search(role) and not _STUDENT.search(role):
            staff.append(f"line {row.line}: {name or 'somebody'} ({role})")
        else:
            yield row
    if staff:
        rest = f" and {len(staff) - 3} more" if len(staff) > 3 else ""
        found.remarks.append(f"not students, left out: {'; '.join(staff[:3])}{rest}")


def _id_position(columns: Columns, rows: Sequence[Row]) -> int | None:
    """The column that becomes the id: the first kind of ID_KINDS with an entry."""
    for kind in ID_KINDS:
        if any(columns.cell(row.cells, kind) for row in rows):
            return columns.positions[kind]
    there = [kind for kind in ID_KINDS if kind in columns.positions]
    return columns.positions[there[0]] if there else None


def _take(found: RosterFile, columns: Columns, rows: Sequence[Row], position: int) -> Iterator[str]:
    """Add the people of these rows; yields the problems with their lines."""
    by_form: dict[str, str] = {}
    for row in rows:
        person = _person(columns, row, position)
        if problem := id_problem(person.id):
            name = f" of {person.name}" if person.name and not person.id else ""
            yield f"line {row.line}: {problem}{name}"
            continue
        other = by_form.setdefault(alike(person.id), person.id)
        first = found.people.get(person.id)
        if other != person.id:
            yield (
                f"line {row.line}: the id {person.id!r} differs from {other!r} in line "
                f"{found.lines[other]} only by upper and lower case"
            )
        elif first is None:
            found.people[person.id] = person
            found.lines[person.id] = row.line
        elif _is_other(first, person):
            yield (
                f"line {row.line}: {person.name or person.email} has the id {person.id!r}, as "
                f"{first.name or first.email} in line {found.lines[person.id]}"
            )
        else:
            found.people[person.id] = _joined(first, person)
            found.remarks.append(
                f"line {row.line}: {person.shown} again, as in line {found.lines[person.id]}; "
                "taken once"
            )


def _is_other(one: Person, other: Person) -> bool:
    """Whether two rows with one id are different people."""
    pairs = ((one.name, other.name), (one.email, other.email))
    return any(a and b and a.casefold() != b.casefold() for a, b in pairs)


def _joined(one: Person, other: Person) -> Person:
    """One person of two rows: a student of two sections."""
    sections = dict.fromkeys(part for part in (one.section, other.section) if part)
    return replace(
        one,
        first_name=one.first_name or other.first_name,
        last_name=one.last_name or other.last_name,
        email=one.email or other.email,
        section=", ".join(sections),
        other_ids={**other.other_ids, **one.other_ids},
    )


def _person(columns: Columns, row: Row, position: int) -> Person:
    student = row.cells[position] if position < len(row.cells) else ""
    first, last = (cleaned(columns.cell(row.cells, kind)) for kind in ("first", "last"))
    if not first and not last:
        first, last = split_name(cleaned(columns.cell(row.cells, "name")))
    others = {kind: cleaned(columns.cell(row.cells, kind)) for kind in OTHER_IDS}
    return Person(
        cleaned_id(student),
        first,
        last,
        cleaned(columns.cell(row.cells, "email")),
        cleaned(columns.cell(row.cells, "section")),
        {kind: text for kind, text in others.items() if text},
    )


def _name_cell(columns: Columns, row: Row) -> str:
    parts = [columns.cell(row.cells, kind) for kind in ("name", "last", "first")]
    return cleaned(parts[0] or ", ".join(part for part in parts[1:] if part))


def split_name(name: str) -> tuple[str, str]:
    """First and last name of a full name.

    ``Lovelace, Ada`` is split at the comma, ``Ada Lovelace`` before the last word. One word is a
    last name.
    """
    if "," in name:
        last, _, first = name.partition(",")
        return first.strip(), last.strip()
    first, _, last = name.rpartition(" ")
    return first, last


def cleaned(text: str) -> str:
    """Text in one line and in Unicode's composed form, without control and direction characters."""
    text = unicodedata.normalize("NFC", text)
    kept = (" " if c in "\t\r\n" else c for c in text if c in "\t\r\n" or not _is_control(c))
    return " ".join("".join(kept).split())


def cleaned_id(text: str) -> str:
    """An id in Unicode's composed form; Excel's ``="007"`` is 007."""
    text = unicodedata.normalize("NFC", text.strip())
    quoted = re.fullmatch(r'="([^"]*)"', text)
    return quoted[1].strip() if quoted else text


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cs") or sign in _DIRECTION


_DIRECTION = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff"


def _listed(head: Row) -> str:
    return f"Its columns are: {', '.join(repr(cell) for cell in head.cells[:12] if cell)}."


def _usual() -> str:
    return "id, username, SIS Login ID, ID number, SID, Matrikelnummer or email"
