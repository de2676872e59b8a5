from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.people.changes import changes
from autograder.people.files.roster_file import RosterFile, read_roster
from autograder.people.person import Person

NOW = datetime(2026, 10, 3, 12, tzinfo=UTC)
ADA = Person("ada", "Ada", "Lovelace", "ada@example.org", "A", {"sis": "007"})
BOB = Person("bob", "Bob", "Builder")


def known(*people: Person) -> dict[str, Person]:
    return {person.id: person for person in people}


def roster(folder: Path, text: str) -> RosterFile:
    path = folder / "roster.csv"
    path.write_text(text)
    return read_roster(path)


def test_new_people_are_added_and_missing_ones_gone(tmp_path: Path) -> None:
    found = changes(known(ADA, BOB), roster(tmp_path, "id,name\nada,\ncleo,Cleo\n"), NOW)
    assert [one.id for one in found.added] == ["cleo"]
    assert [(one.id, one.gone_at) for one in found.gone] == [("bob", NOW)]
    assert (found.corrected, found.unchanged) == ((), 1)
    assert {one.id for one in found.to_write} == {"bob", "cleo"}


def test_add_marks_nobody_as_gone(tmp_path: Path) -> None:
    text = roster(tmp_path, "id,name\ncleo,Cleo\n")
    assert changes(known(ADA, BOB), text, NOW, add_only=True).gone == ()


def test_an_empty_cell_keeps_what_is_known_and_a_full_one_corrects(tmp_path: Path) -> None:
    text = "id,name,email,section\nada,Ada King,,B\n"
    (one,) = changes(known(ADA), roster(tmp_path, text), NOW).corrected
    assert one.after == Person("ada", "Ada", "King", "ada@example.org", "B", {"sis": "007"})
    assert one.told == "name “Ada Lovelace” → “Ada King”; section “A” → “B”"


def test_a_name_of_one_word_replaces_both_parts(tmp_path: Path) -> None:
    (one,) = changes(known(ADA), roster(tmp_path, "id,name\nada,Pelé\n"), NOW).corrected
    assert (one.after.first_name, one.after.last_name) == ("", "Pelé")


def test_who_was_gone_comes_back(tmp_path: Path) -> None:
    gone = Person("ada", "Ada", "Lovelace", gone_at=datetime(2026, 9, 1, tzinfo=UTC))
    found = changes(known(gone), roster(tmp_path, "id,name\nada,Ada Lovelace\n"), NOW)
    assert [(one.id, one.gone_at) for one in found.back] == [("ada", None)]
    assert (found.corrected, found.unchanged) == ((), 0)


def test_who_is_gone_stays_gone_since_the_first_time(tmp_path: Path) -> None:
    gone = Person("bob", gone_at=datetime(2026, 9, 1, tzinfo=UTC))
    assert changes(known(gone), roster(tmp_path, "id\nada\n"), NOW).gone == ()


def test_ids_that_differ_from_known_ones_by_case_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"line 3: 'ADA' is 'ada' in the gradebook"):
        changes(known(ADA), roster(tmp_path, "id\nbob\nADA\n"), NOW)
