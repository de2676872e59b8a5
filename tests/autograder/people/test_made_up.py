from __future__ import annotations

import unicodedata

from autograder.people.files.roster_file import cleaned
from autograder.people.made_up import made_up

IDS = [f"student{number:03}" for number in range(1, 101)]


def test_names_are_of_many_kinds() -> None:
    people = made_up(IDS[:24], seed=1)
    names = [person.name for person in people]
    scripts = {
        unicodedata.name(letter).split()[0] for name in names for letter in name if letter.isalpha()
    }
    assert len(scripts) >= 8
    assert any(not person.first_name for person in people)
    assert any("-" in name for name in names)
    assert any("'" in name or "’" in name for name in names)
    assert any(len(name) > 30 for name in names)
    assert len(set(names)) < len(names)  # two people have one name


def test_the_same_seed_names_the_same_people_in_a_class_of_any_size() -> None:
    assert made_up(IDS, 7)[:12] == made_up(IDS[:12], 7)
    assert made_up(IDS[:12], 8) != made_up(IDS[:12], 7)


def test_names_survive_a_roster() -> None:
    for person in made_up(IDS, seed=3):
        assert (cleaned(person.first_name), cleaned(person.last_name)) == (
            person.first_name,
            person.last_name,
        )
        assert person.sort_name.startswith(person.last_name)
