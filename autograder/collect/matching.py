"""Finds the person of the roster that a hand-in belongs to. It never guesses between two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from autograder.collect.download import Claim
from autograder.collect.names import LEVELS, exact, folded, whole_keys, word_key
from autograder.people.person import Person

_Keys = dict[str, set[str]]


@dataclass(frozen=True)
class Match:
    """The student of a claim, or the reason why there is none.

    ``candidates`` are people who fit as well as others, or people with a similar name.
    """

    student: str = ""
    candidates: tuple[str, ...] = ()
    is_ambiguous: bool = False
    why: str = ""


@dataclass
class Roster:
    """The people of a course, found by ids, e-mail addresses and names.

    ``mapping`` settles names of downloads by hand: from the name to the student's id.
    """

    people: Mapping[str, Person]
    mapping: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._mapped = {exact(name): student for name, student in self.mapping.items()}
        self._ids: _Keys = defaultdict(set)
        self._lms: _Keys = defaultdict(set)
        self._lms_of: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._emails: _Keys = defaultdict(set)
        self._logins: _Keys = defaultdict(set)
        self._words: list[_Keys] = [defaultdict(set) for _ in LEVELS]
        self._wholes: list[_Keys] = [defaultdict(set) for _ in LEVELS]
        for person in self.people.values():
            self._ids[person.id.casefold()].add(person.id)
            for kind, value in person.other_ids.items():
                self._lms[value.casefold()].add(person.id)
                self._lms_of[kind, value.casefold()].add(person.id)
            if person.email:
                self._emails[person.email.casefold()].add(person.id)
                self._logins[person.email.casefold().partition("@")[0]].add(person.id)
            for level, fold in enumerate(LEVELS):
                if key := word_key(person.name, fold):
                    self._words[level][key].add(person.id)
                for key in whole_keys(person, fold):
                    self._wholes[level][key].add(person.id)

    @property
    def is_real(self) -> bool:
        """Whether it is a roster, and not only the ids of students who handed in before."""
        return any(
            person.name or person.email or person.section or person.other_ids
            for person in self.people.values()
        )

    def knows(self, text: str) -> bool:
        """Whether a text is an id, an address or a name of a person."""
        return exact(text) in self._mapped or bool(self._by_text(text))

    def match(self, claim: Claim) -> Match:
        """The student of a claim."""
        for text in (claim.told, *claim.texts, *claim.lms_ids):
            if text in self.mapping:
                return Match(self.mapping[text], why="mapping file")
            if (student := self._mapped.get(exact(text))) and exact(text):
                return Match(student, why="mapping file")
        by_email = _any(self._emails, [one.casefold() for one in claim.emails])
        by_lms = self._by_lms(claim)
        by_text: set[str] = set()
        for text in claim.texts:
            by_text = self._by_text(text)
            if by_text:
                break
        found = _first_set(by_email, by_lms)
        if not found:
            return self._decided(claim, by_text, by_lms)
        if len(found) > 1:
            return self._decided(claim, found & by_text or found, by_lms)
        if by_text and not found & by_text:
            both = tuple(sorted(found | by_text))
            return Match(candidates=both, is_ambiguous=True, why="its id and its name differ")
        return Match(next(iter(found)), why="id")

    def _decided(self, claim: Claim, found: set[str], by_lms: set[str]) -> Match:
        if len(found) > 1 and len(found & by_lms) == 1:
            found = found & by_lms
        if len(found) == 1:
            return Match(next(iter(found)), why="name")
        if found:
            return Match(candidates=tuple(sorted(found)), is_ambiguous=True, why="fits several")
        return Match(candidates=self._similar(claim), why="in no roster")

    def _by_text(self, text: str) -> set[str]:
        """The people with this id, address or name; by the strictest comparison that finds any."""
        if text in self.people:
            return {text}
        lower = text.strip().casefold()
        for keys in (self._ids, self._lms, self._emails):
            if found := keys.get(lower):
                return set(found)
        for level, fold in enumerate(LEVELS):
            words, whole = word_key(text, fold), fold(text)
            found = self._words[level].get(words) or self._wholes[level].get(whole)
            if found and (words or whole):
                return set(found)
        return set(self._logins.get(lower, ()))

    def _by_lms(self, claim: Claim) -> set[str]:
        values = [one.casefold() for one in claim.lms_ids]
        if not claim.lms_kinds:
            return _any(self._lms, values)
        return _any(self._lms_of, [(kind, one) for kind in claim.lms_kinds for one in values])

    def _similar(self, claim: Claim) -> tuple[str, ...]:
        """People whose name or id is near a name that fits nobody."""
        near: set[str] = set()
        for text in claim.texts[:1]:
            wanted = folded(text)
            keys: _Keys = defaultdict(set, {key: set(ids) for key, ids in self._wholes[1].items()})
            for student in self.people:
                keys[folded(student)].add(student)
            for key in get_close_matches(wanted, keys, n=2, cutoff=0.75):
                near |= keys[key]
        return tuple(sorted(near))[:2]


def _any(keys: Mapping[Any, set[str]], wanted: Iterable[Any]) -> set[str]:
    """The people under any of these keys."""
    return {student for key in wanted for student in keys.get(key, ())}


def _first_set(*sets: set[str]) -> set[str]:
    return next((one for one in sets if one), set())
