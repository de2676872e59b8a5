from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.collect.download import Claim
from autograder.collect.matching import Match, Roster
from autograder.people.person import Person

ADA = Person("ada", "Ada", "Lovelace", "a.lovelace@uni.edu", other_ids={"login": "al42"})
ALAN = Person("t1", "Alan", "Turing", "alan@uni.edu", other_ids={"sis": "0012"})


def roster(*people: Person, mapping: dict[str, str] | None = None) -> Roster:
    return Roster({one.id: one for one in people}, mapping or {})


def found(text: str, *people: Person) -> Match:
    return roster(*people).match(Claim(text, (text,)))


@pytest.mark.parametrize(
    "text",
    [
        "ada", "ADA", "Ada Lovelace", "Lovelace, Ada", "lovelace ada", "LOVELACE Ada",
        "Lovelace_Ada", "adalovelace", "lovelaceada", "al42", "a.lovelace@uni.edu",
        "A.Lovelace@UNI.edu", "a.lovelace", "Ada  Lovelace ",
    ],
)  # fmt: skip
def test_ids_logins_addresses_and_names_find_a_person(text: str) -> None:
    assert found(text, ADA, ALAN).student == "ada"


@pytest.mark.parametrize(
    "text", ["", " ", "Ada", "Lovelace", "ad", "Ada L", "0013", "12", "*", "?da"]
)
def test_a_part_of_a_name_finds_nobody(text: str) -> None:
    people = (Person("x1", "Ada", "Lovelace"), ALAN)
    match = found(text, *people)
    assert match.student == ""
    assert not match.is_ambiguous


def test_leading_zeros_belong_to_an_id() -> None:
    assert found("0012", ADA, ALAN).student == "t1"
    assert found("12", ADA, ALAN).student == ""
    both = (Person("012"), Person("12"), Person("0012"))
    assert found("012", *both).student == "012"


def test_an_id_comes_before_a_name() -> None:
    assert found("ada", ADA, Person("x", "Ada", "")).student == "ada"


def test_ids_that_differ_in_case_are_told_apart_or_told() -> None:
    people = (Person("Ada"), Person("ada"))
    assert found("Ada", *people).student == "Ada"
    assert found("ADA", *people).candidates == ("Ada", "ada")


def test_words_decide_before_letters_without_spaces() -> None:
    people = (Person("s1", "Ann", "Abel"), Person("s2", "Anna", "Bel"))
    assert found("Anna Bel", *people).student == "s2"
    assert found("annabel", *people).is_ambiguous


def test_two_people_of_one_name_are_told_by_any_order(subtests: pytest.Subtests) -> None:
    people = (Person("s1", "Kim", "Lee"), Person("s2", "Kim", "Lee"), ADA)
    for text in ("Kim Lee", "Lee, Kim", "leekim"):
        with subtests.test(text):
            assert found(text, *people).candidates == ("s1", "s2")


def test_similar_people_are_named_for_a_stranger() -> None:
    match = found("Ada Lovelase", ADA, ALAN)
    assert (match.student, match.candidates, match.is_ambiguous) == ("", ("ada",), False)


def test_an_address_and_a_name_that_differ_are_told() -> None:
    claim = Claim("Alan Turing", ("Alan Turing",), emails=("a.lovelace@uni.edu",))
    match = roster(ADA, ALAN).match(claim)
    assert (match.is_ambiguous, match.candidates) == (True, ("ada", "t1"))


def test_an_id_of_another_system_is_no_id_of_canvas() -> None:
    claim = Claim("x_0012", ("x",), lms_ids=("0012",), lms_kinds=("canvas", "lms"))
    assert roster(ADA, ALAN).match(claim).student == ""


def test_a_mapping_comes_before_all_else() -> None:
    mapped = roster(ADA, ALAN, mapping={"Ada Lovelace": "t1", "odd name": "ada"})
    assert mapped.match(Claim("Ada Lovelace", ("Ada Lovelace",))).student == "t1"
    assert mapped.match(Claim("ODD  NAME", ())).student == "ada"
    assert mapped.knows("odd name")


NAMES = st.text(st.characters(categories=("L", "M", "Nd", "Zs", "Pd", "Po")), max_size=12)
PERSONS = st.lists(
    st.builds(Person, st.text(min_size=1, max_size=6), NAMES, NAMES, NAMES),
    max_size=8,
    unique_by=lambda one: one.id,
)


@settings(deadline=None, max_examples=300)
@given(PERSONS, st.randoms(use_true_random=False))
def test_a_persons_own_name_never_finds_another_person(
    people: list[Person], source: random.Random
) -> None:
    """A form of a name finds its person, or several of whom that person is one, or an id."""
    made = roster(*people)
    for person in people:
        forms = [person.name, person.sort_name, f"{person.last_name} {person.first_name}"]
        text = source.choice(forms)
        text = unicodedata.normalize(source.choice(["NFC", "NFD"]), text)
        match = made.match(Claim(text, (text,)))
        is_id = any(text.strip().casefold() == one.id.casefold() for one in people)
        is_email = any(text.strip().casefold() == one.email.casefold() for one in people)
        if match.student and not is_id and not is_email:
            alike = [one for one in people if one.id == match.student]
            assert person.id == match.student or _same(alike[0], person)


def _same(one: Person, other: Person) -> bool:
    def letters(person: Person) -> str:
        text = unicodedata.normalize("NFKD", f"{person.name}{person.email}".casefold())
        return "".join(sorted(filter(str.isalnum, text)))

    return bool(set(letters(one)) & set(letters(other)))
