"""The roster's files: a CSV of students to read, a CSV of tokens to write."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from classroom.errors import BadFile, ClassroomError, NotAllowed, Problem
from classroom.people.roster import enter, problems_of
from classroom.storage import audit

REQUIRED, OPTIONAL = ("id", "name", "email"), ("team",)


def read_roster(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV with the columns id, name, email and perhaps team.

    Raises BadFile with every problem, ClassroomError if the file cannot be read.
    """
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ClassroomError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BadFile(str(path), [Problem("the file is not UTF-8 text")]) from error
    reader = csv.reader(io.StringIO(text))
    rows: list[dict[str, str]] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if not set(REQUIRED) <= set(header) or len(set(header)) != len(header):
            raise BadFile(
                str(path), [Problem("line 1: the columns must be id, name, email and perhaps team")]
            )
        for fields in reader:
            line = reader.line_num
            if not any(field.strip() for field in fields):
                continue
            if len(fields) != len(header):
                problems.append(
                    Problem(f"line {line}: {len(fields)} fields, expected {len(header)}", line)
                )
                continue
            row = dict(zip(header, (field.strip() for field in fields), strict=True))
            row = {key: row.get(key, "") for key in REQUIRED + OPTIONAL}
            for problem in problems_of(row["id"], row["name"], row["email"], row["team"]):
                problems.append(Problem(f"line {line}: {problem}", line))
            if row["id"] in seen:
                problems.append(
                    Problem(f"line {line}: {row['id']} is in line {seen[row['id']]} already", line)
                )
            seen.setdefault(row["id"], line)
            rows.append(row)
    except csv.Error as error:
        problems.append(Problem(f"line {reader.line_num}: {error}", reader.line_num))
    if not rows and not problems:
        problems.append(Problem("there is nobody in the file"))
    if problems:
        raise BadFile(str(path), problems[:100], max(0, len(problems) - 100))
    return rows


def import_roster(
    session: Session, at: datetime, rows: list[dict[str, str]], name: str = "roster"
) -> dict[str, str]:
    """Register the students of a roster; return the tokens of new students, by id.

    Known students keep their tokens. If a row contradicts the database, no row is imported and
    BadFile is raised.
    """
    tokens: dict[str, str] = {}
    problems = []
    for row in rows:
        try:
            token = enter(session, at, row["id"], row["name"], row["email"], row["team"])
        except NotAllowed as error:
            problems.append(Problem(str(error)))
            continue
        if token is not None:
            tokens[row["id"]] = token
    if problems:
        raise BadFile(name, problems)
    audit.record(
        session, at, audit.OPERATOR, "roster imported", name, people=len(rows), new=len(tokens)
    )
    return tokens


def tokens_csv(tokens: dict[str, str]) -> str:
    """Return tokens as CSV with the columns id and token."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", "token"])
    writer.writerows(tokens.items())
    return out.getvalue()
