"""The changes that a roster makes to the people in the gradebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from autograder.errors import UsageError
from autograder.people.files.roster_file import RosterFile, alike
from autograder.people.person import Person


@dataclass(frozen=True)
class Correction:
    """A person before and after a change."""

    before: Person
    after: Person

    @property
    def told(self) -> str:
        """The changed fields, before and after."""
        return "; ".join(
            f"{field} {_quoted(before)} → {_quoted(after)}"
            for field, before, after in self._fields()
            if before != after
        )

    def _fields(self) -> Iterable[tuple[str, str, str]]:
        one, other = self.before, self.after
        yield "name", one.name, other.name
        if one.name == other.name:
            yield "sorted as", one.sort_name, other.sort_name
        yield "email", one.email, other.email
        yield "section", one.section, other.section
        for kind in sorted({*one.other_ids, *other.other_ids}):
            yield f"{kind} id", one.other_ids.get(kind, ""), other.other_ids.get(kind, "")


@dataclass(frozen=True)
class RosterChanges:
    """The changes of an import: people by the kind of their change, each in the order of ids."""

    added: tuple[Person, ...]
    corrected: tuple[Correction, ...]
    gone: tuple[Person, ...]
    back: tuple[Person, ...]
    unchanged: int

    @property
    def to_write(self) -> tuple[Person, ...]:
        """The people whose rows change, each once."""
        people = {person.id: person for person in (*self.added, *self.back, *self.gone)}
        people |= {one.after.id: one.after for one in self.corrected}
        return tuple(people.values())


def changes(
    known: Mapping[str, Person], roster: RosterFile, now: datetime, *, add_only: bool = False
) -> RosterChanges:
    """The changes of a roster to the known people.

    An empty cell keeps the known entry. People that the roster lacks are gone since ``now``
    (aware), unless ``add_only``. Raises UsageError for an id that differs from a known one only by
    case.
    """
    forms = {alike(student): student for student in known}
    mixed = [
        f"line {roster.lines[student]}: {student!r} is {forms[alike(student)]!r} in the gradebook"
        for student in roster.people
        if student not in known and alike(student) in forms
    ]
    if mixed:
        raise UsageError(
            "the roster was not imported: these ids differ from known ones only by upper and lower "
            "case. Write them as in the gradebook:\n  " + "\n  ".join(mixed[:20])
        )
    added, corrected, back = [], [], []
    for student, person in sorted(roster.people.items()):
        before = known.get(student)
        if before is None:
            added.append(person)
            continue
        after = _corrected(before, person)
        if before.gone_at is not None:
            back.append(after)
        if replace(after, gone_at=before.gone_at) != before:
            corrected.append(Correction(before, after))
    gone = [
        replace(person, gone_at=now)
        for student, person in sorted(known.items())
        if student not in roster.people and person.gone_at is None and not add_only
    ]
    touched = {one.before.id for one in corrected} | {person.id for person in back}
    unchanged = sum(student in known and student not in touched for student in roster.people)
    return RosterChanges(tuple(added), tuple(corrected), tuple(gone), tuple(back), unchanged)


def _corrected(before: Person, row: Person) -> Person:
    has_name = bool(row.first_name or row.last_name)
    return Person(
        before.id,
        row.first_name if has_name else before.first_name,
        row.last_name if has_name else before.last_name,
        row.email or before.email,
        row.section or before.section,
        {**before.other_ids, **row.other_ids},
    )


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "none"
