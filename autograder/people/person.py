"""A person of the course: a student with the names and ids of a roster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType


@dataclass(frozen=True)
class Person:
    """A student. All texts except ``id`` may be empty.

    ``id`` is the id in the gradebook and the name of the student's folder. ``other_ids`` are the
    ids of other systems by their kind, see ``files.columns.OTHER_IDS``. ``gone_at`` is
    the aware time at which a roster no longer held the person; None means that the person is here.
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    section: str = ""
    other_ids: Mapping[str, str] = field(default_factory=dict)
    gone_at: datetime | None = None

    @property
    def name(self) -> str:
        """The name, first name first; empty if it is not known."""
        return " ".join(f"{self.first_name} {self.last_name}".split())

    @property
    def sort_name(self) -> str:
        """The name as lists sort it: ``Lovelace, Ada``; empty if it is not known."""
        return ", ".join(part for part in (self.last_name, self.first_name) if part)

    @property
    def shown(self) -> str:
        """``Ada Lovelace (ada)``, or the id alone."""
        return f"{self.name} ({self.id})" if self.name and self.name != self.id else self.id


NOBODY: Mapping[str, Person] = MappingProxyType({})
"""The people of a course without a roster."""


def shown(student: str, people: Mapping[str, Person]) -> str:
    """A student as text shows one: ``Ada Lovelace (ada)``; unknown people by their id."""
    person = people.get(student)
    return student if person is None else person.shown
