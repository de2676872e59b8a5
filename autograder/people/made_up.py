"""Made-up people for a made-up class: names of many scripts and forms."""

from __future__ import annotations

import random
from collections.abc import Sequence

from autograder.people.person import Person

# First and last names. Some people have one name, a long one, or signs that programs trip over.
_NAMES = (
    ("Ada", "Lovelace"), ("孙", "悟空"), ("Siobhán", "O’Rourke"), ("محمد", "الخوارزمي"),
    ("Søren", "Ångström-Østergård"), ("", "Suharto"), ("Владимир", "Кириллов"), ("Zoë", "d'Arcy"),
    ("María José", "García-Márquez de la Peña y Fernández"), ("יעל", "כהן"),
    ("Nguyễn", "Thị Hương"),
    ("さくら", "田中"), ("Ελένη", "Παπαδοπούλου"), ("Jean-Luc", "de La Fontaine"), ("김", "민준"),
    ("", "ब्रह्मगुप्त"), ("Łukasz", "Święcicki"), ("علی\u200cرضا", "حسینی"), ("Ayşe", "Yıldız"),
    ("Björk", "Guðmundsdóttir"), ("Martin Luther", "King, Jr."), ("สมชาย", "ใจดี"),
    ("Mbali", "!Xóõ"), ("Null", "von und zu Nachnamenlos-Ohneland"),
)  # fmt: skip
_SECTIONS = ("A", "B")


def made_up(ids: Sequence[str], seed: int) -> list[Person]:
    """People with these ids; the same seed names the same people, in a class of any size.

    The ninth of each dozen has the name of the third, as two students of one class may.
    """
    source = random.Random(f"people {seed}")
    people: list[Person] = []
    names: list[tuple[str, str]] = []
    for number, student in enumerate(ids):
        if not names:
            names = source.sample(_NAMES, len(_NAMES))
        first, last = names.pop()
        if number % 12 == 8:
            first, last = people[number - 6].first_name, people[number - 6].last_name
        section = _SECTIONS[number % len(_SECTIONS)]
        people.append(Person(student, first, last, f"{student}@example.org", section))
    return people
