"""Tables of ours beside nbgrader's, in the same gradebook. Times are naive UTC, as nbgrader's."""

from __future__ import annotations

from sqlalchemy import Column, Connection, DateTime, Float, Integer, MetaData, String, Table, Text

_OURS = MetaData()

# A person of the roster. Names and e-mail address stand in nbgrader's table ``student``.
PEOPLE = Table(
    "autograder_person",
    _OURS,
    Column("student_id", String(128), primary_key=True),
    Column("section", String(256), nullable=False, default=""),
    # ids of other systems as JSON, such as {"canvas": "1203", "sis": "u77", "login": "ada"}
    Column("other_ids", Text, nullable=False, default="{}"),
    Column("gone_at", DateTime),  # when a roster no longer held the person
)

# An extension, also before the hand-in: a duration after the due date, or a fixed time.
EXTENSIONS = Table(
    "autograder_extension",
    _OURS,
    Column("student_id", String(128), primary_key=True),
    Column("assignment", String(128), primary_key=True),
    Column("seconds", Integer),
    Column("until", DateTime),
    Column("reason", Text, nullable=False, default=""),
    Column("set_at", DateTime, nullable=False),
)

# An excuse: the assignment does not count for the student.
EXCUSES = Table(
    "autograder_excuse",
    _OURS,
    Column("student_id", String(128), primary_key=True),
    Column("assignment", String(128), primary_key=True),
    Column("reason", Text, nullable=False, default=""),
    Column("set_at", DateTime, nullable=False),
)

# The time of the file that counts, for each notebook that was handed in.
HAND_INS = Table(
    "autograder_hand_in",
    _OURS,
    Column("student_id", String(128), primary_key=True),
    Column("assignment", String(128), primary_key=True),
    Column("notebook", String(128), primary_key=True),
    Column("handed_in_at", DateTime),  # NULL: not known
    Column("margin_s", Float, nullable=False, default=0.0),
    Column("doubt", Text, nullable=False, default=""),
)

# A note of an instructor, shown on the student's pages.
NOTES = Table(
    "autograder_note",
    _OURS,
    Column("id", Integer, primary_key=True),
    Column("student_id", String(128), nullable=False, index=True),
    Column("assignment", String(128), nullable=False),
    Column("notebook", String(128), nullable=False, default=""),  # empty: the whole assignment
    Column("exercise", String(128), nullable=False, default=""),  # empty: the whole notebook
    Column("diagnosis", String(256), nullable=False, default=""),  # written to all who share it
    Column("text", Text, nullable=False),
    Column("written_at", DateTime, nullable=False),
)


def create_own_tables(connection: Connection) -> None:
    """Create the tables of ours that a gradebook lacks."""
    _OURS.create_all(connection, checkfirst=True)
